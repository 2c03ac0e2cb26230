"""A VIHF of the caller and its signature, whole and in pieces, for the attacks that rearrange them.

It shares nothing with those who verify: the text is a literal, the canonical form is that of the standard library.
"""

import base64
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

DS = "http://www.w3.org/2000/09/xmldsig#"
_SIGNED_INFO = (
    '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
    '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
    '<ds:Reference URI="#{identifier}"><ds:Transforms>'
    '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>'
    '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms>'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
_ISSUED = (
    '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:hl7="urn:hl7-org:v3" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="{identifier}" Version="2.0" IssueInstant="{instant}">'
    '<saml:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName">{issuer}</saml:Issuer>'
)
_SAID = (
    "<saml:Subject><saml:NameID>{structure}/</saml:NameID></saml:Subject>"
    '<saml:AuthnStatement AuthnInstant="{instant}"><saml:AuthnContext><saml:AuthnContextClassRef>'
    "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext>"
    "</saml:AuthnStatement><saml:AttributeStatement>"
    '<saml:Attribute Name="VIHF_Version"><saml:AttributeValue>2.0</saml:AttributeValue></saml:Attribute>'
    '<saml:Attribute Name="Ressource_URN"><saml:AttributeValue>urn:ROR</saml:AttributeValue></saml:Attribute>'
    '<saml:Attribute Name="urn:oasis:names:tc:xacml:2.0:subject:role"><saml:AttributeValue><hl7:Role xsi:type="CE" '
    'code="AUTOMATE" codeSystem="1.2.250.1.213.1.1.4.6" displayName="Automate"></hl7:Role></saml:AttributeValue>'
    '</saml:Attribute><saml:Attribute Name="urn:oasis:names:tc:xspa:1.0:subject:subject-id"><saml:AttributeValue>essai'
    '</saml:AttributeValue></saml:Attribute><saml:Attribute Name="Profil_Utilisateur"><saml:AttributeValue>'
    '<hl7:Profil_Utilisateur xsi:type="CE" code="{use}" codeSystem="1.2.250.1.213.1.6.1.66" displayName="Usage">'
    '</hl7:Profil_Utilisateur></saml:AttributeValue></saml:Attribute><saml:Attribute Name="VIHF_Profil">'
    '<saml:AttributeValue><hl7:VIHF_Profil xsi:type="CE" code="profil_referentiel" '
    'codeSystem="1.2.250.1.213.1.1.4.312" displayName="Référentiel"></hl7:VIHF_Profil></saml:AttributeValue>'
    "</saml:Attribute></saml:AttributeStatement>"
)
END = "</saml:Assertion>"


def signature(assertion: str, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> str:
    """The enveloped signature of an assertion."""
    identifier = ElementTree.fromstring(assertion).get("ID")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(ElementTree.canonicalize(assertion).encode())
    information = _SIGNED_INFO.format(identifier=identifier, digest=base64.b64encode(digest.finalize()).decode())
    value = key.sign(information.encode(), padding.PKCS1v15(), hashes.SHA256())
    der = certificate.public_bytes(serialization.Encoding.DER)
    return (
        f'<ds:Signature xmlns:ds="{DS}">{information}<ds:SignatureValue>{base64.b64encode(value).decode()}'
        "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{base64.b64encode(der).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )


def pieces(pem: Path, key: Path) -> dict[str, bytes]:
    """What the files of attacks may name: `good` is signed, `evil` asks for more; each is issued, then said."""
    certificate = x509.load_pem_x509_certificates(pem.read_bytes())[0]
    private = cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(key.read_bytes(), None))
    made: dict[str, str] = {}
    for name, use in (("good", "CU20"), ("evil", "CU22")):
        facts = {
            "identifier": f"_{uuid.uuid4()}",
            "instant": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "issuer": certificate.subject.rfc4514_string(),
            "structure": _structure(certificate),
            "use": use,
        }
        made |= {
            f"{name}.id": facts["identifier"],
            f"{name}.issued": _ISSUED.format(**facts),
            f"{name}.said": _SAID.format(**facts),
        }
    made["signature"] = signature(made["good.issued"] + made["good.said"] + END, private, certificate)
    made |= _spoilt(made)
    return {name: text.encode() for name, text in made.items()}


def _spoilt(made: dict[str, str]) -> dict[str, str]:
    """The same pieces, each wrong in one way."""
    signed, issued = made["signature"], made["evil.issued"]
    value = signed.partition("<ds:SignatureValue>")[2][:1]
    enveloped = '"http://www.w3.org/2000/09/xmldsig#enveloped-signature"'
    return {
        "signature.opened": signed.removesuffix("</ds:Signature>"),
        "signature.altered": signed.replace(
            f"<ds:SignatureValue>{value}", f"<ds:SignatureValue>{'A' if value != 'A' else 'B'}"
        ),
        "signature.elsewhere": signed.replace(f'URI="#{made["good.id"]}"', 'URI="{canary}/s"'),
        "signature.xslt": signed.replace(enveloped, '"http://www.w3.org/TR/1999/REC-xslt-19991116"'),
        "signature.retrieval": signed.replace(
            "<ds:X509Data>", '<ds:RetrievalMethod URI="{canary}/k"></ds:RetrievalMethod><ds:X509Data>'
        ),
        "evil.issued.renamed": issued.replace(made["evil.id"], made["good.id"]),
        "evil.issued.stranger": issued.replace("CN=", "CN=NOT "),
        "good.said.commented": made["good.said"].replace("<saml:NameID>", "<saml:NameID><!-- x -->"),
    }


def _structure(certificate: x509.Certificate) -> str:
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return str(units[0].value)
