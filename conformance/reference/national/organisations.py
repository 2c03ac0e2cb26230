"""Organisations of the national exposition API: EJ, EG, internal organisations (digest section 7.3)."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.reference.dataset import Coded, Establishment, InternalUnit, LegalEntity, Price, Zone
from conformance.reference.national.elements import (
    Json,
    complex_extension,
    concept,
    creation,
    extension,
    identifier,
    inner,
    mailbox,
    meta,
    organization_address,
    organization_contact,
)

PERIOD = "http://hl7.org/fhir/StructureDefinition/organization-period"
STRUCTURE_SYSTEM = "urn:oid:1.2.250.1.71.4.2.2"


@dataclass(frozen=True, slots=True)
class Written:
    """A resource before it has an id: its type, its natural key, its body whose references are natural keys."""

    kind: str
    key: str
    body: Json


def structure_key(finess: str) -> str:
    """idNat_Struct of a FINESS number (RG_ALIM_014)."""
    return f"1{finess}"


def legal_entity_key(finess: str) -> str:
    """The natural key of an EJ: an EG may have the identifier of its EJ."""
    return f"EJ {structure_key(finess)}"


def reference(kind: str, key: str) -> Json:
    """A relative reference by natural key."""
    return {"reference": f"{kind}/{key}"}


def _structure_identifiers(finess: str, siret: str | None) -> list[Json]:
    written = [
        identifier(structure_key(finess), kind=Coded("G07", "40"), system=STRUCTURE_SYSTEM),
        identifier(finess, kind=Coded("G07", "1"), system="https://finess.esante.gouv.fr"),
    ]
    if siret:
        written.append(identifier(siret, kind=Coded("G07", "3"), system="https://sirene.fr"))
    return written


def legal_entity(value: LegalEntity, region: str) -> Written:
    """An EJ, the top of the chain."""
    body: Json = {
        "resourceType": "Organization",
        "meta": meta("ror-organization", value.record, region),
        "extension": [creation(value.record)],
        "identifier": _structure_identifiers(value.finess, None),
        "type": [concept(one) for one in (value.status, value.aggregate) if one],
        "name": value.name,
    }
    if value.address:
        body["address"] = [organization_address(value.address, None)]
    if value.contacts:
        body["contact"] = [organization_contact(one) for one in value.contacts]
    return Written("Organization", legal_entity_key(value.finess), body)


def establishment(value: Establishment) -> Written:
    """An EG under its EJ."""
    body: Json = {
        "resourceType": "Organization",
        "meta": meta("ror-organization", value.record, value.region),
        "extension": [creation(value.record), *_establishment_extensions(value)],
        "identifier": _structure_identifiers(value.finess, value.siret),
        "type": [concept(one) for one in (value.category, value.sph) if one],
        "name": value.name,
        "address": [organization_address(value.address, value.position)],
        "partOf": reference("Organization", legal_entity_key(value.legal_entity)),
    }
    if value.use_name:
        body["alias"] = [value.use_name]
    if value.contacts:
        body["contact"] = [organization_contact(one) for one in value.contacts]
    return Written("Organization", structure_key(value.finess), body)


def _establishment_extensions(value: Establishment) -> Iterator[Json]:
    yield from (_price(price) for price in value.prices)
    yield from (zone(one) for one in value.territories)
    for help_type in value.financial_help:
        yield extension("ror-organization-financial-help-type", valueCodeableConcept=concept(help_type))
    optional = (
        ("ror-organization-accomodation-family", "valueBoolean", value.family_lodging),
        ("ror-organization-nb-permanent-social-help-place", "valueInteger", value.social_help_permanent),
        ("ror-organization-nb-temporary-social-help-place", "valueInteger", value.social_help_temporary),
        ("ror-organization-drop-zone", "valueBoolean", value.drop_zone),
        ("ror-organization-comment", "valueString", value.comment),
    )
    yield from (extension(slug, **{name: item}) for slug, name, item in optional if item is not None)
    if value.accessibility:
        accessibility = concept(value.accessibility)
        yield extension("ror-organization-accessibility-location", valueCodeableConcept=accessibility)
    if value.orsan:
        yield extension("ror-organization-level-recours-orsan", valueCodeableConcept=concept(value.orsan))
    if value.closed:
        yield {"url": PERIOD, "valuePeriod": {"end": value.closed.isoformat()}}


def _price(value: Price) -> Json:
    concepts = (
        *(("deliveryIncluded", one) for one in value.included),
        ("residentialType", value.dwelling),
        ("specialPrice", value.condition),
        ("welcomeType", value.reception),
        ("dependencyLevel", value.dependency),
        ("managementType", value.management),
        ("additionalServiceName", value.service),
    )
    parts = [
        inner("priceType", valueCodeableConcept=concept(value.kind)),
        inner("priceUnit", valueCodeableConcept=concept(value.unit)),
        inner("amount", valueMoney={"value": value.amount, "currency": "EUR"}),
        inner("startDate", valueDateTime=value.since.isoformat()),
        *([inner("under60", valueBoolean=True)] if value.under_60 else []),
        *(inner(name, valueCodeableConcept=concept(one)) for name, one in concepts if one),
        *(inner("othersDeliveryIncluded", valueString=text) for text in value.included_text),
        *([inner("otherAdditionalServiceName", valueString=value.service_name)] if value.service_name else []),
    ]
    return complex_extension("ror-organization-price", parts)


def zone(value: Zone) -> Json:
    """A territory, of an establishment or served by an offer."""
    parts = [
        inner("typeTerritorialDivision", valueCodeableConcept=concept(value.kind)),
        inner("codeTerritorialDivision", valueCodeableConcept=concept(value.division)),
    ]
    return complex_extension("ror-territorial-division", parts)


def internal_unit(value: InternalUnit, region: str) -> Written:
    """An internal organisation above the elementary unit, under another or under the EG."""
    period = {"url": PERIOD, "valuePeriod": {"start": value.opened.isoformat()}}
    body: Json = {
        "resourceType": "Organization",
        "meta": meta("ror-organization", value.record, region),
        "extension": [creation(value.record), period],
        "identifier": [
            identifier(value.identifier, kind=Coded("R345", "42"), system="https://oi.esante.gouv.fr"),
        ],
        "type": [concept(Coded("R207", str(value.level)))],
        "name": value.name,
        "partOf": reference("Organization", value.parent or structure_key(value.establishment)),
    }
    if value.contacts:
        body["contact"] = [organization_contact(one) for one in value.contacts]
    if value.mailboxes:
        body["telecom"] = [mailbox(one) for one in value.mailboxes]
    return Written("Organization", value.identifier, body)
