"""The losses that the contract and FHIR make unavoidable: `expected.csv`, written by hand, one row per rule and kind.

A rule is `<step>.<object>.<what>`. The step of a CSD rule carries the version in the ledger (`csd-2.4.place.first`) and
not in the table (`csd.place.first`), where the direction says which versions are meant. A direction names a passage
(`csd-3.0→exposition`) or a range of them (`exposition→csd-1.5…2.4`).
"""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from mappings.csd.version import Version
from mappings.loss import Loss, LossKind, Severity

TABLE = Path(__file__).parent / "expected.csv"
ANYWHERE = "*"

_VERSIONS = tuple(version.value for version in Version if version is not Version.V2016)
_OF_VERSION = re.compile(r"(?P<format>csd)-[0-9.]+(?=\.[^0-9])")
_RANGE = re.compile(r"csd-(?P<first>[0-9.]+)…(?P<last>[0-9.]+)")


class ExpectedLoss(msgspec.Struct, frozen=True):
    """One rule and what it may do.

    `objects` are classes of the model, `elements` the elements of the wire that it may touch (`geoCoordinates/record`,
    `beds@total`), `*` when the ledger alone tells where. `source` is the section that makes the loss expected.
    """

    rule: str
    direction: str
    objects: tuple[str, ...]
    elements: tuple[str, ...]
    kind: LossKind
    severity: Severity
    source: str
    fr: str
    en: str

    @property
    def passages(self) -> tuple[str, ...]:
        """Every passage that the direction stands for."""
        found = _RANGE.search(self.direction)
        if found is None:
            return (self.direction,)
        first, last = _VERSIONS.index(found["first"]), _VERSIONS.index(found["last"])
        return tuple(_RANGE.sub(f"csd-{version}", self.direction) for version in _VERSIONS[first : last + 1])

    def touches(self, path: tuple[str, ...]) -> bool:
        """Whether an element of the wire, given by the names that lead to it, is one of those of the rule."""
        return any(_holds(path, tuple(element.split("/"))) for element in self.elements)


def _holds(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether the names follow each other in the path; an attribute (`beds@total`) is asked for only by its name."""
    return any(
        all(name in (step, step.partition("@")[0]) for name, step in zip(names, path[start:], strict=False))
        for start in range(len(path) - len(names) + 1)
    )


@cache
def expected_losses() -> tuple[ExpectedLoss, ...]:
    """Every row of the table, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return tuple(
            ExpectedLoss(
                rule=row["rule"],
                direction=row["direction"],
                objects=tuple(row["object"].split()),
                elements=tuple(row["element"].split()),
                kind=LossKind(row["kind"]),
                severity=Severity(row["severity"]),
                source=row["source"],
                fr=row["fr"],
                en=row["en"],
            )
            for row in csv.DictReader(rows)
        )


def rule_of(loss: Loss) -> str:
    """The rule of an entry as the table names it: without the version of its step."""
    return _OF_VERSION.sub(r"\g<format>", loss.rule, count=1)


@cache
def _by_passage() -> dict[tuple[str, str, LossKind, Severity], tuple[ExpectedLoss, ...]]:
    found: dict[tuple[str, str, LossKind, Severity], tuple[ExpectedLoss, ...]] = {}
    for row in expected_losses():
        for passage in row.passages:
            key = (passage, row.rule, row.kind, row.severity)
            found[key] = (*found.get(key, ()), row)
    return found


def rows_for(loss: Loss, passage: str) -> Iterator[ExpectedLoss]:
    """The rows that make an entry of that passage expected; none when nothing does."""
    yield from _by_passage().get((passage, rule_of(loss), loss.kind, loss.severity), ())
