"""Every format into stored objects. A failure here comes before the first byte is written."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import partial
from typing import BinaryIO, NamedTuple

import msgspec

from gateway.translation.files import is_xml
from gateway.translation.formats import FHIR, VERSIONS, InputRefused, Task
from gateway.translation.holdings import CLASSES, StoredHoldings
from gateway.translation.members import JsonTextRefused, Member, members
from gateway.translation.shelf import Shelf, Store
from mappings.csd.documents import MalformedAnswer
from mappings.csd.markup import FORBIDDEN
from mappings.csd.stream import Stream
from mappings.csd.xml import XmlRefused
from mappings.exposition.repertoire import Objet
from mappings.fhir.bundle import is_next, note_outcome, resource_of
from mappings.fhir.bundle_stream import BundleRefused, BundleStream
from mappings.fhir.encoding import JsonRefused, decode, encode
from mappings.fhir.read import read_each
from mappings.fhir.shape import Json, MalformedResource
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.transposition import Transposition

STEP = 500
Progress = Callable[[int], None]

_DECODE = msgspec.json.Decoder(float_hook=Decimal).decode
_DECODERS: dict[str, msgspec.json.Decoder[Objet]] = {name: msgspec.json.Decoder(kind) for name, kind in CLASSES.items()}


def read(source: BinaryIO, task: Task, *, ledger: Ledger, store: Store, progress: Progress) -> StoredHoldings:
    """The objects of a document; raises `InputRefused`."""
    holdings = StoredHoldings(store)
    with refusals():
        if task.source in VERSIONS:
            objects = _csd(source, task, ledger, store)
        elif task.source == FHIR:
            objects = _fhir(source, task.source_at, ledger, store)
        else:
            objects = _exposition(source, holdings)
        carried = Transposition(task.source_at, task.at, task.accepted)
        _keep((carried.objet(objet, ledger) for objet in objects), holdings, progress)
    return holdings


@contextmanager
def refusals() -> Iterator[None]:
    """Every way in which a document can be refused, as `InputRefused`."""
    try:
        yield
    except (XmlRefused, JsonTextRefused) as refused:
        raise InputRefused(refused.code, refused.line, refused.column) from None
    except MalformedAnswer as refused:
        raise InputRefused("not-an-answer", refused.line, refused.column, refused.path) from None
    except BundleRefused as refused:
        code = "repeated-element" if refused.code == "repeated" else refused.code
        raise InputRefused(code, refused.line, refused.column, refused.path) from None


def _keep(objects: Iterator[Objet], holdings: StoredHoldings, progress: Progress) -> None:
    """Keep every object. Of two with one key the reader kept the first, and told it."""
    for objet in objects:
        holdings.add(objet)
        if len(holdings) % STEP == 0:
            progress(len(holdings))


def _csd(source: BinaryIO, task: Task, ledger: Ledger, store: Store) -> Iterator[Objet]:
    version = VERSIONS[task.source]
    stream = Stream(
        source, version=version, dialect=task.dialect, ledger=ledger, at=task.source_at, shelves=store.shelf
    )
    return stream.objects()


class _Resources(Mapping[str, Json]):
    """The resources of a Bundle by relative reference, as the JSON they are."""

    def __init__(self, shelf: Shelf[bytes]) -> None:
        self.shelf = shelf

    def __getitem__(self, reference: str) -> Json:
        return _DECODE(self.shelf[reference])  # type: ignore[no-any-return]  # an object: it was decoded before

    def __iter__(self) -> Iterator[str]:
        return iter(self.shelf)

    def __len__(self) -> int:
        return len(self.shelf)


class _Entry(NamedTuple):
    """An entry of a Bundle as JSON, and where it stands."""

    content: Json
    place: Callable[[], tuple[int, int]]


def _fhir(source: BinaryIO, at: date, ledger: Ledger, store: Store) -> Iterator[Objet]:
    resources = _Resources(store.shelf(bytes))
    entries = _entries_of_xml(source, ledger) if is_xml(source) else _entries_of_json(source, ledger)
    for rank, entry in enumerate(entries):
        _keep_resource(entry, rank, resources.shelf, ledger)
    return read_each(resources, ledger=ledger, at=at, shelves=store.shelf)


def _entries_of_json(source: BinaryIO, ledger: Ledger) -> Iterator[_Entry]:
    kind: object = None
    rank = 0
    for member in members(source):
        if member.name == "entry":
            yield _entry_of_json(member, rank)
            rank += 1
            continue
        value = _decoded(b'{"value":' + member.data + b"}", member, member.name)["value"]
        if member.name == "resourceType":
            kind = value
        elif member.name == "link" and is_next(value):
            _note_page(ledger)
    if kind != "Bundle":
        raise InputRefused("not-a-bundle", 1, 1, "resourceType")


def _entry_of_json(member: Member, rank: int) -> _Entry:
    if not member.item:
        raise InputRefused("wrong-type", member.line, member.column, "entry")
    return _Entry(_decoded(member.data, member, f"entry[{rank}]"), lambda: (member.line, member.column))


def _decoded(data: bytes, member: Member, path: str) -> Json:
    try:
        return decode(data)
    except JsonRefused as refused:
        raise InputRefused(refused.code, member.line, member.column, path) from None


def _entries_of_xml(source: BinaryIO, ledger: Ledger) -> Iterator[_Entry]:
    stream = BundleStream(source)
    for entry in stream.entries():
        yield _Entry(entry.content, partial(stream.place, entry.rank))
    if stream.following:
        _note_page(ledger)


def _note_page(ledger: Ledger) -> None:
    """The Bundle is one page of a search: what the next ones hold is not in the document."""
    ledger.note(
        LossKind.UNRESOLVED, object="", path="Bundle.link", rule="fhir-read.bundle.page", severity=Severity.ERROR
    )


def _keep_resource(entry: _Entry, rank: int, shelf: Shelf[bytes], ledger: Ledger) -> None:
    """Keep the resource of an entry; two different ones of one reference are refused: which is meant is not known."""
    try:
        found = resource_of(entry.content, rank)
    except MalformedResource as refused:
        raise InputRefused("wrong-type", *entry.place(), refused.path) from None
    if found is None:
        if entry.content.get("resource"):
            note_outcome(rank, ledger)
        return
    reference, encoded = found[0], encode(found[1])
    if shelf.setdefault(reference, encoded) != encoded:
        raise InputRefused("repeated", *entry.place(), f"entry[{rank}]")


def _exposition(source: BinaryIO, holdings: StoredHoldings) -> Iterator[Objet]:
    for member in members(source):
        decoder = _DECODERS.get(member.name)
        if decoder is None:
            raise InputRefused("not-exposition", member.line, member.column, member.name)
        if not member.item:
            raise InputRefused("wrong-type", member.line, member.column, member.name)
        try:
            objet = decoder.decode(member.data)
        except msgspec.ValidationError as error:
            path = f"{member.name}{str(error).partition('`$')[2].partition('`')[0]}"
            raise InputRefused("wrong-type", member.line, member.column, path) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise InputRefused("not-well-formed", member.line, member.column, member.name) from None
        fault = _fault(_decoded(member.data, member, member.name), msgspec.to_builtins(objet), member.name)
        if fault is not None:
            code, path = fault
            raise InputRefused(code, member.line, member.column, path)
        if holdings.holds(objet):
            raise InputRefused("repeated", member.line, member.column, member.name)
        yield objet


def _fault(given: object, kept: object, path: str) -> tuple[str, str] | None:
    """The first member that the model does not have, or text that no document may hold: the code and the path."""
    if isinstance(given, str) and FORBIDDEN.search(given):
        return "character", path
    if isinstance(given, dict) and isinstance(kept, dict):
        inside = (
            _fault(value, kept[name], f"{path}.{name}") if name in kept else ("not-exposition", f"{path}.{name}")
            for name, value in given.items()
        )
    elif isinstance(given, list) and isinstance(kept, tuple):
        inside = (_fault(one, other, path) for one, other in zip(given, kept, strict=True))
    else:
        return None
    return next((found for found in inside if found is not None), None)
