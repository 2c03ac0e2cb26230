"""A failure is never an empty success."""

import pytest

from gateway.doors.verdict import failure
from gateway.errors import ErrorCode
from gateway.federation.exchange import Answer, Caller, Exchange, Outcome, Reason, Requirements, Status
from mappings.exposition.demandes import ProfilAcces, Recherche

ANSWERED, EMPTY, TRUNCATED = (Outcome(member="84", status=s) for s in (Status.ANSWERED, Status.EMPTY, Status.TRUNCATED))
TIMED_OUT = Outcome(member="11", status=Status.TIMED_OUT)
UNREACHABLE = Outcome(member="53", status=Status.UNREACHABLE)
INVALID = Outcome(member="27", status=Status.INVALID_ANSWER)
REFUSED = Outcome(member="28", status=Status.REFUSED)
ELSEWHERE = Outcome(member="01", status=Status.NOT_ASKED, reason=Reason.TERRITORY)
NO_RIGHT = Outcome(member="02", status=Status.NOT_ASKED, reason=Reason.RIGHT)
MAINTENANCE = Outcome(member="03", status=Status.NOT_ASKED, reason=Reason.MAINTENANCE)


def answer(*outcomes: Outcome, complete: bool = False) -> Answer:
    caller = Caller("75", ProfilAcces.P1, "75")
    exchange = Exchange("e", caller, "FR", Recherche(), Requirements(complete=complete))
    return Answer(exchange=exchange, outcomes=outcomes)


@pytest.mark.parametrize(
    "served",
    [
        answer(ANSWERED),
        answer(EMPTY, ELSEWHERE),
        answer(ANSWERED, TIMED_OUT),
        answer(EMPTY, UNREACHABLE),
        answer(TRUNCATED),
        answer(ELSEWHERE),
        answer(ANSWERED, ELSEWHERE, complete=True),
    ],
    ids=["answered", "empty", "partial", "empty-partial", "truncated", "nobody-concerned", "complete"],
)
def test_served(served: Answer) -> None:
    assert failure(served) is None


@pytest.mark.parametrize(
    ("refused", "code", "status"),
    [
        (answer(TIMED_OUT, ELSEWHERE), ErrorCode.MEMBERS_TIMED_OUT, 504),
        (answer(UNREACHABLE), ErrorCode.MEMBERS_UNAVAILABLE, 502),
        (answer(INVALID), ErrorCode.MEMBER_ANSWER_INVALID, 502),
        (answer(REFUSED), ErrorCode.MEMBER_REFUSED, 502),
        (answer(TIMED_OUT, UNREACHABLE), ErrorCode.MEMBERS_UNAVAILABLE, 502),
        (answer(NO_RIGHT, ELSEWHERE), ErrorCode.NOT_PERMITTED, 403),
        (answer(MAINTENANCE, NO_RIGHT), ErrorCode.NOT_SERVED, 503),
        (answer(ANSWERED, TIMED_OUT, complete=True), ErrorCode.INCOMPLETE, 503),
        (answer(TRUNCATED, complete=True), ErrorCode.INCOMPLETE, 503),
    ],
    ids=["time", "network", "contract", "no", "several", "right", "maintenance", "demanded", "demanded-cut"],
)
def test_refused(refused: Answer, code: ErrorCode, status: int) -> None:
    error = failure(refused)

    assert error is not None
    assert (error.code, error.status) == (code, status)
