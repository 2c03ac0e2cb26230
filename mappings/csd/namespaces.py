"""The namespaces of the contract (section 4) and the qualified names built on them. Prefixes are never compared."""

SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
CSD = "urn:ihe:iti:csd:2013"
ROR = "urn:asip:ror:2015"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
WSDL_SOAP12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
XSD = "http://www.w3.org/2001/XMLSchema"


def soap(name: str) -> str:
    """A name of the SOAP 1.2 envelope."""
    return f"{{{SOAP12}}}{name}"


def csd(name: str) -> str:
    """A name of the CSD schema."""
    return f"{{{CSD}}}{name}"


def ror(name: str) -> str:
    """A name of the ROR namespace: roots of the notification and of the search of 2016, `erreur`."""
    return f"{{{ROR}}}{name}"


def wsse(name: str) -> str:
    """A name of the security header."""
    return f"{{{WSSE}}}{name}"


def wsu(name: str) -> str:
    """A name of the security header's timestamp."""
    return f"{{{WSU}}}{name}"


def saml(name: str) -> str:
    """A name of the SAML 2.0 assertion."""
    return f"{{{SAML}}}{name}"


def hl7(name: str) -> str:
    """A name of the coded attributes of the assertion."""
    return f"{{{HL7}}}{name}"
