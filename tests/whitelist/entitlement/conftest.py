"""One witness directory in which every element carries a mark, and what must be found of it in an answer.

The marks are looked for in bytes: the canonical model today, any emitted document as well.
"""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from mappings.exposition.contact import BoiteLettreMSS, Contact, Horaire, Telecommunication
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.lieu import (
    CapaciteAccueil,
    CapaciteAccueilCrise,
    CapaciteAccueilOperationnelle,
    CapaciteHabitation,
    CapacitePriseCharge,
    Comptage,
    EquipementSpecifique,
    Lieu,
    LieuRealisationOffre,
)
from mappings.exposition.offre import CompetenceRessource, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne, Tarif
from mappings.exposition.professionnel import Professionnel, SavoirFaire, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code, Metadonnee

EXPECTATIONS = Path(__file__).parent / "expectations.csv"
PHONE = Code("R200", "2")

NUMBERS = {
    "beds-total": 70_001,
    "beds-available": 70_002,
    "crisis-capacity": 70_003,
    "line-installed": 70_011,
    "line-available": 70_012,
    "line-closed": 70_013,
    "line-supplementary": 70_014,
    "line-of-unknown-status": 70_015,
    "line-crisis-type": 70_016,
    "line-assigned-covid": 70_018,
    "line-without-assignment": 70_019,
}
MARKS = {
    **{element: str(number) for element, number in NUMBERS.items()},
    "eg-drop-zone": '"zone_poser":false',
    "beds-date": "2026-01-02T03:04:05",
    "unit-hours": "07:07:07",
    "eg-tariff": "70.777",
}


def mark(element: str) -> str:
    """The text by which an element is found again."""
    return MARKS.get(element, f"«{element}»")


def _level(number: str | None) -> Code | None:
    return Code("R283", number) if number else None


def _telecom(element: str, level: str | None) -> Telecommunication:
    return Telecommunication(PHONE, mark(element), niveau_confidentialite=_level(level))


def _contact(element: str, level: str | None, *telecoms: Telecommunication) -> Contact:
    return Contact(nom=mark(element), niveau_confidentialite=_level(level), telecommunications=telecoms)


def _mailbox(element: str) -> BoiteLettreMSS:
    return BoiteLettreMSS(Telecommunication(Code("R200", "3"), mark(element)))


def _comment(element: str) -> Metadonnee:
    return Metadonnee(commentaire=mark(element))


def _unclassified(element: str) -> tuple[Ajout, ...]:
    return (Ajout("language", "csd", f'<language xmlns="urn:ihe:iti:csd:2013">{mark(element)}</language>'),)


def _line(element: str, status: str, *, crisis: Code | None = None, source: Code | None = None):
    return CapaciteAccueilOperationnelle(
        nature_capacite=Code("R329", "01"),
        statut_capacite=Code("R330", status),
        temporalite_capacite=Code("R331", "01"),
        nombre_capacite=NUMBERS[element],
        type_source_capacite=source,
        type_crise=crisis,
    )


def _places() -> LieuRealisationOffre:
    lines = (
        _line("line-installed", "01", source=Code("R335", mark("line-source"))),
        _line("line-available", "02"),
        _line("line-closed", "05"),
        _line("line-supplementary", "06"),
        _line("line-of-unknown-status", "99"),
        _line("line-crisis-type", "02", crisis=Code("R336", "01")),
    )
    return LieuRealisationOffre(
        cle="84/UE-1#1",
        lieu=Lieu(
            nom=mark("place-name"),
            telecommunications=tuple(_telecom(f"place-telecom-level-{level}", level) for level in "123"),
        ),
        equipements=(EquipementSpecifique(Code("R212", mark("place-equipment"))),),
        capacites_habitation=(CapaciteHabitation(Code("R242", mark("place-dwellings"))),),
        capacites_prise_charge=(
            CapacitePriseCharge(Code("R337", "01"), lines),
            CapacitePriseCharge(Code("R337", "02"), (_line("line-assigned-covid", "01"),)),
            CapacitePriseCharge(None, (_line("line-without-assignment", "01"),)),
        ),
        metadonnee=_comment("place-comment"),
    )


def _unit(champ: str, sensible: bool) -> OffreOperationnelle:
    return OffreOperationnelle(
        cle="84/UE-1",
        nom=mark("unit-name"),
        organisation="84/OI-1",
        entite_geographique="1840000001",
        champs_activite=(Code("R227", champ),),
        mode_prise_en_charge=Code("R213", "28"),
        specialisations_prise_en_charge=(Code("R245", mark("unit-specialisation")),),
        professions_ressource=(Code("R356", mark("unit-profession")),),
        competences_specifiques=(Code("R243", mark("unit-skill")),),
        niveaux_expertise=(Code("R344", mark("unit-expertise")),),
        actes_specifiques=(Code("R210", mark("unit-act")),),
        actes_realises_hors_cabinet=(Code("R210", mark("unit-act-outside")),),
        horaires=(Horaire(heure_debut=time(7, 7, 7)),),
        contacts=(
            _contact("unit-contact-level-1", "1", _telecom("unit-telecom-2-of-contact-1", "2")),
            _contact("unit-contact-level-2", "2"),
            _contact("unit-contact-level-3", "3"),
        ),
        boites_lettres_mss=(_mailbox("unit-mss"),),
        unite_sensible=sensible,
        lieux=(_places(),),
        lieu_unite=Lieu(nom=mark("unit-place-name"), telecommunications=(_telecom("unit-place-telecom-level-1", "1"),)),
        capacite_accueil=CapaciteAccueil(
            lits=Comptage(NUMBERS["beds-total"], NUMBERS["beds-available"], datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
        ),
        capacite_accueil_crise=CapaciteAccueilCrise(NUMBERS["crisis-capacity"], 0),
        competence_ressource=CompetenceRessource(professions=(Code("G15", mark("unit-resources-up-to-2.4")),)),
        equipements_unite=(EquipementSpecifique(Code("R212", mark("unit-equipment-up-to-2.4"))),),
        metadonnee=_comment("unit-comment"),
        ajouts=_unclassified("unit-unclassified"),
    )


def _establishment() -> EntiteGeographique:
    return EntiteGeographique(
        cle="1840000001",
        entite_juridique="1840000000",
        denomination=mark("eg-name"),
        lieu=Lieu(telecommunications=(_telecom("eg-place-telecom-level-1", "1"),)),
        contacts=(
            _contact(
                "eg-contact-level-1",
                "1",
                _telecom("eg-telecom-1-of-contact-1", "1"),
                _telecom("eg-telecom-2-of-contact-1", "2"),
                _telecom("eg-telecom-3-of-contact-1", "3"),
                _telecom("eg-telecom-no-level-of-contact-1", None),
            ),
            _contact("eg-contact-level-2", "2", _telecom("eg-telecom-1-of-contact-2", "1")),
            _contact("eg-contact-level-3", "3", _telecom("eg-telecom-1-of-contact-3", "1")),
        ),
        tarifs=(Tarif(Code("R246", "01"), None, Decimal("70.777")),),
        zone_poser=False,
        niveau_recours_orsan=Code("R284", mark("eg-orsan")),
        commentaire=mark("eg-comment"),
        ajouts=_unclassified("eg-unclassified"),
    )


def _professional() -> Professionnel:
    return Professionnel(
        cle=mark("professional"),
        savoir_faire=(SavoirFaire(Code("R04", mark("professional-skill"))),),
        situations=(SituationOperationnelle(telecommunications=(_telecom("professional-telecom-level-2", "2"),)),),
        boites_lettres_mss=(_mailbox("professional-mss"),),
        offres=("84/UE-1",),
        metadonnee=_comment("professional-comment"),
    )


def build_witness(champ: str, *, sensible: bool) -> Repertoire:
    """A legal entity, its site, an internal organisation, one unit of that field, one professional."""
    return Repertoire(
        entites_juridiques=(
            EntiteJuridique(
                cle="1840000000",
                raison_sociale="Hospices",
                contacts=(
                    *(_contact(f"ej-contact-level-{level}", level) for level in "123"),
                    _contact("ej-contact-no-level", None),
                ),
            ),
        ),
        entites_geographiques=(_establishment(),),
        organisations_internes=(
            OrganisationInterne(
                cle="84/OI-1",
                type_oi=Code("R207", "1"),
                nom="Pôle",
                entite_geographique="1840000001",
                contacts=tuple(_contact(f"oi-contact-level-{level}", level) for level in "123"),
                telecommunications=(_telecom("oi-telecom-level-1", "1"), _telecom("oi-telecom-level-2", "2")),
                boites_lettres_mss=(_mailbox("oi-mss"),),
            ),
        ),
        offres=(_unit(champ, sensible),),
        professionnels=(_professional(),),
    )


UNDER_THE_UNIT = ("unit-", "place-", "beds-", "crisis-", "line-", "professional")
STANDARDS = ("csd-1.5", "csd-1.6", "csd-2.4", "csd-3.0", "fhir")


class Expectation(NamedTuple):
    """What the profile receives of one element in one standard, in the words of the expectations file."""

    element: str
    standard: str
    cells: dict[ProfilAcces, str]

    def sent(self, profil: ProfilAcces, champ: str, *, sensible: bool) -> bool:
        """Whether the element must be in the answer."""
        hidden = sensible and (
            self.standard in {"csd-1.5", "csd-1.6"} or profil not in {ProfilAcces.P1, ProfilAcces.P4}
        )
        if hidden and self.element.startswith(UNDER_THE_UNIT):
            return False
        field = "" if hidden else champ  # a hidden unit makes nothing above it medico-social or ambulatory
        return self.cells[profil] == "Y" or {"04": "MS", "05": "AMB"}.get(field) in self.cells[profil].split("|")


def read_expectations() -> list[Expectation]:
    """The transcribed file, one expectation for each element and standard."""
    with EXPECTATIONS.open(encoding="utf-8", newline="") as lines:
        return [
            Expectation(row["element"], standard, {profil: row[profil.value] for profil in ProfilAcces})
            for row in csv.DictReader(lines)
            for standard in (STANDARDS if row["standards"] == "all" else row["standards"].split())
        ]


@pytest.fixture(scope="session")
def expectations() -> list[Expectation]:
    return read_expectations()


@pytest.fixture(scope="session")
def witness() -> Callable[..., Repertoire]:
    return build_witness


@pytest.fixture(scope="session")
def mark_of() -> Callable[[str], str]:
    return mark
