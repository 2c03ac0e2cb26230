"""The rules of contract section 14: `rules.csv`, written by hand, one row per rule.

`conduct` is what is done of a breach, `judged` when it can be seen, `where` the modules that do it; each of these
carries the id of the rule, which a test checks.
"""

import csv
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

TABLE = Path(__file__).parent / "rules.csv"


class Conduct(StrEnum):
    """What is done of a breach."""

    REPAIRED = "repaired"
    FOUND = "found"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    BUILT = "built"


class Judged(StrEnum):
    """When a breach can be seen."""

    ANSWER = "answer"
    WHOLE_READING = "whole_reading"
    TWO_READINGS = "two_readings"
    EXCHANGE = "exchange"


class Rule(msgspec.Struct, frozen=True):
    """One rule: what it says, and what the gateway does of a breach."""

    id: str
    conduct: tuple[Conduct, ...]
    judged: tuple[Judged, ...]
    where: tuple[str, ...]
    fr: str
    en: str
    done_fr: str
    done_en: str


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the table."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return tuple(
            Rule(
                id=row["id"],
                conduct=tuple(map(Conduct, row["conduct"].split())),
                judged=tuple(map(Judged, row["judged"].split())),
                where=tuple(row["where"].split()),
                fr=row["fr"],
                en=row["en"],
                done_fr=row["done_fr"],
                done_en=row["done_en"],
            )
            for row in csv.DictReader(rows)
        )
