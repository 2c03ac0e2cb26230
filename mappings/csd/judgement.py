"""What a code is worth where it stands: known to its table, in the value set of its element (contract section 13).

Nothing is refused: a code is carried as it is, and what is odd about it is noted. What cannot be verified, for want of
the table or of the value set, is neither a loss nor a finding: it is counted.
"""

from datetime import date
from functools import lru_cache

import msgspec
from lxml import etree

from mappings.csd.contexts import Reading, Writing, local_name
from mappings.exposition.values import Code
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.bindings import Membership, element_of, in_binding
from mappings.nomenclatures.catalogue import Catalogue, current
from mappings.nomenclatures.tables import State, resolve


class Judgement(msgspec.Struct, frozen=True):
    """What is odd about a code: its table does not hold it, its day is before its birth, its value set is without it;
    `unverifiable` when nothing held can tell.
    """

    unknown: bool
    later: bool
    outside: bool
    unverifiable: bool


@lru_cache(maxsize=65536)
def _judged(
    catalogue: Catalogue, place: tuple[str, str], code: tuple[str, str], version: str, at: date
) -> Judgement | None:
    """The judgement of a code at a place (the element and the one above it); None when there is nothing to say."""
    value = Code(*code)
    worth = resolve(value, at)
    element = element_of(*place, value.systeme)
    membership = in_binding(element, value, version, at) if element is not None else Membership.UNVERIFIABLE
    unknown = worth.state is State.UNKNOWN
    judgement = Judgement(
        unknown=unknown,
        later=worth.later,
        outside=not unknown and membership is Membership.OUTSIDE,
        unverifiable=not unknown and (worth.state is State.UNVERIFIABLE or membership is Membership.UNVERIFIABLE),
    )
    return judgement if any(msgspec.structs.astuple(judgement)) else None


def judge_read(element: etree._Element, code: Code, reading: Reading) -> None:
    """Note what is odd about a code read at an element."""
    parent = element.getparent()
    above = local_name(parent) if parent is not None else ""
    found = _judged(current(), (above, local_name(element)), code.cle, reading.version, reading.at)
    if found is None:
        return
    if found.unknown:
        reading.note(LossKind.UNRESOLVED, element, "code.unresolved", value_kind="code")
    if found.later:
        reading.note(LossKind.INCONSISTENT, element, "code.later", value_kind="code", severity=Severity.INFORMATION)
    if found.outside:
        reading.note(LossKind.INCONSISTENT, element, "code.outside", value_kind="code", severity=Severity.INFORMATION)
    reading.ledger.unverifiable += found.unverifiable


def told_outside(name: str, code: Code, writing: Writing) -> bool:
    """Whether the value set of the element being written, on the day of the reader, is without a code: it is noted."""
    place = writing.path.rpartition("/")[2] or writing.entry, name
    found = _judged(current(), place, code.cle, writing.version, writing.at)
    if found is None or not found.outside:
        return False
    writing.note_here(
        LossKind.INCONSISTENT, "code.outside", value_kind="code", severity=Severity.INFORMATION, below=name
    )
    return True
