"""The SOAP 1.2 envelope and its faults, read and written: contract sections 3 and 6.

An envelope of another version is not read at all. In one of ours exactly one element stands in the body, whatever the
prefixes. A fault may carry the contract's `erreur`; some servers put its bare number where SOAP wants a code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from mappings.csd.namespaces import ROR, SOAP11, SOAP12, WSSE, XML, ror, soap, wsse
from mappings.csd.scalars import number_of
from mappings.csd.xml import serialize
from mappings.exposition.demandes import ErreurContrat

FAULTS = "urn:inter-ror:fault:1"
COVERAGE = "{urn:inter-ror:coverage:1}Coverage"
UNDERSTOOD = frozenset({wsse("Security"), COVERAGE})

_FOR_US = frozenset(
    {
        "",
        "http://www.w3.org/2003/05/soap-envelope/role/next",
        "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
    }
)


class NotSoap(Exception):
    """The document is not an envelope that holds one message; `code` says what is wrong with it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class VersionMismatch(Exception):
    """The envelope is of another version of SOAP, whose namespace is `namespace`."""

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self.namespace = namespace


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message: its header blocks and the one element of its body."""

    headers: tuple[etree._Element, ...]
    body: etree._Element


class FaultCode(StrEnum):
    """Whose fault it is, as SOAP 1.2 says it."""

    SENDER = "Sender"
    RECEIVER = "Receiver"
    VERSION_MISMATCH = "VersionMismatch"
    MUST_UNDERSTAND = "MustUnderstand"
    DATA_ENCODING_UNKNOWN = "DataEncodingUnknown"


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault. `reasons` are (language, text) pairs; `erreur` is the detail of the contract.

    `subcode` is a local name of ours when written, any local name when read; `security` is the word of WS-Security for
    the same refusal, written below it. `not_understood` names, as `{ns}local`,
    the header blocks that a MustUnderstand fault is about. `details` are elements written beside the `erreur`.
    """

    code: FaultCode
    reasons: tuple[tuple[str, str], ...]
    subcode: str | None = None
    erreur: ErreurContrat | None = None
    not_understood: tuple[str, ...] = ()
    details: tuple[etree._Element, ...] = ()
    security: str | None = None


def read_envelope(root: etree._Element) -> Envelope:
    """The message of an envelope; raises `VersionMismatch` or `NotSoap`."""
    name = etree.QName(root)
    if name.localname != "Envelope":
        raise NotSoap("not-an-envelope")
    if name.namespace != SOAP12:
        raise VersionMismatch(name.namespace or "")
    parts = list(root)
    headers: tuple[etree._Element, ...] = ()
    if parts and parts[0].tag == soap("Header"):
        headers = tuple(parts.pop(0))
    if len(parts) != 1 or parts[0].tag != soap("Body"):
        raise NotSoap("no-single-body")
    messages = list(parts[0])
    if len(messages) != 1:
        raise NotSoap("body-empty" if not messages else "body-many")
    return Envelope(headers, messages[0])


def not_understood(envelope: Envelope, understood: frozenset[str] = UNDERSTOOD) -> tuple[str, ...]:
    """The names of the header blocks that we must understand and do not."""
    return tuple(str(block.tag) for block in envelope.headers if _mandatory(block) and block.tag not in understood)


def _mandatory(block: etree._Element) -> bool:
    demanded = block.get(soap("mustUnderstand"), "").strip() in ("1", "true")
    return demanded and block.get(soap("role"), "").strip() in _FOR_US


def write_envelope(body: etree._Element, headers: Iterable[etree._Element] = ()) -> bytes:
    """The bytes of a message; the elements given become part of it."""
    envelope, place = _envelope(headers)
    place.append(body)
    return serialize(envelope)


def surround(message: bytes, headers: Iterable[etree._Element] = ()) -> bytes:
    """The bytes of an envelope around a message that is written already, without declaration."""
    envelope, _ = _envelope(headers)
    before, _, after = serialize(envelope).rpartition(b"<soap:Body/>")
    return b"".join((before, b"<soap:Body>", message, b"</soap:Body>", after))


def _envelope(headers: Iterable[etree._Element]) -> tuple[etree._Element, etree._Element]:
    """An envelope, and the body that is to be filled."""
    envelope = etree.Element(soap("Envelope"), nsmap={"soap": SOAP12})
    blocks = list(headers)
    if blocks:
        etree.SubElement(envelope, soap("Header")).extend(blocks)
    return envelope, etree.SubElement(envelope, soap("Body"))


def write_fault(fault: Fault, headers: Iterable[etree._Element] = ()) -> bytes:
    """The envelope of a fault, with the header blocks SOAP 1.2 wants beside it (Upgrade, NotUnderstood)."""
    element = etree.Element(soap("Fault"))
    code = etree.SubElement(element, soap("Code"))
    etree.SubElement(code, soap("Value")).text = f"soap:{fault.code}"
    if fault.subcode is not None:
        subcode = etree.SubElement(code, soap("Subcode"))
        etree.SubElement(subcode, soap("Value"), nsmap={"inter-ror": FAULTS}).text = f"inter-ror:{fault.subcode}"
        if fault.security is not None:
            inner = etree.SubElement(subcode, soap("Subcode"))
            etree.SubElement(inner, soap("Value"), nsmap={"wsse": WSSE}).text = f"wsse:{fault.security}"
    reason = etree.SubElement(element, soap("Reason"))
    for language, text in fault.reasons:
        etree.SubElement(reason, soap("Text"), {f"{{{XML}}}lang": language}).text = text
    erreur = () if fault.erreur is None else (write_erreur(fault.erreur),)
    if erreur or fault.details:
        etree.SubElement(element, soap("Detail")).extend((*erreur, *fault.details))
    return write_envelope(element, [*_companions(fault), *headers])


def write_version_mismatch(reason: str, detail: etree._Element) -> bytes:
    """The envelope in which a 1.1 sender is told that only 1.2 is spoken here (SOAP 1.2 part 1, appendix A)."""
    envelope = etree.Element(f"{{{SOAP11}}}Envelope", nsmap={"soap11": SOAP11})
    header = etree.SubElement(envelope, f"{{{SOAP11}}}Header")
    upgrade = etree.SubElement(header, soap("Upgrade"), nsmap={"soap": SOAP12})
    etree.SubElement(upgrade, soap("SupportedEnvelope"), qname="soap:Envelope")
    fault = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP11}}}Body"), f"{{{SOAP11}}}Fault")
    etree.SubElement(fault, "faultcode").text = "soap11:VersionMismatch"
    etree.SubElement(fault, "faultstring").text = reason
    etree.SubElement(fault, "detail").append(detail)
    return serialize(envelope)


def write_erreur(erreur: ErreurContrat) -> etree._Element:
    """The `ror:erreur` detail of a functional refusal; its text says both again, for stacks that drop attributes."""
    element = etree.Element(ror("erreur"), nsmap={"ror": ROR})
    element.text = erreur.message
    if erreur.code is not None:
        element.set("code", str(erreur.code))
        element.text = f"{erreur.code} {erreur.message}"
    element.set("message", erreur.message)
    return element


def _companions(fault: Fault) -> list[etree._Element]:
    if fault.code is FaultCode.VERSION_MISMATCH:
        upgrade = etree.Element(soap("Upgrade"))
        etree.SubElement(upgrade, soap("SupportedEnvelope"), qname="soap:Envelope")
        return [upgrade]
    return [_not_understood(name) for name in fault.not_understood]


def _not_understood(name: str) -> etree._Element:
    qualified = etree.QName(name)
    return etree.Element(
        soap("NotUnderstood"),
        {"qname": f"block:{qualified.localname}" if qualified.namespace else qualified.localname},
        nsmap={"block": qualified.namespace} if qualified.namespace else None,
    )


def read_fault(body: etree._Element) -> Fault | None:
    """The fault that is the element of the body; None when that element is something else."""
    if body.tag != soap("Fault"):
        return None
    value = _local(body.findtext(f"{soap('Code')}/{soap('Value')}"))
    subcode = _local(body.findtext(f"{soap('Code')}/{soap('Subcode')}/{soap('Value')}"))
    reasons = tuple(
        (text.get(f"{{{XML}}}lang", ""), (text.text or "").strip())
        for text in body.iterfind(f"{soap('Reason')}/{soap('Text')}")
    )
    code = FaultCode(value) if value in set(FaultCode) else FaultCode.RECEIVER
    erreur = _read_erreur(body.find(soap("Detail")))
    number = number_of(value)
    if erreur is None and number is not None:
        # Illegal in SOAP 1.2 but widespread: the number of the refusal stands in for the code.
        code = FaultCode.SENDER
        erreur = ErreurContrat(number, reasons[0][1] if reasons else "")
    return Fault(code, reasons, subcode or None, erreur)


def _read_erreur(detail: etree._Element | None) -> ErreurContrat | None:
    if detail is None:
        return None
    for element in detail.iter():
        if isinstance(element.tag, str) and etree.QName(element).localname == "erreur":
            message = element.get("message") or (element.text or "").strip()
            return ErreurContrat(number_of(element.get("code", "").strip()), message)
    return None


def _local(value: str | None) -> str:
    """The local part of a qualified name written in a text."""
    return (value or "").strip().rpartition(":")[2]


__all__ = [
    "COVERAGE",
    "FAULTS",
    "UNDERSTOOD",
    "Envelope",
    "Fault",
    "FaultCode",
    "NotSoap",
    "VersionMismatch",
    "not_understood",
    "read_envelope",
    "read_fault",
    "surround",
    "write_envelope",
    "write_erreur",
    "write_fault",
    "write_version_mismatch",
]
