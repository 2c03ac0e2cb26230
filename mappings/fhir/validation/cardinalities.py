"""How many items of each kind a list holds, counted in one number and judged once per number.

Each kind has its share of the bits: the sum of the shares of the items is the count of every kind at once. The sums
that were found good are remembered, so that a list like those seen before costs one look.
"""

from collections.abc import Sequence

import msgspec

from mappings.fhir.validation.finding import Report
from mappings.loss import Severity

UNBOUNDED = 10**9
# A list of more items than a share can count does not fit in any body the gateway reads.
_BITS = 24
_REMEMBERED = 4096


class Bounds(msgspec.Struct, frozen=True):
    """How many items of one kind there may be; `tolerated` aspects are warned about only."""

    rule: str
    low: int
    high: int
    tolerated: tuple[str, ...] = ()


def limit(written: str) -> int:
    """A maximum as a number."""
    return UNBOUNDED if written == "*" else int(written)


def weight(place: int) -> int:
    """What one item of the kind at that place adds to the sum."""
    return 1 << (_BITS * place)


class Cardinalities:
    """The bounds of the kinds of one list; `good` holds sums known to respect them."""

    __slots__ = ("_bounds", "good")

    def __init__(self, bounds: Sequence[Bounds]) -> None:
        self._bounds = tuple(bounds)
        self.good: set[int] = set()

    def judge(self, total: int, values: object, report: Report) -> None:
        """Say which kinds are too few or too many."""
        mark = len(report.findings)
        for place, bounds in enumerate(self._bounds):
            count = (total >> (_BITS * place)) & ((1 << _BITS) - 1)
            if bounds.low <= count <= bounds.high:
                continue
            aspect = "min" if count < bounds.low else "max"
            severity = Severity.WARNING if aspect in bounds.tolerated else Severity.ERROR
            report.add("", f"{bounds.rule}/{aspect}", values if count else None, severity)
        if len(report.findings) == mark and len(self.good) < _REMEMBERED:
            self.good.add(total)
