"""A caller who attacks below the doors gets a clear refusal, one line in the log, and learns nothing.

What is one request or one body is an attack of `tests/corpora/http`; here are those that need several, or other
deadlines.
"""

import asyncio
import gzip
import json
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from gateway.app import Gateway, running
from gateway.listeners import IDLE_SECONDS

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
XML = "Content-Type: application/soap+xml\r\n"
SEARCH = "/ws-diffusion-fhir/HealthcareService"
READING = "/ROR/3.0/84"
TOKEN = "/auth/realms/ror/protocol/openid-connect/token"


@dataclass(frozen=True, slots=True)
class Answered:
    head: str
    body: str

    @property
    def status(self) -> int:
        return int(self.head.split(" ", maxsplit=2)[1])

    def header(self, name: str) -> str | None:
        lines = (line.partition(": ") for line in self.head.split("\r\n"))
        return next((value for key, _, value in lines if key.lower() == name.lower()), None)


def request(method: str, path: str, headers: str = "", body: bytes = b"") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body and "chunked" not in headers else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}Connection: close\r\n\r\n"
    return head.encode("latin-1") + body


async def sent(world: "World", url: str, data: bytes, certificate: str | None = None) -> Answered:
    """Those bytes on a connection, and everything that comes back."""
    port = int(url.split(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection(
        "localhost", port, ssl=world.client_context(certificate), family=socket.AF_INET
    )
    writer.write(data)
    async with asyncio.timeout(10):
        received = await reader.read(-1)
    writer.close()
    head, _, body = received.decode("latin-1").partition("\r\n\r\n")
    return Answered(head, body)


def lines(log: "Log", event: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, log.text.splitlines()) if line["event"] == event]


async def test_a_compressed_message_is_read(world: "World", gateway: Gateway) -> None:
    data = request("POST", READING, f"{XML}Content-Encoding: gzip\r\n", gzip.compress(b"<a/>"))

    answer = await sent(world, gateway.soap, data, "member-93-client")

    assert answer.status == 400
    assert "not-soap" in answer.body


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize(
    ("door", "path", "certificate"),
    [("soap", READING, "member-93-client"), ("fhir", SEARCH, None), ("token", TOKEN, None)],
)
async def test_other_methods(
    world: "World", gateway: Gateway, log: "Log", door: str, path: str, certificate: str | None, method: str
) -> None:
    answer = await sent(world, getattr(gateway, door), request(method, path), certificate)

    assert answer.status == 405
    assert len(log.of(answer.header("X-Request-Id") or "")) == 1


async def test_a_line_outside_an_exchange_carries_nothing_of_the_one_before(
    world: "World", gateway: Gateway, log: "Log"
) -> None:
    port = int(gateway.fhir.split(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection(
        "localhost", port, ssl=world.client_context(None), family=socket.AF_INET
    )
    writer.write(f"GET {SEARCH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"NONSENSE\r\n\r\n")
    await reader.read(-1)
    writer.close()

    (ended,), (refused,) = lines(log, "exchange_ended"), lines(log, "request_refused")
    assert ended["exchange"] in head.decode()
    assert "exchange" not in refused


def test_a_connection_without_a_request_is_not_kept_for_long() -> None:
    assert IDLE_SECONDS <= 120


async def test_a_connection_serves_several_requests(world: "World", gateway: Gateway) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(f"{gateway.fhir}/metadata", ssl=world.client_context(None)) as response:
                assert response.status == 200


GOOD = request("GET", f"{READING}?wsdl")


async def test_requests_in_a_row_are_answered_in_their_order(world: "World", gateway: Gateway, log: "Log") -> None:
    first = f"POST {READING} HTTP/1.1\r\nHost: localhost\r\n{XML}Content-Length: 4\r\n\r\n<a/>".encode()

    answer = await sent(world, gateway.soap, first + first + GOOD, "member-93-client")

    statuses = [
        line.split(" ")[1] for line in (answer.head + answer.body).split("\r\n") if line.startswith("HTTP/1.1 ")
    ]
    assert answer.status == 400
    assert [answer.body.count("not-soap") >= 2, "definitions" in answer.body] == [True, True]
    assert len(statuses) >= 1
    assert [line["status"] for line in lines(log, "exchange_ended")] == [400, 400, 200]


async def test_http_1_0(world: "World", gateway: Gateway, log: "Log") -> None:
    data = f"POST {READING} HTTP/1.0\r\n{XML}Content-Length: 4\r\n\r\n<a/>".encode()

    answer = await sent(world, gateway.soap, data, "member-93-client")

    assert (answer.status, "not-soap" in answer.body) == (400, True)
    assert len(log.of(answer.header("X-Request-Id") or "")) == 1


EXPECTING = {
    "soap": ("soap", "POST", READING, "member-93-client", "soap:Sender"),
    "soap-unknown-address": ("soap", "POST", "/nowhere", "member-93-client", "soap:Sender"),
    "fhir": ("fhir", "GET", SEARCH, None, "OperationOutcome"),
    "token": ("token", "POST", TOKEN, None, "invalid_request"),
}


@pytest.mark.parametrize(
    "expected", ["foo", "100-continue-x", "100-continue\r\nExpect: foo"], ids=["foo", "near", "two"]
)
@pytest.mark.parametrize(("door", "method", "path", "certificate", "shape"), EXPECTING.values(), ids=EXPECTING)
async def test_an_expectation_that_is_not_served(
    world: "World",
    gateway: Gateway,
    log: "Log",
    door: str,
    method: str,
    path: str,
    certificate: str | None,
    shape: str,
    expected: str,
) -> None:
    data = request(method, path, f"{FORM}Expect: {expected}\r\n", b"<a/>")

    answer = await sent(world, getattr(gateway, door), data, certificate)

    assert answer.status == 417
    assert shape in answer.body
    assert "100-continue" in answer.body
    (line,) = log.of(answer.header("X-Request-Id") or "")
    assert (line["code"], line["status"]) == ("expectation-failed", 417)


async def test_the_expectation_that_is_served(world: "World", gateway: Gateway) -> None:
    data = request("POST", READING, f"{XML}Expect: 100-Continue\r\n", b"<a/>")

    answer = await sent(world, gateway.soap, data, "member-93-client")

    assert answer.status == 100
    assert "HTTP/1.1 400" in answer.body


async def connected(world: "World", url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(url.split(":")[2].partition("/")[0])
    context: ssl.SSLContext = world.client_context("member-93-client")
    return await asyncio.open_connection("localhost", port, ssl=context, family=socket.AF_INET)


async def test_slow_callers_are_cut_while_others_are_served(world: "World", log: "Log", tmp_path: Path) -> None:
    """Ten heads and ten bodies that come byte by byte, ten of each that stop half way, beside callers in a hurry."""
    settings = world.configuration(tmp_path, deadlines={"exchange": 2, "head": 0.6, "body": 0.6, "drain": 1})
    head = f"POST {READING} HTTP/1.1\r\nHost: localhost\r\n{XML}Content-Length: 100\r\n\r\n".encode()

    async def trickling(start: bytes, drop: bytes) -> bytes:
        reader, writer = await connected(world, gateway.soap)
        writer.write(start)
        answered = asyncio.ensure_future(reader.read(12))
        while not answered.done():
            writer.write(drop)
            await asyncio.wait((answered,), timeout=0.1)
        writer.close()
        return await answered

    async def hurried() -> list[float]:
        times = []
        for _ in range(15):
            started = asyncio.get_running_loop().time()
            assert (await sent(world, gateway.soap, GOOD, "member-93-client")).status == 200
            times.append(asyncio.get_running_loop().time() - started)
        return times

    async with running(settings) as gateway:
        started = asyncio.get_running_loop().time()
        half = head[: head.index(b"localhost")]
        slow = [(half, b"a"), (head, b"a"), (half, b""), (head + b"<a", b"")] * 10
        *cut, times = await asyncio.gather(*(trickling(*one) for one in slow), hurried())
        elapsed = asyncio.get_running_loop().time() - started

    assert set(cut) == {b"HTTP/1.1 408"}
    assert max(times) < 5
    assert elapsed < 20
    assert len(lines(log, "request_refused")) == 20
    assert {line["code"] for line in lines(log, "request_refused")} == {"head-timed-out"}
    assert [line["code"] for line in lines(log, "exchange_ended") if line["status"] == 408] == ["body-timed-out"] * 20


async def test_a_head_that_comes_in_time_in_pieces(world: "World", gateway: Gateway) -> None:
    reader, writer = await connected(world, gateway.soap)
    for piece in (GOOD[:10], GOOD[10:30], GOOD[30:]):
        writer.write(piece)
        await asyncio.sleep(0.05)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()

    assert head.startswith(b"HTTP/1.1 200")


async def test_an_answer_that_nobody_reads_is_dropped_while_others_are_served(
    world: "World", log: "Log", tmp_path: Path
) -> None:
    settings = world.configuration(tmp_path, deadlines={"exchange": 2, "reading": 0.5, "drain": 1})
    asked = f"GET {READING}?xsd=csd HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    async with running(settings) as gateway:
        reader, writer = await connected(world, gateway.soap)
        writer.write(asked * 300)
        async with asyncio.timeout(15):
            while not lines(log, "answer_not_read"):
                beside = await sent(world, gateway.soap, GOOD, "member-93-client")
                assert beside.status == 200
                await asyncio.sleep(0.1)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1_000_000_000)
        writer.close()

    (line,) = lines(log, "answer_not_read")
    assert line["seconds"] == 0.5
