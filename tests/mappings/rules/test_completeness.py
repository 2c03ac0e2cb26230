"""RG_EXP_002: an incomplete object is not sent, nor what hangs below; what stands above is."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from mappings.exposition.professionnel import SituationOperationnelle
from mappings.loss import Ledger
from mappings.losses.expected import rows_for
from mappings.rules import complete


def test_a_complete_directory_comes_back_itself(house: Any) -> None:
    ledger = Ledger()

    assert complete(house.whole, ledger) is house.whole
    assert ledger.entries == ()


EJ, EG, POLE, SERVICE, WARD, SECRET, NURSE = (
    "1690000001",
    "1690000011",
    "84/POLE",
    "84/SERVICE",
    "84/UE-1",
    "84/UE-2",
    "810000000001",
)
# object, what it lacks → what goes, with the place of what was missing
LACKING = {
    "unit without name": (WARD, {"nom": ""}, {WARD: "nom"}),
    "unit without field": (WARD, {"champs_activite": ()}, {WARD: "champs_activite"}),
    "unit without care mode": (WARD, {"mode_prise_en_charge": None}, {WARD: "mode_prise_en_charge"}),
    "level without name": (SERVICE, {"nom": ""}, {SERVICE: "nom", SECRET: "above"}),
    "level without type": (SERVICE, {"type_oi": None}, {SERVICE: "type_oi", SECRET: "above"}),
    "level above a level": (
        POLE,
        {"nom": ""},
        {POLE: "nom", SERVICE: "above", WARD: "above", SECRET: "above", NURSE: "above"},
    ),
    "site": (
        EG,
        {"denomination": ""},
        {EG: "denomination", POLE: "above", SERVICE: "above", WARD: "above", SECRET: "above", NURSE: "above"},
    ),
    "legal entity": (
        EJ,
        {"raison_sociale": ""},
        {
            EJ: "raison_sociale",
            EG: "above",
            POLE: "above",
            SERVICE: "above",
            WARD: "above",
            SECRET: "above",
            NURSE: "above",
        },
    ),
}


@pytest.mark.parametrize(("key", "lacking", "gone"), LACKING.values(), ids=LACKING)
def test_it_goes_with_what_hangs_below(house: Any, key: str, lacking: dict[str, Any], gone: dict[str, str]) -> None:
    ledger = Ledger()

    kept = complete(house.changed(key, **lacking), ledger)

    every = [objet.cle for objet in house.whole.objets()]
    assert [objet.cle for objet in kept.objets()] == [one for one in every if one not in gone]
    assert {loss.object: loss.path for loss in ledger.entries} == gone
    assert {(loss.rule, loss.kind.value, loss.severity.value) for loss in ledger.entries} == {
        ("RG_EXP_002", "dropped", "error")
    }
    assert all(any(rows_for(loss, "federation")) for loss in ledger.entries)


@pytest.mark.parametrize("by_place", [True, False])
def test_a_professional_keeps_the_units_that_are_left(house: Any, by_place: bool) -> None:
    here, there = (
        SituationOperationnelle(identifiant=key, offres=() if by_place else (key,)) for key in (WARD, SECRET)
    )
    given = house.changed(WARD, nom="")
    given = msgspec.structs.replace(
        given, professionnels=(msgspec.structs.replace(house.nurse, situations=(here, there)),)
    )

    (nurse,) = complete(given, Ledger()).professionnels

    assert (nurse.offres, nurse.entites_geographiques, nurse.situations) == (
        (SECRET,),
        (EG,),
        (SituationOperationnelle(identifiant=SECRET, offres=(SECRET,)),),
    )


def test_a_professional_of_a_site_alone_goes_with_it(house: Any) -> None:
    given = house.changed(EG, denomination="")
    given = msgspec.structs.replace(given, professionnels=(msgspec.structs.replace(house.nurse, offres=()),))

    assert complete(given, Ledger()).professionnels == ()


@pytest.mark.parametrize(
    ("lacks", "gone"),
    [
        pytest.param({"denomination": ""}, {"denomination": 1, "above": 5}, id="the site"),
        pytest.param({"raison_sociale": ""}, {"raison_sociale": 1, "above": 6}, id="the legal entity"),
    ],
)
def test_a_legal_entity_is_not_its_site_of_the_same_key(
    house: Any, lacks: dict[str, str], gone: dict[str, int]
) -> None:
    (ej,), (eg,) = house.whole.entites_juridiques, house.whole.entites_geographiques
    site = msgspec.structs.replace(eg, entite_juridique=EG, **{name: "" for name in lacks if name == "denomination"})
    seat = msgspec.structs.replace(ej, cle=EG, **{name: "" for name in lacks if name == "raison_sociale"})
    given = msgspec.structs.replace(house.whole, entites_juridiques=(seat,), entites_geographiques=(site,))
    ledger = Ledger()

    kept = complete(given, ledger)

    assert Counter(loss.path for loss in ledger.entries) == gone
    assert kept.entites_juridiques == (() if "raison_sociale" in lacks else (seat,))
    assert kept.entites_geographiques == kept.offres == ()
