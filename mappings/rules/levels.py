"""The order of confidentiality levels (R283, or J222 as the national API writes it): 1 free to 3 very restricted."""

from mappings.exposition.values import Code

_RANKS = {(table, str(rank)): rank for table in ("R283", "J222") for rank in (1, 2, 3)}
VERY_RESTRICTED = Code("R283", "3")


def rank(level: Code | None) -> int | None:
    """The level as a number; None when it is missing or of another table, which says nothing."""
    return None if level is None else _RANKS.get((level.systeme, level.code))


def more_open(level: Code | None, floor: Code | None) -> bool:
    """Whether a level is known to be more open than another that is known (RG_EXP_034)."""
    known, least = rank(level), rank(floor)
    return known is not None and least is not None and known < least
