"""The requests of the suite as literals of the contract (sections 5, 8 and 17)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

CSD = "urn:ihe:iti:csd:2013"
ROR = "urn:asip:ror:2015"
ID_NAT_STRUCT = "1.2.250.1.71.4.2.2"

_ENVELOPE = """<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"
  xmlns:csd="urn:ihe:iti:csd:2013" xmlns:ror="urn:asip:ror:2015">
<soap:Header>{header}</soap:Header>
<soap:Body>{body}</soap:Body>
</soap:Envelope>"""
_READING = """<csd:careServicesRequest>
<csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true">
<csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>
<csd:id_etablissement/>
<csd:restrictedOrganisation>0</csd:restrictedOrganisation>
</csd:etablissementDemandeLecture></csd:TR_Lecture-OffresSanteEtablissement>
</csd:function>
</csd:careServicesRequest>"""
_NOTIFICATION = """<ror:TR-Notif-ListeEtablissementsMajApresDate_Demande>
<csd:params><csd:dateRef>{moment}</csd:dateRef></csd:params>
</ror:TR-Notif-ListeEtablissementsMajApresDate_Demande>"""
# Profile 1 (CU22): the tree and the counts are judged on everything the target holds.
_SECURITY = """<wsse:Security
  xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:hl7="urn:hl7-org:v3"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="{identifier}" Version="2.0" IssueInstant="{now}">
<saml:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"/>
<saml:Subject><saml:NameID>39999999990001/1</saml:NameID></saml:Subject>
<saml:AuthnStatement AuthnInstant="{now}"><saml:AuthnContext><saml:AuthnContextClassRef
  >urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext>
</saml:AuthnStatement>
<saml:AttributeStatement>
<saml:Attribute Name="VIHF_Version"><saml:AttributeValue>2.0</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="Ressource_URN"><saml:AttributeValue>urn:ROR</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="urn:oasis:names:tc:xacml:2.0:subject:role"><saml:AttributeValue>
<hl7:Role xsi:type="CE" code="AUTOMATE" codeSystem="1.2.250.1.213.1.1.4.6" displayName="Automate"/>
</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="urn:oasis:names:tc:xspa:1.0:subject:subject-id"><saml:AttributeValue
  >Suite de conformité</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="Profil_Utilisateur"><saml:AttributeValue>
<hl7:Profil_Utilisateur xsi:type="CE" code="CU22" codeSystem="1.2.250.1.213.1.6.1.66"
  displayName="Régulation de soins non programmés"/>
</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="VIHF_Profil"><saml:AttributeValue>
<hl7:VIHF_Profil xsi:type="CE" code="profil_referentiel" codeSystem="1.2.250.1.213.1.1.4.312"
  displayName="Accès à un référentiel"/>
</saml:AttributeValue></saml:Attribute>
</saml:AttributeStatement>
</saml:Assertion>
</wsse:Security>"""


@dataclass(frozen=True, slots=True)
class Establishment:
    """An establishment as its source identifies it: the value and the identifier system, sent back untouched."""

    code: str
    authority: str = ID_NAT_STRUCT

    @property
    def finess(self) -> str:
        """The number without its type digit, to compare two spellings of one establishment (contract section 12)."""
        return self.code[1:] if len(self.code) == 10 and self.code[0] == "1" else self.code


def reading_request(establishment: Establishment, *, issuer: str) -> bytes:
    """The reading of one establishment, its internal organisations whole."""
    envelope = _envelope(_READING, issuer)
    identifier = envelope.find(f".//{{{CSD}}}id_etablissement")
    assert identifier is not None  # noqa: S101 - it is in the literal above
    identifier.set("code", establishment.code)
    identifier.set("assigningAuthorityName", establishment.authority)
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def notification_request(moment: str, *, issuer: str) -> bytes:
    """Which establishments changed since an instant written `yyyy-MM-ddThh:mm:ss`."""
    envelope = _envelope(_NOTIFICATION.format(moment=moment), issuer)
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def _envelope(body: str, issuer: str) -> etree._Element:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    header = _SECURITY.format(identifier=f"_{uuid.uuid4()}", now=now)
    envelope = etree.XML(_ENVELOPE.format(header=header, body=body))
    held = envelope.find(".//{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
    assert held is not None  # noqa: S101 - it is in the literal above
    held.text = issuer
    return envelope
