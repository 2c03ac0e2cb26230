"""The token door: client credentials, at the path clients of the national ROR know (digest section 2.1)."""

from typing import Any

import msgspec
from aiohttp import web
from authlib.oauth2.rfc6749 import OAuth2Error

from gateway import telemetry
from gateway.doors import body
from gateway.doors.access_token import AccessTokens
from gateway.doors.frame import CODE, frame
from gateway.doors.token import credentials
from gateway.doors.token.authorization import Authorization
from gateway.errors import GatewayError, RequesterError
from gateway.messages import Language, text
from gateway.trust import TrustInForce

PATH = "/auth/realms/ror/protocol/openid-connect/token"
LARGEST_FORM = 64 * 1024

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenDoor:
    """Answers requests for a token."""

    def __init__(self, trust: TrustInForce, tokens: AccessTokens, *, body_seconds: float) -> None:
        self._trust = trust
        self._authorization = Authorization(trust, tokens)
        self._body_seconds = body_seconds

    def application(self, *, concurrent: int) -> web.Application:
        """The aiohttp application of the door."""
        application = web.Application(middlewares=[frame("token", render, concurrent=concurrent)])
        application.router.add_post(PATH, self.token)
        return application

    async def token(self, request: web.Request) -> web.Response:
        """A token, or the error of RFC 6749 section 5.2."""
        form = await body.read(request, limit=LARGEST_FORM, seconds=self._body_seconds)
        try:
            asked = credentials.read(
                content_type=request.content_type,
                body=form,
                query=request.query_string,
                headers=request.headers,
                peer=self._trust.current.peer(request),
            )
        except OAuth2Error as error:
            return _respond(request, *error(None))
        telemetry.learn(caller=asked.client_id[:64], transaction="token")
        return _respond(request, *self._authorization.create_token_response(asked))


def _respond(request: web.Request, status: int, answer: dict[str, Any], headers: list[tuple[str, str]]) -> web.Response:
    if "error" in answer:
        request[CODE] = str(answer["error"])
    return web.Response(
        status=status,
        body=msgspec.json.encode(answer),
        headers={**dict(headers), **_NO_STORE, "Content-Type": "application/json"},
    )


def render(_request: web.Request, error: GatewayError) -> web.Response:
    """An error that is not one of RFC 6749, in its shape."""
    kind = "invalid_request" if isinstance(error, RequesterError) else "server_error"
    answer = {"error": kind, "error_description": text(error, Language.EN)}
    return web.Response(
        status=error.status, body=msgspec.json.encode(answer), headers=_NO_STORE, content_type="application/json"
    )
