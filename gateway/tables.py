"""`make tables`: the tables of docs/ that are written from data. A test checks that each is current.

A generated table stands in its document between `<!-- begin NAME -->` and `<!-- end NAME -->`; the rest of the document
is written by hand. To add one: put both lines in the document, and a `Table` in `TABLES`.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from adapters.pages import render_options
from conformance.attacks.page import render as render_attacks
from gateway.transactions import render_transactions
from mappings.losses.pages import PAGES, render
from mappings.nomenclatures.rendering import render_releases, render_unverifiable
from mappings.rules.pages import render_rules
from whitelist.entitlement.page import render as render_entitlement

ROOT = Path(__file__).parent.parent


class Table(msgspec.Struct, frozen=True):
    """One generated table: the document it stands in, its name there, and what writes it."""

    document: str
    name: str
    render: Callable[[], str]


class MarkersMissing(Exception):
    """A document has not the two lines between which its table stands."""


NOMENCLATURES = "docs/nomenclatures.md"

TABLES: tuple[Table, ...] = (
    Table(NOMENCLATURES, "unverifiable", render_unverifiable),
    Table(NOMENCLATURES, "releases", render_releases),
    Table("docs/entitlement.md", "entitlement", render_entitlement),
    Table("docs/howto/real-region.md", "options", render_options),
    Table("docs/rules.md", "rules", render_rules),
    Table("docs/transactions.md", "transactions", render_transactions),
    Table("docs/security-corpus.md", "attacks", partial(render_attacks, ROOT / "tests" / "corpora")),
    *(Table(f"docs/losses/{page.name}.md", "losses", partial(render, page)) for page in PAGES),
)


def with_table(text: str, name: str, content: str) -> str:
    """The document with that content between the two lines that name it."""
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise MarkersMissing(name)
    return f"{before}{begin}\n{content.strip()}\n\n{end}{after}"


def current(document: str, *, root: Path = ROOT) -> str:
    """The document as its data wants it today."""
    text = (root / document).read_text(encoding="utf-8")
    for table in TABLES:
        if table.document == document:
            text = with_table(text, table.name, table.render())
    return text


def documents() -> tuple[str, ...]:
    """Every document that holds a generated table."""
    return tuple(dict.fromkeys(table.document for table in TABLES))


def main() -> None:
    """Write every generated table where it stands."""
    written = {document: current(document) for document in documents()}
    for document, text in written.items():
        (ROOT / document).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
