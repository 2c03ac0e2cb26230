"""The table of expected losses as pages of docs/losses, in French and in English."""

from collections.abc import Iterator

import msgspec

from mappings.losses.expected import ExpectedLoss, expected_losses


class Page(msgspec.Struct, frozen=True):
    """One page: its file, and the directions it tells."""

    name: str
    to: str = ""
    of: str = ""

    def holds(self, row: ExpectedLoss) -> bool:
        """Whether a row belongs to the page."""
        of, _, to = row.direction.partition("→")
        return to.startswith(self.to) and of.startswith(self.of)


PAGES = (
    Page("csd-to-exposition", of="csd-", to="exposition"),
    Page("exposition-to-csd", of="exposition", to="csd-"),
    Page("exposition-to-fhir", of="exposition", to="fhir"),
    Page("fhir-to-exposition", of="fhir", to="exposition"),
    Page("search-2016-to-exposition", of="search-2016", to="exposition"),
    Page("exposition-to-search-2016", of="exposition", to="search-2016"),
    Page("federation", of="federation"),
    Page("nomenclatures", of="nomenclatures"),
)
_KINDS = {
    "dropped": "écarté / dropped",
    "defaulted": "supposé / defaulted",
    "derived": "déduit / derived",
    "split": "scindé / split",
    "widened": "élargi / widened",
    "unmapped": "sans équivalent / unmapped",
    "unresolved": "non résolu / unresolved",
    "repaired": "réparé / repaired",
    "withheld": "retenu / withheld",
    "inconsistent": "incohérent / inconsistent",
}
_SEVERITIES = {
    "information": "information",
    "warning": "avertissement / warning",
    "error": "erreur / error",
}
_HEAD = (
    "| Règle / rule | Versions | Classe / class | Éléments / elements | Sorte / kind | Gravité / severity "
    "| Français | English | Source |\n|---|---|---|---|---|---|---|---|---|"
)


def rows_of(page: Page) -> Iterator[ExpectedLoss]:
    """The rows of a page, in the order of the table."""
    return (row for row in expected_losses() if page.holds(row))


def render(page: Page) -> str:
    """The table of a page."""
    return "\n".join([_HEAD, *map(_line, rows_of(page))])


def _line(row: ExpectedLoss) -> str:
    version = next((part.removeprefix("csd-") for part in row.direction.split("→") if part.startswith("csd-")), "–")
    cells = (
        f"`{row.rule}`",
        version,
        _names(row.objects),
        _names(row.elements),
        _KINDS[row.kind],
        _SEVERITIES[row.severity],
        row.fr,
        row.en,
        row.source,
    )
    return f"| {' | '.join(cells)} |"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join("–" if name == "*" else f"`{name}`" for name in names)
