"""The elements of the FHIR R4 (4.0.1) types that are exchanged: names in their order, cardinalities, types.

The validator checks names and JSON types against this table, the XML form takes its order from it. `*` is a list, `+` a
list that is never empty, `!` a mandatory element; `value[x]` may be one of several types, told by the end of its name.
"""

from functools import cache
from types import MappingProxyType

import msgspec

PRIMITIVES = frozenset(
    "base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time "
    "unsignedInt uri url uuid xhtml".split()
)

_ANY_VALUE = (
    "base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time "
    "unsignedInt uri url uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count Distance "
    "Duration HumanName Identifier Money Period Quantity Range Ratio Reference Signature ContactDetail Expression "
    "UsageContext Meta"
)

_ELEMENT = "id:string extension*:Extension"
_BACKBONE = f"{_ELEMENT} modifierExtension*:Extension"
_RESOURCE = "id:id meta:Meta implicitRules:uri language:code"
_DOMAIN_RESOURCE = f"{_RESOURCE} text:Narrative contained*:Resource extension*:Extension modifierExtension*:Extension"
_QUANTITY = "value:decimal comparator:code unit:string system:uri code:code"
_HOURS = "daysOfWeek*:code allDay:boolean"
_AVAILABLE = f"{_HOURS} availableStartTime:time availableEndTime:time"

_DATATYPES = {
    "Element": "",
    "Meta": "versionId:id lastUpdated:instant source:uri profile*:canonical security*:Coding tag*:Coding",
    "Narrative": "status!:code div!:xhtml",
    "Extension": "url!:uri value[x]:any",
    "Identifier": "use:code type:CodeableConcept system:uri value:string period:Period assigner:Reference",
    "HumanName": "use:code text:string family:string given*:string prefix*:string suffix*:string period:Period",
    "Address": (
        "use:code type:code text:string line*:string city:string district:string state:string postalCode:string "
        "country:string period:Period"
    ),
    "ContactPoint": "system:code value:string use:code rank:positiveInt period:Period",
    "Coding": "system:uri version:string code:code display:string userSelected:boolean",
    "CodeableConcept": "coding*:Coding text:string",
    "Quantity": _QUANTITY,
    "Age": _QUANTITY,
    "Count": _QUANTITY,
    "Distance": _QUANTITY,
    "Duration": _QUANTITY,
    "Money": "value:decimal currency:code",
    "Range": "low:Quantity high:Quantity",
    "Ratio": "numerator:Quantity denominator:Quantity",
    "Period": "start:dateTime end:dateTime",
    "Reference": "reference:string type:uri identifier:Identifier display:string",
    "Annotation": "author[x]:Reference|string time:dateTime text!:markdown",
    "Attachment": (
        "contentType:code language:code data:base64Binary url:url size:unsignedInt hash:base64Binary title:string "
        "creation:dateTime"
    ),
    "Expression": "description:string name:id language!:code expression:string reference:uri",
    "ContactDetail": "name:string telecom*:ContactPoint",
    "Signature": (
        "type+:Coding when!:instant who!:Reference onBehalfOf:Reference targetFormat:code sigFormat:code "
        "data:base64Binary"
    ),
    "UsageContext": "code!:Coding value[x]!:CodeableConcept|Quantity|Range|Reference",
}

_BACKBONES = {
    "HealthcareService.eligibility": "code:CodeableConcept comment:markdown",
    "HealthcareService.availableTime": _AVAILABLE,
    "HealthcareService.notAvailable": "description!:string during:Period",
    "Location.position": "longitude!:decimal latitude!:decimal altitude:decimal",
    "Location.hoursOfOperation": f"{_HOURS} openingTime:time closingTime:time",
    "Organization.contact": "purpose:CodeableConcept name:HumanName telecom*:ContactPoint address:Address",
    "Practitioner.qualification": "identifier*:Identifier code!:CodeableConcept period:Period issuer:Reference",
    "PractitionerRole.availableTime": _AVAILABLE,
    "PractitionerRole.notAvailable": "description!:string during:Period",
    "Task.restriction": "repetitions:positiveInt period:Period recipient*:Reference",
    "Task.input": "type!:CodeableConcept value[x]!:any",
    "Task.output": "type!:CodeableConcept value[x]!:any",
    "Bundle.link": "relation!:string url!:uri",
    "Bundle.entry": (
        "link*:Bundle.link fullUrl:uri resource:Resource search:Bundle.search request:Bundle.request "
        "response:Bundle.response"
    ),
    "Bundle.search": "mode:code score:decimal",
    "Bundle.request": (
        "method!:code url!:uri ifNoneMatch:string ifModifiedSince:instant ifMatch:string ifNoneExist:string"
    ),
    "Bundle.response": "status!:string location:uri etag:string lastModified:instant outcome:Resource",
    "OperationOutcome.issue": (
        "severity!:code code!:code details:CodeableConcept diagnostics:string location*:string expression*:string"
    ),
    "Parameters.parameter": "name!:string value[x]:any resource:Resource part*:Parameters.parameter",
    "CapabilityStatement.software": "name!:string version:string releaseDate:dateTime",
    "CapabilityStatement.implementation": "description!:string url:url custodian:Reference",
    "CapabilityStatement.rest": (
        "mode!:code documentation:markdown security:CapabilityStatement.security "
        "resource*:CapabilityStatement.resource interaction*:CapabilityStatement.interaction "
        "searchParam*:CapabilityStatement.searchParam operation*:CapabilityStatement.operation compartment*:canonical"
    ),
    "CapabilityStatement.security": "cors:boolean service*:CodeableConcept description:markdown",
    "CapabilityStatement.resource": (
        "type!:code profile:canonical supportedProfile*:canonical documentation:markdown "
        "interaction*:CapabilityStatement.interaction versioning:code readHistory:boolean updateCreate:boolean "
        "conditionalCreate:boolean conditionalRead:code conditionalUpdate:boolean conditionalDelete:code "
        "referencePolicy*:code searchInclude*:string searchRevInclude*:string "
        "searchParam*:CapabilityStatement.searchParam operation*:CapabilityStatement.operation"
    ),
    "CapabilityStatement.interaction": "code!:code documentation:markdown",
    "CapabilityStatement.searchParam": "name!:string definition:canonical type!:code documentation:markdown",
    "CapabilityStatement.operation": "name!:string definition!:canonical documentation:markdown",
}

_RESOURCES = {
    "HealthcareService": (
        "identifier*:Identifier active:boolean providedBy:Reference category*:CodeableConcept type*:CodeableConcept "
        "specialty*:CodeableConcept location*:Reference name:string comment:string extraDetails:markdown "
        "photo:Attachment telecom*:ContactPoint coverageArea*:Reference serviceProvisionCode*:CodeableConcept "
        "eligibility*:HealthcareService.eligibility program*:CodeableConcept characteristic*:CodeableConcept "
        "communication*:CodeableConcept referralMethod*:CodeableConcept appointmentRequired:boolean "
        "availableTime*:HealthcareService.availableTime notAvailable*:HealthcareService.notAvailable "
        "availabilityExceptions:string endpoint*:Reference"
    ),
    "Location": (
        "identifier*:Identifier status:code operationalStatus:Coding name:string alias*:string description:string "
        "mode:code type*:CodeableConcept telecom*:ContactPoint address:Address physicalType:CodeableConcept "
        "position:Location.position managingOrganization:Reference partOf:Reference "
        "hoursOfOperation*:Location.hoursOfOperation availabilityExceptions:string endpoint*:Reference"
    ),
    "Organization": (
        "identifier*:Identifier active:boolean type*:CodeableConcept name:string alias*:string telecom*:ContactPoint "
        "address*:Address partOf:Reference contact*:Organization.contact endpoint*:Reference"
    ),
    "Practitioner": (
        "identifier*:Identifier active:boolean name*:HumanName telecom*:ContactPoint address*:Address gender:code "
        "birthDate:date photo*:Attachment qualification*:Practitioner.qualification communication*:CodeableConcept"
    ),
    "PractitionerRole": (
        "identifier*:Identifier active:boolean period:Period practitioner:Reference organization:Reference "
        "code*:CodeableConcept specialty*:CodeableConcept location*:Reference healthcareService*:Reference "
        "telecom*:ContactPoint availableTime*:PractitionerRole.availableTime "
        "notAvailable*:PractitionerRole.notAvailable availabilityExceptions:string endpoint*:Reference"
    ),
    "Task": (
        "identifier*:Identifier instantiatesCanonical:canonical instantiatesUri:uri basedOn*:Reference "
        "groupIdentifier:Identifier partOf*:Reference status!:code statusReason:CodeableConcept "
        "businessStatus:CodeableConcept intent!:code priority:code code:CodeableConcept description:string "
        "focus:Reference for:Reference encounter:Reference executionPeriod:Period authoredOn:dateTime "
        "lastModified:dateTime requester:Reference performerType*:CodeableConcept owner:Reference location:Reference "
        "reasonCode:CodeableConcept reasonReference:Reference insurance*:Reference note*:Annotation "
        "relevantHistory*:Reference restriction:Task.restriction input*:Task.input output*:Task.output"
    ),
    "OperationOutcome": "issue+:OperationOutcome.issue",
    "CapabilityStatement": (
        "url:uri version:string name:string title:string status!:code experimental:boolean date!:dateTime "
        "publisher:string contact*:ContactDetail description:markdown useContext*:UsageContext "
        "jurisdiction*:CodeableConcept purpose:markdown copyright:markdown kind!:code instantiates*:canonical "
        "imports*:canonical software:CapabilityStatement.software "
        "implementation:CapabilityStatement.implementation fhirVersion!:code format+:code patchFormat*:code "
        "implementationGuide*:canonical rest*:CapabilityStatement.rest"
    ),
}
_PLAIN_RESOURCES = {
    "Bundle": (
        "identifier:Identifier type!:code timestamp:instant total:unsignedInt link*:Bundle.link entry*:Bundle.entry "
        "signature:Signature"
    ),
    "Parameters": "parameter*:Parameters.parameter",
}

RESOURCES = frozenset({*_RESOURCES, *_PLAIN_RESOURCES})
"""The resource types whose elements are held."""


class Member(msgspec.Struct, frozen=True):
    """One JSON member of a type. `choice` is the element it is a form of (`value[x]`), else its own name."""

    name: str
    type: str
    many: bool
    mandatory: bool
    choice: str

    @property
    def primitive(self) -> bool:
        """Whether it is written as a plain JSON value, with what extends it in `_name`."""
        return self.type in PRIMITIVES


@cache
def members(type_name: str) -> MappingProxyType[str, Member]:
    """The members of a type by JSON name, in R4's order; raises KeyError for a type that is not held."""
    return MappingProxyType({one.name: one for part in _definition(type_name).split() for one in _members_of(part)})


@cache
def mandatory(type_name: str) -> tuple[str, ...]:
    """The elements R4 itself demands of a type, a choice under its `[x]` name."""
    return tuple(dict.fromkeys(one.choice for one in members(type_name).values() if one.mandatory))


def _definition(type_name: str) -> str:
    if type_name in _RESOURCES:
        return f"{_DOMAIN_RESOURCE} {_RESOURCES[type_name]}"
    if type_name in _PLAIN_RESOURCES:
        return f"{_RESOURCE} {_PLAIN_RESOURCES[type_name]}"
    if type_name in _DATATYPES:
        return f"{_ELEMENT} {_DATATYPES[type_name]}"
    return f"{_BACKBONE} {_BACKBONES[type_name]}"


def _members_of(part: str) -> list[Member]:
    written, _, types = part.partition(":")
    name = written.rstrip("*+!")
    mark = written[len(name) :]
    many, needed = mark in ("*", "+"), mark in ("+", "!")
    if not name.endswith("[x]"):
        return [Member(name, types, many, needed, name)]
    allowed = _ANY_VALUE.split() if types == "any" else types.split("|")
    return [Member(name[:-3] + kind[0].upper() + kind[1:], kind, many, needed, name) for kind in allowed]
