"""A whole CSD document, both ways (contract section 7): five directories, in this order, possibly empty."""

from datetime import date

from lxml import etree

from mappings.csd.contexts import line_of, local_name
from mappings.csd.dialect import Dialect
from mappings.csd.directories import ORDER, Directories
from mappings.csd.entries import DIRECTORIES, FORMATS, TAGS, Entries
from mappings.csd.namespaces import csd
from mappings.csd.strays import has_text
from mappings.csd.version import Version
from mappings.csd.xml import rank_of
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.loss import Ledger

__all__ = ["DIRECTORIES", "FORMATS", "MalformedAnswer", "malformed", "read_repertoire", "write_repertoire"]


class MalformedAnswer(Exception):
    """The element is not an answer of the contract; `path`, `line` and `column` say where.

    A tree knows no column: one who has the bytes finds it by `rank`, the place of the element among opening tags.
    """

    def __init__(self, path: str, line: int = 0, column: int = 0, *, rank: int = 0) -> None:
        super().__init__(f"{path} (line {line})")
        self.path = path
        self.line = line
        self.column = column
        self.rank = rank


def malformed(path: str, element: etree._Element) -> MalformedAnswer:
    """The refusal of a tree at an element of it."""
    return MalformedAnswer(path, line_of(element), rank=rank_of(element))


def read_repertoire(
    element: etree._Element, *, version: Version, dialect: Dialect, ledger: Ledger, at: date
) -> Repertoire:
    """The directory that a document holds: every reference is a key of the model, or noted as dangling."""
    missing = [name for name in DIRECTORIES if element.find(csd(f"{name}Directory")) is None]
    if missing:
        raise malformed(f"{local_name(element)}/{missing[0]}Directory", element)
    entries = Entries(version, dialect, ledger, at)
    for directory in element:
        name = TAGS.get(str(directory.tag))
        if name is None:
            entries.note_unknown(f"{local_name(element)}/{local_name(directory)}")
            continue
        for entry in directory:
            entries.meet(name, entry)
        entries.note_frame(directory, spoken=has_text(directory))
    entries.note_frame(element, spoken=has_text(element))
    objects = [
        value
        for directory in element
        if (name := TAGS.get(str(directory.tag))) is not None
        for entry in directory
        if (value := entries.read(name, entry)) is not None
    ]
    entries.note_unused()
    return _repertoire(objects, entries)


def _repertoire(objects: list[Objet], entries: Entries) -> Repertoire:
    return Repertoire(
        entites_juridiques=tuple(found for found in objects if isinstance(found, EntiteJuridique)),
        entites_geographiques=tuple(found for found in objects if isinstance(found, EntiteGeographique)),
        organisations_internes=tuple(found for found in objects if isinstance(found, OrganisationInterne)),
        offres=tuple(found for found in objects if isinstance(found, OffreOperationnelle)),
        professionnels=tuple(entries.professionals.values()),
    )


def write_repertoire(repertoire: Repertoire, *, version: Version, ledger: Ledger, at: date) -> tuple[list[bytes], int]:
    """The text of the five directories in a version, in pieces, and how many elementary units they hold."""
    directories = Directories(repertoire, version, ledger, at=at)
    written = {name: list(directories.write(name)) for name in ORDER}
    pieces: list[bytes] = []
    for name in DIRECTORIES:
        tag = f"csd:{name}Directory".encode()
        pieces += (b"<%s>" % tag, *written[name], b"</%s>" % tag) if written[name] else (b"<%s/>" % tag,)
    return pieces, directories.units
