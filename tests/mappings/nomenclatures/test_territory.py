"""Departments and regions in force."""

import pytest

from mappings.nomenclatures.territory import department_of_commune, region_of_department


@pytest.mark.parametrize(
    ("department", "region"),
    [("69", "84"), ("13", "93"), ("2A", "94"), ("974", "04"), ("976", "06"), ("971", "01"), ("00", None)],
)
def test_a_department_belongs_to_one_region_in_force(department: str, region: str | None) -> None:
    assert region_of_department(department) == region


@pytest.mark.parametrize(("commune", "department"), [("69123", "69"), ("2A004", "2A"), ("97411", "974")])
def test_a_commune_names_its_department(commune: str, department: str) -> None:
    assert department_of_commune(commune) == department
