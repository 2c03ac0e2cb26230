"""The token of a request: one `Authorization: Bearer`, nowhere else (RFC 6750; security facts 3.2)."""

from aiohttp import web

from gateway.errors import ErrorCode, NotAuthenticated, RequesterError

REALM = 'Bearer realm="ror"'


def read(request: web.Request) -> str:
    """The token; its absence, its repetition and its presence in the address are three different refusals."""
    if "access_token" in request.query:
        raise RequesterError(ErrorCode.BAD_AUTHORIZATION)
    headers = request.headers.getall("Authorization", [])
    if not headers:
        raise NotAuthenticated(ErrorCode.NO_TOKEN)
    scheme, _, token = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise RequesterError(ErrorCode.BAD_AUTHORIZATION)
    return token.strip()


def challenge(code: ErrorCode) -> str | None:
    """The `WWW-Authenticate` of that refusal (RFC 6750, section 3)."""
    match code:
        case ErrorCode.NO_TOKEN:
            return REALM
        case ErrorCode.INVALID_TOKEN:
            return f'{REALM}, error="invalid_token"'
        case ErrorCode.BAD_AUTHORIZATION:
            return f'{REALM}, error="invalid_request"'
        case ErrorCode.PROFILE_NOT_GRANTED | ErrorCode.CLIENT_NOT_LISTED:
            return f'{REALM}, error="insufficient_scope"'
        case _:
            return None
