"""A signature holds only in the one shape accepted, and what is read is what was signed.

The signed messages were made by another implementation (`signatures/README.md`), so that a mistake of ours cannot agree
with itself. Whole messages with other arrangements of the same signature are in `tests/gateway/doors/soap`.
"""

import time
from pathlib import Path

import pytest
from lxml import etree

from mappings.csd import vihf
from mappings.csd.soap import read_envelope
from mappings.csd.xml import parse
from whitelist.signature import DS, Signature, SignatureRefused, read

SIGNED = Path(__file__).parent / "signatures"
ACCEPTED = ("rsa-sha256", "rsa-sha512-prefixes", "rsa-sha256-default-prefix", "rsa-pss", "ecdsa-sha256")


def text_of(name: str = "rsa-sha256") -> str:
    return (SIGNED / f"{name}.xml").read_text(encoding="utf-8")


def assertion_of(text: str) -> etree._Element:
    found = vihf.find(read_envelope(parse(text.encode())).headers)
    assert found is not None
    return found


def signature_of(text: str) -> Signature:
    read_one = read(assertion_of(text))
    assert read_one is not None
    return read_one


def refusal(text: str) -> str:
    with pytest.raises(SignatureRefused) as refused:
        signature_of(text).verified()
    return refused.value.code


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_another_implementation_signed_holds(name: str) -> None:
    verified = signature_of(text_of(name)).verified()
    context = vihf.read(verified)

    assert verified.getparent() is None
    assert verified.find(f".//{{{DS}}}Signature") is None
    assert (context.structure, context.identifiant_interne) == ("11B0000001", "42")
    assert context.emetteur == "CN=L'hôpital & <Cie>,OU=11B0000001,O=HOPITAL,ST=Paris (75),C=FR"
    assert vihf.life(verified).identifiant == "a0c7a52e-1d0e-4c39-9a55-6f2f5b1f7a10"


def test_nothing_signed_is_no_signature() -> None:
    before, _, rest = text_of().partition("<ds:Signature")

    assert read(assertion_of(before + rest.partition("</ds:Signature>")[2])) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('code="CU22"', 'code="CU23"', id="another profile"),
        pytest.param("00001/42", "00001/43", id="another caller"),
        pytest.param("2026-01-15T09:30:00Z", "2026-01-15T09:31:00Z", id="another instant"),
        pytest.param("<saml:Subject>", "<saml:Subject> ", id="a blank"),
        pytest.param("<saml:Subject>", "<saml:Subject><?pi?>", id="nothing by an instruction, which leaves with it"),
    ],
)
def test_what_was_changed_after_it_was_signed(before: str, after: str) -> None:
    text = text_of()
    assert before in text
    changed = text.replace(before, after, 1)

    if "<?" in after:
        assert vihf.read(signature_of(changed).verified()).structure == "11B0000001"
    else:
        assert refusal(changed) == "signature-digest"


def cut(text: str, name: str) -> str:
    """The element of that name, whole."""
    before, _, rest = text.partition(f"<ds:{name}")
    return f"<ds:{name}{rest.partition(f'</ds:{name}>')[0]}</ds:{name}>" if before != text else ""


IDENTIFIER = "a0c7a52e-1d0e-4c39-9a55-6f2f5b1f7a10"
TRANSFORM = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
XSLT = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><x:stylesheet version="1.0"'
    ' xmlns:x="http://www.w3.org/1999/XSL/Transform"/></ds:Transform>'
)
XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>true()</ds:XPath></ds:Transform>'
)
WITH_COMMENTS = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

SHAPES: dict[str, tuple[str, str, str]] = {
    "no-uri": (f' URI="#{IDENTIFIER}"', "", "signature-reference"),
    "empty-uri": (f'URI="#{IDENTIFIER}"', 'URI=""', "signature-reference"),
    "uri-of-another": (f'URI="#{IDENTIFIER}"', 'URI="#other"', "signature-reference"),
    "external-uri": (f'URI="#{IDENTIFIER}"', 'URI="https://evil.example/a.xml"', "signature-reference"),
    "file-uri": (f'URI="#{IDENTIFIER}"', 'URI="file:///etc/passwd"', "signature-reference"),
    "xpointer": (f'URI="#{IDENTIFIER}"', f"URI=\"#xpointer(id('{IDENTIFIER}'))\"", "signature-reference"),
    "no-identifier": (f' ID="{IDENTIFIER}"', "", "signature-reference"),
    "xslt": (TRANSFORM, XSLT, "signature-transform"),
    "third-transform": (TRANSFORM, TRANSFORM + XSLT, "signature-transform"),
    "xpath": (TRANSFORM, XPATH, "signature-transform"),
    "no-canonicalisation": (TRANSFORM, "", "signature-transform"),
    "inclusive": (
        TRANSFORM,
        TRANSFORM.replace("2001/10/xml-exc-c14n#", "TR/2001/REC-xml-c14n-20010315"),
        "signature-transform",
    ),
    "with-comments": (
        TRANSFORM,
        TRANSFORM.replace("http://www.w3.org/2001/10/xml-exc-c14n#", WITH_COMMENTS),
        "signature-transform",
    ),
    "inside-the-enveloped": (
        'Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>',
        'Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"><ds:XPath>x</ds:XPath></ds:Transform>',
        "signature-transform",
    ),
    "signed-information-otherwise": (
        '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
        f'<ds:CanonicalizationMethod Algorithm="{WITH_COMMENTS}"/>',
        "signature-transform",
    ),
    "sha1-digest": (SHA256, "http://www.w3.org/2000/09/xmldsig#sha1", "signature-algorithm"),
    "sha1-signature": (RSA, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "signature-algorithm"),
    "hmac": (RSA, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "signature-algorithm"),
    "dsa": (RSA, "http://www.w3.org/2009/xmldsig11#dsa-sha256", "signature-algorithm"),
    "method-of-another-key": (RSA, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "signature-algorithm"),
    "another-method": (RSA, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "signature-value"),
    "truncated-output": (
        f'<ds:SignatureMethod Algorithm="{RSA}"/>',
        f'<ds:SignatureMethod Algorithm="{RSA}"><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>',
        "signature-algorithm",
    ),
    "object": ("</ds:Signature>", "<ds:Object/></ds:Signature>", "signature-shape"),
    "second-reference": ("</ds:SignedInfo>", "<ds:Reference/></ds:SignedInfo>", "signature-shape"),
    "second-key": ("</ds:X509Data>", "<ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>", "signature-key"),
    "second-signature": (
        "</saml:Assertion>",
        "<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/></saml:Assertion>",
        "signature-placement",
    ),
    "signature-in-the-body": (
        "<x/>",
        "<x><ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/></x>",
        "signature-placement",
    ),
    "identifier-in-the-body": ("<x/>", f'<x Id="{IDENTIFIER}"/>', "repeated-identifier"),
    "identifier-in-the-header": ("<saml:Subject>", f'<saml:Subject xml:id="{IDENTIFIER}">', "repeated-identifier"),
    "relative-namespace": ("<saml:Subject>", '<saml:Subject xmlns="a">', "signature-shape"),
    "huge": ("<saml:Subject>", f"<saml:Subject>{'>' * 70_000}", "signature-size"),
    "namespace-written-again": (
        "<saml:Subject>",
        f'<saml:Subject xmlns:long="urn:{"a" * 60_000}"><x>{"<long:a/>" * 20_000}</x>',
        "signature-size",
    ),
    "many-prefixes": (
        "<saml:Subject>",
        "<saml:Subject>" + "".join(f'<a{n}:a xmlns:a{n}="urn:{n}"/>' for n in range(5_000)),
        "signature-size",
    ),
    "value-not-base64": ("<ds:SignatureValue>", "<ds:SignatureValue>é", "signature-value"),
    "empty-digest": (cut(text_of(), "DigestValue"), "<ds:DigestValue/>", "signature-value"),
    "no-key": (cut(text_of(), "KeyInfo"), "", "signature-shape"),
    "key-by-name": (cut(text_of(), "X509Data"), "<ds:KeyName>k</ds:KeyName>", "signature-key"),
    "key-elsewhere": (cut(text_of(), "X509Data"), '<ds:RetrievalMethod URI="http://x/"/>', "signature-key"),
    "huge-key": ("<ds:X509Certificate>", f"<ds:X509Certificate>{'A' * 20_000}", "signature-key"),
    "key-not-one": (
        cut(text_of(), "X509Certificate"),
        "<ds:X509Certificate>AAAA</ds:X509Certificate>",
        "signature-key",
    ),
}


@pytest.mark.parametrize(("before", "after", "code"), SHAPES.values(), ids=SHAPES)
def test_another_shape_is_refused(before: str, after: str, code: str) -> None:
    text = text_of()
    assert before
    assert before in text

    assert refusal(text.replace(before, after, 1)) == code


def test_a_signature_of_sha_1_is_refused() -> None:
    assert refusal(text_of("rsa-sha1")) == "signature-algorithm"


def test_a_method_of_another_kind_of_key_is_refused() -> None:
    text = text_of("ecdsa-sha256").replace("#ecdsa-sha256", "#rsa-sha256")

    assert refusal(text) == "signature-algorithm"


def test_a_canonical_form_a_thousand_times_the_message_is_never_made() -> None:
    """More than a gigabyte from 400 KB: refused by counting, in the time of the counting."""
    before, after, _ = SHAPES["namespace-written-again"]
    signed = signature_of(text_of().replace(before, after, 1))

    started = time.thread_time()
    with pytest.raises(SignatureRefused):
        signed.verified()

    assert time.thread_time() - started < 0.25
