"""What the commands on nomenclatures print for a person."""

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from gateway.messages import Language

WIDTH = 200


def lines(columns: Sequence[tuple[str, str]], cells: Iterable[Sequence[object]], language: Language) -> None:
    """A table on standard output; `columns` are their names in French and in English."""
    table = Table(box=box.SIMPLE_HEAD)
    for french, english in columns:
        table.add_column(french if language is Language.FR else english, overflow="fold")
    for row in cells:
        table.add_row(*("-" if cell in {None, ""} else str(cell) for cell in row))
    wide = None if sys.stdout.isatty() else WIDTH
    Console(file=sys.stdout, width=wide, markup=False, emoji=False, highlight=False).print(table)
