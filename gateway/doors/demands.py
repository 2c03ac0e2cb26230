"""What a caller demands beyond best effort: `Prefer`, or the SOAP header block that says the same (docs/coverage.md)."""

from collections.abc import Iterable, Mapping

from lxml import etree

from gateway.errors import ErrorCode, RequesterError
from gateway.federation.exchange import Requirements, Source
from mappings.csd.soap import COVERAGE

STRICT = "strict"

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_SOURCES = {source.value: source for source in (Source.LIVE, Source.REPLICA)}


def preferences(headers: Iterable[str]) -> dict[str, str]:
    """The preferences of every `Prefer` header (RFC 7240); the first of a name counts."""
    named: dict[str, str] = {}
    for header in headers:
        for preference in header.split(","):
            name, _, value = preference.split(";", maxsplit=1)[0].partition("=")
            named.setdefault(name.strip().lower(), value.strip().strip('"').lower())
    return named


def from_preferences(preferred: Mapping[str, str]) -> Requirements:
    """The demands of a FHIR caller."""
    coverage = preferred.get("coverage")
    if coverage not in {None, "complete", "best-effort"}:
        raise RequesterError(ErrorCode.BAD_COVERAGE_DEMAND)
    return Requirements(
        coverage == "complete", _source(preferred.get("source")), maximum_age=_age(preferred.get("max-age"))
    )


def from_headers(headers: Iterable[etree._Element]) -> Requirements:
    """The demands of a SOAP caller."""
    block = next((header for header in headers if header.tag == COVERAGE), None)
    if block is None:
        return Requirements()
    complete = block.get("complete", "false").strip()
    if complete not in _TRUTHS:
        raise RequesterError(ErrorCode.BAD_COVERAGE_DEMAND)
    return Requirements(_TRUTHS[complete], _source(block.get("source")), maximum_age=_age(block.get("max-age")))


def _source(value: str | None) -> Source | None:
    if value is None:
        return None
    if value not in _SOURCES:
        raise RequesterError(ErrorCode.BAD_COVERAGE_DEMAND)
    return _SOURCES[value]


def _age(value: str | None) -> float | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise RequesterError(ErrorCode.BAD_COVERAGE_DEMAND)
    return float(value)
