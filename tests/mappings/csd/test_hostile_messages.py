"""Bad bytes in every message that enters as XML: each version's document, the search of 2016, notifications, FHIR.

One table of what may be done to a message, and what must come of it: whatever the message, the same refusal, or the
same reading as without it. Memory is measured in a process of its own.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from mappings.csd import requests, search_2016
from mappings.csd.answers import read_answer, read_document
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.csd.xml import XmlRefused, parse
from mappings.exposition.demandes import DemandeNotification
from mappings.exposition.values import Code
from mappings.fhir.xml import from_xml
from mappings.loss import Ledger

MEGABYTE = 1024 * 1024
VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
# Where a value stands in each message, and text may be put.
HERE = "ICI"

NOTIFIED = (
    '<r:TR-Notif-ListeEtablissementMajApresDate_Reponse xmlns:r="urn:asip:ror:2015" xmlns="urn:ihe:iti:csd:2013">'
    '<result>1</result><etablissementReponseNotif><id_etablissement code="1019999991" '
    'assigningAuthorityName="1.2.250.1.71.4.2.2"/><typeActivity code="02" codingScheme="1.2.250.1.213.3.3.17">ICI'
    "</typeActivity></etablissementReponseNotif></r:TR-Notif-ListeEtablissementMajApresDate_Reponse>"
)
NOTIFICATION = etree.tostring(
    requests.write_request(DemandeNotification(datetime(2026, 1, 1, tzinfo=UTC), (Code("R227", "02", HERE),))),
    encoding="unicode",
)
SEARCH = (
    '<r:careServicesRequest xmlns:r="urn:asip:ror:2015"><function><requestParams><organization/>'
    '<service><codedType code="172" codingScheme="1.2.250.1.213.3.3.12">ICI</codedType></service><otherParams>'
    '<destination><type code="1"/><code code="84"/></destination></otherParams></requestParams></function>'
    "</r:careServicesRequest>"
)
FOUND = (
    '<r:careServicesResponse xmlns:r="urn:asip:ror:2015"><result><resultNumber><OInumber>1</OInumber></resultNumber>'
    '<organizationDirectory/><serviceDirectory/><facilityDirectory><facility entityID="U">'
    "<primaryName>ICI</primaryName></facility></facilityDirectory><deviceDirectory/></result></r:careServicesResponse>"
)
READING = (
    '<careServicesRequest xmlns="urn:ihe:iti:csd:2013"><function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017"'
    ' encapsulated="true"><TR_Lecture-OffreSanteOrganisationInterne><organisationID code="84/ICI" '
    'assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/></TR_Lecture-OffreSanteOrganisationInterne></function>'
    "</careServicesRequest>"
)
LOCATION = '<Location xmlns="http://hl7.org/fhir"><id value="1"/><name value="ICI"/></Location>'


def document(version: Version) -> str:
    unit = (
        '<organization entityID="E"><otherID code="1019999983" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'
        '<codedType code="95" codingScheme="1.2.250.1.213.1.6.1.44"/><primaryName>ICI</primaryName></organization>'
    )
    directories = "".join(
        f"<{name}Directory>{unit if name == 'organization' else ''}</{name}Directory>"
        for name in ("organization", "service", "facility", "provider", "device")
    )
    return f'<CSD xmlns="urn:ihe:iti:csd:2013">{directories}</CSD>'


def of_document(version: Version) -> Callable[[bytes], Any]:
    return lambda data: read_document(parse(data), version=version, dialect=Dialect(), ledger=Ledger())


def of_answer(version: Version) -> Callable[[bytes], Any]:
    return lambda data: read_answer(parse(data), version=version, dialect=Dialect(), ledger=Ledger())


MESSAGES: dict[str, tuple[str, Callable[[bytes], Any]]] = {
    **{f"CSD {version}": (document(version), of_document(version)) for version in VERSIONS},
    "reading": (READING, lambda data: requests.read_request(parse(data))),
    "notification": (NOTIFICATION, lambda data: requests.read_request(parse(data))),
    **{f"notified {version}": (NOTIFIED, of_answer(version)) for version in VERSIONS},
    "search of 2016": (SEARCH, lambda data: search_2016.read_request(parse(data))),
    "answer of 2016": (FOUND, lambda data: search_2016.read_answer(parse(data), ledger=Ledger())),
    "FHIR": (LOCATION, from_xml),
}

WHOLE = "as it should be"
Bytes = Callable[[str], bytes]


def put(text: str) -> Bytes:
    """Something in the place of a value."""
    return lambda message: message.replace(HERE, text).encode()


BAD: dict[str, tuple[Bytes, str]] = {
    "as it is": (str.encode, WHOLE),
    "byte order mark": (lambda message: b"\xef\xbb\xbf" + message.encode(), WHOLE),
    "UTF-16": (lambda message: message.encode("utf-16"), WHOLE),
    "declared Latin-1": (
        lambda message: b"<?xml version='1.0' encoding='ISO-8859-1'?>" + message.encode("latin-1"),
        WHOLE,
    ),
    "Latin-1 in UTF-8": (lambda message: message.replace(HERE, "é").encode("latin-1"), "encoding"),
    "half a surrogate": (lambda message: message.encode().replace(HERE.encode(), b"\xed\xa0\x80"), "encoding"),
    "control character": (put("a\x01b"), "not-well-formed"),
    "reference to a control character": (put("&#1;"), "not-well-formed"),
    "nothing": (lambda message: b"", "not-well-formed"),
    "two messages": (lambda message: message.encode() * 2, "not-well-formed"),
    "one attribute twice": (
        lambda message: message.replace(" xmlns", ' a="" a="" xmlns', 1).encode(),
        "not-well-formed",
    ),
    "document type": (lambda message: b"<!DOCTYPE a>" + message.encode(), "doctype"),
    "entity": (lambda message: b"<!DOCTYPE a [<!ENTITY x 'y'>]>" + put("&x;")(message), "doctype"),
    "external entity": (
        lambda message: b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + message.encode(),
        "doctype",
    ),
    "undeclared entity": (put("&x;"), "entity"),
    "1,000 levels": (lambda message: inside(message, "<a>" * 1000 + "</a>" * 1000), "too-deep"),
    "10 MB of text": (put("x" * 10 * MEGABYTE), "too-large"),
    "100,000 attributes": (
        lambda message: inside(message, f"<a {' '.join(f'a{rank}=' + chr(34) * 2 for rank in range(100_000))}/>"),
        "too-large",
    ),
}


def inside(message: str, text: str) -> bytes:
    """The message with something before its last end."""
    end = message.rindex("</")
    return (message[:end] + text + message[end:]).encode()


@pytest.mark.parametrize(("message", "read"), MESSAGES.values(), ids=MESSAGES)
@pytest.mark.parametrize(("change", "outcome"), BAD.values(), ids=BAD)
def test_a_bad_message_is_refused_as_any_other(
    message: str, read: Callable[[bytes], Any], change: Bytes, outcome: str
) -> None:
    if outcome == WHOLE:
        assert read(change(message)) == read(message.encode())
        return
    with pytest.raises(XmlRefused) as refusal:
        read(change(message))

    assert refusal.value.code == outcome
    assert refusal.value.line >= 1


@pytest.mark.parametrize(("message", "read"), MESSAGES.values(), ids=MESSAGES)
def test_a_message_cut_at_any_element_is_refused(message: str, read: Callable[[bytes], Any]) -> None:
    cuts = {found.start() for found in re.finditer("<", message)} | {found.end() for found in re.finditer(">", message)}

    for cut in cuts - {len(message)}:
        with pytest.raises(XmlRefused) as refusal:
            read(message[:cut].encode())
        assert refusal.value.code == "not-well-formed", message[:cut]


# A process that has read a small message reads a hostile one: how much higher its memory stood, in megabytes.
MEASURE = """
import resource, sys
from mappings.csd.xml import XmlRefused, parse
from mappings.csd.answers import read_answer, read_document
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.fhir.encoding import JsonRefused, decode
from mappings.fhir.xml import from_xml
from mappings.loss import Ledger

def csd(data):
    read_document(parse(data), version=Version.V3_0, dialect=Dialect(), ledger=Ledger())

read, small = {"csd": (csd, SMALL), "xml": (from_xml, LOCATION), "json": (decode, b"{}")}[sys.argv[1]]
read(small)
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read(data)
except (XmlRefused, JsonRefused) as refusal:
    print(refusal.code, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "text": ("csd", put("x" * 10 * MEGABYTE)(document(Version.V3_0)), "too-large"),
    "attributes": ("csd", BAD["100,000 attributes"][0](document(Version.V3_0)), "too-large"),
    "levels": ("csd", inside(document(Version.V3_0), "<a>" * 500_000 + "</a>" * 500_000), "too-deep"),
    "entities": ("csd", b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>" + b"]><a>" + b"&a;" * 500_000 + b"</a>", "too-large"),
    "FHIR text": ("xml", put("x" * 10 * MEGABYTE)(LOCATION), "too-large"),
    "JSON levels": ("json", b'{"a":' + b"[" * 2_000_000 + b"]" * 2_000_000 + b"}", "too-deep"),
    "JSON keys": ("json", b'{"a":1,' + b'"a":1,' * 500_000 + b'"b":1}', "duplicate-key"),
}


@pytest.mark.parametrize(("kind", "data", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_input_takes_little_more_memory_than_its_size(kind: str, data: bytes, code: str) -> None:
    program = MEASURE.replace("SMALL", repr(document(Version.V3_0).encode())).replace(
        "LOCATION", repr(LOCATION.encode())
    )

    done = subprocess.run([sys.executable, "-c", program, kind], input=data, capture_output=True, check=True)

    refusal, more = done.stdout.decode().split()
    assert refusal == code
    assert float(more) <= 16 + len(data) / MEGABYTE
