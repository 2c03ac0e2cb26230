"""Envelopes and faults, both ways, in the shapes of the contract and in those seen in the field."""

import pytest
from lxml import etree

from mappings.csd.soap import (
    Fault,
    FaultCode,
    NotSoap,
    VersionMismatch,
    not_understood,
    read_envelope,
    read_fault,
    surround,
    write_envelope,
    write_fault,
)
from mappings.csd.xml import parse
from mappings.exposition.demandes import ErreurContrat

S12 = "http://www.w3.org/2003/05/soap-envelope"
S11 = "http://schemas.xmlsoap.org/soap/envelope/"
NEXT = f"{S12}/role/next"


def envelope(body: str, header: str = "", ns: str = S12) -> etree._Element:
    return parse(
        f'<s:Envelope xmlns:s="{ns}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'.encode()
    )


def fault(inside: str) -> Fault:
    read = read_fault(read_envelope(envelope(f"<s:Fault>{inside}</s:Fault>")).body)
    assert read is not None
    return read


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(f'<s:Envelope xmlns:s="{S12}"><s:Body><m/></s:Body></s:Envelope>', id="no header"),
        pytest.param(f'<s:Envelope xmlns:s="{S12}"><s:Header/><s:Body><m/></s:Body></s:Envelope>', id="empty header"),
        pytest.param(f'<Envelope xmlns="{S12}"><Body><m xmlns=""/></Body></Envelope>', id="default namespace"),
        pytest.param(f'<s:Envelope xmlns:s="{S12}">\n <s:Body>\n <m/> </s:Body>\n</s:Envelope>', id="white space"),
        pytest.param(f'<x:Envelope xmlns:x="{S12}"><x:Body><!-- c --><m/></x:Body></x:Envelope>', id="comment"),
    ],
)
def test_the_message_is_found_whatever_the_prefixes(document: str) -> None:
    read = read_envelope(parse(document.encode()))

    assert read.body.tag == "m"
    assert read.headers == ()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        pytest.param("<html/>", "not-an-envelope", id="html"),
        pytest.param(f'<s:Body xmlns:s="{S12}"><m/></s:Body>', "not-an-envelope", id="body alone"),
        pytest.param(f'<s:Envelope xmlns:s="{S12}"/>', "no-single-body", id="nothing"),
        pytest.param(f'<s:Envelope xmlns:s="{S12}"><s:Header/></s:Envelope>', "no-single-body", id="header only"),
        pytest.param(
            f'<s:Envelope xmlns:s="{S12}"><s:Body><m/></s:Body><s:Body><m/></s:Body></s:Envelope>',
            "no-single-body",
            id="two bodies",
        ),
        pytest.param(
            f'<s:Envelope xmlns:s="{S12}"><s:Body><m/></s:Body><s:Header/></s:Envelope>', "no-single-body", id="order"
        ),
        pytest.param(f'<s:Envelope xmlns:s="{S12}"><s:Body/></s:Envelope>', "body-empty", id="empty body"),
        pytest.param(
            f'<s:Envelope xmlns:s="{S12}"><s:Body><m/><n/></s:Body></s:Envelope>', "body-many", id="two messages"
        ),
    ],
)
def test_what_is_not_one_message_is_refused(document: str, code: str) -> None:
    with pytest.raises(NotSoap) as refusal:
        read_envelope(parse(document.encode()))

    assert refusal.value.code == code


@pytest.mark.parametrize("namespace", [S11, "urn:other"])
def test_another_version_of_soap_is_a_mismatch(namespace: str) -> None:
    with pytest.raises(VersionMismatch) as mismatch:
        read_envelope(envelope("<m/>", ns=namespace))

    assert mismatch.value.namespace == namespace


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param('<b:X xmlns:b="urn:b"/>', (), id="not mandatory"),
        pytest.param('<b:X xmlns:b="urn:b" s:mustUnderstand="true"/>', ("{urn:b}X",), id="true"),
        pytest.param('<b:X xmlns:b="urn:b" s:mustUnderstand="1"/>', ("{urn:b}X",), id="one"),
        pytest.param('<b:X xmlns:b="urn:b" s:mustUnderstand="0"/>', (), id="zero"),
        pytest.param(f'<b:X xmlns:b="urn:b" s:mustUnderstand="1" s:role="{NEXT}"/>', ("{urn:b}X",), id="next"),
        pytest.param('<b:X xmlns:b="urn:b" s:mustUnderstand="1" s:role="urn:other"/>', (), id="for another role"),
        pytest.param('<c:Coverage xmlns:c="urn:inter-ror:coverage:1" s:mustUnderstand="1"/>', (), id="coverage"),
        pytest.param(
            '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"'
            ' s:mustUnderstand="1"/>',
            (),
            id="security",
        ),
    ],
)
def test_mandatory_blocks_we_do_not_know_are_named(block: str, expected: tuple[str, ...]) -> None:
    assert not_understood(read_envelope(envelope("<m/>", block))) == expected


def test_a_message_written_is_read_back() -> None:
    written = write_envelope(etree.Element("{urn:m}message"), [etree.Element("{urn:h}header")])

    read = read_envelope(parse(written))

    assert read.body.tag == "{urn:m}message"
    assert [block.tag for block in read.headers] == ["{urn:h}header"]


def test_a_message_that_is_text_is_put_into_the_body_and_nowhere_else() -> None:
    header = etree.Element("{urn:h}header", text="<soap:Body/>")
    header.text = "<soap:Body/>"

    assert surround(b'<m xmlns="urn:m">&lt;</m>', [header]) == write_envelope(
        parse(b'<m xmlns="urn:m">&lt;</m>'), [header]
    )


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(Fault(FaultCode.SENDER, (("fr", "Refusé"), ("en", "Refused"))), id="plain"),
        pytest.param(Fault(FaultCode.SENDER, (("fr", "Refusé"),), "not-permitted"), id="subcode"),
        pytest.param(
            Fault(FaultCode.SENDER, (("fr", "Non"),), None, ErreurContrat(444, "Demande non prise en charge")),
            id="erreur",
        ),
        pytest.param(Fault(FaultCode.RECEIVER, (("fr", "Panne"),), None, ErreurContrat(None, "Panne")), id="no number"),
    ],
)
def test_a_fault_written_is_read_back(written: Fault) -> None:
    assert read_fault(read_envelope(parse(write_fault(written))).body) == written


def test_a_version_mismatch_says_which_version_is_served() -> None:
    written = parse(write_fault(Fault(FaultCode.VERSION_MISMATCH, (("en", "SOAP 1.2 only"),))))

    (supported,) = written.iter(f"{{{S12}}}SupportedEnvelope")
    prefix, _, local = supported.get("qname", "").partition(":")

    assert supported.getparent().tag == f"{{{S12}}}Upgrade"
    assert (supported.nsmap[prefix], local) == (S12, "Envelope")


def test_a_must_understand_fault_names_the_blocks() -> None:
    written = parse(write_fault(Fault(FaultCode.MUST_UNDERSTAND, (("en", "No"),), not_understood=("{urn:b}X",))))

    (block,) = written.iter(f"{{{S12}}}NotUnderstood")
    prefix, _, local = block.get("qname", "").partition(":")

    assert (block.nsmap[prefix], local) == ("urn:b", "X")


REASON = '<s:Reason><s:Text xml:lang="fr">Non</s:Text></s:Reason>'


@pytest.mark.parametrize(
    ("inside", "code", "erreur"),
    [
        pytest.param(
            f"<s:Code><s:Value>405</s:Value></s:Code>{REASON}",
            FaultCode.SENDER,
            ErreurContrat(405, "Non"),
            id="bare number",
        ),
        pytest.param(
            f"<s:Code><s:Value>s:Sender</s:Value></s:Code>{REASON}"
            '<s:Detail><r:erreur xmlns:r="urn:asip:ror:2015" code="444" message="Pas prévu"/></s:Detail>',
            FaultCode.SENDER,
            ErreurContrat(444, "Pas prévu"),
            id="erreur",
        ),
        pytest.param(
            f"<s:Code><s:Value>s:Receiver</s:Value></s:Code>{REASON}"
            '<s:Detail><r:CodeErreur xmlns:r="urn:asip:ror:2015"><r:erreur code=" 7 ">Texte</r:erreur></r:CodeErreur>'
            "</s:Detail>",
            FaultCode.RECEIVER,
            ErreurContrat(7, "Texte"),
            id="erreur inside another element, text content",
        ),
        pytest.param(
            f"<s:Code><s:Value>s:Receiver</s:Value></s:Code>{REASON}"
            f'<s:Detail><r:erreur xmlns:r="urn:asip:ror:2015" code="{"9" * 5000}" message="Texte"/></s:Detail>',
            FaultCode.RECEIVER,
            ErreurContrat(None, "Texte"),
            id="erreur of five thousand figures",
        ),
        pytest.param(
            f"<s:Code><s:Value>{'9' * 5000}</s:Value></s:Code>{REASON}", FaultCode.RECEIVER, None, id="as many, bare"
        ),
        pytest.param(
            f"<s:Code><s:Value>s:Receiver</s:Value></s:Code>{REASON}<s:Detail><stack/></s:Detail>",
            FaultCode.RECEIVER,
            None,
            id="of the stack",
        ),
        pytest.param(
            f"<s:Code><s:Value>soapenv:Server</s:Value></s:Code>{REASON}",
            FaultCode.RECEIVER,
            None,
            id="a code of 1.1",
        ),
        pytest.param("", FaultCode.RECEIVER, None, id="empty"),
    ],
)
def test_faults_of_the_field_are_read(inside: str, code: FaultCode, erreur: ErreurContrat | None) -> None:
    read = fault(inside)

    assert (read.code, read.erreur) == (code, erreur)


def test_an_answer_is_no_fault() -> None:
    assert read_fault(read_envelope(envelope("<m/>")).body) is None
