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
    changed: dict[int, Contact] = {}
    for place, contact in enumerate(contacts):
        _person_or_desk(contact, key, ledger)
        kept = _closed(contact, key, ledger) if sensitive else contact
        if _too_open(kept):
            telecoms = tuple(_raised(one, kept.niveau_confidentialite, key, ledger) for one in kept.telecommunications)
            kept = _replace(kept, telecommunications=telecoms)
        if kept is not contact:
            changed[place] = kept
    return tuple(changed.get(place, one) for place, one in enumerate(contacts)) if changed else contacts


def _closed(contact: Contact, key: str, ledger: Ledger) -> Contact:
    """The contact of a sensitive unit."""
    if rank(contact.niveau_confidentialite) == 3:
        return contact
    repaired(ledger, "RG_EXP_039", key, _LEVEL)
    return _replace(contact, niveau_confidentialite=VERY_RESTRICTED)


def _too_open(contact: Contact) -> bool:
    """Whether a telecom of the contact is more open than it."""
    least = rank(contact.niveau_confidentialite)
    if least is None or least == 1:
        return False
    for telecom in contact.telecommunications:
        known = rank(telecom.niveau_confidentialite)
        if known is not None and known < least:
            return True
    return False


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
