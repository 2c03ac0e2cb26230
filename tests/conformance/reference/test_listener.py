"""Each planted fault really shows on the socket as it is named, and heals."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from conformance.reference.faults import FaultKind, Health, misbehaviour
from conformance.reference.listener import Listener, server_context
from conformance.reference.pki import (
    Family,
    Hierarchy,
    certificate_pem,
    issue,
    leaf_subject,
    make_hierarchy,
    write_leaf,
)

BODY = b"<careServicesResponse>" + b"x" * 400 + b"</careServicesResponse>"


@pytest.fixture(scope="module")
def hierarchy() -> Hierarchy:
    return make_hierarchy(ca_key_size=2048)


@pytest.fixture
async def listener(hierarchy: Hierarchy, tmp_path: Path) -> AsyncIterator[Listener]:
    (tmp_path / "ca.pem").write_bytes(certificate_pem(hierarchy.root.certificate, hierarchy.organisations.certificate))
    for name, family in (("server", Family.SSL_SERV), ("client", Family.AUTH_CLI)):
        subject = leaf_subject(department="Paris (75)", organisation="x", structure="11B0000084", name=name)
        hosts = ("localhost",) if family is Family.SSL_SERV else ()
        write_leaf(tmp_path, name, issue(hierarchy.organisations, family, subject, host_names=hosts))
    health = Health(slow_seconds=0.4, trickle_seconds=0.001)
    application = web.Application(middlewares=[misbehaviour(health)])

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=BODY, content_type="application/soap+xml")

    application.router.add_post("/", answer)
    made = Listener(
        application,
        lambda _: server_context(
            tmp_path / "server.pem", tmp_path / "server.key", ca=tmp_path / "ca.pem", clients=ssl.CERT_REQUIRED
        ),
        health,
    )
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def ask(listener: Listener, tmp_path: Path) -> AsyncIterator[Callable[[], Awaitable[tuple[int, str, bytes]]]]:
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    context.load_cert_chain(tmp_path / "client.pem", tmp_path / "client.key")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:

        async def post() -> tuple[int, str, bytes]:
            async with session.post(listener.origin, timeout=aiohttp.ClientTimeout(total=5)) as answer:
                return answer.status, answer.content_type, await answer.read()

        yield post


async def request_by_hand(listener: Listener, tmp_path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request whose answer is read byte by byte, without a client's own judgement."""
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    context.load_cert_chain(tmp_path / "client.pem", tmp_path / "client.key")
    reader, writer = await asyncio.open_connection("localhost", listener.port, ssl=context)
    writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    return reader, writer


HEALTHY = (200, "application/soap+xml", BODY)


async def test_a_healthy_member_answers(ask) -> None:
    assert await ask() == HEALTHY


async def test_a_dead_member_refuses_the_connection_and_comes_back_on_its_port(listener: Listener, ask) -> None:
    port = listener.port
    assert await ask() == HEALTHY
    await listener.plant(FaultKind.DEAD)

    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        await ask()
    assert isinstance(refused.value.os_error, ConnectionRefusedError)

    await listener.plant(None)
    assert listener.port == port
    assert await ask() == HEALTHY


async def test_a_blackhole_accepts_and_says_nothing(listener: Listener) -> None:
    await listener.plant(FaultKind.BLACKHOLE)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"\x16\x03\x01")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)
    writer.close()


async def test_a_slow_member_answers_right_but_late(listener: Listener, ask) -> None:
    await listener.plant(FaultKind.SLOW)
    before = time.monotonic()

    assert await ask() == HEALTHY
    assert time.monotonic() - before >= 0.4


async def test_a_trickling_member_sends_one_byte_at_a_time(listener: Listener, tmp_path: Path) -> None:
    await listener.plant(FaultKind.TRICKLE)
    reader, writer = await request_by_hand(listener, tmp_path)
    headers = await reader.readuntil(b"\r\n\r\n")
    chunks = []
    while chunk := await reader.read(4096):
        chunks.append(chunk)
    writer.close()

    assert f"Content-Length: {len(BODY)}".encode() in headers
    assert b"".join(chunks) == BODY
    assert len(chunks) > len(BODY) // 4


async def test_a_reset_cuts_the_connection_in_the_middle_of_the_answer(listener: Listener, tmp_path: Path) -> None:
    await listener.plant(FaultKind.RESET)
    reader, writer = await request_by_hand(listener, tmp_path)
    headers = await reader.readuntil(b"\r\n\r\n")

    assert f"Content-Length: {len(BODY)}".encode() in headers
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


async def test_a_truncated_answer_is_shorter_than_announced(listener: Listener, tmp_path: Path) -> None:
    await listener.plant(FaultKind.TRUNCATED)
    reader, writer = await request_by_hand(listener, tmp_path)
    headers, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()

    assert f"Content-Length: {len(BODY)}".encode() in headers
    assert body == BODY[: len(BODY) // 2]


async def test_an_error_page_is_a_success_in_html(listener: Listener, ask) -> None:
    await listener.plant(FaultKind.HTML)
    status, kind, body = await ask()

    assert (status, kind) == (200, "text/html")
    assert b"Maintenance" in body


async def test_a_lying_member_is_left_to_its_content(listener: Listener, ask) -> None:
    await listener.plant(FaultKind.LYING_COUNT)

    assert await ask() == HEALTHY
    assert listener._health.lying


async def test_a_fault_replaces_another_and_is_seen_by_open_connections(listener: Listener, ask) -> None:
    assert await ask() == HEALTHY
    await listener.plant(FaultKind.HTML)
    assert (await ask())[1] == "text/html"
    await listener.plant(FaultKind.DEAD)
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask()
    await listener.plant(FaultKind.HTML)
    assert (await ask())[1] == "text/html"
    await listener.plant(None)
    assert await ask() == HEALTHY


async def test_a_caller_without_certificate_is_not_served(listener: Listener, tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.post(listener.origin)
