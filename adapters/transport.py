"""The one way out: HTTPS toward one member, its certificate known in advance, one deadline over the whole exchange.

A member has its own session and its own pool, so that a dead one exhausts nothing but itself. The leaf certificate of
the peer is compared with the federation document on every request, reused connections included, before the first byte
of HTTP leaves. Whatever the library raises is translated here, once, into a `MemberFailure`. Nothing is sent twice.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import aiohttp
import msgspec
from aiohttp.client import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from adapters.contract import Identity, Target
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberRefused, MemberTimedOut, MemberUnreachable

_CHUNK = 65536
_HTML = frozenset({"text/html", "application/xhtml+xml"})
# Below the idle timeout of common servers, so that a request is not sent on a connection they are closing.
_KEEPALIVE_SECONDS = 15.0


class Limits(msgspec.Struct, frozen=True):
    """What one member may cost: connections at once, seconds to connect, bytes of one answer."""

    connections: int = 8
    connect_seconds: float = 3.0
    answer_bytes: int = 32 * 1024 * 1024


class Reply(msgspec.Struct, frozen=True):
    """An answer received whole: its status, its bare media type in lower case, its bytes."""

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str]


class Pace(msgspec.Struct, frozen=True):
    """How a download must go: begun after so many seconds, at that speed on average, no larger than that."""

    head_seconds: float
    bytes_per_second: int
    limit: int


class WrongPeer(aiohttp.ClientError):
    """The peer holds a valid certificate that is not one of those listed for the member."""


class _PinnedConnector(aiohttp.TCPConnector):
    """Hands out connections only toward a listed leaf certificate."""

    def __init__(self, fingerprints: frozenset[str], *, context: ssl.SSLContext, limit: int) -> None:
        super().__init__(
            ssl=context, limit=limit, limit_per_host=limit, keepalive_timeout=_KEEPALIVE_SECONDS, force_close=False
        )
        self._fingerprints = frozenset(fingerprint.replace(":", "").lower() for fingerprint in fingerprints)

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the library's signature
    ) -> Connection:
        """A connection whose peer is the member; it is called before anything is written."""
        connection = await super().connect(req, traces, timeout)
        transport = connection.transport
        tls = transport.get_extra_info("ssl_object") if transport is not None else None
        leaf = tls.getpeercert(binary_form=True) if tls is not None else None
        if leaf is None or hashlib.sha256(leaf).hexdigest() not in self._fingerprints:
            connection.close()
            raise WrongPeer
        return connection


class MemberTransport:
    """The session toward one member."""

    def __init__(self, target: Target, identity: Identity, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self._server_name = target.server_name
        self._fingerprints = target.server_sha256
        self._context = identity.context
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self,
        method: str,
        url: str,
        *,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """The member's whole reply, whatever it is; raises a `MemberFailure`."""
        if deadline.remaining() == 0:
            raise MemberTimedOut("deadline")
        with _translated():
            async with asyncio.timeout(deadline.remaining()):
                return await self._exchange(method, url, headers or {}, body)

    async def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        async with self._open().request(
            method, url, headers=headers, data=body, allow_redirects=False, server_hostname=self._server_name
        ) as response:
            if (response.content_length or 0) > self._limits.answer_bytes:
                raise MemberAnswerInvalid("too-large")
            content = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK):
                content += chunk
                if len(content) > self._limits.answer_bytes:
                    raise MemberAnswerInvalid("too-large")
            media_type = response.content_type.lower() if "Content-Type" in response.headers else ""
            return Reply(response.status, media_type, bytes(content), dict(response.headers))

    async def download(self, url: str, path: Path, *, deadline: Deadline, pace: Pace) -> Reply:
        """Write the body of a 200 answer to a file, and give the answer without it; raises a `MemberFailure`.

        An answer of another status is not written: its body is left where it is.
        """
        with _translated():
            async with asyncio.timeout(deadline.sooner(pace.head_seconds).remaining()) as patience:
                async with self._open().get(url, allow_redirects=False, server_hostname=self._server_name) as response:
                    patience.reschedule(asyncio.get_running_loop().time() + deadline.remaining())
                    if response.status == HTTPStatus.OK:
                        await _written(response, path, pace)
                    media_type = response.content_type.lower() if "Content-Type" in response.headers else ""
                    return Reply(response.status, media_type, b"", dict(response.headers))

    def _open(self) -> aiohttp.ClientSession:
        """The session, made at the first request because it belongs to the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=_PinnedConnector(self._fingerprints, context=self._context, limit=self._limits.connections),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "inter-ror-gateway"},
            )
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def expect(reply: Reply, media_types: frozenset[str]) -> None:
    """Nothing when the reply is of one of these types; else the failure it is, by its status and its type."""
    if reply.media_type in media_types:
        return
    if 400 <= reply.status < 500:
        raise MemberRefused(f"http-{reply.status}")
    if reply.status >= 300:
        raise MemberAnswerInvalid(f"http-{reply.status}")
    raise MemberAnswerInvalid("html" if reply.media_type in _HTML else "content-type")


async def _written(response: aiohttp.ClientResponse, path: Path, pace: Pace) -> None:
    """The body in a file. One that only trickles is given up: a whole deadline would be lost on it."""
    clock = asyncio.get_running_loop().time
    begun, received = clock(), 0
    if (response.content_length or 0) > pace.limit:
        raise MemberAnswerInvalid("too-large")
    with path.open("wb") as target:
        while True:
            async with asyncio.timeout(pace.head_seconds):
                piece = await response.content.read(_CHUNK)
            if not piece:
                return
            received += len(piece)
            if received > pace.limit:
                raise MemberAnswerInvalid("too-large")
            elapsed = clock() - begun
            if elapsed > pace.head_seconds and received < elapsed * pace.bytes_per_second:
                raise MemberTimedOut("too-slow")
            target.write(piece)


@contextmanager
def _translated() -> Iterator[None]:
    """Every way the library says that a member did not answer, in the words of `adapters.errors`."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as failure:
        raise MemberTimedOut("connect") from failure
    except TimeoutError as failure:
        raise MemberTimedOut("deadline") from failure
    except WrongPeer as failure:
        raise MemberUnreachable("fingerprint") from failure
    except (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError) as failure:
        raise MemberUnreachable("certificate") from failure
    except aiohttp.ClientSSLError as failure:
        raise MemberUnreachable("tls") from failure
    except aiohttp.ClientConnectorDNSError as failure:
        raise MemberUnreachable("name") from failure
    except aiohttp.ClientConnectorError as failure:
        raise MemberUnreachable("refused") from failure
    except aiohttp.ClientPayloadError as failure:
        raise MemberAnswerInvalid("truncated") from failure
    except aiohttp.ClientResponseError as failure:
        raise MemberAnswerInvalid("bad-http") from failure
    except (aiohttp.ClientConnectionError, OSError) as failure:
        raise MemberUnreachable("connection-lost") from failure
    except aiohttp.ClientError as failure:
        raise MemberUnreachable("client") from failure
