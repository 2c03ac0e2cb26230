"""The files that commands are given, and those they refuse."""

import json
from pathlib import Path

import msgspec
import pytest

from gateway.nomenclatures.documents import DocumentRefused, occurrences, offers
from mappings.csd.answers import write_answer
from mappings.csd.soap import surround
from mappings.csd.version import Version
from mappings.exposition.demandes import ReponseOffres
from mappings.fhir.bundle import collection
from mappings.fhir.write import write
from mappings.fhir.xml import to_xml
from mappings.loss import Ledger


def keys(path: Path) -> set[str]:
    return {offre.cle for offre in offers(path, contract=Version.V3_0, ledger=Ledger()).offres}


def test_a_bare_document(csd: Path) -> None:
    assert keys(csd) == {"84/UE-0001", "84/UE-0002"}
    assert {one.code.code for one in occurrences(csd)} >= {"048", "037", "28"}


def test_an_answer_in_its_envelope(csd: Path, tmp_path: Path) -> None:
    repertoire = offers(csd, contract=Version.V3_0, ledger=Ledger())
    path = tmp_path / "reponse.xml"
    path.write_bytes(surround(write_answer(ReponseOffres(repertoire), version=Version.V3_0, ledger=Ledger())))

    assert keys(path) == {"84/UE-0001", "84/UE-0002"}


def test_a_bundle(bundle: Path) -> None:
    assert keys(bundle) == {"84/UE-0001"}


def test_fhir_in_xml_and_the_exposition_model_hold_the_same(csd: Path, bundle: Path, tmp_path: Path) -> None:
    repertoire = offers(csd, contract=Version.V3_0, ledger=Ledger())
    in_xml, exposed = tmp_path / "bundle.xml", tmp_path / "exposition.json"
    in_xml.write_bytes(to_xml(collection(write(repertoire, ledger=Ledger()).values())))
    exposed.write_bytes(msgspec.json.Encoder(decimal_format="number").encode(repertoire))

    assert keys(in_xml) == keys(exposed) == keys(csd)
    assert {one.code.code for one in occurrences(in_xml)} >= {"048", "037", "28"}
    found = {(one.path, one.code.cle) for one in occurrences(exposed)}
    assert {("OffreOperationnelle.activites.activite", ("R211", code)) for code in ("048", "037")} <= found


def test_a_resource_alone(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(json.loads(bundle.read_text())["entry"][0]["resource"]))

    assert keys(tmp_path / "one.json") == {"84/UE-0001"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("x.json", b"{}", id="nothing of any format"),
        pytest.param("x.json", b'{"offres": [], "lits": []}', id="a class that the model has not"),
        pytest.param("x.json", b'{"offres": [{"nom": 1}]}', id="an object of a wrong type"),
        pytest.param("x.json", b'{"resourceType": "Bundle", "entry": [{"resource": 1}]}', id="an entry that is none"),
        pytest.param("x.xml", b'<Patient xmlns="http://hl7.org/fhir"/>', id="a resource of no directory, in XML"),
    ],
)
def test_a_document_that_would_be_read_in_part_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DocumentRefused):
        offers(tmp_path / name, contract=Version.V3_0, ledger=Ledger())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<a/>", id="XML of nobody"),
        pytest.param(b'<ValueSet xmlns="urn:ihe:iti:svs:2008"/>', id="a published list"),
        pytest.param(b'<Patient xmlns="http://hl7.org/fhir"/>', id="a resource of no directory, in XML"),
        pytest.param(b'{"resourceType": "CodeSystem"}', id="a resource of no directory"),
        pytest.param(b'{"resourceType": ["Bundle"]}', id="a type that is a list"),
    ],
)
def test_a_document_of_another_sort_does_not_pass_for_one_without_fault(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)

    with pytest.raises(DocumentRefused, match="unknown-type"):
        list(occurrences(path))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<CSD", id="truncated"),
        pytest.param(b"<!DOCTYPE a><a/>", id="doctype"),
        pytest.param(b"{", id="truncated JSON"),
        pytest.param(b'{"a": 1, "a": 2}', id="duplicate key"),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)

    with pytest.raises(DocumentRefused):
        list(occurrences(path))
    with pytest.raises(DocumentRefused):
        offers(path, contract=Version.V3_0, ledger=Ledger())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            b'<careServicesResponse xmlns="urn:ihe:iti:csd:2013"><error code="1" message="Non"/>'
            b"</careServicesResponse>",
            id="refusal",
        ),
        pytest.param(
            b'<TR-Notif-ListeEtablissementMajApresDate_Reponse xmlns="urn:asip:ror:2015"><result number="0"/>'
            b"</TR-Notif-ListeEtablissementMajApresDate_Reponse>",
            id="notification",
        ),
    ],
)
def test_an_answer_without_offers_is_not_one_of_which_none_is_touched(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(content)

    with pytest.raises(DocumentRefused, match="no-offers"):
        offers(path, contract=Version.V3_0, ledger=Ledger())


@pytest.mark.parametrize(
    "content",
    [
        b"<a/>",
        b'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>',
        b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"/>',
    ],
)
def test_xml_that_is_no_answer_holds_no_offers(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(content)

    with pytest.raises(DocumentRefused):
        offers(path, contract=Version.V3_0, ledger=Ledger())


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentRefused, match="No such file"):
        list(occurrences(tmp_path / "absent.xml"))
