"""Telecoms and contacts: the two shapes of FHIR (FHIR digest, sections 7 and 8)."""

from collections.abc import Iterable

from mappings.exposition.contact import BoiteLettreMSS, Contact, Telecommunication
from mappings.exposition.values import Code
from mappings.fhir import urls
from mappings.fhir.datatypes import (
    Extensions,
    added_extensions,
    coded,
    optional_concept,
    read_concept,
)
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, compact, items, member, text, texts
from mappings.loss import LossKind, Severity
from mappings.rules.levels import more_open

CHANNEL = urls.ror("ror-telecom-communication-channel")
USAGE = urls.ror("ror-telecom-usage")
TELECOM_LEVEL = urls.ror("ror-telecom-confidentiality-level")
# The guide defines both; its profiles use the first.
OTHER_TELECOM_LEVEL = urls.ror("ror-contact-telecom-confidentiality-level")
CONTACT_FUNCTION = urls.ror("ror-contact-function-contact")
CONTACT_DESCRIPTION = urls.ror("ror-contact-description")
CONTACT_LEVEL = urls.ror("ror-contact-confidentiality-level")
OFFER_CONTACT = urls.ror("ror-healthcareservice-contact")
OFFER_CONTACT_LEVEL = urls.ror("ror-confidentiality-level")
OFFER_CONTACT_TELECOM = urls.ror("ror-healthcareservice-contact-telecom")

# R200 to ContactPoint.system; the channels of electronic mail are those of a secure mailbox too.
SYSTEMS = {
    "1": "phone",
    "2": "phone",
    "3": "email",
    "4": "url",
    "5": "other",
    "6": "fax",
    "7": "other",
    "8": "phone",
    "9": "email",
}
MAIL_CHANNELS = frozenset({"3", "9"})
_CHANNELS = {"phone": "2", "email": "3", "url": "4", "fax": "6", "other": "5"}

VERY_RESTRICTED = Code("R283", "3")


def _level(level: Code | None, path: str, notes: Notes) -> Code:
    """The level; one that the source does not give is the most protected one, for want of any permission."""
    if level is not None:
        return level
    notes.note(LossKind.DEFAULTED, path, "fhir.confidentiality.absent", "code")
    return VERY_RESTRICTED


def _telecom_level(telecom: Telecommunication, floor: Code | None, notes: Notes) -> Code:
    """The level of a telecom, never more open than its contact's (RG_EXP_034)."""
    path = "niveau_confidentialite"
    level = telecom.niveau_confidentialite
    if level is not None and (floor is None or level == floor):
        return level
    if level is None and floor is not None:
        notes.note(LossKind.DERIVED, path, "fhir.confidentiality.of-contact", "code")
        return floor
    if floor is not None and more_open(level, floor):
        notes.note(LossKind.REPAIRED, path, "fhir.confidentiality.raised", "code")
        return floor
    return _level(level, path, notes)


def telecoms(values: Iterable[Telecommunication], notes: Notes, floor: Code | None = None) -> list[Json]:
    """ContactPoints; one without address cannot be written."""
    return [written for value in values if (written := _telecom(value, floor, notes)) is not None]


def _usable(telecom: Telecommunication, notes: Notes) -> bool:
    notes.record(telecom.metadonnee)
    if telecom.ajouts:
        notes.additions(telecom.ajouts)
    if telecom.certificat:
        notes.dropped("certificat", "fhir.telecom.certificate", "text")
    if not telecom.adresse_telecom:
        notes.dropped("", "fhir.telecom.without-address", "telecom")
    return bool(telecom.adresse_telecom)


def _telecom(telecom: Telecommunication, floor: Code | None, notes: Notes) -> Json | None:
    if not _usable(telecom, notes):
        return None
    return {
        "extension": [*_channel_and_level(telecom, floor, notes), *added_extensions(telecom.ajouts)],
        "system": SYSTEMS.get(telecom.canal.code, "other"),
        "value": telecom.adresse_telecom,
    }


def _channel_and_level(telecom: Telecommunication, floor: Code | None, notes: Notes) -> list[Json]:
    level = coded(TELECOM_LEVEL, _telecom_level(telecom, floor, notes))
    if not telecom.utilisation:
        return [coded(CHANNEL, telecom.canal), level]
    return [coded(CHANNEL, telecom.canal), {"url": USAGE, "valueString": telecom.utilisation}, level]


def mailbox_telecoms(boites: Iterable[BoiteLettreMSS], notes: Notes) -> list[Json]:
    """Secure mailboxes as ContactPoints."""
    known = []
    for boite in boites:
        notes.record(boite.metadonnee)
        if boite.telecommunication is None:
            notes.dropped("", "fhir.telecom.empty-mailbox", "object", Severity.INFORMATION)
        else:
            known.append(boite.telecommunication)
    return telecoms(known, notes.at("telecommunication"))


def telecoms_and_mailboxes(
    telecommunications: tuple[Telecommunication, ...], boites: tuple[BoiteLettreMSS, ...], notes: Notes
) -> list[Json]:
    """The telecoms of an organisation or an offer, then its mailboxes: only the channel tells one from the other."""
    for telecom in telecommunications:
        if is_mailbox(telecom):
            notes.note(LossKind.DERIVED, "telecommunications", "fhir.telecom.mailbox", "telecom")
    for box in boites:
        if box.telecommunication and not is_mailbox(box.telecommunication):
            notes.note(LossKind.DERIVED, "boites_lettres_mss.telecommunication", "fhir.telecom.mailbox", "telecom")
    written = telecoms(telecommunications, notes.at("telecommunications")) if telecommunications else []
    return written + mailbox_telecoms(boites, notes.at("boites_lettres_mss")) if boites else written


def read_telecoms(element: Json) -> tuple[Telecommunication, ...]:
    """The telecoms of an element."""
    return tuple(map(_read_telecom, items(element, "telecom")))


def _read_telecom(json: Json) -> Telecommunication:
    extensions = Extensions(json)
    return Telecommunication(
        canal=extensions.code(CHANNEL) or Code("R200", _CHANNELS.get(text(json, "system") or "", "5")),
        adresse_telecom=text(json, "value"),
        utilisation=extensions.string(USAGE),
        niveau_confidentialite=extensions.code(TELECOM_LEVEL) or extensions.code(OTHER_TELECOM_LEVEL),
        ajouts=extensions.left,
    )


def is_mailbox(telecom: Telecommunication) -> bool:
    """Whether a telecom of a resource that only has mailboxes in the profile is one: electronic mail."""
    return telecom.canal.code in MAIL_CHANNELS


def split_mailboxes(element: Json) -> tuple[tuple[Telecommunication, ...], tuple[BoiteLettreMSS, ...]]:
    """The telecoms of an element that are no electronic mail, and its mailboxes."""
    telecommunications = read_telecoms(element)
    return (
        tuple(telecom for telecom in telecommunications if not is_mailbox(telecom)),
        tuple(BoiteLettreMSS(telecom) for telecom in telecommunications if is_mailbox(telecom)),
    )


def organization_contacts(contacts: tuple[Contact, ...], notes: Notes) -> list[Json]:
    """`Organization.contact`."""
    if not contacts:
        return []
    of_contacts = notes.at("contacts")
    of_telecoms = of_contacts.at("telecommunications")
    return [_organization_contact(contact, of_contacts, of_telecoms) for contact in contacts]


def _note_contact(contact: Contact, notes: Notes) -> None:
    if contact.civilite is not None:
        notes.note(LossKind.WIDENED, "civilite", "fhir.contact.honorific", "code")
    notes.record(contact.metadonnee)
    if contact.ajouts:
        notes.additions(contact.ajouts)


def _human_name(contact: Contact) -> Json:
    written: Json = {"text": contact.nom} if contact.nom else {}
    prefix = contact.civilite and (contact.civilite.libelle or contact.civilite.code)
    if prefix:
        written["prefix"] = [prefix]
    return written


def _organization_contact(contact: Contact, notes: Notes, of_telecoms: Notes) -> Json:
    _note_contact(contact, notes)
    level = _level(contact.niveau_confidentialite, "niveau_confidentialite", notes)
    parts: list[Json] = []
    if contact.fonction_contact is not None:
        parts.append(coded(CONTACT_FUNCTION, contact.fonction_contact))
    if contact.description:
        parts.append({"url": CONTACT_DESCRIPTION, "valueString": contact.description})
    parts.append(coded(CONTACT_LEVEL, level))
    return compact(
        {
            "extension": [*parts, *added_extensions(contact.ajouts)],
            "purpose": optional_concept(contact.nature_contact),
            "name": _human_name(contact),
            "telecom": telecoms(contact.telecommunications, of_telecoms, level),
        }
    )


def read_organization_contacts(resource: Json) -> tuple[Contact, ...]:
    """The contacts of an Organization."""
    return tuple(map(_read_organization_contact, items(resource, "contact")))


def _read_organization_contact(json: Json) -> Contact:
    extensions = Extensions(json)
    nom, civilite = _read_name(member(json, "name"))
    return Contact(
        nom=nom,
        civilite=civilite,
        fonction_contact=extensions.code(CONTACT_FUNCTION),
        nature_contact=read_concept(member(json, "purpose")),
        description=extensions.string(CONTACT_DESCRIPTION),
        niveau_confidentialite=extensions.code(CONTACT_LEVEL),
        telecommunications=read_telecoms(json),
        ajouts=extensions.left,
    )


def _read_name(name: Json) -> tuple[str | None, Code | None]:
    parts = [*texts(name, "given"), text(name, "family")]
    prefixes = [prefix for prefix in texts(name, "prefix") if prefix]
    return (
        text(name, "text") or " ".join(part for part in parts if part) or None,
        Code("", prefixes[0]) if prefixes else None,
    )


def offer_contacts(contacts: tuple[Contact, ...], notes: Notes) -> list[Json]:
    """The contact extensions of a HealthcareService."""
    if not contacts:
        return []
    of_contacts = notes.at("contacts")
    of_telecoms = of_contacts.at("telecommunications")
    return [_offer_contact(contact, of_contacts, of_telecoms) for contact in contacts]


def _offer_contact(contact: Contact, notes: Notes, of_telecoms: Notes) -> Json:
    _note_contact(contact, notes)
    level = _level(contact.niveau_confidentialite, "niveau_confidentialite", notes)
    parts: list[Json] = []
    name = _human_name(contact)
    if name:
        parts.append({"url": "name", "valueHumanName": name})
    if contact.fonction_contact is not None:
        parts.append(coded(CONTACT_FUNCTION, contact.fonction_contact))
    if contact.nature_contact is not None:
        parts.append(coded("purposeContact", contact.nature_contact))
    if contact.description:
        parts.append({"url": "description", "valueString": contact.description})
    parts.append(coded(OFFER_CONTACT_LEVEL, level))
    for telecom in contact.telecommunications:
        if _usable(telecom, of_telecoms):
            parts.append(_offer_telecom(telecom, level, of_telecoms))
    return {"url": OFFER_CONTACT, "extension": [*parts, *added_extensions(contact.ajouts)]}


def _offer_telecom(telecom: Telecommunication, floor: Code, notes: Notes) -> Json:
    parts = _channel_and_level(telecom, floor, notes)
    parts.append({"url": "telecomAddress", "valueString": telecom.adresse_telecom})
    return {"url": OFFER_CONTACT_TELECOM, "extension": [*parts, *added_extensions(telecom.ajouts)]}


def read_offer_contacts(extensions: Extensions) -> tuple[Contact, ...]:
    """The contacts of a HealthcareService."""
    return tuple(map(_read_offer_contact, extensions.take_all(OFFER_CONTACT)))


def _read_offer_contact(json: Json) -> Contact:
    extensions = Extensions(json)
    name = extensions.take("name")
    nom, civilite = _read_name(member(name, "valueHumanName"))
    return Contact(
        nom=nom or text(name, "valueString"),
        civilite=civilite,
        fonction_contact=extensions.code(CONTACT_FUNCTION),
        nature_contact=extensions.code("purposeContact"),
        description=extensions.string("description"),
        niveau_confidentialite=extensions.code(OFFER_CONTACT_LEVEL),
        telecommunications=tuple(map(_read_offer_telecom, extensions.take_all(OFFER_CONTACT_TELECOM))),
        ajouts=extensions.left,
    )


def _read_offer_telecom(json: Json) -> Telecommunication:
    extensions = Extensions(json)
    return Telecommunication(
        canal=extensions.code(CHANNEL) or Code("R200", "5"),
        adresse_telecom=extensions.string("telecomAddress"),
        utilisation=extensions.string(USAGE),
        niveau_confidentialite=extensions.code(TELECOM_LEVEL) or extensions.code(OTHER_TELECOM_LEVEL),
        ajouts=extensions.left,
    )
