"""Contacts, telecoms, hours, public, territories: contract section 7.4."""

from collections.abc import Iterable, Sequence

from conformance.reference.csd.orders import OPERATING_HOURS
from conformance.reference.csd.wire import Element, Scribe, day, element, extension, flatten, hour, ordered, text
from conformance.reference.dataset import Address, Coded, Contact, Hours, Measure, Record, SecureMailbox, Telecom, Zone

LEVELS = {1: "Accès libre", 2: "Accès restreint", 3: "Accès très restreint"}
CLOSING_HOURS = "08"


def level(scribe: Scribe, value: int) -> Element:
    """`confidentialityLevel`."""
    return scribe.coded("confidentialityLevel", Coded("R283", str(value), LEVELS[value]))


def telecom(scribe: Scribe, value: Telecom) -> Element:
    """`contactPoint`: the level in the extension since 2.4."""
    inside = flatten(
        (
            level(scribe, value.level) if not scribe.version.before_levels else None,
            scribe.record(value.record),
        )
    )
    return element(
        "contactPoint",
        *flatten(
            (
                scribe.coded("codedType", value.channel),
                element("equipment", text=value.value),
                text("purpose", value.purpose),
                extension(*inside),
            )
        ),
    )


def telecoms(scribe: Scribe, values: Iterable[Telecom]) -> list[Element]:
    """Each telecom."""
    return [telecom(scribe, value) for value in values]


def contacts(scribe: Scribe, values: Iterable[Contact]) -> list[Element]:
    """`extension/contact`, since 2.4."""
    if not scribe.dialect.contacts:
        return []
    return [
        element(
            "contact",
            *flatten(
                (
                    text("name", value.name),
                    scribe.optional("function", value.function),
                    scribe.optional("nature", value.nature),
                    text("description", value.description),
                    level(scribe, value.level),
                    telecoms(scribe, value.telecoms),
                    scribe.record(value.record),
                )
            ),
        )
        for value in values
    ]


def persons(scribe: Scribe, values: Iterable[Contact]) -> list[Element]:
    """The contacts up to 1.6: a person, the desks known by the label of their nature; no level has a place."""
    if not scribe.version.before_levels or not scribe.dialect.contacts:
        return []
    return [_person(scribe, value) for value in values]


def _person(scribe: Scribe, value: Contact) -> Element:
    label = value.nature.label if value.nature is not None else None
    name = value.name or label or "Contact"
    inside = flatten((scribe.optional("function", value.function), text("description", value.description)))
    return element(
        "contact",
        element(
            "person",
            *flatten(
                (
                    element("name", element("commonName", text=name)),
                    telecoms(scribe, value.telecoms),
                    extension(*inside) if inside else None,
                )
            ),
        ),
    )


def mailboxes(scribe: Scribe, values: Iterable[SecureMailbox]) -> list[Element]:
    """`mailBoxMSS`: a telecom of the mail channel, free by nature."""
    return [
        element(
            "mailBoxMSS",
            telecom(scribe, Telecom(Coded("R200", "3", "Courrier électronique"), value.address, 1, value.record)),
            scribe.record(value.record),
        )
        for value in values
    ]


def hours(scribe: Scribe, values: Iterable[Hours]) -> list[Element]:
    """`operatingHours`: up to 2.4 a closing slot is one whose flag is down, since 3.0 it is a type."""
    return [_slot(scribe, value) for value in values]


def _slot(scribe: Scribe, value: Hours) -> Element:
    closed = value.kind is not None and value.kind.code == CLOSING_HOURS
    inside = flatten((scribe.optional("operatingHoursType", value.kind), scribe.record(value.record)))
    return element(
        "operatingHours",
        *ordered(
            OPERATING_HOURS[scribe.version],
            {
                "openFlag": element("openFlag", text="false" if closed else "true"),
                "dayOfTheWeek": [element("dayOfTheWeek", text=str(weekday)) for weekday in value.days],
                "beginningHour": hour("beginningHour", value.begin),
                "endingHour": hour("endingHour", value.end),
                "beginEffectiveDate": day("beginEffectiveDate", value.since),
                "endEffectiveDate": day("endEffectiveDate", value.until),
                "extension": extension(*inside),
            },
        ),
    )


def zones(scribe: Scribe, name: str, values: Iterable[Zone]) -> list[Element]:
    """Territories."""
    return [
        element(
            name,
            scribe.coded("type", value.kind),
            scribe.coded("codedType", value.division),
            scribe.record(value.record),
        )
        for value in values
    ]


def patients(scribe: Scribe, publics: Sequence[Coded], youngest: Measure, oldest: Measure, record: Record) -> Element:
    """`patientsType`."""
    return element(
        "patientsType",
        *scribe.each("supportedPatient", publics),
        scribe.measure("patientTypeAgeMin", youngest),
        scribe.measure("patientTypeAgeMax", oldest),
        scribe.record(record),
    )


def address(value: Address) -> Element:
    """One line that carries the parts as attributes."""
    parts = {
        "buildingNumber": value.number,
        "buildingName": value.complement,
        "streetType": value.street_type,
        "streetName": value.street,
        "postCode": value.post_code,
        "cityName": value.city,
    }
    return element("address", element("addressLine", **{name: part for name, part in parts.items() if part}))
