"""The closed set of verdicts, and the one place that ranks them."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What a check says. An error is ours or the network's: nothing was judged; a failure is the target's."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    SKIP = "skip"
    OMIT = "omit"
    ERROR = "error"


# The first one present is the verdict of the whole: a run with an error has judged too little to say more.
RANKING = (Verdict.ERROR, Verdict.FAIL, Verdict.SKIP, Verdict.PASS, Verdict.OMIT)


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a run; a run of nothing omits everything."""
    present = set(verdicts)
    return next((verdict for verdict in RANKING if verdict in present), Verdict.OMIT)
