"""Plain values: dates with and without offset, numbers that stay exact, texts that are no value."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.csd.answers import read_document
from mappings.csd.capacities import Counting
from mappings.csd.contexts import Reading
from mappings.csd.dialect import PARIS, Dialect
from mappings.csd.scalars import (
    BOOLEAN,
    DAY,
    HOUR,
    INSTANT,
    INTEGER,
    NUMBER,
    Scalar,
    is_exact,
    read_instant,
    usual_instant,
    write_decimal,
    write_instant,
)
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.loss import Ledger
from tests.documents import wire


@pytest.mark.parametrize(
    ("text", "instant", "written"),
    [
        pytest.param("2026-01-15T07:00:00", datetime(2026, 1, 15, 6, tzinfo=UTC), None, id="winter, French time"),
        pytest.param("2026-07-15T07:00:00", datetime(2026, 7, 15, 5, tzinfo=UTC), None, id="summer, French time"),
        pytest.param("2026-01-15T07:00:00+01:00", datetime(2026, 1, 15, 6, tzinfo=UTC), None, id="offset"),
        pytest.param(
            "2026-01-15T07:01:41+01:01:41",
            datetime(2026, 1, 15, 6, tzinfo=UTC),
            "2026-01-15T06:00:00Z",
            id="offset with seconds, which XML Schema has not",
        ),
        pytest.param(
            "2026-01-15T07:01:41.5+01:01:41",
            datetime(2026, 1, 15, 6, 0, 0, 500000, tzinfo=UTC),
            "2026-01-15T06:00:00.500Z",
            id="offset with seconds, and a fraction",
        ),
        pytest.param(
            "2026-01-15T07:00:00+14:30",
            datetime(2026, 1, 14, 16, 30, tzinfo=UTC),
            "2026-01-14T16:30:00Z",
            id="offset that XML Schema has not",
        ),
        pytest.param("2026-01-15T20:00:00+14:00", datetime(2026, 1, 15, 6, tzinfo=UTC), None, id="furthest offset"),
        pytest.param(
            "1900-01-15T07:00:00", datetime(1900, 1, 15, 6, 50, 39, tzinfo=UTC), None, id="before the legal time"
        ),
        pytest.param(
            "2026-01-15T06:00:00+00:00",
            datetime(2026, 1, 15, 6, tzinfo=UTC),
            "2026-01-15T06:00:00Z",
            id="UTC, an offset",
        ),
        pytest.param("2026-01-15T06:00:00Z", datetime(2026, 1, 15, 6, tzinfo=UTC), None, id="UTC"),
        pytest.param(
            "2026-01-15T07:00:00.123", datetime(2026, 1, 15, 6, 0, 0, 123000, tzinfo=UTC), None, id="milliseconds"
        ),
        pytest.param(
            "2026-01-15T07:00:00.1234567",
            datetime(2026, 1, 15, 6, 0, 0, 123456, tzinfo=UTC),
            "2026-01-15T07:00:00.123456",
            id="more than microseconds",
        ),
        pytest.param(" 2026-01-15T07:00:00 ", datetime(2026, 1, 15, 6, tzinfo=UTC), "2026-01-15T07:00:00", id="blanks"),
    ],
)
def test_an_instant_is_read_and_written(text: str, instant: datetime, written: str | None) -> None:
    read = read_instant(text, PARIS)

    assert read == instant
    assert write_instant(read) == (written or text)


def test_the_legal_time_of_another_source_is_written_with_its_offset() -> None:
    assert write_instant(read_instant("2026-01-15T07:00:00", ZoneInfo("Indian/Reunion"))) == "2026-01-15T07:00:00+04:00"


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)), st.integers(-12, 14))
@settings(max_examples=200, deadline=None)
def test_an_instant_with_an_offset_survives_writing(instant: datetime, hours: int) -> None:
    local = instant.astimezone(timezone(timedelta(hours=hours)))

    assert read_instant(write_instant(local), PARIS) == instant


@pytest.mark.parametrize(
    ("value", "text"), [("46.2000", "46.2000"), ("1E+3", "1000"), ("-0.5", "-0.5")], ids=["scale", "exponent", "sign"]
)
def test_a_number_keeps_its_digits_and_has_no_exponent(value: str, text: str) -> None:
    assert write_decimal(Decimal(value)) == text


@pytest.mark.parametrize(
    ("element", "path"),
    [
        pytest.param("<creationDate>demain</creationDate>", "extension/creationDate", id="date"),
        pytest.param("<dropZone>oui</dropZone>", "extension/dropZone", id="boolean"),
        pytest.param(
            "<nbPermanentSocialHelpPlace>trois</nbPermanentSocialHelpPlace>",
            "extension/nbPermanentSocialHelpPlace",
            id="integer",
        ),
    ],
)
def test_a_text_that_is_no_value_is_dropped_and_noted(element: str, path: str) -> None:
    site = wire.organization("EG-1", "1019999991", parent="EJ-1", extension=element)
    ledger = Ledger()

    read_document(
        wire.document(organizations=(wire.organization("EJ-1", "1019999983"), site)),
        version=Version.V2_4,
        dialect=Dialect(),
        ledger=ledger,
    )

    assert [(loss.object, loss.path, loss.rule) for loss in ledger.entries] == [
        ("1019999991", path, "csd-2.4.value.unreadable")
    ]


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        pytest.param("2026-01-15T07:00:00", True, id="French time"),
        pytest.param("2026-01-15T07:00:00Z", True, id="UTC"),
        pytest.param("2026-01-15T07:00:00+01:00", True, id="offset"),
        pytest.param("2026-07-15T07:00:00-04:00", True, id="offset west"),
        pytest.param("2026-01-15T07:00:00.123", False, id="milliseconds"),
        pytest.param(" 2026-01-15T07:00:00", False, id="blank"),
        pytest.param("2026-01-15", False, id="day"),
        pytest.param("2026-13-15T07:00:00", False, id="no such month"),
        pytest.param("2026-01-15T24:00:00", False, id="hour 24"),
        pytest.param("1898-12-31T07:00:00", False, id="before any source"),
        pytest.param("9999-12-31T23:59:59", False, id="last year"),
        pytest.param("", False, id="empty"),
    ],
)
def test_an_instant_in_a_usual_form_is_that_of_the_whole_reading(text: str, usual: bool) -> None:
    found = usual_instant(text, PARIS)

    assert (found is not None) == usual
    if found is not None:
        whole = read_instant(text, PARIS)
        assert (found, found.tzinfo, is_exact(text)) == (whole, whole.tzinfo, True)


TEXTS = (
    "true",
    "false",
    "1",
    "0",
    " 1",
    "-3",
    "+3",
    "12",
    "123456789012345678",
    "1234567890123456789",
    "\u0663",
    "\u00b2",
    "1.50",
    "1e3",
    "1_0",
    "2024-03-01",
    "2024-W09-5",
    "2024-02-30",
    "2024-03-01Z",
    "08:30:00",
    "24:00:00",
    "2024-03-01T08:30:00",
    "x",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", [BOOLEAN, INTEGER, NUMBER, DAY, HOUR, INSTANT], ids=lambda kind: str(kind.value_kind))
def test_a_text_written_as_nearly_all_are_has_one_value(kind: Scalar, text: str) -> None:
    """The short way of the compiled reading: what it has no value for, it leaves to the long one."""
    reading = Reading(Version.V3_0, Dialect(), Ledger(), date.max)
    found = kind.usual(text, reading)

    element = parse(f"<value>{text}</value>".encode())
    if found is not None:
        assert repr(kind.read(element, reading)) == repr(found)
        assert len(reading.ledger) == 0


@pytest.mark.parametrize(
    ("kind", "text"),
    [(BOOLEAN, "false"), (INTEGER, "0"), (NUMBER, "46.2000"), (DAY, "2024-03-01"), (INSTANT, "2024-03-01T08:30:00")],
    ids=["boolean", "integer", "decimal", "date", "instant"],
)
def test_the_usual_spelling_of_a_value_takes_the_short_way(kind: Scalar, text: str) -> None:
    assert kind.usual(text, Reading(Version.V3_0, Dialect(), Ledger(), date.max)) is not None


HOURS: dict[str, tuple[time | None, str | None]] = {
    "08:30:00": (time(8, 30), None),
    "08:30:00.5": (time(8, 30, 0, 500000), None),
    "08:30:00Z": (time(8, 30, tzinfo=UTC), None),
    "08:30:00.123456789012": (time(8, 30, 0, 123456), "value.spelling"),
    "24:00:00": (time(0), "value.spelling"),
    "08:30": (time(8, 30), "value.spelling"),
    "0830": (time(8, 30), "value.spelling"),
    "08:30:00+01:00:30": (None, "value.unreadable"),
    "08:30:00+15:00": (None, "value.unreadable"),
    "23:59:60": (None, "value.unreadable"),
}


@pytest.mark.parametrize(("text", "value", "rule"), [(text, *said) for text, said in HOURS.items()], ids=HOURS)
def test_an_hour_that_is_not_read_as_it_is_written_is_told(text: str, value: time | None, rule: str | None) -> None:
    reading = Reading(Version.V3_0, Dialect(), Ledger(), date.max)

    assert repr(HOUR.read(parse(f"<value>{text}</value>".encode()), reading)) == repr(value)
    assert [loss.rule for loss in reading.ledger.entries] == ([f"csd-3.0.{rule}"] if rule else [])


FIGURES: dict[str, tuple[datetime | None, str | None]] = {
    "2026-01-15T06:00:00Z": (datetime(2026, 1, 15, 6, tzinfo=UTC), None),
    "2026-01-15T06:00:00.1234567Z": (datetime(2026, 1, 15, 6, 0, 0, 123456, tzinfo=UTC), "value.spelling"),
    "2026-01-15": (datetime(2026, 1, 15, tzinfo=PARIS), "value.spelling"),
    "2026-01-15T24:00:00": (None, "value.unreadable"),
}


@pytest.mark.parametrize(("text", "value", "rule"), [(text, *said) for text, said in FIGURES.items()], ids=FIGURES)
def test_the_date_of_a_figure_that_is_not_read_as_it_is_written_is_told(
    text: str, value: datetime | None, rule: str | None
) -> None:
    reading = Reading(Version.V2_4, Dialect(), Ledger(), date.max)

    found = Counting().read(parse(f'<beds total="3" updateDate="{text}"/>'.encode()), reading)

    assert (found.total, found.date_maj) == (3, value)
    said = [(loss.path, loss.rule) for loss in reading.ledger.entries]
    assert said == ([("@updateDate", f"csd-2.4.{rule}")] if rule else [])
