"""What stands where the contract has no place for it is kept or told, wherever it stands: no element is forgotten."""

import io
import os
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from lxml import etree

from mappings.csd.answers import read_answer, read_document
from mappings.csd.contexts import path_of
from mappings.csd.dialect import Dialect
from mappings.csd.stream import Stream
from mappings.csd.version import Version
from mappings.csd.xml import parse, serialize
from mappings.loss import Ledger, LossKind, Severity
from mappings.shelf import in_memory
from tests.documents import wire
from tests.documents.builder import Builder
from tests.documents.strays import PLANTS, Plant

VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
CSD = "{urn:ihe:iti:csd:2013}"
# `make test` plants at one element of so many, `make soak` at every one.
STEP = 61 if os.environ.get("HYPOTHESIS_PROFILE", "short") == "short" else 1


def outcome(document: etree._Element, version: Version) -> Any:
    ledger = Ledger()
    repertoire = read_document(document, version=version, dialect=Dialect(), ledger=ledger)
    return repertoire, ledger.entries


def elements(document: etree._Element) -> Iterator[etree._Element]:
    """Every element of a document but those that are themselves strangers to the contract."""
    yield from (found for found in document.iter(f"{CSD}*") if found is not document)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
@pytest.mark.parametrize("version", VERSIONS)
def test_whatever_is_planted_at_an_element_is_kept_or_told(version: Version, plant: Plant) -> None:
    made = Builder(version)
    whole = parse(etree.tostring(made.document()))
    before = outcome(whole, version)
    silent = []
    start = list(PLANTS.values()).index(plant)
    for rank in range(start, sum(1 for _ in elements(whole)), STEP):
        document = deepcopy(whole)
        element = list(elements(document))[rank]
        plant(element)
        if outcome(document, version) == before:
            silent.append(path_of(element) or element.tag)

    assert silent == []


def other(text: str) -> str:
    """Another value of the same kind."""
    if text in ("true", "false"):
        return "false" if text == "true" else "true"
    return f"{text[:-1]}{1 + (text[-1] == '1')}" if text[-1].isdigit() else f"{text}x"


def different(element: etree._Element) -> etree._Element:
    """An element of the same name that says something else."""
    copy = deepcopy(element)
    copy.tail = None
    for one in copy.iter():
        if one.text and one.text.strip():
            one.text = other(one.text.strip())
        for name in {"code", "entityID"} & set(one.keys()):
            one.set(name, other(one.get(name, "")) if one.get(name) else "")
    return copy


def apart_from_codes(document: etree._Element, version: Version) -> Any:
    """The outcome, without what is told of the codes: those of the copies are of no table."""
    repertoire, entries = outcome(document, version)
    return repertoire, [loss for loss in entries if ".code." not in loss.rule]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("version", VERSIONS)
def test_of_an_element_that_stands_twice_none_is_forgotten(version: Version) -> None:
    """Before the element or after it: the one that comes first may be overwritten, the one that comes last left."""
    whole = parse(etree.tostring(Builder(version).document()))
    before = apart_from_codes(whole, version)
    silent = []
    spoken = [found for found in elements(whole) if path_of(found) and found.get("code") != ""]
    for element in spoken[VERSIONS.index(version) * 7 :: STEP]:
        for put in (element.addprevious, element.addnext):
            copy = different(element)
            put(copy)
            if apart_from_codes(whole, version) == before:
                silent.append(f"{put.__name__} {path_of(element)}")
            above = copy.getparent()
            assert above is not None
            above.remove(copy)

    assert silent == []


CASES: dict[str, tuple[str, str, tuple[str, str, LossKind, Severity]]] = {
    "attribute of an object": (
        "<patientsType>",
        '<patientsType displayName="x">',
        ("element.attributes", "extension/patientsType", LossKind.DROPPED, Severity.WARNING),
    ),
    "attribute of an entry": (
        '<facility entityID="UE">',
        '<facility entityID="UE" version="2">',
        ("element.attributes", "", LossKind.DROPPED, Severity.WARNING),
    ),
    "attribute of a measure": (
        "<patientTypeAgeMin>",
        '<patientTypeAgeMin foo="fr">',
        ("element.attributes", "extension/patientsType/patientTypeAgeMin", LossKind.DROPPED, Severity.WARNING),
    ),
    "other attribute of a code": (
        'code="28" codingScheme="1.2.250.1.213.3.3.13"',
        'code="28" codingScheme="1.2.250.1.213.3.3.13" displayName="SSR"',
        ("code.attributes", "extension/careMode", LossKind.DROPPED, Severity.INFORMATION),
    ),
    "no system": (
        'code="28" codingScheme="1.2.250.1.213.3.3.13"',
        'code="28"',
        ("code.system-empty", "extension/careMode", LossKind.DEFAULTED, Severity.INFORMATION),
    ),
    "system of nobody": (
        'code="28" codingScheme="1.2.250.1.213.3.3.13"',
        'code="28" codingScheme="9.9.9"',
        ("code.system-unknown", "extension/careMode", LossKind.UNRESOLVED, Severity.WARNING),
    ),
    "child of a code": (
        'codingScheme="1.2.250.1.213.3.3.13"/>',
        'codingScheme="1.2.250.1.213.3.3.13"><b/></careMode>',
        ("value.children", "extension/careMode", LossKind.DROPPED, Severity.ERROR),
    ),
    "text before the first element": (
        "<patientsType>",
        "<patientsType>Adultes",
        ("element.text", "extension/patientsType", LossKind.DROPPED, Severity.ERROR),
    ),
    "text after the last element": (
        "</patientsType>",
        "Adultes</patientsType>",
        ("element.text", "extension/patientsType", LossKind.DROPPED, Severity.ERROR),
    ),
    "character data between elements": (
        "<patientsType>",
        "<patientsType><![CDATA[<b>]]>",
        ("element.text", "extension/patientsType", LossKind.DROPPED, Severity.ERROR),
    ),
    "text in an identifier": (
        'assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>',
        'assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76">x</otherID>',
        ("element.text", "otherID", LossKind.DROPPED, Severity.ERROR),
    ),
    "text in a record": (
        'status="Ok"/></facility>',
        'status="Ok">x</record></facility>',
        ("element.text", "record", LossKind.DROPPED, Severity.ERROR),
    ),
    "text between entries": (
        "</facilityDirectory>",
        "fin</facilityDirectory>",
        ("document.text", "facilityDirectory", LossKind.DROPPED, Severity.ERROR),
    ),
    "text between directories": (
        "<facilityDirectory>",
        "puis <facilityDirectory>",
        ("document.text", "CSD", LossKind.DROPPED, Severity.ERROR),
    ),
    "attribute of a directory": (
        "<facilityDirectory>",
        '<facilityDirectory count="1">',
        ("document.attributes", "facilityDirectory", LossKind.DROPPED, Severity.INFORMATION),
    ),
    "attribute of the document": (
        "<CSD ",
        '<CSD xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="a b" ',
        ("document.attributes", "CSD", LossKind.DROPPED, Severity.INFORMATION),
    ),
}


def streamed(data: bytes, ledger: Ledger) -> None:
    source = io.BytesIO(data)
    stream = Stream(source, version=Version.V3_0, dialect=Dialect(), ledger=ledger, at=date.max, shelves=in_memory)
    assert len(list(stream.objects())) == 3


def whole(data: bytes, ledger: Ledger) -> None:
    assert read_document(parse(data), version=Version.V3_0, dialect=Dialect(), ledger=ledger).offres


@pytest.mark.parametrize("read", [whole, streamed])
@pytest.mark.parametrize(("old", "new", "entry"), CASES.values(), ids=CASES)
def test_a_stray_is_told_where_it_stands(
    old: str, new: str, entry: tuple[str, str, LossKind, Severity], read: Any
) -> None:
    made = serialize(wire.document(wire.facility("UE"))).decode()
    assert made.count(old) == 1, made
    ledger = Ledger()

    read(made.replace(old, new).encode(), ledger)

    said = [(loss.rule.removeprefix("csd-3.0."), loss.path, loss.kind, loss.severity) for loss in ledger.entries]
    # That a code is outside the value set of its element is told beside it: another rule, with its own tests.
    assert [one for one in said if one[0] != "code.outside"] == [entry]


@pytest.mark.parametrize("read", [whole, streamed])
def test_the_type_of_a_unit_under_another_table_is_put_right(read: Any) -> None:
    made = serialize(wire.document(wire.facility("UE"))).decode()
    old, new = (f'code="4" codingScheme="{oid}"' for oid in ("1.2.250.1.213.3.3.8", "1.2.250.1.213.2.23"))
    assert made.count(old) == 1, made
    ledger = Ledger()

    read(made.replace(old, new).encode(), ledger)

    said = [(loss.rule.removeprefix("csd-3.0."), loss.path, loss.kind) for loss in ledger.entries]
    assert said == [
        ("code.outside", "codedType", LossKind.INCONSISTENT),
        ("facility.type-system", "codedType", LossKind.REPAIRED),
    ]


@pytest.mark.parametrize("system", ["1.2.250.1.213.2.23", "9.9.9"], ids=["another table", "a table of nobody"])
def test_the_type_of_a_unit_is_told_when_its_table_is_not_that_of_the_levels(system: str) -> None:
    document = wire.document(wire.facility("UE"))
    document.find(f".//{CSD}facility/{CSD}codedType").set("codingScheme", system)
    ledger = Ledger()

    read_document(document, version=Version.V3_0, dialect=Dialect(), ledger=ledger)

    (entry,) = [loss for loss in ledger.entries if loss.rule == "csd-3.0.facility.type-system"]
    assert (entry.path, entry.kind, entry.object) == ("codedType", LossKind.REPAIRED, "84/UE")


LAID_OUT = {
    "comments and instructions": "<!-- note --><?tool x?><patientsType>",
    "blanks": "\n\t <patientsType>",
}


@pytest.mark.parametrize("read", [whole, streamed])
@pytest.mark.parametrize("new", LAID_OUT.values(), ids=LAID_OUT)
def test_what_only_lays_a_document_out_is_not_told(new: str, read: Any) -> None:
    ledger = Ledger()

    read(serialize(wire.document(wire.facility("UE"))).decode().replace("<patientsType>", new).encode(), ledger)

    assert ledger.entries == ()


AROUND = {
    "attribute of the answer": ("<careServicesResponse", '<careServicesResponse a="1"', "document.attributes"),
    "attribute of the result": ("<result", '<result a="1"', "document.attributes"),
    "attribute of the number": ("<facilityNumber", '<facilityNumber a="1"', "document.attributes"),
    "child of the number": (">0<", ">0<b/><", "document.unknown"),
    "text in the result": ("</result>", "x</result>", "document.text"),
    "text in the answer": ("<result", "x<result", "document.text"),
    "text in the document": ("</queryResult>", "x</queryResult>", "document.text"),
}
DIRECTORIES = "".join(f"<{name}Directory/>" for name in ("organization", "service", "facility", "provider", "device"))
ANSWER = (
    '<careServicesResponse xmlns="urn:ihe:iti:csd:2013"><result><facilityNumber>0</facilityNumber>'
    f"<queryResult>{DIRECTORIES}</queryResult></result></careServicesResponse>"
)


@pytest.mark.parametrize(("old", "new", "rule"), AROUND.values(), ids=AROUND)
def test_a_stray_around_the_document_is_told(old: str, new: str, rule: str) -> None:
    data = ANSWER.replace(old, new, 1).encode()
    of_tree, of_stream = Ledger(), Ledger()

    read_answer(parse(data), version=Version.V3_0, dialect=Dialect(), ledger=of_tree)
    stream = Stream(
        io.BytesIO(data), version=Version.V3_0, dialect=Dialect(), ledger=of_stream, at=date.max, shelves=in_memory
    )

    assert list(stream.objects()) == []
    assert [loss.rule for loss in of_tree.entries] == [f"csd-3.0.{rule}"]
    assert of_stream.entries == of_tree.entries


REFUSALS = {
    "two messages": ('<error code="1" message="a">b</error>', "document.text"),
    "another attribute": ('<error code="1" message="a" severity="2"/>', "document.attributes"),
    "a child": ('<error code="1" message="a"><b/></error>', "document.text"),
    "a code that is no number": ('<error code="x" message="a"/>', "value.unreadable"),
}


@pytest.mark.parametrize(("error", "rule"), REFUSALS.values(), ids=REFUSALS)
def test_a_stray_of_a_refusal_is_told(error: str, rule: str) -> None:
    ledger = Ledger()
    answer = f'<careServicesResponse xmlns="urn:ihe:iti:csd:2013">{error}</careServicesResponse>'

    read_answer(parse(answer.encode()), version=Version.V3_0, dialect=Dialect(), ledger=ledger)

    assert [loss.rule for loss in ledger.entries] == [f"csd-3.0.{rule}"]
