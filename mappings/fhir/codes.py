"""What is told of the codes of a resource, read or written, as CSD tells it of its elements: the judgement of
`mappings.nomenclatures`.

The guide ties a value set to a nomenclature at its place, and within one type of resource a nomenclature stands for one
thing: the type and the system tell the binding. A code is carried as it is, whatever is found.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from mappings.exposition.values import Code
from mappings.fhir.doubts import IN_FORCE
from mappings.fhir.notes import Notes
from mappings.fhir.reading.proof import known_slugs
from mappings.fhir.shape import Json
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.bindings import GUIDE, element_of_resource
from mappings.nomenclatures.catalogue import Catalogue, current
from mappings.nomenclatures.judgement import OUTSIDE, Judgement, judge
from mappings.nomenclatures.systems import system_id

# The codes of FHIR itself: of no nomenclature of the sector, held by the validation.
_OF_FHIR = ("http://hl7.org/", "http://terminology.hl7.org/")


def note_codes(resource: Json, notes: Notes, ledger: Ledger, at: date) -> None:
    """Note what is odd about the codes of a resource that was read; count those that nothing held can verify."""
    kind, catalogue = resource["resourceType"], current()
    odd, codings = False, list[Json]()
    _gather(resource, codings)
    for coding in codings:
        found = _judged(catalogue, kind, coding["system"], coding["code"], at)
        if found is not None:
            ledger.unverifiable += found.unverifiable
            odd = odd or found.unknown or found.later or found.outside
    if odd:
        _tell(resource, kind, notes, at)


def note_written(resource: Json, notes: Notes) -> None:
    """Note each code of a resource that the value set which the guide ties to its place is without: it is written."""
    for path, coding in _placed(resource, ""):
        found = _judged(current(), resource["resourceType"], coding["system"], coding["code"], IN_FORCE)
        if found is not None and found.outside:
            notes.note(LossKind.INCONSISTENT, path, f"fhir.{OUTSIDE}", "code", Severity.INFORMATION)


def _tell(resource: Json, kind: str, notes: Notes, at: date) -> None:
    for path, coding in _placed(resource, ""):
        found = _judged(current(), kind, coding["system"], coding["code"], at)
        for what, rule, severity in found.findings() if found is not None else ():
            notes.note(what, path, f"fhir-read.{rule}", "code", severity)


@lru_cache(maxsize=65536)
def _judged(catalogue: Catalogue, kind: str, address: str, text: str, at: date) -> Judgement | None:
    if address.startswith(_OF_FHIR):
        return None
    code = Code(system_id(address).removeprefix("urn:oid:"), text)
    return judge(element_of_resource(kind, code.systeme), code, GUIDE, at)


def _is_coding(value: Json) -> bool:
    return isinstance(value.get("system"), str) and isinstance(value.get("code"), str)


def _gather(value: Json, found: list[Json]) -> None:
    """Add every element below one that holds a system and a code: codings, and the units of quantities.

    On the way of every resource: what a text holds is not looked at, and types are compared, not asked.
    """
    for one in value.values():
        kind = type(one)
        if kind is dict:
            _gather_of(one, found)
        elif kind is list:
            for item in one:
                if type(item) is dict:
                    _gather_of(item, found)


def _gather_of(value: Json, found: list[Json]) -> None:
    if "code" in value and "system" in value and _is_coding(value):
        found.append(value)
    else:
        _gather(value, found)


def _placed(value: Any, path: str) -> Iterator[tuple[str, Json]]:
    """The same, each with the names that lead to it; an extension has its slug when the guide knows it."""
    if isinstance(value, list):
        for item in value:
            yield from _placed(item, path)
    elif isinstance(value, dict):
        if _is_coding(value):
            yield path.removesuffix(".coding").removesuffix(".valueCodeableConcept"), value
            return
        slug = str(value.get("url", "")).rsplit("/", 1)[-1]
        here = f"{path}.{slug}" if slug in known_slugs() else path
        for name, one in value.items():
            if isinstance(one, dict | list):
                yield from _placed(one, f"{here}.{name}" if here else name)
