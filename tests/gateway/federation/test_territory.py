"""Territories and identifiers tell which regions may hold an answer, or nothing."""

from decimal import Decimal

import pytest

from gateway.federation.territory import (
    department_of_postal_code,
    department_of_structure,
    region_of_structure,
    region_of_unit,
    regions_of_territory,
)
from mappings.exposition.demandes import Territoire, TypeTerritoire

REGION, DEPARTMENT, COMMUNE = TypeTerritoire.REGION, TypeTerritoire.DEPARTEMENT, TypeTerritoire.COMMUNE


@pytest.mark.parametrize(
    ("territoire", "regions"),
    [
        pytest.param(Territoire(REGION, "84"), {"84"}, id="region"),
        pytest.param(Territoire(REGION, "06"), {"06"}, id="Mayotte"),
        pytest.param(Territoire(REGION, "99"), None, id="no such region"),
        pytest.param(Territoire(DEPARTMENT, "2A"), {"94"}, id="Corse-du-Sud"),
        pytest.param(Territoire(DEPARTMENT, "974"), {"04"}, id="La Réunion"),
        pytest.param(Territoire(DEPARTMENT, "975"), None, id="a territory outside the regions"),
        pytest.param(Territoire(COMMUNE, "69123"), {"84"}, id="Lyon"),
        pytest.param(Territoire(COMMUNE, "97608"), {"06"}, id="Mamoudzou"),
        pytest.param(Territoire(COMMUNE, "2B033"), {"94"}, id="Bastia"),
        pytest.param(Territoire(COMMUNE, "69123", Decimal(0)), {"84"}, id="no radius"),
        pytest.param(
            Territoire(COMMUNE, "69123", Decimal(30)), {"84", "24", "27", "75", "76", "93"}, id="and its neighbours"
        ),
        pytest.param(Territoire(COMMUNE, "97411", Decimal(20)), {"04"}, id="an island has no neighbours"),
        pytest.param(Territoire(COMMUNE, "69123", Decimal(31)), None, id="a wide radius"),
    ],
)
def test_regions_of_a_territory(territoire: Territoire, regions: set[str] | None) -> None:
    assert regions_of_territory(territoire) == regions


@pytest.mark.parametrize(
    ("key", "department", "region"),
    [
        ("1690000011", "69", "84"),
        ("12A0000154", "2A", "94"),
        ("12B0000020", "2B", "94"),
        ("1970100012", "971", "01"),
        ("1970400024", "974", "04"),
        ("1980500003", "976", "06"),
        ("1976000001", "976", "06"),
        ("331328539700011", None, None),
        ("2330000001", None, None),
    ],
)
def test_a_finess_tells_its_department(key: str, department: str | None, region: str | None) -> None:
    assert department_of_structure(key) == department
    assert region_of_structure(key) == region


@pytest.mark.parametrize(
    ("key", "region"), [("84/UE-1", "84"), ("06/UE-1", "06"), ("99/UE-1", None), ("1690000011", None), ("8400", None)]
)
def test_an_identifiant_oi_opens_with_its_region(key: str, region: str | None) -> None:
    assert region_of_unit(key) == region


@pytest.mark.parametrize(
    ("code", "department"), [("69001", "69"), ("20000", "2A"), ("20200", "2B"), ("97139", "971"), ("98000", "980")]
)
def test_department_of_a_postal_code(code: str, department: str) -> None:
    assert department_of_postal_code(code) == department
