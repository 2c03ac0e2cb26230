"""The tables of docs/nomenclatures.md, written from the data of the package."""

from mappings.nomenclatures.inventory import Missing, releases, unverifiable


def render_unverifiable() -> str:
    """The lists that are not held and the elements concerned, as a table."""
    head = ["| list | kind | tables held | elements | note |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(_line(one) for one in unverifiable())])


def _line(one: Missing) -> str:
    elements = ", ".join(f"`{element}`" for element in one.elements)
    tables = f"{'yes' if one.held else 'no'} ({', '.join(one.tables)})" if one.tables else "no"
    return f"| {one.number} | {one.kind} | {tables} | {elements} | {one.note} |"


def render_releases() -> str:
    """The releases, as a table."""
    head = ["| release | in force as a whole from | lists |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {one.id} | {one.date} | {one.lists} |" for one in releases())])
