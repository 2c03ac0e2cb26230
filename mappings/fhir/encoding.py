"""JSON of FHIR: numbers keep their precision, and what a lenient parser would let through is refused."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from mappings.pauses import without_collection

DEEPEST = 64

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_COLONS, _BRACKETS = b':"', b'{}[]"'
_ALL_BUT = {marks: bytes(set(range(256)) - set(marks)) for marks in (_COLONS, _BRACKETS)}
_ONE_SORT_OF_BRACKET = bytes.maketrans(b"[]", b"{}")
_ESCAPED_COLON = b"\\u003"
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_NO_MEMBERS: dict[str, msgspec.Raw] = {}
_NO_ITEMS: list[msgspec.Raw] = []


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
    if _depth(_outside_strings(data, _BRACKETS)) > DEEPEST:
        raise _refused(data, "too-deep")
    try:
        document, written = _read(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refused(data, "not-well-formed") from error
    except InvalidOperation as error:
        # An exponent that no decimal can have.
        raise _refused(data, "number") from error
    if not isinstance(document, dict):
        raise JsonRefused("not-an-object")
    if _has_lost(document, data, written):
        raise JsonRefused("duplicate-key")
    return document


def _read(data: bytes) -> tuple[Any, bytes]:
    """The value of a text, and the text of that value.

    The entries of a Bundle are written again one by one, each as soon as it is read: what has just been made is still
    in the caches of the processor, and a whole Bundle is not.
    """
    members, entries = _apart(data)
    if not entries:
        whole = _DECODER.decode(data)
        return whole, encode(whole)
    document: dict[str, Any] = {}
    again: dict[str, Any] = {}
    for name, member in members.items():
        if name == "entry":
            read = [_piece(entry) for entry in entries]
            document[name], again[name] = [value for value, _ in read], [text for _, text in read]
        else:
            document[name], again[name] = _piece(member)
    return document, encode(again)


def _piece(raw: msgspec.Raw) -> tuple[Any, msgspec.Raw]:
    """A value, and its text: the text that was read, when it is the same, so that two are not kept."""
    value = _DECODER.decode(raw)
    written = msgspec.Raw(encode(value))
    return value, raw if raw == written else written


def _apart(data: bytes) -> tuple[dict[str, msgspec.Raw], list[msgspec.Raw]]:
    """The members of a Bundle and its entries, each as its text; none of a text that is no Bundle, or no JSON."""
    try:
        members = _MEMBERS.decode(data)
        return members, _ITEMS.decode(members["entry"]) if "entry" in members else _NO_ITEMS
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _NO_MEMBERS, _NO_ITEMS


def _has_lost(document: dict[str, Any], data: bytes, written: bytes) -> bool:
    """Whether a member of the text is not in the document: its key came twice, and the last one was kept.

    A text that is written again as it stands has lost nothing: so is nearly all that programs exchange. Of the others,
    a lost member took its own colon with it at least, and no other character is written with one. Only where an escape
    may stand for a colon are the members counted one by one.
    """
    if written == data:
        return False
    if _ESCAPED_COLON in data:
        return _outside_strings(data, _COLONS).count(b":") != _members(document)
    return data.count(b":") != written.count(b":")


def _refused(data: bytes, code: str) -> JsonRefused:
    """The refusal of bytes that could not be read: they may not even be text."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return JsonRefused("encoding")
    return JsonRefused(code)


def _outside_strings(data: bytes, marks: bytes) -> bytes:
    """The marks, of which the quote is one, that stand outside strings; brackets of both sorts are braces."""
    plain = _ESCAPE.sub(b"", data) if b"\\" in data else data
    # Most strings are two quotes by now; where two strings meet, what the removal joins stays inside one string.
    found = plain.translate(_ONE_SORT_OF_BRACKET, _ALL_BUT[marks]).replace(b'""', b"")
    return _STRING.sub(b"", found) if b'"' in found else found


def _depth(brackets: bytes) -> int:
    """How many brackets stand open at once; the count stops above the deepest accepted."""
    for depth in range(DEEPEST + 1):
        outer = brackets.replace(b"{}", b"")
        if outer == brackets:
            return depth + brackets.count(b"{")
        brackets = outer
    return DEEPEST + 1


def _members(value: Any) -> int:
    """How many members the objects of a tree hold: fewer than colons in its text when a key came twice."""
    if isinstance(value, dict):
        return len(value) + sum(_members(member) for member in value.values())
    if isinstance(value, list):
        return sum(_members(item) for item in value)
    return 0
