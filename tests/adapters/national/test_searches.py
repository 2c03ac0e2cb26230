"""The questions of the model in the grammar of the national API."""

from datetime import UTC, datetime

import pytest

from adapters.national.searches import (
    FULL_OFFER,
    escaped,
    of_establishment,
    of_internal_organisation,
    of_notification,
    of_search,
)
from mappings.exposition.demandes import (
    DemandeNotification,
    LectureEtablissement,
    LectureOrganisationInterne,
    Recherche,
    TypeObjet,
)
from mappings.exposition.values import Code

R211 = "https://mos.esante.gouv.fr/NOS/TRE_R211-ActiviteOperationnelle/FHIR/TRE-R211-ActiviteOperationnelle"
NOON = datetime(2026, 1, 14, 12, 0, 0, 999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recherche", "expected"),
    [
        pytest.param(Recherche(), [], id="everything"),
        pytest.param(
            Recherche(activites=(Code("R211", "037"), Code("R211", "042"))),
            [("specialty", f"{R211}|037,{R211}|042")],
            id="union",
        ),
        pytest.param(Recherche(activites=(Code("", "037"),)), [("specialty", "037")], id="no system"),
        pytest.param(
            Recherche(
                modes_prise_en_charge=(Code("", "28"),),
                actes_specifiques=(Code("", "0001"),),
                types_offre=(Code("", "30"),),
            ),
            [("service-category", "30"), ("characteristic", "28"), ("characteristic", "0001")],
            id="conjunction",
        ),
        pytest.param(Recherche(champs_activite=(Code("", "02"),)), [("service-type", "02")], id="field"),
        pytest.param(Recherche(offres=("94/1", "94/2")), [("identifier", "94/1,94/2")], id="offers"),
        pytest.param(
            Recherche(organisations=("1020000000",)), [("organization.identifier:above", "1020000000")], id="owner"
        ),
        pytest.param(Recherche(nom_contient="a,b|c"), [("name:contains", "a\\,b\\|c")], id="name"),
        pytest.param(Recherche(nom_commence="a$b"), [("name", "a\\$b")], id="start of name"),
        pytest.param(
            Recherche(caracteristiques=(Code("", "01"),), actes_specifiques=(Code("", "12"),)),
            [("characteristic", "12"), ("characteristic", "01")],
            id="a characteristic and an act",
        ),
        pytest.param(
            Recherche(modifie_avant=NOON), [("_lastUpdated", "lt2026-01-14T12:00:01+00:00")], id="before, rounded up"
        ),
        pytest.param(
            Recherche(modifie_avant=NOON.replace(microsecond=0)),
            [("_lastUpdated", "lt2026-01-14T12:00:00+00:00")],
            id="before a second",
        ),
        pytest.param(Recherche(modifie_depuis=NOON), [("_lastUpdated", "ge2026-01-14T12:00:00+00:00")], id="since"),
    ],
)
def test_criteria_become_parameters(recherche: Recherche, expected: list[tuple[str, str]]) -> None:
    search = of_search(recherche, ("94",))

    assert search.kind == "HealthcareService"
    assert search.parameters == (*expected, ("_tag", "94"), *FULL_OFFER)


def test_the_regions_asked_narrow_those_of_the_member() -> None:
    assert ("_tag", "06") in of_search(Recherche(regions=("06",)), ("04", "06")).parameters
    assert ("_tag", "04,06") in of_search(Recherche(), ("04", "06")).parameters


@pytest.mark.parametrize(
    ("objet", "kind", "keyed"),
    [
        pytest.param(TypeObjet.ORGANISATION, "Organization", True, id="organisation"),
        pytest.param(TypeObjet.LIEU, "Location", True, id="place"),
        pytest.param(TypeObjet.PROFESSIONNEL, "PractitionerRole", False, id="professional"),
        pytest.param(TypeObjet.SITUATION, "PractitionerRole", False, id="situation"),
    ],
)
def test_other_objects_are_searched_under_their_type(objet: TypeObjet, kind: str, keyed: bool) -> None:
    search = of_search(Recherche(objet=objet, cles=("94/1",), activites=(Code("R211", "037"),)), ("94",))

    assert search.kind == kind
    assert (("identifier", "94/1") in search.parameters) is keyed
    assert all(name != "specialty" for name, _ in search.parameters)


def test_an_establishment_is_read_by_what_stands_under_it_then_by_itself() -> None:
    offers, itself = of_establishment(
        LectureEtablissement("1020000000", NOON, champs_activite=(Code("", "02"),)), ("94",)
    )

    assert offers.kind == "HealthcareService"
    assert offers.parameters[:4] == (
        ("organization.identifier:above", "1020000000"),
        ("service-type", "02"),
        ("_lastUpdated", "ge2026-01-14T12:00:00+00:00"),
        ("_tag", "94"),
    )
    assert (itself.kind, itself.parameters[0]) == ("Organization", ("identifier", "1020000000"))


def test_an_internal_organisation_is_an_offer_or_an_organisation() -> None:
    searches = of_internal_organisation(LectureOrganisationInterne("94/1"), ("94",))

    assert [search.kind for search in searches] == ["HealthcareService", "Organization"]
    assert all(search.parameters[0] == ("identifier", "94/1") for search in searches)


def test_a_notification_is_what_changed() -> None:
    search = of_notification(DemandeNotification(NOON), ("94",))

    assert search.parameters[:2] == (("_lastUpdated", "ge2026-01-14T12:00:00+00:00"), ("_tag", "94"))


def test_separators_inside_values_are_plain_characters() -> None:
    assert escaped("a$b\\c") == "a\\$b\\\\c"
