"""The answer of the search of 2016, in the shape we deduce, and in what may be missing from it."""

from decimal import Decimal

import pytest
from lxml import etree

from mappings.csd.schemas import schema
from mappings.csd.search_2016_answer import MAXIMUM_UNITS, NO_RESULT, announced, read_answer, write_answer
from mappings.csd.version import Version
from mappings.csd.xml import parse, serialize
from mappings.exposition.demandes import ErreurContrat
from mappings.exposition.lieu import EquipementSpecifique, Lieu, LieuRealisationOffre
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne, Patientele
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Identifiant, Mesure
from mappings.loss import Ledger, LossKind

IDNAT = "1.2.250.1.71.4.2.2"
OI = "1.2.250.1.213.6.1.1.1.1.76"

LEGAL = EntiteJuridique(
    "1019999983", (Identifiant(IDNAT, "1019999983"),), Code("R72", "95"), raison_sociale="SAS FICTIVE"
)
SITE = EntiteGeographique(
    "1019999991",
    "1019999983",
    (Identifiant(IDNAT, "1019999991"), Identifiant("1.2.250.1.213.3.2", "019999991")),
    Code("R66", "109"),
    denomination="CENTRE FICTIF",
)
OFFER = OffreOperationnelle(
    "84/UE-0001",
    (Identifiant(OI, "84/UE-0001"),),
    "Rééducation fictive",
    entite_geographique="1019999991",
    activites=(ActiviteOperationnelle(Code("R211", "233", "Rééducation")),),
    mode_prise_en_charge=Code("R213", "28"),
    actes_specifiques=(Code("R210", "0010"),),
    equipements_unite=(EquipementSpecifique(Code("R212", "099")),),
    lieux=(LieuRealisationOffre("84/UE-0001/1", Lieu(commune_cog=Code("R13", "01004"))),),
)
REPERTOIRE = Repertoire((LEGAL,), (SITE,), (), (OFFER,))


def answer(inside: str) -> etree._Element:
    return parse(
        f'<ror:careServicesResponse xmlns:ror="urn:asip:ror:2015">{inside}</ror:careServicesResponse>'.encode()
    )


def test_what_is_written_is_read_back() -> None:
    ledger = Ledger()
    written = write_answer(REPERTOIRE, ledger=ledger)

    assert read_answer(written, ledger=Ledger()) == REPERTOIRE
    assert announced(written) == 1
    assert [(loss.object, loss.path) for loss in ledger.entries] == [("84/UE-0001", "lieux")]


def test_what_is_written_is_valid_against_what_is_published() -> None:
    written = serialize(write_answer(REPERTOIRE, ledger=Ledger()))

    assert b"<cityNumber" in written
    schema(Version.V2016).assertValid(parse(written))


def test_children_are_written_without_namespace() -> None:
    written = write_answer(REPERTOIRE, ledger=Ledger())

    assert all("{" not in str(element.tag) for element in written.iterdescendants())
    assert [found.tag for found in written[0]] == [
        "resultNumber",
        "organizationDirectory",
        "serviceDirectory",
        "facilityDirectory",
        "deviceDirectory",
    ]


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        pytest.param(ErreurContrat(444, "Non prévu"), ErreurContrat(444, "Non prévu"), id="refusal"),
        pytest.param(ErreurContrat(None, "Non"), ErreurContrat(None, "Non"), id="refusal without number"),
        pytest.param(Repertoire(), NO_RESULT, id="no unit"),
    ],
)
def test_a_refusal_is_written_and_read(refusal: Repertoire | ErreurContrat, expected: ErreurContrat) -> None:
    assert read_answer(write_answer(refusal, ledger=Ledger()), ledger=Ledger()) == expected


def test_units_beyond_the_cap_are_noted_one_by_one() -> None:
    offers = tuple(OffreOperationnelle(f"84/{rank:03}", entite_geographique=SITE.cle) for rank in range(203))
    ledger = Ledger()

    written = write_answer(Repertoire((LEGAL,), (SITE,), (), offers), ledger=ledger)

    assert announced(written) == MAXIMUM_UNITS
    assert [loss.object for loss in ledger.entries if loss.kind is LossKind.WITHHELD] == [
        "84/199",
        "84/200",
        "84/201",
        "84/202",
    ]


def test_what_has_no_place_is_noted() -> None:
    ledger = Ledger()
    offer = OffreOperationnelle(
        "84/1", entite_geographique="nowhere", unite_sensible=False, patientele=Patientele(age_min=Mesure(Decimal(75)))
    )
    pole = OrganisationInterne("84/P1")

    written = write_answer(Repertoire((), (SITE,), (pole,), (offer,)), ledger=ledger)

    assert {(loss.object, loss.path, loss.kind) for loss in ledger.entries} == {
        ("1019999991", "entite_juridique", LossKind.UNRESOLVED),
        ("84/1", "entite_geographique", LossKind.UNRESOLVED),
        ("84/1", "patientele", LossKind.WIDENED),
        ("84/1", "unite_sensible", LossKind.DROPPED),
        ("84/P1", "", LossKind.DROPPED),
    }
    assert [group.get("code") for group in written.iter("ageGroup")] == ["11"]


STRIPPED = answer(
    "<result><resultNumber><OInumber>1</OInumber></resultNumber>"
    '<organizationDirectory><organization entityID="EG"><otherID/>'
    '<otherID code="019999991" assigningAuthorityName="1.2.250.1.71.1.2.14"/><primaryName>X</primaryName>'
    '<parent entityID="EJ"/></organization></organizationDirectory>'
    '<serviceDirectory><service entityID="A"><codedType code="37" codingScheme="1.2.250.1.213.3.3.12"/></service>'
    "</serviceDirectory>"
    '<facilityDirectory><facility entityID="U"><otherID code="93/1"/><organizations><organization entityID="EG">'
    '<service entityID="A"/><service entityID="B"/></organization></organizations>'
    '<typeOfCare code="null" codingScheme="1.2.250.1.213.3.3.13"/><patientsType><ageGroup code="3"/></patientsType>'
    "</facility></facilityDirectory></result>"
)


def test_the_habits_of_sources_are_read_and_noted() -> None:
    ledger = Ledger()

    read = read_answer(STRIPPED, ledger=ledger)

    assert isinstance(read, Repertoire)
    assert read.entites_geographiques[0].cle == "1019999991"
    assert read.offres[0].entite_geographique == "1019999991"
    assert read.offres[0].activites == (ActiviteOperationnelle(Code("R211", "037")),)
    assert read.offres[0].mode_prise_en_charge is None
    assert [(loss.rule, loss.kind) for loss in ledger.entries] == [
        ("search-2016.code.padding", LossKind.REPAIRED),
        ("search-2016.reference.dangling", LossKind.UNRESOLVED),
        ("search-2016.patients.age-class", LossKind.DROPPED),
        ("search-2016.reference.dangling", LossKind.UNRESOLVED),
    ]


def test_a_unit_without_identifier_is_kept_under_a_local_key() -> None:
    ledger = Ledger()
    read = read_answer(
        answer('<result><facilityDirectory><facility entityID="U1"/></facilityDirectory></result>'), ledger=ledger
    )

    assert isinstance(read, Repertoire)
    assert [offer.cle for offer in read.offres] == ["LOCAL-U1"]
    assert [loss.rule for loss in ledger.entries] == ["search-2016.identifier.local"]


def test_a_unit_sent_twice_is_kept_once_and_noted() -> None:
    facility = '<facility entityID="U"><otherID code="84/1"/></facility>'
    ledger = Ledger()

    read = read_answer(answer(f"<result><facilityDirectory>{facility * 2}</facilityDirectory></result>"), ledger=ledger)

    assert isinstance(read, Repertoire)
    assert len(read.offres) == 1
    assert [loss.kind for loss in ledger.entries] == [LossKind.INCONSISTENT]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(answer(""), id="neither result nor error"),
        pytest.param(parse(b"<html><result/></html>"), id="html"),
    ],
)
def test_what_is_no_answer_is_not_read(body: etree._Element) -> None:
    with pytest.raises(ValueError, match="neither"):
        read_answer(body, ledger=Ledger())


@pytest.mark.parametrize(("text", "expected"), [("12", 12), (" 0 ", 0), ("beaucoup", None), ("", None)])
def test_the_announced_number_may_be_missing(text: str, expected: int | None) -> None:
    assert announced(answer(f"<result><resultNumber><OInumber>{text}</OInumber></resultNumber></result>")) == expected
