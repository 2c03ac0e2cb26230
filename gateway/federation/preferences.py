"""What a caller demands beyond best effort: `Prefer` (RFC 7240) on HTTP, the coverage header block on SOAP."""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

import msgspec
from lxml import etree

from gateway.federation.coverage import NAMESPACE
from gateway.federation.exchange import Requirements, Source


class Handling(StrEnum):
    """What becomes of a search parameter that is not understood."""

    STRICT = "strict"
    LENIENT = "lenient"


class Preferences(msgspec.Struct, frozen=True):
    """What was understood of `Prefer`: `applied` as `Preference-Applied` wants it, `ignored` what is not for us or said
    twice, `unreadable` what is for us, or no preference at all, and cannot be read.
    """

    requirements: Requirements = Requirements()
    handling: Handling | None = None
    applied: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


class DemandUnreadable(Exception):
    """A coverage header block says something that is no demand: `part` is its attribute, or the block itself."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PREFERENCE = re.compile(rf'({_NAME})(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*))?\s*(?:;.*)?', re.DOTALL)
_DEMANDED_SOURCES = {"live": Source.LIVE, "replica": Source.REPLICA}


def _complete(value: str) -> bool | None:
    return True if value == "complete" else None


def _seconds(value: str) -> float | None:
    return float(value) if re.fullmatch(r"[0-9]{1,9}", value) else None


def _handling(value: str) -> Handling | None:
    return Handling(value) if value in set(Handling) else None


_READERS: dict[str, tuple[str, Callable[[str], object | None]]] = {
    "coverage": ("complete", _complete),
    "source": ("source", _DEMANDED_SOURCES.get),
    "max-age": ("maximum_age", _seconds),
    "handling": ("handling", _handling),
}


def read_prefer(headers: Iterable[str]) -> Preferences:
    """What the `Prefer` headers demand; of two values of one preference the first counts (RFC 7240 section 2)."""
    found: dict[str, object] = {}
    applied: list[str] = []
    ignored: list[str] = []
    unreadable: list[str] = []
    for part in (part for header in headers for part in _parts(header)):
        match = _PREFERENCE.fullmatch(part)
        if match is None:
            unreadable.append(part)
            continue
        name, value = match[1].lower(), _value(match[2] or "")
        written = f"{name}={value}" if value else name
        if name not in _READERS or _READERS[name][0] in found:
            ignored.append(written)
            continue
        field, read = _READERS[name]
        understood = read(value)
        if understood is None:
            unreadable.append(written)
        else:
            found[field] = understood
            applied.append(written)
    handling = found.pop("handling", None)
    return Preferences(
        msgspec.convert(found, Requirements),
        handling if isinstance(handling, Handling) else None,
        tuple(applied),
        tuple(ignored),
        tuple(unreadable),
    )


def _parts(header: str) -> Iterator[str]:
    """The parts between commas; one inside a quoted string separates nothing. What is not printable ASCII, which no
    preference may hold, is shown as a question mark: parts are told back to the caller.
    """
    printable = "".join(character if " " <= character <= "~" else "?" for character in header)
    quoted = escaped = False
    ends = []
    for position, character in enumerate(printable):
        if escaped:
            escaped = False
        elif character == "\\" and quoted:
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            ends.append(position)
    start = 0
    for end in (*ends, len(printable)):
        if part := printable[start:end].strip():
            yield part
        start = end + 1


def _value(written: str) -> str:
    return re.sub(r"\\(.)", r"\1", written[1:-1]) if written.startswith('"') else written


def read_block(headers: Iterable[etree._Element]) -> Requirements:
    """What the coverage header block of a SOAP call demands: `complete`, `source`, `max-age`.

    A demand that cannot be read is never taken for best effort: raises `DemandUnreadable`.
    """
    blocks = [block for block in headers if block.tag == f"{{{NAMESPACE}}}Coverage"]
    if len(blocks) > 1:
        raise DemandUnreadable("Coverage")
    # attributes in a namespace are those of SOAP (role, mustUnderstand)
    said = {str(name): str(value).strip() for block in blocks for name, value in block.attrib.items()}
    read = {name: _attribute(name, value) for name, value in said.items() if not name.startswith("{")}
    return Requirements(
        complete=read.get("complete") is True,
        source=read.get("source"),
        maximum_age=read.get("max-age"),
    )


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_ATTRIBUTES: dict[str, Callable[[str], Any]] = {
    "complete": _BOOLEANS.get,
    "source": _DEMANDED_SOURCES.get,
    "max-age": _seconds,
}


def _attribute(name: str, value: str) -> Any:
    understood = _ATTRIBUTES[name](value) if name in _ATTRIBUTES else None
    if understood is None:
        raise DemandUnreadable(name)
    return understood
