"""Which regions may hold an answer, told from a territory or from an identifier. None means: it cannot be told.

What cannot be told leads to every member being asked, never to nobody being asked.
"""

import re
from decimal import Decimal

from mappings.exposition.demandes import Territoire, TypeTerritoire
from mappings.nomenclatures.territory import REGIONS, department_of_commune, region_of_department

# Which regions of mainland France touch; a radius search near a border concerns both sides.
_NEIGHBOURS = {
    "11": {"24", "27", "28", "32", "44"},
    "24": {"11", "27", "28", "52", "75", "84"},
    "27": {"11", "24", "44", "84"},
    "28": {"11", "24", "32", "52", "53"},
    "32": {"11", "28", "44"},
    "44": {"11", "27", "32"},
    "52": {"24", "28", "53", "75"},
    "53": {"28", "52"},
    "75": {"24", "52", "76", "84"},
    "76": {"75", "84", "93"},
    "84": {"24", "27", "75", "76", "93"},
    "93": {"76", "84"},
}
# Two regions that do not touch are everywhere farther apart than this (Loiret and Aube are the closest).
_NEIGHBOURHOOD_KM = Decimal(30)

_UNIT = re.compile(r"([0-9]{2,3})/")
_FINESS = re.compile(r"1([0-9][0-9AB][0-9]{7})\Z")
# FINESS numbers of Mayotte keep the department code it had before 2011, 985.
_FORMER_DEPARTMENTS = {"985": "976"}


def regions_of_territory(territoire: Territoire) -> frozenset[str] | None:
    """The regions in which an offer of that territory may lie."""
    if territoire.type is TypeTerritoire.REGION:
        region = territoire.code if territoire.code in REGIONS else None
    elif territoire.type is TypeTerritoire.DEPARTEMENT:
        region = region_of_department(territoire.code)
    else:
        region = region_of_department(department_of_commune(territoire.code))
    if region is None:
        return None
    if not territoire.rayon_km:
        return frozenset({region})
    return frozenset({region, *_NEIGHBOURS.get(region, ())}) if territoire.rayon_km <= _NEIGHBOURHOOD_KM else None


def department_of_finess(finess: str) -> str | None:
    """The department a FINESS number was given in: `2A`, `2B`, three characters overseas."""
    if finess.startswith(("97", "98")):
        department = finess[:2] + finess[3] if finess[2] == "0" else finess[:3]
        return _FORMER_DEPARTMENTS.get(department, department)
    return finess[:2]


def department_of_postal_code(postal_code: str) -> str:
    """The department of a postal code: Corsica writes `20`, split at 20200 between its two departments."""
    if postal_code.startswith(("97", "98")):
        return postal_code[:3]
    if postal_code.startswith("20"):
        return "2A" if postal_code < "20200" else "2B"
    return postal_code[:2]


def region_of_unit(key: str) -> str | None:
    """The region whose code opens an identifiantOI (contract section 12); it is also that of the offer's places."""
    match = _UNIT.match(key)
    return match[1] if match is not None and match[1] in REGIONS else None


def department_of_structure(key: str) -> str | None:
    """The department in the idNat_Struct of an establishment, when it is a FINESS."""
    match = _FINESS.match(key)
    return department_of_finess(match[1]) if match is not None else None


def region_of_structure(key: str) -> str | None:
    """The region in the idNat_Struct of an establishment, when it is a FINESS."""
    department = department_of_structure(key)
    return region_of_department(department) if department is not None else None
