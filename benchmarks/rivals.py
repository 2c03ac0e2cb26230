"""What others would write for the same work, each in the way its library recommends."""

import json
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

import zeep
from fhir.resources.R4B import get_fhir_model_class
from lxml import etree
from zeep.helpers import serialize_object

from mappings.csd.content import SCHEMAS
from mappings.csd.schemas import SERVICE
from mappings.csd.version import Version

CSD = "urn:ihe:iti:csd:2013"
NS = {"csd": CSD}
ANSWER = f"{{{CSD}}}careServicesResponse"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, etree._Element):
        return etree.tostring(value, encoding="unicode")
    raise TypeError(type(value))


@cache
def zeep_to_json(version: Version) -> Callable[[bytes], bytes]:
    """A lenient client made from the WSDL: its types read the answer, `serialize_object` makes it a dict."""
    client = zeep.Client(str(SCHEMAS / version / SERVICE), settings=zeep.Settings(strict=False))  # type: ignore[no-untyped-call]
    element = client.get_element(ANSWER)  # type: ignore[no-untyped-call]

    def translate(data: bytes) -> bytes:
        root = etree.fromstring(data)  # noqa: TID251 - a rival: what its users write
        answer = element.parse(root, client.wsdl.types, allow_none=True)
        return json.dumps(serialize_object(answer, dict), default=_plain).encode()  # type: ignore[no-untyped-call]

    return translate


def _code(element: etree._Element | None) -> dict[str, Any] | None:
    if element is None:
        return None
    return {"code": element.get("code"), "system": element.get("codingScheme"), "display": element.text}


def _codes(element: etree._Element, path: str) -> list[dict[str, Any] | None]:
    return [_code(found) for found in element.findall(path, NS)]


def _texts(element: etree._Element, *names: str) -> dict[str, str | None]:
    return {name: element.findtext(f"csd:{name}", namespaces=NS) for name in names}


def _record(element: etree._Element) -> dict[str, str | None]:
    found = element.find("csd:record", NS)
    if found is None:
        return {}
    return {
        "created": found.get("created"),
        "updated": found.get("updated"),
        "status": found.get("status"),
        "source": found.get("sourceDirectory"),
        "comments": found.findtext("csd:extension/csd:comments", namespaces=NS),
    }


def _identifiers(element: etree._Element) -> list[dict[str, str | None]]:
    return [
        {"value": found.get("code"), "system": found.get("assigningAuthorityName")}
        for found in element.findall("csd:otherID", NS)
    ]


def _telecom(element: etree._Element) -> dict[str, Any]:
    return {
        "channel": _code(element.find("csd:codedType", NS)),
        "address": element.findtext("csd:equipment", namespaces=NS),
        "purpose": element.findtext("csd:purpose", namespaces=NS),
        "level": _code(element.find("csd:extension/csd:confidentialityLevel", NS)),
        "record": _record(element),
    }


def _contact(element: etree._Element) -> dict[str, Any]:
    return {
        "name": element.findtext("csd:name", namespaces=NS),
        "function": _code(element.find("csd:function", NS)),
        "nature": _code(element.find("csd:nature", NS)),
        "description": element.findtext("csd:description", namespaces=NS),
        "level": _code(element.find("csd:confidentialityLevel", NS)),
        "telecoms": [_telecom(found) for found in element.findall("csd:contactPoint", NS)],
        "record": _record(element),
    }


def _place(element: etree._Element) -> dict[str, Any]:
    return {
        **_texts(element, "name", "description"),
        "status": _code(element.find("csd:status", NS)),
        "function": _code(element.find("csd:functionLocation", NS)),
        "city": _code(element.find("csd:cityNumber", NS)),
        "lines": [
            {"component": found.get("component"), "text": found.text}
            for found in element.findall("csd:address/csd:addressLine", NS)
        ],
        "position": {
            name: element.findtext(f"csd:geoCoordinates/csd:{name}", namespaces=NS)
            for name in ("latitude", "longitude")
        },
        "telecoms": [_telecom(found) for found in element.findall("csd:contactPoint", NS)],
        "record": _record(element),
    }


def _line(element: etree._Element) -> dict[str, Any]:
    names = ("capacityNature", "capacityStatus", "capacityTemporality", "capacitySource")
    return {
        **{name: _code(element.find(f"csd:{name}", NS)) for name in names},
        **_texts(element, "numberCapacity", "capacityUpdateDate"),
        "record": _record(element),
    }


def _realized(element: etree._Element) -> dict[str, Any]:
    location = element.find("csd:location", NS)
    lines = "csd:capacitySupported/csd:operationalAccommodationCapacity"
    return {
        **_texts(element, "externalNameSynchronization", "externalidSynchronization"),
        "location": _place(location) if location is not None else None,
        "equipment": [found.get("entityID") for found in element.findall("csd:equipment", NS)],
        "capacity": [_line(found) for found in element.findall(lines, NS)],
        "record": _record(element),
    }


def _hours(element: etree._Element) -> dict[str, Any]:
    return {
        "days": [found.text for found in element.findall("csd:dayOfTheWeek", NS)],
        **_texts(element, "beginningHour", "endingHour", "beginEffectiveDate", "endEffectiveDate"),
        "kind": _code(element.find("csd:extension/csd:operatingHoursType", NS)),
    }


def _facility(element: etree._Element) -> dict[str, Any]:
    extension = element.find("csd:extension", NS)
    assert extension is not None
    return {
        "key": element.get("entityID"),
        "identifiers": _identifiers(element),
        "type": _code(element.find("csd:codedType", NS)),
        "name": element.findtext("csd:primaryName", namespaces=NS),
        "organizations": [found.get("entityID") for found in element.findall("csd:organizations/csd:organization", NS)],
        "services": [found.get("entityID") for found in element.findall(".//csd:service", NS)],
        "hours": [_hours(found) for found in element.findall(".//csd:operatingHours", NS)],
        "fields": _codes(extension, "csd:typeActivity"),
        "careMode": _codes(extension, "csd:careMode"),
        "homeModes": _codes(extension, "csd:homeMode"),
        "publics": _codes(extension, "csd:patientsType/csd:supportedPatient"),
        "acts": _codes(extension, "csd:specificAct"),
        "skills": _codes(extension, "csd:specificSkill"),
        "resources": _codes(extension, "csd:professionalResource"),
        "zones": _codes(extension, "csd:interventionZone/csd:codedType"),
        "sensitive": extension.findtext("csd:sensitiveUnit", namespaces=NS),
        "opened": extension.findtext("csd:creationDate", namespaces=NS),
        "contacts": [_contact(found) for found in extension.findall("csd:contact", NS)],
        "mailboxes": [_telecom(found) for found in extension.findall("csd:mailBoxMSS/csd:contactPoint", NS)],
        "location": [_place(found) for found in extension.findall("csd:location", NS)],
        "places": [_realized(found) for found in extension.findall("csd:locationRealizedOffer", NS)],
        "record": _record(element),
    }


def _organization(element: etree._Element) -> dict[str, Any]:
    parent = element.find("csd:parent", NS)
    return {
        "key": element.get("entityID"),
        "identifiers": _identifiers(element),
        "types": _codes(element, "csd:codedType"),
        "name": element.findtext("csd:primaryName", namespaces=NS),
        "parent": parent.get("entityID") if parent is not None else None,
        "contacts": [_contact(found) for found in element.findall("csd:extension/csd:contact", NS)],
        "location": [_place(found) for found in element.findall("csd:extension/csd:location", NS)],
        "record": _record(element),
    }


def _provider(element: etree._Element) -> dict[str, Any]:
    return {
        "identifiers": _identifiers(element),
        "types": _codes(element, "csd:codedType"),
        "name": element.findtext(".//csd:commonName", namespaces=NS),
        "forename": element.findtext(".//csd:forename", namespaces=NS),
        "know_how": [
            {"type": _code(found.find("csd:codedType", NS)), "number": found.findtext("csd:number", namespaces=NS)}
            for found in element.findall("csd:credential", NS)
        ],
        "telecoms": [_telecom(found) for found in element.findall(".//csd:contactPoint", NS)],
        "units": [found.get("entityID") for found in element.findall("csd:facilities/csd:facility", NS)],
        "specialties": _codes(element, "csd:specialty"),
        "record": _record(element),
    }


def find_to_json(data: bytes) -> bytes:
    """Idiomatic lxml: one `find` per datum into dicts. It reads a good part of a document, and checks nothing of it."""
    root = etree.fromstring(data)  # noqa: TID251 - a rival: what its users write
    document = root.find("csd:result/csd:queryResult", NS)
    assert document is not None
    found = {
        "organizations": [_organization(e) for e in document.findall("csd:organizationDirectory/csd:organization", NS)],
        "facilities": [_facility(e) for e in document.findall("csd:facilityDirectory/csd:facility", NS)],
        "providers": [_provider(e) for e in document.findall("csd:providerDirectory/csd:provider", NS)],
        "services": [
            {"key": e.get("entityID"), "type": _code(e.find("csd:codedType", NS))}
            for e in document.findall("csd:serviceDirectory/csd:service", NS)
        ],
        "devices": [
            {"key": e.get("entityID"), "type": _code(e.find("csd:codedType", NS))}
            for e in document.findall("csd:deviceDirectory/csd:device", NS)
        ],
    }
    return json.dumps(found).encode()


def fhir_resources(resources: list[dict[str, Any]]) -> list[Any]:
    """Each resource through the R4B models of fhir.resources."""
    return [get_fhir_model_class(resource["resourceType"]).model_validate(resource) for resource in resources]
