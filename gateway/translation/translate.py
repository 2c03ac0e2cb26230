"""A document in one format, in another: read whole onto disk, then written."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from lxml import etree

from gateway.translation import reading, writing
from gateway.translation.formats import VERSIONS, InputRefused, Root, Task
from gateway.translation.shelf import Store
from mappings.csd.answers import MalformedAnswer, read_answer, write_answer
from mappings.csd.documents import malformed
from mappings.csd.markup import DECLARATION
from mappings.csd.namespaces import soap
from mappings.csd.soap import NotSoap, read_envelope
from mappings.csd.stream import Form, form_of
from mappings.csd.xml import MAXIMUM_SIZE, parse, position
from mappings.loss import Ledger


def translate(source: BinaryIO, target: BinaryIO, task: Task, *, ledger: Ledger, progress: reading.Progress) -> int:
    """Write the document of `source`, which can be read twice, to `target`; returns how many objects it holds.

    Raises `InputRefused`, always before the first byte is written.
    """
    form = _form(source, task)
    if form in (Form.ERROR, Form.NOTIFICATION, Form.FAULT):
        _answer(source, target, task, form=form, ledger=ledger)
        return 0
    with _store() as store:
        holdings = reading.read(source, task, ledger=ledger, store=store, progress=progress)
        root = Root.CSD if form is Form.DOCUMENT else Root.ANSWER
        writing.write(target, task, holdings, root=root, ledger=ledger, store=store)
        return len(holdings)


@contextmanager
def _store() -> Iterator[Store]:
    store = Store()
    try:
        yield store
    finally:
        store.close()


def _form(source: BinaryIO, task: Task) -> Form | None:
    """What a CSD document is; None in the other formats."""
    if task.source not in VERSIONS:
        return None
    with reading.refusals():
        return form_of(source)


def _answer(source: BinaryIO, target: BinaryIO, task: Task, *, form: Form, ledger: Ledger) -> None:
    """A functional refusal or a notification: small, and of CSD alone."""
    if form is Form.FAULT or task.target not in VERSIONS:
        raise InputRefused(form.name.lower(), 1, 1)
    source.seek(0)
    with reading.refusals():
        data = source.read(MAXIMUM_SIZE + 1)
        root = parse(data)
        try:
            body = _body(root)
            answer = read_answer(
                body, version=VERSIONS[task.source], dialect=task.dialect, ledger=ledger, at=task.source_at
            )
        except MalformedAnswer as refused:
            raise MalformedAnswer(refused.path, *position(iter([data]), refused.rank)) from None
    target.write(DECLARATION + write_answer(answer, version=VERSIONS[task.target], ledger=ledger) + b"\n")


def _body(root: etree._Element) -> etree._Element:
    if root.tag != soap("Envelope"):
        return root
    try:
        return read_envelope(root).body
    except NotSoap as refused:
        raise malformed(f"Envelope/{refused.code}", root) from None
