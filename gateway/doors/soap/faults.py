"""Every refusal of the SOAP door, as a SOAP 1.2 fault (contract section 6; docs/decisions/0010-soap-statuses.md)."""

from collections.abc import Iterable

from aiohttp import web
from lxml import etree

from gateway import telemetry
from gateway.doors.frame import EXCHANGE
from gateway.errors import ErrorCode, GatewayError, NotPermitted, RequesterError
from gateway.messages import Language, text
from mappings.csd.namespaces import SOAP11
from mappings.csd.soap import Fault, FaultCode, write_fault, write_version_mismatch
from mappings.exposition.demandes import ErreurContrat

MEDIA_TYPE = "application/soap+xml"
ERRORS = "urn:inter-ror:error"

_SOAP_CODES = {
    ErrorCode.VERSION_MISMATCH: FaultCode.VERSION_MISMATCH,
    ErrorCode.MUST_UNDERSTAND: FaultCode.MUST_UNDERSTAND,
}

_SECURITY = {
    "two-headers": "InvalidSecurity",
    "two-assertions": "InvalidSecurity",
    "no-assertion": "InvalidSecurity",
    "security-content": "UnsupportedSecurityToken",
    "version": "UnsupportedSecurityToken",
    "vihf-version": "UnsupportedSecurityToken",
    "signature-required": "InvalidSecurity",
    "signature-placement": "InvalidSecurity",
    "signature-shape": "InvalidSecurity",
    "signature-reference": "InvalidSecurity",
    "signature-size": "InvalidSecurity",
    "repeated-identifier": "InvalidSecurity",
    "signature-algorithm": "UnsupportedAlgorithm",
    "signature-transform": "UnsupportedAlgorithm",
    "signature-key": "FailedCheck",
    "signature-value": "FailedCheck",
    "signature-digest": "FailedCheck",
    "issuer-not-caller": "FailedAuthentication",
    "structure-not-caller": "FailedAuthentication",
}
"""The word of WS-Security for the cause of a refused assertion (SOAP Message Security, section 12)."""


def security_word(error: GatewayError) -> str | None:
    """What a stack of WS-Security reads in the fault of a refused assertion; None for other errors."""
    if error.code is not ErrorCode.ASSERTION_REFUSED:
        return None
    cause = error.values["cause"]
    if cause.startswith("signer-"):
        return "FailedAuthentication"
    return _SECURITY.get(cause, "InvalidSecurityToken")


def fault_code(error: GatewayError) -> FaultCode:
    """Whose fault it is, in the words of SOAP."""
    by_side = FaultCode.SENDER if isinstance(error, RequesterError) else FaultCode.RECEIVER
    return _SOAP_CODES.get(error.code, by_side)


def status(error: GatewayError) -> int:
    """The HTTP status: what the SOAP binding says (Sender 400, others 500) unless HTTP itself has a word for it."""
    if fault_code(error) is FaultCode.SENDER or error.code is ErrorCode.OVERLOADED:
        return error.status
    return 500


def render(request: web.Request, error: GatewayError) -> web.Response:
    """The fault of an error raised before any member was asked."""
    return respond(error, exchange=request[EXCHANGE])


def respond(
    error: GatewayError,
    *,
    exchange: str,
    erreur: ErreurContrat | None = None,
    not_understood: tuple[str, ...] = (),
    headers: Iterable[etree._Element] = (),
) -> web.Response:
    """The fault, with its stable code as subcode and in the detail, beside the exchange id."""
    if error.values.get("envelope") == SOAP11:
        words = " / ".join(text(error, language) for language in Language)
        return web.Response(
            status=500,
            body=write_version_mismatch(words, _detail(error, exchange)),
            content_type="text/xml",
            charset="utf-8",
        )
    if isinstance(error, NotPermitted) and "cause" in error.values:
        telemetry.learn(cause=error.values["cause"])
    fault = Fault(
        fault_code(error),
        tuple((language.value, text(error, language)) for language in Language),
        subcode=error.code.value,
        security=security_word(error),
        erreur=erreur,
        not_understood=not_understood or tuple(error.values.get("blocks", "").split()),
        details=(_detail(error, exchange),),
    )
    return web.Response(
        status=status(error), body=write_fault(fault, headers), content_type=MEDIA_TYPE, charset="utf-8"
    )


def erreur(error: GatewayError) -> ErreurContrat:
    """The `ror:erreur` of a notification that could not be answered (contract section 6): its number is ours."""
    return ErreurContrat(error.status, text(error, Language.FR))


def _detail(error: GatewayError, exchange: str) -> etree._Element:
    """The code stands in the text too: PHP's SoapClient shows neither subcodes nor the attributes of a detail."""
    detail = etree.Element(f"{{{ERRORS}}}error", code=error.code.value, exchange=exchange, nsmap={"err": ERRORS})
    detail.text = error.code.value
    return detail
