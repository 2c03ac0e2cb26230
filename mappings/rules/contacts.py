"""Contacts: RG_EXP_034 and RG_EXP_039 are repaired toward the closed side, RG_EXP_040 and RG_EXP_041 are told."""

import msgspec

from mappings.exposition.contact import Contact, Telecommunication
from mappings.exposition.values import Code
from mappings.loss import Ledger
from mappings.rules.levels import VERY_RESTRICTED, more_open, rank
from mappings.rules.notes import found, repaired

_replace = msgspec.structs.replace
_LEVEL = "contacts.niveau_confidentialite"
_TELECOM_LEVEL = "contacts.telecommunications.niveau_confidentialite"


def ruled(contacts: tuple[Contact, ...], key: str, ledger: Ledger, *, sensitive: bool) -> tuple[Contact, ...]:
    """The contacts as the rules want them; the same tuple when they obey."""
    kept = tuple(_contact(one, key, ledger, sensitive=sensitive) for one in contacts)
    return contacts if all(new is old for new, old in zip(kept, contacts, strict=True)) else kept


def _contact(contact: Contact, key: str, ledger: Ledger, *, sensitive: bool) -> Contact:
    _person_or_desk(contact, key, ledger)
    if sensitive and rank(contact.niveau_confidentialite) != 3:
        repaired(ledger, "RG_EXP_039", key, _LEVEL)
        contact = _replace(contact, niveau_confidentialite=VERY_RESTRICTED)
    floor = contact.niveau_confidentialite
    if not any(more_open(one.niveau_confidentialite, floor) for one in contact.telecommunications):
        return contact
    telecoms = tuple(_raised(one, floor, key, ledger) for one in contact.telecommunications)
    return _replace(contact, telecommunications=telecoms)


def _raised(telecom: Telecommunication, floor: Code | None, key: str, ledger: Ledger) -> Telecommunication:
    """A telecom is at least as confidential as its contact."""
    if not more_open(telecom.niveau_confidentialite, floor):
        return telecom
    repaired(ledger, "RG_EXP_034", key, _TELECOM_LEVEL)
    return _replace(telecom, niveau_confidentialite=floor)


def _person_or_desk(contact: Contact, key: str, ledger: Ledger) -> None:
    """A desk has a nature and nothing of a person; a person has a function, a name, and no nature."""
    desk, person = contact.nature_contact is not None, contact.fonction_contact is not None
    if desk and (person or contact.nom):
        found(ledger, "RG_EXP_040", key, "contacts.nature_contact")
    if person and (desk or not contact.nom):
        found(ledger, "RG_EXP_041", key, "contacts.fonction_contact")
