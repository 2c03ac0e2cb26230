"""The token endpoint in both modes, and its refusals (digest section 2.3, security facts 3.1)."""

import pytest
from aiohttp import encode_basic_auth as basic
from joserfc import jwt
from joserfc.jwk import KeySet

from conformance.reference.clients import OPEN_SECRET
from conformance.reference.pki import Family, issue, subject_pairs, write_leaf

GRANT = {"grant_type": "client_credentials"}


async def ask(national, form, *, certificate=None, authorization=None):
    async with national.session.post(
        national.token,
        data=form,
        ssl=national.tls(certificate),
        headers={"Authorization": authorization} if authorization else {},
    ) as answer:
        return answer.status, await answer.json(), answer.headers


async def test_a_secret_opens_profile_0(national) -> None:
    status, answer, headers = await ask(
        national, GRANT | {"client_id": "client-profil-0", "client_secret": OPEN_SECRET}
    )

    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 300)
    assert headers["Cache-Control"] == "no-store"
    assert national.issuer.client_of(answer["access_token"], now=1_399).access_profile == "0"
    assert national.issuer.client_of(answer["access_token"], now=1_400) is None


async def test_a_secret_may_come_by_basic_authentication(national) -> None:
    status, _, _ = await ask(national, GRANT, authorization=basic("client-profil-0", OPEN_SECRET))

    assert status == 200


@pytest.mark.parametrize("profile", ["1", "2", "3", "4", "5"])
async def test_a_certificate_opens_the_other_profiles(national, profile: str) -> None:
    name = f"client-profil-{profile}"
    status, answer, _ = await ask(national, GRANT | {"client_id": name}, certificate=f"client-{name}")

    assert status == 200
    assert national.issuer.client_of(answer["access_token"], now=1_100).access_profile == profile


async def test_the_token_verifies_against_the_published_keys(national) -> None:
    _, answer, _ = await ask(national, GRANT | {"client_id": "client-profil-0", "client_secret": OPEN_SECRET})
    address = national.token.replace("/token", "/certs")
    async with national.session.get(address, ssl=national.tls(None)) as keys:
        published = await keys.json()

    assert "d" not in published["keys"][0]
    token = jwt.decode(answer["access_token"], KeySet.import_key_set(published), algorithms=["RS256"])
    assert token.claims["client_id"] == "client-profil-0"
    assert token.claims["iss"] == national.token.partition("/protocol")[0]


@pytest.mark.parametrize(
    ("form", "certificate", "status", "error"),
    [
        ({"client_id": "client-profil-0", "client_secret": "faux"}, None, 401, "invalid_client"),
        ({"client_id": "client-profil-0"}, None, 401, "invalid_client"),
        ({"client_id": "inconnu", "client_secret": OPEN_SECRET}, None, 401, "invalid_client"),
        ({"client_id": "client-profil-1"}, None, 401, "invalid_client"),
        ({"client_id": "client-profil-1"}, "client-client-profil-2", 401, "invalid_client"),
        ({"client_id": "client-profil-1", "client_secret": "x"}, "client-client-profil-1", 401, "invalid_client"),
        ({"client_id": "client-profil-0", "grant_type": "password"}, None, 400, "unsupported_grant_type"),
    ],
    ids=["wrong-secret", "no-secret", "unknown", "no-certificate", "other-certificate", "both-means", "other-grant"],
)
async def test_a_client_that_does_not_prove_itself_is_refused(national, form, certificate, status, error) -> None:
    assert (await ask(national, GRANT | form, certificate=certificate))[:2] == (status, {"error": error})


@pytest.mark.parametrize(
    "form",
    [
        [("grant_type", "client_credentials"), ("client_id", "client-profil-0"), ("client_id", "client-profil-1")],
        [("client_id", "client-profil-0"), ("client_secret", OPEN_SECRET)],
    ],
    ids=["repeated-parameter", "no-grant"],
)
async def test_a_malformed_request_is_refused(national, form) -> None:
    assert (await ask(national, form))[:2] == (400, {"error": "invalid_request"})


async def test_a_secret_in_the_address_is_refused(national) -> None:
    address = f"{national.token}?client_id=client-profil-0&client_secret={OPEN_SECRET}"
    async with national.session.post(address, data=GRANT, ssl=national.tls(None)) as answer:
        assert (answer.status, await answer.json()) == (400, {"error": "invalid_request"})


async def test_a_twin_certificate_of_the_persons_branch_is_refused(national, tmp_path) -> None:
    right = national.pki.leaves["client-client-profil-1"]
    twin = issue(
        national.pki.hierarchy.personnes, Family.AUTH_CLI, subject_pairs(right.certificate.subject), key=right.key
    )
    write_leaf(tmp_path, "twin", twin)
    context = national._context(None)
    context.load_cert_chain(tmp_path / "twin.pem", tmp_path / "twin.key")
    async with national.session.post(
        national.token, data=GRANT | {"client_id": "client-profil-1"}, ssl=context
    ) as answer:
        assert (answer.status, await answer.json()) == (401, {"error": "invalid_client"})


def test_a_token_is_read_back_only_whole(national) -> None:
    token = national.issuer.issue(national.clients["1"], issuer="https://ror.example", now=1_000)
    header, body, signature = token.split(".")

    assert national.issuer.client_of(token, now=1_000) is not None
    for forged in ("", "abc", f"{header}.{body}.", f"{header}.{body[:-4]}AAAA.{signature}"):
        assert national.issuer.client_of(forged, now=1_000) is None
