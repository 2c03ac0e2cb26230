"""Pages of a search: an opaque sealed cursor that says where the last page stopped.

The answer has one deterministic order, member then key, so a page is a cut of it and the position of its last match is
all the next one needs: members before it are done, that one resumes after the key, those behind are untouched. The
replica resumes in its index; live members are asked again and their answers cut, which a sealed snapshot would avoid
at the price of a state. The cursor is bound to the question and the caller, and dies with its term.
"""

import base64
import binascii
import hashlib
import secrets

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.federation.exchange import Exchange

_NONCE = 12
LIFE_SECONDS = 900


class Position(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Where a page stopped: the member of its last match, and its key."""

    member: str
    key: str


class PageRequest(msgspec.Struct, frozen=True):
    """The page asked for: so many matches at most, after the position a cursor holds."""

    limit: int
    cursor: str | None = None


class CursorRefused(Exception):
    """A page link cannot be followed: `malformed`, `tampered`, `expired` or `foreign` (another question or caller)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Content(msgspec.Struct, frozen=True, array_like=True):
    question: bytes
    expires: int
    position: Position


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Content).decode


def _fingerprint(exchange: Exchange) -> bytes:
    asked = msgspec.json.encode(
        [exchange.target, exchange.caller.id, exchange.caller.profil, exchange.caller.member, exchange.demande]
    )
    return hashlib.sha256(asked).digest()[:16]


def seal(position: Position, exchange: Exchange, *, key: bytes, now: float, life: float = LIFE_SECONDS) -> str:
    """The cursor of the page that follows a position."""
    content = _encode(_Content(_fingerprint(exchange), int(now + life), position))
    nonce = secrets.token_bytes(_NONCE)
    return _text(nonce + AESGCM(key).encrypt(nonce, content, None))


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(cursor: str, exchange: Exchange, *, key: bytes, now: float) -> Position:
    """The position a cursor holds, for the caller and the question it was made for."""
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CursorRefused("malformed") from None
    if len(sealed) <= _NONCE or _text(sealed) != cursor:
        raise CursorRefused("malformed")
    try:
        content = _decode(AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None))
    except InvalidTag:
        raise CursorRefused("tampered") from None
    if content.expires <= now:
        raise CursorRefused("expired")
    if content.question != _fingerprint(exchange):
        raise CursorRefused("foreign")
    return content.position
