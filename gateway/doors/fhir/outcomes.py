"""Every refusal of the FHIR door, as an OperationOutcome with the stable code of the gateway (digest section 3)."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from gateway.doors.fhir import bearer
from gateway.doors.fhir.media import Format, negotiate
from gateway.errors import ErrorCode, GatewayError, RequesterError
from gateway.language import choose
from gateway.messages import Language, text
from mappings.fhir.encoding import encode
from mappings.fhir.grammar import SearchRefused
from mappings.fhir.outcome import issue, operation_outcome
from mappings.fhir.parameters import TYPES
from mappings.fhir.xml import ResourceRefused, to_xml

Json = dict[str, Any]

LANGUAGE = web.AppKey("language", Language)
"""The language of callers who ask for none."""

FORMAT = web.RequestKey("format", Format)
"""The form the caller was granted; until then errors are told in the form it seems to want."""

_BY_STATUS = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    408: "timeout",
    413: "too-long",
    415: "not-supported",
    502: "transient",
    503: "transient",
    504: "timeout",
}
_BY_CODE = {
    ErrorCode.UNKNOWN_TYPE: "not-supported",
    ErrorCode.UNKNOWN_PARAMETER: "not-supported",
    ErrorCode.MISSING_HEADER: "required",
    ErrorCode.BAD_PARAMETER: "value",
    ErrorCode.BAD_COUNT: "value",
    ErrorCode.TOO_MANY_PARAMETERS: "too-costly",
    ErrorCode.OVERLOADED: "throttled",
    ErrorCode.INCOMPLETE: "incomplete",
}

_SEARCH_CODES = {
    "unknown-type": ErrorCode.UNKNOWN_TYPE,
    "unknown-parameter": ErrorCode.UNKNOWN_PARAMETER,
    "unknown-include": ErrorCode.UNKNOWN_PARAMETER,
    "count-invalid": ErrorCode.BAD_COUNT,
}


def language_of(request: web.Request) -> Language:
    """The language of the answer."""
    return choose(request.headers.get("Accept-Language"), request.app[LANGUAGE])


def format_of(request: web.Request) -> Format:
    """The form of the answer."""
    granted: Format | None = request.get(FORMAT)
    if granted is not None:
        return granted
    return negotiate(request.headers.get("Accept"), request.query.get("_format")) or Format.JSON


def written(resource: Json, form: Format) -> bytes:
    """The resource in that form; what XML cannot carry is not acceptable rather than altered."""
    if form is Format.JSON:
        return encode(resource)
    try:
        return to_xml(resource)
    except ResourceRefused as error:
        raise RequesterError(ErrorCode.NOT_ACCEPTABLE) from error


def respond_with(content: bytes, form: Format, *, status: int = 200) -> web.Response:
    """A FHIR resource as an HTTP answer."""
    return web.Response(status=status, body=content, content_type=form.value, charset="utf-8")


def render(request: web.Request, error: GatewayError) -> web.Response:
    """The OperationOutcome of an error."""
    return respond(request, error)


def respond(request: web.Request, error: GatewayError, *, issues: Iterable[Json] = ()) -> web.Response:
    """The OperationOutcome of an error, then what else is to be said."""
    language = language_of(request)
    kind = _BY_CODE.get(error.code) or _BY_STATUS.get(error.status, "exception")
    own = issue(kind, error.code.value, text(error, language))
    form = format_of(request)
    outcome = operation_outcome([own, *issues], language.value)
    response = respond_with(written(outcome, form), form, status=error.status)
    challenge = bearer.challenge(error.code)
    if challenge is not None:
        response.headers["WWW-Authenticate"] = challenge
    return response


def search_error(refused: SearchRefused) -> tuple[ErrorCode, dict[str, str]]:
    """The code of a refused search, and the values its message names."""
    code = _SEARCH_CODES.get(refused.code, ErrorCode.BAD_PARAMETER)
    return code, {"parameter": refused.parameter[:100], "cause": refused.code, "known": ", ".join(TYPES)}
