"""What a reading asks for: fields, publics, changes since, the reduced answer, one organisation and its chain.

Contract sections 5, 10 and 14.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime

from conformance.reference.dataset import EstablishmentContent, Offer, Record

MEDICO_SOCIAL = "04"


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a reading of one establishment."""

    since: datetime | None = None
    fields: frozenset[str] = frozenset()
    publics: frozenset[str] = frozenset()
    restricted: bool = False


def records(value: object) -> Iterable[Record]:
    """Every record in a value, however deep."""
    if isinstance(value, Record):
        yield value
    elif isinstance(value, tuple):
        for entry in value:
            yield from records(entry)
    elif is_dataclass(value):
        for field in fields(value):
            yield from records(getattr(value, field.name))


def changed(offer: Offer, since: datetime) -> bool:
    """Whether the offer, or anything it owns, changed after an instant."""
    return any(record.updated > since for record in records(offer))


def _asked(offer: Offer, filters: Filters) -> bool:
    if filters.fields and offer.field.code not in filters.fields:
        return False
    if filters.publics and offer.field.code == MEDICO_SOCIAL:
        publics = {public.code for public in offer.publics}
        if not publics & filters.publics:
            return False
    return filters.since is None or changed(offer, filters.since)


def selected(content: EstablishmentContent, filters: Filters) -> EstablishmentContent:
    """The offers asked for with what hangs on them, and every level of the fields asked (RG_ALIM_018, RG_ALIM_020)."""
    offers = tuple(offer for offer in content.offers if _asked(offer, filters))
    kept = {offer.identifier for offer in offers}
    units = tuple(
        unit
        for unit in content.internal_units
        if not filters.fields or any(field.code in filters.fields for field in unit.fields)
    )
    people = tuple(person for person in content.professionals if person.offer in kept)
    chosen = replace(content, offers=offers, internal_units=units, professionals=people)
    return reduced(chosen) if filters.restricted else chosen


def reduced(content: EstablishmentContent) -> EstablishmentContent:
    """The reduced answer (RG_ALIM_015)."""
    return replace(
        content,
        establishment=replace(content.establishment, prices=()),
        offers=tuple(_reduced(offer) for offer in content.offers),
    )


def _reduced(offer: Offer) -> Offer:
    return replace(
        offer,
        places=(),
        resource_professions=(),
        professions=(),
        specialities=(),
        skills=(),
        reception=None,
        home_modes=tuple(mode for mode in offer.home_modes if mode.code != "01"),
        acts=(),
        specialisations=(),
        annual_opening=None,
        zones=(),
        hours=(),
        psychiatric_sectors=(),
        facility_type=offer.facility_type if offer.field.code == MEDICO_SOCIAL else None,
    )


def chain(content: EstablishmentContent, identifier: str) -> EstablishmentContent | None:
    """One organisation with its whole chain upwards, None when the content does not show it."""
    parents = {unit.identifier: unit.parent for unit in content.internal_units}
    offers = tuple(offer for offer in content.offers if offer.identifier == identifier)
    if not offers and identifier not in parents:
        return None
    above = offers[0].parent if offers else identifier
    wanted = set()
    while above is not None:
        wanted.add(above)
        above = parents[above]
    return replace(
        content,
        internal_units=tuple(unit for unit in content.internal_units if unit.identifier in wanted),
        offers=offers,
        professionals=tuple(person for person in content.professionals if person.offer == identifier),
    )
