"""The small FHIR elements that the national profiles share (digest sections 7 and 8), as plain JSON values."""

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.reference.dataset import Address, Coded, Contact, Hours, Position, Record, SecureMailbox, Telecom

Json = dict[str, Any]

CANONICAL = "https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition"
ISO21090 = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP"
INSEE_CODE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code"
GEOLOCATION = "http://hl7.org/fhir/StructureDefinition/geolocation"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TELECOM_SYSTEMS = {"1": "phone", "2": "phone", "3": "email", "4": "url", "6": "fax", "8": "phone", "9": "email"}


def _read_systems() -> dict[str, str]:
    with (Path(__file__).parent / "systems.csv").open(encoding="utf-8", newline="") as rows:
        return {row["table"]: row["url"] for row in csv.DictReader(rows)}


SYSTEMS = _read_systems()


def instant(moment: datetime) -> str:
    """A FHIR instant to the second, with its offset."""
    return moment.isoformat(timespec="seconds")


def coding(value: Coded) -> Json:
    """A Coding under the published url of its table."""
    written = {"system": SYSTEMS.get(value.system, f"urn:oid:{value.system}"), "code": value.code}
    return written | ({"display": value.label} if value.label else {})


def concept(value: Coded) -> Json:
    """A CodeableConcept of one coding."""
    return {"coding": [coding(value)]}


def level(value: int) -> Json:
    """A confidentiality level of R283."""
    return concept(Coded("R283", str(value)))


def extension(slug: str, **value: object) -> Json:
    """An extension of the ROR guide with its one value, such as `valueBoolean=True`."""
    return {"url": f"{CANONICAL}/{slug}", **value}


def inner(name: str, **value: object) -> Json:
    """A sub-extension: its url is its bare name."""
    return {"url": name, **value}


def complex_extension(slug: str, parts: Iterable[Json]) -> Json:
    """An extension made of sub-extensions."""
    return {"url": f"{CANONICAL}/{slug}", "extension": list(parts)}


def meta(slug: str, record: Record, region: str) -> Json:
    """`meta` of every business profile: update date, profile, source region."""
    return {
        "lastUpdated": instant(record.updated),
        "profile": [f"{CANONICAL}/{slug}"],
        "tag": [coding(Coded("R30", region))],
    }


def creation(record: Record) -> Json:
    """The creation date that every profile demands."""
    return extension("ror-meta-creation-date", valueDateTime=instant(record.created))


def identifier(value: str, *, kind: Coded | None = None, system: str | None = None) -> Json:
    """An Identifier with the type and the system it has in section 9.3, where it has them."""
    return ({"type": concept(kind)} if kind else {}) | ({"system": system} if system else {}) | {"value": value}


def telecom(value: Telecom) -> Json:
    """A ContactPoint with its channel, usage and confidentiality level."""
    extensions = [
        extension("ror-telecom-communication-channel", valueCodeableConcept=concept(value.channel)),
        *([extension("ror-telecom-usage", valueString=value.purpose)] if value.purpose else []),
        extension("ror-telecom-confidentiality-level", valueCodeableConcept=level(value.level)),
    ]
    return {
        "extension": extensions,
        "system": TELECOM_SYSTEMS.get(value.channel.code, "other"),
        "value": value.value,
    }


def mailbox(value: SecureMailbox) -> Json:
    """An MSS mailbox: an e-mail at level 1, since every profile sees it."""
    return telecom(Telecom(Coded("R200", "3"), value.address, 1, value.record))


def offer_contact(value: Contact) -> Json:
    """The contact of an offer, which the profile holds in an extension."""
    parts = [
        *([inner("name", valueHumanName={"text": value.name})] if value.name else []),
        *(
            [extension("ror-contact-function-contact", valueCodeableConcept=concept(value.function))]
            if value.function
            else []
        ),
        *([inner("purposeContact", valueCodeableConcept=concept(value.nature))] if value.nature else []),
        *([inner("description", valueString=value.description)] if value.description else []),
        extension("ror-confidentiality-level", valueCodeableConcept=level(value.level)),
        *(_contact_telecom(one) for one in value.telecoms),
    ]
    return complex_extension("ror-healthcareservice-contact", parts)


def _contact_telecom(value: Telecom) -> Json:
    parts = [
        extension("ror-telecom-communication-channel", valueCodeableConcept=concept(value.channel)),
        *([extension("ror-telecom-usage", valueString=value.purpose)] if value.purpose else []),
        extension("ror-telecom-confidentiality-level", valueCodeableConcept=level(value.level)),
        inner("telecomAddress", valueString=value.value),
    ]
    return complex_extension("ror-healthcareservice-contact-telecom", parts)


def organization_contact(value: Contact) -> Json:
    """The contact of an organisation, a backbone element of R4."""
    extensions = [
        *(
            [extension("ror-contact-function-contact", valueCodeableConcept=concept(value.function))]
            if value.function
            else []
        ),
        *([extension("ror-contact-description", valueString=value.description)] if value.description else []),
        extension("ror-contact-confidentiality-level", valueCodeableConcept=level(value.level)),
    ]
    written: Json = {"extension": extensions}
    if value.nature:
        written["purpose"] = concept(value.nature)
    if value.name:
        written["name"] = {"text": value.name}
    if value.telecoms:
        written["telecom"] = [telecom(one) for one in value.telecoms]
    return written


def address(value: Address) -> Json:
    """A postal address: one line in clear, its parts beside it."""
    parts = (
        ("additionalLocator", value.complement),
        ("houseNumber", value.number),
        ("streetNameType", value.street_type),
        ("streetNameBase", value.street),
    )
    extensions = [{"url": f"{ISO21090}-{name}", "valueString": text} for name, text in parts if text]
    line = " ".join(text for _, text in parts if text)
    written: Json = {"line": [line], "_line": [{"extension": extensions}]} if line else {}
    return written | {"city": value.city, "postalCode": value.post_code}


def organization_address(value: Address, position: Position | None) -> Json:
    """The address of an organisation carries its commune and its position."""
    extensions: list[Json] = [{"url": INSEE_CODE, "valueCoding": coding(Coded("R13", value.insee))}]
    if position is not None:
        place = [inner("latitude", valueDecimal=position.latitude), inner("longitude", valueDecimal=position.longitude)]
        extensions.append({"url": GEOLOCATION, "extension": place})
    return {"extension": extensions} | address(value)


def available_times(hours: Iterable[Hours]) -> list[Json]:
    """One entry for each day and slot, the day as a number and as a code."""
    return [_available_time(slot, day) for slot in hours for day in slot.days]


def _available_time(slot: Hours, day: int) -> Json:
    period = {"start": slot.since.isoformat()} | ({"end": slot.until.isoformat()} if slot.until else {})
    extensions = [
        extension("ror-available-time-number-days-of-week", valueInteger=day),
        extension("ror-available-time-effective-opening-closing-date", valuePeriod=period),
    ]
    if slot.kind:
        extensions.append(extension("ror-available-time-type-of-time", valueCodeableConcept=concept(slot.kind)))
    written: Json = {"extension": extensions, "daysOfWeek": [DAYS[day - 1]]}
    if slot.begin:
        written["availableStartTime"] = slot.begin.isoformat("seconds")
    if slot.end:
        written["availableEndTime"] = slot.end.isoformat("seconds")
    return written
