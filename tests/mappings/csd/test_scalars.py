"""Plain values: dates with and without offset, numbers that stay exact, texts that are no value."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.csd.answers import read_document
from mappings.csd.dialect import PARIS, Dialect
from mappings.csd.scalars import read_instant, write_decimal, write_instant
from mappings.csd.version import Version
from mappings.loss import Ledger


@pytest.mark.parametrize(
    ("text", "instant", "written"),
    [
        pytest.param("2026-01-15T07:00:00", datetime(2026, 1, 15, 6, tzinfo=UTC), None, id="winter, French time"),
        pytest.param("2026-07-15T07:00:00", datetime(2026, 7, 15, 5, tzinfo=UTC), None, id="summer, French time"),
        pytest.param("2026-01-15T07:00:00+01:00", datetime(2026, 1, 15, 6, tzinfo=UTC), None, id="offset"),
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
def test_a_text_that_is_no_value_is_dropped_and_noted(element: str, path: str, wire: Any) -> None:
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
