"""Whether an answer may be served at all: a failure is never an empty success, whatever the protocol."""

from gateway.errors import ErrorCode, GatewayError, MembersFailed, NotPermitted
from gateway.federation.exchange import Answer, Outcome, Reason, Status

_CODES = {
    Status.TIMED_OUT: ErrorCode.MEMBERS_TIMED_OUT,
    Status.UNREACHABLE: ErrorCode.MEMBERS_UNAVAILABLE,
    Status.INVALID_ANSWER: ErrorCode.MEMBER_ANSWER_INVALID,
    Status.REFUSED: ErrorCode.MEMBER_REFUSED,
}


def failure(answer: Answer) -> GatewayError | None:
    """What to say instead of the answer; None when it may be served.

    An answer that no member was concerned by (all outside the territory) is whole, and empty.
    """
    if answer.complete:
        return None
    if answer.failed:
        return _total_failure(answer)
    return MembersFailed(ErrorCode.INCOMPLETE) if answer.exchange.requirements.complete else None


def _total_failure(answer: Answer) -> GatewayError:
    asked = {outcome.status for outcome in answer.outcomes} - {Status.NOT_ASKED}
    if len(asked) == 1:
        return MembersFailed(_CODES[asked.pop()])
    if asked:
        return MembersFailed(ErrorCode.MEMBERS_UNAVAILABLE)
    if all(_without_right(outcome) for outcome in answer.outcomes):
        return NotPermitted(ErrorCode.NOT_PERMITTED, cause=Reason.RIGHT.value)
    return MembersFailed(ErrorCode.NOT_SERVED)


def _without_right(outcome: Outcome) -> bool:
    return outcome.reason in {Reason.RIGHT, Reason.TERRITORY}
