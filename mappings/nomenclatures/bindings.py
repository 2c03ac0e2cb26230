"""Which value set an element takes its codes from, per version of the contract (section 13) and of the FHIR guide."""

from datetime import date
from enum import StrEnum
from functools import cache

import msgspec

from mappings.exposition.values import Code
from mappings.nomenclatures.catalogue import DATA, current, rows
from mappings.nomenclatures.tables import Concept, table, value_set


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


def in_binding(element: str, code: Code, version: str, at: date) -> Membership:
    """Whether an element may take a code in that version on that day.

    An element may have several ties: the code is judged by that of its own table. A code of a table that no tie names
    is outside, whatever it is; one of an element that has no tie in that version cannot be judged.
    """
    day = min(at, _LAST_DAY)
    ties = [binding for binding in bindings_of(element) if binding.applies(version, day)]
    if not ties:
        return Membership.UNVERIFIABLE
    judged = {_judge(binding, code, day) for binding in ties if code.systeme in binding.systems}
    return next((state for state in _STRONGEST if state in judged), Membership.OUTSIDE)


_STRONGEST = (Membership.MEMBER, Membership.UNVERIFIABLE, Membership.OUTSIDE)
_LAST_DAY = date(9999, 12, 30)


def _judge(binding: Binding, code: Code, at: date) -> Membership:
    concept = (table(code.systeme) or {}).get(code.code)
    if binding.value_set is None:
        held, allowed = table(code.systeme, at) is not None, concept is not None
    else:
        members = value_set(binding.value_set, at)
        held, allowed = members is not None, members is not None and code.cle in members
    if allowed:
        return Membership.MEMBER
    return Membership.OUTSIDE if held and not _younger(concept, binding.value_set, at) else Membership.UNVERIFIABLE


def _younger(concept: Concept | None, short: str | None, at: date) -> bool:
    """Whether a code was born after the version held of a value set: a version not held may have taken it in."""
    listing = current().in_force(short, at) if short is not None else None
    return listing is not None and concept is not None and concept.start is not None and concept.start > listing.since
