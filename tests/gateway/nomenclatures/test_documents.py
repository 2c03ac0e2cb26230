"""The files that commands are given, and those they refuse."""

from pathlib import Path

import pytest

from gateway.nomenclatures.documents import DocumentRefused, occurrences, offers
from mappings.csd.answers import write_answer
from mappings.csd.soap import surround
from mappings.csd.version import Version
from mappings.exposition.demandes import ReponseOffres
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
