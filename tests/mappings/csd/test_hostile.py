"""Bad CSD input, as one table: what is refused, by which code and where, and what is accepted with which entries.

Each case goes both ways in: whole, as at a door, and streamed, as a translation. They must agree.
"""

import io
import re
from collections.abc import Callable
from datetime import date

import pytest

from mappings.csd.answers import DOCUMENT, MalformedAnswer, read_answer, read_document
from mappings.csd.dialect import Dialect
from mappings.csd.stream import Stream, form_of
from mappings.csd.version import Version
from mappings.csd.xml import XmlRefused, parse
from mappings.loss import Ledger
from mappings.shelf import in_memory
from tests.documents.wire import RECORD

MEGABYTE = 1024 * 1024
OPEN = '<extension type="ror" urn="urn:asip:ror">'
UNIT_OID = "1.2.250.1.213.6.1.1.1.1.76"
YEARS = '<unit code="a" codingScheme="2.16.840.1.113883.6.8"/>'
PATIENTS = (
    f"<patientsType><patientTypeAgeMin><value>18</value>{YEARS}</patientTypeAgeMin>"
    f"<patientTypeAgeMax><value>99</value>{YEARS}</patientTypeAgeMax>{RECORD}</patientsType>"
)
FIELD = '<typeActivity code="02" codingScheme="1.2.250.1.213.3.3.17"/>'

LEGAL_ENTITY = (
    '<organization entityID="EJ"><otherID code="1019999983" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'
    '<codedType code="95" codingScheme="1.2.250.1.213.1.6.1.44"/><primaryName>Entité</primaryName>'
    f"{RECORD}</organization>"
)
SITE = (
    '<organization entityID="EG"><otherID code="1019999991" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'
    '<codedType code="109" codingScheme="1.2.250.1.213.1.6.1.8"/><primaryName>Site</primaryName>'
    f'<parent entityID="EJ"/>{OPEN}<creationDate>2001-02-03</creationDate></extension>{RECORD}</organization>'
)
ACTIVITY = f'<service entityID="ACT"><codedType code="233" codingScheme="1.2.250.1.213.3.3.12"/>{RECORD}</service>'
POLE = (
    f'<facility entityID="OI"><otherID code="84/OI" assigningAuthorityName="{UNIT_OID}"/>'
    '<codedType code="2" codingScheme="1.2.250.1.213.3.3.8"/><primaryName>Service</primaryName>'
    f'<organizations><organization entityID="EG"/></organizations>{OPEN}{FIELD}'
    f'<careMode code="" codingScheme="1.2.250.1.213.3.3.13"/>{PATIENTS}<sensitiveUnit>false</sensitiveUnit>'
    f"</extension>{RECORD}</facility>"
)
PLACE = (
    "<locationRealizedOffer><externalNameSynchronization>Lieu</externalNameSynchronization><location>"
    "<geoCoordinates><latitude>45.5</latitude><longitude>4.5</longitude><coordinateSystem>WGS84</coordinateSystem>"
    f'{RECORD}</geoCoordinates><cityNumber code="69123" codingScheme="1.2.250.1.213.2.23"/>'
    f'<functionLocation code="001" codingScheme="1.2.250.1.213.3.3.227"/>{RECORD}</location>'
    f'<specificEquipment entityID="EQ"/>{RECORD}</locationRealizedOffer>'
)
UNIT = (
    f'<facility entityID="UE"><otherID code="84/UE" assigningAuthorityName="{UNIT_OID}"/>'
    '<codedType code="4" codingScheme="1.2.250.1.213.3.3.8"/><primaryName>Unité</primaryName>'
    '<organizations><organization entityID="EG"><service entityID="ACT"/></organization></organizations>'
    f'{OPEN}{FIELD}<careMode code="28" codingScheme="1.2.250.1.213.3.3.13"/>{PATIENTS}'
    f'<parentFacility entityID="OI"/><sensitiveUnit>true</sensitiveUnit>{PLACE}</extension>{RECORD}</facility>'
)
PERSON = (
    '<provider entityID="PS"><otherID code="810000000001" assigningAuthorityName="1.2.250.1.71.4.2.1"/>'
    '<codedType code="10" codingScheme="1.2.250.1.71.1.2.7"/>'
    "<demographic><name><commonName>FICTIVE</commonName></name></demographic>"
    '<organizations><organization entityID="EG"/></organizations><facilities><facility entityID="UE"/></facilities>'
    f'{OPEN}<operationalStatus><exerciceModeInUnit code="L" codingScheme="1.2.250.1.213.1.6.1.18"/>{RECORD}'
    f"</operationalStatus></extension>{RECORD}</provider>"
)
DEVICE = (
    '<device entityID="EQ"><codedType code="099" codingScheme="1.2.250.1.213.3.3.10"/>'
    f"{OPEN}<nbInService>2</nbInService></extension>{RECORD}</device>"
)
# One entry a line: UNIT is line 10.
BODY = (
    f"\n<organizationDirectory>\n{LEGAL_ENTITY}\n{SITE}\n</organizationDirectory>\n<serviceDirectory>\n{ACTIVITY}\n"
    f"</serviceDirectory>\n<facilityDirectory>{POLE}\n{UNIT}\n</facilityDirectory>\n<providerDirectory>\n{PERSON}\n"
    f"</providerDirectory>\n<deviceDirectory>\n{DEVICE}\n</deviceDirectory>\n"
)

CSD = f'<CSD xmlns="urn:ihe:iti:csd:2013">{BODY}</CSD>'
OF_UNIT = 'status="Ok"/></facility>\n</facilityDirectory>'

Outcome = tuple[str, ...] | tuple[str, int, int]


def accepted(*rules: str) -> tuple[str, ...]:
    """Read, with these entries in the ledger."""
    return ("accepted", *sorted(rules))


def refused(code: str, line: int, column: int) -> tuple[str, int, int]:
    return (code, line, column)


def answer(inside: str, *, after: str = "") -> str:
    return (
        '<careServicesResponse xmlns="urn:ihe:iti:csd:2013"><result>'
        f"{inside}<queryResult>{BODY}</queryResult></result>{after}</careServicesResponse>"
    )


def whole(data: bytes) -> Outcome:
    ledger = Ledger()
    try:
        root = parse(data)
        read = read_document if root.tag == DOCUMENT else read_answer
        read(root, version=Version.V3_0, dialect=Dialect(), ledger=ledger)
    except XmlRefused as error:
        return refused(error.code, error.line, error.column)
    except MalformedAnswer as error:
        return refused(error.path, error.line, error.column)
    return accepted(*rules(ledger))


def streamed(data: bytes) -> Outcome:
    ledger = Ledger()
    source = io.BytesIO(data)
    try:
        form_of(source)
        stream = Stream(source, version=Version.V3_0, dialect=Dialect(), ledger=ledger, at=date.max, shelves=in_memory)
        list(stream.objects())
    except XmlRefused as error:
        return refused(error.code, error.line, error.column)
    except MalformedAnswer as error:
        return refused(error.path, error.line, error.column)
    return accepted(*rules(ledger))


def rules(ledger: Ledger) -> list[str]:
    return [f"{loss.rule.removeprefix('csd-3.0.')} {loss.path}".strip() for loss in ledger.entries]


def swap(old: str, new: str) -> str:
    assert CSD.count(old) == 1, CSD.count(old)
    return CSD.replace(old, new)


def day(text: str) -> str:
    return swap("2001-02-03", text)


def instant(text: str) -> str:
    return swap(f'updated="2025-01-02T03:04:05" {OF_UNIT}', f'updated="{text}" {OF_UNIT}')


def count(text: str) -> str:
    return answer(f"<facilityNumber>{text}</facilityNumber>")


UNREADABLE_DAY = accepted("value.unreadable extension/creationDate")
UNREADABLE_INSTANT = accepted("value.unreadable record@updated")
SPELLED_INSTANT = accepted("value.spelling record@updated")
UNREADABLE_NUMBER = accepted("value.unreadable device[099]/extension/nbInService")
GEOCODE = "extension/locationRealizedOffer/location/geoCoordinates"
UNREADABLE_DECIMAL = accepted(f"incomplete.geocode {GEOCODE}", f"value.unreadable {GEOCODE}/latitude")
UNREADABLE_BOOLEAN = accepted(
    "sensitive-unit.doubtful extension/sensitiveUnit", "value.unreadable extension/sensitiveUnit"
)
WHOLE = accepted()

CASES: dict[str, tuple[str | bytes, Outcome]] = {
    "as it should be": (CSD, WHOLE),
    # order
    "directories in another order": (
        swap(f"<deviceDirectory>\n{DEVICE}\n</deviceDirectory>\n", "").replace(
            "<organizationDirectory>", f"<deviceDirectory>{DEVICE}</deviceDirectory><organizationDirectory>"
        ),
        WHOLE,
    ),
    "name last": (
        swap("<primaryName>Unité</primaryName>", "").replace(
            f"{RECORD}</facility>\n</", f"{RECORD}<primaryName>Unité</primaryName></facility>\n</"
        ),
        WHOLE,
    ),
    "a directory in two parts": (CSD.replace("<deviceDirectory>", "<deviceDirectory/><deviceDirectory>"), WHOLE),
    "a directory missing": (
        re.sub(r"<deviceDirectory>.*</deviceDirectory>\n", "", CSD, flags=re.DOTALL),
        refused("CSD/deviceDirectory", 13, 578),
    ),
    # unknown elements
    "unknown, of the document": (
        swap("<serviceDirectory>", "<foo/><serviceDirectory>"),
        accepted("document.unknown CSD/foo"),
    ),
    "unknown, of a directory": (
        swap("<serviceDirectory>", "<serviceDirectory><foo/>"),
        accepted("document.unknown serviceDirectory/foo"),
    ),
    "inclusion": (
        swap("<serviceDirectory>", "<i:include xmlns:i='http://www.w3.org/2001/XInclude' href='x'/><serviceDirectory>"),
        accepted("document.unknown CSD/include"),
    ),
    "entry of another directory": (
        swap("<serviceDirectory>", "<serviceDirectory><facility entityID='x'/>"),
        accepted("document.unknown serviceDirectory/facility"),
    ),
    "unknown, of the answer": (answer("<foo/>"), accepted("document.unknown careServicesResponse/result/foo")),
    "unknown, of an entry: kept beside it": (swap("<primaryName>Unité", "<foo>a</foo><primaryName>Unité"), WHOLE),
    "element in a text": (swap("Unité", "Un<b>ité</b>"), accepted("value.children primaryName")),
    "attribute of an entry": (
        swap('<facility entityID="UE">', '<facility entityID="UE" foo="1">'),
        accepted("element.attributes"),
    ),
    "attribute of a record": (swap(OF_UNIT, f'foo="1" {OF_UNIT}'), accepted("record.attributes record")),
    "attribute of a text": (
        swap("<primaryName>Unité", '<primaryName a="">Unité'),
        accepted("value.attributes primaryName"),
    ),
    # repeated keys
    "one unit twice": (swap(UNIT, UNIT * 2), accepted("entity.repeated", "object.repeated")),
    "two units of one key": (swap(UNIT, UNIT + UNIT.replace("84/UE", "84/UF")), accepted("entity.repeated")),
    "one unit under two keys": (swap(UNIT, UNIT + UNIT.replace('"UE"', '"UF"')), accepted("object.repeated")),
    "two sites of one key": (swap(SITE, SITE + SITE.replace("1019999991", "1019999975")), accepted("entity.repeated")),
    "one activity twice": (swap(ACTIVITY, ACTIVITY * 2), accepted("entity.repeated")),
    "one device twice": (swap(DEVICE, DEVICE * 2), accepted("entity.repeated")),
    "a unit without key": (
        swap('<facility entityID="UE"><otherID', "<facility><otherID"),
        accepted("reference.dangling facilities/facility"),
    ),
    # references that lead nowhere
    "no such site": (
        swap('<organization entityID="EG"><service', '<organization entityID="ZZ"><service'),
        accepted("reference.dangling"),
    ),
    "no such activity": (
        swap('<service entityID="ACT"/>', '<service entityID="ZZ"/>'),
        accepted("reference.dangling organizations/organization/service", "service.unused service[233]"),
    ),
    "no such legal entity": (
        swap('<parent entityID="EJ"/>', '<parent entityID="ZZ"/>'),
        accepted("reference.dangling parent"),
    ),
    "no such unit": (
        swap('<facility entityID="UE"/>', '<facility entityID="ZZ"/>'),
        accepted("reference.dangling facilities/facility"),
    ),
    "no such device": (
        swap('<specificEquipment entityID="EQ"/>', '<specificEquipment entityID="ZZ"/>'),
        accepted("reference.dangling extension/locationRealizedOffer/specificEquipment", "device.unused device[099]"),
    ),
    "no such parent": (
        swap('<parentFacility entityID="OI"/>', '<parentFacility entityID="ZZ"/>'),
        accepted("reference.dangling"),
    ),
    "its own parent": (
        swap('<parentFacility entityID="OI"/>', '<parentFacility entityID="UE"/>'),
        accepted("hierarchy.loop"),
    ),
    # counts and shapes of the answer
    "count that is no number": (count("x"), refused("careServicesResponse/result/facilityNumber", 1, 60)),
    "count with a comma": (count("1,0"), refused("careServicesResponse/result/facilityNumber", 1, 60)),
    "count in other digits": (count("١"), refused("careServicesResponse/result/facilityNumber", 1, 60)),
    "endless count": (count("9" * 5000), refused("careServicesResponse/result/facilityNumber", 1, 60)),
    "error and result": (
        answer("", after='<error code="1"/>'),
        refused("careServicesResponse/error|result", 18, 24),
    ),
    "two results": (answer("", after="<result/>"), refused("careServicesResponse/error|result", 18, 24)),
    "no document": (
        '<careServicesResponse xmlns="urn:ihe:iti:csd:2013"><result/></careServicesResponse>',
        refused("careServicesResponse/result/queryResult", 1, 52),
    ),
    "a page": ("<html><body/></html>", refused("html", 1, 1)),
    # dates
    **{
        f"day {text}": (day(text), UNREADABLE_DAY)
        for text in (
            "2024-02-30",
            "24/03/2024",
            "2024-3-1",
            "0000-00-00",
            "20240301",
            "+12024-03-01",
            "-0044-03-15",
            "99999-01-01",
            "null",
            "2024-W01-1",
            "２０２４-03-01",
            "2024-03-01x",
        )
    },
    **{f"day {text}": (day(text), WHOLE) for text in ("", "2024-03-01Z", "2024-03-01+02:00", " 2024-03-01\n")},
    "day with an hour": (day("2024-03-01T00:00:00"), accepted("value.spelling extension/creationDate")),
    **{
        f"instant {text}": (instant(text), UNREADABLE_INSTANT)
        for text in (
            "2024-02-30T00:00:00",
            "2024-03-01T25:00:00",
            "2024-03-01T24:00:00",
            "2024-03-01T08:00:00+25:00",
            "1",
            "0001-01-01T00:00:00",
            "9999-12-31T23:59:59-14:00",
            "2024-03-01T08:00:60",
            "null",
        )
    },
    **{
        f"instant {text}": (instant(text), SPELLED_INSTANT)
        for text in (
            "2024-03-01",
            "2024-03-01T08:00",
            "2024-03-01T08:00:00.123456789",
            "20240301T080000",
            "2024-03-01 08:00:00",
        )
    },
    **{
        f"instant {text}": (instant(text), WHOLE)
        for text in (
            "",
            "2024-03-01T08:00:00Z",
            "2024-03-01T08:00:00+14:00",
            "2024-03-01T08:00:00.5",
            " 2024-03-01T08:00:00 ",
        )
    },
    # codes
    **{
        f"code {code!r}": (swap('code="28"', f'code="{code}"'), WHOLE)
        for code in (" 28 ", "28\n", "\u00a028", "", "null")
    },
    **{
        f"code {code!r}": (swap('code="28"', f'code="{code}"'), accepted("code.unresolved extension/careMode"))
        for code in (
            "2 8",
            "ZZZ",
            "２８",
        )
    },
    # numbers
    **{
        f"integer {text[:9]}": (swap("<nbInService>2<", f"<nbInService>{text}<"), UNREADABLE_NUMBER)
        for text in (
            "2,5",
            "2.5",
            "１２",
            "1_000",
            "1e3",
            "x",
            "9" * 30,
            "9" * 5000,
            "0x10",
        )
    },
    **{
        f"decimal {text[:9]}": (swap("45.5", text), UNREADABLE_DECIMAL)
        for text in (
            "45,5",
            "NaN",
            "Infinity",
            "1e400",
            "1_0.5",
            "４５",
            "1e-400",
            "9" * 3000,
        )
    },
    "decimal with blanks": (swap("45.5", " 45.5\n"), WHOLE),
    **{f"boolean {text}": (swap(">true<", f">{text}<"), UNREADABLE_BOOLEAN) for text in ("TRUE", "oui", "2", "null")},
    # encodings
    "byte order mark": (b"\xef\xbb\xbf" + CSD.encode(), WHOLE),
    "UTF-16": (CSD.encode("utf-16"), WHOLE),
    "Latin-1 declared": (("<?xml version='1.0' encoding='ISO-8859-1'?>" + CSD).encode("latin-1"), WHOLE),
    "Latin-1 undeclared": (CSD.encode("latin-1"), refused("encoding", 3, 179)),
    "two encodings": (CSD.encode().replace("té<".encode(), b"t\xe9<"), refused("encoding", 3, 179)),
    "Windows-1252 declared": (
        ("<?xml version='1.0' encoding='windows-1252'?>" + CSD).encode("cp1252"),
        refused("encoding", 1, 1),
    ),
    "UTF-7": (("<?xml version='1.0' encoding='UTF-7'?>" + CSD).encode("utf-7"), refused("encoding", 1, 1)),
    "UTF-8 said to be UTF-16": (
        ("<?xml version='1.0' encoding='UTF-16'?>" + CSD).encode(),
        refused("not-well-formed", 1, 38),
    ),
    "half of a surrogate pair": (CSD.encode().replace("é".encode(), b"\xed\xa0\x80", 1), refused("encoding", 3, 179)),
    # control characters
    **{
        f"control {ord(text):#x}": (swap("Unité", f"Uni{text}té"), refused("not-well-formed", 10, 172))
        for text in "\x00\x01\x0b\ufffe"
    },
    **{
        f"control {text}": (swap("Unité", f"Uni{text}té"), refused("not-well-formed", 10, 172 + len(text)))
        for text in (
            "&#1;",
            "&#0;",
        )
    },
    "control characters that XML allows": (swap("Unité", "Uni\x7f\u0085\u202e\ufeff&#13;té"), WHOLE),
    # size
    "text of 10 MB": (swap("Unité", "x" * 10 * MEGABYTE), refused("too-large", 10, 156)),
    "attribute of 10 MB": (swap('code="28"', f'code="{"x" * 10 * MEGABYTE}"'), refused("too-large", 10, 390)),
    "comment of 10 MB": (swap("Unité", f"<!--{'x' * 10 * MEGABYTE}-->Unité"), refused("too-large", 10, 169)),
    "100,000 attributes": (
        swap(
            '<facility entityID="UE">',
            f'<facility {" ".join(f"a{rank}=" + chr(34) * 2 for rank in range(100_000))} entityID="UE">',
        ),
        refused("too-large", 10, 1),
    ),
    # what XML allows and the contract never uses
    "document type": (f"\n<!DOCTYPE CSD>{CSD}", refused("doctype", 2, 14)),
    "entity": ("<!DOCTYPE CSD [<!ENTITY x 'y'>]>\n" + swap("Unité", "&x;"), refused("doctype", 1, 15)),
    "external entity": (
        "<!DOCTYPE CSD [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n" + swap("Unité", "&x;"),
        refused("doctype", 1, 15),
    ),
    "undeclared entity": (swap("Unité", "&x;"), refused("entity", 10, 172)),
    "199 levels below a unit": (
        swap("<parentFacility", "<a>" * 199 + "</a>" * 199 + "<parentFacility"),
        refused("too-deep", 10, 1362),
    ),
    "1,000 levels": (
        swap("<parentFacility", "<a>" * 1000 + "</a>" * 1000 + "<parentFacility"),
        refused("too-deep", 10, 1532),
    ),
    "150 levels below a unit: kept beside it": (
        swap("<parentFacility", "<a>" * 150 + "</a>" * 150 + "<parentFacility"),
        WHOLE,
    ),
    # not a document
    "one attribute twice": (
        swap('<facility entityID="UE">', '<facility entityID="UE" entityID="UF">'),
        refused("not-well-formed", 10, 38),
    ),
    "text after the end": (CSD + "x", refused("not-well-formed", 18, 7)),
    "two documents": (CSD * 2, refused("not-well-formed", 18, 7)),
    "nothing": (b"", refused("not-well-formed", 1, 1)),
    "blanks": (b"  \n ", refused("not-well-formed", 2, 2)),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_bad_input_is_refused_at_its_place_or_accepted_with_its_entries(case: tuple[str | bytes, Outcome]) -> None:
    document, expected = case
    data = document if isinstance(document, bytes) else document.encode()

    assert streamed(data) == expected
    # A tree knows no column and only the line of the element that lacks something: the code must be the same.
    if expected[0] == "accepted":
        assert whole(data) == expected
    else:
        assert whole(data)[0] == expected[0]


@pytest.mark.parametrize("number", ["7", "-1", "0"])
def test_a_wrong_count_is_told(number: str) -> None:
    assert streamed(count(number).encode()) == accepted("facility-number.wrong facilityNumber")


@pytest.mark.parametrize("number", ["1", "", " 1 "])
def test_a_right_count_is_not(number: str) -> None:
    assert streamed(count(number).encode()) == WHOLE


@pytest.mark.parametrize("read", [whole, streamed])
def test_a_document_cut_at_any_element_is_refused_where_it_is_cut(read: Callable[[bytes], Outcome]) -> None:
    cuts = {found.start() for found in re.finditer("<", CSD)} | {found.end() for found in re.finditer(">", CSD)}
    outcomes = {cut: read(CSD[:cut].encode()) for cut in cuts - {len(CSD)}}

    assert len(outcomes) > 150
    assert {outcome[0] for outcome in outcomes.values()} == {"not-well-formed"}
    lines = {cut: CSD.count("\n", 0, cut) + 1 for cut in outcomes}
    assert {cut: outcome[1] for cut, outcome in outcomes.items()} == lines


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(swap("<parentFacility", "<a/>" * 60_000 + "<parentFacility"), id="in an entry"),
        pytest.param(
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>'
            + "<a/>" * 60_000
            + f"</s:Header><s:Body>{CSD}</s:Body></s:Envelope>",
            id="in the header",
        ),
    ],
)
def test_what_would_not_fit_in_memory_is_refused_before_it_is_whole(document: str) -> None:
    assert streamed(document.encode())[0] == "too-large"
