"""The CapabilityStatement: what the reference server really does, no more."""

from datetime import datetime

from conformance.reference.national.elements import CANONICAL, Json, instant
from conformance.reference.national.includes import BACKWARD, FORWARD
from conformance.reference.national.search import ORGANIZATION, PARAMETERS

PROFILES = {
    "HealthcareService": "ror-healthcareservice",
    "Location": "ror-location",
    "Organization": "ror-organization",
    "Practitioner": "ror-practitioner",
    "PractitionerRole": "ror-practitionerrole",
}
DATES = {"_lastUpdated"}
TEXTS = {"name", "address-postalcode", "address-city"}
REFERENCES = {"location", "organization", "service", "practitioner"}


def capability_statement(*, started: datetime, base: str) -> Json:
    """The statement of the server that started then and is reached at that base."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(started),
        "kind": "instance",
        "software": {"name": "ROR national de référence"},
        "implementation": {"description": "Serveur national de référence", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{"mode": "server", "resource": [_resource(kind) for kind in PARAMETERS]}],
    }


def _resource(kind: str) -> Json:
    names = [*PARAMETERS[kind]]
    if kind == "HealthcareService":
        names += [f"organization.{name}:above" for name in ORGANIZATION]
        names += [f"location.{name}" for name in PARAMETERS["Location"]]
    return {
        "type": kind,
        "supportedProfile": [f"{CANONICAL}/{PROFILES[kind]}"],
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchInclude": sorted(name for name, (source, _) in FORWARD.items() if source == kind),
        "searchRevInclude": sorted(BACKWARD),
        "searchParam": [{"name": name, "type": _type(name)} for name in names],
    }


def _type(name: str) -> str:
    last = name.removesuffix(":above").rpartition(".")[2]
    if last in DATES:
        return "date"
    if last in TEXTS:
        return "string"
    return "reference" if name in REFERENCES else "token"
