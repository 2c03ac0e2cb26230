"""The requirements under judgement: `requirements.csv`, in the columns of the Inferno kits."""

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parent / "requirements.csv"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row, its columns as they are; a row without a check says why it is not tested."""

    columns: dict[str, str]

    @property
    def identifier(self) -> str:
        """Its identifier, as in contract section 14."""
        return self.columns["ID"]

    @property
    def not_tested(self) -> str:
        """The reason why no check verifies it, empty when one does."""
        return self.columns["Not Tested Reason"]


def read_requirements(table: Path = TABLE) -> tuple[Requirement, ...]:
    """Every requirement in the order of the table."""
    with table.open(encoding="utf-8", newline="") as rows:
        return tuple(Requirement(row) for row in csv.DictReader(rows))
