"""The plain values of the wire: text, numbers, dates, instants, one class per kind, each read and written here."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from lxml import etree

from mappings.csd.contexts import Reading, Writing
from mappings.csd.dialect import PARIS
from mappings.csd.markup import ATTRIBUTE, Markup
from mappings.csd.strays import NONE, OF_REFERENCE, note_attributes, note_children, note_inside
from mappings.loss import LossKind, Severity

_FRACTION = re.compile(r"\.(\d{6})\d+")
_OFFSET = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_DAY = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){_OFFSET}\Z")
_INSTANT = re.compile(
    rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}}0*)?{_OFFSET}\Z"
)
_HOUR = re.compile(rf"([01][0-9]|2[0-3]):[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}}0*)?{_OFFSET}\Z")
# What stands between the figures of the usual instants, and how long these are: `2024-03-01T08:00:00`, the same with
# `Z`, the same with `+01:00`.
_USUAL_LENGTHS = {"--T::": 19, "--T::Z": 20, "--T::+": 25, "--T::-": 25}
_instant_of = datetime.fromisoformat
_MINUTE, _FURTHEST = timedelta(minutes=1), timedelta(hours=14)
# What Python reads as a number and XML Schema does not (`1_000`, other digits, NaN), and what no source means.
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}\Z")
_NUMBER = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?\Z")
FEW_FIGURES = 18
_WITHOUT_OFFSET = len("2024-03-01T08:00:00")
# Before it no source means what it writes; the last year has instants that are in no calendar elsewhere.
FIRST_YEAR, LAST_YEAR = 1899, 9999


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """The aware instant of an xs:dateTime; without offset it is the legal time of the source (contract section 8)."""
    text = text.strip()
    instant = datetime.fromisoformat(_FRACTION.sub(r".\1", text) if "." in text else text)
    instant = instant.replace(tzinfo=zone) if instant.tzinfo is None else instant
    if instant.year < FIRST_YEAR or (instant.year == LAST_YEAR and not _is_everywhere(instant)):
        raise ValueError(text)
    return instant


def usual_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant of a text in one of the usual forms; None for any other text, which says what it says otherwise."""
    if _USUAL_LENGTHS.get(text[4:20:3]) != len(text):
        return None
    try:
        instant = _instant_of(text)
    except ValueError:
        return None
    if not FIRST_YEAR <= instant.year < LAST_YEAR:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)


def _is_everywhere(instant: datetime) -> bool:
    try:
        instant.astimezone(UTC)
    except OverflowError:
        return False
    return True


def is_exact(text: str) -> bool:
    """Whether a text that could be read is an xs:dateTime that loses nothing: a date alone, a finer fraction are not.

    Of what can be read, the usual forms are told by their length and by what stands between their figures.
    """
    return _USUAL_LENGTHS.get(text[4:20:3]) == len(text) or _INSTANT.match(text.strip()) is not None


def note_spelling(element: etree._Element, reading: Reading, value_kind: str, suffix: str = "") -> None:
    """A value was read in spite of its spelling."""
    reading.note(
        LossKind.REPAIRED,
        element,
        "value.spelling",
        value_kind=value_kind,
        severity=Severity.INFORMATION,
        suffix=suffix,
    )


def read_integer(text: str) -> int:
    """The value of an xs:integer."""
    if _INTEGER.match(text.strip()) is None:
        raise ValueError(text)
    return int(text)


def number_of(text: str) -> int | None:
    """The number that a refusal or a count gives; None when the text is none, or one that no source means."""
    return int(text) if _INTEGER.match(text) is not None else None


def write_instant(instant: datetime) -> str:
    """The xs:dateTime of an instant: French legal time is written without offset, as sources do."""
    paris = instant.tzinfo is PARIS
    if instant.microsecond or not (paris or _is_an_offset(instant.utcoffset())):
        return _written_out(instant)
    text: str = msgspec.to_builtins(instant)  # a tenth of the time of `isoformat`
    return text[:_WITHOUT_OFFSET] if paris else text


def _written_out(instant: datetime) -> str:
    """An instant with a fraction of a second, or with an offset that no xs:dateTime has, which is then said in UTC."""
    local = instant.replace(tzinfo=None) if instant.tzinfo is PARIS else instant
    if not _is_an_offset(local.utcoffset()):
        local = local.astimezone(UTC)
    parts = "seconds" if local.microsecond == 0 else "milliseconds" if local.microsecond % 1000 == 0 else "microseconds"
    text = local.isoformat(timespec=parts)
    return text.replace("+00:00", "Z")


def _is_an_offset(offset: timedelta | None) -> bool:
    """Whether XML Schema has the offset: of minutes, of fourteen hours at most."""
    return not offset or (-_FURTHEST <= offset <= _FURTHEST and not offset % _MINUTE)


def boolean(text: str) -> bool:
    """The value of an xs:boolean."""
    return {"true": True, "1": True, "false": False, "0": False}[text.strip()]


def write_decimal(value: Decimal) -> str:
    """The xs:decimal of a number: never with an exponent."""
    return format(value, "f")


class Scalar:
    """An element whose text is one value. An unreadable text is dropped and noted; an empty one says nothing.

    What the other kinds make of a value (`format`) are figures and words, in which there is nothing to escape.
    """

    value_kind = "text"
    blank = ""

    def read(self, element: etree._Element, reading: Reading) -> Any:
        """The value of the element, None when it has none."""
        text = element.text
        note_attributes(element, NONE, reading, "value.attributes", Severity.INFORMATION)
        note_children(element, reading)
        if text is None or not text.strip():
            return None
        try:
            return self.parse(text)
        except (ValueError, KeyError, InvalidOperation):
            reading.note(
                LossKind.DROPPED,
                element,
                "value.unreadable",
                value_kind=self.value_kind,
                severity=Severity.ERROR,
            )
            return None

    def usual(self, text: str | None, reading: Reading) -> Any:
        """The value of a text that is written as nearly all are; None for any other, which is for `read` to judge."""
        return None

    def parse(self, text: str) -> Any:
        """The value of a text that is not empty."""
        return text

    def format(self, value: Any, writing: Writing) -> str:
        """The text of a value."""
        return str(value)


class Boolean(Scalar):
    """xs:boolean."""

    value_kind = "boolean"
    blank = "false"

    def usual(self, text: str | None, reading: Reading) -> bool | None:
        return True if text == "true" else False if text == "false" else None

    def parse(self, text: str) -> bool:
        return boolean(text)

    def format(self, value: bool, writing: Writing) -> str:
        return "true" if value else "false"


class Integer(Scalar):
    """xs:integer."""

    value_kind = "integer"
    blank = "0"

    def usual(self, text: str | None, reading: Reading) -> int | None:
        return int(text) if text is not None and len(text) < FEW_FIGURES and text.isascii() and text.isdigit() else None

    def parse(self, text: str) -> int:
        return read_integer(text)


class Number(Scalar):
    """xs:decimal or xs:double."""

    value_kind = "decimal"
    blank = "0"

    def usual(self, text: str | None, reading: Reading) -> Decimal | None:
        return Decimal(text) if text is not None and _NUMBER.match(text) is not None else None

    def parse(self, text: str) -> Decimal:
        if _NUMBER.match(text.strip()) is None:
            raise ValueError(text)
        return Decimal(text.strip())

    def format(self, value: Decimal, writing: Writing) -> str:
        return write_decimal(value)


class WholeNumber(Number):
    """xs:integer where the model is more precise: the fraction is dropped and noted."""

    def format(self, value: Decimal, writing: Writing) -> str:
        if value != value.to_integral_value():
            writing.note_below(LossKind.WIDENED, "value", "measure.fraction", value_kind="decimal")
        return str(int(value))


class Day(Scalar):
    """xs:date; an offset, legal on the wire, says nothing of a day. The day of an instant is read, and noted."""

    value_kind = "date"
    blank = "1970-01-01"

    def usual(self, text: str | None, reading: Reading) -> date | None:
        if text is None or text[4::3] != "--" or len(text) != len(self.blank):
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None

    def read(self, element: etree._Element, reading: Reading) -> Any:
        value = super().read(element, reading)
        if value is not None and _DAY.match((element.text or "").strip()) is None:
            note_spelling(element, reading, self.value_kind)
        return value

    def parse(self, text: str) -> date:
        found = _DAY.match(text.strip()) or _INSTANT.match(text.strip())
        if found is None:
            raise ValueError(text)
        return date.fromisoformat(found[1])

    def format(self, value: date, writing: Writing) -> str:
        text: str = msgspec.to_builtins(value)
        return text


class Hour(Scalar):
    """xs:time. An hour written otherwise is read and noted; 24:00:00 is, which is written as the hour 0."""

    value_kind = "time"
    blank = "00:00:00"

    def read(self, element: etree._Element, reading: Reading) -> Any:
        value = super().read(element, reading)
        if value is not None and _HOUR.match((element.text or "").strip()) is None:
            note_spelling(element, reading, self.value_kind)
        return value

    def parse(self, text: str) -> time:
        text = text.strip()
        hour = time.fromisoformat("00:00:00" if text == "24:00:00" else text)
        if not _is_an_offset(hour.utcoffset()):
            raise ValueError(text)
        return hour

    def format(self, value: time, writing: Writing) -> str:
        return value.isoformat(timespec="auto" if value.microsecond else "seconds")


class Instant(Scalar):
    """xs:dateTime."""

    value_kind = "instant"
    blank = "1970-01-01T00:00:00"

    def usual(self, text: str | None, reading: Reading) -> datetime | None:
        return None if text is None else usual_instant(text, reading.dialect.zone)

    def read(self, element: etree._Element, reading: Reading) -> datetime | None:
        text = element.text
        note_attributes(element, NONE, reading, "value.attributes", Severity.INFORMATION)
        note_children(element, reading)
        if text is None or not text.strip():
            return None
        try:
            value = read_instant(text, reading.dialect.zone)
        except ValueError:
            reading.note(LossKind.DROPPED, element, "value.unreadable", value_kind="instant", severity=Severity.ERROR)
            return None
        if not is_exact(text):
            note_spelling(element, reading, self.value_kind)
        return value

    def format(self, value: datetime, writing: Writing) -> str:
        return write_instant(value)


class EntityText:
    """An element whose value is its `entityID`, where the contract uses it as an identifier of its own."""

    value_kind = "identifier"

    def read(self, element: etree._Element, reading: Reading) -> str | None:
        """The identifier."""
        note_inside(element, OF_REFERENCE, reading)
        return element.get("entityID") or None

    def write(self, out: Markup, name: str, value: str, writing: Writing) -> None:
        """Append the element of the identifier."""
        out.append(f'<csd:{name} entityID="{ATTRIBUTE[value]}"/>')


TEXT = Scalar()
BOOLEAN = Boolean()
INTEGER = Integer()
NUMBER = Number()
WHOLE_NUMBER = WholeNumber()
DAY = Day()
HOUR = Hour()
INSTANT = Instant()
ENTITY_TEXT = EntityText()
