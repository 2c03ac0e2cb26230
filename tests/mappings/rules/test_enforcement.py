"""Each rule on one answer: what obeys passes as it is, what breaks is repaired or told under the id of the rule."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from mappings.exposition.contact import Contact
from mappings.exposition.lieu import DivisionTerritoriale
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code, Identifiant
from mappings.loss import Ledger, LossKind
from mappings.losses.expected import rows_for
from mappings.rules import enforce, judge_tree, judge_whole

_replace = msgspec.structs.replace
IDNAT = "1.2.250.1.71.4.2.2"
ANOTHER_MODE = '<careMode code="29" codingScheme="1.2.250.1.213.3.3.13"/>'
ANOTHER_CONCEPT = '[{"coding":[{"system":"https://mos.esante.gouv.fr/NOS/TRE_R213-ModePriseEnCharge","code":"29"}]}]'


def everyone(_: object) -> bool:
    return True


def ruled(repertoire: Repertoire) -> tuple[Repertoire, list[tuple[str, str, str]]]:
    ledger = Ledger()
    kept = enforce(repertoire, ledger, shown=everyone)
    judge_tree(kept, "1690000011", ledger)
    judge_whole(kept, ledger)
    assert all(any(rows_for(loss, "federation")) for loss in ledger.entries)
    return kept, [(loss.rule, loss.object, loss.kind.value) for loss in ledger.entries]


def test_an_answer_that_obeys_comes_back_itself(house: Any) -> None:
    kept, told = ruled(house.whole)

    assert kept is house.whole
    assert told == []


def surcharge(house: Any, code: str) -> Repertoire:
    tarif = _replace(house.eg.tarifs[0], type_habitation=Code("R242", code))
    return house.changed(house.eg.cle, tarifs=(tarif,))


def structure(house: Any, *identifiants: Identifiant) -> Repertoire:
    return house.changed(house.ej.cle, identifiants=identifiants)


# rule, what breaks it, the object it is told of
FOUND: dict[str, tuple[str, Callable[[Any], Repertoire], str]] = {
    "a level without unit": (
        "RG_EXP_001",
        lambda h: _replace(
            h.whole, offres=(h.ward,), organisations_internes=(h.pole, _replace(h.service, champs_activite=()))
        ),
        "84/SERVICE",
    ),
    "two fields": ("RG_EXP_010", lambda h: h.changed(h.ward.cle, champs_activite=(h.mco, h.ssr)), "84/UE-1"),
    "two modes in CSD": (
        "RG_EXP_011",
        lambda h: h.changed(h.ward.cle, ajouts=(Ajout("extension", "csd", ANOTHER_MODE),)),
        "84/UE-1",
    ),
    "two modes in FHIR": (
        "RG_EXP_011",
        lambda h: h.changed(h.ward.cle, ajouts=(Ajout("characteristic", "fhir", ANOTHER_CONCEPT),)),
        "84/UE-1",
    ),
    "a surcharge on another dwelling": ("RG_EXP_029", lambda h: surcharge(h, "01"), "1690000011"),
    "a territory of type 3": (
        "RG_EXP_030",
        lambda h: h.changed(
            h.eg.cle, territoires_sante=(DivisionTerritoriale(Code("R201", "3"), Code("R13", "69123")),)
        ),
        "1690000011",
    ),
    "a desk with a name": (
        "RG_EXP_040",
        lambda h: h.changed(h.pole.cle, contacts=(_replace(h.desk, nom="Martin"),)),
        "84/POLE",
    ),
    "a person without name": (
        "RG_EXP_041",
        lambda h: h.changed(h.ward.cle, contacts=(_replace(h.person, nom=None),)),
        "84/UE-1",
    ),
    "a field that no unit has": (
        "RG_ALIM_006",
        lambda h: h.changed(h.service.cle, champs_activite=(h.ssr, h.psy)),
        "84/SERVICE",
    ),
    "an idNat_Struct cut short": ("RG_ALIM_014", lambda h: structure(h, Identifiant(IDNAT, "31234")), "1690000001"),
    "a SIRET beside a FINESS": (
        "RG_ALIM_014",
        lambda h: structure(h, Identifiant(IDNAT, "312345678901234"), Identifiant("1.2.250.1.213.3.2", "690000001")),
        "1690000001",
    ),
    "an EJ that is not sent": ("RG_ALIM_018", lambda h: _replace(h.whole, entites_juridiques=()), "1690000011"),
    "an EJ that is not sent, of the key of its EG": (
        "RG_ALIM_018",
        lambda h: _replace(h.changed(h.eg.cle, entite_juridique=h.eg.cle), entites_juridiques=()),
        "1690000011",
    ),
    "a level that is not sent": (
        "RG_ALIM_018",
        lambda h: h.changed(h.ward.cle, organisation="84/ELSEWHERE", champs_activite=(h.mco,)),
        "84/UE-1",
    ),
}


@pytest.mark.parametrize(("rule", "breach", "where"), FOUND.values(), ids=FOUND)
def test_what_cannot_be_repaired_is_told_and_passes(
    house: Any, rule: str, breach: Callable[[Any], Repertoire], where: str
) -> None:
    given = breach(house)

    kept, told = ruled(given)

    assert kept is given
    assert (rule, where, LossKind.INCONSISTENT.value) in told


def test_nature_and_function_break_both_rules(house: Any) -> None:
    both = _replace(house.desk, nom="Martin", fonction_contact=Code("R251", "01"))

    _, told = ruled(house.changed(house.eg.cle, contacts=(both,)))

    assert [rule for rule, _, _ in told] == ["RG_EXP_040", "RG_EXP_041"]


FORMS = {
    "finess": ("1690000001", True),
    "finess of Corsica": ("12A0000001", True),
    "finess without its digit": ("690000001", True),
    "adeli": ("0691234567", True),
    "siren": ("2123456789", True),
    "siret": ("312345678901234", True),
    "rpps and rank": ("410000000000001", True),
    "siret without its digit": ("12345678901234", False),
    "siret of 13": ("31234567890123", False),
    "finess with a letter": ("169000000X", False),
    "nothing": ("", False),
    "unknown type": ("9690000001", False),
}


@pytest.mark.parametrize(("value", "good"), FORMS.values(), ids=FORMS)
def test_the_forms_of_a_structure_identifier(house: Any, value: str, good: bool) -> None:
    _, told = ruled(structure(house, Identifiant(IDNAT, value)))

    assert (told == []) is good


# contact level, telecom level, sensitive → what leaves, and what is told
LEVELS = {
    "equal": ("2", "2", False, ("2", "2"), []),
    "telecom more confidential": ("1", "3", False, ("1", "3"), []),
    "telecom more open": ("2", "1", False, ("2", "2"), ["RG_EXP_034"]),
    "telecom of a very restricted contact": ("3", "1", False, ("3", "3"), ["RG_EXP_034"]),
    "sensitive": ("3", "3", True, ("3", "3"), []),
    "sensitive and open": ("1", "3", True, ("3", "3"), ["RG_EXP_039"]),
    "sensitive, all open": ("1", "1", True, ("3", "3"), ["RG_EXP_039", "RG_EXP_034"]),
}


@pytest.mark.parametrize(("contact", "telecom", "sensitive", "levels", "rules"), LEVELS.values(), ids=LEVELS)
def test_levels_are_raised_to_the_closed_side(
    house: Any, contact: str, telecom: str, sensitive: bool, levels: tuple[str, str], rules: list[str]
) -> None:
    desk = _replace(
        house.desk, niveau_confidentialite=house.level(contact), telecommunications=(house.telecom(telecom),)
    )

    kept, told = ruled(house.changed(house.ward.cle, contacts=(desk,), unite_sensible=sensitive))

    (left,) = kept.offres[0].contacts
    assert (level_of(left), level_of(left.telecommunications[0])) == levels
    assert told == [(rule, "84/UE-1", "repaired") for rule in rules]


def level_of(value: Any) -> str:
    assert value.niveau_confidentialite is not None
    return str(value.niveau_confidentialite.code)


@pytest.mark.parametrize("system", ["R283", "J222"])
def test_a_level_without_table_raises_nothing(house: Any, system: str) -> None:
    odd = _replace(house.telecom(), niveau_confidentialite=Code("R999", "1"))
    contact = Contact(
        nature_contact=Code("R287", "1"), niveau_confidentialite=Code(system, "3"), telecommunications=(odd,)
    )

    given = house.changed(house.ward.cle, contacts=(contact,))

    assert ruled(given) == (given, [])


def test_a_missing_field_is_added_to_every_level_above(house: Any) -> None:
    kept, told = ruled(house.changed(house.secret.cle, champs_activite=(house.psy,)))

    pole, service = kept.organisations_internes
    assert [code.code for code in pole.champs_activite] == ["01", "02", "03"]
    assert [code.code for code in service.champs_activite] == ["02", "03"]
    assert told[:2] == [("RG_ALIM_006", "84/POLE", "repaired"), ("RG_ALIM_006", "84/SERVICE", "repaired")]


def test_a_field_is_not_added_for_whom_the_unit_is_hidden(house: Any) -> None:
    given, ledger = house.changed(house.secret.cle, champs_activite=(house.psy,)), Ledger()

    kept = enforce(given, ledger, shown=lambda offre: not offre.unite_sensible)

    assert kept is given
    assert ledger.entries == ()


def test_a_silent_level_is_left_to_its_writer(house: Any) -> None:
    given = house.changed(house.pole.cle, champs_activite=())

    assert ruled(given) == (given, [])


def test_a_flat_source_says_no_tree(house: Any) -> None:
    offres = tuple(_replace(one, organisation=house.eg.cle) for one in house.whole.offres)
    flat = _replace(house.whole, offres=offres)

    assert ruled(flat) == (flat, [])
    assert [rule for rule, _, _ in ruled(_replace(house.whole, offres=()))[1]] == ["RG_EXP_001", "RG_EXP_001"]


def test_levels_in_a_circle_end(house: Any) -> None:
    given = house.changed(house.pole.cle, parent=house.service.cle)

    kept, _ = ruled(given)

    assert [code.code for code in kept.organisations_internes[1].champs_activite] == ["02", "01"]
