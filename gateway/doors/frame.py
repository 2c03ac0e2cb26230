"""What every door does around an exchange: name it, count it, tell its errors in the door's protocol, log it once."""

import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import HttpVersion10, web
from aiohttp.typedefs import Handler, Middleware

from gateway import telemetry
from gateway.errors import ErrorCode, GatewayError, GatewayFault, RequesterError

EXCHANGE_HEADER = "X-Request-Id"
EXCHANGE = web.RequestKey("exchange", str)
CODE = web.RequestKey("code", str)
"""The code of a refusal that is not an error of ours (a functional refusal of the contract): told by the log."""

Render = Callable[[web.Request, GatewayError], web.StreamResponse]

RETRY_SECONDS = "1"
SERVER = "inter-ror"


def frame(door: str, render: Render, *, concurrent: int) -> Middleware:
    """The outermost layer of a door."""
    running = 0

    @web.middleware
    async def exchange(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal running
        started = time.monotonic()
        request[EXCHANGE] = str(uuid.uuid4())
        telemetry.begin(request[EXCHANGE], door=door)
        running += 1
        try:
            response, code, failure = await _answer(request, handler, render, full=running > concurrent)
        finally:
            running -= 1
        response.headers[EXCHANGE_HEADER] = request[EXCHANGE]
        response.headers["Server"] = SERVER
        elapsed = (time.monotonic() - started) * 1000
        telemetry.ended(code=code, status=response.status, elapsed_ms=elapsed, failure=failure)
        return response

    return exchange


async def _answer(
    request: web.Request, handler: Handler, render: Render, *, full: bool
) -> tuple[web.StreamResponse, str, BaseException | None]:
    failure: BaseException | None = None
    try:
        if full:
            raise GatewayFault(ErrorCode.OVERLOADED)
        _refuse_version(request)
        _refuse_expectation(request)
        response = await handler(request)
        return response, request.get(CODE, "ok"), None
    except GatewayError as raised:
        error = raised
    except web.HTTPException as raised:
        error = _translated(raised)
    except Exception as raised:  # our own fault, whatever it is, is still told in the caller's protocol
        error, failure = GatewayFault(ErrorCode.INTERNAL), raised
    response = render(request, error)
    if "allow" in error.values:
        response.headers["Allow"] = error.values["allow"]
    if error.status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}:
        response.headers.setdefault("Retry-After", RETRY_SECONDS)
    return response, error.code.value, failure


def _refuse_version(request: web.Request) -> None:
    """Refuse HTTP/0.9, which has no headers and which the library reads all the same."""
    if request.version < HttpVersion10:
        raise RequesterError(ErrorCode.BAD_HTTP)


def _refuse_expectation(request: web.Request) -> None:
    """Refuse an expectation other than the one HTTP defines; `gateway.connections` lets them come here."""
    expected = (value for name, value in request.raw_headers if name.lower() == b"expect")
    if any(value.strip().lower() != b"100-continue" for value in expected):
        raise RequesterError(ErrorCode.EXPECTATION_FAILED)


def _translated(raised: web.HTTPException) -> GatewayError:
    match raised.status:
        case HTTPStatus.NOT_FOUND:
            return RequesterError(ErrorCode.UNKNOWN_ADDRESS)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return RequesterError(ErrorCode.METHOD_NOT_ALLOWED, allow=raised.headers["Allow"])
        case _:
            return RequesterError(ErrorCode.BAD_HTTP)
