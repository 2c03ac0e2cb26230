"""One TLS listener of the reference federation, whose behaviour at the connection level can be changed."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from conformance.reference.faults import LISTENER_FAULTS, FaultKind, Health

HOST = "127.0.0.1"
NAME = "localhost"
# Faults are sudden: requests in progress are given up.
CLOSING_SECONDS = 0.01

Contexts = Callable[[FaultKind | None], ssl.SSLContext]


def server_context(certificate: Path, key: Path, *, ca: Path, clients: ssl.VerifyMode) -> ssl.SSLContext:
    """A listener's TLS: 1.2 or 1.3, only our roots, no resumption (security facts 2.3)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2")
    context.num_tickets = 0
    context.load_cert_chain(certificate, key)
    if clients is not ssl.CERT_NONE:
        context.load_verify_locations(ca)
        context.verify_mode = clients
    return context


def _reserve() -> socket.socket:
    """A free port bound for good but never listened to: refused while the member is dead, taken by nobody else."""
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind((HOST, 0))
    return reserved


class _Silence(asyncio.Protocol):
    """Accepts and never says a word, not even in TLS."""

    def __init__(self, held: set[asyncio.BaseTransport]) -> None:
        self._held = held

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._held.add(transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._held.discard(self._transport)


class Listener:
    """Serves an application on a port it keeps through every fault; `contexts` gives the TLS that suits a fault."""

    def __init__(self, application: web.Application, contexts: Contexts, health: Health) -> None:
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=CLOSING_SECONDS)
        self._contexts = contexts
        self._health = health
        self._server: asyncio.Server | None = None
        self._silent: set[asyncio.BaseTransport] = set()
        self._reserved = _reserve()
        self.port: int = self._reserved.getsockname()[1]

    @property
    def origin(self) -> str:
        """The address of the listener, by the name that its certificate carries."""
        return f"https://{NAME}:{self.port}"

    async def start(self) -> None:
        """Opens a free port, or does what the planted fault wants."""
        await self._runner.setup()
        await self._open(None)
        if self._health.fault in LISTENER_FAULTS:
            await self.plant(self._health.fault)

    async def plant(self, fault: FaultKind | None) -> None:
        """Changes the behaviour now; connections already open are closed when the listener itself changes."""
        before, self._health.fault = self._health.fault, fault
        if before in LISTENER_FAULTS or fault in LISTENER_FAULTS:
            await self._close()
            await self._open(fault)

    async def stop(self) -> None:
        """Closes everything."""
        await self._close()
        await self._runner.cleanup()
        self._reserved.close()

    async def _open(self, fault: FaultKind | None) -> None:
        loop = asyncio.get_running_loop()
        if fault is FaultKind.DEAD:
            return
        if fault is FaultKind.BLACKHOLE:
            self._server = await loop.create_server(lambda: _Silence(self._silent), HOST, self.port)
        else:
            context = await asyncio.to_thread(self._contexts, fault)
            self._server = await loop.create_server(self._protocol, HOST, self.port, ssl=context)

    def _protocol(self) -> asyncio.Protocol:
        assert self._runner.server is not None  # noqa: S101 - set up by start, before any connection
        return self._runner.server()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for transport in tuple(self._silent):
            transport.close()
        if self._runner.server is not None:
            await self._runner.server.shutdown(CLOSING_SECONDS)
