"""The authorisation server: Authlib's client credentials grant over the clients of the federation document.

Authlib decides the flow and words the errors; this module only tells it who the clients are, how each proves its
identity (a secret for profile 0, a listed certificate for the others, RFC 8705) and how a token is made.
"""

import hmac
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientCredentialsGrant, ClientMixin, InvalidClientError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request

from gateway.doors.access_token import SCOPE, AccessTokens
from gateway.doors.token.credentials import TokenRequest
from gateway.trust import TrustInForce
from whitelist.document import OAuthClient

SECRET_METHODS = ("client_secret_basic", "client_secret_post")
CERTIFICATE_METHOD = "tls_client_auth"
GRANT = "client_credentials"

Answered = tuple[int, dict[str, Any], list[tuple[str, str]]]


class ListedClient(ClientMixin):  # type: ignore[misc] # Authlib is untyped
    """A client of the federation document, as Authlib wants to see it."""

    def __init__(self, entry: OAuthClient) -> None:
        self.entry = entry

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == CERTIFICATE_METHOD) == (self.entry.secret_sha256 is None)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT

    def check_client_secret(self, secret: str) -> bool:
        expected = self.entry.secret_sha256 or ""
        return hmac.compare_digest(sha256(secret.encode()).hexdigest(), expected.lower())


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc] # Authlib is untyped
    """The only grant: programs that act for themselves."""

    TOKEN_ENDPOINT_AUTH_METHODS = [*SECRET_METHODS, CERTIFICATE_METHOD]  # noqa: RUF012 - Authlib's attribute


class FormRequest(OAuth2Request):  # type: ignore[misc] # Authlib is untyped
    """A request already read; `asked` is what the authentication methods look at."""

    def __init__(self, asked: TokenRequest) -> None:
        super().__init__("POST", "https://localhost/token")
        self.asked = asked
        form = {"grant_type": asked.grant_type, "client_id": asked.client_id}
        self.payload = BasicOAuth2Payload(form if asked.scope is None else {**form, "scope": asked.scope})


@dataclass(frozen=True, slots=True)
class Proof:
    """The ways to prove an identity, with the trust they rest on."""

    trust: TrustInForce

    def by_secret(self, query_client: Any, request: FormRequest) -> ListedClient | None:
        """The client whose secret was sent."""
        client: ListedClient | None = query_client(request.asked.client_id)
        secret = request.asked.secret
        return client if client and secret and client.check_client_secret(secret) else None

    def by_certificate(self, query_client: Any, request: FormRequest) -> ListedClient | None:
        """The client for which the certificate of the connection is listed, and not revoked."""
        client: ListedClient | None = query_client(request.asked.client_id)
        peer = request.asked.peer
        if client is None or peer is None or request.asked.secret is not None:
            return None
        return client if self.trust.current.proves(peer, client.entry.client_id, datetime.now(UTC)) else None


class Authorization(AuthorizationServer):  # type: ignore[misc] # Authlib is untyped
    """Tokens for the clients of the federation document."""

    def __init__(self, trust: TrustInForce, tokens: AccessTokens) -> None:
        super().__init__(scopes_supported=[SCOPE])
        self._trust = trust
        self._tokens = tokens
        self.register_grant(ClientCredentials)
        self.register_token_generator("default", self._token)
        proof = Proof(trust)
        for method in SECRET_METHODS:
            self.register_client_auth_method(method, proof.by_secret)
        self.register_client_auth_method(CERTIFICATE_METHOD, proof.by_certificate)

    def query_client(self, client_id: str) -> ListedClient | None:
        entry = self._trust.current.client(client_id)
        return None if entry is None else ListedClient(entry)

    def save_token(self, token: dict[str, Any], request: FormRequest) -> None:
        """Tokens carry what they grant: none is kept."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens to Authlib's signals."""

    def create_oauth2_request(self, request: TokenRequest) -> FormRequest:
        return FormRequest(request)

    def handle_error_response(self, request: FormRequest, error: Exception) -> Answered:
        """An unknown client and a wrong proof read the same."""
        if isinstance(error, InvalidClientError):
            error = InvalidClientError(status_code=401, description="Client authentication failed.")
        answered: Answered = super().handle_error_response(request, error)
        return answered

    def handle_response(self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]) -> Answered:
        return status, body, headers

    def _token(self, *, client: ListedClient, **_: Any) -> dict[str, Any]:
        identifier = str(uuid.uuid4())
        return {
            "access_token": self._tokens.issue(client.entry.client_id, now=int(time.time()), identifier=identifier),
            "token_type": "Bearer",
            "expires_in": self._tokens.lifetime,
            "scope": SCOPE,
        }
