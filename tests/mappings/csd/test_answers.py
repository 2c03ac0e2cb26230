"""Answers of the contract: a reading or its refusal, never both; a notification, per version."""

from datetime import datetime
from typing import Any

import pytest
from lxml import etree

from mappings.csd.answers import MalformedAnswer, read_answer, read_document, write_answer, write_document
from mappings.csd.dialect import PARIS, Dialect
from mappings.csd.namespaces import csd
from mappings.csd.schemas import schema
from mappings.csd.version import UP_TO_1_6, Version
from mappings.csd.xml import parse
from mappings.exposition.demandes import ErreurContrat, EtablissementModifie, ReponseNotification, ReponseOffres
from mappings.exposition.values import Code
from mappings.loss import Ledger
from tests.documents import wire

VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
EMPTY = "<organizationDirectory/><serviceDirectory/><facilityDirectory/><providerDirectory/><deviceDirectory/>"


def answer(content: str) -> etree._Element:
    return parse(f'<careServicesResponse xmlns="urn:ihe:iti:csd:2013">{content}</careServicesResponse>'.encode())


def read(element: etree._Element, version: Version = Version.V3_0) -> Any:
    return read_answer(element, version=version, dialect=Dialect(), ledger=Ledger())


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param('<error code="405" message="Compte"/>', ErreurContrat(405, "Compte"), id="code and message"),
        pytest.param("<error>Refus</error>", ErreurContrat(None, "Refus"), id="text only"),
        pytest.param('<error code="E12" message="x"/>', ErreurContrat(None, "x"), id="a code that is no number"),
        pytest.param(
            f'<error code="{"9" * 5000}" message="x"/>', ErreurContrat(None, "x"), id="a code of five thousand figures"
        ),
    ],
)
def test_a_refusal_is_read(content: str, error: ErreurContrat) -> None:
    assert read(answer(content)) == error


@pytest.mark.parametrize("version", VERSIONS)
def test_a_refusal_is_written(version: Version) -> None:
    written = parse(write_answer(ErreurContrat(405, "Compte"), version=version, ledger=Ledger()))

    schema(version).assertValid(written)
    assert read(written, version) == ErreurContrat(405, "Compte")


@pytest.mark.parametrize(
    ("element", "path"),
    [
        pytest.param(answer("<error/><result/>"), "careServicesResponse/error|result", id="RG_ALIM_023: both"),
        pytest.param(answer(""), "careServicesResponse/error|result", id="RG_ALIM_023: neither"),
        pytest.param(answer("<result/>"), "careServicesResponse/result/queryResult", id="no document"),
        pytest.param(
            answer("<result>\n<queryResult><organizationDirectory/></queryResult></result>"),
            "queryResult/serviceDirectory",
            id="a directory missing",
        ),
        pytest.param(
            answer(f"<result><facilityNumber>deux</facilityNumber><queryResult>{EMPTY}</queryResult></result>"),
            "careServicesResponse/result/facilityNumber",
            id="a count that is no number",
        ),
        pytest.param(parse(b"<html/>"), "html", id="another root"),
    ],
)
def test_what_is_no_answer_says_where_it_stops_being_one(element: etree._Element, path: str) -> None:
    with pytest.raises(MalformedAnswer) as refused:
        read(element)

    assert refused.value.path == path
    assert refused.value.line >= 1


@pytest.mark.parametrize(
    ("count", "announced"),
    [
        pytest.param("<facilityNumber>7</facilityNumber>", 7, id="wrong"),
        pytest.param("", None, id="absent"),
        pytest.param("<facilityNumber/>", None, id="empty"),
    ],
)
def test_what_the_source_announced_is_exposed_as_it_said_it(count: str, announced: int | None) -> None:
    reponse = read(answer(f"<result>{count}<queryResult>{EMPTY}</queryResult></result>"))

    assert reponse.nombre_annonce == announced
    assert len(reponse.repertoire) == 0


def test_only_elementary_units_are_counted() -> None:
    document = wire.document(wire.facility("POLE", level="1"), wire.facility("UE"))
    repertoire = read_document(document, version=Version.V2_4, dialect=Dialect(), ledger=Ledger())

    written = parse(write_answer(ReponseOffres(repertoire), version=Version.V2_4, ledger=Ledger()))

    assert written.findtext(f"{csd('result')}/{csd('facilityNumber')}") == "1"
    assert len(list(written.iter(csd("facility")))) == 2


def test_a_document_has_its_own_root() -> None:
    repertoire = read_document(wire.document(), version=Version.V2_4, dialect=Dialect(), ledger=Ledger())

    assert parse(write_document(repertoire, version=Version.V2_4, ledger=Ledger())).tag == csd("CSD")
    with pytest.raises(MalformedAnswer):
        read_document(answer(""), version=Version.V2_4, dialect=Dialect(), ledger=Ledger())


MODIFIED = ReponseNotification(
    (
        EtablissementModifie(
            "1739999911",
            champs_activite=(Code("R227", "02", "SSR"),),
            publics=(Code("R239", "01"),),
            restriction_oi=False,
            date_ref=datetime(2026, 2, 3, 4, 5, 6, tzinfo=PARIS),
        ),
    ),
    1,
)


@pytest.mark.parametrize(
    ("version", "noted"),
    [
        (Version.V1_5, []),
        (Version.V1_6, []),
        (Version.V2_4, ["csd-2.4.notification.dateRef", "csd-2.4.notification.supportedPatient"]),
        (Version.V3_0, ["csd-3.0.notification.dateRef", "csd-3.0.notification.supportedPatient"]),
    ],
    ids=str,
)
def test_a_notification_is_written_as_its_version_allows(version: Version, noted: list[str]) -> None:
    ledger = Ledger()

    written = parse(write_answer(MODIFIED, version=version, ledger=ledger))

    schema(version).assertValid(written)
    assert [loss.rule for loss in ledger.entries] == noted
    back = read(written, version)
    assert back.nombre_annonce == 1
    assert back.etablissements[0].champs_activite == MODIFIED.etablissements[0].champs_activite
    assert (back == MODIFIED) is (version in UP_TO_1_6)


def test_a_notification_of_nothing_counts_zero() -> None:
    written = parse(write_answer(ReponseNotification(), version=Version.V3_0, ledger=Ledger()))

    assert read(written) == ReponseNotification((), 0)


def test_an_establishment_without_usable_identifier_is_noted() -> None:
    written = parse(write_answer(MODIFIED, version=Version.V3_0, ledger=Ledger()))
    written.find(f".//{csd('id_etablissement')}").set("code", "12")
    ledger = Ledger()

    reponse = read_answer(written, version=Version.V3_0, dialect=Dialect(), ledger=ledger)

    assert reponse == ReponseNotification((), 1)
    assert [loss.rule for loss in ledger.entries] == ["csd-3.0.identifier.unusable"]
