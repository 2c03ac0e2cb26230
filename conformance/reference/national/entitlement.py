"""What each national access profile may see (digest section 10): resources dropped, elements removed.

A resource that is hidden is dropped from searches and unknown to reads: the national behaviour is not documented.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.reference.national.elements import CANONICAL, Json
from conformance.reference.national.store import CITY_CARE, MEDICO_SOCIAL, Standing, Store

Profile = str

SEES_SENSITIVE = {"1", "4"}
SUPPLEMENTARY = "06"
INSTALLED = "01"
ADVANCED_TABLES = ("R210", "R245", "R356", "G15", "R38", "R243")
CONTACT = f"{CANONICAL}/ror-healthcareservice-contact"
CONTACT_TELECOM = f"{CANONICAL}/ror-healthcareservice-contact-telecom"
CAPACITY = f"{CANONICAL}/ror-location-supported-capacity"
EQUIPMENT = f"{CANONICAL}/ror-location-equipment"
REGULATION_ONLY = {f"{CANONICAL}/ror-organization-level-recours-orsan", f"{CANONICAL}/ror-organization-drop-zone"}


@dataclass(frozen=True, slots=True)
class Access:
    """One profile toward one resource."""

    profile: Profile
    standing: Standing

    @property
    def medico_social(self) -> bool:
        """Whether an offer it belongs to is medico-social."""
        return MEDICO_SOCIAL in self.standing.fields

    @property
    def highest_level(self) -> int:
        """The most confidential contact or telecom that may be shown."""
        if self.profile == "3":
            return 2 if self.medico_social else 1
        return {"0": 1, "1": 3, "2": 2, "4": 1, "5": 2}[self.profile]

    @property
    def advanced(self) -> bool:
        """Acts, specialisations, resources, competences, equipment: never at 0, medico-social only at 3."""
        return self.medico_social if self.profile == "3" else self.profile != "0"

    def professionals(self) -> bool:
        """Whether the practitioner or role may be shown."""
        if self.profile == "0":
            return CITY_CARE in self.standing.fields
        return self.medico_social if self.profile == "3" else True

    def capacity(self, status: str) -> bool:
        """Whether a capacity row of that status may be shown."""
        match self.profile:
            case "0":
                return False
            case "2":
                return status != SUPPLEMENTARY
            case "3":
                return self.medico_social and status != SUPPLEMENTARY
            case "5":
                return status == INSTALLED
        return True


def visible(store: Store, profile: Profile) -> dict[str, Json]:
    """Every resource as that profile sees it, hidden ones left out."""
    seen: dict[str, Json] = {}
    for reference, resource in store.resources.items():
        access = Access(profile, store.standing(reference))
        if shown(resource, access):
            seen[reference] = VIEWS[resource["resourceType"]](resource, access)
    return seen


def shown(resource: Json, access: Access) -> bool:
    """Whether the resource exists at all for that profile."""
    kind = resource["resourceType"]
    if kind == "Organization":
        return True
    if access.standing.sensitive and access.profile not in SEES_SENSITIVE:
        return False
    return access.professionals() if kind.startswith("Practitioner") else True


def _offer(resource: Json, access: Access) -> Json:
    kept = dict(resource)
    kept["extension"] = [view for one in resource["extension"] if (view := _offer_extension(one, access))]
    if not access.advanced:
        kept["characteristic"] = [one for one in resource["characteristic"] if not _is_advanced(one)]
    return kept


def _offer_extension(extension: Json, access: Access) -> Json | None:
    if extension["url"] != CONTACT:
        return extension
    if _level(extension["extension"]) > access.highest_level:
        return None
    parts = [
        part
        for part in extension["extension"]
        if part["url"] != CONTACT_TELECOM or _level(part["extension"]) <= access.highest_level
    ]
    return extension | {"extension": parts}


def _is_advanced(characteristic: Json) -> bool:
    system = characteristic["coding"][0]["system"]
    return any(f"TRE_{table}-" in system for table in ADVANCED_TABLES)


def _place(resource: Json, access: Access) -> Json:
    kept = dict(resource)
    kept["extension"] = [one for one in resource["extension"] if _place_extension(one, access)]
    return _with_telecoms(kept, access)


def _place_extension(extension: Json, access: Access) -> bool:
    if extension["url"] == EQUIPMENT:
        return access.advanced
    if extension["url"] == CAPACITY:
        status = next(part for part in extension["extension"] if part["url"] == "capacityStatus")
        return access.capacity(status["valueCodeableConcept"]["coding"][0]["code"])
    return True


def _organization(resource: Json, access: Access) -> Json:
    kept = dict(resource)
    if access.profile not in {"1", "4"}:
        kept["extension"] = [one for one in resource["extension"] if one["url"] not in REGULATION_ONLY]
    if "contact" in resource:
        contacts = [one for one in resource["contact"] if _level(one["extension"]) <= access.highest_level]
        kept["contact"] = [_with_telecoms(one, access) for one in contacts]
    return {name: value for name, value in _with_telecoms(kept, access).items() if value != []}


def _professional(resource: Json, access: Access) -> Json:
    return _with_telecoms(resource, access)


def _with_telecoms(holder: Json, access: Access) -> Json:
    if "telecom" not in holder:
        return holder
    telecoms = [one for one in holder["telecom"] if _level(one["extension"]) <= access.highest_level]
    rest = {name: value for name, value in holder.items() if name != "telecom"}
    return rest | {"telecom": telecoms} if telecoms else rest


def _level(extensions: Iterable[Json]) -> int:
    """The confidentiality level among these extensions, whatever the slug of its carrier."""
    written = next(one for one in extensions if one["url"].endswith("confidentiality-level"))
    return int(written["valueCodeableConcept"]["coding"][0]["code"])


VIEWS = {
    "HealthcareService": _offer,
    "Location": _place,
    "Organization": _organization,
    "Practitioner": _professional,
    "PractitionerRole": _professional,
}
