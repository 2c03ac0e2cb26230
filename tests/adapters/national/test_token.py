"""The access token: asked once, used while it lives, dropped when refused."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Identity
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberFailure, MemberRefused
from adapters.national.token import TokenSource, usable_seconds
from adapters.transport import MemberTransport

Servers = Any


class Issuer:
    """A token endpoint that numbers what it gives."""

    def __init__(self, *, expires_in: float = 300, status: int = 200, body: bytes | None = None) -> None:
        self.forms: list[dict[str, str]] = []
        self.subjects: list[str] = []
        self._expires_in = expires_in
        self._status = status
        self._body = body

    async def answer(self, request: web.Request) -> web.Response:
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        assert request.transport is not None
        certificate = request.transport.get_extra_info("ssl_object").getpeercert()
        self.subjects.append(dict(pair[0] for pair in certificate["subject"])["commonName"])
        await asyncio.sleep(0.02)
        if self._body is not None:
            return web.Response(body=self._body, status=self._status, content_type="application/json")
        return web.json_response({"access_token": f"token-{len(self.forms)}", "expires_in": self._expires_in})


async def tokens(servers: Servers, identity: Identity, issuer: Issuer, calls: int) -> tuple[list[str], TokenSource]:
    origin = await servers.web(issuer.answer)
    transport = MemberTransport(servers.target(origin), identity)
    servers.stack.push_async_callback(transport.close)
    source = TokenSource(transport, f"{origin}/token", "passerelle")
    return [await source.token(Deadline.after(5)) for _ in range(calls)], source


async def test_a_token_is_asked_with_our_certificate_and_used_while_it_lives(
    servers: Servers, identity: Identity
) -> None:
    issuer = Issuer()

    given, _ = await tokens(servers, identity, issuer, 3)

    assert given == ["token-1"] * 3
    assert issuer.forms == [{"client_id": "passerelle", "grant_type": "client_credentials"}]
    assert issuer.subjects == ["gateway"]


async def test_a_token_about_to_end_is_renewed(servers: Servers, identity: Identity) -> None:
    given, _ = await tokens(servers, identity, Issuer(expires_in=10), 2)

    assert given == ["token-1", "token-2"]


async def test_those_who_wait_together_share_one_request(servers: Servers, identity: Identity) -> None:
    issuer = Issuer()
    _, source = await tokens(servers, identity, issuer, 0)

    given = await asyncio.gather(*(source.token(Deadline.after(5)) for _ in range(10)))

    assert set(given) == {"token-1"}
    assert len(issuer.forms) == 1


async def test_a_refused_token_is_dropped_once(servers: Servers, identity: Identity) -> None:
    (first,), source = await tokens(servers, identity, Issuer(), 1)

    source.drop(first)
    second = await source.token(Deadline.after(5))
    source.drop(first)

    assert second == "token-2"
    assert await source.token(Deadline.after(5)) == "token-2"


@pytest.mark.parametrize(
    ("issuer", "kind", "cause"),
    [
        pytest.param(Issuer(status=401, body=b"{}"), MemberRefused, "token-refused", id="refused"),
        pytest.param(Issuer(body=b"{}"), MemberAnswerInvalid, "token-answer", id="no token"),
        pytest.param(Issuer(body=b"<html>"), MemberAnswerInvalid, "token-answer", id="not JSON"),
        pytest.param(Issuer(status=500, body=b""), MemberAnswerInvalid, "token-answer", id="broken"),
    ],
)
async def test_no_token_is_a_failure(
    servers: Servers, identity: Identity, issuer: Issuer, kind: type[MemberFailure], cause: str
) -> None:
    with pytest.raises(kind) as failure:
        await tokens(servers, identity, issuer, 1)

    assert failure.value.cause == cause


@pytest.mark.parametrize(("life", "used"), [(300, 270), (60, 50), (5, 0)])
def test_a_token_is_used_until_ten_seconds_or_a_tenth_before_its_end(life: float, used: float) -> None:
    assert usable_seconds(life) == used
