"""One use of an assertion, in a memory that is bounded for each member apart."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.doors.soap.caller import OLDEST, SKEW
from gateway.doors.soap.replay import REMEMBERED, UsedAssertions
from gateway.errors import GatewayError, GatewayFault, NotPermitted

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def refusal(used: UsedAssertions, member: str, identifier: str, now: datetime = NOW) -> GatewayError | None:
    try:
        used.use(member, identifier, now)
    except GatewayError as error:
        return error
    return None


def test_a_second_use_is_refused_and_another_is_not() -> None:
    used = UsedAssertions()

    assert refusal(used, "93", "_1") is None
    assert isinstance(refusal(used, "93", "_1"), NotPermitted)
    assert refusal(used, "93", "_2") is None
    assert refusal(used, "84", "_1") is None


def test_it_is_remembered_as_long_as_it_could_be_accepted() -> None:
    used = UsedAssertions()
    used.use("93", "_1", NOW)

    assert REMEMBERED >= OLDEST + SKEW
    assert refusal(used, "93", "_1", NOW + REMEMBERED - timedelta(seconds=1)) is not None
    assert refusal(used, "93", "_1", NOW + REMEMBERED) is None


def test_a_member_that_fills_its_memory_shuts_out_itself_only() -> None:
    used = UsedAssertions(most=3)
    for number in range(3):
        used.use("93", f"_{number}", NOW)

    assert isinstance(refusal(used, "93", "_3"), GatewayFault)
    assert refusal(used, "84", "_3") is None
    assert refusal(used, "93", "_3", NOW + REMEMBERED) is None


@pytest.mark.parametrize("identifier", ["_" * 200_000, "é", "\u2028"], ids=["long", "accent", "separator"])
def test_any_identifier(identifier: str) -> None:
    used = UsedAssertions()

    assert refusal(used, "93", identifier) is None
    assert refusal(used, "93", identifier) is not None
