"""How a member fails to answer. Raised by adapters only; the fan-out turns each into an outcome, never into a silence.

MemberFailure
├── MemberRefused         it said no, in its protocol (error element, SOAP fault, 401, 403, 4xx)
├── MemberTimedOut        it did not end its answer within the deadline
├── MemberUnreachable     no connection, or a connection lost: refused, reset, TLS, name
├── MemberAnswerInvalid   what it answered is not the contract: HTML, truncated, wrong count or version
└── MemberCannot          its solution does not offer the transaction or cannot express the criteria
"""


class MemberFailure(Exception):
    """A member did not give its answer. `cause` is a short stable token for coverage and logs; no data, no address."""

    def __init__(self, cause: str, *, detail: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.detail = detail


class MemberRefused(MemberFailure):
    """The member said no. `code` and `message` are its own words, kept for a caller of the same protocol."""

    def __init__(self, cause: str, *, code: int | None = None, message: str = "", fault: bool = False) -> None:
        super().__init__(cause, detail=message)
        self.code = code
        self.message = message
        self.fault = fault


class MemberTimedOut(MemberFailure):
    """The deadline passed before the end of the answer."""


class MemberUnreachable(MemberFailure):
    """No connection, or a connection lost before the answer."""


class MemberAnswerInvalid(MemberFailure):
    """The bytes received are not an answer of the contract."""


class MemberCannot(MemberFailure):
    """Asking was pointless: the solution lacks the transaction or the criteria."""
