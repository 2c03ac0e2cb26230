"""The resources that the national reference server holds, with their technical ids and what links them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from conformance.reference.dataset import EstablishmentContent
from conformance.reference.national.elements import CANONICAL, Json
from conformance.reference.national.organisations import Written
from conformance.reference.national.resources import write

MEDICO_SOCIAL = "04"
CITY_CARE = "05"
SENSITIVE = f"{CANONICAL}/ror-healthcareservice-sensitive-unit"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the access rules need to know of a resource: its offers' sensitivity and fields of activity (section 10)."""

    sensitive: bool = False
    fields: frozenset[str] = frozenset()

    def joined(self, other: "Standing") -> "Standing":
        """The standing of something that belongs to both."""
        return Standing(self.sensitive or other.sensitive, self.fields | other.fields)


class Store:
    """Resources by reference (`HealthcareService/508875`), in the order of their types and ids."""

    def __init__(self, contents: Iterable[EstablishmentContent]) -> None:
        newest: dict[tuple[str, str], Written] = {}
        for written in (one for content in contents for one in write(content)):
            known = newest.get((written.kind, written.key))
            if known is None or known.body["meta"]["lastUpdated"] < written.body["meta"]["lastUpdated"]:
                newest[written.kind, written.key] = written
        self._ids = technical_ids(newest)
        resources = (self._resource(written) for written in newest.values())
        self.resources: dict[str, Json] = dict(sorted(resources, key=lambda item: _order(item[0])))
        self.standings = dict(self._standings())

    def _resource(self, written: Written) -> tuple[str, Json]:
        number = self._ids[written.kind, written.key]
        body = {"resourceType": written.kind, "id": number} | _with_ids(written.body, self._ids)
        return f"{written.kind}/{number}", body

    def _standings(self) -> Iterator[tuple[str, Standing]]:
        gathered: dict[str, Standing] = {}
        for reference, resource in self.resources.items():
            if resource["resourceType"] != "HealthcareService":
                continue
            own = Standing(is_sensitive(resource), frozenset(codes(resource["type"])))
            gathered[reference] = own
            for target in (*references(resource, "location"), *ancestors(self.resources, resource)):
                gathered[target] = gathered.get(target, Standing()).joined(own)
        for reference, resource in self.resources.items():
            if resource["resourceType"] != "PractitionerRole":
                continue
            offers = references(resource, "healthcareService")
            for target in (reference, *references(resource, "practitioner")):
                for offer in offers:
                    gathered[target] = gathered.get(target, Standing()).joined(gathered[offer])
        yield from gathered.items()

    def standing(self, reference: str) -> Standing:
        """The standing of a resource; one that hangs on no offer is neither sensitive nor of any field."""
        return self.standings.get(reference, Standing())


def technical_ids(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Numeric ids local to the server: drawn from the natural key, so that every start gives the same."""
    taken: set[tuple[str, int]] = set()
    ids: dict[tuple[str, str], str] = {}
    for kind, key in sorted(keys):
        number = 100_000 + int.from_bytes(sha256(f"{kind}/{key}".encode()).digest()[:5]) % 900_000_000
        while (kind, number) in taken:
            number += 1
        taken.add((kind, number))
        ids[kind, key] = str(number)
    return ids


def _order(reference: str) -> tuple[str, int]:
    kind, _, number = reference.partition("/")
    return kind, int(number)


def _with_ids(value: Any, ids: dict[tuple[str, str], str]) -> Any:
    if isinstance(value, list):
        return [_with_ids(one, ids) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"reference"}:
        kind, _, key = value["reference"].partition("/")
        return {"reference": f"{kind}/{ids[kind, key]}"}
    return {name: _with_ids(one, ids) for name, one in value.items()}


def references(resource: Json, element: str) -> list[str]:
    """The references of a first-level element, single or repeated."""
    value = resource.get(element, [])
    return [one["reference"] for one in (value if isinstance(value, list) else [value])]


def ancestors(resources: dict[str, Json], resource: Json) -> Iterator[str]:
    """The provider of an offer (or an organisation's parent) and everything above it."""
    above = references(resource, "providedBy") or references(resource, "partOf")
    while above:
        yield above[0]
        above = references(resources[above[0]], "partOf")


def codes(concepts: Iterable[Json]) -> list[str]:
    """The codes of a list of CodeableConcepts."""
    return [coding["code"] for concept in concepts for coding in concept["coding"]]


def is_sensitive(offer: Json) -> bool:
    """Whether the whole offer is confidential."""
    return any(one["url"] == SENSITIVE and one["valueBoolean"] for one in offer["extension"])
