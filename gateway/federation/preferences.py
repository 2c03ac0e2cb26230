"""What a caller demands beyond best effort: `Prefer` (RFC 7240) on HTTP, the coverage header block on SOAP."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec
from lxml import etree

from gateway.federation.coverage import NAMESPACE
from gateway.federation.exchange import Requirements, Source


class Handling(StrEnum):
    """What becomes of a search parameter that is not understood."""

    STRICT = "strict"
    LENIENT = "lenient"


class Preferences(msgspec.Struct, frozen=True):
    """What was understood of `Prefer`: `applied` as `Preference-Applied` wants it, `ignored` the rest."""

    requirements: Requirements = Requirements()
    handling: Handling | None = None
    applied: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


_PREFERENCE = re.compile(
    r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?((?:"[^"]*"|[^,"])*)(?:,|\Z)'
)
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
    for name, value in _preferences(headers):
        field, read = _READERS.get(name, ("", _unknown))
        understood = None if field in found else read(value)
        written = f"{name}={value}" if value else name
        if understood is None:
            ignored.append(written)
        else:
            found[field] = understood
            applied.append(written)
    handling = found.pop("handling", None)
    return Preferences(
        msgspec.convert(found, Requirements),
        handling if isinstance(handling, Handling) else None,
        tuple(applied),
        tuple(ignored),
    )


def _unknown(_value: str) -> None:
    return None


def _preferences(headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    for header in headers:
        for match in _PREFERENCE.finditer(header):
            value = match[2] or ""
            if value.startswith('"'):
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            yield match[1].lower(), value


def read_block(headers: Iterable[etree._Element]) -> Requirements:
    """What the coverage header block of a SOAP call demands: `complete`, `source`, `max-age`."""
    for block in headers:
        if block.tag == f"{{{NAMESPACE}}}Coverage":
            return _block_requirements({str(name): str(value) for name, value in block.attrib.items()})
    return Requirements()


def _block_requirements(attributes: Mapping[str, str]) -> Requirements:
    return Requirements(
        complete=attributes.get("complete", "") in {"true", "1"},
        source=_DEMANDED_SOURCES.get(attributes.get("source", "")),
        maximum_age=_seconds(attributes.get("max-age", "")),
    )
