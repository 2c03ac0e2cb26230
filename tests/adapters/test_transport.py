"""The way out, over real TLS: what a member may do to us, and what we say of it."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Identity
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberFailure, MemberRefused, MemberTimedOut, MemberUnreachable
from adapters.transport import Limits, MemberTransport, Reply, expect

Servers = Any


async def echo(request: web.Request) -> web.Response:
    ssl_object = request.transport.get_extra_info("ssl_object") if request.transport else None
    subject = dict(pair[0] for pair in ssl_object.getpeercert()["subject"])["commonName"]
    body = await request.read()
    return web.Response(body=body + subject.encode(), content_type="Text/XML", headers={"X-Sni": request.host})


async def get(transport: MemberTransport, url: str, seconds: float = 5.0) -> Reply:
    try:
        return await transport.send("GET", url, deadline=Deadline.after(seconds))
    finally:
        await transport.close()


async def test_a_reply_is_received_whole_and_the_gateway_shows_its_certificate(
    servers: Servers, identity: Identity
) -> None:
    origin = await servers.web(echo)
    transport = MemberTransport(servers.target(origin), identity)

    reply = await transport.send("POST", f"{origin}/x", deadline=Deadline.after(5), body=b"question ")
    await transport.close()

    assert (reply.status, reply.media_type, reply.body) == (200, "text/xml", b"question gateway")


async def test_a_connection_is_used_again_and_checked_again(servers: Servers, identity: Identity) -> None:
    ports: list[int] = []

    async def port(request: web.Request) -> web.Response:
        assert request.transport is not None
        ports.append(request.transport.get_extra_info("peername")[1])
        return web.Response()

    origin = await servers.web(port)
    transport = MemberTransport(servers.target(origin), identity)
    for _ in range(3):
        await transport.send("POST", origin, deadline=Deadline.after(5))
    await transport.close()

    assert len(ports) == 3
    assert len(set(ports)) == 1


async def silent(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.anything()


async def test_not_a_byte_of_http_reaches_a_peer_whose_certificate_is_not_listed(
    servers: Servers, identity: Identity
) -> None:
    origin = await servers.raw(silent, leaf="other")

    with pytest.raises(MemberUnreachable) as failure:
        await get(MemberTransport(servers.target(origin), identity), origin)

    assert failure.value.cause == "fingerprint"
    assert servers.received == []


@pytest.mark.parametrize("spelling", [str.upper, lambda text: ":".join(text[i : i + 2] for i in range(0, 64, 2))])
async def test_a_fingerprint_is_read_in_its_usual_spellings(
    servers: Servers, identity: Identity, spelling: Callable[[str], str]
) -> None:
    origin = await servers.web(echo)
    listed = frozenset({spelling(servers.pki.leaves["server"].sha256)})

    assert (await get(MemberTransport(servers.target(origin, server_sha256=listed), identity), origin)).status == 200


@pytest.mark.parametrize(
    ("leaf", "cause"),
    [
        pytest.param("stranger", "certificate", id="another authority"),
        pytest.param("expired", "certificate", id="expired"),
        pytest.param("elsewhere", "certificate", id="another name"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_refused(
    servers: Servers, identity: Identity, leaf: str, cause: str
) -> None:
    origin = await servers.raw(silent, leaf=leaf)
    listed = frozenset({servers.pki.leaves[leaf].sha256})

    with pytest.raises(MemberUnreachable) as failure:
        await get(MemberTransport(servers.target(origin, server_sha256=listed), identity), origin)

    assert failure.value.cause == cause
    assert servers.received == []


async def test_the_name_checked_is_that_of_the_federation_document(servers: Servers, identity: Identity) -> None:
    origin = await servers.web(echo, leaf="elsewhere")
    target = servers.target(
        origin,
        server_name="elsewhere.invalid",
        server_sha256=frozenset({servers.pki.leaves["elsewhere"].sha256}),
    )

    assert (await get(MemberTransport(target, identity), origin)).status == 200


async def reset(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    writer.transport.abort()


async def hang_up(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    writer.close()


async def black_hole(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    await asyncio.sleep(30)


async def truncated(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<a>")
    await writer.drain()
    writer.close()


async def truncated_chunk(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<a>")
    await writer.drain()
    writer.close()


async def trickle(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


async def nonsense(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await writer.drain()


async def announced_too_large(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(30)


async def endless(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"400\r\n" + b"a" * 1024 + b"\r\n")
        await writer.drain()


BOMB = gzip.compress(b"a" * 1_000_000)


async def bomb(reader: Any, writer: asyncio.StreamWriter) -> None:
    await reader.request()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {len(BOMB)}\r\n\r\n"
    writer.write(head.encode() + BOMB)
    await writer.drain()
    await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    ("behave", "kind", "cause"),
    [
        pytest.param(reset, MemberUnreachable, "connection-lost", id="reset"),
        pytest.param(hang_up, MemberUnreachable, "connection-lost", id="hangs up"),
        pytest.param(black_hole, MemberTimedOut, "deadline", id="says nothing"),
        pytest.param(trickle, MemberTimedOut, "deadline", id="trickles"),
        pytest.param(truncated, MemberAnswerInvalid, "truncated", id="truncated"),
        pytest.param(truncated_chunk, MemberAnswerInvalid, "truncated", id="truncated chunk"),
        pytest.param(nonsense, MemberAnswerInvalid, "bad-http", id="not HTTP"),
        pytest.param(announced_too_large, MemberAnswerInvalid, "too-large", id="too large, announced"),
        pytest.param(endless, MemberAnswerInvalid, "too-large", id="too large, endless"),
        pytest.param(bomb, MemberAnswerInvalid, "too-large", id="too large, once inflated"),
    ],
)
async def test_a_member_that_misbehaves_fails_in_our_words_and_in_time(
    servers: Servers,
    identity: Identity,
    behave: Callable[[Any, asyncio.StreamWriter], Awaitable[None]],
    kind: type[MemberFailure],
    cause: str,
) -> None:
    origin = await servers.raw(behave)
    transport = MemberTransport(servers.target(origin), identity, Limits(answer_bytes=4096))
    loop = asyncio.get_running_loop()
    started = loop.time()

    with pytest.raises(kind) as failure:
        await get(transport, origin, seconds=0.5)

    assert failure.value.cause == cause
    assert loop.time() - started < 1.5


async def test_a_question_is_sent_once(servers: Servers, identity: Identity) -> None:
    origin = await servers.raw(reset)
    transport = MemberTransport(servers.target(origin), identity)

    with pytest.raises(MemberUnreachable):
        await transport.send("POST", origin, deadline=Deadline.after(2), body=b"x")
    await transport.close()

    assert len(servers.received) == 1


async def test_nobody_listens(servers: Servers, identity: Identity) -> None:
    origin = "https://localhost:1"

    with pytest.raises(MemberUnreachable) as failure:
        await get(MemberTransport(servers.target(origin), identity), origin)

    assert failure.value.cause == "refused"


async def test_an_unknown_name(servers: Servers, identity: Identity) -> None:
    origin = "https://nobody.invalid"

    with pytest.raises(MemberUnreachable) as failure:
        await get(MemberTransport(servers.target(origin), identity), origin)

    assert failure.value.cause == "name"


async def test_a_passed_deadline_sends_nothing(servers: Servers, identity: Identity) -> None:
    origin = await servers.raw(silent)

    with pytest.raises(MemberTimedOut):
        await get(MemberTransport(servers.target(origin), identity), origin, seconds=0)

    assert servers.received == []


async def test_a_redirection_is_not_followed(servers: Servers, identity: Identity) -> None:
    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound("https://elsewhere.invalid/")

    origin = await servers.web(away)

    assert (await get(MemberTransport(servers.target(origin), identity), origin)).status == 302


XML = frozenset({"text/xml"})


def reply(status: int, media_type: str) -> Reply:
    return Reply(status, media_type, b"", {})


@pytest.mark.parametrize(
    ("received", "kind", "cause"),
    [
        pytest.param(reply(200, "text/html"), MemberAnswerInvalid, "html", id="page"),
        pytest.param(reply(200, "application/json"), MemberAnswerInvalid, "content-type", id="json"),
        pytest.param(reply(200, ""), MemberAnswerInvalid, "content-type", id="no type"),
        pytest.param(reply(302, "text/html"), MemberAnswerInvalid, "http-302", id="redirection"),
        pytest.param(reply(502, "text/html"), MemberAnswerInvalid, "http-502", id="front page"),
        pytest.param(reply(403, "text/html"), MemberRefused, "http-403", id="forbidden"),
    ],
)
def test_a_reply_of_another_type_is_the_failure_its_status_says(
    received: Reply, kind: type[MemberFailure], cause: str
) -> None:
    with pytest.raises(kind) as failure:
        expect(received, XML)

    assert failure.value.cause == cause


@pytest.mark.parametrize("status", [200, 500])
def test_a_reply_of_the_expected_type_is_read_whatever_its_status(status: int) -> None:
    expect(reply(status, "text/xml"), XML)
