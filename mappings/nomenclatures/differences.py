"""What changed between two releases: codes of the tables, codes of the value sets, and the bindings they serve."""

from datetime import date
from enum import StrEnum

import msgspec

from mappings.exposition.values import Code
from mappings.nomenclatures.bindings import Binding, bindings
from mappings.nomenclatures.catalogue import Catalogue, Release, current
from mappings.nomenclatures.tables import Concept, State, resolve, table, value_set


class Change(StrEnum):
    """`entered` and `left` are of value sets, the others of tables.

    `reworded`: the long and the short label of a code changed places; `relabelled`: its label is neither of them.
    """

    ADDED = "added"
    ENDED = "ended"
    DEPRECATED = "deprecated"
    REACTIVATED = "reactivated"
    RELABELLED = "relabelled"
    REWORDED = "reworded"
    ENTERED = "entered"
    LEFT = "left"


# What asks something of those who hold the code; a new code asks nothing of them.
TOUCHING = frozenset({Change.ENDED, Change.DEPRECATED, Change.RELABELLED, Change.LEFT})

_STATES = {State.ENDED: Change.ENDED, State.DEPRECATED: Change.DEPRECATED, State.ACTIVE: Change.REACTIVATED}


class CodeChange(msgspec.Struct, frozen=True):
    """One code that changed; `listing` is the table, or the value set it entered or left."""

    listing: str
    system: str
    code: str
    change: Change
    before: str | None
    after: str | None


class BindingChange(msgspec.Struct, frozen=True):
    """An element whose allowed codes changed: so many entered, so many left, or another value set altogether."""

    element: str
    versions: tuple[str, ...]
    value_set: str
    entered: int
    left: int
    replaces: str | None = None


class Difference(msgspec.Struct, frozen=True):
    """All that changed. `first_held` are the lists that only the newer release holds: they were compared with the
    codes then in force in their tables when they are value sets, with nothing when they are tables.
    """

    before: str
    after: str
    codes: tuple[CodeChange, ...]
    bindings: tuple[BindingChange, ...]
    first_held: tuple[str, ...]

    def touching(self) -> dict[tuple[str, str], tuple[Change, ...]]:
        """What happened to each code that someone may hold."""
        found: dict[tuple[str, str], tuple[Change, ...]] = {}
        for change in self.codes:
            if change.change in TOUCHING:
                key = (change.system, change.code)
                found[key] = tuple(dict.fromkeys((*found.get(key, ()), change.change)))
        return found


def difference(before: str, after: str) -> Difference:
    """What changed from one release to another; raises `UnknownRelease`."""
    catalogue = current()
    old, new = catalogue.release(before), catalogue.release(after)
    numbers = catalogue.numbers()
    of_tables = [change for system in numbers for change in _of_table(system, old.date, new.date)]
    of_sets = [change for short in numbers for change in _of_value_set(short, old.date, new.date)]
    return Difference(
        before,
        after,
        tuple(of_tables + of_sets),
        tuple(_of_bindings(of_sets, old.date, new.date)),
        _first_held(catalogue, old, new),
    )


def _of_table(system: str, old: date, new: date) -> list[CodeChange]:
    concepts, later = table(system, old), table(system, new)
    if concepts is None or later is None or concepts is later:
        return []
    found = []
    for code, concept in later.items():
        earlier = concepts.get(code)
        if earlier is None:
            found.append(CodeChange(system, system, code, Change.ADDED, None, concept.display))
            continue
        labels = earlier.display, concept.display
        if labels[0] != labels[1]:
            change = Change.REWORDED if _changed_places(earlier, concept) else Change.RELABELLED
            found.append(CodeChange(system, system, code, change, *labels))
        was, now = (resolve(Code(system, code), day).state for day in (old, new))
        if was is not now:
            found.append(CodeChange(system, system, code, _STATES[now], *labels))
    return found


def _changed_places(one: Concept, other: Concept) -> bool:
    """Whether the label of a version is the second label of the other."""
    return one.display == other.alternative or other.display == one.alternative


def _of_value_set(short: str, old: date, new: date) -> list[CodeChange]:
    now = value_set(short, new)
    if now is None:
        return []
    was = value_set(short, old)
    was = was if was is not None else _in_force_in_tables(short, old)
    if was is None:
        return []
    gone = [(Change.LEFT, pair) for pair in sorted(was - now)]
    come = [(Change.ENTERED, pair) for pair in sorted(now - was)]
    return [CodeChange(short, *pair, change, _label(pair, old), _label(pair, new)) for change, pair in gone + come]


def _in_force_in_tables(short: str, at: date) -> frozenset[tuple[str, str]] | None:
    """The codes that the tables of a value set had in force; None when they are not all held."""
    systems = {system for binding in bindings() if binding.value_set == short for system in binding.systems}
    tables = {system: table(system, at) for system in systems}
    if not tables or None in tables.values():
        return None
    return frozenset(
        (system, code)
        for system, concepts in tables.items()
        for code in concepts or ()
        if _existed(Code(system, code), at)
    )


def _existed(code: Code, at: date) -> bool:
    worth = resolve(code, at)
    return worth.state is not State.ENDED and not worth.later


def _label(pair: tuple[str, str], at: date) -> str | None:
    concept = (table(pair[0], at) or {}).get(pair[1])
    return concept.display if concept is not None else None


def _of_bindings(changes: list[CodeChange], old: date, new: date) -> list[BindingChange]:
    found = []
    for binding in bindings():
        if binding.value_set is None or not binding.since <= new < binding.until:
            continue
        mine = [
            change.change
            for change in changes
            if change.listing == binding.value_set and change.system in binding.systems
        ]
        replaced = _replaced(binding, old)
        if mine or replaced is not None:
            entered, left = mine.count(Change.ENTERED), mine.count(Change.LEFT)
            found.append(BindingChange(binding.element, binding.versions, binding.value_set, entered, left, replaced))
    return found


def _replaced(binding: Binding, old: date) -> str | None:
    """The value set that this one replaced since that day."""
    if binding.since <= old:
        return None
    return next(
        (
            other.value_set
            for other in bindings()
            if other.element == binding.element
            and other.systems == binding.systems
            and other.versions == binding.versions
            and other.since <= old < other.until
        ),
        None,
    )


def _first_held(catalogue: Catalogue, old: Release, new: Release) -> tuple[str, ...]:
    return tuple(
        short
        for short in catalogue.numbers()
        if catalogue.in_force(short, old.date) is None and catalogue.in_force(short, new.date) is not None
    )
