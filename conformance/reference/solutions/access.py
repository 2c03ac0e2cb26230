"""What an access profile may see: contract section 11, applied before anything is written.

Profiles are sets of rights, not an order. `medico_social` and `city` are the fields 04 and 05 of what owns the data.
"""

from collections.abc import Iterable
from dataclasses import replace

from conformance.reference.csd.dialect import Contract
from conformance.reference.dataset import (
    CapacityGroup,
    CapacityLine,
    Coded,
    Contact,
    EstablishmentContent,
    InternalUnit,
    Offer,
    Place,
    Record,
    Telecom,
)

MEDICO_SOCIAL, CITY = "04", "05"
INSTALLED, AVAILABLE, EXTRA = "01", "02", "06"
# contract section 17; no token is profile 0
PROFILE_OF_USE = {"CU23": 0, "CU22": 1, "CU20": 2, "CU19": 3, "CU18": 2, "CU21": 3}
PUBLIC, EVERYTHING, RESTRICTED, MEDICO_SOCIAL_ONLY = 0, 1, 2, 3


class Access:
    """The rights of one profile in one version of the contract."""

    def __init__(self, profile: int, version: Contract) -> None:
        self.profile = profile
        self._version = version

    def _restricted(self, fields: Iterable[str]) -> bool:
        """Restricted data: profiles 1 and 2, profile 3 in the medico-social field."""
        if self.profile == MEDICO_SOCIAL_ONLY:
            return MEDICO_SOCIAL in fields
        return self.profile in {EVERYTHING, RESTRICTED}

    def _or_city(self, fields: Iterable[str]) -> bool:
        """What is public in the city and restricted elsewhere."""
        fields = frozenset(fields)
        return CITY in fields or self._restricted(fields)

    def _levels(self, fields: Iterable[str]) -> frozenset[int]:
        if self.profile == EVERYTHING:
            return frozenset((1, 2, 3))
        return frozenset((1, 2)) if self._restricted(fields) else frozenset((1,))

    def shown(self, content: EstablishmentContent) -> EstablishmentContent:
        """The content without what the profile may not see."""
        offers = tuple(self._offer(made) for made in content.offers if self.sees(sensitive=made.sensitive))
        fields = frozenset(made.field.code for made in offers)
        entity, site = content.legal_entity, content.establishment
        everything = self.profile == EVERYTHING
        levels = self._levels(fields)
        known = {made.identifier for made in offers}
        return EstablishmentContent(
            legal_entity=replace(entity, contacts=_contacts(entity.contacts, levels)),
            establishment=replace(
                site,
                contacts=_contacts(site.contacts, levels),
                drop_zone=site.drop_zone if everything else None,
                orsan=site.orsan if everything else None,
                comment=site.comment if self._restricted(fields) else None,
                record=self._record(site.record, fields),
            ),
            internal_units=tuple(self._unit(unit) for unit in content.internal_units),
            offers=offers,
            professionals=tuple(
                person
                for person in content.professionals
                if person.offer in known and self._or_city((_field(offers, person.offer),))
            ),
        )

    def sees(self, *, sensitive: bool) -> bool:
        """Whether a unit may be known at all."""
        return self.profile == EVERYTHING or not sensitive

    def _unit(self, unit: InternalUnit) -> InternalUnit:
        fields = frozenset(field.code for field in unit.fields)
        return replace(unit, contacts=_contacts(unit.contacts, self._levels(fields)))

    def _offer(self, made: Offer) -> Offer:
        fields = (made.field.code,)
        restricted = self._restricted(fields)
        nothing: tuple[Coded, ...] = ()
        return replace(
            made,
            contacts=_contacts(made.contacts, self._levels(fields)),
            places=tuple(self._place(place, fields) for place in made.places),
            resource_professions=made.resource_professions if restricted else nothing,
            professions=made.professions if restricted else nothing,
            specialities=made.specialities if restricted else nothing,
            skills=made.skills if restricted else nothing,
            specialisations=made.specialisations if restricted else nothing,
            acts=made.acts if restricted else nothing,
            acts_outside=made.acts_outside if restricted else nothing,
            record=self._record(made.record, fields),
        )

    def _record(self, record: Record, fields: Iterable[str]) -> Record:
        return record if self._restricted(fields) else replace(record, comment=None)

    def _place(self, place: Place, fields: tuple[str, ...]) -> Place:
        groups = (replace(group, lines=self._lines(group, fields)) for group in place.capacity)
        return replace(
            place,
            telecoms=place.telecoms if self._or_city(fields) else (),
            equipment=place.equipment if self._restricted(fields) else (),
            # a group without a line has no shape on the wire: the smallest optional ancestor goes
            capacity=tuple(group for group in groups if group.lines),
        )

    def _lines(self, group: CapacityGroup, fields: tuple[str, ...]) -> tuple[CapacityLine, ...]:
        return tuple(line for line in group.lines if self._counts(line, fields))

    def _counts(self, line: CapacityLine, fields: tuple[str, ...]) -> bool:
        if self.profile == EVERYTHING:
            return True
        if self._version is Contract.V3_0:
            return line.status.code != EXTRA and self._restricted(fields)
        if line.crisis is not None:
            return False
        if line.status.code == AVAILABLE:
            # never at profile 3 up to 2.4, even for the medico-social field
            return self.profile == RESTRICTED
        return line.status.code == INSTALLED


def _field(offers: Iterable[Offer], identifier: str) -> str:
    return next(made.field.code for made in offers if made.identifier == identifier)


def _contacts(contacts: Iterable[Contact], levels: frozenset[int]) -> tuple[Contact, ...]:
    return tuple(
        replace(contact, telecoms=_telecoms(contact.telecoms, levels))
        for contact in contacts
        if contact.level in levels
    )


def _telecoms(telecoms: Iterable[Telecom], levels: frozenset[int]) -> tuple[Telecom, ...]:
    return tuple(telecom for telecom in telecoms if telecom.level in levels)
