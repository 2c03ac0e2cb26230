"""Departments and regions: ASS_X09, the association of G09 with R30 (nomenclatures facts, section 3)."""

from functools import cache

from mappings.nomenclatures.catalogue import DATA, rows

# The regions in force: the 18 of the national API (FHIR digest, section 9.4). ASS_X09 also holds those of before 2016.
REGIONS = frozenset("01 02 03 04 06 11 24 27 28 32 44 52 53 75 76 84 93 94".split())


@cache
def _department_regions() -> dict[str, str]:
    found = rows(DATA / "ass" / "ASS_X09-DepartementOM-RegionOM.csv")
    return {row["source_code"]: row["target_code"] for row in found if row["target_code"] in REGIONS}


def region_of_department(department: str) -> str | None:
    """The region (R30) of a department (G09), None when it is not one of the 18 in force."""
    return _department_regions().get(department)


def department_of_commune(commune: str) -> str:
    """The department of an INSEE commune code: three characters overseas, two elsewhere (`2A`, `2B` in Corsica)."""
    return commune[:3] if commune.startswith(("97", "98")) else commune[:2]
