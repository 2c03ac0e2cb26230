"""Fictitious FINESS numbers: recognisable, with a right key."""

import pytest

from conformance.reference.content.fictitious import ScaleTooLarge, copy_of, fictitious_rows, number

PUBLISHED_KEYS = [("69", 9900, "69999900"), ("13", 9903, "13999903"), ("972", 9900, "97929900")]


@pytest.mark.parametrize(("department", "serial", "expected"), PUBLISHED_KEYS)
def test_a_number_ends_with_its_luhn_key(department: str, serial: int, expected: str) -> None:
    made = number(department, serial)

    digits = [int(digit) for digit in made]
    doubled = [digit * 2 - 9 * (digit > 4) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    assert sum(doubled) % 10 == 0
    assert made[:8] == expected


def test_a_corsican_number_keeps_its_letter() -> None:
    assert number("2A", 9900).startswith("2A999900")


def test_a_region_spreads_its_fictitious_houses_over_its_departments() -> None:
    departments = {row.department for row in fictitious_rows("84")}

    assert "69" in departments
    assert len(departments) > 5


def test_copies_stop_where_the_numbers_of_the_catalogue_begin() -> None:
    row = fictitious_rows("84")[0]

    assert copy_of(row, 9898).finess[4:8] == "9898"
    with pytest.raises(ScaleTooLarge, match="9899 copies at most"):
        copy_of(row, 9899)
