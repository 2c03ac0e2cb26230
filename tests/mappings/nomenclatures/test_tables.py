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
        pytest.param(Code("R247", "a"), TODAY, State.UNVERIFIABLE, id="table of another publisher, not held"),
        pytest.param(Code("urn:region:84", "X"), TODAY, State.UNVERIFIABLE, id="unknown system"),
        pytest.param(Code("R210", "0326"), date(2018, 1, 26), State.ENDED, id="recoded, on the day"),
        pytest.param(Code("R210", "0326"), date(2018, 1, 25), State.ACTIVE, id="recoded, on the eve"),
        pytest.param(Code("R211", "026"), TODAY, State.ENDED, id="merged"),
        pytest.param(Code("R211", "456"), date(2022, 12, 31), State.ACTIVE, id="born and ended within months, between"),
        pytest.param(Code("R211", "456"), date(2023, 1, 27), State.ENDED, id="born and ended within months, after"),
        pytest.param(Code("R338", "27"), date(2026, 9, 27), State.ACTIVE, id="ended on the day of the release, before"),
        pytest.param(Code("R338", "27"), TODAY, State.ENDED, id="ended on the day of the release"),
        pytest.param(Code("R338", "12"), date(2026, 7, 29), State.ACTIVE, id="before its deprecation"),
        pytest.param(Code("R338", "12"), TODAY, State.DEPRECATED, id="deprecated without an end"),
        pytest.param(Code("G07", "5"), TODAY, State.ENDED, id="type of identifier ended in 2016"),
        pytest.param(Code("R30", "21"), date(2015, 12, 31), State.ACTIVE, id="region before the reform"),
        pytest.param(Code("R30", "21"), TODAY, State.ENDED, id="region after the reform"),
        pytest.param(Code("R316", "801"), TODAY, State.ENDED, id="temporary list"),
        pytest.param(Code("R209", "07"), date(2023, 9, 1), State.ACTIVE, id="reactivated"),
        pytest.param(Code("R232", "DEF"), TODAY, State.ENDED, id="whole list ended"),
        pytest.param(Code("R215", "a"), TODAY, State.ENDED, id="whole list ended, another style of codes"),
        pytest.param(Code("R211", "466"), TODAY, State.ACTIVE, id="left its value set, never ended in its table"),
        pytest.param(Code("R332", "03"), TODAY, State.ACTIVE, id="left its value set in 2025"),
        pytest.param(Code("R35", "ABE"), TODAY, State.ENDED, id="street types are all ended, and all in use"),
        pytest.param(Code("R329", "03"), TODAY, State.ACTIVE, id="added in 2025"),
        pytest.param(Code("R352", "11"), TODAY, State.ACTIVE, id="added in 2023, by the value set of 2026"),
        pytest.param(Code("R244", "30"), TODAY, State.ACTIVE, id="30 is not 030"),
        pytest.param(Code("R244", "030"), TODAY, State.UNKNOWN, id="030 is not 30"),
    ],
)
def test_a_code_is_worth(code: Code, at: date, state: State) -> None:
    assert resolve(code, at).state is state


@pytest.mark.parametrize(
    ("code", "at", "label", "release"),
    [
        pytest.param("R211 040", "2022-01-01", "Diététique et Nutrition", "2021-10", id="meaning moved, before"),
        pytest.param("R211 040", "2024-01-01", "Diététique et Nutrition", "2023-09", id="meaning moved, still before"),
        pytest.param("R211 040", "2026-10-01", "Médecine nutritionnelle", "2026-09", id="meaning moved, after"),
        pytest.param("R211 549", "2026-10-01", "Diététique et nutrition", "2026-09", id="the old meaning, new code"),
        pytest.param("R227 02", "2021-12-01", "Soins de Suite et Réadaptation (SSR)", "2021-10", id="SSR"),
        pytest.param("R227 02", "2023-12-01", "Soins Médicaux et de réadaptation (SMR)", "2023-09", id="SMR"),
        pytest.param("R283 1", "2026-05-05", "Visible du grand public", "2026-09", id="relabelled in 2026"),
        pytest.param(
            "R244 30", "2024-12-13", "Service autonomie à domicile (SAD) aide", "2024-12", id="label taken over"
        ),
        pytest.param("R211 068", "2026-10-01", "Imagerie par IRM", "2026-09", id="not the label of J35 under its OID"),
        pytest.param("R211 068", "2025-01-01", "Imagerie par IRM", "2023-09", id="nor just after J35 came out"),
        pytest.param("R211 002", "2026-10-01", "Addictologie sans précision", "2023-09", id="ended, its label kept"),
    ],
)
def test_a_code_has_the_meaning_of_its_day(code: str, at: str, label: str, release: str) -> None:
    found = resolve(Code(*code.split()), date.fromisoformat(at))

    assert (found.display, found.release) == (label, release)


@pytest.mark.parametrize(
    ("code", "at", "later"),
    [
        pytest.param("R211 594", "2022-01-01", True, id="known only by a later release"),
        pytest.param("R211 594", "2026-10-01", False, id="known now"),
        pytest.param("R338 27", "2025-01-01", True, id="started later"),
        pytest.param("R211 456", "2022-12-01", False, id="started between two releases"),
        pytest.param("R211 172", "1999-01-01", True, id="before everything"),
    ],
)
def test_a_code_that_did_not_exist_yet_is_told(code: str, at: str, later: bool) -> None:
    found = resolve(Code(*code.split()), date.fromisoformat(at))

    assert found.later is later
    assert found.display


def test_two_codes_are_compared_without_their_labels() -> None:
    assert Code("R227", "02", "SSR").cle == Code("R227", "02", "Soins médicaux et de réadaptation").cle


def test_the_same_label_stands_in_two_systems_at_once() -> None:
    assert display("R211", "466") == display("R210", "1160") == "Chirurgie des varices"
    assert display("R210", "0474") == display("R210", "0477")


def test_a_value_set_keeps_the_system_of_each_code() -> None:
    expertise = value_set("J227")

    assert expertise is not None
    assert {system for system, _ in expertise} == {"R344", "R253"}


def test_a_value_set_has_the_version_of_the_day() -> None:
    gender = {at: value_set("J190", at) or frozenset() for at in (date(2025, 8, 27), date(2025, 8, 28))}

    assert [("R332", "01") in found for found in gender.values()] == [False, True]
    assert ("R332", "03") not in gender[date(2025, 8, 28)]


def test_a_value_set_not_held_is_told() -> None:
    assert value_set("J124") is None
    assert value_set("R211") is None
    assert table("R13") is None


def test_a_label_comes_from_the_newest_table() -> None:
    assert display("R213", "28") == "Hospitalisation complète (HC)"
    assert display("R213", "999") is None
