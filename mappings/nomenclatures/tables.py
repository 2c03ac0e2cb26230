"""The tables of codes (TRE) and the value sets (JDV) held, and what a code of them is worth on a day.

A table has one state per version held of it, and one more for each newer value set that draws on it: a value set may
know codes and labels that no stored version of its table has (R211 after 2023, R244 after 2023).
"""

from bisect import bisect_right
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

import msgspec

from mappings.exposition.values import Code
from mappings.nomenclatures.catalogue import DATA, Catalogue, Listing, current, number, rows


class State(StrEnum):
    """`unverifiable` is a third state: the gateway does not hold the table, so it can neither accept nor refuse."""

    ACTIVE = "active"
    ENDED = "ended"
    DEPRECATED = "deprecated"
    UNKNOWN = "unknown"
    UNVERIFIABLE = "unverifiable"


class Concept(msgspec.Struct, frozen=True):
    """One row of a TRE with its validity; `release` is the publication that this row was taken from.

    `alternative` is its second label, short where the first is long or the other way round.
    """

    code: str
    display: str
    start: date | None = None
    end: date | None = None
    deprecated: date | None = None
    release: str = ""
    alternative: str = ""


class Resolution(msgspec.Struct, frozen=True):
    """What a code is worth: its state, the label of the table when there is one, and the release that says so.

    `later`: on that day the code did not exist yet; its meaning is that of the release that brought it.
    """

    state: State
    display: str | None = None
    release: str | None = None
    later: bool = False


class _Snapshots(msgspec.Struct, frozen=True):
    """The states of one table: `concepts[i]` from the day `since[i]` on."""

    since: tuple[date, ...]
    concepts: tuple[dict[str, Concept], ...]

    def on(self, at: date) -> dict[str, Concept]:
        """The table on a day; before the first version held, that version, whose dates tell what was in force."""
        return self.concepts[max(0, bisect_right(self.since, at) - 1)]


_UNVERIFIABLE = Resolution(State.UNVERIFIABLE)
_UNKNOWN = Resolution(State.UNKNOWN)


def table(system: str, at: date = date.max) -> dict[str, Concept] | None:
    """The concepts of a TRE by code, ended ones included; None when the gateway does not hold it."""
    snapshots = _snapshots(current(), system)
    return snapshots.on(at) if snapshots is not None else None


def value_set(short: str, at: date = date.max) -> frozenset[tuple[str, str]] | None:
    """The (system, code) pairs of a JDV (`J17`); None when the gateway holds none in force on that day."""
    listing = current().in_force(short, at)
    return _members(listing) if listing is not None and listing.kind == "JDV" else None


def resolve(code: Code, at: date) -> Resolution:
    """What `code` is worth on a day. An ended code keeps its meaning: its end alone never refuses an exchange."""
    judged = _judged(current(), code.systeme, at)
    return judged.get(code.code, _UNKNOWN) if judged is not None else _UNVERIFIABLE


def display(system: str, code: str) -> str | None:
    """The label of a code in the newest table held."""
    concepts = table(system)
    concept = concepts.get(code) if concepts is not None else None
    return concept.display if concept is not None else None


@lru_cache(maxsize=1024)
def _judged(catalogue: Catalogue, system: str, at: date) -> dict[str, Resolution] | None:
    """What every code of a table is worth on a day, so that a lookup is one access."""
    snapshots = _snapshots(catalogue, system)
    if snapshots is None:
        return None
    newest = snapshots.concepts[-1]
    known = {**newest, **snapshots.on(at)}
    return {code: _judge(concept, at, later=code not in snapshots.on(at)) for code, concept in known.items()}


def _judge(concept: Concept, at: date, *, later: bool) -> Resolution:
    if concept.end is not None and concept.end <= at:
        state = State.ENDED
    elif concept.deprecated is not None and concept.deprecated <= at:
        state = State.DEPRECATED
    else:
        state = State.ACTIVE
    unborn = concept.start > at if concept.start is not None else later
    return Resolution(state, concept.display, concept.release, unborn)


@lru_cache(maxsize=1024)
def _snapshots(catalogue: Catalogue, system: str) -> _Snapshots | None:
    """The states of a table, oldest first; None when no version of it is held."""
    versions = [listing for listing in catalogue.versions(system) if listing.kind == "TRE"]
    if not versions:
        return None
    drawing = [
        listing
        for short in value_sets_drawn_on(system)
        for listing in catalogue.versions(short)
        if listing.since > versions[0].since
    ]
    since: list[date] = []
    concepts: list[dict[str, Concept]] = []
    for listing in sorted([*versions, *drawing], key=lambda listing: (listing.since, listing.kind == "JDV")):
        before = concepts[-1] if concepts else {}
        after = _replaced(before, listing) if listing.kind == "TRE" else _completed(before, listing, system)
        since.append(listing.since)
        concepts.append(after)
    return _Snapshots(tuple(since), tuple(concepts))


def _replaced(before: dict[str, Concept], listing: Listing) -> dict[str, Concept]:
    """The new version of a table; a code it no longer has ended with the version that had it."""
    new = {row["code"]: _concept(row, listing.release) for row in rows(listing.path)}
    gone = {
        code: concept if concept.end is not None else msgspec.structs.replace(concept, end=listing.since)
        for code, concept in before.items()
        if code not in new
    }
    return {**new, **gone}


def _completed(before: dict[str, Concept], listing: Listing, system: str) -> dict[str, Concept]:
    """The table with the codes and the labels of a newer value set; what the value set left out stays."""
    completed = dict(before)
    for row in rows(listing.path):
        if number(row["system"]) == system:
            known = before.get(row["code"]) or Concept(row["code"], "")
            completed[row["code"]] = msgspec.structs.replace(
                known, display=row["display"], alternative="", release=listing.release
            )
    return completed


def _concept(row: dict[str, str], release: str) -> Concept:
    return Concept(
        row["code"],
        row["display"],
        _day(row.get("start")),
        _day(row.get("end")),
        _day(row.get("deprecated")),
        release,
        row.get("alt_label") or "",
    )


@lru_cache(maxsize=1024)
def _members(listing: Listing) -> frozenset[tuple[str, str]]:
    return frozenset((number(row["system"]), row["code"]) for row in rows(listing.path))


@cache
def _drawn_on() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for row in rows(DATA / "bindings.csv"):
        for system in row["systems"].split() if row["value_set"] else ():
            found.setdefault(system, {})[row["value_set"]] = None
    return {system: tuple(sets) for system, sets in found.items()}


def value_sets_drawn_on(system: str) -> tuple[str, ...]:
    """The value sets that a binding ties to a table.

    Only these speak for it: J35 was published with a row under the OID of R211, which says nothing of R211.
    """
    return _drawn_on().get(system, ())


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
