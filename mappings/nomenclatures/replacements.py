"""Old code to new code. The NOS publish no successor of a code, so this table is the gateway's own.

A row is applied when it is sourced, or when an expert accepted it in the file that the configuration names; a code
that was split, narrowed or given another meaning has no single successor and is never replaced.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache

import msgspec

from mappings.exposition.values import Code
from mappings.nomenclatures.catalogue import DATA, number, rows
from mappings.nomenclatures.tables import resolve

CHANGED_MEANING = frozenset({"scope_narrowed", "meaning_moved"})
NEVER = CHANGED_MEANING | {"split"}
ACCEPTANCE_COLUMNS = ("source_system", "source_code", "target_system", "target_code", "date", "who", "reason")

Pair = tuple[tuple[str, str], tuple[str, str]]


class Replacement(msgspec.Struct, frozen=True):
    """One row of the table; `since` is the day the old code ended, when it is known."""

    source: Code
    target: Code
    relation: str
    certainty: str
    evidence: str
    since: date | None = None

    @property
    def pair(self) -> Pair:
        """What an acceptance names."""
        return self.source.cle, self.target.cle


class Acceptance(msgspec.Struct, frozen=True):
    """That an expert accepted a derived row."""

    date: date
    who: str
    reason: str


class Applied(msgspec.Struct, frozen=True):
    """A replacement made: callers report each one. `acceptance` is None when the row is sourced."""

    old: Code
    new: Code
    relation: str
    certainty: str
    evidence: str
    acceptance: Acceptance | None = None


class AcceptanceRefused(ValueError):
    """A file of acceptances that cannot be used; `code` is `columns`, `date`, `blank`, `unknown-row`, `never-applied`,
    `two-targets` or `twice`, `line` says where.
    """

    def __init__(self, code: str, line: int) -> None:
        super().__init__(f"{code} (line {line})")
        self.code = code
        self.line = line


@cache
def replacements() -> dict[tuple[str, str], tuple[Replacement, ...]]:
    """The rows by old code."""
    found: dict[tuple[str, str], tuple[Replacement, ...]] = {}
    for row in rows(DATA / "replacements.csv"):
        made = Replacement(
            Code(number(row["source_system"]), row["source_code"], row["source_display"] or None),
            Code(number(row["target_system"]), row["target_code"], row["target_display"] or None),
            row["relation"],
            row["certainty"],
            row["evidence"],
            _day(row["source_end"]),
        )
        found[made.source.cle] = (*found.get(made.source.cle, ()), made)
    return found


NOTHING_ACCEPTED: Mapping[Pair, Acceptance] = {}


def replace(code: Code, at: date, *, accepted: Mapping[Pair, Acceptance] = NOTHING_ACCEPTED) -> Applied | None:
    """The replacement of a code on a day; None when it has none that may be applied.

    One step only: when the new code was replaced too, that is another application, asked for by another call.
    """
    usable = [row for row in replacements().get(code.cle, ()) if _usable(row, at, accepted)]
    if len(usable) != 1:
        return None
    row = usable[0]
    return Applied(code, row.target, row.relation, row.certainty, row.evidence, accepted.get(row.pair))


def _usable(row: Replacement, at: date, accepted: Mapping[Pair, Acceptance]) -> bool:
    in_force = (row.since is None or row.since <= at) and not resolve(row.target, at).later
    return in_force and row.relation not in NEVER and (row.certainty == "sourced" or row.pair in accepted)


def read_acceptances(text: str) -> dict[Pair, Acceptance]:
    """The acceptances of a CSV file; raises `AcceptanceRefused` rather than leave a line aside."""
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != ACCEPTANCE_COLUMNS:
        raise AcceptanceRefused("columns", 1)
    found: dict[Pair, Acceptance] = {}
    for row in reader:
        line = reader.line_num
        if set(row) != set(ACCEPTANCE_COLUMNS) or not all((value or "").strip() for value in row.values()):
            raise AcceptanceRefused("blank", line)
        pair = ((number(row["source_system"]), row["source_code"]), (number(row["target_system"]), row["target_code"]))
        if pair in found:
            raise AcceptanceRefused("twice", line)
        _refuse_unusable(pair, found, line)
        found[pair] = Acceptance(_accepted_on(row["date"], line), row["who"], row["reason"])
    return found


def _refuse_unusable(pair: Pair, others: Iterable[Pair], line: int) -> None:
    known = next((row for row in replacements().get(pair[0], ()) if row.pair == pair), None)
    if known is None:
        raise AcceptanceRefused("unknown-row", line)
    if known.relation in NEVER:
        raise AcceptanceRefused("never-applied", line)
    if any(source == pair[0] for source, _ in others):
        raise AcceptanceRefused("two-targets", line)


def _accepted_on(text: str, line: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise AcceptanceRefused("date", line) from error


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
