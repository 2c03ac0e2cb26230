"""Reading the members of a JSON object under the type FHIR gives them."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mappings.exposition.values import can_be_written_out

Json = dict[str, Any]

FRANCE = ZoneInfo("Europe/Paris")

# Control characters, halves of surrogate pairs and the two code points that are no characters.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LARGEST = 2**31 - 1


class MalformedResource(ValueError):
    """A member has not the type that FHIR gives it; `path` names the member, never its value."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def text(json: Json, key: str) -> str | None:
    """A string member; one that holds what neither FHIR nor XML allows in a text is malformed."""
    value = json.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or (not value.isprintable() and _FORBIDDEN.search(value)):
        raise MalformedResource(key)
    return value


def flag(json: Json, key: str) -> bool | None:
    """A boolean member."""
    value = json.get(key)
    if value is not None and not isinstance(value, bool):
        raise MalformedResource(key)
    return value


def integer(json: Json, key: str) -> int | None:
    """An integer member: 32 bits in FHIR."""
    value = json.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not -_LARGEST - 1 <= value <= _LARGEST:
        raise MalformedResource(key)
    return value


def number(json: Json, key: str) -> Decimal | None:
    """A decimal member."""
    value = json.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise MalformedResource(key)
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not can_be_written_out(exact):
        raise MalformedResource(key)
    return exact


def member(json: Json, key: str) -> Json:
    """An object member, empty when absent."""
    value = json.get(key, {})
    if not isinstance(value, dict):
        raise MalformedResource(key)
    return value


def items(json: Json, key: str) -> list[Json]:
    """A list of objects, empty when absent; a null in it (FHIR's place holder) is an empty object."""
    value = json.get(key)
    if value is None and key not in json:
        return []
    if not isinstance(value, list):
        raise MalformedResource(key)
    for item in value:
        if not isinstance(item, dict):
            return _without_nulls(value, key)
    return value


def _without_nulls(value: list[Any], key: str) -> list[Json]:
    found = [{} if item is None else item for item in value]
    if not all(isinstance(item, dict) for item in found):
        raise MalformedResource(key)
    return found


def texts(json: Json, key: str) -> list[str | None]:
    """A list of strings, empty when absent; a null stands where only an extension speaks."""
    value = json.get(key, [])
    if not isinstance(value, list):
        raise MalformedResource(key)
    return [text({key: item}, key) for item in value]


def instant(json: Json, key: str) -> datetime | None:
    """A dateTime or an instant; a partial one is its first moment, one without offset is French legal time."""
    value = text(json, key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(_whole_day(value))
    except ValueError as error:
        raise MalformedResource(key) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=FRANCE)


def day(json: Json, key: str) -> date | None:
    """A date, or the day of a dateTime; a partial one is its first day."""
    value = text(json, key)
    if value is None:
        return None
    try:
        return date.fromisoformat(_whole_day(value)[:10])
    except ValueError as error:
        raise MalformedResource(key) from error


def hour(json: Json, key: str) -> time | None:
    """A time of the day."""
    value = text(json, key)
    if value is None:
        return None
    try:
        return time.fromisoformat(value)
    except ValueError as error:
        raise MalformedResource(key) from error


def _whole_day(value: str) -> str:
    return {4: f"{value}-01-01", 7: f"{value}-01"}.get(len(value), value)


def compact(json: Json) -> Json:
    """The object without its absent members: FHIR knows neither null nor an empty list."""
    return {key: value for key, value in json.items() if value or value == 0}


def absent(value: Any) -> bool:
    """Whether FHIR would not write the value: null, an empty list, object or text, but neither zero nor false."""
    return value is None or value in ([], {}, "")
