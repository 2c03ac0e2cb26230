"""Professionals: contract section 7.5."""

from collections.abc import Iterable

from conformance.reference.csd.contacts import hours, mailboxes, telecoms
from conformance.reference.csd.dialect import Contract
from conformance.reference.csd.wire import (
    OID_PROFESSIONAL,
    Element,
    Scribe,
    element,
    extension,
    flag,
    flatten,
    other_id,
    reference,
    text,
)
from conformance.reference.dataset import KnowHow, Professional

# the element of the know-how extension, by the table of the value
KNOW_HOW_ELEMENTS = {
    "R38": "speciality",
    "R39": "competence",
    "R40": "exclusiveCompetence",
    "G13": "particularSkills",
    "R43": "capacity",
}


def _name(scribe: Scribe, value: Professional) -> Element:
    if scribe.version.before_levels:
        title = text("honorific", value.title.label if value.title else None)
    else:
        title = scribe.optional("honorific", value.title)
    return element(
        "name",
        *flatten(
            (
                element("commonName", text=value.name),
                title,
                text("forename", value.forename),
                extension(scribe.coded("title", value.civility)),
            )
        ),
    )


def _credential(scribe: Scribe, value: KnowHow) -> Element:
    """Up to 1.6 the type of the know-how only: its value has no place."""
    made = element("credential", scribe.coded("codedType", value.kind), element("number", text=value.number))
    if not scribe.version.before_levels:
        name = KNOW_HOW_ELEMENTS[value.value.system]
        made.append(extension(scribe.coded(name, value.value), scribe.record(value.record)))
    return made


def _situation(scribe: Scribe, value: Professional) -> Element:
    """`operationalStatus`: one telecom and one slot in 2.4."""
    several = scribe.version is Contract.V3_0
    return element(
        "operationalStatus",
        *flatten(
            (
                scribe.coded("exerciceModeInUnit", value.mode),
                telecoms(scribe, value.telecoms if several else value.telecoms[:1]),
                scribe.each("specificSkills", value.skills),
                hours(scribe, value.hours if several else value.hours[:1]),
                scribe.optional("agreementSector", value.sector),
                flag("contractOptionHealthCareAccess", value.access_contract),
                flag("vitaleCardAccepted", value.vitale),
                None if several else flag("homeVisit", value.home_visit),
                scribe.record(value.record),
            )
        ),
    )


def professional(scribe: Scribe, value: Professional, key: str, establishment: str, offer: str) -> Element:
    """`provider`, linked to its EG and its unit."""
    inside: Iterable[Element] = ()
    if not scribe.version.before_levels:
        boxes = mailboxes(scribe, (value.mailbox,) if value.mailbox else ())
        inside = (_situation(scribe, value), *boxes)
    return element(
        "provider",
        *flatten(
            (
                other_id(value.identifier, OID_PROFESSIONAL),
                scribe.coded("codedType", value.profession),
                element("demographic", _name(scribe, value)),
                element("organizations", reference("organization", establishment)),
                element("facilities", reference("facility", offer)),
                [_credential(scribe, entry) for entry in value.know_how],
                extension(*inside) if inside else None,
                scribe.record(value.record),
            )
        ),
        entityID=key,
    )
