"""A published list as its file says it, whatever the format."""

from collections.abc import Mapping

import msgspec


class PublishedConcept(msgspec.Struct, frozen=True, kw_only=True):
    """One row; `system` is the address of its table as the file writes it, empty in a table itself. Days are as
    written.
    """

    code: str
    display: str
    system: str = ""
    definition: str = ""
    alt_label: str = ""
    start: str = ""
    updated: str = ""
    end: str = ""
    deprecated: str = ""
    status: str = ""
    parent: str = ""


class PublishedList(msgspec.Struct, frozen=True, kw_only=True):
    """One list as its file says it."""

    source: str
    kind: str
    name: str
    title: str
    oid: str
    url: str
    version: str
    status: str
    concepts: tuple[PublishedConcept, ...]


class NotPublished(Exception):
    """A file that is in none of the formats; `code` says what is missing."""

    def __init__(self, name: str, code: str, detail: str = "") -> None:
        super().__init__(f"{name}: {code} {detail}".rstrip())
        self.name = name
        self.code = code
        self.detail = detail


_FIELDS = PublishedConcept.__struct_fields__


def concept(cells: Mapping[str, str]) -> PublishedConcept:
    """A row, from its cells by field; other cells are left aside."""
    return PublishedConcept(**{"code": "", "display": "", **{name: cells[name] for name in _FIELDS if name in cells}})
