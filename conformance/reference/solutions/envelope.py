"""SOAP 1.2 around the messages: contract sections 3, 6 and 17. Parsed with nothing resolved, no document type."""

from dataclasses import dataclass

from lxml import etree

from conformance.reference.csd.wire import HL7, ROR, SAML, SOAP, WSSE, Element

MEDIA_TYPE = "application/soap+xml"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PROFILE_ATTRIBUTE = "Profil_Utilisateur"


class NotSoap(ValueError):
    """The bytes are not one SOAP 1.2 message with one element in its body."""


@dataclass(frozen=True, slots=True)
class Message:
    """The body element of a request, and the code of use its token carries (`CU22`), None without token."""

    body: Element
    use: str | None


def _root(data: bytes) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root: Element = etree.XML(data, parser)
    except etree.XMLSyntaxError as error:
        raise NotSoap("not well-formed") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotSoap("document type refused")
    return root


def read(data: bytes) -> Message:
    """The message, or NotSoap."""
    root = _root(data)
    if root.tag != f"{{{SOAP}}}Envelope":
        raise NotSoap("no SOAP 1.2 envelope")
    bodies = root.findall(f"{{{SOAP}}}Body")
    if len(bodies) != 1:
        raise NotSoap("one body expected")
    inside = [child for child in bodies[0] if isinstance(child.tag, str)]
    if len(inside) != 1:
        raise NotSoap("one element expected in the body")
    return Message(inside[0], _use(root))


def _use(root: Element) -> str | None:
    path = (
        f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{SAML}}}Assertion/{{{SAML}}}AttributeStatement"
        f"/{{{SAML}}}Attribute[@Name='{PROFILE_ATTRIBUTE}']/{{{SAML}}}AttributeValue/{{{HL7}}}{PROFILE_ATTRIBUTE}"
    )
    found = root.find(path)
    return found.get("code") if found is not None else None


def write(body: Element) -> bytes:
    """The bytes of a message."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(body)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def fault(value: str, reason: str, detail: Element | None = None) -> Element:
    """A fault whose code is written as it comes: `soap:Sender`, or the bare number of one solution."""
    made = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    code = etree.SubElement(made, f"{{{SOAP}}}Code")
    etree.SubElement(code, f"{{{SOAP}}}Value").text = value
    text = etree.SubElement(etree.SubElement(made, f"{{{SOAP}}}Reason"), f"{{{SOAP}}}Text")
    text.set(XML_LANG, "fr")
    text.text = reason
    if detail is not None:
        etree.SubElement(made, f"{{{SOAP}}}Detail").append(detail)
    return made


def ror_error(code: str, message: str) -> Element:
    """`ror:erreur`, the declared detail of a notification fault."""
    return etree.Element(f"{{{ROR}}}erreur", attrib={"code": code, "message": message}, nsmap={"ror": ROR})
