"""Element by access profile by standard: the only place that says what a profile receives.

Rows restate contract section 11 (profiles 0 to 3: RG_ALIM_050, RG_ALIM_051, RG_ALIM_052, RG_ALIM_053) and digest
section 10 (profiles 0 to 5 of the national API; 4 and 5 hold for SOAP answers too). The standard is that of the answer.
Where the sources are silent or differ, the closed reading is taken and the row says so. Profiles are sets: nothing here
compares two of them.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache

import msgspec

from mappings.exposition.demandes import ProfilAcces


class Norme(StrEnum):
    """The standard an answer is written in."""

    CSD_1_5 = "csd-1.5"
    CSD_1_6 = "csd-1.6"
    CSD_2_4 = "csd-2.4"
    CSD_3_0 = "csd-3.0"
    FHIR = "fhir"


class Element(StrEnum):
    """What a row rules. The two forms of the capacity are told apart by what the answer's standard writes."""

    CONTACT = "contact"
    CONTACT_TELECOM = "contact-telecom"
    TELECOM = "telecom"
    PLACE_TELECOM = "place-telecom"
    MSS_MAILBOX = "mss-mailbox"
    DROP_ZONE = "drop-zone"
    ORSAN_LEVEL = "orsan-level"
    UNIT = "unit"
    TOTAL_CAPACITY = "total-capacity"
    AVAILABLE_CAPACITY = "available-capacity"
    CRISIS_CAPACITY = "crisis-capacity"
    CAPACITY_LINE = "capacity-line"
    CAPACITY_DETAIL = "capacity-detail"
    TEMPORARY_ASSIGNMENT = "temporary-assignment"
    RESOURCES = "resources"
    EQUIPMENT = "equipment"
    SPECIALISATION = "specialisation"
    ACT = "act"
    PROFESSIONAL = "professional"
    COMMENT = "comment"
    UNCLASSIFIED = "unclassified"


class Condition(StrEnum):
    """When an element is sent. MS: field of activity 04; AMB: 05. Levels and statuses are closed lists."""

    ALWAYS = "always"
    NEVER = "never"
    LEVEL_1 = "level 1"
    LEVELS_1_2 = "levels 1, 2"
    MS_LEVELS_1_2_ELSE_1 = "MS: levels 1, 2; else level 1"
    MS = "MS"
    AMB = "AMB"
    MS_OR_AMB = "MS or AMB"
    NOT_SENSITIVE = "not sensitive"
    INSTALLED = "status 01"
    NOT_SUPPLEMENTARY = "statuses 01 to 05"
    MS_NOT_SUPPLEMENTARY = "MS: statuses 01 to 05"
    NO_ASSIGNMENT = "assignment 01"


class Row(msgspec.Struct, frozen=True):
    """One line of the table; `conditions` has one entry for each profile."""

    element: Element
    normes: tuple[Norme, ...]
    conditions: dict[ProfilAcces, Condition]
    wire: str
    source: str


_ALL = tuple(Norme)
_UP_TO_1_6 = (Norme.CSD_1_5, Norme.CSD_1_6)
UP_TO_2_4 = (*_UP_TO_1_6, Norme.CSD_2_4)
_SOAP = (*UP_TO_2_4, Norme.CSD_3_0)
_LINES = (Norme.CSD_3_0, Norme.FHIR)

_CONDITIONS = {
    "Y": Condition.ALWAYS,
    "N": Condition.NEVER,
    "1": Condition.LEVEL_1,
    "12": Condition.LEVELS_1_2,
    "MS12": Condition.MS_LEVELS_1_2_ELSE_1,
    "MS": Condition.MS,
    "AMB": Condition.AMB,
    "MS|AMB": Condition.MS_OR_AMB,
    "!S": Condition.NOT_SENSITIVE,
    "01": Condition.INSTALLED,
    "!06": Condition.NOT_SUPPLEMENTARY,
    "MS!06": Condition.MS_NOT_SUPPLEMENTARY,
    "A01": Condition.NO_ASSIGNMENT,
}

_BOTH = "contract 11; digest 10 (4, 5)"

# element, standards, profiles 0 to 5, wire elements, source
_TABLE = (
    (Element.CONTACT, _ALL, "1 Y 12 MS12 1 12", "contact", _BOTH),
    (Element.CONTACT_TELECOM, _ALL, "1 Y 12 MS12 1 12", "contact/contactPoint", _BOTH),
    (
        Element.TELECOM,
        _ALL,
        "1 Y 12 MS12 1 12",
        "contactPoint, telecom outside a contact",
        "contract 11: meaning of the levels; closed reading",
    ),
    (
        Element.PLACE_TELECOM,
        _ALL,
        "AMB Y Y MS|AMB Y Y",
        "location/contactPoint, Location.telecom",
        "contract 11; digest 10, place core (4, 5); its own level must allow it too",
    ),
    (Element.MSS_MAILBOX, _ALL, "Y Y Y Y Y Y", "mailBoxMSS", _BOTH),
    (Element.DROP_ZONE, _ALL, "N Y N N Y N", "dropZone (even false)", _BOTH),
    (Element.ORSAN_LEVEL, _ALL, "N Y N N Y N", "levelRecourseORSAN", _BOTH),
    (
        Element.UNIT,
        _UP_TO_1_6,
        "!S !S !S !S !S !S",
        "facility of a sensitive unit",
        "contract 11; mapping 9: versions up to 1.6 cannot mark such a unit, so it never leaves in them",
    ),
    (
        Element.UNIT,
        (Norme.CSD_2_4, Norme.CSD_3_0, Norme.FHIR),
        "!S Y !S !S Y !S",
        "facility or HealthcareService, with its places",
        _BOTH,
    ),
    (Element.TOTAL_CAPACITY, UP_TO_2_4, "Y Y Y Y Y Y", "beds@total, space@total", _BOTH),
    (Element.AVAILABLE_CAPACITY, UP_TO_2_4, "N Y Y N Y N", "beds@avaible, @updateDate", _BOTH),
    (Element.CRISIS_CAPACITY, UP_TO_2_4, "N Y N N Y N", "crisisAccomodationCapacity", _BOTH),
    (
        Element.CAPACITY_LINE,
        _LINES,
        "N Y !06 MS!06 Y 01",
        "operationalAccommodationCapacity, supported-capacity",
        "contract 11 (profile 0: closed reading); digest 10",
    ),
    (
        Element.CAPACITY_DETAIL,
        _ALL,
        "N Y Y MS Y Y",
        "capacitySourceType, capacityGenderAvailability, capacityExtraBed, crisisType",
        _BOTH,
    ),
    (Element.TEMPORARY_ASSIGNMENT, _ALL, "A01 Y Y Y Y Y", "temporaryAssignment", _BOTH),
    (Element.RESOURCES, _ALL, "N Y Y MS Y Y", "resourcesSkills, professionalResource, specificSkill", _BOTH),
    (Element.EQUIPMENT, _ALL, "N Y Y MS Y Y", "equipment, specificEquipment, device", _BOTH),
    (Element.SPECIALISATION, _ALL, "N Y Y MS Y Y", "takingCareSpeciality", _BOTH),
    (Element.ACT, _ALL, "N Y Y MS Y Y", "specificAct, actRealizedOutsideOffice", _BOTH),
    (Element.PROFESSIONAL, _SOAP, "AMB Y Y MS|AMB Y Y", "provider", _BOTH),
    (
        Element.PROFESSIONAL,
        (Norme.FHIR,),
        "AMB Y Y MS Y Y",
        "Practitioner, PractitionerRole",
        "digest 10 (profile 4 as its table says)",
    ),
    (
        Element.COMMENT,
        _ALL,
        "N Y Y MS Y Y",
        "record/extension/comments, comment",
        "contract 11 (MS: on the unit only); digest silent: same",
    ),
    (
        Element.UNCLASSIFIED,
        _ALL,
        "N Y N N N N",
        "what the model has no place for",
        "nobody classified it: only the profile that sees everything receives it",
    ),
)


@cache
def rows() -> tuple[Row, ...]:
    """The table, for the sieve and for the documentation."""
    return tuple(
        Row(element, normes, dict(zip(ProfilAcces, _cells(cells), strict=True)), wire, source)
        for element, normes, cells, wire, source in _TABLE
    )


def _cells(cells: str) -> Iterator[Condition]:
    return (_CONDITIONS[cell] for cell in cells.split())


@cache
def _index() -> dict[tuple[Element, Norme], dict[ProfilAcces, Condition]]:
    return {(row.element, norme): row.conditions for row in rows() for norme in row.normes}


def condition(element: Element, profil: ProfilAcces, norme: Norme) -> Condition:
    """When the element is sent; an element the table does not rule for that standard is never sent."""
    ruled = _index().get((element, norme))
    return ruled[profil] if ruled is not None else Condition.NEVER


_CONTAINING = {ProfilAcces.P4: ProfilAcces.P1, ProfilAcces.P5: ProfilAcces.P2}


def soap_profile_containing(profil: ProfilAcces) -> ProfilAcces:
    """The narrowest profile of the SOAP contract that holds all of the caller's: 4 is inside 1, 5 inside 2."""
    return _CONTAINING.get(profil, profil)
