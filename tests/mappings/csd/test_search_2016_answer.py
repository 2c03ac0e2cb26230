"""The answer of the search of 2016, in the shape we deduce, and in what may be missing from it."""

from datetime import date
from decimal import Decimal

import msgspec
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
from tests.documents.search_2016 import FULL, answer

AT = date(2026, 11, 1)
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


def test_what_is_written_is_read_back() -> None:
    ledger = Ledger()
    written = write_answer(REPERTOIRE, ledger=ledger)

    assert read_answer(written, ledger=Ledger()) == REPERTOIRE
    assert announced(written) == 1
    assert [(loss.object, loss.path) for loss in ledger.entries] == [
        ("84/UE-0001", "specificAct"),
        ("84/UE-0001", "lieux"),
    ]


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
    assert [(loss.rule, loss.path, loss.kind) for loss in ledger.entries] == [
        ("search-2016.reference.dangling", "parent", LossKind.UNRESOLVED),
        ("search-2016.patients.age-class", "patientsType/ageGroup", LossKind.DROPPED),
        ("search-2016.code.padding", "service[037]/codedType", LossKind.REPAIRED),
        ("search-2016.reference.dangling", "service", LossKind.UNRESOLVED),
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
        pytest.param(answer("<result/><error/>"), id="both"),
        pytest.param(answer("<result/><result/>"), id="two results"),
        pytest.param(parse(b"<html><result/></html>"), id="html"),
    ],
)
def test_what_is_no_answer_is_not_read(body: etree._Element) -> None:
    with pytest.raises(ValueError, match="neither"):
        read_answer(body, ledger=Ledger())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12", 12), (" 0 ", 0), ("beaucoup", None), ("", None), ("9" * 5000, None)],
    ids=lambda said: str(said)[:9],
)
def test_the_announced_number_may_be_missing(text: str, expected: int | None) -> None:
    assert announced(answer(f"<result><resultNumber><OInumber>{text}</OInumber></resultNumber></result>")) == expected


MODE = '<typeOfCare code="28" codingScheme="1.2.250.1.213.3.3.13"/>'
REHABILITATION = '<codedType code="233" codingScheme="1.2.250.1.213.3.3.12"/>'
TOLD: dict[str, tuple[str, str, tuple[str, str, str]]] = {
    "a code of no table": (
        'code="037"',
        'code="999"',
        ("84/U", "service[999]/codedType", "search-2016.code.unresolved"),
    ),
    "a code outside its value set": (
        'code="037"',
        'code="048"',
        ("84/U", "service[048]/codedType", "search-2016.code.outside"),
    ),
    "no table": (' codingScheme="1.2.250.1.213.3.3.13"', "", ("84/U", "typeOfCare", "search-2016.code.system-empty")),
    "a table of nobody": ("1.2.250.1.213.3.3.13", "9.9.9", ("84/U", "typeOfCare", "search-2016.code.system-unknown")),
    "a label without a code": (
        MODE,
        "<typeOfCare>Domicile</typeOfCare>",
        ("84/U", "typeOfCare", "search-2016.code.label"),
    ),
    "the label of a unit": (
        'codingScheme="1.2.250.1.213.3.3.8"/>',
        'codingScheme="1.2.250.1.213.3.3.8">Unité fonctionnelle</codedType>',
        ("84/U", "codedType", "search-2016.code.label"),
    ),
    "another level": ('code="4"', 'code="1"', ("84/U", "codedType", "search-2016.unit.type")),
    "two sites": (
        "</organizations>",
        '<organization entityID="EJ"/></organizations>',
        ("84/U", "organization", "search-2016.reference.several"),
    ),
    "an equipment that is not there": (
        '<equipment entityID="E"/>',
        '<equipment entityID="E"/><equipment entityID="F"/>',
        ("84/U", "equipment", "search-2016.reference.dangling"),
    ),
    "an activity that nobody uses": (
        "</serviceDirectory>",
        f'<service entityID="B">{REHABILITATION}</service></serviceDirectory>',
        ("B", "service", "search-2016.service.unused"),
    ),
    "an equipment that nobody uses": (
        "</deviceDirectory>",
        '<device entityID="F"><type code="003" codingScheme="1.2.250.1.213.3.3.10"/></device></deviceDirectory>',
        ("F", "device", "search-2016.device.unused"),
    ),
    "a key of an activity twice": (
        "</serviceDirectory>",
        f'<service entityID="A">{REHABILITATION}</service></serviceDirectory>',
        ("84/U", "service[037]", "search-2016.entity.repeated"),
    ),
    "a number that is none": (
        ">1<",
        ">beaucoup<",
        ("", "result/resultNumber/OInumber", "search-2016.value.unreadable"),
    ),
    "an attribute": (
        "<primaryName>U",
        '<primaryName lang="fr">U',
        ("84/U", "primaryName", "search-2016.element.attributes"),
    ),
    "a text": ("<patientsType>", "<patientsType>Adultes", ("84/U", "patientsType", "search-2016.element.text")),
    "an element": (MODE, f"{MODE}<homeMode/>", ("84/U", "homeMode", "search-2016.element.unknown")),
    "an element in a code": (
        MODE,
        MODE.replace("/>", "><b/></typeOfCare>"),
        ("84/U", "typeOfCare/b", "search-2016.element.unknown"),
    ),
    "a second care mode": (MODE, MODE * 2, ("84/U", "typeOfCare", "search-2016.element.repeated")),
    "a directory of the documents": (
        "<facilityDirectory>",
        "<providerDirectory/><facilityDirectory>",
        ("", "result/providerDirectory", "search-2016.element.unknown"),
    ),
}
USUAL = [("84/U", "patientsType/ageGroup", "search-2016.patients.age-class")]


def told(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [(loss.object, loss.path, loss.rule) for loss in ledger.entries]


@pytest.mark.parametrize(("old", "new", "entry"), TOLD.values(), ids=TOLD)
def test_what_an_answer_has_no_place_for_is_told_where_it_stands(
    old: str, new: str, entry: tuple[str, str, str]
) -> None:
    usual, ledger = Ledger(), Ledger()
    assert FULL.count(old) == 1

    read_answer(answer(f"<result>{FULL}</result>"), ledger=usual)
    read_answer(answer(f"<result>{FULL.replace(old, new)}</result>"), ledger=ledger, at=AT)

    assert told(usual) == USUAL
    assert sorted(told(ledger)) == sorted([*USUAL, entry])


REFUSALS = {
    "two messages": ('<error code="444" message="a">b</error>', [("", "error", "search-2016.element.text")]),
    "a code that is no number": ('<error code="x" message="a"/>', [("", "error@code", "search-2016.value.unreadable")]),
    "a code of five thousand figures": (
        f'<error code="{"9" * 5000}" message="a"/>',
        [("", "error@code", "search-2016.value.unreadable")],
    ),
    "another attribute": (
        '<error code="1" message="a" severity="2"/>',
        [("", "error", "search-2016.element.attributes")],
    ),
    "a text alone": ("<error>a</error>", []),
}


@pytest.mark.parametrize(("error", "entries"), REFUSALS.values(), ids=REFUSALS)
def test_what_a_refusal_has_no_place_for_is_told(error: str, entries: list[tuple[str, str, str]]) -> None:
    ledger = Ledger()

    read = read_answer(answer(error), ledger=ledger)

    assert isinstance(read, ErreurContrat)
    assert (read.message, told(ledger)) == ("a", entries)


@pytest.mark.parametrize(("at", "paths"), [(AT, ["specificAct", "service[048]/codedType"]), (date(2019, 1, 1), [])])
def test_a_code_outside_its_value_set_is_told_on_the_day_of_the_reader(at: date, paths: list[str]) -> None:
    offer = msgspec.structs.replace(OFFER, activites=(ActiviteOperationnelle(Code("R211", "048")),))
    ledger = Ledger()

    write_answer(Repertoire((LEGAL,), (SITE,), (), (offer,)), ledger=ledger, at=at)

    assert sorted(path for _, path, rule in told(ledger) if rule == "search-2016.code.outside") == sorted(paths)


def test_a_code_younger_than_the_publication_of_its_source_is_told() -> None:
    ledger = Ledger()

    read_answer(answer(f"<result>{FULL.replace('037', '549')}</result>"), ledger=ledger, at=date(2021, 10, 29))

    assert told(ledger) == [*USUAL, ("84/U", "service[549]/codedType", "search-2016.code.later")]
    assert ledger.unverifiable > 0
