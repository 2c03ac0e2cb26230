"""A small region, built by hand: two establishments, a shared legal entity, a professional at work in both."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.replica.store import Progress, Replica
from mappings.exposition.lieu import (
    Adresse,
    CoordonneeGeographique,
    DivisionTerritoriale,
    EquipementSpecifique,
    Lieu,
    LieuRealisationOffre,
    LigneAdresse,
)
from mappings.exposition.offre import ActiviteOperationnelle, CompetenceRessource, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne, Patientele
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Mesure, Metadonnee


def day(number: int) -> datetime:
    return datetime(2026, 1, number, 12, tzinfo=UTC)


def dated(number: int) -> Metadonnee:
    return Metadonnee(date_mise_a_jour=day(number))


EJ = EntiteJuridique("1690000001", raison_sociale="Hospices", metadonnee=dated(1))
LYON = EntiteGeographique("1690000011", EJ.cle, denomination="Lyon", metadonnee=dated(1))
GRENOBLE = EntiteGeographique(
    "1380000012",
    EJ.cle,
    denomination="Grenoble",
    adresse=Adresse((LigneAdresse(code_postal="38100"),)),
    metadonnee=dated(1),
)
POLE = OrganisationInterne(
    "84/POLE-1", Code("R207", "1"), nom="Pôle", entite_geographique=LYON.cle, metadonnee=dated(1)
)


def place(key: str, commune: str, latitude: str, longitude: str, postal: str | None = None) -> LieuRealisationOffre:
    at = CoordonneeGeographique(Decimal(latitude), Decimal(longitude))
    address = Adresse((LigneAdresse(code_postal=postal),)) if postal is not None else None
    return LieuRealisationOffre(
        key,
        Lieu(commune_cog=Code("R13", commune), coordonnee=at, adresse=address),
        equipements=(EquipementSpecifique(Code("R212", "088")),),
    )


CARDIO = OffreOperationnelle(
    "84/UE-0001",
    nom="Cardiologie élective",
    complements_nom=("Unité de jour",),
    organisation=POLE.cle,
    entite_geographique=LYON.cle,
    champs_activite=(Code("R227", "02"),),
    activites=(ActiviteOperationnelle(Code("R211", "037")),),
    mode_prise_en_charge=Code("R213", "28"),
    type_offre=Code("R244", "50"),
    actes_specifiques=(Code("R210", "12"),),
    modalites_accueil=(Code("R338", "02"),),
    specialisations_prise_en_charge=(Code("R245", "07"),),
    professions_ressource=(Code("R356", "10"),),
    zones_intervention=(DivisionTerritoriale(Code("R201", "3"), Code("R13", "69123")),),
    competence_ressource=CompetenceRessource(specialites_ordinales=(Code("R38", "SM04"),)),
    patientele=Patientele(age_min=Mesure(Decimal(18), Code("UCUM", "a"))),
    lieux=(place("84/LIEU-1", "69123", "45.75", "4.85", "69003"),),
    metadonnee=dated(5),
)
SENSITIVE = OffreOperationnelle(
    "84/UE-0002",
    nom="Addictologie",
    organisation=LYON.cle,
    entite_geographique=LYON.cle,
    champs_activite=(Code("R227", "02"),),
    activites=(ActiviteOperationnelle(Code("R211", "037")),),
    mode_prise_en_charge=Code("R213", "29"),
    unite_sensible=True,
    lieux=(place("84/LIEU-2", "69123", "45.76", "4.85"),),
    metadonnee=dated(6),
)
EHPAD = OffreOperationnelle(
    "84/UE-0003",
    nom="Hébergement",
    organisation=GRENOBLE.cle,
    entite_geographique=GRENOBLE.cle,
    champs_activite=(Code("R227", "04"),),
    activites=(ActiviteOperationnelle(Code("R211", "481")),),
    mode_prise_en_charge=Code("R213", "29"),
    actes_specifiques=(Code("R210", "12"),),
    specialisations_prise_en_charge=(Code("R245", "07"),),
    patientele=Patientele(publics=(Code("R239", "11"),), age_min=Mesure(Decimal(60)), age_max=Mesure(Decimal(120))),
    lieux=(place("84/LIEU-3", "38185", "45.18", "5.72"),),
    metadonnee=dated(9),
)


def professional(*offres: OffreOperationnelle) -> Professionnel:
    return Professionnel("810000000001", offres=tuple(offre.cle for offre in offres), metadonnee=dated(2))


AT_LYON = Repertoire((EJ,), (LYON,), (POLE,), (CARDIO, SENSITIVE), (professional(CARDIO),))
AT_GRENOBLE = Repertoire((EJ,), (GRENOBLE,), (), (EHPAD,), (professional(EHPAD),))


@pytest.fixture
async def replica(tmp_path: Path) -> AsyncIterator[Replica]:
    """A replica that holds member 84 whole."""
    opened = await Replica.open(f"sqlite:///{tmp_path}/replica.db")
    await opened.store_establishment("84", LYON.cle, AT_LYON, seen_at=100.0)
    await opened.store_establishment("84", GRENOBLE.cle, AT_GRENOBLE, seen_at=101.0)
    await opened.record(Progress(member="84", state="current", last_success=100.0, contract="3.0", nos="2026-09"))
    yield opened
    await opened.close()


@pytest.fixture
def region() -> type:
    return Region


class Region:
    """The values of the small region, for the tests."""

    lyon, grenoble, pole, ej = LYON, GRENOBLE, POLE, EJ
    cardio, sensitive, ehpad = CARDIO, SENSITIVE, EHPAD
    at_lyon, at_grenoble = AT_LYON, AT_GRENOBLE
    day = staticmethod(day)
