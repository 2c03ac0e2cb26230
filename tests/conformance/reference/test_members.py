"""The assumed assignment of solutions, versions and states."""

from collections import Counter

from conformance.reference.dataset import REGIONS_OF_MEMBER
from conformance.reference.members import TABLE, read_members


def test_seventeen_members_hold_the_eighteen_regions_once() -> None:
    members = read_members()

    assert {member.code: member.regions for member in members} == REGIONS_OF_MEMBER
    assert len(members) == 17


def test_every_solution_and_version_is_spoken() -> None:
    assert Counter(member.solution for member in read_members()) == {"ir": 8, "iess": 5, "autre": 4}
    assert Counter(member.contract for member in read_members()) == {"3.0": 5, "2.4": 6, "1.6": 5, "1.5": 1}


def test_two_members_have_been_cut_over() -> None:
    assert [member.code for member in read_members() if member.state == "national"] == ["02", "94"]


def test_operators_have_distinct_structures_of_the_test_range() -> None:
    structures = [member.structure for member in read_members()]

    assert len(set(structures)) == 17
    assert all(len(one) == 10 and one.startswith("11B") for one in structures)


def test_the_table_says_that_it_is_an_assumption() -> None:
    remarks = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("#")]

    assert any("HYPOTHESE" in line for line in remarks)
    assert any("ASSUMPTION" in line for line in remarks)
