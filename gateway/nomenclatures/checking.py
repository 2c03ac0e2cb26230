"""`nomenclatures check`: every code of some documents judged, counted by place."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import msgspec

from gateway.nomenclatures.occurrences import Occurrence
from mappings.exposition.values import Code
from mappings.nomenclatures.bindings import GUIDE, Membership, in_binding
from mappings.nomenclatures.spelling import normalise
from mappings.nomenclatures.tables import State, resolve


class Place(msgspec.Struct):
    """What was found at one place, for one nomenclature; no value is kept, only how many of each kind.

    `normalised` are the codes known in another spelling, `later` those that did not exist yet, `outside` those that
    the value set of the place does not hold.
    """

    path: str
    system: str
    active: int = 0
    ended: int = 0
    deprecated: int = 0
    unknown: int = 0
    unverifiable: int = 0
    normalised: int = 0
    later: int = 0
    outside: int = 0
    outside_unverifiable: int = 0


class Report(msgspec.Struct, frozen=True):
    """The judgement of some documents."""

    at: date
    contract: str
    places: tuple[Place, ...]

    def total(self, count: str) -> int:
        """The sum over all places."""
        return sum(getattr(place, count) for place in self.places)


def check(occurrences: Iterable[Occurrence], *, contract: str, at: date) -> Report:
    """Judge every code on a day, in that version of the contract; FHIR documents by the guide."""
    places: dict[tuple[str, str], Place] = {}
    for (path, element, code), number in Counter((one.path, one.element, one.code) for one in occurrences).items():
        place = places.setdefault((path, code.systeme), Place(path, code.systeme))
        for count in _judge(element, code, contract, at):
            setattr(place, count, getattr(place, count) + number)
    return Report(at, contract, tuple(place for _, place in sorted(places.items())))


@lru_cache(maxsize=65536)
def _judge(element: str | None, code: Code, contract: str, at: date) -> tuple[str, ...]:
    """The counts that one code adds to."""
    right, changed = normalise(code)
    worth = resolve(right, at)
    counts = [worth.state.value]
    counts += ["normalised"] if changed else []
    counts += ["later"] if worth.later else []
    if element is not None and worth.state is not State.UNKNOWN:
        version = GUIDE if element[0].isupper() else contract
        membership = in_binding(element, right, version, at)
        counts += ["outside"] if membership is Membership.OUTSIDE else []
        counts += ["outside_unverifiable"] if membership is Membership.UNVERIFIABLE else []
    return tuple(counts)
