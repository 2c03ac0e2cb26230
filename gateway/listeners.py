"""A door on a port: its socket first, so that its address is known before it answers, then TLS and HTTP."""

import socket
import ssl
from dataclasses import dataclass

from aiohttp import web

from gateway.configuration import Deadlines, Listener
from gateway.connections import Runner

LONGEST_LINE = 16 * 1024
"""Bytes of a request line or header: the national examples with `_filter` pass the usual 8 KiB."""

IDLE_SECONDS = 75
"""How long a connection may stay open without a whole request head: between two requests, and before the first one."""


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """A bound socket, and the address callers know."""

    socket: socket.socket
    port: int
    public_url: str


class TlsInForce:
    """The TLS of a door; `swap` puts another in force for the handshakes to come.

    A context never forgets what it was given, so that lists are not reloaded into it: the door shows its first one, and
    each handshake takes the one in force.
    """

    def __init__(self, first: ssl.SSLContext) -> None:
        self.shown = first
        self._current = first
        first.sni_callback = self._choose

    def swap(self, context: ssl.SSLContext) -> None:
        """Put that context in force."""
        self._current = context

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _shown: ssl.SSLContext) -> None:
        connection.context = self._current


def open_socket(listener: Listener) -> OpenSocket:
    """Bind the listener's port; raises `OSError` when it is taken."""
    bound = socket.create_server((listener.host, listener.port), reuse_port=False)
    port: int = bound.getsockname()[1]
    name = "localhost" if listener.host in {"127.0.0.1", "::1", "0.0.0.0"} else listener.host  # noqa: S104 - compared
    public = f"https://{name}:{port}" if listener.public_url is None else str(listener.public_url).rstrip("/")
    return OpenSocket(bound, port, public)


async def serve(
    application: web.Application, opened: OpenSocket, tls: TlsInForce, deadlines: Deadlines
) -> web.AppRunner:
    """The running door; `cleanup()` of what it returns stops listening at once and lets what runs end."""
    runner = Runner(
        application,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=deadlines.drain,
        head_seconds=deadlines.head,
        reading_seconds=deadlines.reading,
        keepalive_timeout=IDLE_SECONDS,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        auto_decompress=False,
    )
    await runner.setup()
    await web.SockSite(runner, opened.socket, ssl_context=tls.shown).start()
    return runner
