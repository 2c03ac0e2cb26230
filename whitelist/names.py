"""Distinguished names: one list of (attribute, value) pairs for every way a name is written (security facts 1.4).

Names are compared as lists, in certificate order, each value exactly: never as text, never by their last OU.
"""

import re
from collections.abc import Iterator

from whitelist.document import Subject


class NotADistinguishedName(Exception):
    """The text is not one name with one value in each part."""


# the spellings of other writers (.NET, Java, OpenSSL) for the attributes of these certificates
_SPELLINGS = {
    "S": "ST",
    "SP": "ST",
    "G": "GN",
    "T": "TITLE",
    "E": "EMAIL",
    "EMAILADDRESS": "EMAIL",
    "OID.2.5.4.3": "CN",
    "OID.2.5.4.6": "C",
    "OID.2.5.4.8": "ST",
    "OID.2.5.4.10": "O",
    "OID.2.5.4.11": "OU",
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
}
_ATTRIBUTE = r"(?:OID\.)?[A-Za-z0-9][A-Za-z0-9.-]*"
_SLASH_PART = re.compile(rf"/({_ATTRIBUTE})=")
_KEY = re.compile(rf" *({_ATTRIBUTE}) *= *")
_BLANKS = re.compile(" *")
_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{2})|\\(.)", re.DOTALL)
_BYTE = re.compile(r"\\x([0-9A-Fa-f]{2})")
_STRINGS = {0x0C: "utf-8", 0x13: "ascii", 0x16: "ascii", 0x1E: "utf-16-be"}
"""The DER tags of the strings of a name: UTF8String, PrintableString, IA5String, BMPString."""
_SPECIAL = re.compile(r'([,+"\\<>;=])')


def attribute(name: str) -> str:
    """The short name of an attribute, however it is spelt."""
    upper = name.upper()
    return _SPELLINGS.get(upper, upper)


def same_name(first: Subject, second: Subject) -> bool:
    """Whether two names have the same attributes with the same values in the same order."""
    return _normal(first) == _normal(second)


def _normal(subject: Subject) -> Subject:
    return tuple((attribute(name), value) for name, value in subject)


def parse_dn(text: str) -> Subject:
    """The pairs of a name in certificate order (C first), from its RFC 4514, Java or slash form."""
    parts = tuple(_slashed(text) if text.startswith("/") else _separated(text))
    # RFC 4514 writes a name from its end
    return parts[::-1] if parts[0][0] == "CN" else parts


def _slashed(text: str) -> Iterator[tuple[str, str]]:
    starts = [*_SLASH_PART.finditer(text)]
    if not starts or starts[0].start() != 0:
        raise NotADistinguishedName("slash form without a first attribute")
    ends = [start.start() for start in starts[1:]] + [len(text)]
    for start, end in zip(starts, ends, strict=True):
        yield attribute(start[1]), _one_line(text[start.end() : end])


def _one_line(value: str) -> str:
    """A value as OpenSSL writes it on one line: what is not ASCII is \\xHH."""
    try:
        return _BYTE.sub(lambda byte: chr(int(byte[1], 16)), value).encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        # Written as it is, by a tool that escapes nothing.
        return value


def _separated(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while True:
        key = _KEY.match(text, position)
        if key is None:
            raise NotADistinguishedName(f"no attribute at {position}")
        read = _quoted if text.startswith('"', key.end()) else _plain
        value, position = read(text, key.end())
        yield attribute(key[1]), value
        if position == len(text):
            return
        if text[position] not in ",;":
            raise NotADistinguishedName(f"several values in one part at {position}")
        position += 1


def _quoted(text: str, start: int) -> tuple[str, int]:
    position = start + 1
    while position < len(text) and text[position] != '"':
        position += 2 if text[position] == "\\" else 1
    if position >= len(text):
        raise NotADistinguishedName("quote without end")
    value = _unescaped(text[start + 1 : position])
    rest = _BLANKS.match(text, position + 1)
    return value, rest.end() if rest is not None else position + 1


def _plain(text: str, start: int) -> tuple[str, int]:
    position = start
    while position < len(text) and text[position] not in ',;+"':
        position += 2 if text[position] == "\\" else 1
    if text.startswith('"', position):
        raise NotADistinguishedName(f"value not understood at {start}")
    if text.startswith("#", start):
        return _from_der(text[start + 1 : position].rstrip(" ")), min(position, len(text))
    return _unescaped(text[start:position]), min(position, len(text))


def _from_der(digits: str) -> str:
    """The value that hexadecimal digits hold as a DER string (RFC 4514 section 2.4): stacks write unknown types so."""
    try:
        encoded = bytes.fromhex(digits)
        # No value of these certificates needs the long form of a length.
        if len(encoded) < 2 or encoded[1] > 127 or encoded[1] != len(encoded) - 2:
            raise NotADistinguishedName("length of a value")
        return encoded[2:].decode(_STRINGS[encoded[0]])
    except (ValueError, KeyError) as error:
        raise NotADistinguishedName("value is no string") from error


def _unescaped(value: str) -> str:
    """The value without its escapes; runs of \\xx are UTF-8."""
    raw = bytearray()
    position = 0
    for escape in _ESCAPED.finditer(value):
        raw += value[position : escape.start()].encode()
        raw += bytes.fromhex(escape[1]) if escape[1] is not None else escape[2].encode()
        position = escape.end()
    raw += value[position:].encode()
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise NotADistinguishedName("escapes are not UTF-8") from error


def write_dn(subject: Subject) -> str:
    """The RFC 4514 text of a name, as the issuer of an assertion is written (contract section 17)."""
    return ",".join(f"{attribute(name)}={_escaped(value)}" for name, value in reversed(subject))


def _escaped(value: str) -> str:
    text = _SPECIAL.sub(r"\\\1", value).replace("\0", "\\00")
    if text.startswith((" ", "#")):
        text = f"\\{text}"
    return f"{text[:-1]}\\ " if value.endswith(" ") and len(value) > 1 else text
