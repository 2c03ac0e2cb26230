"""A document read and written entry by entry says what the same document says in memory."""

import io
from collections import Counter
from datetime import date

import pytest
from lxml import etree

from mappings.csd.answers import MalformedAnswer, read_document, write_answer, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.stream import Form, Stream, form_of, frame, write_entries
from mappings.csd.version import Version
from mappings.csd.way import MAXIMUM_ENTRY
from mappings.csd.xml import XmlRefused, parse, serialize
from mappings.exposition.demandes import ErreurContrat, ReponseOffres
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger
from mappings.shelf import in_memory
from tests.documents.builder import rich_document

VERSIONS = [version for version in Version if version is not Version.V2016]
SOAP = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">{header}<s:Body>{body}</s:Body></s:Envelope>'


def stream(data: bytes, version: Version, ledger: Ledger) -> Stream:
    return Stream(io.BytesIO(data), version=version, dialect=Dialect(), ledger=ledger, at=date.max, shelves=in_memory)


def written(repertoire: Repertoire, version: Version, form: Form, ledger: Ledger) -> bytes:
    sections: dict[str, io.BytesIO] = {}
    units = write_entries(
        repertoire,
        lambda name: sections.setdefault(name, io.BytesIO()),
        version=version,
        ledger=ledger,
        shelves=in_memory,
    )
    pieces = (piece if isinstance(piece, bytes) else sections[piece].getvalue() for piece in frame(form, units))
    return b"".join(pieces)


def canonical(data: bytes) -> bytes:
    return etree.tostring(parse(data), method="c14n", exclusive=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_streamed_in_is_what_is_read_whole(version: Version) -> None:
    data = serialize(rich_document(version))
    whole, streamed = Ledger(), Ledger()
    repertoire = read_document(parse(data), version=version, dialect=Dialect(), ledger=whole)

    objects = list(stream(data, version, streamed).objects())

    assert sorted(objects, key=repr) == sorted(repertoire.objets(), key=repr)
    assert Counter(streamed.entries) == Counter(whole.entries)


@pytest.mark.parametrize("source", VERSIONS)
@pytest.mark.parametrize("target", VERSIONS)
def test_what_is_streamed_out_is_what_is_written_whole(source: Version, target: Version) -> None:
    repertoire = read_document(rich_document(source), version=source, dialect=Dialect(), ledger=Ledger())
    whole, streamed = Ledger(), Ledger()
    document = write_document(repertoire, version=target, ledger=whole)
    answer = write_answer(ReponseOffres(repertoire, None), version=target, ledger=Ledger())

    assert canonical(written(repertoire, target, Form.DOCUMENT, streamed)) == canonical(document)
    assert Counter(streamed.entries) == Counter(whole.entries)
    assert canonical(written(repertoire, target, Form.READING, Ledger())) == canonical(answer)


ERROR = write_answer(ErreurContrat(1, "refus"), version=Version.V3_0, ledger=Ledger())
READING = write_answer(ReponseOffres(Repertoire(), 0), version=Version.V3_0, ledger=Ledger())
FAULT = '<s:Fault xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>'


def body(data: bytes) -> str:
    return etree.tostring(parse(data), encoding="unicode")


@pytest.mark.parametrize(
    ("document", "form"),
    [
        pytest.param(write_document(Repertoire(), version=Version.V3_0, ledger=Ledger()), Form.DOCUMENT, id="document"),
        pytest.param(READING, Form.READING, id="reading"),
        pytest.param(ERROR, Form.ERROR, id="error"),
        pytest.param(SOAP.format(header="", body=body(READING)).encode(), Form.READING, id="reading in an envelope"),
        pytest.param(
            SOAP.format(header="<s:Header><a/></s:Header>", body=body(ERROR)).encode(),
            Form.ERROR,
            id="error after a header",
        ),
        pytest.param(SOAP.format(header="", body=FAULT).encode(), Form.FAULT, id="fault"),
    ],
)
def test_the_form_of_a_document_is_told_by_its_first_elements(document: bytes, form: Form) -> None:
    assert form_of(io.BytesIO(document)) is form


@pytest.mark.parametrize(
    ("document", "path", "line", "column"),
    [
        pytest.param("<a/>", "a", 1, 1, id="another root"),
        pytest.param("<Envelope/>", "Envelope", 1, 1, id="an envelope of nothing"),
        pytest.param(SOAP.format(header="", body=""), "Body", 1, 63, id="an empty body"),
        pytest.param(SOAP.format(header="", body="\n<a/>"), "a", 2, 1, id="another body"),
    ],
)
def test_what_is_no_document_of_the_contract_is_refused_where_it_stops_being_one(
    document: str, path: str, line: int, column: int
) -> None:
    with pytest.raises(MalformedAnswer) as refusal:
        form_of(io.BytesIO(document.encode()))

    assert (refusal.value.path, refusal.value.line, refusal.value.column) == (path, line, column)


def test_an_envelope_with_a_header_is_read_like_its_body() -> None:
    root = rich_document(Version.V3_0)
    data = serialize(root)
    answer = body(data).replace(":CSD ", ":queryResult ", 1).replace(":CSD>", ":queryResult>")
    wrapped = (
        f'<c:careServicesResponse xmlns:c="urn:ihe:iti:csd:2013"><c:result>{answer}</c:result></c:careServicesResponse>'
    )
    enveloped = SOAP.format(header="<s:Header><x><y/></x></s:Header>", body=wrapped).encode()

    assert list(stream(enveloped, Version.V3_0, Ledger()).objects()) == list(
        stream(data, Version.V3_0, Ledger()).objects()
    )


def test_an_answer_of_1_5_must_count_its_units() -> None:
    ledger = Ledger()
    uncounted = READING.replace(b"<csd:facilityNumber>0</csd:facilityNumber>", b"")

    list(stream(uncounted, Version.V1_5, ledger).objects())

    assert [loss.rule for loss in ledger.entries] == ["csd-1.5.facility-number.missing"]


def test_an_entry_too_large_is_refused_before_it_is_whole() -> None:
    text = "<text>" + "x" * 100_000 + "</text>"
    entry = f"<organization>{text * (MAXIMUM_ENTRY // 100_000 + 2)}"
    document = f'<CSD xmlns="urn:ihe:iti:csd:2013"><organizationDirectory>{entry}'.encode()

    with pytest.raises(XmlRefused) as refusal:
        list(stream(document, Version.V3_0, Ledger()).objects())

    assert refusal.value.code == "too-large"
    assert refusal.value.line == 1
