"""The number a notification announces."""

import pytest

from conformance.checks.notification import CHECK
from conformance.runner import judge


@pytest.mark.parametrize(
    ("codes", "result", "verdict"),
    [
        (("1019999991", "1019999992"), 2, "pass"),
        ((), 0, "pass"),
        (("1019999991",), 2, "fail"),
        (("1019999991", "1019999991"), 2, "fail"),
        (("1019999991", "019999991"), 2, "fail"),
        (("1019999991",), None, "skip"),
    ],
    ids=["right", "nothing", "wrong", "twice", "twice-without-its-digit", "not-announced"],
)
async def test_the_number_is_that_of_the_list(scripted, notified, codes, result, verdict) -> None:
    target = await scripted(notification=notified(*codes, result=result))

    assert (await judge(target, [CHECK])).verdict == verdict
