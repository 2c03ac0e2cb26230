"""The index finds what the criteria say, no more and no less."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.federation.criteria import CRITERIA, Surroundings, matches, present, question
from gateway.federation.fanout import Window
from gateway.federation.merge import join
from gateway.federation.paging import Position
from gateway.federation.sight import Sight
from gateway.replica.store import Replica
from mappings.exposition.demandes import ProfilAcces, Recherche, ReponseOffres, Territoire, TypeObjet, TypeTerritoire
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from whitelist.entitlement import Norme, filter_repertoire


def in_commune(code: str, radius: str | None = None) -> Territoire:
    return Territoire(TypeTerritoire.COMMUNE, code, Decimal(radius) if radius else None)


CARDIO, SENSITIVE, EHPAD = "84/UE-0001", "84/UE-0002", "84/UE-0003"

SEARCHES = [
    pytest.param(Recherche(), [CARDIO, SENSITIVE, EHPAD], id="no criterion"),
    pytest.param(Recherche(activites=(Code("R211", "037"),)), [CARDIO, SENSITIVE], id="activity"),
    pytest.param(
        Recherche(activites=(Code("R211", "037"), Code("R211", "481"))), [CARDIO, SENSITIVE, EHPAD], id="a union"
    ),
    pytest.param(Recherche(activites=(Code("", "481"),)), [EHPAD], id="a code without system"),
    pytest.param(Recherche(activites=(Code("R210", "481"),)), [], id="the code of another system"),
    pytest.param(Recherche(modes_prise_en_charge=(Code("R213", "28"),)), [CARDIO], id="care mode"),
    pytest.param(Recherche(champs_activite=(Code("R227", "04"),)), [EHPAD], id="field"),
    pytest.param(Recherche(types_offre=(Code("R244", "50"),)), [CARDIO], id="type"),
    pytest.param(Recherche(actes_specifiques=(Code("R210", "12"),)), [CARDIO, EHPAD], id="act"),
    pytest.param(Recherche(equipements=(Code("R212", "088"),)), [CARDIO, SENSITIVE, EHPAD], id="equipment"),
    pytest.param(
        Recherche(activites=(Code("R211", "037"),), champs_activite=(Code("R227", "04"),)), [], id="a conjunction"
    ),
    pytest.param(
        Recherche(territoires=(Territoire(TypeTerritoire.REGION, "84"),)), [CARDIO, SENSITIVE, EHPAD], id="region"
    ),
    pytest.param(Recherche(territoires=(Territoire(TypeTerritoire.DEPARTEMENT, "38"),)), [EHPAD], id="department"),
    pytest.param(Recherche(territoires=(in_commune("69123"),)), [CARDIO, SENSITIVE], id="commune"),
    pytest.param(Recherche(territoires=(in_commune("69123", "50"),)), [CARDIO, SENSITIVE], id="radius, near"),
    pytest.param(
        Recherche(territoires=(in_commune("69123", "100"),)), [CARDIO, SENSITIVE, EHPAD], id="radius, far enough"
    ),
    pytest.param(
        Recherche(territoires=(in_commune("69123", "92"),)), [CARDIO, SENSITIVE], id="radius, in the box only"
    ),
    pytest.param(Recherche(territoires=(in_commune("38000", "50"),)), [], id="radius around an unknown place"),
    pytest.param(Recherche(regions=("84",)), [CARDIO, SENSITIVE, EHPAD], id="source region"),
    pytest.param(Recherche(regions=("06",)), [], id="another source region"),
    pytest.param(Recherche(offres=(EHPAD, "84/UE-9")), [EHPAD], id="offers"),
    pytest.param(Recherche(cles=(CARDIO,)), [CARDIO], id="keys"),
    pytest.param(Recherche(organisations=("84/POLE-1",)), [CARDIO], id="under an internal organisation"),
    pytest.param(Recherche(organisations=("1690000011",)), [CARDIO, SENSITIVE], id="under a site"),
    pytest.param(Recherche(organisations=("1690000001",)), [CARDIO, SENSITIVE, EHPAD], id="under a legal entity"),
    pytest.param(Recherche(age=Decimal(17)), [SENSITIVE], id="a child"),
    pytest.param(Recherche(age=Decimal(18)), [CARDIO, SENSITIVE], id="an age on the limit"),
    pytest.param(Recherche(age=Decimal("120.5")), [CARDIO, SENSITIVE], id="beyond the limit"),
    pytest.param(Recherche(nom_contient="CARDIOLOGIE E"), [CARDIO], id="name without case or accents"),
    pytest.param(Recherche(nom_contient="100%"), [], id="a name is no pattern"),
    pytest.param(Recherche(nom_commence="cardiologie E"), [CARDIO], id="start of name"),
    pytest.param(Recherche(nom_commence="UNITE"), [CARDIO], id="start of another name"),
    pytest.param(Recherche(nom_commence="élective"), [], id="middle of name"),
    pytest.param(Recherche(codes_postaux=("69",)), [CARDIO], id="start of postal code"),
    pytest.param(Recherche(codes_postaux=("38100", "69003")), [CARDIO, EHPAD], id="postal code of its site"),
    pytest.param(Recherche(codes_postaux=("6900", "9")), [CARDIO], id="two prefixes"),
    pytest.param(Recherche(codes_postaux=("900",)), [], id="middle of postal code"),
    pytest.param(Recherche(publics=(Code("R239", "11"),)), [EHPAD], id="public"),
    pytest.param(Recherche(zones_intervention=(Code("", "69123"),)), [CARDIO], id="zone of intervention"),
    pytest.param(Recherche(classes_age=(Code("R208", "04"),)), [SENSITIVE], id="class of ages, below every limit"),
    pytest.param(Recherche(classes_age=(Code("R208", "05"),)), [CARDIO, SENSITIVE], id="class of ages, overlapping"),
    pytest.param(
        Recherche(classes_age=(Code("R208", "02"), Code("R208", "11"))), [CARDIO, SENSITIVE, EHPAD], id="two classes"
    ),
    pytest.param(Recherche(specialites=(Code("R38", "SM04"),)), [CARDIO], id="speciality"),
    pytest.param(Recherche(specialites=(Code("R38", "SM26"),)), [], id="another speciality"),
    pytest.param(Recherche(caracteristiques=(Code("R338", "02"),)), [CARDIO], id="reception"),
    pytest.param(Recherche(caracteristiques=(Code("R245", "07"),)), [CARDIO, EHPAD], id="specialisation"),
    pytest.param(Recherche(caracteristiques=(Code("R356", "10"), Code("R238", "1"))), [CARDIO], id="profession"),
    pytest.param(Recherche(modifie_avant=datetime(2026, 1, 6, 12, tzinfo=UTC)), [CARDIO], id="before, exclusive"),
]


def whole(region: Any) -> Repertoire:
    return join([region.at_lyon, region.at_grenoble], [])


def test_every_criterion_is_compared() -> None:
    searches = [case.values[0] for case in SEARCHES]
    compared = {criterion for search in searches if isinstance(search, Recherche) for criterion in present(search)}

    assert compared | {"modifie_depuis"} == CRITERIA


@pytest.mark.parametrize(("recherche", "expected"), SEARCHES)
async def test_the_index_and_the_criteria_agree(
    replica: Replica, region: Any, recherche: Recherche, expected: list[str]
) -> None:
    communes = [territoire.code for territoire in recherche.territoires]
    centres = await replica.centres(communes)
    everything = whole(region)
    asked = question(recherche, "84", centres=centres)

    held = await replica.held("84", recherche, Window(centres=centres))

    assert held is not None
    assert isinstance(held.reponse, ReponseOffres)
    assert sorted(offre.cle for offre in held.reponse.repertoire.offres) == expected
    assert held.count == len(expected)
    assert expected == sorted(
        offre.cle for offre in everything.offres if matches(offre, Surroundings(everything), asked)
    )


@pytest.mark.parametrize(("recherche", "everything"), SEARCHES)
async def test_the_index_finds_by_nothing_that_the_caller_may_not_see(
    replica: Replica, region: Any, recherche: Recherche, everything: list[str]
) -> None:
    centres = await replica.centres([territoire.code for territoire in recherche.territoires])
    asked = question(recherche, "84", centres=centres)

    for profil in (ProfilAcces.P0, ProfilAcces.P2, ProfilAcces.P3):
        held = await replica.held("84", recherche, Window(centres=centres, sight=Sight(profil)))

        left = filter_repertoire(whole(region), profil=profil, norme=Norme.FHIR).repertoire
        expected = sorted(offre.cle for offre in left.offres if matches(offre, Surroundings(left), asked))
        assert held is not None
        assert isinstance(held.reponse, ReponseOffres)
        assert sorted(offre.cle for offre in held.reponse.repertoire.offres) == expected
        assert held.count == len(expected)
        assert set(expected) <= set(everything)


HIDDEN_FROM = {ProfilAcces.P0: [], ProfilAcces.P2: [CARDIO, EHPAD], ProfilAcces.P3: [EHPAD]}


@pytest.mark.parametrize(("profil", "expected"), HIDDEN_FROM.items())
@pytest.mark.parametrize("criterion", ["actes_specifiques", "caracteristiques"])
async def test_acts_and_specialisations_find_medico_social_units_only_for_profile_3_and_none_for_profile_0(
    replica: Replica, profil: ProfilAcces, expected: list[str], criterion: str
) -> None:
    wanted = {"actes_specifiques": Code("R210", "12"), "caracteristiques": Code("R245", "07")}[criterion]
    held = await replica.held("84", Recherche(**{criterion: (wanted,)}), Window(sight=Sight(profil)))

    assert held is not None
    assert held.count == len(expected)


@pytest.mark.parametrize(("since", "expected"), [(5, [CARDIO, SENSITIVE, EHPAD]), (9, [EHPAD]), (10, [])])
async def test_changes_are_inclusive(replica: Replica, region: Any, since: int, expected: list[str]) -> None:
    assert await offers(replica, Recherche(modifie_depuis=region.day(since))) == expected


async def offers(replica: Replica, recherche: Recherche) -> list[str]:
    found = await replica.search(recherche, members=["84", "53"])
    assert list(found) == ["84"]
    answer = found["84"].reponse
    assert isinstance(answer, ReponseOffres)
    return sorted(offre.cle for offre in answer.repertoire.offres)


def keys(objects: Iterable[Any]) -> list[str]:
    return [objet.cle for objet in objects]


@pytest.mark.parametrize(
    ("recherche", "count", "offres"),
    [
        pytest.param(Recherche(TypeObjet.ORGANISATION), 4, [CARDIO, SENSITIVE, EHPAD], id="organisations"),
        pytest.param(Recherche(TypeObjet.ORGANISATION, cles=("1690000011",)), 1, [CARDIO, SENSITIVE], id="a site"),
        pytest.param(Recherche(TypeObjet.ORGANISATION, cles=("84/POLE-1",)), 1, [CARDIO], id="a pole"),
        pytest.param(Recherche(TypeObjet.LIEU, cles=("84/LIEU-2",)), 1, [SENSITIVE], id="a place"),
        pytest.param(Recherche(TypeObjet.LIEU, regions=("84",)), 3, [CARDIO, SENSITIVE, EHPAD], id="places"),
        pytest.param(Recherche(TypeObjet.LIEU, regions=("06",)), 0, [], id="places elsewhere"),
        pytest.param(
            Recherche(TypeObjet.PROFESSIONNEL, cles=("810000000001",)), 1, [CARDIO, EHPAD], id="a professional"
        ),
        pytest.param(Recherche(TypeObjet.SITUATION, cles=("810000000001/84/UE-0003",)), 1, [EHPAD], id="a situation"),
    ],
)
async def test_other_objects_are_found_with_what_stands_around(
    replica: Replica, recherche: Recherche, count: int, offres: list[str]
) -> None:
    held = await replica.held("84", recherche, Window())

    assert held is not None
    assert isinstance(held.reponse, ReponseOffres)
    assert held.count == count
    assert sorted(keys(held.reponse.repertoire.offres)) == offres


@pytest.mark.parametrize(
    ("objet", "profil", "count"),
    [
        pytest.param(TypeObjet.LIEU, ProfilAcces.P1, 3, id="places, of every unit"),
        pytest.param(TypeObjet.LIEU, ProfilAcces.P0, 2, id="places, of the units seen"),
        pytest.param(TypeObjet.PROFESSIONNEL, ProfilAcces.P1, 1, id="professionals, all"),
        pytest.param(TypeObjet.PROFESSIONNEL, ProfilAcces.P3, 1, id="professionals, in a medico-social unit"),
        pytest.param(TypeObjet.PROFESSIONNEL, ProfilAcces.P0, 0, id="professionals, none"),
        pytest.param(TypeObjet.SITUATION, ProfilAcces.P2, 2, id="situations, all"),
        pytest.param(TypeObjet.SITUATION, ProfilAcces.P3, 1, id="situations, in a medico-social unit"),
        pytest.param(TypeObjet.SITUATION, ProfilAcces.P0, 0, id="situations, none"),
        pytest.param(TypeObjet.ORGANISATION, ProfilAcces.P0, 4, id="organisations, all"),
    ],
)
async def test_objects_the_caller_may_not_see_are_not_counted(
    replica: Replica, objet: TypeObjet, profil: ProfilAcces, count: int
) -> None:
    held = await replica.held("84", Recherche(objet), Window(sight=Sight(profil)))

    assert held is not None
    assert held.count == count


async def test_hidden_objects_take_no_place_in_a_page(replica: Replica) -> None:
    window = Window(Position("84", "810000000001/84/UE-0001"), 1, Sight(ProfilAcces.P3))
    first = await replica.held("84", Recherche(TypeObjet.SITUATION), Window(limit=1, sight=Sight(ProfilAcces.P3)))
    second = await replica.held("84", Recherche(TypeObjet.SITUATION), window)

    for held in (first, second):
        assert held is not None
        assert isinstance(held.reponse, ReponseOffres)
        assert keys(held.reponse.repertoire.offres) == [EHPAD]


async def test_other_objects_changed_since(replica: Replica, region: Any) -> None:
    since = await replica.held("84", Recherche(TypeObjet.ORGANISATION, modifie_depuis=region.day(2)), Window())
    before = await replica.held("84", Recherche(TypeObjet.ORGANISATION, modifie_avant=region.day(2)), Window())
    too_early = await replica.held("84", Recherche(TypeObjet.LIEU, modifie_avant=region.day(5)), Window())

    assert [held and held.count for held in (since, before, too_early)] == [0, 4, 0]
