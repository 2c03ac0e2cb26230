"""The content of a region that breaks the business rules of the contract's section 14, one thing of each kind."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from conformance.reference.dataset import Coded, Contact, EstablishmentContent, InternalUnit, Offer, Position
from conformance.reference.region import EstablishmentKey, OfferSketch, RegionContent

_NAME = "Nom d'une personne"


def broken(content: EstablishmentContent) -> EstablishmentContent:
    """The same establishment, where what each rule forbids is done."""
    site = content.establishment
    return replace(
        content,
        establishment=replace(
            site,
            contacts=tuple(_opened(contact) for contact in site.contacts),
            territories=tuple(replace(zone, kind=Coded("R201", "2")) for zone in site.territories),
            prices=tuple(
                replace(price, dwelling=Coded("R242", "01")) if price.shape == "surchargePriceResidential" else price
                for price in site.prices
            ),
        ),
        internal_units=tuple(_narrowed(unit) for unit in content.internal_units),
        offers=_nameless(tuple(_shown(offer) for offer in content.offers)),
    )


def _opened(contact: Contact) -> Contact:
    """RG_EXP_034: telecoms too open. RG_EXP_040, RG_EXP_041: a desk with a name, a person without."""
    name = _NAME if contact.nature is not None else None
    return replace(contact, name=name, telecoms=tuple(replace(one, level=1) for one in contact.telecoms))


def _narrowed(unit: InternalUnit) -> InternalUnit:
    """RG_ALIM_006: a level that names one field of those below it."""
    return replace(unit, fields=(Coded("R227", "05"),))


def _shown(offer: Offer) -> Offer:
    """RG_EXP_039: contacts of a sensitive unit that anyone may see."""
    if not offer.sensitive:
        return offer
    return replace(offer, contacts=tuple(replace(contact, level=1) for contact in offer.contacts))


def _nameless(offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """RG_EXP_002: the first of several offers without its name."""
    return (replace(offers[0], name=""), *offers[1:]) if len(offers) > 1 else offers


class Breaking:
    """The content of a region, broken for as long as `now` says so."""

    def __init__(self, content: RegionContent, now: Callable[[], bool]) -> None:
        self._content = content
        self._now = now
        self.member = content.member
        self.keys: tuple[EstablishmentKey, ...] = content.keys

    def establishment(self, finess: str) -> EstablishmentContent | None:
        """As the region knows it, or broken."""
        found = self._content.establishment(finess)
        return broken(found) if found is not None and self._now() else found

    def establishments(self) -> Iterator[EstablishmentContent]:
        """As the region knows them, or broken."""
        for found in self._content.establishments():
            yield broken(found) if self._now() else found

    def of_unit(self, identifier: str) -> EstablishmentContent | None:
        """As the region knows it, or broken."""
        found = self._content.of_unit(identifier)
        return broken(found) if found is not None and self._now() else found

    def position(self, finess: str) -> Position | None:
        """No rule speaks of it."""
        return self._content.position(finess)

    def sketches(self, finess: str) -> tuple[OfferSketch, ...]:
        """No rule speaks of what a search looks at."""
        return self._content.sketches(finess)

    def offer_count(self) -> int:
        """As many."""
        return self._content.offer_count()
