"""The one error tree of the gateway: whose fault it is decides how it is told.

GatewayError
├── RequesterError           the one who asks must change something (SOAP Sender, HTTP 4xx)
│   ├── NotAuthenticated     we do not know who asks (401)
│   └── NotPermitted         we know, and the federation document does not allow it (403)
├── GatewayFault             we failed (SOAP Receiver, HTTP 5xx)
│   └── ConfigurationRefused the configuration cannot be served; stops the start
└── MembersFailed            no member, or not every member, gave its answer (SOAP Receiver, HTTP 502 to 504)

A member that fails raises nothing here: it is an outcome (`adapters.errors`, `gateway.federation.exchange`), and
`MembersFailed` is only what the doors say when the outcomes together leave nothing to serve.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """The stable code of every error a caller may receive; `gateway.messages` holds its words."""

    NOT_WELL_FORMED = "not-well-formed"
    DOCTYPE = "doctype"
    ENTITY = "entity"
    TOO_DEEP = "too-deep"
    TOO_LARGE = "too-large"
    ENCODING = "encoding"
    NOT_SOAP = "not-soap"
    VERSION_MISMATCH = "version-mismatch"
    MUST_UNDERSTAND = "must-understand"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    UNKNOWN_REQUEST = "unknown-request"
    WRONG_ADDRESS = "wrong-address"
    BAD_REQUEST = "bad-request"
    CRITERION_NOT_SERVED = "criterion-not-served"
    UNKNOWN_VERSION = "unknown-version"
    UNKNOWN_MEMBER = "unknown-member"
    UNKNOWN_DOCUMENT = "unknown-document"
    UNKNOWN_EXTRACTION = "unknown-extraction"
    UNKNOWN_ADDRESS = "unknown-address"
    BAD_COVERAGE_DEMAND = "bad-coverage-demand"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    BODY_TIMED_OUT = "body-timed-out"
    HEAD_TIMED_OUT = "head-timed-out"
    EXPECTATION_FAILED = "expectation-failed"
    BAD_HTTP = "bad-http"

    CERTIFICATE_REFUSED = "certificate-refused"
    CERTIFICATE_REVOKED = "certificate-revoked"
    NOT_PERMITTED = "not-permitted"
    ASSERTION_REFUSED = "assertion-refused"
    ASSERTION_REQUIRED = "assertion-required"
    PROFILE_NOT_GRANTED = "profile-not-granted"
    CLIENT_NOT_LISTED = "client-not-listed"
    FEDERATION_EXPIRED = "federation-expired"

    NO_TOKEN = "no-token"  # noqa: S105 - a code, not a secret
    BAD_AUTHORIZATION = "bad-authorization"
    INVALID_TOKEN = "invalid-token"  # noqa: S105 - a code, not a secret
    MISSING_HEADER = "missing-header"
    UNKNOWN_PROFILE = "unknown-profile"
    UNKNOWN_TYPE = "unknown-type"
    UNKNOWN_RESOURCE = "unknown-resource"
    UNKNOWN_PARAMETER = "unknown-parameter"
    BAD_PARAMETER = "bad-parameter"
    TOO_MANY_PARAMETERS = "too-many-parameters"
    BAD_COUNT = "bad-count"
    BAD_PREFERENCE = "bad-preference"
    BAD_CURSOR = "bad-cursor"
    NOT_ACCEPTABLE = "not-acceptable"

    INTERNAL = "internal"
    OVERLOADED = "overloaded"
    CONFIGURATION = "configuration"

    MEMBERS_UNAVAILABLE = "members-unavailable"
    MEMBERS_TIMED_OUT = "members-timed-out"
    MEMBER_ANSWER_INVALID = "member-answer-invalid"
    MEMBER_REFUSED = "member-refused"
    INCOMPLETE = "incomplete"
    NOT_SERVED = "not-served"
    NOT_PRODUCED = "not-produced"


HTTP_STATUS = {
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorCode.UNKNOWN_VERSION: 404,
    ErrorCode.UNKNOWN_MEMBER: 404,
    ErrorCode.UNKNOWN_DOCUMENT: 404,
    ErrorCode.UNKNOWN_EXTRACTION: 404,
    ErrorCode.UNKNOWN_ADDRESS: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.BODY_TIMED_OUT: 408,
    ErrorCode.HEAD_TIMED_OUT: 408,
    ErrorCode.EXPECTATION_FAILED: 417,
    ErrorCode.CERTIFICATE_REFUSED: 403,
    ErrorCode.CERTIFICATE_REVOKED: 403,
    ErrorCode.NOT_PERMITTED: 403,
    ErrorCode.ASSERTION_REFUSED: 403,
    ErrorCode.ASSERTION_REQUIRED: 403,
    ErrorCode.PROFILE_NOT_GRANTED: 403,
    ErrorCode.CLIENT_NOT_LISTED: 403,
    ErrorCode.FEDERATION_EXPIRED: 503,
    ErrorCode.NO_TOKEN: 401,
    ErrorCode.INVALID_TOKEN: 401,
    ErrorCode.UNKNOWN_TYPE: 404,
    ErrorCode.UNKNOWN_RESOURCE: 404,
    ErrorCode.NOT_ACCEPTABLE: 406,
    ErrorCode.INTERNAL: 500,
    ErrorCode.OVERLOADED: 503,
    ErrorCode.MEMBERS_UNAVAILABLE: 502,
    ErrorCode.MEMBERS_TIMED_OUT: 504,
    ErrorCode.MEMBER_ANSWER_INVALID: 502,
    ErrorCode.MEMBER_REFUSED: 502,
    ErrorCode.INCOMPLETE: 503,
    ErrorCode.NOT_SERVED: 503,
    ErrorCode.NOT_PRODUCED: 503,
}


class GatewayError(Exception):
    """A failure with a stable code and the safe values its message names; never data, an address or a path."""

    def __init__(self, code: ErrorCode, **values: str) -> None:
        super().__init__(code.value)
        self.code = code
        self.values = values

    @property
    def status(self) -> int:
        """The HTTP status, where the protocol does not impose another."""
        return HTTP_STATUS.get(self.code, 400)


class RequesterError(GatewayError):
    """The one who asks must change something before asking again."""


class NotAuthenticated(RequesterError):
    """We do not know who asks."""


class NotPermitted(RequesterError):
    """We know who asks; what they ask is not theirs to ask."""


class GatewayFault(GatewayError):
    """We failed: nothing the requester sent is at fault."""

    @property
    def status(self) -> int:
        return HTTP_STATUS.get(self.code, 500)


class ConfigurationRefused(GatewayFault):
    """The configuration cannot be served; each problem is a (key, French, English) line."""

    def __init__(self, problems: tuple[tuple[str, str, str], ...]) -> None:
        super().__init__(ErrorCode.CONFIGURATION)
        self.problems = problems


class MembersFailed(GatewayError):
    """No member, or not every member demanded, gave its answer."""

    @property
    def status(self) -> int:
        return HTTP_STATUS[self.code]
