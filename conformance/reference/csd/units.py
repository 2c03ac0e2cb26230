"""Internal organisations and elementary units: contract section 7.2."""

from collections.abc import Mapping, Sequence

from conformance.reference.csd.contacts import contacts, hours, mailboxes, patients, persons, zones
from conformance.reference.csd.dialect import CareModeAbove, Contract, Hierarchy
from conformance.reference.csd.orders import FACILITY_EXTENSION
from conformance.reference.csd.places import accommodation, crisis, dwellings, of_place, realized
from conformance.reference.csd.wire import (
    OID_UNIT,
    Element,
    Part,
    Scribe,
    day,
    element,
    extension,
    flag,
    flatten,
    oids,
    ordered,
    other_id,
    reference,
    text,
)
from conformance.reference.dataset import Coded, InternalUnit, Offer, Place

LEVEL_LABELS = {1: "Pôle", 2: "Structure interne ou Service", 3: "Unité fonctionnelle", 4: "Unité élémentaire"}
SEQUENTIAL = "01"


class Keys:
    """The entityIDs of one document: what each object is called in this answer, and in no other."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def of(self, kind: str, identity: str) -> str:
        """The key of an object: a serial per kind, in the order of first mention."""
        if (kind, identity) not in self._given:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._given[kind, identity] = f"{kind}-{self._counts[kind]}"
        return self._given[kind, identity]


def _links(scribe: Scribe, keys: Keys, unit: InternalUnit | Offer) -> Element:
    """`organizations`: the EG, or the organisation above in a chain; the activities hang on it."""
    above = keys.of("EG", unit.establishment)
    if scribe.dialect.hierarchy is Hierarchy.CHAIN and unit.parent is not None:
        above = keys.of("OI", unit.parent)
    return element(
        "organizations",
        element(
            "organization",
            *(reference("service", keys.of("ACT", activity.code)) for activity in unit.activities),
            entityID=above,
        ),
    )


def _parent(scribe: Scribe, keys: Keys, unit: InternalUnit | Offer) -> Element | None:
    if scribe.dialect.hierarchy is not Hierarchy.PARENT_FACILITY or unit.parent is None:
        return None
    return reference("parentFacility", keys.of("OI", unit.parent))


def _facility(
    scribe: Scribe, keys: Keys, unit: InternalUnit | Offer, *, level: int, key: str, inside: Mapping[str, Part]
) -> Element:
    slots = unit.hours if isinstance(unit, Offer) else ()
    return element(
        "facility",
        *flatten(
            (
                other_id(unit.identifier, OID_UNIT),
                scribe.coded("codedType", Coded("R207", str(level), LEVEL_LABELS[level])),
                text("primaryName", unit.name),
                persons(scribe, unit.contacts),
                _links(scribe, keys, unit),
                hours(scribe, slots),
                extension(
                    *ordered(FACILITY_EXTENSION[scribe.version], dict(inside)),
                    additions=unit.additions,
                ),
                scribe.record(unit.record),
            )
        ),
        entityID=key,
    )


def _care_mode_above(scribe: Scribe, below: Sequence[Offer]) -> Element:
    """What the solution writes where the contract wants a care mode and the level has none of its own."""
    modes = {offer.care_mode for offer in below}
    if scribe.dialect.care_mode_above is CareModeAbove.REAL and len(modes) == 1:
        return scribe.coded("careMode", modes.pop())
    code = "null" if scribe.dialect.care_mode_above is CareModeAbove.NULL else ""
    return element("careMode", code=code, codingScheme=oids()["R213"])


def internal_unit(scribe: Scribe, keys: Keys, unit: InternalUnit, below: Sequence[Offer]) -> Element:
    """A pole, a service or a functional unit; `below` are the offers shown under it."""
    inside: dict[str, Part] = {
        "mailBoxMSS": mailboxes(scribe, unit.mailboxes),
        "contact": contacts(scribe, unit.contacts),
        "creationDate": day("creationDate", unit.opened),
        "typeActivity": scribe.each("typeActivity", unit.fields),
        "careMode": _care_mode_above(scribe, below),
        "patientsType": patients(scribe, unit.publics, unit.age_min, unit.age_max, unit.record),
        "parentFacility": _parent(scribe, keys, unit),
        # mandatory on every level since 2.4, whatever the profile checks say (section 11)
        "sensitiveUnit": flag("sensitiveUnit", False),
    }
    return _facility(scribe, keys, unit, level=unit.level, key=keys.of("OI", unit.identifier), inside=inside)


def offer(scribe: Scribe, keys: Keys, value: Offer) -> Element:
    """An elementary unit."""
    inside: dict[str, Part] = {
        "mailBoxMSS": mailboxes(scribe, value.mailboxes),
        "contact": contacts(scribe, value.contacts),
        "closingReason": scribe.optional("closingReason", value.closing_reason),
        "closingDate": day("closingDate", value.closing),
        "finalClosingDate": day("finalClosingDate", value.closing),
        "creationDate": day("creationDate", value.opened),
        "typeActivity": scribe.coded("typeActivity", value.field),
        "careMode": scribe.coded("careMode", value.care_mode),
        "homeMode": scribe.each("homeMode", value.home_modes),
        "patientsType": patients(scribe, value.publics, value.age_min, value.age_max, value.record),
        "receptionType": scribe.optional("receptionType", value.reception),
        "takingCareSpeciality": scribe.each("takingCareSpeciality", value.specialisations),
        "facilityType": scribe.optional("facilityType", value.facility_type),
        "ProvisionalReopeningDate": day("ProvisionalReopeningDate", value.reopening),
        "interventionZone": zones(scribe, "interventionZone", value.zones),
        "annualOpenning": scribe.optional("annualOpenning", value.annual_opening),
        "psychiatricSector": _sectors(scribe, value),
        "specificAct": scribe.each("specificAct", value.acts),
        "parentFacility": _parent(scribe, keys, value),
        "managementType": scribe.each("managementType", value.management),
        "sensitiveUnit": flag("sensitiveUnit", value.sensitive),
        **(_since_3_0(scribe, keys, value) if scribe.version is Contract.V3_0 else _until_2_4(scribe, keys, value)),
    }
    return _facility(scribe, keys, value, level=4, key=keys.of("UE", value.identifier), inside=inside)


def _sectors(scribe: Scribe, value: Offer) -> list[Element]:
    """One sector in 1.5, any number since (section 15.1)."""
    sectors = value.psychiatric_sectors[:1] if scribe.version is Contract.V1_5 else value.psychiatric_sectors
    return [element("psychiatricSector", text=sector) for sector in sectors]


def _equipment_links(keys: Keys, name: str, place: Place) -> list[Element]:
    return [reference(name, keys.of("EQ", equipment.key)) for equipment in place.equipment]


def _since_3_0(scribe: Scribe, keys: Keys, value: Offer) -> dict[str, Part]:
    return {
        "professionalResource": scribe.each("professionalResource", value.resource_professions),
        "specificSkill": scribe.each("specificSkill", value.skills),
        "expertLevel": scribe.optional("expertLevel", value.expertise or value.maternity),
        "actRealizedOutsideOffice": scribe.each("actRealizedOutsideOffice", value.acts_outside),
        "careWithoutPatientApproval": flag("careWithoutPatientApproval", value.care_without_consent),
        "locationRealizedOffer": [
            realized(scribe, place, _equipment_links(keys, "specificEquipment", place)) for place in value.places
        ],
    }


def _until_2_4(scribe: Scribe, keys: Keys, value: Offer) -> dict[str, Part]:
    """One place at most: the others of the region's data have no slot before 3.0."""
    sequential = any(mode.code == SEQUENTIAL for mode in value.home_modes)
    return {
        "accommodationCapacity": accommodation(scribe, value),
        "crisisAccomodationCapacity": crisis(scribe, value),
        "residentialCapactity": [made for place in value.places for made in dwellings(scribe, place.dwellings)],
        "resourcesSkills": _skills(scribe, value),
        "equipment": [link for place in value.places for link in _equipment_links(keys, "equipment", place)],
        "receptionMode": flag("receptionMode", True if sequential else None),
        "location": of_place(scribe, value.places[0]) if value.places else None,
        "maternityHospitalType": scribe.optional("maternityHospitalType", value.maternity),
    }


def _skills(scribe: Scribe, value: Offer) -> Element | None:
    found = [
        *scribe.each("profession", value.professions),
        *scribe.each("medicalSpeciality", value.specialities),
        *scribe.each("specificSkills", value.skills),
    ]
    return element("resourcesSkills", *found, scribe.record(value.record)) if found else None
