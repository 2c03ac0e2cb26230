"""The tables of codes (TRE) and the value sets (JDV) held, and what a code of them is worth at a date."""

import csv
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from mappings.exposition.values import Code
from mappings.nomenclatures.systems import DATA


class State(StrEnum):
    """`unverifiable` is a third state: the gateway does not hold the table, so it can neither accept nor refuse."""

    ACTIVE = "active"
    ENDED = "ended"
    UNKNOWN = "unknown"
    UNVERIFIABLE = "unverifiable"


class Concept(msgspec.Struct, frozen=True):
    """One row of a TRE with its validity."""

    code: str
    display: str
    start: date | None = None
    end: date | None = None


class Resolution(msgspec.Struct, frozen=True):
    """What a code is worth: its state, and the label of the table when there is one."""

    state: State
    display: str | None = None


def _file(prefix: str, short: str) -> Path | None:
    """The file of a table, the newest release first."""
    for folder in ("releases/2026-09", prefix.lower(), "releases/2021-10"):
        for path in (DATA / folder).glob(f"{prefix}_{short}-*.csv"):
            return path
    return None


@cache
def table(system: str) -> dict[str, Concept] | None:
    """The concepts of a TRE by code, ended ones included; None when the gateway does not hold it."""
    path = _file("TRE", system)
    if path is None:
        return None
    with path.open(encoding="utf-8", newline="") as rows:
        concepts = {
            row["code"]: Concept(row["code"], row["display"], _day(row.get("start")), _day(row.get("end")))
            for row in csv.DictReader(rows)
        }
    for code, display in _codes_only_in_value_sets(system):
        concepts.setdefault(code, Concept(code, display))
    return concepts


def _codes_only_in_value_sets(system: str) -> list[tuple[str, str]]:
    """Codes newer than the stored table, known by the value sets that hold them (R211 after 2023, R244 after 2023)."""
    found = []
    for path in [*(DATA / "releases" / "2026-09").glob("JDV_*.csv"), *(DATA / "jdv").glob("JDV_*.csv")]:
        with path.open(encoding="utf-8", newline="") as rows:
            found += [
                (row["code"], row["display"])
                for row in csv.DictReader(rows)
                if row["system"].startswith(f"TRE_{system}-")
            ]
    return found


@cache
def value_set(short: str) -> frozenset[tuple[str, str]] | None:
    """The (system, code) pairs of a JDV (`J17`); None when the gateway does not hold it."""
    path = _file("JDV", short)
    if path is None:
        return None
    with path.open(encoding="utf-8", newline="") as rows:
        return frozenset((row["system"].split("_")[1].split("-")[0], row["code"]) for row in csv.DictReader(rows))


def resolve(code: Code, at: date) -> Resolution:
    """What `code` is worth on a day. An ended code keeps its meaning: its end alone never refuses an exchange."""
    concepts = table(code.systeme)
    if concepts is None:
        return Resolution(State.UNVERIFIABLE)
    concept = concepts.get(code.code)
    if concept is None:
        return Resolution(State.UNKNOWN)
    ended = concept.end is not None and concept.end <= at
    return Resolution(State.ENDED if ended else State.ACTIVE, concept.display)


def display(system: str, code: str) -> str | None:
    """The label of a code in the newest table held."""
    concepts = table(system)
    concept = concepts.get(code) if concepts is not None else None
    return concept.display if concept is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
