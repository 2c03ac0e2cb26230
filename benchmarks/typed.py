"""The resources as msgspec classes, as one would write them to read a Bundle: types only, no rule of any profile."""

from decimal import Decimal
from typing import Any, Optional

import msgspec


class Element(msgspec.Struct, omit_defaults=True):
    """What every type may bear."""

    id: str | None = None
    extension: "list[Extension] | None" = None


class Coding(Element):
    system: str | None = None
    code: str | None = None
    display: str | None = None
    without_code: Optional["Element"] = msgspec.field(name="_code", default=None)


class CodeableConcept(Element):
    coding: list[Coding] | None = None
    text: str | None = None


class Period(Element):
    start: str | None = None
    end: str | None = None


class Reference(Element):
    reference: str | None = None
    display: str | None = None


class Identifier(Element):
    type: CodeableConcept | None = None
    system: str | None = None
    value: str | None = None


class Quantity(Element):
    value: Decimal | int | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Range(Element):
    low: Quantity | None = None
    high: Quantity | None = None


class HumanName(Element):
    text: str | None = None
    family: str | None = None
    given: list[str] | None = None
    prefix: list[str] | None = None
    suffix: list[str] | None = None


class Extension(msgspec.Struct):
    url: str
    extension: "list[Extension] | None" = None
    value_boolean: bool | None = msgspec.field(name="valueBoolean", default=None)
    value_string: str | None = msgspec.field(name="valueString", default=None)
    value_integer: int | None = msgspec.field(name="valueInteger", default=None)
    value_code: str | None = msgspec.field(name="valueCode", default=None)
    value_date: str | None = msgspec.field(name="valueDate", default=None)
    value_date_time: str | None = msgspec.field(name="valueDateTime", default=None)
    value_canonical: str | None = msgspec.field(name="valueCanonical", default=None)
    value_concept: CodeableConcept | None = msgspec.field(name="valueCodeableConcept", default=None)
    value_quantity: Quantity | None = msgspec.field(name="valueQuantity", default=None)
    value_range: Range | None = msgspec.field(name="valueRange", default=None)
    value_period: Period | None = msgspec.field(name="valuePeriod", default=None)
    value_money: dict[str, Any] | None = msgspec.field(name="valueMoney", default=None)
    value_name: HumanName | None = msgspec.field(name="valueHumanName", default=None)
    value_reference: Reference | None = msgspec.field(name="valueReference", default=None)
    value_identifier: Identifier | None = msgspec.field(name="valueIdentifier", default=None)


class Meta(Element):
    last_updated: str | None = msgspec.field(name="lastUpdated", default=None)
    profile: list[str] | None = None
    tag: list[Coding] | None = None
    security: list[Coding] | None = None


class ContactPoint(Element):
    system: str | None = None
    value: str | None = None
    use: str | None = None


class Address(Element):
    text: str | None = None
    line: list[str] | None = None
    city: str | None = None
    district: str | None = None
    postal_code: str | None = msgspec.field(name="postalCode", default=None)
    country: str | None = None


class AvailableTime(Element, rename="camel"):
    days_of_week: list[str] | None = None
    all_day: bool | None = None
    available_start_time: str | None = None
    available_end_time: str | None = None


class NotAvailable(Element):
    description: str | None = None
    during: Period | None = None


class Resource(Element, rename="camel", tag_field="resourceType"):
    """What the five resources share."""

    meta: Meta | None = None
    identifier: list[Identifier] | None = None
    active: bool | None = None
    telecom: list[ContactPoint] | None = None


class HealthcareService(Resource, tag=True):
    provided_by: Reference | None = None
    category: list[CodeableConcept] | None = None
    type: list[CodeableConcept] | None = None
    specialty: list[CodeableConcept] | None = None
    location: list[Reference] | None = None
    name: str | None = None
    comment: str | None = None
    characteristic: list[CodeableConcept] | None = None
    available_time: list[AvailableTime] | None = None
    not_available: list[NotAvailable] | None = None


class Position(Element):
    longitude: Decimal | int | None = None
    latitude: Decimal | int | None = None


class Location(Resource, tag=True):
    operational_status: Coding | None = None
    name: str | None = None
    alias: list[str] | None = None
    description: str | None = None
    type: list[CodeableConcept] | None = None
    address: Address | None = None
    physical_type: CodeableConcept | None = None
    position: Position | None = None


class OrganizationContact(Element):
    purpose: CodeableConcept | None = None
    name: HumanName | None = None
    telecom: list[ContactPoint] | None = None
    address: Address | None = None


class Organization(Resource, tag=True):
    type: list[CodeableConcept] | None = None
    name: str | None = None
    alias: list[str] | None = None
    address: list[Address] | None = None
    part_of: Reference | None = None
    contact: list[OrganizationContact] | None = None


class Qualification(Element):
    code: CodeableConcept | None = None
    identifier: list[Identifier] | None = None


class Practitioner(Resource, tag=True):
    name: list[HumanName] | None = None
    qualification: list[Qualification] | None = None
    communication: list[CodeableConcept] | None = None


class PractitionerRole(Resource, tag=True):
    practitioner: Reference | None = None
    organization: Reference | None = None
    code: list[CodeableConcept] | None = None
    specialty: list[CodeableConcept] | None = None
    location: list[Reference] | None = None
    healthcare_service: list[Reference] | None = None
    available_time: list[AvailableTime] | None = None


class Entry(msgspec.Struct):
    resource: HealthcareService | Location | Organization | Practitioner | PractitionerRole


class Bundle(msgspec.Struct):
    """A Bundle of the five resources."""

    entry: list[Entry]


DECODER = msgspec.json.Decoder(Bundle, float_hook=Decimal)
