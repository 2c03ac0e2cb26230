import pytest

from mappings.exposition.demandes import ProfilAcces
from whitelist.entitlement import Condition, Element, Norme, condition, rows, soap_profile_containing
from whitelist.entitlement.facts import Facts, holds

P0, P1, P2, P3, P4, P5 = ProfilAcces


def test_every_row_says_its_source_and_rules_every_profile() -> None:
    assert all(row.source and row.wire and set(row.conditions) == set(ProfilAcces) for row in rows())


def test_no_element_is_ruled_twice_for_one_standard() -> None:
    ruled = [(row.element, norme) for row in rows() for norme in row.normes]

    assert len(ruled) == len(set(ruled))
    assert {element for element, _ in ruled} == set(Element)


def test_what_the_table_does_not_rule_is_never_sent() -> None:
    assert condition(Element.CAPACITY_LINE, P1, Norme.CSD_2_4) is Condition.NEVER


@pytest.mark.parametrize(
    ("profil", "containing"), [(P0, P0), (P1, P1), (P2, P2), (P3, P3), (P4, P1), (P5, P2)], ids=str
)
def test_the_narrowest_soap_profile_holds_all_of_the_callers(profil, containing) -> None:
    assert soap_profile_containing(profil) is containing


CASES = [
    Facts(medico_social=ms, ambulatory=amb, level=level, sensitive=sensitive, status=status, assignment=assignment)
    for ms in (False, True)
    for amb in (False, True)
    for level in (1, 2, 3)
    for sensitive in (False, True)
    for status in ("", "01", "02", "06", "99")
    for assignment in ("", "01", "02")
]


@pytest.mark.parametrize("norme", [Norme.CSD_2_4, Norme.CSD_3_0])
@pytest.mark.parametrize("profil", [P4, P5])
def test_what_the_gateway_asserts_to_a_member_covers_what_the_caller_may_see(profil, norme) -> None:
    asserted = soap_profile_containing(profil)
    lost = [
        (element, facts)
        for element in Element
        for facts in CASES
        if holds(condition(element, profil, norme), facts) and not holds(condition(element, asserted, norme), facts)
    ]

    assert lost == []


@pytest.mark.parametrize("norme", [Norme.CSD_2_4, Norme.CSD_3_0])
@pytest.mark.parametrize(("inner", "outer"), [(P0, P3), (P3, P2), (P2, P1)], ids=["0-in-3", "3-in-2", "2-in-1"])
def test_the_profiles_of_the_contract_are_nested(inner, outer, norme) -> None:
    lost = [
        (element, facts)
        for element in Element
        for facts in CASES
        if holds(condition(element, inner, norme), facts) and not holds(condition(element, outer, norme), facts)
    ]

    assert lost == []
