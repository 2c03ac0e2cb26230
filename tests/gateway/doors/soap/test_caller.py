"""Who may say what in an assertion: the catalogue of the security facts (6.3, and 6.4 where it is about VIHF).

Each case is a whole call over TLS. The refusals are told by their cause in the log and in the fault, whose second
subcode is the word of WS-Security. Signatures that are moved or wrapped are attacks of `tests/corpora/soap`.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from whitelist.names import parse_dn

if TYPE_CHECKING:
    from tests.gateway.doors.soap.conftest import Federation, Told

pytestmark = pytest.mark.asyncio(loop_scope="module")

Changed = Callable[[str], str]
REFUSED = 403


def replaced(before: str, after: str) -> Changed:
    def change(text: str) -> str:
        assert before in text
        return text.replace(before, after, 1)

    return change


def instant(**from_now: float) -> str:
    return (datetime.now(UTC) + timedelta(**from_now)).strftime("%Y-%m-%dT%H:%M:%SZ")


def conditions(inside: str = "", **bounds: float) -> Changed:
    attributes = "".join(f' {name}="{instant(seconds=seconds)}"' for name, seconds in bounds.items())
    return replaced(
        "<saml:AuthnStatement", f"<saml:Conditions{attributes}>{inside}</saml:Conditions><saml:AuthnStatement"
    )


def authenticated(**from_now: float) -> Changed:
    def change(text: str) -> str:
        before, _, rest = text.partition('AuthnInstant="')
        return f'{before}AuthnInstant="{instant(**from_now)}"{rest.partition(chr(34))[2]}'

    return change


def ended(**from_now: float) -> str:
    return f' SessionNotOnOrAfter="{instant(**from_now)}" Authn'


def audience(*names: str) -> str:
    inside = "".join(f"<saml:Audience>{name}</saml:Audience>" for name in names)
    return f"<saml:AudienceRestriction>{inside}</saml:AudienceRestriction>"


def stamp(seconds: float) -> str:
    utility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    end = f"<u:Expires>{instant(seconds=seconds)}</u:Expires>"
    return f'<u:Timestamp xmlns:u="{utility}">{end}</u:Timestamp></wsse:Security>'


def same(text: str) -> str:
    return text


END = "</wsse:Security>"
SECOND_PROFILE = (
    '<saml:Attribute Name="Profil_Utilisateur"><saml:AttributeValue><hl7:Profil_Utilisateur code="CU23"'
    ' codeSystem="1.2.250.1.213.1.6.1.66"/></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>'
)
PATIENT = (
    '<saml:Attribute Name="urn:oasis:names:tc:xacml:2.0:resource:resource-id"><saml:AttributeValue>1850275000000'
    "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
)

UNSIGNED: dict[str, tuple[dict[str, Any], Callable[[], Changed], str]] = {
    "V01": ({}, lambda: same, "ok"),
    "V03": ({"holder": "member-84-client"}, lambda: same, "issuer-not-caller"),
    "V05": ({}, lambda: replaced("SAML:1.1:nameid-format", "SAML:2.0:nameid-format"), "ok"),
    "V06-old": ({"age": timedelta(minutes=10)}, lambda: same, "not-fresh"),
    "V06-ahead": ({"age": timedelta(minutes=-5)}, lambda: same, "not-fresh"),
    "V06-ahead-within-skew": ({"age": timedelta(seconds=-30)}, lambda: same, "ok"),
    "V08-expired": ({}, lambda: conditions(NotOnOrAfter=-61), "outside-conditions"),
    "V08-expired-within-skew": ({}, lambda: conditions(NotOnOrAfter=-30), "ok"),
    "V08-not-yet": ({}, lambda: conditions(NotBefore=70), "outside-conditions"),
    "V08-both": ({}, lambda: conditions(NotBefore=-60, NotOnOrAfter=60), "ok"),
    "V08-empty": ({}, conditions, "ok"),
    "V08-unreadable": ({}, lambda: replaced("<saml:Auth", '<saml:Conditions NotBefore="x"/><saml:Auth'), "instant"),
    "session-ended": ({}, lambda: replaced(" Authn", ended(hours=-1)), "outside-conditions"),
    "authenticated-after": ({}, lambda: authenticated(minutes=10), "authentication-instant"),
    "authenticated-long-ago": ({}, lambda: authenticated(hours=-13), "authentication-instant"),
    "audience-of-another": ({}, lambda: conditions(audience("https://another.example")), "audience"),
    "audience-empty": ({}, lambda: conditions(audience()), "audience"),
    "condition-unknown": ({}, lambda: conditions("<saml:Condition/>"), "condition"),
    "timestamp": ({}, lambda: replaced("</wsse:Security>", stamp(60)), "ok"),
    "timestamp-expired": ({}, lambda: replaced("</wsse:Security>", stamp(-120)), "timestamp-expired"),
    "V09": ({"code": "CU22"}, lambda: same, "profile-not-granted"),
    "V09-granted": ({"code": "CU19"}, lambda: same, "ok"),
    "V10": ({}, lambda: replaced("Coordination sanitaire et médico-sociale", "Orientation"), "ok"),
    "V11-code": ({"code": "CU99"}, lambda: same, "unknown-profile"),
    "V11-empty": ({"code": ""}, lambda: same, "unknown-profile"),
    "V11-several": ({"code": "CU20 CU22"}, lambda: same, "unknown-profile"),
    "V11-system": ({}, lambda: replaced("1.2.250.1.213.1.6.1.66", "1.2.250.1.213.1.1.4.6"), "profile-system"),
    "V12": ({}, lambda: replaced("</saml:AttributeStatement>", SECOND_PROFILE), "repeated-attribute"),
    "V13-headers": ({}, lambda: lambda text: text + text, "two-headers"),
    "V13-assertions": ({}, lambda: lambda text: text.replace(END, text.partition(">")[2]), "two-assertions"),
    "V20-name": ({}, lambda: replaced("<saml:NameID>", "<saml:NameID><!-- x -->"), "ok"),
    "V20-issuer": ({}, lambda: replaced(",C=FR", ",C=F<!-- x -->R"), "ok"),
    "V20-another-behind": ({}, lambda: replaced("</saml:Iss", "<!-- x -->,C=FR</saml:Iss"), "issuer-not-caller"),
    "V21": ({}, lambda: replaced("http://www.w3.org/2001/XML", "http://wwww.w3.org/2001/XML"), "ok"),
    "V22": ({}, lambda: replaced('code="AUTOMATE"', 'code="10"'), "role"),
    "V23": ({}, lambda: replaced("</saml:AttributeStatement>", PATIENT), "patient"),
    "V24": ({}, lambda: replaced(">2.0<", ">3.0<"), "vihf-version"),
    "V24-4.0": ({}, lambda: replaced(">2.0<", ">4.0<"), "vihf-version"),
    "empty-security": ({}, lambda: lambda text: f"{text.partition('>')[0]}/>", "no-assertion"),
    "other-token": ({}, lambda: replaced(END, f"<wsse:UsernameToken/>{END}"), "security-content"),
    "I02": ({"structure": "2690000001"}, lambda: same, "structure-not-caller"),
    "no-structure": ({"structure": ""}, lambda: same, "subject"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "change", "cause"), UNSIGNED.values(), ids=UNSIGNED)
async def test_an_unsigned_assertion(
    federation: "Federation", made: dict[str, Any], change: Callable[[], Changed], cause: str
) -> None:
    told = await federation.call(change()(federation.assertion(**made)))

    assert_told(told, cause)
    assert "1850275000000" not in federation.log.getvalue()


def assert_told(told: "Told", cause: str) -> None:
    assert told.cause == cause
    assert told.status == (500 if cause == "ok" else REFUSED)
    assert told.line["caller"] in {"93", "84"}
    if cause != "ok" and told.line["code"] == "assertion-refused":
        assert told.security.startswith("wsse:")


async def test_no_assertion_is_the_profile_of_the_entry(federation: "Federation") -> None:
    told = await federation.call("")

    assert (told.cause, "assertion" in told.line) == ("ok", False)


async def test_an_assertion_in_the_body_is_a_second_one(
    federation: "Federation", parts: Callable[[str], tuple[str, str, str]], envelope_of: Callable[..., str]
) -> None:
    security = federation.assertion()

    told = await federation.call(envelope_of(security, f"<x>{parts(security)[1]}</x>"))

    assert told.cause == "unknown-request"


@pytest.mark.parametrize("where", ["", "/ROR/3.0/84"], ids=["public address", "address called"])
async def test_an_audience_that_is_ours(federation: "Federation", where: str) -> None:
    restricted = conditions(audience("urn:x", f"{federation.gateway.soap}{where}"))

    assert_told(await federation.call(restricted(federation.assertion())), "ok")


async def test_a_second_use_is_refused(federation: "Federation") -> None:
    security = federation.assertion()
    first, second = await federation.call(security), await federation.call(security)

    assert_told(first, "ok")
    assert_told(second, "replayed")


async def test_of_many_uses_at_once_one_is_served(federation: "Federation") -> None:
    security = federation.assertion()
    told = await asyncio.gather(*(federation.call(security) for _ in range(10)))

    assert sorted(one.cause for one in told) == ["ok", *["replayed"] * 9]


async def test_a_refused_assertion_is_not_used(federation: "Federation") -> None:
    security = federation.assertion()
    refused = await federation.call(security, "member-84-client")

    assert refused.cause == "signature-required"
    assert_told(await federation.call(security), "ok")


async def test_another_use_is_the_policy_of_an_entry(federation: "Federation", signed: Callable[..., str]) -> None:
    key = federation.leaves["sign-84"]
    again = signed(federation.assertion("member-84-client"), key)
    once = signed(conditions("<saml:OneTimeUse/>")(federation.assertion("member-84-client")), key)

    assert [(await federation.call(again, "member-84-client")).cause for _ in range(2)] == ["ok", "ok"]
    assert [(await federation.call(once, "member-84-client")).cause for _ in range(2)] == ["ok", "replayed"]


async def test_a_version_of_the_vihf_is_the_policy_of_an_entry(
    federation: "Federation", signed: Callable[..., str]
) -> None:
    key, later = federation.leaves["sign-84"], replaced(">2.0<", ">3.0<")

    told = await federation.call(signed(later(federation.assertion("member-84-client")), key), "member-84-client")

    assert_told(told, "ok")


async def test_what_is_passed_over_is_in_the_log(federation: "Federation") -> None:
    spelt = replaced("SAML:1.1:nameid-format", "SAML:2.0:nameid-format")
    told = await federation.call(spelt(federation.assertion()))

    assert (told.line["assertion"], told.line["assertion_remarks"]) == ("unsigned", ["issuer-format"])


# structures (6.4)

STRUCTURES = {
    "I01": ("18751275100020/26", "ok"),
    "with-digit": ("318751275100020/26", "ok"),
    "I04": ("18751275100020", "ok"),
    "I02": ("218751275100020", "structure-not-caller"),
    "I03": ("418751275100020", "structure-not-caller"),
    "I10-blank": ("18751275100020\u00a0/26", "structure-not-caller"),
    "I11-full-width": ("1875127510002０/26", "structure-not-caller"),
}


@pytest.mark.parametrize(("structure", "cause"), STRUCTURES.values(), ids=STRUCTURES)
async def test_the_structure_is_that_of_the_certificate(federation: "Federation", structure: str, cause: str) -> None:
    assert_told(await federation.call(federation.assertion("siret", structure=structure), "siret"), cause)


# names (V04)


def rfc(pairs: list[tuple[str, str]]) -> str:
    return ",".join(f"{name}={escaped(value)}" for name, value in reversed(pairs))


def escaped(value: str) -> str:
    text = "".join(f"\\{char}" if char in ',+"\\<>;=#' else char for char in value)
    return f"{text[:-1]}\\ " if value.endswith(" ") else text


def quoted(value: str) -> str:
    return '"{}"'.format(value.replace("\\", "\\\\").replace('"', '\\"'))


def octets(value: str) -> str:
    """Every character that is not a plain letter as escaped UTF-8."""
    return "".join(
        char if char.isascii() and char.isalnum() else "".join(f"\\{byte:02X}" for byte in char.encode())
        for char in value
    )


def der(value: str) -> str:
    encoded = value.encode()
    return f"#0c{len(encoded):02x}{encoded.hex()}"


OIDS = {"CN": "2.5.4.3", "OU": "OID.2.5.4.11", "O": "oid.2.5.4.10", "ST": "2.5.4.8", "C": "2.5.4.6"}

SPELLINGS: dict[str, Callable[[list[tuple[str, str]]], str]] = {
    "rfc-4514": rfc,
    "forward": lambda pairs: ",".join(f"{name}={escaped(value)}" for name, value in pairs),
    "java": lambda pairs: ", ".join(f"{name}={quoted(value)}" for name, value in reversed(pairs)),
    "dotnet": lambda pairs: ", ".join(f"{'S' if n == 'ST' else n}={quoted(v)}" for n, v in reversed(pairs)),
    "openssl": lambda pairs: ", ".join(f"{name} = {escaped(value)}" for name, value in pairs),
    "semicolons": lambda pairs: ";".join(f"{name}={escaped(value)}" for name, value in reversed(pairs)),
    "lower-case": lambda pairs: ",".join(f"{name.lower()}={escaped(value)}" for name, value in reversed(pairs)),
    "oids": lambda pairs: ",".join(f"{OIDS[name]}={escaped(value)}" for name, value in reversed(pairs)),
    "der": lambda pairs: ",".join(f"{OIDS[name]}={der(value)}" for name, value in reversed(pairs)),
    "utf-8-octets": lambda pairs: ",".join(f"{name}={octets(value)}" for name, value in reversed(pairs)),
}
OTHERS: dict[str, Callable[[list[tuple[str, str]]], str]] = {
    "value-in-lower-case": lambda pairs: rfc([*pairs[:-1], ("CN", pairs[-1][1].lower())]),
    "blank-at-the-end": lambda pairs: rfc([*pairs[:-1], ("CN", f"{pairs[-1][1]} ")]),
    "another-order": lambda pairs: rfc([*pairs[:2], pairs[3], pairs[2], pairs[4]]),
    "one-more": lambda pairs: rfc([*pairs[:4], ("OU", "11B0000999"), pairs[4]]),
    "one-less": lambda pairs: rfc(pairs[1:]),
    "unescaped": lambda pairs: ",".join(f"{name}={value}" for name, value in reversed(pairs)),
    "no-name": lambda pairs: pairs[-1][1],
    "another-accent": lambda pairs: rfc([*pairs[:-1], ("CN", pairs[-1][1].replace("Ô", "O\u0302"))]),
    "two-values-in-one-part": lambda pairs: rfc(pairs).replace(",OU=", "+OU="),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
async def test_the_issuer_is_a_name_in_every_spelling(
    federation: "Federation", spelling: Callable[[list[tuple[str, str]]], str]
) -> None:
    pairs = [*parse_dn(federation.subject("strange"))]

    told = await federation.call(federation.assertion("strange", issuer=spelling(pairs)), "strange")

    assert_told(told, "ok")


@pytest.mark.parametrize("spelling", OTHERS.values(), ids=OTHERS)
async def test_another_name_is_another_caller(
    federation: "Federation", spelling: Callable[[list[tuple[str, str]]], str]
) -> None:
    pairs = [*parse_dn(federation.subject("strange"))]

    told = await federation.call(federation.assertion("strange", issuer=spelling(pairs)), "strange")

    assert_told(told, "issuer-not-caller")


# signatures (V13 to V18)

SIGNERS = {
    "listed": ("sign-93", "ok"),
    "of-the-connection": ("member-93-client", "ok"),
    "V16": ("sign-84", "signer-unlisted-certificate"),
    "unlisted": ("sign-unlisted", "signer-unlisted-certificate"),
    "client-of-the-member": ("siret", "signer-unlisted-certificate"),
    "server-of-the-member": ("member-93-server", "signer-unlisted-certificate"),
    "revoked": ("sign-revoked", "signer-revoked"),
    "expired": ("sign-old", "signer-expired-certificate"),
    "hostile-authority": ("sign-hostile", "signer-wrong-issuer"),
    "not-for-signing": ("sign-cipher", "signer-not-a-signing-certificate"),
}


@pytest.mark.parametrize(("signer", "cause"), SIGNERS.values(), ids=SIGNERS)
async def test_who_may_sign(federation: "Federation", signed: Callable[..., str], signer: str, cause: str) -> None:
    told = await federation.call(signed(federation.assertion(), federation.leaves[signer]))

    assert_told(told, cause)
    if cause == "ok":
        assert told.line["assertion"] == "signed"
    else:
        assert told.security == "wsse:FailedAuthentication"


CHANGES: dict[str, tuple[Changed, str, str]] = {
    "profile": (replaced('code="CU19"', 'code="CU20"'), "signature-digest", "wsse:FailedCheck"),
    "V15": (
        replaced("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        "signature-algorithm",
        "wsse:UnsupportedAlgorithm",
    ),
    "V18": (
        replaced(
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116"
        ),
        "signature-transform",
        "wsse:UnsupportedAlgorithm",
    ),
    "V14": (replaced('URI="#_', 'URI="#a'), "signature-reference", "wsse:InvalidSecurity"),
    "whole-document": (
        lambda text: text.replace(text[text.index('URI="#') : text.index('"><ds:Transforms')], 'URI="'),
        "signature-reference",
        "wsse:InvalidSecurity",
    ),
    "comment": (replaced("<saml:NameID>", "<saml:NameID><!-- x -->"), "ok", ""),
}


@pytest.mark.parametrize(("change", "cause", "word"), CHANGES.values(), ids=CHANGES)
async def test_what_was_signed_is_what_is_read(
    federation: "Federation", signed: Callable[..., str], change: Changed, cause: str, word: str
) -> None:
    text = signed(federation.assertion(code="CU19"), federation.leaves["sign-93"])

    told = await federation.call(change(text))

    assert (told.cause, told.security) == (cause, word)


async def test_a_signature_that_is_demanded_and_absent(federation: "Federation") -> None:
    told = await federation.call(federation.assertion("member-84-client"), "member-84-client")

    assert_told(told, "signature-required")


async def test_a_gateway_may_refuse_every_unsigned_assertion(strict: "Federation", signed: Callable[..., str]) -> None:
    key = strict.leaves["sign-93"]

    assert_told(await strict.call(strict.assertion()), "signature-required")
    assert_told(await strict.call(signed(strict.assertion(), key)), "ok")


async def test_no_assertion_is_refused_where_the_entry_says_so(strict: "Federation") -> None:
    """V02."""
    told = await strict.call("")

    assert (told.status, told.cause, told.line["cause"]) == (REFUSED, "assertion-required", "profile-missing")


@pytest.mark.parametrize(
    ("names", "cause"),
    [
        pytest.param([("urn:passerelle",)], "ok", id="configured"),
        pytest.param([("urn:other", "urn:passerelle")], "ok", id="one of several"),
        pytest.param([("urn:passerelle",), ("urn:other",)], "audience", id="two restrictions"),
        pytest.param([("urn:PASSERELLE",)], "audience", id="case"),
    ],
)
async def test_the_names_of_the_gateway_are_configured(
    strict: "Federation", signed: Callable[..., str], names: list[tuple[str, ...]], cause: str
) -> None:
    restricted = conditions("".join(audience(*one) for one in names))

    assert_told(await strict.call(signed(restricted(strict.assertion()), strict.leaves["sign-93"])), cause)


async def test_a_document_type_is_refused_before_anything(
    federation: "Federation", signed: Callable[..., str], envelope_of: Callable[..., str]
) -> None:
    message = envelope_of(signed(federation.assertion(), federation.leaves["sign-93"]))

    told = await federation.call(f"<!DOCTYPE x [<!ATTLIST saml:Assertion ID ID #REQUIRED>]>{message}")

    assert told.cause == "doctype"
