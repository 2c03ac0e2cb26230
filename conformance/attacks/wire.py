"""Bytes of an attack on a TLS connection, and every answer that comes back."""

import asyncio
import socket
import ssl
from dataclasses import dataclass

from conformance.attacks.corpus import Sending

SILENCE = 0.15
"""Seconds without a byte after a whole answer: no other one comes."""
PATIENCE = 60.0
DROP_SECONDS = 0.05
_NO_RECORD = b"\x15\x03\x03\x00\x02\x02\x00"


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of HTTP, its body as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


async def attack(
    port: int, tls: ssl.SSLContext, data: bytes, *, sending: Sending = Sending.WHOLE
) -> tuple[Answered, ...]:
    """The answers to those bytes, in their order; none when the connection was closed without a word."""
    reader, writer = await asyncio.open_connection("localhost", port, ssl=tls, family=socket.AF_INET)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        sent = tasks.create_task(_send(writer, data, sending))
        received = await _received(reader)
        sent.cancel()
    writer.transport.abort()
    return tuple(answers(received))


async def _send(writer: asyncio.StreamWriter, data: bytes, sending: Sending) -> None:
    try:
        writer.write(data)
        await writer.drain()
        if sending is Sending.CUT:
            await asyncio.sleep(DROP_SECONDS)
            writer.transport.abort()
        if sending is Sending.ALERT:
            await asyncio.sleep(DROP_SECONDS)
            below: socket.socket = writer.get_extra_info("socket")
            with below.dup() as raw:
                await asyncio.get_running_loop().sock_sendall(raw, _NO_RECORD)
        while sending is Sending.TRICKLING:
            writer.write(b"a")
            await asyncio.sleep(DROP_SECONDS)
    except (ConnectionError, ssl.SSLError):
        pass  # who is attacked may hang up before the end of the attack


async def _received(reader: asyncio.StreamReader) -> bytes:
    received = b""
    while True:
        whole = bool(received) and _rest(received) == b""
        try:
            async with asyncio.timeout(SILENCE if whole else None):
                piece = await reader.read(65536)
        except TimeoutError:
            return received
        except (ConnectionError, ssl.SSLError):
            return received
        if not piece:
            return received
        received += piece


def _rest(received: bytes) -> bytes | None:
    """What follows the last whole answer; None when the first is not whole."""
    found = _cut(received)
    return found[-1][1] if found else None


def answers(received: bytes) -> list[Answered]:
    """The whole answers among those bytes."""
    return [answer for answer, _ in _cut(received)]


def _cut(received: bytes) -> list[tuple[Answered, bytes]]:
    found = []
    while b"\r\n\r\n" in received:
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            break
        found.append((Answered(int(first.split(" ")[1]), headers, rest[:length]), rest[length:]))
        received = rest[length:]
    return found
