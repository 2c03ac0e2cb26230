"""A document larger than memory, read and written entry by entry (contract sections 6, 7 and 9).

The five directories stand in a `CSD` root (extraction) or in an answer, itself bare or in an envelope. The source is
read twice: references point forward, so keys are learnt first. One entry at a time is in memory, and bounded.
"""

from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import BinaryIO

from lxml import etree

from mappings.csd.answers import DOCUMENT, READING_ANSWER, MalformedAnswer
from mappings.csd.contexts import local_name
from mappings.csd.dialect import Dialect
from mappings.csd.directories import ORDER, Directories
from mappings.csd.entries import DIRECTORIES, TAGS, Entries
from mappings.csd.markup import DECLARATION, DECLARED
from mappings.csd.namespaces import csd, soap
from mappings.csd.notification import NOTIFICATION_ANSWER
from mappings.csd.preparation import Holdings
from mappings.csd.scalars import read_integer
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.way import Way
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.repertoire import Objet
from mappings.loss import Ledger, LossKind
from mappings.shelf import Shelves

_ENVELOPE, _BODY = soap("Envelope"), soap("Body")
_RESULT, _NUMBER = csd("result"), csd("facilityNumber")


class Form(StrEnum):
    """What a document is, as far as its first elements tell."""

    DOCUMENT = "CSD"
    READING = "careServicesResponse/result"
    ERROR = "careServicesResponse/error"
    NOTIFICATION = "notification"
    FAULT = "Fault"


_FORMS: dict[tuple[str, ...], Form] = {
    (DOCUMENT,): Form.DOCUMENT,
    (READING_ANSWER, _RESULT): Form.READING,
    (READING_ANSWER, csd("error")): Form.ERROR,
    (NOTIFICATION_ANSWER,): Form.NOTIFICATION,
    (soap("Fault"),): Form.FAULT,
}
# The ways to the element that holds the directories, and to what announces how many units they hold.
_HOLDERS = frozenset({(DOCUMENT,), (READING_ANSWER, _RESULT, csd("queryResult"))})
# A document, a directory, an entry.
_ENTRY = 3
_COUNT = (READING_ANSWER, _RESULT, _NUMBER)
_CHOICE = frozenset({(READING_ANSWER, _RESULT), (READING_ANSWER, csd("error"))})
_ABOVE = frozenset({(), (READING_ANSWER,), (READING_ANSWER, _RESULT)})


class _Way(Way):
    """The way through a document of the contract, whose message an envelope may hold."""

    def message(self) -> tuple[str, ...] | None:
        """The way from the message, envelope left out; None in a header."""
        if self.open[0] != _ENVELOPE:
            return tuple(self.open)
        if len(self.open) > 1 and self.open[1] != _BODY:
            return None
        return tuple(self.open[2:])

    def malformed(self, path: str) -> MalformedAnswer:
        """The refusal of the document at the last element that opened."""
        return MalformedAnswer(path, *self.place())


def form_of(source: BinaryIO) -> Form:
    """What the document is; raises `XmlRefused` or `MalformedAnswer` when it is nothing of the contract."""
    way = _Way(source)
    for action, element in way.events():
        message = way.message()
        if action == "end" or message is None:
            continue
        if message in _FORMS:
            return _FORMS[message]
        if message not in _ABOVE:
            raise way.malformed(local_name(element))
    raise way.malformed("Body")


def check_document(source: BinaryIO, version: Version) -> None:
    """Raise `XmlRefused` or `MalformedAnswer` unless it is a `CSD` document that the schema of the version allows.

    In two readings: a parser that validates forgives an end that is missing.
    """
    for allowed in (None, schema(version)):
        way = _Way(source, allowed)
        for action, element in way.events():
            if action == "start" and way.open[0] != DOCUMENT:
                raise way.malformed(local_name(element))
            if action == "end" and len(way.open) == _ENTRY:
                way.consumed(element)


class Stream:
    """The directories of a document, read entry by entry.

    `announced` is the number of units that an answer says it holds, and `units` the number it does hold.
    """

    def __init__(
        self,
        source: BinaryIO,
        *,
        version: Version,
        dialect: Dialect,
        ledger: Ledger,
        at: date,
        shelves: Shelves,
    ) -> None:
        self._source = source
        self._version = version
        self._ledger = ledger
        self._entries = Entries(version, dialect, ledger, at, shelves)
        self._directories: set[str] = set()
        self._results = 0
        self._answer = False
        self.announced: int | None = None
        self.units = 0

    def objects(self) -> Iterator[Objet]:
        """Every object: organisations and facilities in the order of the document, then the professionals."""
        for name, entry in self._scan(first=True):
            self._entries.meet(name, entry)
        for name, entry in self._scan(first=False):
            found = self._entries.read(name, entry)
            if found is not None:
                self.units += isinstance(found, OffreOperationnelle)
                yield found
        self._entries.note_unused()
        self._note_count()
        yield from self._entries.professionals.values()

    def _scan(self, *, first: bool) -> Iterator[tuple[str, etree._Element]]:
        """The entries of the directories, each with the name of its directory. The first scan checks what is around."""
        way = _Way(self._source)
        holder: tuple[str, ...] = ()
        self._results = 0
        for action, element in way.events():
            message = way.message()
            if message is None:
                continue
            if action == "start":
                self._check_one(message, holder, way)
                if message in _HOLDERS:
                    holder = message
                continue
            if holder and message[: len(holder)] == holder:
                yield from self._inside(message[len(holder) :], element, way, first=first)
            elif first:
                self._around(message, element, way)
        if first:
            self._check_directories(holder, way)

    def _check_one(self, message: tuple[str, ...], holder: tuple[str, ...], way: _Way) -> None:
        """An answer is an error or a result, once, and a result holds one document."""
        self._results += message in _CHOICE
        if self._results > 1:
            raise way.malformed("careServicesResponse/error|result")
        if holder and message == holder:
            raise way.malformed("careServicesResponse/result/queryResult")

    def _inside(
        self, below: tuple[str, ...], element: etree._Element, way: _Way, *, first: bool
    ) -> Iterator[tuple[str, etree._Element]]:
        """What closes below the holder of the directories: an entry, or one of the directories."""
        name = TAGS.get(below[0]) if below else None
        if len(below) == 2:
            if name is not None:
                yield name, element
            way.consumed(element)
        elif len(below) == 1:
            if name is not None:
                self._directories.add(name)
            if first and name is not None:
                self._entries.note_frame(element, spoken=way.spoken(element))
            elif first:
                self._entries.note_unknown(f"{local_name_of(way.open[-2])}/{local_name(element)}")
            way.consumed(element)
        elif first and not below:
            self._entries.note_frame(element, spoken=way.spoken(element))

    def _around(self, message: tuple[str, ...], element: etree._Element, way: _Way) -> None:
        """What closes outside the holder of the directories."""
        if message in _ABOVE and message:
            self._entries.note_frame(element, spoken=way.spoken(element))
        elif message == _COUNT:
            self.announced = _number(element.text, way)
            self._entries.note_frame(element, spoken=False)
        elif message[:-1] == _COUNT or (message[:-1] in _ABOVE and message not in _ABOVE and message not in _FORMS):
            self._entries.note_unknown("/".join(local_name_of(tag) for tag in message))

    def _check_directories(self, holder: tuple[str, ...], way: _Way) -> None:
        self._answer = len(holder) > 1
        if not holder:
            raise way.malformed("careServicesResponse/result/queryResult")
        missing = [name for name in DIRECTORIES if name not in self._directories]
        if missing:
            raise way.malformed(f"{local_name_of(holder[-1])}/{missing[0]}Directory")

    def _note_count(self) -> None:
        """An answer that miscounts is told; one of 1.5 must count (contract section 15.1)."""
        if self.announced is None:
            if self._answer and self._version is Version.V1_5:
                self._note_number("facility-number.missing")
        elif self.announced != self.units:
            self._note_number("facility-number.wrong")

    def _note_number(self, rule: str) -> None:
        self._ledger.note(
            LossKind.INCONSISTENT,
            object="",
            path="facilityNumber",
            rule=f"csd-{self._version}.{rule}",
            value_kind="integer",
        )


def _number(text: str | None, way: _Way) -> int | None:
    try:
        return read_integer(text) if text and text.strip() else None
    except ValueError:
        raise way.malformed("careServicesResponse/result/facilityNumber") from None


def local_name_of(tag: str) -> str:
    """The name of a qualified tag without its namespace."""
    return tag.rpartition("}")[2]


def write_entries(
    holdings: Holdings,
    section: Callable[[str], BinaryIO],
    *,
    version: Version,
    ledger: Ledger,
    shelves: Shelves,
    at: date = date.max,
) -> int:
    """Write the entries of each directory to the file that `section` gives it, for a reader of that day; returns the
    number of units.
    """
    directories = Directories(holdings, version, ledger, shelves, at=at)
    for name in ORDER:
        target = section(name)
        for entry in directories.write(name):
            target.write(entry)
    return directories.units


def entry_bytes(entry: etree._Element) -> bytes:
    """The bytes of an entry inside a document, which declares the namespace once, at its root."""
    return etree.tostring(entry, encoding="UTF-8", xml_declaration=False).replace(DECLARED.encode(), b"", 1)


def frame(form: Form, units: int) -> Iterator[bytes | str]:
    """The pieces of a document around its entries: bytes, and the name of a directory where its entries stand."""
    ways = {Form.DOCUMENT: ["CSD"], Form.READING: ["careServicesResponse", "result", "queryResult"]}
    first, *others = ways[form]
    yield DECLARATION + b"<csd:" + first.encode() + DECLARED.encode() + b">"
    for name in others:
        if name == "queryResult":
            yield b"<csd:facilityNumber>%d</csd:facilityNumber>" % units
        yield b"<csd:%s>" % name.encode()
    for name in DIRECTORIES:
        yield b"<csd:%sDirectory>" % name.encode()
        yield name
        yield b"</csd:%sDirectory>" % name.encode()
    for name in (*reversed(others), first):
        yield b"</csd:%s>" % name.encode()
    yield b"\n"
