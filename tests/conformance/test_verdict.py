"""The ranking of verdicts."""

import pytest

from conformance.verdict import RANKING, Verdict, overall


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((), "omit"),
        (("omit",), "omit"),
        (("omit", "pass"), "pass"),
        (("pass", "skip"), "skip"),
        (("pass", "skip", "fail"), "fail"),
        (("fail", "error"), "error"),
    ],
)
def test_the_worst_present_is_the_verdict_of_the_whole(found: tuple[str, ...], expected: str) -> None:
    assert overall(Verdict(one) for one in found) == expected


def test_every_verdict_is_ranked_once() -> None:
    assert sorted(RANKING) == sorted(Verdict)
