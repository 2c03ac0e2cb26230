"""EJ and EG, with their prices: contract sections 7.1 and 7.6."""

from conformance.reference.csd.contacts import address, contacts, persons, zones
from conformance.reference.csd.dialect import Addresses
from conformance.reference.csd.orders import ORGANISATION_EXTENSION
from conformance.reference.csd.places import location
from conformance.reference.csd.wire import (
    OID_SIRET,
    Element,
    Part,
    Scribe,
    day,
    element,
    extension,
    flag,
    flatten,
    number,
    ordered,
    other_id,
    reference,
    text,
)
from conformance.reference.dataset import Coded, Establishment, LegalEntity, Price

EURO = Coded("R230", "EUR", "Euro")


def legal_entity(scribe: Scribe, value: LegalEntity, key: str) -> Element:
    """An EJ: no parent."""
    inside = ordered(ORGANISATION_EXTENSION[scribe.version], {"contact": contacts(scribe, value.contacts)})
    if scribe.version.before_levels:
        inside = []
    return element(
        "organization",
        *flatten(
            (
                scribe.structure(value.finess),
                scribe.coded("codedType", value.status),
                scribe.optional("codedType", value.aggregate),
                text("primaryName", value.name),
                persons(scribe, value.contacts),
                extension(*inside) if inside else None,
                scribe.record(value.record),
            )
        ),
        entityID=key,
    )


def establishment(scribe: Scribe, value: Establishment, key: str, parent: str) -> Element:
    """An EG: its parent is its EJ."""
    made = element("organization", entityID=key)
    if scribe.dialect.empty_identifiers:
        made.append(other_id("", ""))
    made.extend(scribe.structure(value.finess))
    if value.siret:
        made.append(other_id(value.siret, OID_SIRET))
    made.append(scribe.coded("codedType", value.category))
    made.extend(
        flatten(
            (
                scribe.optional("codedType", value.sph),
                text("primaryName", value.name),
                address(value.address) if scribe.dialect.addresses is not Addresses.LOCATION else None,
                persons(scribe, value.contacts),
                reference("parent", parent),
                extension(
                    *ordered(ORGANISATION_EXTENSION[scribe.version], _inside(scribe, value)), additions=value.additions
                ),
                scribe.record(value.record),
            )
        )
    )
    return made


def _inside(scribe: Scribe, value: Establishment) -> dict[str, Part]:
    return {
        "contact": contacts(scribe, value.contacts),
        "useName": text("useName", value.use_name),
        "healthCareTerritorial": zones(scribe, "healthCareTerritorial", value.territories),
        "location": location(
            scribe,
            value.address,
            value.record,
            position=value.position,
            with_address=scribe.dialect.addresses is not Addresses.ORGANIZATION,
        ),
        "price": [price(scribe, entry) for entry in value.prices],
        "dropZone": flag("dropZone", value.drop_zone),
        "financialHelpType": scribe.each("financialHelpType", value.financial_help),
        "accomodationFamily": flag("accomodationFamily", value.family_lodging),
        "accomodationFamilly": flag("accomodationFamilly", value.family_lodging),
        "nbTemporarySocialeHelpPlace": number("nbTemporarySocialeHelpPlace", value.social_help_temporary),
        "nbPermanentSocialHelpPlace": number("nbPermanentSocialHelpPlace", value.social_help_permanent),
        "careWithoutPatientApproval": flag("careWithoutPatientApproval", value.care_without_consent),
        "creationDate": day("creationDate", value.opened),
        "closingDate": day("closingDate", value.closed),
        "accessibilityLocation": scribe.optional("accessibilityLocation", value.accessibility),
        "levelRecourseORSAN": scribe.optional("levelRecourseORSAN", value.orsan),
        "comment": text("comment", value.comment),
    }


def price(scribe: Scribe, value: Price) -> Element:
    """`price`: one shape among seven carries the details."""
    return element(
        "price",
        *flatten(
            (
                scribe.coded("priceType", value.kind),
                scribe.coded("priceUnit", value.unit),
                element("price", element("amount", text=str(value.amount)), scribe.coded("currency", EURO)),
                day("updateDate", value.since),
                element(value.shape, *_details(scribe, value)),
                scribe.record(value.record),
            )
        ),
    )


def _details(scribe: Scribe, value: Price) -> list[Element]:
    old = scribe.version.before_levels
    if value.shape == "basePackageAccomodation":
        return flatten(
            (
                flag("under60", value.under_60),
                scribe.each("deliveryIncluded", value.included),
                [] if old else [element("othersDeliveryIncluded", text=name) for name in value.included_text],
                scribe.optional("residentialType", value.dwelling),
                scribe.optional("specialPrice", value.condition),
                scribe.optional("welcomeType", value.reception),
            )
        )
    if value.shape == "dependencyPrice":
        return flatten(
            (
                scribe.optional("dependencyLevel", value.dependency),
                scribe.optional("welcomeType", value.reception),
            )
        )
    if value.shape == "surchargePriceResidential":
        return flatten((scribe.optional("residentialType", value.dwelling),))
    if value.shape == "surchargePrice":
        if old:
            return flatten((text("surchargePriceName", value.service_name),))
        return flatten(
            (
                text("otherSurchargePriceName", value.service_name),
                scribe.optional("surchargePriceName", value.service),
            )
        )
    return flatten((scribe.optional("specialPrice", value.condition),))
