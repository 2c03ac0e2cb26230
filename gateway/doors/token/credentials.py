"""Who asks for a token, and with what: the form and the headers of the request (RFC 6749, sections 2.3 and 4.4)."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from multidict import CIMultiDictProxy

from whitelist.identity import PeerCertificate

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One request for a token."""

    grant_type: str
    client_id: str
    secret: str | None = field(repr=False)
    scope: str | None
    peer: PeerCertificate | None


def read(
    *, content_type: str, body: bytes, query: str, headers: CIMultiDictProxy[str], peer: PeerCertificate | None
) -> TokenRequest:
    """The request those bytes make; raises the error of RFC 6749 section 5.2 when it is not one."""
    if query or content_type != FORM:
        raise InvalidRequestError(description="The parameters are sent in a form body.")
    form = _form(body)
    basic = _basic(headers.getall("Authorization", []))
    if basic is not None and "client_secret" in form:
        raise InvalidRequestError(description="Two ways of authentication were used.")
    if "grant_type" not in form:
        raise InvalidRequestError(description="grant_type is missing.")
    client_id, secret = basic or (form.get("client_id", ""), form.get("client_secret"))
    if not client_id or form.get("client_id", client_id) != client_id:
        raise InvalidRequestError(description="client_id is missing or contradicts itself.")
    return TokenRequest(form["grant_type"], client_id, secret, form.get("scope"), peer)


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), errors="strict")
    except ValueError as error:
        raise InvalidRequestError(description="The form is malformed.") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise InvalidRequestError(description="A parameter is repeated.")
    return form


def _basic(authorizations: Sequence[str]) -> tuple[str, str] | None:
    if not authorizations:
        return None
    scheme, _, encoded = authorizations[0].partition(" ")
    if len(authorizations) > 1 or scheme.lower() != "basic":
        raise InvalidRequestError(description="One Basic Authorization header is expected.")
    try:
        client_id, separator, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidClientError(status_code=401) from error
    if not separator:
        raise InvalidClientError(status_code=401)
    return unquote_plus(client_id), unquote_plus(secret)
