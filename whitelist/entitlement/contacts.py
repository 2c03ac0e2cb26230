"""Contacts and telecoms by their levels, and the telecoms of places (contract section 11)."""

import msgspec

from mappings.exposition.contact import Contact, Telecommunication
from mappings.exposition.lieu import Lieu
from whitelist.entitlement import facts as gathered
from whitelist.entitlement.facts import Facts
from whitelist.entitlement.judge import Judge
from whitelist.entitlement.table import Element

_replace = msgspec.structs.replace


def contacts(judge: Judge, given: tuple[Contact, ...], facts: Facts) -> tuple[Contact, ...]:
    """The contacts that may leave, each with the telecoms that may."""
    kept = judge.kept(given, lambda contact: judge.allows(Element.CONTACT, _at(contact, facts)))
    return tuple(_contact(judge, contact, facts) for contact in kept)


def _contact(judge: Judge, contact: Contact, facts: Facts) -> Contact:
    # the contact is visible, so its level hides nothing more: a telecom less confidential than it counts as it does
    # (RG_EXP_034), a telecom more confidential decides for itself
    kept = judge.kept(
        contact.telecommunications, lambda telecom: judge.allows(Element.CONTACT_TELECOM, _at(telecom, facts))
    )
    return _replace(contact, telecommunications=kept)


def telecoms(judge: Judge, given: tuple[Telecommunication, ...], facts: Facts) -> tuple[Telecommunication, ...]:
    """The telecoms that may leave, by their own level."""
    return judge.kept(given, lambda telecom: judge.allows(Element.TELECOM, _at(telecom, facts)))


def place(judge: Judge, lieu: Lieu, facts: Facts) -> Lieu:
    """The place, with the telecoms that may leave."""
    opened = judge.many(Element.PLACE_TELECOM, lieu.telecommunications, facts)
    return _replace(lieu, telecommunications=telecoms(judge, opened, facts))


def place_if_any(judge: Judge, lieu: Lieu | None, facts: Facts) -> Lieu | None:
    """The place of something that may have none."""
    return place(judge, lieu, facts) if lieu is not None else None


def _at(value: Contact | Telecommunication, facts: Facts) -> Facts:
    return _replace(facts, level=gathered.level(value.niveau_confidentialite))
