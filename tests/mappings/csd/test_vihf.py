"""The assertion of a caller: one case per line of the catalogue of what is accepted and refused."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from lxml import etree

from mappings.csd import vihf
from mappings.csd.vihf import (
    AUTOMATE,
    LABELS,
    PROFILE_CODES,
    PROFILES,
    AssertionLife,
    VihfRefused,
    expiry,
    find,
    remarks,
    write,
)
from mappings.csd.xml import parse, serialize
from mappings.exposition.demandes import ContexteAppelant, ProfilAcces
from mappings.exposition.values import Code

ISSUER = "CN=passerelle-fictive, OU=399999999900011, O=ORGANISATION FICTIVE, C=FR"
NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
CONTEXT = ContexteAppelant(
    profil_utilisateur=Code("R78", "CU22", LABELS["CU22"]),
    role_metier=AUTOMATE,
    structure="39999999990001",
    identifiant_interne="42",
    nom="Passerelle fictive",
    emetteur=ISSUER,
)


def written(contexte: ContexteAppelant = CONTEXT) -> str:
    element = write(contexte, issuer=ISSUER, now=NOW, identifier="a0c7a52e-1d0e-4c39-9a55-6f2f5b1f7a10")
    return serialize(element).decode().removeprefix("<?xml version='1.0' encoding='UTF-8'?>\n")


def headers(*blocks: str) -> tuple[etree._Element, ...]:
    return tuple(parse(f"<h>{''.join(blocks)}</h>".encode()))


def read(blocks: tuple[etree._Element, ...]) -> ContexteAppelant | None:
    """What the assertion of these headers says; None without one."""
    assertion = find(blocks)
    return None if assertion is None else vihf.read(assertion)


def life(blocks: tuple[etree._Element, ...]) -> AssertionLife:
    assertion = find(blocks)
    assert assertion is not None
    return vihf.life(assertion)


def changed(before: str, after: str) -> str:
    text = written()
    assert before in text
    return text.replace(before, after)


def test_what_is_written_is_read_back() -> None:
    assert read(headers(written())) == CONTEXT


def test_no_security_header_is_no_context() -> None:
    assert find(headers("<other/>")) is None
    assert find(()) is None


@pytest.mark.parametrize(
    ("code", "profile"),
    [("CU23", "0"), ("CU22", "1"), ("CU20", "2"), ("CU19", "3"), ("CU18", "2"), ("CU21", "3")],
)
def test_the_code_gives_the_access_profile(code: str, profile: str) -> None:
    context = read(headers(changed('code="CU22"', f'code="{code}"')))

    assert context is not None
    assert PROFILES[context.profil_utilisateur.code] == ProfilAcces(profile)


def test_every_profile_can_be_asserted_and_the_soap_ones_come_back() -> None:
    back = {profile: PROFILES[PROFILE_CODES[profile]] for profile in ProfilAcces}

    assert back == {
        ProfilAcces.P0: ProfilAcces.P0,
        ProfilAcces.P1: ProfilAcces.P1,
        ProfilAcces.P2: ProfilAcces.P2,
        ProfilAcces.P3: ProfilAcces.P3,
        ProfilAcces.P4: ProfilAcces.P1,
        ProfilAcces.P5: ProfilAcces.P2,
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            changed("http://www.w3.org/2001/XMLSchema-instance", "http://wwww.w3.org/2001/XMLSchema-instance"),
            id="four w",
        ),
        pytest.param(changed(LABELS["CU22"], LABELS["CU18"]), id="label of another code"),
        pytest.param(changed("SAML:1.1:nameid-format", "SAML:2.0:nameid-format"), id="format of the issuer"),
        pytest.param(
            changed(
                "</saml:AttributeStatement>",
                '<saml:Attribute Name="LPS_Nom"><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>'
                "</saml:AttributeStatement>",
            ),
            id="unknown attribute",
        ),
        pytest.param(
            changed('codeSystem="1.2.250.1.213.1.6.1.66"', 'codeSystem="1.2.250.1.213.1.6.1.66 "'), id="blank"
        ),
    ],
)
def test_habits_of_senders_do_not_fail(text: str) -> None:
    context = read(headers(text))

    assert context is not None
    assert context.profil_utilisateur.cle == ("R78", "CU22")


def test_a_comment_does_not_cut_a_name() -> None:
    context = read(headers(changed("39999999990001/42", "39999<!-- -->999990001/42")))

    assert context is not None
    assert (context.structure, context.identifiant_interne) == ("39999999990001", "42")


def without(name: str) -> str:
    (root,) = headers(written())
    for attribute in root.iter(f"{{{SAML}}}Attribute"):
        if attribute.get("Name") == name:
            parent = attribute.getparent()
            assert parent is not None
            parent.remove(attribute)
            break
    return etree.tostring(root).decode()


PATIENT = (
    '<saml:Attribute Name="urn:oasis:names:tc:xacml:2.0:resource:resource-id">'
    "<saml:AttributeValue>secret</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
)
SECOND_PROFILE = (
    '<saml:Attribute Name="Profil_Utilisateur"><saml:AttributeValue><hl7:Profil_Utilisateur code="CU23"'
    ' codeSystem="1.2.250.1.213.1.6.1.66"/></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>'
)


TWICE_IN_ONE = '<hl7:Profil_Utilisateur code="CU23" codeSystem="1.2.250.1.213.1.6.1.66"/>'


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        pytest.param((written(), written()), "two-headers", id="two headers"),
        pytest.param(
            (changed("</wsse:Security>", written().partition(">")[2]),), "two-assertions", id="two assertions"
        ),
        pytest.param((written(), f'<x><s:Assertion xmlns:s="{SAML}"/></x>'), "two-assertions", id="one elsewhere"),
        pytest.param((f'<s:Assertion xmlns:s="{SAML}"/>',), "two-headers", id="assertion outside security"),
        pytest.param((written().partition(">")[0] + "/>",), "no-assertion", id="empty security"),
        pytest.param(
            (changed("<saml:Assertion", "<x><saml:Assertion").replace("</saml:Assertion>", "</saml:Assertion></x>"),),
            "no-assertion",
            id="wrapped",
        ),
        pytest.param((changed('Version="2.0"', 'Version="1.1"'),), "version", id="SAML 1.1"),
        pytest.param((changed(ISSUER, ""),), "issuer", id="no issuer"),
        pytest.param(
            (changed("<saml:Subject>", "<saml:Issuer>x</saml:Issuer><saml:Subject>"),), "issuer", id="2 issuers"
        ),
        pytest.param((changed(ISSUER, f"<x>{ISSUER}</x>"),), "issuer", id="element in the issuer"),
        pytest.param(
            (changed("</saml:NameID>", "</saml:NameID><saml:NameID>x</saml:NameID>"),), "subject", id="2 names"
        ),
        pytest.param(
            (changed("<saml:AuthnStatement", "<saml:Subject/><saml:AuthnStatement"),), "subject", id="2 subjects"
        ),
        pytest.param((changed("</wsse:Security>", "<x/></wsse:Security>"),), "security-content", id="another token"),
        pytest.param((changed('code="CU22"', 'code=""'),), "unknown-profile", id="empty code"),
        pytest.param((changed('code="CU22"', 'code="CU22 CU20"'),), "unknown-profile", id="two codes in one"),
        pytest.param((changed('code="CU22"', 'code="cu22"'),), "unknown-profile", id="lower case"),
        pytest.param(
            (changed("<hl7:Profil_Utilisateur", TWICE_IN_ONE + "<hl7:Profil_Utilisateur"),),
            "repeated-attribute",
            id="two profiles in one value",
        ),
        pytest.param((changed("39999999990001/42", "/42"),), "subject", id="no structure"),
        pytest.param((changed(">2.0<", ">3.0<"),), "vihf-version", id="VIHF 3.0"),
        pytest.param((changed("urn:ROR", "urn:dmp"),), "resource", id="another resource"),
        pytest.param((changed('code="AUTOMATE"', 'code="MEDECIN"'),), "role", id="a person"),
        pytest.param((changed("1.2.250.1.213.1.1.4.6", "1.2.3"),), "role", id="role of another system"),
        pytest.param((changed("profil_referentiel", "profil_patient"),), "vihf-profile", id="another VIHF profile"),
        pytest.param((changed('code="CU22"', 'code="CU99"'),), "unknown-profile", id="unknown code"),
        pytest.param((changed("1.2.250.1.213.1.6.1.66", "1.2.250.1.213.1.1.4.6"),), "profile-system", id="system"),
        pytest.param((changed("</saml:AttributeStatement>", PATIENT),), "patient", id="a patient"),
        pytest.param(
            (changed("</saml:AttributeStatement>", SECOND_PROFILE),), "repeated-attribute", id="profile twice"
        ),
        pytest.param((without("Profil_Utilisateur"),), "missing-attribute", id="no profile"),
        pytest.param((without("VIHF_Version"),), "missing-attribute", id="no version"),
        pytest.param((changed("hl7:Role", "hl7:Rol"),), "missing-attribute", id="coded element of another name"),
    ],
)
def test_an_assertion_that_cannot_be_relied_on_is_refused(blocks: tuple[str, ...], code: str) -> None:
    with pytest.raises(VihfRefused) as refusal:
        read(headers(*blocks))

    assert refusal.value.code == code
    assert "secret" not in str(refusal.value)


def test_the_life_of_an_assertion_is_told() -> None:
    conditions = (
        '<saml:Conditions NotBefore="2026-01-15T09:29:00Z" NotOnOrAfter="2026-01-15T10:30:00+01:00"/>'
        "<saml:AuthnStatement"
    )

    assert life(headers(changed("<saml:AuthnStatement", conditions))) == AssertionLife(
        "a0c7a52e-1d0e-4c39-9a55-6f2f5b1f7a10",
        NOW,
        NOW,
        datetime(2026, 1, 15, 9, 29, tzinfo=UTC),
        datetime(2026, 1, 15, 9, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace(' IssueInstant="2026-01-15T09:30:00Z"', ""), id="no instant"),
        pytest.param(lambda text: text.replace("2026-01-15T09:30:00Z", "hier"), id="a word"),
        pytest.param(lambda text: text.replace('ID="a0c7', 'Id="a0c7'), id="no identifier"),
    ],
)
def test_an_assertion_without_life_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(VihfRefused) as refusal:
        life(headers(change(written())))

    assert refusal.value.code == "instant"


RESTRICTED = (
    "<saml:Conditions><saml:AudienceRestriction><saml:Audience>urn:a</saml:Audience><saml:Audience>urn:b"
    "</saml:Audience></saml:AudienceRestriction><saml:OneTimeUse/></saml:Conditions><saml:AuthnStatement"
)


def test_the_narrowest_of_all_bounds_is_the_life() -> None:
    confirmation = (
        "</saml:NameID><saml:SubjectConfirmation><saml:SubjectConfirmationData NotOnOrAfter='2026-01-15T09:32:00Z'/>"
        "</saml:SubjectConfirmation>"
    )
    session = '<saml:AuthnStatement SessionNotOnOrAfter="2026-01-15T09:31:00Z"'
    text = changed("</saml:NameID>", confirmation).replace("<saml:AuthnStatement", session)

    assert life(headers(text)).fin == datetime(2026, 1, 15, 9, 31, tzinfo=UTC)


def test_the_conditions_of_use_are_told() -> None:
    told = life(headers(changed("<saml:AuthnStatement", RESTRICTED)))

    assert (told.publics, told.usage_unique) == ((("urn:a", "urn:b"),), True)


def test_a_condition_that_cannot_be_judged_does_not_hold() -> None:
    text = changed("<saml:AuthnStatement", "<saml:Conditions><saml:Condition/></saml:Conditions><saml:AuthnStatement")

    with pytest.raises(VihfRefused) as refusal:
        life(headers(text))

    assert refusal.value.code == "condition"


def test_the_end_of_a_timestamp_is_told() -> None:
    utility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    stamp = f'<u:Timestamp xmlns:u="{utility}"><u:Expires>2026-01-15T09:31:00Z</u:Expires></u:Timestamp>'

    assert expiry(headers(changed("</wsse:Security>", f"{stamp}</wsse:Security>"))) == datetime(
        2026, 1, 15, 9, 31, tzinfo=UTC
    )
    assert expiry(headers(written())) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(written(), (), id="nothing"),
        pytest.param(changed("SAML:1.1:nameid-format", "SAML:2.0:nameid-format"), ("issuer-format",), id="format"),
        pytest.param(
            changed("</saml:AttributeStatement>", '<saml:Attribute Name="LPS_Nom"/></saml:AttributeStatement>'),
            ("unknown-attribute",),
            id="attribute",
        ),
    ],
)
def test_what_is_passed_over_is_told(text: str, said: tuple[str, ...]) -> None:
    assertion = find(headers(text))

    assert assertion is not None
    assert remarks(assertion) == said


def test_another_version_is_read_where_it_is_accepted() -> None:
    assertion = find(headers(changed(">2.0<", ">3.0<")))

    assert assertion is not None
    assert vihf.read(assertion, versions=frozenset({"2.0", "3.0"})).emetteur == ISSUER
