"""A caller who attacks below the doors gets a clear refusal, one line in the log, and learns nothing."""

import asyncio
import gzip
import json
import socket
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from gateway.app import Gateway
from gateway.listeners import IDLE_SECONDS

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World

SECRET = "Bearer-never-repeated"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
XML = "Content-Type: application/soap+xml\r\n"
SEARCH = "/ws-diffusion-fhir/HealthcareService"
READING = "/ROR/3.0/84"
TOKEN = "/auth/realms/ror/protocol/openid-connect/token"
RAN_OUT = b"a" * (80 * 1024 * 1024)


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


NO_REQUEST = {
    "no-http": b"NONSENSE\r\n\r\n",
    "http-2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "unknown-method": request("FOO", SEARCH),
    "header-too-long": request("GET", SEARCH, f"Authorization: {SECRET}{'a' * 20_000}\r\n"),
    "too-many-headers": request("GET", SEARCH, "".join(f"X-{n}: a\r\n" for n in range(10_000))),
    "control-character": request("GET", SEARCH, f"Authorization: {SECRET}\x01\r\n"),
    "two-lengths": request("POST", SEARCH, "Content-Length: 3\r\nContent-Length: 5\r\n") + b"abc",
    "length-and-chunks": request("POST", SEARCH, "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
    "negative-length": request("POST", SEARCH, "Content-Length: -1\r\n"),
    "address-not-ascii": request("GET", f"{SEARCH}\xe9{SECRET}"),
}


@pytest.mark.parametrize("data", NO_REQUEST.values(), ids=NO_REQUEST)
async def test_what_is_no_request(world: "World", gateway: Gateway, log: "Log", data: bytes) -> None:
    answer = await sent(world, gateway.fhir, data)

    assert answer.status == 400
    assert answer.body == "La requête HTTP n'est pas valide.\nThe HTTP request is not valid.\n".encode().decode(
        "latin-1"
    )
    assert answer.header("Server") == "inter-ror"
    assert SECRET not in answer.body
    (line,) = lines(log, "request_refused")
    assert (line["code"], line["status"]) == ("bad-http", 400)
    assert lines(log, "library_message") == []
    assert SECRET not in log.text


EXPANDED = {
    "fhir": ("fhir", "POST", f"{SEARCH}/_search", FORM, None),
    "soap": ("soap", "POST", READING, XML, "member-93-client"),
    "token": ("token", "POST", TOKEN, FORM, None),
}


@pytest.mark.parametrize(("door", "method", "path", "headers", "certificate"), EXPANDED.values(), ids=EXPANDED)
@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        pytest.param("gzip", gzip.compress(RAN_OUT), 413, id="bomb"),
        pytest.param("deflate", zlib.compress(RAN_OUT), 413, id="deflated bomb"),
        pytest.param("gzip", b"not compressed", 400, id="not gzip"),
        pytest.param("zip", b"grant_type=x", 415, id="unknown encoding"),
        pytest.param("identity, gzip, br", b"grant_type=x", 415, id="several encodings"),
    ],
)
async def test_bodies_that_are_not_what_they_seem(
    world: "World",
    gateway: Gateway,
    log: "Log",
    door: str,
    method: str,
    path: str,
    headers: str,
    certificate: str | None,
    encoding: str,
    body: bytes,
    status: int,
) -> None:
    data = request(method, path, f"{headers}Content-Encoding: {encoding}\r\n", body)

    answer = await sent(world, getattr(gateway, door), data, certificate)

    assert answer.status == status
    (line,) = log.of(answer.header("X-Request-Id") or "")
    assert (line["event"], line["status"]) == ("exchange_ended", status)
    assert lines(log, "library_message") == []


async def test_a_compressed_message_is_read(world: "World", gateway: Gateway) -> None:
    data = request("POST", READING, f"{XML}Content-Encoding: gzip\r\n", gzip.compress(b"<a/>"))

    answer = await sent(world, gateway.soap, data, "member-93-client")

    assert answer.status == 400
    assert "not-soap" in answer.body


PATHS = {
    "parent": "/ROR/1.6/../3.0/84",
    "escaped-parent": "/ROR/1.6/..%2f84",
    "escaped-dots": "/ROR/1.6/%2e%2e/84",
    "nothing": "/ROR//84",
    "trailing": "/ROR/1.6/84/",
    "escaped-slash": "/ROR/1.6%2f84",
    "nul": "/ROR/1.6/84%00",
    "parameter": "/ROR/1.6/84;x=1",
    "not-text": "/ROR/1.6/%ff",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
async def test_an_address_that_would_be_another(world: "World", gateway: Gateway, log: "Log", path: str) -> None:
    answer = await sent(world, gateway.soap, request("POST", path, XML, b"<a/>"), "member-93-client")

    assert answer.status == 404
    assert len(log.of(answer.header("X-Request-Id") or "")) == 1


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
