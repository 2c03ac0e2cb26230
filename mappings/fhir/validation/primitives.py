"""The JSON form of each primitive type of R4."""

import re
from decimal import Decimal
from typing import Annotated, Any

import msgspec

# Digits are those of ASCII only; no group captures, which would cost as much as the match.
_DAY = r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_OFFSET = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

PATTERNS = {
    "date": rf"^{_DAY})?)?\Z",
    "dateTime": rf"^{_DAY}(?:T{_CLOCK}{_OFFSET})?)?)?\Z",
    "instant": rf"^{_DAY}T{_CLOCK}{_OFFSET}))\Z",
    "time": rf"^{_CLOCK}\Z",
}

LARGEST = 2**31 - 1
_LOWEST = {"integer": -LARGEST - 1, "unsignedInt": 0, "positiveInt": 1}
_COMPILED = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}


def annotation(primitive: str) -> Any:
    """The type that msgspec holds values of a primitive against."""
    if primitive == "boolean":
        return bool
    if primitive == "decimal":
        return Decimal | int | float
    if primitive in _LOWEST:
        return Annotated[int, msgspec.Meta(ge=_LOWEST[primitive], le=LARGEST)]
    if primitive in PATTERNS:
        return Annotated[str, msgspec.Meta(pattern=PATTERNS[primitive])]
    return Annotated[str, msgspec.Meta(min_length=1)]


def fault(primitive: str, value: object) -> str | None:
    """The rule a value breaks, None when it is of the type."""
    if primitive == "boolean":
        return None if isinstance(value, bool) else "r4/type"
    if primitive == "decimal":
        return None if _is_number(value, (int, float, Decimal)) else "r4/type"
    if primitive in _LOWEST:
        return _integer_fault(value, _LOWEST[primitive])
    return _text_fault(value, _COMPILED.get(primitive))


def _is_number(value: object, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _integer_fault(value: object, lowest: int) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "r4/type"
    return None if lowest <= value <= LARGEST else "r4/range"


def _text_fault(value: object, pattern: re.Pattern[str] | None) -> str | None:
    if not isinstance(value, str):
        return "r4/type"
    if not value:
        return "r4/empty"
    return None if pattern is None or pattern.match(value) else "r4/format"
