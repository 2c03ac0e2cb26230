"""What is held and what is not: the lists, one of them, one code, and what cannot be verified."""

from datetime import date

import msgspec

from mappings.exposition.values import Code
from mappings.nomenclatures.bindings import bindings
from mappings.nomenclatures.catalogue import DATA, current, rows
from mappings.nomenclatures.replacements import NEVER, replacements
from mappings.nomenclatures.spelling import normalise
from mappings.nomenclatures.tables import State, resolve, table, value_set


class HeldRelease(msgspec.Struct, frozen=True):
    """One release: the day from which all of it is in force, how many lists it brings."""

    id: str
    date: date
    lists: int


class HeldList(msgspec.Struct, frozen=True):
    """One list held, with the releases that hold a version of it; `active` counts a table on the last day held."""

    number: str
    name: str
    title: str
    releases: tuple[str, ...]
    version: str
    status: str
    codes: int
    active: int | None
    note: str


class Missing(msgspec.Struct, frozen=True):
    """A list that is not held, and the elements whose codes or membership it leaves unverifiable.

    `tables` are the tables of a value set: `held` when all of them are, so that the existence of a code can be judged.
    """

    number: str
    kind: str
    tables: tuple[str, ...]
    held: bool
    elements: tuple[str, ...]
    note: str


class Row(msgspec.Struct, frozen=True):
    """One code of a list on a day."""

    system: str
    code: str
    state: State
    display: str | None
    start: date | None
    end: date | None


class Successor(msgspec.Struct, frozen=True):
    """What a code was replaced with, and whether that may be applied: `sourced`, `to-accept` or `never`."""

    system: str
    code: str
    relation: str
    applied: str
    evidence: str


class Description(msgspec.Struct, frozen=True):
    """All that is known of a code on a day."""

    system: str
    code: str
    at: date
    state: State
    display: str | None
    release: str | None
    later: bool
    normalised: bool
    start: date | None
    end: date | None
    deprecated: date | None
    value_sets: tuple[str, ...]
    replacements: tuple[Successor, ...]


def releases() -> tuple[HeldRelease, ...]:
    """Every release, oldest first."""
    return tuple(HeldRelease(one.id, one.date, len(one.listings)) for one in current().releases)


def held() -> tuple[HeldList, ...]:
    """Every list, in its newest version."""
    catalogue = current()
    found = []
    for short in catalogue.numbers():
        versions = catalogue.versions(short)
        newest = versions[-1]
        concepts = table(short)
        codes = len(concepts) if concepts is not None else len(value_set(short) or ())
        states = [resolve(Code(short, code), date.max).state for code in concepts or ()]
        active = states.count(State.ACTIVE) if concepts is not None else None
        where = tuple(listing.release for listing in versions)
        found.append(
            HeldList(short, newest.name, newest.title, where, newest.version, newest.status, codes, active, newest.note)
        )
    return tuple(found)


def unverifiable() -> tuple[Missing, ...]:
    """The tables and value sets that the contract or the guide calls for and the gateway does not hold."""
    elements: dict[str, dict[str, None]] = {}
    drawn: dict[str, dict[str, None]] = {}
    for binding in bindings():
        for short in (*binding.systems, *([binding.value_set] if binding.value_set else [])):
            elements.setdefault(short, {})[binding.element] = None
        if binding.value_set:
            drawn.setdefault(binding.value_set, {}).update(dict.fromkeys(binding.systems))
    notes = {row["id"]: row["note"] for row in rows(DATA / "systems.csv")}
    return tuple(
        Missing(
            short,
            "JDV" if short in drawn else "TRE",
            tuple(drawn.get(short, ())),
            short in drawn and all(table(system) is not None for system in drawn[short]),
            tuple(elements[short]),
            notes.get(short, ""),
        )
        for short in sorted(elements, key=lambda short: (short in drawn, short))
        if not current().versions(short)
    )


def content(short: str, at: date) -> tuple[Row, ...] | None:
    """The codes of a table or of a value set on a day; None when it is not held then."""
    concepts = table(short, at)
    pairs = [(short, code) for code in concepts] if concepts is not None else sorted(value_set(short, at) or ())
    if not pairs:
        return None
    return tuple(_row(Code(*pair), at) for pair in pairs)


def _row(code: Code, at: date) -> Row:
    worth = resolve(code, at)
    concept = (table(code.systeme, at) or {}).get(code.code)
    start, end = (concept.start, concept.end) if concept is not None else (None, None)
    return Row(code.systeme, code.code, worth.state, worth.display, start, end)


def described(code: Code, at: date) -> Description:
    """All that is known of a code on a day, whatever its spelling."""
    right, changed = normalise(code)
    worth = resolve(right, at)
    newest = (table(right.systeme) or {}).get(right.code)
    concept = (table(right.systeme, at) or {}).get(right.code, newest)
    sets = [short for short in current().numbers() if right.cle in (value_set(short, at) or ())]
    return Description(
        system=right.systeme,
        code=right.code,
        at=at,
        state=worth.state,
        display=worth.display,
        release=worth.release,
        later=worth.later,
        normalised=changed,
        start=concept.start if concept is not None else None,
        end=concept.end if concept is not None else None,
        deprecated=concept.deprecated if concept is not None else None,
        value_sets=tuple(sets),
        replacements=tuple(_successors(right)),
    )


def _successors(code: Code) -> list[Successor]:
    return [
        Successor(
            row.target.systeme,
            row.target.code,
            row.relation,
            "never" if row.relation in NEVER else "sourced" if row.certainty == "sourced" else "to-accept",
            row.evidence,
        )
        for row in replacements().get(code.cle, ())
    ]
