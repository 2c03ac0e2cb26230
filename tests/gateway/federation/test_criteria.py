"""Every criterion of a search, judged on one offer."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.federation.codes import CODES
from gateway.federation.criteria import (
    CRITERIA,
    Place,
    Surroundings,
    changed_before,
    changed_since,
    distance_km,
    matches,
    only,
    places_of,
    present,
    question,
    radius_communes,
    region_of,
    years,
)
from mappings.exposition.demandes import Recherche, Territoire, TypeTerritoire
from mappings.exposition.lieu import (
    Adresse,
    CoordonneeGeographique,
    DivisionTerritoriale,
    EquipementSpecifique,
    Lieu,
    LieuRealisationOffre,
    LigneAdresse,
)
from mappings.exposition.offre import CompetenceRessource, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, OrganisationInterne, Patientele
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Mesure, Metadonnee
from mappings.fhir.parameters import JUDGED

SITE = EntiteGeographique("1690000011", entite_juridique="1690000001")
INSIDE = OrganisationInterne("84/S", parent="84/P", entite_geographique=SITE.cle)
ABOVE = OrganisationInterne("84/P", parent="84/S", entite_geographique=SITE.cle)
LYON = (Decimal("45.75"), Decimal("4.85"))
VILLEURBANNE = (Decimal("45.77"), Decimal("4.88"))


def at(commune: str | None = None, position: tuple[Decimal, Decimal] | None = None, postal: str | None = None) -> Lieu:
    return Lieu(
        commune_cog=Code("R13", commune) if commune else None,
        coordonnee=CoordonneeGeographique(*position) if position else None,
        adresse=Adresse((LigneAdresse(), LigneAdresse(code_postal=postal))) if postal else None,
    )


def unit(**changes: Any) -> OffreOperationnelle:
    return OffreOperationnelle("84/UE-1", **{"nom": "Unité", "organisation": "84/S", **changes})


def judged(
    offre: OffreOperationnelle,
    recherche: Recherche,
    trusted: frozenset[str] = frozenset(),
    centres: dict[str, tuple[Decimal, Decimal]] | None = None,
    site: EntiteGeographique = SITE,
) -> bool:
    around = Surroundings(Repertoire((), (site,), (INSIDE, ABOVE), (offre,)))
    return matches(offre, around, question(recherche, "84", trusted=trusted, centres=centres))


def test_every_criterion_of_a_search_is_judged_and_the_fhir_door_knows_it() -> None:
    assert frozenset(Recherche.__struct_fields__) - {"objet"} == CRITERIA == JUDGED


@pytest.mark.parametrize("criterion", sorted(CODES))
def test_a_member_that_applied_a_criterion_is_trusted_where_its_offer_is_silent(criterion: str) -> None:
    recherche = Recherche(**{criterion: (Code("R211", "1"),)})

    assert not judged(unit(), recherche)
    assert judged(unit(), recherche, frozenset({criterion}))


@pytest.mark.parametrize(("wanted", "expected"), [("088", True), ("88", False)])
def test_an_offer_that_says_something_else_is_never_kept(wanted: str, expected: bool) -> None:
    equipped = unit(equipements_unite=(EquipementSpecifique(Code("R212", "088")),))
    recherche = Recherche(equipements=(Code("R212", wanted),))

    assert judged(equipped, recherche, frozenset({"equipements"})) is expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [("84/S", True), ("84/P", True), ("1690000011", True), ("1690000001", True), ("84/X", False)],
)
def test_an_organisation_matches_what_is_under_it_even_when_the_chain_turns_in_circles(
    key: str, expected: bool
) -> None:
    assert judged(unit(), Recherche(organisations=(key,))) is expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        pytest.param(None, None, True, id="no limits"),
        pytest.param(Mesure(Decimal(1), Code("UCUM", "a")), None, False, id="too young"),
        pytest.param(Mesure(Decimal(6), Code("UCUM", "mo")), None, True, id="months, on the limit"),
        pytest.param(None, Mesure(Decimal(6), Code("R215", "m")), True, id="months of TRE_R215"),
        pytest.param(None, Mesure(Decimal(26), Code("UCUM", "wk")), False, id="weeks"),
        pytest.param(None, Mesure(Decimal(100), Code("UCUM", "d")), False, id="days"),
        pytest.param(None, Mesure(Decimal(100), Code("UCUM", "kg")), True, id="no duration"),
    ],
)
def test_a_child_of_six_months(low: Mesure | None, high: Mesure | None, expected: bool) -> None:
    offre = unit(patientele=Patientele(age_min=low, age_max=high))

    assert judged(offre, Recherche(age=Decimal("0.5"))) is expected


def test_an_age_without_unit_is_in_years() -> None:
    assert years(Mesure(Decimal(3))) == 3


@pytest.mark.parametrize(
    ("offre", "site", "expected"),
    [
        pytest.param(
            unit(lieux=(LieuRealisationOffre("p", at("69123", LYON)),), lieu_unite=at(postal="38000")),
            SITE,
            (Place("69123", "69", *LYON), Place(None, "38")),
            id="its own places",
        ),
        pytest.param(
            unit(lieux=(LieuRealisationOffre("p", Lieu()),)),
            EntiteGeographique(SITE.cle, lieu=at("69266")),
            (Place("69266", "69"),),
            id="those of its site",
        ),
        pytest.param(
            unit(),
            EntiteGeographique(SITE.cle, adresse=Adresse((LigneAdresse(code_postal="20200"),)), lieu=at(position=LYON)),
            (Place(None, "2B", *LYON),),
            id="the address of its site",
        ),
        pytest.param(unit(), SITE, (Place(None, "69"),), id="the FINESS of its site"),
        pytest.param(unit(), None, (), id="nowhere"),
    ],
)
def test_where_an_offer_is(
    offre: OffreOperationnelle, site: EntiteGeographique | None, expected: tuple[Place, ...]
) -> None:
    assert places_of(offre, site) == expected


CHILD = Code("R239", "02")
CHARACTERISTICS: dict[str, tuple[Code, dict[str, Any]]] = {
    "reception": (Code("R338", "02"), {"modalites_accueil": (Code("R338", "02"),)}),
    "sequential reception, up to 2.4": (Code("R338", "01"), {"accueil_sequentiel_accepte": True}),
    "duration": (Code("R240", "01"), {"temporalite_accueil": Code("R240", "01")}),
    "management": (Code("R236", "01"), {"modes_gestion": (Code("R236", "01"),)}),
    "opening": (Code("R238", "01"), {"ouverture_annuelle": Code("R238", "01")}),
    "expertise": (Code("R344", "01"), {"niveaux_expertise": (Code("R344", "01"),)}),
    "maternity, up to 2.4": (Code("R253", "01"), {"type_maternite": Code("R253", "01")}),
    "closing": (Code("R286", "01"), {"type_fermeture": Code("R286", "01")}),
    "specialisation": (Code("R245", "01"), {"specialisations_prise_en_charge": (Code("R245", "01"),)}),
    "profession": (Code("R356", "01"), {"professions_ressource": (Code("R356", "01"),)}),
    "competence": (Code("R243", "01"), {"competences_specifiques": (Code("R243", "01"),)}),
    "profession, up to 2.4": (
        Code("R356", "02"),
        {"competence_ressource": CompetenceRessource(professions=(Code("R356", "02"),))},
    ),
    "competence, up to 2.4": (
        Code("R243", "02"),
        {"competence_ressource": CompetenceRessource(competences_specifiques=(Code("R243", "02"),))},
    ),
}


@pytest.mark.parametrize(("wanted", "said"), CHARACTERISTICS.values(), ids=CHARACTERISTICS)
def test_a_characteristic_is_found_wherever_it_is_said(wanted: Code, said: dict[str, Any]) -> None:
    recherche = Recherche(caracteristiques=(wanted,))

    assert judged(unit(**said), recherche)
    assert not judged(unit(), recherche)
    assert not judged(unit(**said), Recherche(caracteristiques=(Code(wanted.systeme, "99"),)))


@pytest.mark.parametrize(
    ("recherche", "said", "expected"),
    [
        pytest.param(Recherche(publics=(CHILD,)), {"patientele": Patientele(publics=(CHILD,))}, True, id="public"),
        pytest.param(Recherche(publics=(CHILD,)), {"patientele": Patientele()}, False, id="no public"),
        pytest.param(
            Recherche(zones_intervention=(Code("R13", "69123"),)),
            {"zones_intervention": (DivisionTerritoriale(Code("R201", "3"), Code("R13", "69123")),)},
            True,
            id="zone",
        ),
        pytest.param(
            Recherche(zones_intervention=(Code("R13", "69123"),)),
            {"zones_intervention": (DivisionTerritoriale(Code("R201", "3"), Code("R13", "69266")),)},
            False,
            id="another zone",
        ),
        pytest.param(Recherche(nom_commence="ÉQUIPE m"), {"nom": "Equipe mobile"}, True, id="start of name"),
        pytest.param(Recherche(nom_commence="mobile"), {"nom": "Equipe mobile"}, False, id="middle of name"),
        pytest.param(
            Recherche(nom_commence="mobile"),
            {"nom": "Equipe", "complements_nom": ("Mobile de nuit",)},
            True,
            id="start of another name",
        ),
    ],
)
def test_what_only_the_fhir_door_asks(recherche: Recherche, said: dict[str, Any], expected: bool) -> None:
    assert judged(unit(**said), recherche) is expected


def ages(lowest: str | None, highest: str | None, unit: str = "a") -> Patientele:
    return Patientele(
        age_min=Mesure(Decimal(lowest), Code("R247", unit)) if lowest is not None else None,
        age_max=Mesure(Decimal(highest), Code("R247", unit)) if highest is not None else None,
    )


@pytest.mark.parametrize(
    ("classes", "received", "expected"),
    [
        pytest.param(("03",), ages("2", "11"), True, id="the whole class"),
        pytest.param(("03",), ages("11", "15"), True, id="its end"),
        pytest.param(("03",), ages("12", "15"), False, id="its upper bound is excluded"),
        pytest.param(("04",), ages("2", "12"), True, id="its lower bound is included"),
        pytest.param(("04",), ages("2", "11.9"), False, id="just before"),
        pytest.param(("04", "11"), ages("75", None), True, id="one of two classes"),
        pytest.param(("10",), ages("75", None), False, id="no upper limit"),
        pytest.param(("01",), ages(None, "27", "d"), True, id="days"),
        pytest.param(("02",), ages(None, "27", "d"), False, id="newborns only"),
        pytest.param(("02",), ages("18", "24", "mo"), True, id="months"),
        pytest.param(("02",), ages(None, None), True, id="no limit"),
        pytest.param(("02",), None, True, id="nothing said of the patients"),
    ],
)
def test_a_class_of_ages_is_one_that_the_ages_received_overlap(
    classes: tuple[str, ...], received: Patientele | None, expected: bool
) -> None:
    recherche = Recherche(classes_age=tuple(Code("R208", code) for code in classes))

    assert judged(unit(patientele=received), recherche) is expected


def test_a_speciality_is_one_of_the_resources_of_the_unit() -> None:
    resources = CompetenceRessource(specialites_ordinales=(Code("R38", "SM04"),))

    assert judged(unit(competence_ressource=resources), Recherche(specialites=(Code("R38", "SM04"),)))
    assert not judged(unit(competence_ressource=resources), Recherche(specialites=(Code("R38", "SM26"),)))
    assert not judged(unit(), Recherche(specialites=(Code("R38", "SM04"),)))


@pytest.mark.parametrize(
    ("offre", "site", "expected"),
    [
        pytest.param(unit(lieu_unite=at(postal="69003")), SITE, True, id="its own place"),
        pytest.param(
            unit(lieux=(LieuRealisationOffre("p", at("69383")),)),
            EntiteGeographique(SITE.cle, lieu=at(postal="69003")),
            True,
            id="that of its site when its places have none",
        ),
        pytest.param(
            unit(lieu_unite=at(postal="38000")),
            EntiteGeographique(SITE.cle, adresse=Adresse((LigneAdresse(code_postal="69003"),))),
            False,
            id="not that of its site when its place has one",
        ),
        pytest.param(unit(), SITE, False, id="nowhere"),
    ],
)
def test_a_postal_code_is_a_prefix(offre: OffreOperationnelle, site: EntiteGeographique, expected: bool) -> None:
    assert judged(offre, Recherche(codes_postaux=("6900", "13")), site=site) is expected


def commune(code: str, radius: int | None = None) -> Recherche:
    return Recherche(territoires=(Territoire(TypeTerritoire.COMMUNE, code, Decimal(radius) if radius else None),))


TRUSTED = frozenset({"territoires"})
NEAR = unit(lieu_unite=at("69266", VILLEURBANNE))


@pytest.mark.parametrize(
    ("offre", "recherche", "trusted", "centres", "expected"),
    [
        pytest.param(NEAR, commune("69123"), frozenset(), {}, False, id="another commune"),
        pytest.param(NEAR, commune("69266"), frozenset(), {}, True, id="the commune"),
        pytest.param(NEAR, commune("69123", 5), frozenset(), {"69123": LYON}, True, id="near"),
        pytest.param(NEAR, commune("69123", 1), frozenset(), {"69123": LYON}, False, id="not so near"),
        pytest.param(NEAR, commune("69123", 1), TRUSTED, {"69123": LYON}, False, id="measured, whatever was applied"),
        pytest.param(NEAR, commune("69123", 5), frozenset(), {}, False, id="unknown centre"),
        pytest.param(NEAR, commune("69123", 5), TRUSTED, {}, True, id="unknown centre, applied by the member"),
        pytest.param(unit(), commune("69123"), frozenset(), {}, False, id="only a department"),
        pytest.param(unit(), commune("69123"), TRUSTED, {}, True, id="only a department, applied by the member"),
        pytest.param(unit(), commune("38185"), TRUSTED, {}, False, id="another department, whatever was applied"),
        pytest.param(unit(), commune("69123", 5), frozenset(), {"69123": LYON}, False, id="no position"),
    ],
)
def test_around_a_commune(
    offre: OffreOperationnelle,
    recherche: Recherche,
    trusted: frozenset[str],
    centres: dict[str, tuple[Decimal, Decimal]],
    expected: bool,
) -> None:
    assert judged(offre, recherche, trusted, centres) is expected


def test_an_offer_that_is_nowhere_is_kept_only_on_trust() -> None:
    lost = unit(organisation=None)

    assert not judged(lost, commune("69123"))
    assert judged(lost, commune("69123"), TRUSTED)


@pytest.mark.parametrize(
    ("offre", "region"),
    [
        pytest.param(unit(metadonnee=Metadonnee(region_source="06")), "06", id="its record"),
        pytest.param(OffreOperationnelle("06/UE-1"), "06", id="its identifier"),
        pytest.param(OffreOperationnelle("LOCAL-1"), "04", id="its member"),
    ],
)
def test_source_region(offre: OffreOperationnelle, region: str) -> None:
    assert region_of(offre, "04") == region


def test_what_has_no_date_may_have_changed(kit: Any) -> None:
    since = kit.offer("84/A", day=2).metadonnee.date_mise_a_jour

    assert changed_since(unit(), since)
    assert changed_since(kit.offer("84/A", day=2), since)
    assert not changed_since(kit.offer("84/A", day=1), since)
    assert changed_since(kit.offer("84/A", day=1), None)


def test_before_is_exclusive(kit: Any) -> None:
    before = kit.offer("84/A", day=2).metadonnee.date_mise_a_jour

    assert changed_before(unit(), before)
    assert changed_before(kit.offer("84/A", day=1), before)
    assert not changed_before(kit.offer("84/A", day=2), before)
    assert judged(kit.offer("84/A", day=1), Recherche(modifie_avant=before))
    assert not judged(kit.offer("84/A", day=2), Recherche(modifie_avant=before))


def test_a_search_reduced_to_some_of_its_criteria() -> None:
    recherche = Recherche(nom_contient="x", age=Decimal(0), regions=("84",))

    assert present(recherche) == {"nom_contient", "age", "regions"}
    assert only(recherche, {"age"}) == Recherche(age=Decimal(0))
    assert list(radius_communes(commune("69123", 5))) == ["69123"]
    assert list(radius_communes(commune("69123"))) == []


def test_a_distance_on_the_globe() -> None:
    assert distance_km(LYON, LYON) == 0
    assert 390 < distance_km(LYON, (Decimal("48.8566"), Decimal("2.3522"))) < 396
