"""A token is accepted when we issued it, for us, and it is in force; the refusal is always the same."""

import base64
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jwk, jwt

from gateway.doors.access_token import AccessTokens, signing_key
from gateway.errors import ErrorCode, NotAuthenticated

NOW = 1_800_000_000
TOKENS = AccessTokens(signing_key(None), "https://as.example/realms/ror", "https://gw.example/fhir", 300, 60)


def claims(**changes: Any) -> dict[str, Any]:
    base = {
        "iss": TOKENS.issuer,
        "sub": "c-1",
        "client_id": "c-1",
        "aud": TOKENS.audience,
        "iat": NOW,
        "exp": NOW + 300,
        "jti": "j-1",
    }
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def signed(header: dict[str, Any] | None = None, key: jwk.ECKey | None = None, **changes: Any) -> str:
    full = {"alg": "ES256", "typ": "at+jwt", "kid": TOKENS.key.thumbprint(), **(header or {})}
    full = {name: value for name, value in full.items() if value is not None}
    registry = jwt.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    return jwt.encode(full, claims(**changes), key or TOKENS.key, registry=registry, default_type=None)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(algorithm: str) -> str:
    header = {"alg": algorithm, "typ": "at+jwt", "kid": TOKENS.key.thumbprint()}
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, claims()))


def unsigned() -> str:
    return by_hand("none") + "."


def hmac_with_public_key() -> str:
    signing_input = by_hand("HS256")
    public = TOKENS.key.as_pem(private=False)
    return f"{signing_input}.{encoded(hmac.digest(public, signing_input.encode(), 'sha256'))}"


def test_what_we_issue_we_accept() -> None:
    token = TOKENS.issue("c-1", now=NOW, identifier="j-1")

    read = TOKENS.check(token, now=NOW + 100)

    assert (read.client_id, read.sub, read.exp, read.scope) == ("c-1", "c-1", NOW + 300, "system/*.rs")


@pytest.mark.parametrize(
    "token",
    [
        signed(aud=["https://other.example", TOKENS.audience]),
        signed(header={"typ": "application/at+jwt"}),
        signed(iat=NOW - 359, exp=NOW - 59),
        signed(iat=NOW + 59),
    ],
    ids=["several-audiences", "long-type", "expired-within-skew", "issued-within-skew"],
)
def test_accepted(token: str) -> None:
    assert TOKENS.check(token, now=NOW).client_id == "c-1"


@pytest.mark.parametrize(
    "token",
    [
        unsigned(),
        hmac_with_public_key(),
        signed(key=jwk.ECKey.generate_key("P-256")),
        signed(header={"kid": "unknown"}),
        signed(header={"jku": "https://evil.example/keys"}),
        signed(header={"crit": ["b64"], "b64": True}),
        signed(header={"typ": "JWT"}),
        signed(header={"typ": None}),
        signed(iat=NOW - 361, exp=NOW - 61),
        signed(nbf=NOW + 300),
        signed(iat=NOW + 300, exp=NOW + 600),
        signed(exp=None),
        signed(exp=str(NOW + 300)),
        signed(exp=NOW + 30 * 86400),
        signed(aud="https://other.example"),
        signed(iss=f"{TOKENS.issuer}/"),
        signed(jti=None),
        "a.b",
        "a.b.c",
        "é.b.c",
        "x" * 20_000,
        "",
    ],
    ids=[
        "alg-none",
        "hs256-public-key",
        "foreign-key",
        "unknown-kid",
        "jku",
        "crit",
        "id-token",
        "no-type",
        "expired",
        "not-yet",
        "issued-ahead",
        "no-exp",
        "exp-text",
        "thirty-days",
        "other-audience",
        "issuer-slash",
        "no-jti",
        "two-parts",
        "not-base64",
        "not-ascii",
        "large",
        "empty",
    ],
)
def test_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        TOKENS.check(token, now=NOW)

    assert refused.value.code is ErrorCode.INVALID_TOKEN


def pem(key: Any) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
    ],
    ids=["rsa", "p-256"],
)
def test_a_configured_key_signs(key: Any, algorithm: str) -> None:
    tokens = AccessTokens(signing_key(pem(key)), TOKENS.issuer, TOKENS.audience, 300, 60)

    token = tokens.issue("c-1", now=NOW, identifier="j")

    assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["alg"] == algorithm
    assert tokens.check(token, now=NOW).client_id == "c-1"


@pytest.mark.parametrize(
    "text",
    [pem(ed25519.Ed25519PrivateKey.generate()), pem(ec.generate_private_key(ec.SECP384R1())), "nonsense"],
    ids=["ed25519", "p-384", "nonsense"],
)
def test_another_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the libraries' own words
        signing_key(text)
