"""One archive of an extraction, written establishment by establishment (contract section 9).

A file of the archive is a whole document: every reference in it is to an object of the same file. So files end between
establishments, and what several establishments share (their legal entity) is said again in each file. One
establishment at a time is in memory; the directories of a file grow apart on disk until it is full, because the
document puts activities before the facilities that use them.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from lxml import etree

from mappings.csd.additions import OWN_IDENTIFIERS
from mappings.csd.answers import write_document
from mappings.csd.entries import DIRECTORIES
from mappings.csd.namespaces import csd
from mappings.csd.schemas import schema
from mappings.csd.stream import Form, entry_bytes, frame
from mappings.csd.version import Version
from mappings.csd.xml import parse_own
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger, LossKind, Severity

LARGEST_FILE = 103_000_000
"""Each XML file is smaller than this (contract section 9)."""

_FRAME = sum(len(piece) for piece in frame(Form.DOCUMENT, 0) if isinstance(piece, bytes))
_CHUNK = 256 * 1024


class FileTooLarge(Exception):
    """One establishment alone is larger than a file of an archive may be."""


class Entry(msgspec.Struct, frozen=True):
    """One entry of a directory; `shared` names the organisations, which a file says once."""

    directory: str
    content: bytes
    shared: str | None = None


def entries(repertoire: Repertoire, *, serial: int, version: Version, ledger: Ledger) -> list[Entry]:
    """The entries of one establishment, their keys unique in the archive: `serial` is that of the establishment."""
    root = parse_own(write_document(repertoire, version=version, ledger=ledger))
    if not schema(version).validate(root):
        _note_invalid(repertoire, ledger)
    shared = _name(root, repertoire, serial)
    return [
        Entry(name, entry_bytes(entry), key if (key := str(entry.get("entityID"))) in shared else None)
        for name in DIRECTORIES
        for entry in root.iterfind(f"{csd(f'{name}Directory')}/*")
    ]


def _note_invalid(repertoire: Repertoire, ledger: Ledger) -> None:
    """What the source lacks may be what the schema wants: it is passed on as it is, and told."""
    for site in repertoire.entites_geographiques:
        ledger.note(
            LossKind.INCONSISTENT,
            object=site.cle,
            path="",
            rule="extraction.document.schema",
            value_kind="object",
            severity=Severity.ERROR,
        )


def _name(root: etree._Element, repertoire: Repertoire, serial: int) -> frozenset[str]:
    """Give every entry a key that no other establishment has; an organisation is named after itself."""
    organisations = [
        *(f"EJ-{one.cle}" for one in repertoire.entites_juridiques),
        *(f"EG-{one.cle}" for one in repertoire.entites_geographiques),
    ]
    written = root.iterfind(f"{csd('organizationDirectory')}/*")
    names = {entry.get("entityID"): name for entry, name in zip(written, organisations, strict=True)}
    for entry in root.iterfind("*/*"):
        key = entry.get("entityID")
        names.setdefault(key, f"{key}-{serial}")
    for element in root.iter():
        name = names.get(element.get("entityID"))
        if name is not None and element.tag not in OWN_IDENTIFIERS:
            element.set("entityID", name)
    return frozenset(organisations)


class _File:
    """One XML file while it is gathered."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._sections: dict[str, IO[bytes]] = {
            name: self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
            for name in DIRECTORIES
        }
        self._shared: set[str] = set()
        self.size = _FRAME
        self.empty = True

    def weight(self, some: list[Entry]) -> int:
        """The bytes those entries would add."""
        return sum(len(entry.content) for entry in some if entry.shared not in self._shared)

    def add(self, some: list[Entry]) -> None:
        """Append those entries, but for organisations already said."""
        self.size += self.weight(some)
        self.empty = False
        for entry in some:
            if entry.shared not in self._shared:
                self._sections[entry.directory].write(entry.content)
        self._shared.update(entry.shared for entry in some if entry.shared is not None)

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the document."""
        for piece in frame(Form.DOCUMENT, 0):
            if isinstance(piece, bytes):
                yield piece
                continue
            self._sections[piece].seek(0)
            yield from _pieces(self._sections[piece])

    def close(self) -> None:
        """Give the disk back."""
        self._open.close()


class ArchiveWriter:
    """The archive at a path. `name` begins the name of each file, `size` is the most a file should weigh.

    An establishment heavier than `size` has a file of its own; one that no file may hold raises `FileTooLarge`.
    """

    def __init__(self, path: Path, name: str, *, version: Version, size: int) -> None:
        self._zip = ZipFile(path, "w", ZIP_DEFLATED)
        self._name = name
        self._version = version
        self._size = size
        self._establishments = 0
        self._file = _File()
        self.files = 0

    def add(self, repertoire: Repertoire, ledger: Ledger) -> None:
        """Write one establishment whole."""
        self._establishments += 1
        some = entries(repertoire, serial=self._establishments, version=self._version, ledger=ledger)
        if not self._file.empty and self._file.size + self._file.weight(some) > self._size:
            self._seal()
        if self._file.size + self._file.weight(some) >= LARGEST_FILE:
            raise FileTooLarge
        self._file.add(some)

    def finish(self) -> None:
        """Write the last file, even empty, and the end of the archive."""
        if not self._file.empty or not self.files:
            self._seal()
        self.close()

    def close(self) -> None:
        """Let go of everything; an archive that was not finished is worth nothing."""
        self._file.close()
        self._zip.close()

    def _seal(self) -> None:
        self.files += 1
        write_file(self._zip, f"{self._name}_{self.files:03}", self._file.pieces())
        self._file.close()
        self._file = _File()


def write_file(archive: ZipFile, name: str, pieces: Iterator[bytes]) -> None:
    """One XML file of an archive, and the text file of the same name that holds its SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with archive.open(_entry(f"{name}.xml"), "w") as target:
        for piece in pieces:
            digest.update(piece)
            target.write(piece)
    archive.writestr(_entry(f"{name}.txt"), digest.hexdigest())


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while data := source.read(_CHUNK):
        yield data


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def concatenate(sources: list[Path], path: Path) -> int:
    """One archive of all the files of several; returns how many XML files it holds."""
    files = 0
    with ZipFile(path, "w", ZIP_DEFLATED) as target:
        for source in sources:
            with ZipFile(source) as archive:
                for name in archive.namelist():
                    if name.endswith(".xml"):
                        files += 1
                        with archive.open(name) as content:
                            write_file(target, name.removesuffix(".xml"), _pieces(content))
    return files
