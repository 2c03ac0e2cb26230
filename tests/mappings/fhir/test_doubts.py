"""The codes written in FHIR: each that the guide's value set of its place is without is told, in every answer anew."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from mappings.exposition.lieu import Lieu, LieuRealisationOffre
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Mesure, Metadonnee
from mappings.fhir.codes import note_written
from mappings.fhir.datatypes import code_extension, coded, coding, concept, quantity
from mappings.fhir.doubts import doubtful, watch
from mappings.fhir.notes import Notes
from mappings.fhir.write import write
from mappings.loss import Ledger, Loss, LossKind, Severity
from mappings.memory import Memory
from mappings.nomenclatures.bindings import GUIDE, bindings
from mappings.nomenclatures.catalogue import current
from mappings.nomenclatures.tables import table

LEFT_ITS_SET = Code("R211", "048")
INSIDE = Code("R211", "037")
SITE, UNIT = "1010000024", "01/UE"
MADE = Metadonnee(*(datetime(2026, 1, 5, tzinfo=ZoneInfo("Europe/Paris")),) * 2, region_source="84")


def outside(repertoire: Repertoire, memory: Memory | None = None) -> list[tuple[str, str]]:
    """The object and the path of each code told to be outside."""
    ledger = Ledger()
    write(repertoire, ledger=ledger, **({} if memory is None else {"memory": memory}))
    return [(loss.object, loss.path) for loss in ledger.entries if loss.rule == "fhir.code.outside"]


def unit(**values: object) -> Repertoire:
    """A directory of one offer."""
    made = {"cle": UNIT, "nom": "Unité", "metadonnee": MADE} | values
    return Repertoire(offres=(OffreOperationnelle(**made),))  # type: ignore[arg-type]  # a case gives what it needs


CASES: dict[str, tuple[Repertoire, list[tuple[str, str]]]] = {
    "in its value set": (unit(activites=(ActiviteOperationnelle(INSIDE),)), []),
    "left its value set": (unit(activites=(ActiviteOperationnelle(LEFT_ITS_SET),)), [(UNIT, "specialty")]),
    "in no table: told when it was read": (unit(activites=(ActiviteOperationnelle(Code("R211", "999")),)), []),
    "twice at one place": (
        unit(activites=(ActiviteOperationnelle(LEFT_ITS_SET), ActiviteOperationnelle(LEFT_ITS_SET))),
        [(UNIT, "specialty")],
    ),
    "the region of the source": (
        unit(metadonnee=Metadonnee(MADE.date_creation, MADE.date_mise_a_jour, region_source="21")),
        [(UNIT, "meta.tag")],
    ),
    "of a place": (
        unit(lieux=(LieuRealisationOffre("01/L", Lieu(fonction_lieu=LEFT_ITS_SET), metadonnee=MADE),)),
        [("01/L", "type")],
    ),
    "of an EJ, of an EG, of an internal organisation": (
        Repertoire(
            entites_juridiques=(EntiteJuridique("1010000016", autres_types=(LEFT_ITS_SET,), metadonnee=MADE),),
            entites_geographiques=(EntiteGeographique(SITE, autres_types=(LEFT_ITS_SET,), metadonnee=MADE),),
            organisations_internes=(OrganisationInterne("01/P", type_oi=LEFT_ITS_SET, metadonnee=MADE),),
        ),
        [("1010000016", "type"), (SITE, "type"), ("01/P", "type")],
    ),
    "of the role of a professional": (
        Repertoire(
            professionnels=(
                Professionnel(
                    "810000000000",
                    offres=(UNIT,),
                    professions=(LEFT_ITS_SET,),
                    metadonnee=MADE,
                ),
            )
        ),
        [("810000000000/01/UE", "code")],
    ),
}


@pytest.mark.parametrize(("repertoire", "told"), CASES.values(), ids=CASES)
def test_a_code_outside_the_value_set_of_its_place_is_told(repertoire: Repertoire, told: list[tuple[str, str]]) -> None:
    assert outside(repertoire) == told
    assert outside(repertoire) == told, "a second answer says less than the first"


def test_a_remembered_answer_tells_it_again() -> None:
    repertoire, told = CASES["left its value set"]
    memory = Memory(1024 * 1024)

    assert [outside(repertoire, memory), outside(repertoire, memory)] == [told, told]


def test_the_entry_says_what_an_entry_of_csd_says() -> None:
    ledger = Ledger()

    write(CASES["left its value set"][0], ledger=ledger)

    assert [loss for loss in ledger.entries if loss.rule == "fhir.code.outside"] == [
        Loss(UNIT, "specialty", "fhir.code.outside", LossKind.INCONSISTENT, Severity.INFORMATION, "code")
    ]


RESOURCES = ("HealthcareService", "Location", "Organization", "Practitioner", "PractitionerRole")
SYSTEMS = sorted({system for one in bindings() if GUIDE in one.versions for system in one.systems})


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_told_of_a_code_in_any_resource_makes_it_doubtful(system: str) -> None:
    """The short way finds what the long way finds, for every code of every table that the guide binds."""
    for code in [*(table(system) or {})][:400]:
        told = False
        for kind in RESOURCES:
            ledger = Ledger()
            note_written({"resourceType": kind, "type": [concept(Code(system, code))]}, Notes(ledger, "1"))
            told = told or len(ledger) > 0
        assert doubtful(current(), Code(system, code)) == told, code


@pytest.mark.parametrize(
    "work",
    [
        coding,
        concept,
        lambda code: coded("https://example.org/x", code),
        lambda code: code_extension("https://example.org/x", code),
        lambda code: quantity(Mesure(Decimal(1), code)),
    ],
    ids=["coding", "concept", "extension", "optional extension", "unit"],
)
def test_whatever_writes_a_code_meets_its_doubt_each_time(work) -> None:  # type: ignore[no-untyped-def]
    for code, doubted in ((LEFT_ITS_SET, True), (INSIDE, False), (LEFT_ITS_SET, True)):
        met = watch()
        work(code)
        assert met() is doubted
