"""The resources of the national exposition API, written from the content of an establishment (digest section 7).

Resources point at each other by natural keys (`EG/1…`, an offer's identifier); the store gives the technical ids.
What the national profiles have no place for (prices' records, a unit's own fields and publics, additions) is not sent.
"""

from collections.abc import Iterator

from conformance.reference.dataset import (
    CapacityLine,
    Coded,
    Equipment,
    EstablishmentContent,
    Offer,
    Place,
    Professional,
)
from conformance.reference.national.elements import (
    Json,
    address,
    available_times,
    coding,
    complex_extension,
    concept,
    creation,
    extension,
    identifier,
    inner,
    instant,
    mailbox,
    meta,
    offer_contact,
    telecom,
)
from conformance.reference.national.organisations import (
    Written,
    establishment,
    internal_unit,
    legal_entity,
    reference,
    structure_key,
    zone,
)

CONTRACTED = "https://apifhir.annuaire.sante.fr/ws-sync/exposed/structuredefinition/practitionerRole"
CLOSING = "Période de fermeture et de réouverture prévisionnelle"
PERSON_SYSTEM = "urn:oid:1.2.250.1.71.4.2.1"


def write(content: EstablishmentContent) -> Iterator[Written]:
    """Every resource of one establishment, what is pointed at before what points."""
    region = content.establishment.region
    yield legal_entity(content.legal_entity, region)
    yield establishment(content.establishment)
    for unit in content.internal_units:
        yield internal_unit(unit, region)
    for offer in content.offers:
        for place in offer.places:
            yield _place(place, offer.region)
        yield _offer(offer)
    for professional in content.professionals:
        yield _practitioner(professional, region)
        yield _role(professional, region)


def _offer(value: Offer) -> Written:
    body: Json = {
        "resourceType": "HealthcareService",
        "meta": meta("ror-healthcareservice", value.record, value.region),
        "extension": list(_offer_extensions(value)),
        "identifier": [identifier(value.identifier, kind=Coded("R355", "35"))],
        "providedBy": reference("Organization", value.parent or structure_key(value.establishment)),
        "type": [concept(value.field)],
        "specialty": [concept(one) for one in (*value.activities, *value.families)],
        "location": [reference("Location", place.key) for place in value.places],
        "name": value.name,
        "characteristic": list(_characteristics(value)),
    }
    if value.facility_type:
        body["category"] = [concept(value.facility_type)]
    if value.record.comment:
        body["comment"] = value.record.comment
    if value.mailboxes:
        body["telecom"] = [mailbox(one) for one in value.mailboxes]
    if value.hours:
        body["availableTime"] = available_times(value.hours)
    if value.closing:
        body["notAvailable"] = [_closing(value)]
    return Written("HealthcareService", value.identifier, body)


def _offer_extensions(value: Offer) -> Iterator[Json]:
    yield creation(value.record)
    yield extension("ror-healthcareservice-sensitive-unit", valueBoolean=value.sensitive)
    ages = {
        bound: {"value": measure.value, "system": coding(Coded("R247", measure.unit))["system"], "code": measure.unit}
        for bound, measure in (("low", value.age_min), ("high", value.age_max))
    }
    publics = [inner("supportedPatientInfo", valueCodeableConcept=concept(one)) for one in value.publics]
    yield complex_extension("ror-healthcareservice-patient-type", [*publics, inner("ageRange", valueRange=ages)])
    if value.care_without_consent is not None:
        consent = value.care_without_consent
        yield extension("ror-healthcareservice-no-consent-habilitation", valueBoolean=consent)
    for sector in value.psychiatric_sectors:
        yield extension("ror-healthcareservice-psychiatric-sector", valueString=sector)
    yield from (zone(one) for one in value.zones)
    yield from (offer_contact(contact) for contact in value.contacts)


def _characteristics(value: Offer) -> Iterator[Json]:
    plain = (
        value.reception,
        value.care_mode,
        *value.home_modes,
        *value.management,
        *value.specialisations,
        value.annual_opening,
        *value.resource_professions,
        *value.professions,
        *value.specialities,
        *value.skills,
        value.expertise,
        value.maternity,
        value.closing_reason,
    )
    yield from (concept(one) for one in plain if one)
    for kind, acts in (("specificAct", value.acts), ("outsideOfficeAct", value.acts_outside)):
        for act in acts:
            yield {"extension": [extension("ror-act-type", valueCode=kind)]} | concept(act)


def _closing(value: Offer) -> Json:
    start = value.closing.isoformat() if value.closing else None
    during = {"start": start} | ({"end": value.reopening.isoformat()} if value.reopening else {})
    return {"id": "closingReopeningDate", "description": CLOSING, "during": during}


def _place(value: Place, region: str) -> Written:
    body: Json = {
        "resourceType": "Location",
        "meta": meta("ror-location", value.record, region),
        "extension": list(_place_extensions(value)),
        "identifier": [identifier(value.key, kind=Coded("R354", "25"))],
        "operationalStatus": coding(value.status),
        "name": value.name,
        "type": [concept(value.function)],
        "address": address(value.address),
    }
    if value.description:
        body["description"] = value.description
    if value.telecoms:
        body["telecom"] = [telecom(one) for one in value.telecoms]
    if value.position:
        body["position"] = {"longitude": value.position.longitude, "latitude": value.position.latitude}
    return Written("Location", value.key, body)


def _place_extensions(value: Place) -> Iterator[Json]:
    yield creation(value.record)
    yield extension("ror-commune-cog", valueCodeableConcept=concept(Coded("R13", value.address.insee)))
    for group in value.capacity:
        yield from (_capacity(line, group.assignment) for line in group.lines)
    yield from (_equipment(one) for one in value.equipment)
    for dwellings in value.dwellings:
        parts = [
            inner("residentialType", valueCodeableConcept=concept(dwellings.kind)),
            inner("residentialNumber", valueInteger=dwellings.number),
        ]
        yield complex_extension("ror-location-residential-capacity", parts)
    if value.record.comment:
        yield extension("ror-comment", valueString=value.record.comment)


def _capacity(line: CapacityLine, assignment: Coded) -> Json:
    concepts = (
        ("capacityType", line.nature),
        ("capacityStatus", line.status),
        ("temporalityCapacity", line.temporality),
        ("capacitySourceType", line.source),
        ("genderCapacityAvailable", line.gender),
        ("capacityClosingType", line.closing),
        ("additionalBedType", line.extra_bed),
        ("crisisType", line.crisis),
        ("temporaryAssignement", assignment),
    )
    parts = [
        *(inner(name, valueCodeableConcept=concept(one)) for name, one in concepts if one),
        inner("nbCapacity", valueInteger=line.number),
        inner("capacityUpdateDate", valueDateTime=instant(line.counted)),
    ]
    return complex_extension("ror-location-supported-capacity", parts)


def _equipment(value: Equipment) -> Json:
    limits = (
        complex_extension(
            "ror-location-equipment-limit",
            [
                inner("equipmentFeature", valueCodeableConcept=concept(limit.characteristic)),
                inner(
                    "limitValue",
                    valueQuantity={
                        "value": limit.value.value,
                        "system": coding(Coded("R247", limit.value.unit))["system"],
                        "code": limit.value.unit,
                    },
                ),
            ],
        )
        for limit in value.limits
    )
    parts = [
        inner("equipmentType", valueCodeableConcept=concept(value.kind)),
        *([inner("nbInService", valueInteger=value.count)] if value.count is not None else []),
        *limits,
    ]
    return complex_extension("ror-location-equipment", parts)


def _practitioner(value: Professional, region: str) -> Written:
    body: Json = {
        "resourceType": "Practitioner",
        "meta": meta("ror-practitioner", value.record, region),
        "extension": [creation(value.record)],
        "identifier": [identifier(value.identifier, system=PERSON_SYSTEM)],
        "name": [{"family": value.name, "given": [value.forename], "prefix": [value.civility.code]}],
    }
    if value.mailbox:
        body["telecom"] = [mailbox(value.mailbox)]
    return Written("Practitioner", value.identifier, body)


def _role(value: Professional, region: str) -> Written:
    body: Json = {
        "resourceType": "PractitionerRole",
        "meta": meta("ror-practitionerrole", value.record, region),
        "extension": list(_role_extensions(value)),
        "identifier": [identifier(value.situation_key)],
        "practitioner": reference("Practitioner", value.identifier),
        "organization": reference("Organization", structure_key(value.establishment)),
        "code": [concept(value.profession)],
        "healthcareService": [reference("HealthcareService", value.offer)],
        "specialty": [concept(one) for one in _know_how(value)],
    }
    if value.telecoms:
        body["telecom"] = [telecom(one) for one in value.telecoms]
    if value.hours:
        body["availableTime"] = available_times(value.hours)
    return Written("PractitionerRole", value.situation_key, body)


def _know_how(value: Professional) -> Iterator[Coded]:
    for one in value.know_how:
        yield one.kind
        yield one.value
    yield from value.skills


def _role_extensions(value: Professional) -> Iterator[Json]:
    yield creation(value.record)
    yield extension("ror-practitionerrole-unit-exercise-mode", valueCodeableConcept=concept(value.mode))
    parts = [
        *([inner("exerciseTitle", valueCodeableConcept=concept(value.title))] if value.title else []),
        inner("exerciseLastName", valueString=value.name),
        inner("exerciseFirstName", valueString=value.forename),
    ]
    yield complex_extension("ror-practitionerrole-name", parts)
    if value.sector:
        yield {"url": f"{CONTRACTED}-contracted", "valueCodeableConcept": concept(value.sector)}
    if value.access_contract is not None:
        yield {"url": f"{CONTRACTED}-hasCAS", "valueBoolean": value.access_contract}
    if value.vitale is not None:
        yield {"url": f"{CONTRACTED}-vitaleAccepted", "valueBoolean": value.vitale}
    if value.record.comment:
        yield extension("ror-meta-comment", valueString=value.record.comment)
