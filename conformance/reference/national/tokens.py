"""The authorization server: client credentials, with a secret or with a certificate (digest section 2.3)."""

import base64
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from conformance.reference.clients import Client
from conformance.reference.pinning import from_pinned_issuer, peer_certificate
from conformance.reference.pki import Authority

REALM = "/auth/realms/ror"
TOKEN_PATH = f"{REALM}/protocol/openid-connect/token"
CERTS_PATH = f"{REALM}/protocol/openid-connect/certs"
LIFETIME = 300
ALGORITHMS = ("RS256", "PS256")


@dataclass(frozen=True, slots=True)
class TokenRefused(Exception):
    """A refusal in the words of RFC 6749, with the HTTP status it is said with."""

    error: str
    status: int = 400


class Issuer:
    """Signs and reads the access tokens: the authorization server and the API share it, as they share a realm."""

    def __init__(self, clients: Iterable[Client], *, algorithm: str = "RS256") -> None:
        self.clients = {client.client_id: client for client in clients}
        self.key = RSAKey.generate_key(2048, auto_kid=True)
        self.algorithm = algorithm

    def issue(self, client: Client, *, issuer: str, now: int, lifetime: int = LIFETIME) -> str:
        """An access token in the shape of the national one (a Keycloak JWT)."""
        claims = {
            "iss": issuer,
            "sub": client.client_id,
            "client_id": client.client_id,
            "azp": client.client_id,
            "aud": "account",
            "typ": "Bearer",
            "iat": now,
            "exp": now + lifetime,
            "jti": secrets.token_hex(16),
            "scope": "ror",
        }
        return jwt.encode({"alg": self.algorithm, "typ": "JWT", "kid": self.key.kid}, claims, self.key)

    def client_of(self, token: str, *, now: int) -> Client | None:
        """The client a token was issued to; None when the token is not ours, tampered with or expired."""
        try:
            claims = jwt.decode(token, self.key, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError):
            return None
        return self.clients.get(claims["client_id"]) if claims["exp"] > now else None


def token_application(
    issuer: Issuer, authority: Authority, *, clock: Callable[[], float] = time.time
) -> web.Application:
    """The token endpoint and its key set; `authority` is the only CA whose client certificates are taken."""

    async def token(request: web.Request) -> web.Response:
        try:
            client = authenticate(issuer, await read_form(request), request, authority)
        except TokenRefused as refused:
            return _json({"error": refused.error}, status=refused.status)
        written = issuer.issue(client, issuer=f"{request.url.origin()}{REALM}", now=int(clock()))
        answer = {"access_token": written, "expires_in": LIFETIME, "token_type": "Bearer", "scope": "ror"}
        return _json(answer)

    async def certs(request: web.Request) -> web.Response:
        return _json({"keys": [issuer.key.as_dict(private=False) | {"use": "sig", "alg": issuer.algorithm}]})

    application = web.Application()
    application.router.add_post(TOKEN_PATH, token)
    application.router.add_get(CERTS_PATH, certs)
    return application


async def read_form(request: web.Request) -> dict[str, str]:
    """The parameters of the request: in the body only, none twice (RFC 6749 section 3.2)."""
    if request.content_type != "application/x-www-form-urlencoded" or request.query:
        raise TokenRefused("invalid_request")
    form = await request.post()
    if len(set(form)) != len(form):
        raise TokenRefused("invalid_request")
    return {name: value for name, value in form.items() if isinstance(value, str)}


def authenticate(issuer: Issuer, form: dict[str, str], request: web.Request, authority: Authority) -> Client:
    """The client that proves itself with exactly the means it was registered with."""
    if form.get("grant_type") != "client_credentials":
        raise TokenRefused("unsupported_grant_type" if "grant_type" in form else "invalid_request")
    client_id, secret = _credentials(form, request)
    client = issuer.clients.get(client_id)
    if client is None:
        raise TokenRefused("invalid_client", 401)
    if client.secret is not None:
        if secret is None or not secrets.compare_digest(secret.encode(), client.secret.encode()):
            raise TokenRefused("invalid_client", 401)
        return client
    if secret is not None or not _presents(client, request, authority):
        raise TokenRefused("invalid_client", 401)
    return client


def _credentials(form: dict[str, str], request: web.Request) -> tuple[str, str | None]:
    """The secret of RFC 6749 section 2.3.1: in the body, or by Basic with both halves form-encoded; never both."""
    header = request.headers.get("Authorization")
    if header is None:
        return form.get("client_id", ""), form.get("client_secret")
    if "client_secret" in form:
        raise TokenRefused("invalid_request")
    scheme, _, encoded = header.partition(" ")
    try:
        login, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:
        raise TokenRefused("invalid_client", 401) from error
    if scheme.lower() != "basic" or not colon:
        raise TokenRefused("invalid_client", 401)
    return unquote_plus(login), unquote_plus(password)


def _presents(client: Client, request: web.Request, authority: Authority) -> bool:
    der = peer_certificate(request)
    return der is not None and from_pinned_issuer(der, authority) and sha256(der).hexdigest() == client.sha256


def _json(body: dict[str, Any], *, status: int = 200) -> web.Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json", headers=headers)
