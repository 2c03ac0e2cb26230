"""One spelling per code, whatever was done to its blanks and leading zeros on the way (contract section 15.2)."""

from functools import lru_cache

from mappings.exposition.values import Code
from mappings.nomenclatures.catalogue import Catalogue, current
from mappings.nomenclatures.tables import table


def normalise(code: Code) -> tuple[Code, bool]:
    """The code as its table writes it, and whether that differs from what was given.

    Zeros are added or taken away only where every code of the table has the same number of digits: in R244 `30` and
    `030` are two codes. A code that the table holds in no spelling is left as it stands.
    """
    known = _codes(current(), code.systeme)
    if code.code in known:
        return code, False
    trimmed = code.code.strip()
    right = trimmed if trimmed in known else _of_width(trimmed, _width(current(), code.systeme))
    if right == code.code or right not in known:
        return code, False
    return Code(code.systeme, right, code.libelle), True


def _of_width(text: str, width: int | None) -> str:
    """The digits of a code with as many leading zeros as its table writes."""
    if width is None or not (text.isascii() and text.isdigit()):
        return text
    return text.lstrip("0").zfill(width)


@lru_cache(maxsize=1024)
def _codes(catalogue: Catalogue, system: str) -> frozenset[str]:
    return frozenset(table(system) or ())


@lru_cache(maxsize=1024)
def _width(catalogue: Catalogue, system: str) -> int | None:
    """How many digits every code of a table has; None when they differ, or when some are not digits alone."""
    widths = {len(code) if code.isascii() and code.isdigit() else 0 for code in _codes(catalogue, system)}
    return widths.pop() if len(widths) == 1 and 0 not in widths else None
