"""What a code is worth, and what cannot be verified."""

from datetime import date

import pytest

from mappings.exposition.values import Code
from mappings.nomenclatures.tables import State, display, resolve, table, value_set

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("code", "at", "state"),
    [
        pytest.param(Code("R211", "172"), TODAY, State.ACTIVE, id="in force"),
        pytest.param(Code("R211", "002"), TODAY, State.ENDED, id="ended"),
        pytest.param(Code("R211", "002"), date(2019, 1, 1), State.ACTIVE, id="ended later than that day"),
        pytest.param(Code("R211", "2"), TODAY, State.UNKNOWN, id="leading zeros count"),
        pytest.param(Code("R211", "594"), TODAY, State.ACTIVE, id="newer than the table, in the value set of 2026"),
        pytest.param(Code("R244", "128"), TODAY, State.ACTIVE, id="newer than the table, in a value set of 2024"),
        pytest.param(Code("R13", "01999"), TODAY, State.UNVERIFIABLE, id="table not held"),
        pytest.param(Code("urn:region:84", "X"), TODAY, State.UNVERIFIABLE, id="unknown system"),
    ],
)
def test_a_code_is_worth(code: Code, at: date, state: State) -> None:
    assert resolve(code, at).state is state


def test_two_codes_are_compared_without_their_labels() -> None:
    assert Code("R227", "02", "SSR").cle == Code("R227", "02", "Soins médicaux et de réadaptation").cle


def test_a_value_set_keeps_the_system_of_each_code() -> None:
    expertise = value_set("J227")

    assert expertise is not None
    assert {system for system, _ in expertise} == {"R344", "R253"}


def test_a_value_set_not_held_is_told() -> None:
    assert value_set("J124") is None
    assert table("R13") is None


def test_a_label_comes_from_the_newest_table() -> None:
    assert display("R213", "28") == "Hospitalisation complète (HC)"
    assert display("R213", "999") is None
