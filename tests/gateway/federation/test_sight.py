"""What a profile may not see is no way to find an offer."""

import pytest

from gateway.federation.codes import CODES
from gateway.federation.sight import Sight
from mappings.exposition.demandes import ProfilAcces, Recherche
from mappings.exposition.values import Code
from whitelist.entitlement import Condition, Element, Norme

ACTS = Recherche(actes_specifiques=(Code("R210", "12"),))
EQUIPMENT = Recherche(equipements=(Code("R212", "088"),))
CHARACTERISTICS = Recherche(caracteristiques=(Code("R245", "07"),))
SPECIALITY = Recherche(specialites=(Code("R38", "SM26"),))
ACTIVITY = Recherche(activites=(Code("R211", "037"),), nom_contient="x")
P0, P1, P2, P3, P4, P5 = ProfilAcces


@pytest.mark.parametrize("norme", list(Norme))
@pytest.mark.parametrize(
    ("profil", "recherche", "partly", "wholly"),
    [
        pytest.param(P0, ACTS, {"actes_specifiques"}, True, id="0, acts"),
        pytest.param(P0, EQUIPMENT, {"equipements"}, True, id="0, equipment"),
        pytest.param(P0, CHARACTERISTICS, {"caracteristiques"}, False, id="0, characteristics: some are open"),
        pytest.param(P0, SPECIALITY, {"specialites"}, True, id="0, specialities"),
        pytest.param(P3, SPECIALITY, {"specialites"}, False, id="3, specialities"),
        pytest.param(P3, ACTS, {"actes_specifiques"}, False, id="3, acts"),
        pytest.param(P3, EQUIPMENT, {"equipements"}, False, id="3, equipment"),
        pytest.param(P3, CHARACTERISTICS, {"caracteristiques"}, False, id="3, characteristics"),
        pytest.param(P0, ACTIVITY, set(), False, id="0, what everybody sees"),
        *(pytest.param(profil, ACTS, set(), False, id=f"{profil}, acts") for profil in (P1, P2, P4, P5)),
    ],
)
def test_criteria_on_what_is_hidden(
    norme: Norme, profil: ProfilAcces, recherche: Recherche, partly: set[str], wholly: bool
) -> None:
    sight = Sight(profil, norme)

    assert sight.partly_hidden(recherche) == partly
    assert sight.hides(recherche) is wholly


@pytest.mark.parametrize(("profil", "everything"), [(P0, False), (P1, True), (P2, False), (P3, False), (P4, True)])
def test_who_sees_every_object_of_the_national_api(profil: ProfilAcces, everything: bool) -> None:
    assert Sight(profil, Norme.FHIR).sees_every_object is everything


def test_unless_said_everything_is_seen() -> None:
    groups = (group for groups in CODES.values() for group in groups)

    assert {Sight().of(group.element) for group in groups} == {Condition.ALWAYS}
    assert Sight().of(Element.UNIT) is Condition.ALWAYS
