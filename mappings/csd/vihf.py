"""The VIHF: the SAML assertion by which a SOAP caller says who it is (contract section 17), written and read.

What decides is the code of `Profil_Utilisateur`, never its label. Whatever is ambiguous (two headers, two assertions,
an element or an attribute twice) is refused. Whether the issuer is the holder of the channel, whether the assertion is
fresh and whether its signature holds is decided by those who know the certificate and the time: `find` gives them the
assertion, `life` what it says of itself. A signed one is read from what was verified, never from the message.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, overload

import msgspec
from lxml import etree

from mappings.csd.namespaces import HL7, SAML, WSSE, XSI, hl7, saml, wsse, wsu
from mappings.exposition.demandes import ContexteAppelant, ProfilAcces
from mappings.exposition.values import Code
from mappings.nomenclatures.systems import oid, system_id

PROFILE_SYSTEM = "R78"
ROLE_SYSTEM = "1.2.250.1.213.1.1.4.6"
VIHF_PROFILE_SYSTEM = "1.2.250.1.213.1.1.4.312"
AUTOMATE = Code(ROLE_SYSTEM, "AUTOMATE", "Automate")

PROFILES: dict[str, ProfilAcces] = {
    "CU23": ProfilAcces.P0,
    "CU22": ProfilAcces.P1,
    "CU20": ProfilAcces.P2,
    "CU19": ProfilAcces.P3,
    # By analogy: the contract does not establish these two.
    "CU18": ProfilAcces.P2,
    "CU21": ProfilAcces.P3,
}

PROFILE_CODES: dict[ProfilAcces, str] = {
    ProfilAcces.P0: "CU23",
    ProfilAcces.P1: "CU22",
    ProfilAcces.P2: "CU20",
    ProfilAcces.P3: "CU19",
    # SOAP has no code for these: the narrowest profile that contains each (4 in 1, 5 in 2).
    ProfilAcces.P4: "CU22",
    ProfilAcces.P5: "CU20",
}

LABELS = {
    "CU18": "Orientation sanitaire et médico-sociale",
    "CU19": "Orientation médico-sociale",
    "CU20": "Coordination sanitaire et médico-sociale",
    "CU21": "Coordination médico-sociale",
    "CU22": "Régulation de soins non programmés",
    "CU23": "Accès public",
}

VERSIONS = frozenset({"2.0"})
"""The versions of the VIHF that the contract knows; the table of the later ones is not established."""

_ISSUER_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"

_VERSION = "VIHF_Version"
_RESOURCE = "Ressource_URN"
_ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
_NAME = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
_USER_PROFILE = "Profil_Utilisateur"
_VIHF_PROFILE = "VIHF_Profil"
_DEMANDED = (_VERSION, _RESOURCE, _ROLE, _NAME, _USER_PROFILE, _VIHF_PROFILE)
_PATIENT = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_ATTRIBUTES = f"{saml('AttributeStatement')}/{saml('Attribute')}"
_CONFIRMATION = saml("SubjectConfirmationData")
# A proxy restriction forbids issuing other assertions from this one, which the gateway never does.
_CONDITIONS = frozenset({saml("AudienceRestriction"), saml("OneTimeUse"), saml("ProxyRestriction")})


class VihfRefused(Exception):
    """The assertion cannot be relied on; `code` says why, without any value of it.

    Codes: two-headers, two-assertions, no-assertion, security-content, version, issuer, subject, instant, condition,
    structure, missing-attribute, repeated-attribute, vihf-version, resource, role, patient, vihf-profile,
    profile-system, unknown-profile.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AssertionLife(msgspec.Struct, frozen=True):
    """What an assertion says of its own life: freshness, audience and replay are judged on it.

    `debut` and `fin` are the narrowest of all it says (conditions, confirmation of the subject, session). Each of
    `publics` is one restriction: it holds when one of its audiences is ours. `usage_unique` forbids a second use.
    """

    identifiant: str
    emission: datetime
    authentification: datetime | None = None
    debut: datetime | None = None
    fin: datetime | None = None
    publics: tuple[tuple[str, ...], ...] = ()
    usage_unique: bool = False


def find(headers: Sequence[etree._Element]) -> etree._Element | None:
    """The one assertion; None without security header; raises `VihfRefused`.

    A second one anywhere in the message is an attempt to have another one read. Beside it stands nothing that we would
    have to understand and do not: a security header is processed whole or refused.
    """
    securities = [block for block in headers if block.tag == wsse("Security")]
    assertions = [*headers[0].getroottree().iter(saml("Assertion"))] if headers else []
    if not securities and not assertions:
        return None
    if len(securities) != 1:
        raise VihfRefused("two-headers")
    if len(assertions) > 1:
        raise VihfRefused("two-assertions")
    if not assertions or assertions[0].getparent() is not securities[0]:
        raise VihfRefused("no-assertion")
    if any(child.tag not in (saml("Assertion"), wsu("Timestamp")) for child in securities[0]):
        raise VihfRefused("security-content")
    return assertions[0]


def read(assertion: etree._Element, *, versions: frozenset[str] = VERSIONS) -> ContexteAppelant:
    """What the caller says of itself in a version accepted from it; raises `VihfRefused`."""
    if assertion.get("Version") != "2.0":
        raise VihfRefused("version")
    issuer = _name(_only(assertion, "Issuer", "issuer"), "issuer")
    subject = _only(assertion, "Subject", "subject")
    structure, _, internal = _name(_only(subject, "NameID", "subject"), "subject").partition("/")
    if not structure:
        raise VihfRefused("subject")
    attributes = _attributes(assertion)
    if _text(attributes[_VERSION]) not in versions:
        raise VihfRefused("vihf-version")
    if _text(attributes[_RESOURCE]) != "urn:ROR":
        raise VihfRefused("resource")
    if _coded(attributes[_ROLE], "Role").cle != AUTOMATE.cle:
        raise VihfRefused("role")
    if _coded(attributes[_VIHF_PROFILE], "VIHF_Profil").cle != (VIHF_PROFILE_SYSTEM, "profil_referentiel"):
        raise VihfRefused("vihf-profile")
    return ContexteAppelant(
        profil_utilisateur=_profile(attributes[_USER_PROFILE]),
        role_metier=AUTOMATE,
        structure=structure,
        identifiant_interne=internal or None,
        nom=_text(attributes[_NAME]) or None,
        emetteur=issuer,
    )


def remarks(assertion: etree._Element) -> tuple[str, ...]:
    """What an assertion says beside the contract and is passed over: tokens for the log, without any value."""
    issuer = assertion.find(saml("Issuer"))
    names = {attribute.get("Name", "").strip() for attribute in assertion.iterfind(_ATTRIBUTES)}
    found = {
        "issuer-format": issuer is not None and issuer.get("Format") != _ISSUER_FORMAT,
        "unknown-attribute": bool(names.difference(_DEMANDED)),
    }
    return tuple(token for token, present in found.items() if present)


def life(assertion: etree._Element) -> AssertionLife:
    """The identifier and the instants of the assertion, and what it says of its use."""
    statement = _only(assertion, "AuthnStatement", "structure", optional=True)
    conditions = _only(assertion, "Conditions", "condition", optional=True)
    issued = _instant(assertion, "IssueInstant")
    if issued is None or not assertion.get("ID"):
        raise VihfRefused("instant")
    confirmations = [*assertion.iterfind(f"{saml('Subject')}/{saml('SubjectConfirmation')}/{_CONFIRMATION}")]
    bounded = [conditions, *confirmations]
    starts = [_instant(element, "NotBefore") for element in bounded]
    ends = [_instant(element, "NotOnOrAfter") for element in bounded]
    ends.append(_instant(statement, "SessionNotOnOrAfter"))
    return AssertionLife(
        identifiant=assertion.get("ID", ""),
        emission=issued,
        authentification=_instant(statement, "AuthnInstant"),
        debut=max(filter(None, starts), default=None),
        fin=min(filter(None, ends), default=None),
        publics=_audiences(conditions),
        usage_unique=conditions is not None and conditions.find(saml("OneTimeUse")) is not None,
    )


def expiry(headers: Sequence[etree._Element]) -> datetime | None:
    """The earliest end of a timestamp that stands beside the assertion; None when none says one."""
    ends = [text for block in headers for text in block.iterfind(f"{wsu('Timestamp')}/{wsu('Expires')}")]
    return min((_read_instant(_text(text)) for text in ends), default=None)


def _audiences(conditions: etree._Element | None) -> tuple[tuple[str, ...], ...]:
    """The audience restrictions; a condition of another kind cannot be judged, so that it does not hold."""
    if conditions is None:
        return ()
    if any(condition.tag not in _CONDITIONS for condition in conditions):
        raise VihfRefused("condition")
    return tuple(
        tuple(_text(audience) for audience in restriction.iterfind(saml("Audience")))
        for restriction in conditions.iterfind(saml("AudienceRestriction"))
    )


@overload
def _only(parent: etree._Element, name: str, code: str, *, optional: Literal[True]) -> etree._Element | None: ...
@overload
def _only(parent: etree._Element, name: str, code: str) -> etree._Element: ...
def _only(parent: etree._Element, name: str, code: str, *, optional: bool = False) -> etree._Element | None:
    """The one child of that name: of two, another reader might read the other."""
    found = parent.findall(saml(name))
    if len(found) > 1 or (not found and not optional):
        raise VihfRefused(code)
    return found[0] if found else None


def _name(element: etree._Element, code: str) -> str:
    """A name that is text and nothing else, never empty."""
    if len(element) or not _text(element):
        raise VihfRefused(code)
    return _text(element)


def _attributes(assertion: etree._Element) -> dict[str, etree._Element]:
    """The value of each demanded attribute by its name; attributes of other names are ignored."""
    found: dict[str, etree._Element] = {}
    for attribute in assertion.iterfind(_ATTRIBUTES):
        name = attribute.get("Name", "").strip()
        if name == _PATIENT:
            raise VihfRefused("patient")
        if name not in _DEMANDED:
            continue
        values = attribute.findall(saml("AttributeValue"))
        if name in found or len(values) != 1:
            raise VihfRefused("repeated-attribute" if values else "missing-attribute")
        found[name] = values[0]
    if len(found) != len(_DEMANDED):
        raise VihfRefused("missing-attribute")
    return found


def _coded(value: etree._Element, name: str) -> Code:
    """A coded attribute; its `type` is not looked at, whatever namespace it is written in."""
    coded = value.findall(hl7(name))
    if len(coded) != 1:
        raise VihfRefused("repeated-attribute" if coded else "missing-attribute")
    element = coded[0]
    system = system_id(element.get("codeSystem", ""))
    return Code(system, element.get("code", "").strip(), element.get("displayName"))


def _profile(value: etree._Element) -> Code:
    profile = _coded(value, "Profil_Utilisateur")
    if profile.systeme != PROFILE_SYSTEM:
        raise VihfRefused("profile-system")
    if profile.code not in PROFILES:
        raise VihfRefused("unknown-profile")
    return profile


def _text(element: etree._Element | None) -> str:
    return "".join(str(part) for part in element.itertext()).strip() if element is not None else ""


def _instant(element: etree._Element | None, name: str) -> datetime | None:
    text = element.get(name) if element is not None else None
    return None if text is None else _read_instant(text)


def _read_instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise VihfRefused("instant") from None
    # SAML instants are universal time, written or not.
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def write(contexte: ContexteAppelant, *, issuer: str, now: datetime, identifier: str) -> etree._Element:
    """The `wsse:Security` block that asserts this context under the subject name `issuer`."""
    security = etree.Element(wsse("Security"), nsmap={"wsse": WSSE})
    instant = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assertion = etree.SubElement(
        security,
        saml("Assertion"),
        {"ID": identifier, "Version": "2.0", "IssueInstant": instant},
        nsmap={"saml": SAML, "hl7": HL7, "xsi": XSI},
    )
    etree.SubElement(assertion, saml("Issuer"), Format=_ISSUER_FORMAT).text = issuer
    name = etree.SubElement(etree.SubElement(assertion, saml("Subject")), saml("NameID"))
    name.text = f"{contexte.structure or ''}/{contexte.identifiant_interne or ''}"
    statement = etree.SubElement(assertion, saml("AuthnStatement"), AuthnInstant=instant)
    context = etree.SubElement(statement, saml("AuthnContext"))
    etree.SubElement(context, saml("AuthnContextClassRef")).text = _UNSPECIFIED
    _write_attributes(etree.SubElement(assertion, saml("AttributeStatement")), contexte)
    return security


def _write_attributes(statement: etree._Element, contexte: ContexteAppelant) -> None:
    _attribute(statement, _VERSION).text = "2.0"
    _attribute(statement, _RESOURCE).text = "urn:ROR"
    _write_coded(_attribute(statement, _ROLE), "Role", contexte.role_metier)
    _attribute(statement, _NAME).text = contexte.nom
    profile = contexte.profil_utilisateur
    label = profile.libelle or LABELS.get(profile.code)
    _write_coded(_attribute(statement, _USER_PROFILE), "Profil_Utilisateur", Code(profile.systeme, profile.code, label))
    _write_coded(
        _attribute(statement, _VIHF_PROFILE),
        "VIHF_Profil",
        Code(VIHF_PROFILE_SYSTEM, "profil_referentiel", "Accès à un référentiel"),
    )


def _attribute(statement: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(etree.SubElement(statement, saml("Attribute"), Name=name), saml("AttributeValue"))


def _write_coded(value: etree._Element, name: str, code: Code) -> None:
    element = etree.SubElement(value, hl7(name), {f"{{{XSI}}}type": "CE", "code": code.code})
    element.set("codeSystem", oid(code.systeme))
    if code.libelle:
        element.set("displayName", code.libelle)
