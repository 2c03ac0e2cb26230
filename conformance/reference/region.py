"""How one reaches what a reference region knows: an index in memory, and content made on demand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from conformance.reference.dataset import EstablishmentContent, Position


@dataclass(frozen=True, slots=True)
class EstablishmentKey:
    """What the index keeps of an establishment: enough for a notification and for finding where to look."""

    finess: str
    region: str
    department: str
    updated: datetime
    fields: tuple[str, ...]
    publics: tuple[str, ...]
    offers: int
    insee: str


@dataclass(frozen=True, slots=True)
class OfferSketch:
    """What a search looks at in an offer, known without making the offer; every code without its table."""

    identifier: str
    sensitive: bool
    care_mode: str
    activities: frozenset[str]
    acts: frozenset[str]
    equipment: frozenset[str]
    specialities: frozenset[str]
    age_min: int
    age_max: int


class RegionContent(Protocol):
    """The content of one member: an index in memory, establishments made on demand and always the same."""

    member: str
    keys: tuple[EstablishmentKey, ...]

    def establishment(self, finess: str) -> EstablishmentContent | None:
        """The content of an establishment, None when the member does not know it."""

    def establishments(self) -> Iterator[EstablishmentContent]:
        """Every establishment in the order of the index, one at a time."""

    def position(self, finess: str) -> Position | None:
        """The coordinates of an establishment, when the source has them."""

    def sketches(self, finess: str) -> tuple[OfferSketch, ...]:
        """The offers of an establishment as a search sees them."""

    def of_unit(self, identifier: str) -> EstablishmentContent | None:
        """The content that holds an internal organisation or an offer, by its identifier (`84/…`)."""

    def offer_count(self) -> int:
        """How many offers the member has, counted from the index."""
