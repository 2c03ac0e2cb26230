"""Which reference solution stands for which region: an assumption of this project, no source says it."""

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "members.csv"


@dataclass(frozen=True, slots=True)
class Member:
    """One base: `code` its region code, `regions` those it holds, its operator is invented."""

    code: str
    name: str
    regions: tuple[str, ...]
    solution: str
    contract: str
    state: str

    @property
    def structure(self) -> str:
        """A FINESS of the test range (1B…) with its type digit (security facts 1.4)."""
        return f"11B{self.code:0>7}"


def read_members(table: Path = TABLE) -> tuple[Member, ...]:
    """The seventeen members in the order of their codes; lines that begin with # are remarks."""
    with table.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return tuple(
            Member(
                row["code"],
                row["name"],
                tuple(row["regions"].split("|")),
                row["solution"],
                row["contract"],
                row["state"],
            )
            for row in rows
        )
