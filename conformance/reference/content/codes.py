"""The NOS codes the reference content may use. A code that is not published cannot be written by mistake."""

import csv
from functools import cache
from pathlib import Path

from conformance.reference.dataset import Coded

DATA = Path(__file__).parent.parent / "data"


@cache
def displays() -> dict[tuple[str, str], str]:
    """The label of each (table, code) carried in `data/nos`."""
    with (DATA / "nos" / "codes.csv").open(encoding="utf-8", newline="") as lines:
        return {(row["table"], row["code"]): row["display"] for row in csv.DictReader(lines)}


@cache
def code(table: str, value: str) -> Coded:
    """A published code with its label; KeyError when the table has no such code."""
    return Coded(table, value, displays()[table, value])


def codes(table: str, *values: str) -> tuple[Coded, ...]:
    """Several codes of one table."""
    return tuple(code(table, value) for value in values)
