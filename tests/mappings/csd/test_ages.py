"""Ages in the units and classes of the search of 2016."""

from decimal import Decimal

import pytest

from mappings.csd.ages import classes, spelling, years
from mappings.exposition.organisation import Patientele
from mappings.exposition.values import Code, Mesure


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param("35", "a", "35", id="years"),
        pytest.param("6", "mo", "0.5", id="months"),
        pytest.param("28", "d", "0.07666", id="days"),
        pytest.param("0", "min", "0", id="birth"),
    ],
)
def test_an_age_is_a_number_of_years(value: str, unit: str, expected: str) -> None:
    assert years(Decimal(value), unit) == pytest.approx(Decimal(expected), abs=Decimal("0.00001"))


def test_a_kilogram_is_no_age() -> None:
    assert years(Decimal(1), "kg") is None


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param("35", "a", ("35", "a"), id="years"),
        pytest.param("18", "mo", ("18", "m"), id="months, spelt m"),
        pytest.param("24", "mo", ("2", "a"), id="whole years"),
        pytest.param("10", "d", ("10", "j"), id="days, spelt j"),
    ],
)
def test_an_age_is_spelt_in_the_largest_whole_unit(value: str, unit: str, expected: tuple[str, str]) -> None:
    age = years(Decimal(value), unit)

    assert age is not None
    assert spelling(age) == expected


def year(value: int) -> Mesure:
    return Mesure(Decimal(value), Code("R247", "a"))


@pytest.mark.parametrize(
    ("patientele", "expected"),
    [
        pytest.param(Patientele(), (), id="no age"),
        pytest.param(
            Patientele(age_min=year(0), age_max=year(120)), ("01", "02", "03", "04", "05", "06", "10", "11"), id="all"
        ),
        pytest.param(Patientele(age_min=year(75)), ("11",), id="75 and over"),
        pytest.param(Patientele(age_min=year(16), age_max=year(21)), ("05",), id="young adults"),
        pytest.param(Patientele(age_max=Mesure(Decimal(27), Code("R247", "d"))), ("01",), id="newborn, in days"),
        pytest.param(Patientele(age_min=Mesure(Decimal(18))), ("05", "06", "10", "11"), id="no unit: years"),
    ],
)
def test_the_classes_are_those_the_ages_overlap(patientele: Patientele, expected: tuple[str, ...]) -> None:
    assert tuple(code.code for code in classes(patientele)) == expected
