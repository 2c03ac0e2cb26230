"""What stands around the matches, and what a reading leaves out."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.federation.criteria import question
from gateway.federation.selection import around, counted, matched, place_keys, restrict, sought
from mappings.exposition.demandes import LectureEtablissement, Recherche, TypeObjet
from mappings.exposition.lieu import CapaciteAccueil, Lieu, LieuRealisationOffre
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import (
    EntiteGeographique,
    EntiteJuridique,
    OrganisationInterne,
    Patientele,
    Tarif,
)
from mappings.exposition.professionnel import Professionnel, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Metadonnee

PRICE = Tarif(Code("R246", "02"), None, montant=1)  # type: ignore[arg-type]
MS, MCO = Code("R227", "04"), Code("R227", "02")
EJ = EntiteJuridique("1690000001")
SITE = EntiteGeographique("1690000011", EJ.cle, tarifs=(PRICE,))
OTHER = EntiteGeographique("1690000012", EJ.cle)
POLE = OrganisationInterne("84/P", entite_geographique=SITE.cle, champs_activite=(MCO,))
SERVICE = OrganisationInterne("84/S", parent=POLE.cle, entite_geographique=SITE.cle)
CARE = OffreOperationnelle(
    "84/A",
    organisation=SERVICE.cle,
    entite_geographique=SITE.cle,
    champs_activite=(MCO,),
    type_offre=Code("R244", "50"),
    lieux=(LieuRealisationOffre("84/L1", Lieu()),),
    metadonnee=Metadonnee(date_mise_a_jour=datetime(2026, 1, 1, tzinfo=UTC), region_source="84"),
)
HOME = OffreOperationnelle(
    "84/B",
    organisation=OTHER.cle,
    entite_geographique=OTHER.cle,
    champs_activite=(MS,),
    type_offre=Code("R244", "50"),
    patientele=Patientele(publics=(Code("R239", "11"),)),
    capacite_accueil=CapaciteAccueil(),
)
NURSE = Professionnel("81", offres=(CARE.cle,))
RETIRED = Professionnel("82")
WHOLE = Repertoire((EJ,), (SITE, OTHER), (POLE, SERVICE), (CARE, HOME), (NURSE, RETIRED))


def keys(repertoire: Repertoire) -> set[str]:
    return {objet.cle for objet in repertoire.objets()}


@pytest.mark.parametrize(
    ("wanted", "objet", "expected"),
    [
        pytest.param(["84/A"], TypeObjet.OFFRE, {"84/A", "84/S", "84/P", SITE.cle, EJ.cle, "81"}, id="an offer"),
        pytest.param(["84/B"], TypeObjet.OFFRE, {"84/B", OTHER.cle, EJ.cle}, id="a flat offer"),
        pytest.param(
            ["84/S"], TypeObjet.ORGANISATION, {"84/A", "84/S", "84/P", SITE.cle, EJ.cle, "81"}, id="an organisation"
        ),
        pytest.param([OTHER.cle], TypeObjet.ORGANISATION, {"84/B", OTHER.cle, EJ.cle}, id="a site"),
        pytest.param([EJ.cle], TypeObjet.ORGANISATION, keys(WHOLE) - {"82"}, id="a legal entity"),
        pytest.param(["84/L1"], TypeObjet.LIEU, {"84/A", "84/S", "84/P", SITE.cle, EJ.cle, "81"}, id="a place"),
        pytest.param(["84/B/lieu"], TypeObjet.LIEU, {"84/B", OTHER.cle, EJ.cle}, id="the place made of a unit"),
        pytest.param(["82"], TypeObjet.PROFESSIONNEL, {"82"}, id="a professional nowhere"),
        pytest.param(
            ["81"], TypeObjet.PROFESSIONNEL, {"81", "84/A", "84/S", "84/P", SITE.cle, EJ.cle}, id="a professional"
        ),
        pytest.param(
            ["81/84/A"], TypeObjet.SITUATION, {"81", "84/A", "84/S", "84/P", SITE.cle, EJ.cle}, id="a situation"
        ),
        pytest.param([], TypeObjet.OFFRE, set(), id="nothing"),
    ],
)
def test_around(wanted: list[str], objet: TypeObjet, expected: set[str]) -> None:
    assert keys(around(WHOLE, wanted, objet)) == expected


@pytest.mark.parametrize(
    ("recherche", "expected"),
    [
        pytest.param(Recherche(), ("84/A", "84/B"), id="offers"),
        pytest.param(Recherche(TypeObjet.ORGANISATION, regions=("06",)), (), id="elsewhere"),
        pytest.param(Recherche(TypeObjet.ORGANISATION, cles=("84/P", "84/X")), ("84/P",), id="a key"),
        pytest.param(Recherche(TypeObjet.LIEU), ("84/B/lieu", "84/L1"), id="places"),
        pytest.param(
            Recherche(TypeObjet.LIEU, modifie_depuis=datetime(2026, 1, 2, tzinfo=UTC)), ("84/B/lieu",), id="changed"
        ),
        pytest.param(Recherche(TypeObjet.PROFESSIONNEL), ("81", "82"), id="professionals"),
        pytest.param(Recherche(TypeObjet.SITUATION, regions=("84",)), ("81/84/A",), id="situations"),
    ],
)
def test_what_matches(recherche: Recherche, expected: tuple[str, ...]) -> None:
    assert matched(WHOLE, question(recherche, "84")) == expected


def test_a_site_of_the_key_of_its_legal_entity_counts_beside_it() -> None:
    shared = Repertoire((EJ,), (EntiteGeographique(EJ.cle, EJ.cle),), (), (CARE,))

    assert counted(shared, (EJ.cle,), TypeObjet.ORGANISATION) == 2
    assert counted(WHOLE, (EJ.cle, SITE.cle), TypeObjet.ORGANISATION) == 2
    assert counted(shared, (CARE.cle,), TypeObjet.OFFRE) == 1


def test_every_kind_can_be_sought() -> None:
    found = {objet: len(list(sought(WHOLE, objet, "84"))) for objet in TypeObjet}

    assert found == {
        TypeObjet.OFFRE: 2,
        TypeObjet.ORGANISATION: 5,
        TypeObjet.LIEU: 2,
        TypeObjet.PROFESSIONNEL: 2,
        TypeObjet.SITUATION: 1,
    }


@pytest.mark.parametrize(
    ("offre", "expected"),
    [
        pytest.param(OffreOperationnelle("84/X"), (), id="none"),
        pytest.param(CARE, ("84/L1",), id="its places"),
        pytest.param(
            msgspec.structs.replace(CARE, capacite_accueil=CapaciteAccueil()), ("84/L1",), id="one place has it all"
        ),
        pytest.param(OffreOperationnelle("84/X", lieu_unite=Lieu()), ("84/X/lieu",), id="of the unit"),
        pytest.param(OffreOperationnelle("84/X", lieu_unite=Lieu("84/L9")), ("84/L9",), id="of the unit, identified"),
    ],
)
def test_the_places_of_an_offer(offre: OffreOperationnelle, expected: tuple[str, ...]) -> None:
    assert place_keys(offre) == expected


def reading(**filters: Any) -> Repertoire:
    return restrict(WHOLE, LectureEtablissement(SITE.cle, **filters))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param({}, keys(WHOLE), id="RG_ALIM_016: everything"),
        pytest.param({"champs_activite": (MCO,)}, keys(WHOLE) - {"84/B", "82"}, id="a field"),
        pytest.param({"champs_activite": (MS,)}, keys(WHOLE) - {"84/A", "84/P", "81", "82"}, id="another field"),
        pytest.param({"champs_activite": (MS, MCO)}, keys(WHOLE), id="fields are a union"),
        pytest.param(
            {"champs_activite": (Code("R227", "03"),)},
            {EJ.cle, SITE.cle, OTHER.cle, "84/S"},
            id="the tree stays without a unit",
        ),
        pytest.param({"publics": (Code("R239", "12"),)}, keys(WHOLE) - {"84/B", "82"}, id="a public of the field 04"),
        pytest.param({"publics": (Code("R239", "11"),)}, keys(WHOLE), id="the public"),
        pytest.param(
            {"date_ref": datetime(2026, 1, 2, tzinfo=UTC)}, keys(WHOLE) - {"84/A", "81", "82"}, id="changed since"
        ),
    ],
)
def test_a_reading_is_narrowed(filters: dict[str, Any], expected: set[str]) -> None:
    narrowed = reading(**filters)

    assert keys(narrowed) == expected
    assert restrict(narrowed, LectureEtablissement(SITE.cle, **filters)) == narrowed


def test_a_medico_social_unit_without_publics_does_not_match_one() -> None:
    silent = msgspec.structs.replace(HOME, patientele=None)
    asked = LectureEtablissement(SITE.cle, publics=(Code("R239", "11"),))

    assert restrict(Repertoire(offres=(silent,)), asked).offres == ()


def test_a_professional_stays_with_what_is_done_in_the_units_that_stay() -> None:
    here, there = (SituationOperationnelle(identifiant=key, offres=(key,)) for key in (CARE.cle, HOME.cle))
    person = Professionnel("81", offres=(CARE.cle, HOME.cle), situations=(here, there))
    whole = msgspec.structs.replace(WHOLE, professionnels=(person,))

    (kept,) = restrict(whole, LectureEtablissement(SITE.cle, champs_activite=(MS,))).professionnels

    assert (kept.offres, kept.situations) == ((HOME.cle,), (there,))
    assert restrict(whole, LectureEtablissement(SITE.cle)).professionnels == (person,)


def test_the_reduced_answer() -> None:
    reduced = reading(restriction_oi=True)

    assert [entite.tarifs for entite in reduced.entites_geographiques] == [(), ()]
    assert [(offre.type_offre is not None, offre.lieux, offre.capacite_accueil) for offre in reduced.offres] == [
        (False, (), None),
        (True, (), None),
    ]
    assert keys(reduced) == keys(WHOLE)


FACE_TO_FACE, SEQUENTIAL = Code("R338", "03"), Code("R338", "01")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        pytest.param({"modalites_accueil": (FACE_TO_FACE,)}, (FACE_TO_FACE,), id="a mode of 3.0"),
        pytest.param({"modalites_accueil": (SEQUENTIAL, FACE_TO_FACE)}, (FACE_TO_FACE,), id="sequential in 3.0"),
        pytest.param({"accueil_sequentiel_accepte": True}, (), id="sequential up to 2.4"),
    ],
)
def test_of_the_home_modes_the_sequential_one_goes(said: dict[str, Any], left: tuple[Code, ...]) -> None:
    whole = Repertoire(offres=(msgspec.structs.replace(CARE, **said),))

    (offre,) = restrict(whole, LectureEtablissement(SITE.cle, restriction_oi=True)).offres

    assert (offre.modalites_accueil, offre.accueil_sequentiel_accepte) == (left, None)
