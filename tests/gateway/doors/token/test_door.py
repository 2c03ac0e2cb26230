"""Tokens over real TLS: for the right proof, and for nothing else."""

import base64
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import encode_basic_auth

from conformance.reference.clients import OPEN_SECRET
from gateway.configuration import Deadlines, Listener
from gateway.doors.access_token import AccessTokens, signing_key
from gateway.doors.token.door import PATH, TokenDoor
from gateway.listeners import TlsInForce, open_socket, serve
from gateway.trust import Trust, TrustInForce
from whitelist.identity import load_certificates
from whitelist.loading import load
from whitelist.revocation import RevocationLists
from whitelist.tls import ClientAuth, server_context

if TYPE_CHECKING:
    from tests.gateway.conftest import World

TOKENS = AccessTokens(signing_key(None), "https://as/realms/ror", "https://gw/fhir", 300, 60)
OPEN, CERTIFIED = "client-profil-0", "client-profil-2"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def url(world: "World") -> AsyncIterator[str]:
    authorities = load_certificates(world.ca.read_bytes())
    lists = RevocationLists.load([world.crl], authorities=authorities)
    door = TokenDoor(TrustInForce(Trust(load(world.federation), authorities, lists)), TOKENS, body_seconds=2)
    opened = open_socket(Listener(port=0))
    context = server_context(
        world.pki.pem("gateway-server"),
        world.pki.key("gateway-server"),
        ca=world.ca,
        crl=[world.crl],
        client_auth=ClientAuth.OPTIONAL,
    )
    runner = await serve(door.application(concurrent=8), opened, TlsInForce(context), Deadlines(drain=1))
    yield f"{opened.public_url}{PATH}"
    await runner.cleanup()


def basic(user: str, password: str) -> dict[str, Any]:
    return {"headers": {"Authorization": encode_basic_auth(user, password)}}


async def asked(
    world: "World", url: str, form: Any, *, certificate: str | None = None, **options: Any
) -> tuple[int, dict[str, Any], Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=form, ssl=world.client_context(certificate), **options) as response,
    ):
        return response.status, await response.json(), response.headers


@pytest.mark.parametrize(
    ("form", "options", "client"),
    [
        ({**GRANT, "client_id": OPEN, "client_secret": OPEN_SECRET}, {}, OPEN),
        (GRANT, basic(OPEN, OPEN_SECRET), OPEN),
        ({**GRANT, "client_id": CERTIFIED}, {"certificate": f"client-{CERTIFIED}"}, CERTIFIED),
        ({**GRANT, "client_id": CERTIFIED, "scope": "system/*.rs"}, {"certificate": f"client-{CERTIFIED}"}, CERTIFIED),
    ],
    ids=["secret-in-body", "secret-basic", "certificate", "scope"],
)
async def test_a_token(world: "World", url: str, form: dict[str, str], options: dict[str, Any], client: str) -> None:
    status, answer, headers = await asked(world, url, form, **options)

    assert status == 200
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 300)
    assert "refresh_token" not in answer
    assert (headers["Cache-Control"], headers["Pragma"]) == ("no-store", "no-cache")
    assert TOKENS.check(answer["access_token"], now=int(time.time())).client_id == client


SECRET = {**GRANT, "client_id": OPEN, "client_secret": OPEN_SECRET}
CERTIFICATE = {**GRANT, "client_id": CERTIFIED}


@pytest.mark.parametrize(
    ("form", "options", "status", "error"),
    [
        ({**SECRET, "client_secret": "wrong"}, {}, 401, "invalid_client"),
        ({**SECRET, "client_id": "nobody"}, {}, 401, "invalid_client"),
        (GRANT, basic(OPEN, "wrong"), 401, "invalid_client"),
        (GRANT, basic("nobody", "wrong"), 401, "invalid_client"),
        (
            GRANT,
            {"headers": {"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()}},
            401,
            "invalid_client",
        ),
        (CERTIFICATE, {}, 401, "invalid_client"),
        (CERTIFICATE, {"certificate": "client-client-profil-3"}, 401, "invalid_client"),
        (CERTIFICATE, {"certificate": "unlisted"}, 401, "invalid_client"),
        (CERTIFICATE, {"certificate": "member-84-client"}, 401, "invalid_client"),
        ({**CERTIFICATE, "client_secret": "x"}, {"certificate": f"client-{CERTIFIED}"}, 401, "invalid_client"),
        ({**GRANT, "client_id": OPEN}, {"certificate": f"client-{CERTIFIED}"}, 401, "invalid_client"),
        (SECRET, basic(OPEN, OPEN_SECRET), 400, "invalid_request"),
        ([*SECRET.items(), ("client_id", OPEN)], {}, 400, "invalid_request"),
        ({"client_id": OPEN}, {}, 400, "invalid_request"),
        (GRANT, {}, 400, "invalid_request"),
        ({**SECRET, "grant_type": "password"}, {}, 400, "unsupported_grant_type"),
        ({**SECRET, "grant_type": "é"}, {}, 400, "unsupported_grant_type"),
        ({**SECRET, "scope": "system/*.cruds"}, {}, 400, "invalid_scope"),
        (SECRET, {"params": {"client_id": OPEN}}, 400, "invalid_request"),
        (b"{}", {"headers": {"Content-Type": "application/json"}}, 400, "invalid_request"),
        (b"%ff=%ff", {"headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400, "invalid_request"),
    ],
    ids=[
        "wrong-secret",
        "unknown-client",
        "wrong-basic",
        "unknown-basic",
        "basic-not-utf8",
        "no-certificate",
        "certificate-of-another",
        "certificate-unlisted",
        "certificate-of-a-member",
        "certificate-and-secret",
        "certificate-for-a-secret",
        "two-authentications",
        "repeated",
        "no-grant",
        "no-client",
        "other-grant",
        "odd-grant",
        "scope",
        "in-the-address",
        "json",
        "not-utf8",
    ],
)
async def test_refused(world: "World", url: str, form: Any, options: dict[str, Any], status: int, error: str) -> None:
    answered, answer, headers = await asked(world, url, form, **options)

    assert (answered, answer["error"]) == (status, error)
    assert headers["Cache-Control"] == "no-store"
    assert "access_token" not in answer
    assert ("WWW-Authenticate" in headers) == (status == 401)


async def test_an_unknown_client_reads_like_a_wrong_secret(world: "World", url: str) -> None:
    wrong = await asked(world, url, {**SECRET, "client_secret": "wrong"})
    unknown = await asked(world, url, {**SECRET, "client_id": "nobody"})

    assert wrong[:2] == unknown[:2]


@pytest.mark.parametrize("certificate", ["revoked", "expired", "untrusted"])
async def test_a_bad_certificate_is_a_refused_handshake(world: "World", url: str, certificate: str) -> None:
    with pytest.raises(aiohttp.ClientError):
        await asked(world, url, SECRET, certificate=certificate)


async def test_other_addresses_and_methods(world: "World", url: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(url, ssl=world.client_context(None)) as response:
            assert (response.status, (await response.json())["error"]) == (405, "invalid_request")
        async with session.post(f"{url}/other", ssl=world.client_context(None)) as response:
            assert response.status == 404
