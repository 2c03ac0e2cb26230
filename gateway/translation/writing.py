"""Stored objects into every format, object by object. The end of the document is written last, or not at all."""

import shutil
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from typing import IO, BinaryIO

import msgspec

from gateway.translation.formats import EXPOSITION, FHIR, VERSIONS, Root, Task
from gateway.translation.holdings import CLASSES, StoredHoldings
from gateway.translation.shelf import Store
from mappings.csd.stream import Form, frame, write_entries
from mappings.fhir.write import write_each
from mappings.loss import Ledger

_FORMS = {Root.CSD: Form.DOCUMENT, Root.ANSWER: Form.READING}
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def write(target: BinaryIO, task: Task, holdings: StoredHoldings, *, root: Root, ledger: Ledger, store: Store) -> None:
    """Write the document of some objects; what the format cannot say is in the ledger."""
    if task.target in VERSIONS:
        _csd(target, task, holdings, root, ledger=ledger, store=store)
    elif task.target == FHIR:
        _fhir(target, holdings, ledger=ledger, store=store)
    elif task.target == EXPOSITION:
        _exposition(target, holdings)


def _csd(target: BinaryIO, task: Task, holdings: StoredHoldings, root: Root, *, ledger: Ledger, store: Store) -> None:
    """The directories are kept apart until the last is known: activities stand before the facilities that use them."""
    with ExitStack() as open_files:
        sections: dict[str, IO[bytes]] = {}

        def section(name: str) -> BinaryIO:
            sections[name] = open_files.enter_context(tempfile.TemporaryFile())
            return sections[name]  # type: ignore[return-value]  # a file of bytes

        version = VERSIONS[task.target]
        units = write_entries(holdings, section, version=version, ledger=ledger, shelves=store.shelf, at=task.at)
        for piece in frame(_FORMS[root], units):
            if isinstance(piece, bytes):
                target.write(piece)
            else:
                sections[piece].seek(0)
                shutil.copyfileobj(sections[piece], target)


def _fhir(target: BinaryIO, holdings: StoredHoldings, *, ledger: Ledger, store: Store) -> None:
    target.write(b'{"resourceType":"Bundle","type":"collection"')
    opening = b',"entry":['
    for resource in write_each(holdings, ledger=ledger, shelves=store.shelf):
        target.write(opening + b'{"resource":' + resource + b"}")
        opening = b","
    target.write(b"]}\n" if opening == b"," else b"}\n")


def _exposition(target: BinaryIO, holdings: StoredHoldings) -> None:
    opening = b"{"
    for name in CLASSES:
        target.write(opening + msgspec.json.encode(name) + b":[")
        _items(target, getattr(holdings, name))
        opening = b"],"
    target.write(b"]}\n")


def _items(target: BinaryIO, objects: Iterable[object]) -> None:
    comma = b""
    for objet in objects:
        target.write(comma + _ENCODER.encode(objet))
        comma = b","
