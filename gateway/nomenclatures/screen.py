"""What the commands on nomenclatures print for a person."""

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from gateway.command_texts import said
from gateway.messages import Language
from gateway.nomenclatures.touched import Touched
from mappings.nomenclatures.differences import Change, Difference

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


def changes(found: Difference, held: list[Touched], language: Language) -> None:
    """What changed from one release to another, and who holds it."""
    if not found.codes and not found.bindings:
        sys.stdout.write(said("nomenclatures_same_release", language, before=found.before, after=found.after) + "\n")
        return
    columns = (
        ("liste", "list"),
        ("table", "table"),
        ("code", "code"),
        ("changement", "change"),
        ("avant", "before"),
        ("après", "after"),
    )
    codes = [(one.listing, one.system, one.code, one.change, one.before, one.after) for one in found.codes]
    lines(columns, codes, language)
    places = (
        ("élément", "element"),
        ("versions", "versions"),
        ("jeu de valeurs", "value set"),
        ("entrés", "entered"),
        ("sortis", "left"),
        ("remplace", "replaces"),
    )
    bound = [
        (one.element, " ".join(one.versions), one.value_set, one.entered, one.left, one.replaces)
        for one in found.bindings
    ]
    lines(places, bound, language)
    _touched(held, language)


def _touched(held: list[Touched], language: Language) -> None:
    """How many objects hold each code that changed; then, object by object, those that hold more than a new label."""
    if not held:
        return
    columns = (
        ("table", "table"),
        ("code", "code"),
        ("changement", "change"),
        ("remplaçant", "replacement"),
        ("objets", "objects"),
    )
    owners: dict[tuple[str, str, str, str | None], set[tuple[str, str]]] = {}
    for one in held:
        found = owners.setdefault((one.system, one.code, flat(one.changes), one.replacement), set())
        found.add((one.source, one.key))
    lines(columns, [(*code, len(objects)) for code, objects in sorted(owners.items(), key=str)], language)
    places = (
        ("source", "source"),
        ("objet", "object"),
        ("clé", "key"),
        ("attribut", "attribute"),
        ("table", "table"),
        ("code", "code"),
        ("changement", "change"),
    )
    rows = [
        (one.source, one.kind, one.key, one.path, one.system, one.code, flat(one.changes))
        for one in held
        if one.changes != (Change.RELABELLED,)
    ]
    if rows:
        lines(places, rows, language)


def flat(value: object) -> str:
    """A value on one line."""
    if isinstance(value, list | tuple):
        return ", ".join(flat(item) for item in value)
    if isinstance(value, dict):
        return " ".join(flat(item) for item in value.values() if item not in {None, ""})
    return "" if value is None else str(value)
