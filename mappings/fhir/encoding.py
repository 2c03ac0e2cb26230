"""JSON of FHIR: numbers keep their precision, and what a lenient parser would let through is refused."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from mappings.pauses import without_collection

DEEPEST = 64

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_WITHOUT_STRUCTURE = bytes(set(range(256)) - set(b'{}[]:"'))
_ONE_SORT_OF_BRACKET = bytes.maketrans(b"[]", b"{}")
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


class JsonRefused(ValueError):
    """A body that is not the JSON object of a resource.

    `code` is `encoding`, `too-deep`, `not-well-formed`, `number`, `duplicate-key` or `not-an-object`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def encode(resource: Any) -> bytes:
    """The resource, or a fragment of one, as JSON; a Decimal is written as the number it is, digit by digit."""
    return _ENCODER.encode(resource)


@without_collection
def decode(data: bytes) -> dict[str, Any]:
    """The JSON object of `data`; a number with a fraction or an exponent is a Decimal."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonRefused("encoding") from error
    skeleton = _skeleton(data)
    if _depth(skeleton) > DEEPEST:
        raise JsonRefused("too-deep")
    try:
        document = _DECODER.decode(data)
    except msgspec.DecodeError as error:
        raise JsonRefused("not-well-formed") from error
    except InvalidOperation as error:
        # An exponent that no decimal can have.
        raise JsonRefused("number") from error
    if not isinstance(document, dict):
        raise JsonRefused("not-an-object")
    if skeleton.count(b":") != _members(document):
        raise JsonRefused("duplicate-key")
    return document


def _skeleton(data: bytes) -> bytes:
    """The brackets, as braces, and the colons that stand outside strings."""
    plain = _ESCAPE.sub(b"", data) if b"\\" in data else data
    return _STRING.sub(b"", plain.translate(_ONE_SORT_OF_BRACKET, _WITHOUT_STRUCTURE))


def _depth(skeleton: bytes) -> int:
    """How many brackets stand open at once; the count stops above the deepest accepted."""
    pairs = skeleton.replace(b":", b"")
    for depth in range(DEEPEST + 1):
        outer = pairs.replace(b"{}", b"")
        if outer == pairs:
            return depth + pairs.count(b"{")
        pairs = outer
    return DEEPEST + 1


def _members(value: Any) -> int:
    """How many members the objects of a tree hold: fewer than colons in its text when a key came twice."""
    if isinstance(value, dict):
        return len(value) + sum(_members(member) for member in value.values())
    if isinstance(value, list):
        return sum(_members(item) for item in value)
    return 0
