"""Which value set an element takes its codes from, per version of the contract (section 13) and of the FHIR guide."""

import re
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

import msgspec

from mappings.exposition.values import Code
from mappings.nomenclatures.catalogue import DATA, Catalogue, current, rows
from mappings.nomenclatures.tables import Concept, table, value_set

GUIDE = "0.7.0"
"""The version of the FHIR guide that the bindings speak of."""


class Membership(StrEnum):
    """`unverifiable`: the value set in force on that day, or the binding of that element, is not held."""

    MEMBER = "member"
    OUTSIDE = "outside"
    UNVERIFIABLE = "unverifiable"


class Binding(msgspec.Struct, frozen=True):
    """One tie of an element to tables, and to a value set of them; without `value_set`, to the whole tables.

    `versions` are those of the contract (`2.4`) or of the FHIR guide (`0.7.0`); `since` and `until` bound the days on
    which a value set that was replaced was the one in force.
    """

    element: str
    systems: tuple[str, ...]
    value_set: str | None
    versions: tuple[str, ...]
    since: date
    until: date
    strength: str
    note: str

    def applies(self, version: str, at: date) -> bool:
        """Whether it is the tie of that version on that day."""
        return version in self.versions and self.since <= at < self.until


@cache
def bindings() -> tuple[Binding, ...]:
    """Every tie, in the order of the contract, then of the guide."""
    return tuple(
        Binding(
            element=row["element"],
            systems=tuple(row["systems"].split()),
            value_set=row["value_set"] or None,
            versions=tuple(row["versions"].split()),
            since=date.fromisoformat(row["since"]) if row["since"] else date.min,
            until=date.fromisoformat(row["until"]) if row["until"] else date.max,
            strength=row["strength"],
            note=row["note"],
        )
        for row in rows(DATA / "bindings.csv")
    )


@cache
def bindings_of(element: str) -> tuple[Binding, ...]:
    """The ties of an element: the name on the wire (`service/codedType`) or in the guide (`HealthcareService.type`)."""
    return tuple(binding for binding in bindings() if binding.element == element)


# The places of section 13 that have other names on the wire.
_PLACES = {"interventionZone": "division", "healthCareTerritorial": "division"}


@cache
def element_of_resource(kind: str, system: str) -> str | None:
    """The element of a type of resource that the guide ties to a nomenclature, else one of another type, if any."""
    tied = [one.element for one in bindings() if GUIDE in one.versions and system in one.systems]
    own = (element for element in tied if element.startswith((f"{kind}.", "*.")))
    return next(own, tied[0] if tied else None)


@cache
def element_of(parent: str, name: str, system: str) -> str | None:
    """The name that contract section 13 gives to the place of a coded element; None when it speaks of none.

    Two levels name it when one does not (`service/codedType`); where the parent is another than in that table, the
    nomenclature tells the place.
    """
    whole = f"{_PLACES.get(parent, parent)}/{name}"
    contract = [binding for binding in bindings() if GUIDE not in binding.versions]
    known = {binding.element for binding in contract}
    if whole in known or name in known:
        return whole if whole in known else name
    others = (one.element for one in contract if system in one.systems and one.element.endswith(f"/{name}"))
    return next(others, None)


def in_binding(element: str, code: Code, version: str, at: date) -> Membership:
    """Whether an element may take a code in that version on that day.

    An element may have several ties: the code is judged by that of its own table. A code of a NOS table that no tie
    names is outside; one of a table of a region, or of an element that has no tie in that version, cannot be judged.
    """
    tied = _tied(current(), element, version, min(at, _LAST_DAY))
    if tied is None:
        return Membership.UNVERIFIABLE
    return Membership.MEMBER if code.cle in tied.members else _not_member(tied, code, at)


class _Tied(msgspec.Struct, frozen=True):
    """The ties of an element in a version on a day, and every code that they allow for certain."""

    ties: tuple[Binding, ...]
    members: frozenset[tuple[str, str]]


_LAST_DAY = date(9999, 12, 30)
_NUMBER = re.compile(r"[A-Z]\d{2,3}\Z")


@lru_cache(maxsize=4096)
def _tied(catalogue: Catalogue, element: str, version: str, at: date) -> _Tied | None:
    ties = tuple(binding for binding in bindings_of(element) if binding.applies(version, at))
    return _Tied(ties, frozenset().union(*(_allowed(binding, at) for binding in ties))) if ties else None


def _allowed(binding: Binding, at: date) -> frozenset[tuple[str, str]]:
    """The codes of the value set that belong to the tables of the tie: J35 holds one that does not."""
    if binding.value_set is None:
        return frozenset((system, code) for system in binding.systems for code in table(system) or ())
    return frozenset(pair for pair in value_set(binding.value_set, at) or () if pair[0] in binding.systems)


def _not_member(tied: _Tied, code: Code, at: date) -> Membership:
    if not _NUMBER.match(code.systeme):
        return Membership.UNVERIFIABLE
    doubtful = (_doubtful(binding, code, at) for binding in tied.ties if code.systeme in binding.systems)
    return Membership.UNVERIFIABLE if any(doubtful) else Membership.OUTSIDE


def _doubtful(binding: Binding, code: Code, at: date) -> bool:
    """Whether what is held cannot tell: nothing is, or only a version that the code is younger than."""
    if binding.value_set is None:
        return table(code.systeme) is None
    if value_set(binding.value_set, at) is None:
        return True
    return _younger((table(code.systeme) or {}).get(code.code), binding.value_set, at)


def _younger(concept: Concept | None, short: str, at: date) -> bool:
    """Whether a code was born after the version held of a value set: a version not held may have taken it in."""
    listing = current().in_force(short, at)
    return listing is not None and concept is not None and concept.start is not None and concept.start > listing.since
