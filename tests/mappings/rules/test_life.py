"""What only two observations of one object show."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from mappings.exposition.contact import Contact
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import Patientele
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Mesure, Metadonnee
from mappings.loss import Ledger
from mappings.losses.expected import rows_for
from mappings.rules.life import born, followed, likeness, removed

_replace = msgspec.structs.replace


def at(day: int, key: str | None = None) -> Metadonnee:
    return Metadonnee(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, day, tzinfo=UTC), identifiant=key)


def desk(text: str, day: int, key: str | None = "c1") -> Contact:
    return Contact(description=text, metadonnee=at(day, key))


UNIT = OffreOperationnelle(
    "84/UE-1",
    nom="Cardiologie",
    champs_activite=(Code("R227", "01", "MCO"),),
    mode_prise_en_charge=Code("R213", "28"),
    activites=(ActiviteOperationnelle(Code("R211", "037"), metadonnee=at(2, "a1")),),
    actes_specifiques=(Code("R210", "1"), Code("R210", "2")),
    patientele=Patientele(age_min=Mesure(18), metadonnee=at(2)),  # type: ignore[arg-type]
    contacts=(desk("Accueil", 2),),
    metadonnee=at(5),
)
LATER = at(6)
OTHER_MODE, OTHER_FIELD = Code("R213", "29"), (Code("R227", "02"),)

# what the second reading changed → rules told, and where
FOLLOWED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "nothing": ({}, []),
    "an attribute, updated": ({"nom": "Cœur", "metadonnee": LATER}, []),
    "an attribute": ({"nom": "Cœur"}, [("RG_EXP_024", "nom")]),
    "an attribute added": ({"ouverture_annuelle": Code("R238", "1")}, [("RG_EXP_024", "ouverture_annuelle")]),
    "an attribute removed": ({"actes_specifiques": (Code("R210", "1"),)}, [("RG_EXP_024", "actes_specifiques")]),
    "another order": ({"actes_specifiques": UNIT.actes_specifiques[::-1]}, []),
    "a label": ({"champs_activite": (Code("R227", "01", "Médecine"),)}, []),
    "the field": (
        {"champs_activite": OTHER_FIELD, "metadonnee": LATER},
        [("RG_EXP_010", "champs_activite")],
    ),
    "the care mode": (
        {"mode_prise_en_charge": OTHER_MODE, "metadonnee": LATER},
        [("RG_EXP_011", "mode_prise_en_charge")],
    ),
    "the care mode, not updated": (
        {"mode_prise_en_charge": OTHER_MODE},
        [("RG_EXP_011", "mode_prise_en_charge"), ("RG_EXP_024", "mode_prise_en_charge")],
    ),
    "an activity removed, updated": ({"activites": (), "metadonnee": LATER}, []),
    "an activity removed": ({"activites": ()}, [("RG_EXP_025", "activites")]),
    "a contact replaced": ({"contacts": (desk("Autre", 3, "c2"),)}, [("RG_EXP_025", "contacts")]),
    "a contact added": ({"contacts": (desk("Accueil", 2), desk("Autre", 3, "c2"))}, []),
    "a contact changed by itself": ({"contacts": (desk("Secrétariat", 3),)}, []),
    "a contact changed": ({"contacts": (desk("Secrétariat", 2),)}, [("RG_EXP_024", "contacts.description")]),
    "a contact changed, the unit updated": (
        {"contacts": (desk("Secrétariat", 2),), "metadonnee": LATER},
        [("RG_EXP_024", "contacts.description")],
    ),
    "the ages": (
        {"patientele": Patientele(age_min=Mesure(15), metadonnee=at(2))},  # type: ignore[arg-type]
        [("RG_EXP_024", "patientele.age_min")],
    ),
    "the public gone": ({"patientele": None}, [("RG_EXP_025", "patientele")]),
    "no date": ({"nom": "Cœur", "metadonnee": None}, []),
}


@pytest.mark.parametrize(("changes", "told"), FOLLOWED.values(), ids=FOLLOWED)
def test_one_unit_twice(changes: dict[str, Any], told: list[tuple[str, str]]) -> None:
    ledger = Ledger()

    followed(UNIT, _replace(UNIT, **changes), ledger)

    assert [(loss.rule, loss.path) for loss in ledger.entries] == told
    assert all(any(rows_for(loss, "federation")) for loss in ledger.entries)


def test_contacts_that_nothing_identifies_are_counted_only() -> None:
    ledger = Ledger()
    before = _replace(UNIT, contacts=(desk("A", 2, None), desk("B", 2, None)))

    followed(before, _replace(before, contacts=(desk("B", 2, None), desk("C", 2, None))), ledger)
    assert ledger.entries == ()

    followed(before, _replace(before, contacts=(desk("A", 2, None),)), ledger)
    assert [loss.rule for loss in ledger.entries] == ["RG_EXP_025"]


BORN = {
    "both dates equal": (1, 1, []),
    "updated later": (1, 2, [("RG_EXP_023", "information")]),
    "updated before": (2, 1, [("RG_EXP_023", "warning")]),
}


@pytest.mark.parametrize(("created", "updated", "told"), BORN.values(), ids=BORN)
def test_a_unit_first_seen(created: int, updated: int, told: list[tuple[str, str]]) -> None:
    ledger = Ledger()
    days = (datetime(2026, 1, day, tzinfo=UTC) for day in (created, updated))

    born(_replace(UNIT, metadonnee=Metadonnee(*days)), ledger)
    born(_replace(UNIT, metadonnee=None), ledger)

    assert [(loss.rule, loss.severity.value) for loss in ledger.entries] == told


def test_a_removed_unit_updates_what_stood_above(house: Any) -> None:
    level = _replace(house.pole, metadonnee=at(3))
    before = _replace(house.whole, organisations_internes=(level, house.service))
    after = _replace(before, offres=(house.secret,))
    fresh = _replace(after, organisations_internes=(_replace(level, metadonnee=at(4)), house.service))
    stale, good = Ledger(), Ledger()

    removed((house.ward,), before, after, stale)
    removed((house.ward,), before, fresh, good)

    assert [(loss.rule, loss.object) for loss in stale.entries] == [("RG_EXP_025", "84/POLE")]
    assert good.entries == ()


def test_a_legal_entity_of_the_key_of_its_site_is_not_what_stood_above(house: Any) -> None:
    (ej,), (eg,) = house.whole.entites_juridiques, house.whole.entites_geographiques
    seat = _replace(ej, cle=eg.cle, metadonnee=at(2))
    lost = _replace(house.ward, organisation=eg.cle)
    before = _replace(
        house.whole, entites_juridiques=(seat,), entites_geographiques=(_replace(eg, metadonnee=at(3)),), offres=(lost,)
    )
    after = _replace(before, entites_geographiques=(_replace(eg, metadonnee=at(4)),), offres=())
    ledger = Ledger()

    removed((lost,), before, after, ledger)

    assert ledger.entries == ()


ALIKE: dict[str, tuple[Callable[[OffreOperationnelle], OffreOperationnelle], bool]] = {
    "another identifier": (lambda one: _replace(one, cle="84/X", organisation="84/Y"), True),
    "the name in capitals": (lambda one: _replace(one, nom=" CARDIOLOGIE"), True),
    "another name": (lambda one: _replace(one, nom="Cœur"), False),
    "another opening": (lambda one: _replace(one, date_ouverture=date(2020, 1, 1)), False),
    "another mode": (lambda one: _replace(one, mode_prise_en_charge=OTHER_MODE), False),
    "another activity": (lambda one: _replace(one, activites=()), False),
}


@pytest.mark.parametrize(("change", "alike"), ALIKE.values(), ids=ALIKE)
def test_what_two_units_are_compared_on(
    change: Callable[[OffreOperationnelle], OffreOperationnelle], alike: bool
) -> None:
    assert (likeness(UNIT) == likeness(change(UNIT))) is alike


def test_an_empty_directory_removes_nothing() -> None:
    ledger = Ledger()

    removed((), Repertoire(), Repertoire(), ledger)

    assert ledger.entries == ()
