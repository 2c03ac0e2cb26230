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
_ESCAPED_COLON = b"\\u003"
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
    skeleton = _skeleton(data)
    if _depth(skeleton) > DEEPEST:
        raise _refused(data, "too-deep")
    try:
        document = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refused(data, "not-well-formed") from error
    except InvalidOperation as error:
        # An exponent that no decimal can have.
        raise _refused(data, "number") from error
    if not isinstance(document, dict):
        raise JsonRefused("not-an-object")
    if _has_lost(document, data, skeleton):
        raise JsonRefused("duplicate-key")
    return document


def _has_lost(document: dict[str, Any], data: bytes, skeleton: bytes) -> bool:
    """Whether a member of the text is not in the document: its key came twice, and the last one was kept.

    It took its own colon with it at least, and no other character is written with one. Only where an escape may stand
    for a colon are the members counted one by one.
    """
    if _ESCAPED_COLON in data:
        return skeleton.count(b":") != _members(document)
    return data.count(b":") != encode(document).count(b":")


def _refused(data: bytes, code: str) -> JsonRefused:
    """The refusal of bytes that could not be read: they may not even be text."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return JsonRefused("encoding")
    return JsonRefused(code)


def _skeleton(data: bytes) -> bytes:
    """The brackets, as braces, and the colons that stand outside strings."""
    plain = _ESCAPE.sub(b"", data) if b"\\" in data else data
    # Most strings are two quotes by now; where two strings meet, what the removal joins stays inside one string.
    marks = plain.translate(_ONE_SORT_OF_BRACKET, _WITHOUT_STRUCTURE).replace(b'""', b"")
    return _STRING.sub(b"", marks)


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
