"""The content of one member: an index in memory, each establishment made on demand from the seed."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from conformance.reference.content.fictitious import copy_of, fictitious_rows
from conformance.reference.content.offers import Site, offer
from conformance.reference.content.organisations import establishment, internal_units, legal_entity, tree
from conformance.reference.content.people import Directory
from conformance.reference.content.plan import plan
from conformance.reference.content.professionals import professionals
from conformance.reference.content.rhythm import Lives, chance, last_change
from conformance.reference.content.source import Row, rows
from conformance.reference.dataset import REGIONS_OF_MEMBER, EstablishmentContent, Position
from conformance.reference.region import EstablishmentKey, OfferSketch, RegionContent

REFERENCE_DATE = date(2026, 11, 1)
SEED = 2026


def _made(row: Row, seed: int, reference: date) -> EstablishmentContent:
    dice = chance(seed, row.finess)
    lives = Lives(dice, last_change(seed, row.finess, reference))
    site = Site(row, dice, lives, Directory(dice, lives, row.region, row.finess))
    planned = plan(row)
    chains = tree(planned, row)
    offers = tuple(
        offer(site, entry, serial, f"{row.region}/{chain[-1][1]}" if chain else None)
        for serial, (entry, chain) in enumerate(zip(planned, chains, strict=True), start=1)
    )
    return EstablishmentContent(
        legal_entity=legal_entity(row, seed, reference),
        establishment=establishment(site, planned),
        internal_units=internal_units(site, chains, offers),
        offers=offers,
        professionals=tuple(
            person
            for entry, made in zip(planned, offers, strict=True)
            for person in professionals(site, entry.template, made)
        ),
    )


class _Region:
    """Rows by FINESS number; a copy keeps only its serial and the row it copies."""

    def __init__(self, member: str, scale: int, seed: int, reference: date) -> None:
        self.member = member
        self._seed = seed
        self._reference = reference
        base = [row for row in rows() if row.region in REGIONS_OF_MEMBER[member]]
        for region in REGIONS_OF_MEMBER[member]:
            base.extend(fictitious_rows(region))
        self._rows: dict[str, tuple[Row, int]] = {row.finess: (row, 0) for row in base}
        self._add_copies(base, scale)
        self.keys = tuple(self._key(finess) for finess in self._rows)

    def _add_copies(self, base: list[Row], scale: int) -> None:
        serials: dict[str, int] = defaultdict(int)
        for _ in range(scale - 1):
            for row in base:
                serial = serials[row.department]
                serials[row.department] += 1
                self._rows[copy_of(row, serial).finess] = (row, serial + 1)

    def _row(self, finess: str) -> Row:
        row, serial = self._rows[finess]
        return copy_of(row, serial - 1) if serial else row

    def _key(self, finess: str) -> EstablishmentKey:
        row = self._row(finess)
        planned = plan(row)
        return EstablishmentKey(
            finess=finess,
            region=row.region,
            department=row.department,
            updated=last_change(self._seed, finess, self._reference),
            fields=tuple(sorted({entry.template.field for entry in planned})),
            publics=tuple(sorted({public for entry in planned for public in entry.template.publics})),
            offers=len(planned),
            insee=row.address.insee,
        )

    def establishment(self, finess: str) -> EstablishmentContent | None:
        """The content of an establishment, made anew at each call, always the same."""
        if finess not in self._rows:
            return None
        return _made(self._row(finess), self._seed, self._reference)

    def establishments(self) -> Iterator[EstablishmentContent]:
        """One at a time, in the order of the index."""
        for key in self.keys:
            yield _made(self._row(key.finess), self._seed, self._reference)

    def position(self, finess: str) -> Position | None:
        """Straight from the row."""
        return self._row(finess).position

    def sketches(self, finess: str) -> tuple[OfferSketch, ...]:
        """Read off the plan: no offer is made."""
        row = self._row(finess)
        return tuple(
            OfferSketch(
                identifier=f"{row.region}/UE-{finess}-{serial:02d}",
                sensitive=entry.template.sensitive,
                care_mode=entry.template.mode,
                activities=frozenset(entry.template.activities),
                acts=frozenset(entry.template.acts),
                equipment=frozenset(entry.template.equipment),
                specialities=frozenset(entry.template.specialities),
                age_min=entry.template.ages[0],
                age_max=entry.template.ages[1],
            )
            for serial, entry in enumerate(plan(row), start=1)
        )

    def of_unit(self, identifier: str) -> EstablishmentContent | None:
        """An identifier of ours quotes its establishment (`84/UE-690000088-01`); others belong to nobody."""
        parts = identifier.split("-")
        found = self.establishment(parts[1]) if len(parts) == 3 else None
        if found is None:
            return None
        known = {unit.identifier for unit in found.internal_units} | {made.identifier for made in found.offers}
        return found if identifier in known else None

    def offer_count(self) -> int:
        """Counted from the index."""
        return sum(key.offers for key in self.keys)


def content(member: str, *, scale: int = 1, seed: int = SEED, reference: date = REFERENCE_DATE) -> RegionContent:
    """What a member's directory holds; the same arguments give the same content, to the byte."""
    return _Region(member, scale, seed, reference)
