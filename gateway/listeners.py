"""A door on a port: its socket first, so that its address is known before it answers, then TLS and HTTP."""

import socket
import ssl
from dataclasses import dataclass

from aiohttp import web

from gateway.configuration import Listener

LONGEST_LINE = 16 * 1024
"""Bytes of a request line or header: the national examples with `_filter` pass the usual 8 KiB."""


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """A bound socket, and the address callers know."""

    socket: socket.socket
    port: int
    public_url: str


def open_socket(listener: Listener) -> OpenSocket:
    """Bind the listener's port; raises `OSError` when it is taken."""
    bound = socket.create_server((listener.host, listener.port), reuse_port=False)
    port: int = bound.getsockname()[1]
    name = "localhost" if listener.host in {"127.0.0.1", "::1", "0.0.0.0"} else listener.host  # noqa: S104 - compared
    public = f"https://{name}:{port}" if listener.public_url is None else str(listener.public_url).rstrip("/")
    return OpenSocket(bound, port, public)


async def serve(
    application: web.Application, opened: OpenSocket, context: ssl.SSLContext, *, drain: float
) -> web.AppRunner:
    """The running door; `cleanup()` of what it returns stops listening at once and lets what runs end."""
    runner = web.AppRunner(
        application,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=drain,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
    )
    await runner.setup()
    await web.SockSite(runner, opened.socket, ssl_context=context).start()
    return runner
