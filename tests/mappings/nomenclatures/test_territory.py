"""Departments and regions in force."""

import pytest

from mappings.nomenclatures.territory import (
    REGIONS,
    department_of_commune,
    departments_of_region,
    region_of_department,
)


@pytest.mark.parametrize(
    ("department", "region"),
    [("69", "84"), ("13", "93"), ("2A", "94"), ("974", "04"), ("976", "06"), ("971", "01"), ("00", None)],
)
def test_a_department_belongs_to_one_region_in_force(department: str, region: str | None) -> None:
    assert region_of_department(department) == region


def test_every_region_has_departments() -> None:
    assert all(departments_of_region(region) for region in REGIONS)
    assert departments_of_region("84") == set("01 03 07 15 26 38 42 43 63 69 73 74".split())


@pytest.mark.parametrize(("commune", "department"), [("69123", "69"), ("2A004", "2A"), ("97411", "974")])
def test_a_commune_names_its_department(commune: str, department: str) -> None:
    assert department_of_commune(commune) == department
