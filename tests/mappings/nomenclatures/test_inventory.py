"""What is held, what is not, and all that is known of one code."""

from datetime import date

import pytest

from mappings.exposition.values import Code
from mappings.nomenclatures.inventory import content, described, held, releases, unverifiable
from mappings.nomenclatures.tables import State, resolve

TODAY = date(2026, 11, 21)


def test_every_list_is_told_once_in_its_newest_version() -> None:
    lists = {one.number: one for one in held()}

    assert len(lists) == len(held())
    assert lists["R211"].releases == ("2021-10", "2023-09")
    assert (lists["J17"].codes, lists["J17"].active) == (554, None)
    assert (lists["R338"].version, lists["R338"].codes, lists["R338"].active) == ("20260928120000", 27, 25)
    assert lists["J237"].status == "retired"


def test_the_releases_count_their_lists() -> None:
    assert [(one.id, one.lists) for one in releases()] == [
        ("2021-10", 15),
        ("2023-09", 148),
        ("2024-10", 1),
        ("2024-12", 1),
        ("2026-09", 19),
    ]


def test_what_is_not_held_is_listed_with_the_elements_concerned() -> None:
    missing = {one.number: one for one in unverifiable()}

    assert {number for number, one in missing.items() if one.kind == "TRE"} == {"G00", "R13", "R247", "R78"}
    assert (missing["J124"].tables, missing["J124"].held) == (("R13",), False)
    assert (missing["J26"].tables, missing["J26"].held) == (("R236",), True)
    assert "managementType" in missing["J26"].elements
    assert not {"J17", "J34", "R211"} & set(missing)


@pytest.mark.parametrize("number", ["R13", "R247", "R78", "G00"])
def test_a_table_of_that_list_is_unverifiable(number: str) -> None:
    assert resolve(Code(number, "1"), TODAY).state is State.UNVERIFIABLE


def test_the_content_of_a_list_on_a_day() -> None:
    table, values = content("R338", TODAY), content("J227", TODAY)

    assert table is not None
    assert values is not None
    assert {row.code: row.state for row in table}["12"] is State.DEPRECATED
    assert {row.system for row in values} == {"R344", "R253"}
    assert content("J124", TODAY) is None


def test_a_code_is_described_whatever_its_spelling() -> None:
    found = described(Code("R211", "37 "), TODAY)

    assert (found.code, found.normalised, found.state, found.value_sets) == ("037", True, State.ACTIVE, ("J17",))


@pytest.mark.parametrize(
    ("code", "applied"),
    [("R30 21", {"sourced"}), ("R316 801", {"to-accept"}), ("R211 166", {"never"}), ("R211 037", set())],
)
def test_a_description_says_whether_a_replacement_may_be_applied(code: str, applied: set[str]) -> None:
    assert {row.applied for row in described(Code(*code.split()), TODAY).replacements} == applied
