"""What a code is worth at its place: known to its table, born, in the value set of its element (contract section 13).

Nothing is refused: a code is carried as it is, and what is odd about it is noted by the reader or the writer at hand.
What cannot be verified, for want of the table or of the value set, is neither a loss nor a finding: it is counted.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

import msgspec

from mappings.exposition.values import Code
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.bindings import Membership, in_binding
from mappings.nomenclatures.catalogue import Catalogue, current
from mappings.nomenclatures.tables import State, resolve

OUTSIDE = "code.outside"


class Judgement(msgspec.Struct, frozen=True):
    """What is odd about a code: its table does not hold it, its day is before its birth, its value set is without it;
    `unverifiable` when nothing held can tell.
    """

    unknown: bool
    later: bool
    outside: bool
    unverifiable: bool

    def findings(self) -> Iterator[tuple[LossKind, str, Severity]]:
        """What a reader notes of the code: the kind, the rule, the severity."""
        if self.unknown:
            yield LossKind.UNRESOLVED, "code.unresolved", Severity.WARNING
        if self.later:
            yield LossKind.INCONSISTENT, "code.later", Severity.INFORMATION
        if self.outside:
            yield LossKind.INCONSISTENT, OUTSIDE, Severity.INFORMATION


def judge(element: str | None, code: Code, version: str, at: date) -> Judgement | None:
    """The judgement of a code at an element of the bindings, in a version, on a day; None when nothing is odd.

    Without an element, no value set speaks of the place: that is unverifiable.
    """
    return _judged(current(), element, code.cle, version, at)


@lru_cache(maxsize=65536)
def _judged(
    catalogue: Catalogue, element: str | None, code: tuple[str, str], version: str, at: date
) -> Judgement | None:
    value = Code(*code)
    worth = resolve(value, at)
    membership = in_binding(element, value, version, at) if element is not None else Membership.UNVERIFIABLE
    unknown = worth.state is State.UNKNOWN
    judgement = Judgement(
        unknown=unknown,
        later=worth.later,
        outside=not unknown and membership is Membership.OUTSIDE,
        unverifiable=not unknown and (worth.state is State.UNVERIFIABLE or membership is Membership.UNVERIFIABLE),
    )
    return judgement if any(msgspec.structs.astuple(judgement)) else None
