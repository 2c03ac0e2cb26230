"""Ways a member goes wrong that a caller must tell apart, planted and healed while it runs."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from conformance.reference.solutions.extraction import ArchiveFault

SLOW_SECONDS = 8.0
TRICKLE_SECONDS = 0.05
# Long enough for the first half to be read: a reset throws away what the caller has not read yet.
HALF_WAY_SECONDS = 0.05
ERROR_PAGE = (
    "<!DOCTYPE html><html lang='fr'><title>Maintenance</title><p>Service momentanément indisponible.</p></html>"
)


class FaultKind(StrEnum):
    """What can be planted; the first four change the listener, the others its answers, the last two its content.

    `ArchiveFault` says what can be wrong with an extraction alone.
    """

    DEAD = "dead"
    BLACKHOLE = "blackhole"
    WRONG_CERT = "wrong-cert"
    EXPIRED_CERT = "expired-cert"
    SLOW = "slow"
    TRICKLE = "trickle"
    RESET = "reset"
    HTML = "html"
    TRUNCATED = "truncated"
    LYING_COUNT = "lying-count"
    BROKEN_RULES = "broken-rules"


LISTENER_FAULTS = {FaultKind.DEAD, FaultKind.BLACKHOLE, FaultKind.WRONG_CERT, FaultKind.EXPIRED_CERT}


@dataclass(slots=True)
class Health:
    """What is planted at one member now: read at each request, so that a change is seen by open connections."""

    fault: FaultKind | None = None
    archive: ArchiveFault | None = None
    slow_seconds: float = SLOW_SECONDS
    trickle_seconds: float = TRICKLE_SECONDS

    @property
    def lying(self) -> bool:
        """Whether the content must announce a false number of units."""
        return self.fault is FaultKind.LYING_COUNT

    @property
    def breaking(self) -> bool:
        """Whether the content must break the business rules."""
        return self.fault is FaultKind.BROKEN_RULES


def misbehaviour(health: Health) -> Middleware:
    """The middleware that spoils answers as `health` says."""

    @web.middleware
    async def misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
        match health.fault:
            case FaultKind.HTML:
                return web.Response(text=ERROR_PAGE, content_type="text/html")
            case FaultKind.SLOW:
                await asyncio.sleep(health.slow_seconds)
            case FaultKind.TRICKLE:
                return await _trickle(request, await handler(request), health.trickle_seconds)
            case FaultKind.TRUNCATED:
                return await _cut(request, await handler(request), _close)
            case FaultKind.RESET:
                return await _cut(request, await handler(request), _reset)
        return await handler(request)

    return misbehave


async def _trickle(request: web.Request, answer: web.StreamResponse, pause: float) -> web.StreamResponse:
    """The right answer, one byte at a time: each read succeeds, the whole outlives any sensible deadline."""
    body, spoilt = await _opened(request, answer)
    try:
        for position in range(len(body)):
            await spoilt.write(body[position : position + 1])
            await asyncio.sleep(pause)
    except ConnectionResetError:
        return spoilt  # the caller gave up, which is what the fault is for
    return spoilt


async def _cut(
    request: web.Request, answer: web.StreamResponse, end: Callable[[asyncio.Transport], None]
) -> web.StreamResponse:
    """Half of the announced bytes, then the end of the connection."""
    body, spoilt = await _opened(request, answer)
    await spoilt.write(body[: len(body) // 2])
    await asyncio.sleep(HALF_WAY_SECONDS)
    if isinstance(request.transport, asyncio.Transport):
        end(request.transport)
    return spoilt


async def _opened(request: web.Request, answer: web.StreamResponse) -> tuple[bytes, web.StreamResponse]:
    """The body of the right answer, and a stream that announces its whole length."""
    body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    kept = {name: value for name, value in answer.headers.items() if name not in {"Content-Length", "Date", "Server"}}
    spoilt = web.StreamResponse(status=answer.status, headers=kept)
    spoilt.content_length = len(body)
    await spoilt.prepare(request)
    return body, spoilt


def _close(transport: asyncio.Transport) -> None:
    transport.close()


def _reset(transport: asyncio.Transport) -> None:
    """A TCP reset, not a polite end: no linger, then abort."""
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
