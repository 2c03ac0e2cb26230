"""The demo's terminal: sentences, and one coverage table per answer; or the same facts kept for JSON."""

from collections.abc import Mapping

import msgspec
from rich.console import Console
from rich.table import Table

from gateway.demo.coverage import Row
from gateway.demo.words import REASONS, SOURCES, STATUSES, WORDS, say
from gateway.messages import Language


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing said: a sentence, or the coverage of an answer by member."""

    text: str | None = None
    coverage: dict[str, dict[str, str]] | None = None


class Screen:
    """Says things to a human, in one language, and remembers them."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._told: list[Told] = []
        self.language = language

    @property
    def told(self) -> tuple[Told, ...]:
        """Everything said so far."""
        return tuple(self._told)

    def say(self, key: str, **values: object) -> None:
        """Print one sentence."""
        self._told.append(Told(self.text(key, **values)))
        self._console.print(self.text(key, **values), highlight=False, soft_wrap=True)

    def title(self, key: str, **values: object) -> None:
        """Print the sentence that opens a part."""
        self._told.append(Told(self.text(key, **values)))
        self._console.print()
        self._console.print(self.text(key, **values), style="bold", highlight=False, soft_wrap=True)

    def text(self, key: str, **values: object) -> str:
        """One sentence, not printed."""
        return say(WORDS[key], self.language, **values)

    def coverage(self, rows: tuple[Row, ...], names: Mapping[str, str]) -> None:
        """Print what each member contributed."""
        self._told.append(Told(coverage={row.code: row.facts for row in rows}))
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("")
        for column in ("table_member", "table_status", "table_source"):
            table.add_column(self.text(column), no_wrap=True)
        for column in ("table_age", "table_objects", "table_losses", "table_elapsed"):
            table.add_column(self.text(column), justify="right", no_wrap=True)
        for row in rows:
            table.add_row(row.code, names.get(row.code, row.code), *self._cells(row.facts))
        self._console.print(table, soft_wrap=True)

    def _cells(self, facts: Mapping[str, str]) -> tuple[str, ...]:
        status = say(STATUSES[facts["s"]], self.language)
        if "r" in facts:
            status += f" : {say(REASONS[facts['r']], self.language)}"
        return (
            status,
            say(SOURCES[facts["src"]], self.language) if "src" in facts else "",
            f"{facts['age']} s" if "age" in facts else "",
            facts.get("n", ""),
            facts.get("l", ""),
            f"{facts['ms']} ms" if "ms" in facts else "",
        )
