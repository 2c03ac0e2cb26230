"""Every format into every other: one path, through objects on disk, says what the mappings say in memory."""

import io
import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import islice

import msgspec
import pytest
from lxml import etree

from conformance.reference.content import content
from conformance.reference.csd.dialect import Contract
from conformance.reference.csd.document import Document, answer
from conformance.reference.csd.wire import Scribe
from conformance.reference.solutions import ir
from gateway.translation.formats import FORMATS, VERSIONS, InputRefused, Task
from gateway.translation.translate import translate
from mappings.csd.answers import read_answer, write_answer
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.demandes import ErreurContrat, ReponseOffres
from mappings.exposition.repertoire import Repertoire
from mappings.fhir.bundle import collection, resources_of
from mappings.fhir.encoding import encode
from mappings.fhir.read import read
from mappings.fhir.write import write
from mappings.loss import Ledger, Loss

AT = date(2026, 11, 1)


@cache
def source(format_: str) -> bytes:
    """A few establishments in a format."""
    if format_ not in VERSIONS:
        return translated(source("csd-3.0"), "csd-3.0", format_)[0]
    document = Document(Scribe(ir.DIALECT, Contract(VERSIONS[format_].value), "https://ror.example"))
    for made in islice(content("84").establishments(), 3):
        document.add(made)
    return etree.tostring(answer(document, count=document.offers))


def translated(data: bytes, source_: str, target: str) -> tuple[bytes, Counter[Loss]]:
    output, ledger = io.BytesIO(), Ledger()
    translate(
        io.BytesIO(data), output, Task(source_, target, Dialect(), AT, AT), ledger=ledger, progress=lambda _: None
    )
    return output.getvalue(), Counter(ledger.entries)


def in_memory(data: bytes, source_: str, ledger: Ledger) -> Repertoire:
    if source_ in VERSIONS:
        reading = read_answer(parse(data), version=VERSIONS[source_], dialect=Dialect(), ledger=ledger, at=AT)
        assert isinstance(reading, ReponseOffres)
        return reading.repertoire
    if source_ == "fhir":
        return read(resources_of(msgspec.json.Decoder(float_hook=Decimal).decode(data)), ledger=ledger)
    return msgspec.json.decode(data, type=Repertoire)


def out_of_memory(repertoire: Repertoire, target: str, ledger: Ledger) -> object:
    if target in VERSIONS:
        document = parse(write_answer(ReponseOffres(repertoire, None), version=VERSIONS[target], ledger=ledger))
        return etree.tostring(document, method="c14n", exclusive=True)
    if target == "fhir":
        return comparable(encode(collection(write(repertoire, ledger=ledger).values())))
    return comparable(msgspec.json.Encoder(decimal_format="number").encode(repertoire))


def comparable(data: bytes) -> object:
    document = json.loads(data, parse_float=str)
    # Objects of other files come in the order of their file; what matters is that all are there.
    lists = ("entry", *Repertoire.__struct_fields__)
    return {name: sorted(map(repr, value)) if name in lists else value for name, value in document.items()}


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source_", FORMATS)
def test_a_translation_says_what_the_mappings_say_in_memory(source_: str, target: str) -> None:
    data = source(source_)
    ledger = Ledger()
    expected = out_of_memory(in_memory(data, source_, ledger), target, ledger)

    output, losses = translated(data, source_, target)

    written = etree.tostring(parse(output), method="c14n", exclusive=True) if target in VERSIONS else comparable(output)
    assert written == expected
    assert losses == Counter(ledger.entries)


def test_the_root_of_the_output_is_that_of_the_input() -> None:
    result = parse(source("csd-3.0"))[0]
    document = result[-1]
    document.tag = document.tag.replace("queryResult", "CSD")

    as_document, _ = translated(etree.tostring(document), "csd-3.0", "csd-2.4")
    as_answer, _ = translated(source("csd-3.0"), "csd-3.0", "csd-2.4")

    assert etree.QName(parse(as_document)).localname == "CSD"
    assert etree.QName(parse(as_answer)).localname == "careServicesResponse"
    units = len(re.findall(rb'<csd:facility entityID="UE-[0-9]+">', as_answer))
    assert f"<csd:facilityNumber>{units}<".encode() in as_answer


ERROR = write_answer(ErreurContrat(12, "Établissement inconnu"), version=Version.V3_0, ledger=Ledger())
BUNDLE = '{"resourceType":"Bundle","type":"collection","entry":[%s]}'


def test_a_functional_refusal_stays_one_in_every_version() -> None:
    output, losses = translated(ERROR, "csd-3.0", "csd-1.6")

    found = parse(output)[0]
    assert (found.get("code"), found.get("message")) == ("12", "Établissement inconnu")
    assert not losses


NOTIFICATION = (
    b'<r:TR-Notif-ListeEtablissementMajApresDate_Reponse xmlns:r="urn:asip:ror:2015" xmlns="urn:ihe:iti:csd:2013">'
    b"\n   %s"
    b"</r:TR-Notif-ListeEtablissementMajApresDate_Reponse>"
)


@pytest.mark.parametrize(
    ("data", "source_", "target", "code", "line", "column", "path"),
    [
        pytest.param(ERROR, "csd-3.0", "fhir", "error", 1, 1, "", id="a functional refusal outside CSD"),
        pytest.param(b"<a>", "csd-3.0", "fhir", "not-well-formed", 1, 4, "", id="cut"),
        pytest.param(b"\n<html></html>", "csd-3.0", "fhir", "not-an-answer", 2, 1, "html", id="a page"),
        pytest.param(b"{}", "csd-3.0", "fhir", "not-well-formed", 1, 1, "", id="JSON for XML"),
        pytest.param(
            NOTIFICATION % b"<etablissementReponseNotif/>",
            "csd-3.0",
            "csd-2.4",
            "not-an-answer",
            2,
            4,
            "etablissementReponseNotif/id_etablissement",
            id="an establishment without identifier",
        ),
        pytest.param(
            NOTIFICATION % b"<result>x</result>",
            "csd-3.0",
            "csd-2.4",
            "not-an-answer",
            1,
            1,
            "TR-Notif-ListeEtablissementMajApresDate_Reponse/result",
            id="a count that is no number",
        ),
        pytest.param(b"\n<a/>", "fhir", "csd-3.0", "not-a-bundle", 2, 1, "a", id="XML of no Bundle"),
        pytest.param(b"<a/>", "exposition", "csd-3.0", "not-well-formed", 1, 1, "", id="XML for JSON"),
        pytest.param(b"{}", "fhir", "csd-3.0", "not-a-bundle", 1, 1, "resourceType", id="no Bundle"),
        pytest.param(
            (BUNDLE % "\n1").encode(), "fhir", "csd-3.0", "not-an-object", 2, 1, "entry[0]", id="an entry that is none"
        ),
        pytest.param(
            (BUNDLE % '\n{"resource":{"id":"a","id":"b"}}').encode(),
            "fhir",
            "csd-3.0",
            "duplicate-key",
            2,
            1,
            "entry[0]",
            id="a name twice",
        ),
        pytest.param(
            (
                BUNDLE % '{"resource":{"resourceType":"Location","id":"a"}},\n'
                '{"resource":{"resourceType":"Location","id":"a","name":"b"}}'
            ).encode(),
            "fhir",
            "csd-3.0",
            "repeated",
            2,
            1,
            "entry[1]",
            id="two resources of one reference",
        ),
        pytest.param(
            b'{"resourceType":"Bundle",\n"total":NaN}', "fhir", "csd-3.0", "not-well-formed", 2, 9, "total", id="NaN"
        ),
        pytest.param(b'{"a":1}', "exposition", "fhir", "not-exposition", 1, 6, "a", id="unknown member"),
        pytest.param(
            b'{"offres":{}}', "exposition", "fhir", "wrong-type", 1, 11, "offres", id="a class that is no list"
        ),
        pytest.param(
            b'{"offres":[{"cle":"84/A"},\n{"cle":"84/B","horaires":[{},{"a":1}]}]}',
            "exposition",
            "fhir",
            "not-exposition",
            2,
            1,
            "offres.horaires.a",
            id="a member that the model does not have",
        ),
        pytest.param(
            b'{"offres":[\n{"cle":"84/A","nom":"a\\u0000"}]}',
            "exposition",
            "csd-3.0",
            "character",
            2,
            1,
            "offres.nom",
            id="a control character",
        ),
        pytest.param(
            b'{"offres":[\n{"cle":"84/A","nom":"a","nom":"b"}]}',
            "exposition",
            "fhir",
            "duplicate-key",
            2,
            1,
            "offres",
            id="a member twice",
        ),
        pytest.param(
            b'{"offres":[{"cle":"84/A"},\n{"cle":1}]}',
            "exposition",
            "fhir",
            "wrong-type",
            2,
            1,
            "offres.cle",
            id="a key that is a number",
        ),
        pytest.param(
            b'{"offres":[{"cle":"84/A"},\n{"cle":"84/A"}]}',
            "exposition",
            "fhir",
            "repeated",
            2,
            1,
            "offres",
            id="one key twice",
        ),
    ],
)
def test_a_refused_input_is_refused_before_a_byte_is_written(
    data: bytes, source_: str, target: str, code: str, line: int, column: int, path: str
) -> None:
    output = io.BytesIO()

    with pytest.raises(InputRefused) as refusal:
        translate(
            io.BytesIO(data), output, Task(source_, target, Dialect(), AT, AT), ledger=Ledger(), progress=lambda _: None
        )

    found = refusal.value
    assert (found.code, found.line, found.column, found.path) == (code, line, column, path)
    assert output.getvalue() == b""


@pytest.mark.parametrize("target", FORMATS)
def test_an_empty_directory_is_a_document_too(target: str) -> None:
    output, losses = translated(b"{}", "exposition", target)

    assert in_memory(output, target, Ledger()) == Repertoire()
    assert not losses
