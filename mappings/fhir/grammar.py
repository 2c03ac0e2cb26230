"""The grammar of search values: lists, tokens, dates, quantities, references (FHIR digest, section 4)."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

import msgspec

from mappings.exposition.values import Code, can_be_written_out
from mappings.fhir.shape import FRANCE
from mappings.nomenclatures.systems import system_id

_PREFIX = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-0-9.])")
_INSTANT = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d{2})(-(?P<day>\d{2})"
    r"(T(?P<hour>\d{2}):(?P<minute>\d{2})(:(?P<second>\d{2})(?P<fraction>\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?)?)?)?\Z"
)


class SearchRefused(ValueError):
    """A search that would be answered wrongly if it were answered.

    `code` is `unknown-type`, `unknown-parameter`, `not-supported`, `modifier-unsupported`, `prefix-unsupported`,
    `system-required`, `value-invalid`, `value-empty`, `count-invalid` or `repeated`; `parameter` is the name as the
    caller wrote it.
    """

    def __init__(self, code: str, parameter: str) -> None:
        super().__init__(f"{code}: {parameter}")
        self.code = code
        self.parameter = parameter


class Prefixed(msgspec.Struct, frozen=True):
    """A comparison and what it compares with; `eq` when none is written."""

    prefix: str
    text: str


def values(text: str) -> list[str]:
    """The values of a comma list, backslashes honoured."""
    found, current, escaped = [], "", False
    for character in text:
        if escaped or character not in "\\,":
            current += character if not escaped or character in "\\,|$" else f"\\{character}"
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            found.append(current)
            current = ""
    return [value for value in (*(part.strip() for part in found), current.strip()) if value]


def tokens(text: str, parameter: str) -> tuple[Code, ...]:
    """The codes of a token list; a value without a system takes that of the one before it (the house's short form)."""
    found: list[Code] = []
    system = ""
    for value in values(text):
        address, bar, code = value.rpartition("|")
        if bar:
            system = system_id(address).removeprefix("urn:oid:")
        if not code:
            raise SearchRefused("not-supported", parameter)
        found.append(Code(system, code))
    if not found:
        raise SearchRefused("value-empty", parameter)
    return tuple(dict.fromkeys(found))


def prefixed(text: str) -> Prefixed:
    """A value and its prefix."""
    found = _PREFIX.match(text)
    return Prefixed(found[1], text[found.end() :]) if found is not None else Prefixed("eq", text)


def instants(text: str, parameter: str) -> tuple[datetime, datetime]:
    """The span an instant of some precision covers: its first moment, and the first one after it.

    One without offset is French legal time; a `+` that a form decoding turned into a space is put back.
    """
    found = _INSTANT.match(text.replace(" ", "+"))
    if found is None:
        raise SearchRefused("value-invalid", parameter)
    zone = found["zone"]
    try:
        start = datetime(
            int(found["year"]),
            int(found["month"] or 1),
            int(found["day"] or 1),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int(float(found["fraction"] or 0) * 1_000_000),
            tzinfo=datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").tzinfo if zone else FRANCE,
        )
        return start, _after(start, found)
    except (ValueError, OverflowError) as error:
        raise SearchRefused("value-invalid", parameter) from error


def _after(start: datetime, found: re.Match[str]) -> datetime:
    if found["fraction"]:
        return start + timedelta(microseconds=1)
    if found["second"]:
        return start + timedelta(seconds=1)
    if found["hour"]:
        return start + timedelta(minutes=1)
    if found["day"]:
        return start + timedelta(days=1)
    if found["month"]:
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start.replace(year=start.year + 1)


def age_in_years(text: str, parameter: str) -> Prefixed:
    """A quantity in years: `le35`, `le35|http://unitsofmeasure.org|a`."""
    number, _, unit = text.partition("|")
    compared = prefixed(number)
    if unit and unit.rpartition("|")[2] not in ("", "a"):
        raise SearchRefused("not-supported", parameter)
    decimal(compared.text, parameter)
    return compared


def decimal(text: str, parameter: str) -> Decimal:
    """A number."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise SearchRefused("value-invalid", parameter) from error
    if not can_be_written_out(number):
        raise SearchRefused("value-invalid", parameter)
    return number


def kilometres(distance: str, unit: str, parameter: str) -> Decimal:
    """A distance of 0 to 1000 km (RG_RECH_05); kilometres when no unit is written (RG_RECH_14)."""
    number = decimal(distance, parameter)
    if unit not in ("", "km", "m"):
        raise SearchRefused("value-invalid", parameter)
    length = number / 1000 if unit == "m" else number
    if not 0 <= length <= 1000:
        raise SearchRefused("value-invalid", parameter)
    return length
