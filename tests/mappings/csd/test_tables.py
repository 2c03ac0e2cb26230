"""Every element and attribute of the contract's tables, in every version: in the schema, read, written back.

`contract_tables.csv` transcribes the tables of sections 4 to 8: a cardinality for each version that has the element,
`|` for one of a choice, required or optional for an attribute.
"""

import csv
import os
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.loss import Ledger
from tests.documents import comparison
from tests.documents.builder import Builder
from tests.documents.choices import OneWay

CSD = "{urn:ihe:iti:csd:2013}"
XS = "{http://www.w3.org/2001/XMLSchema}"
VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
SCHEMAS = Path(__file__).parents[3] / "mappings" / "csd" / "schemas"
with (Path(__file__).parent / "contract_tables.csv").open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
# The tables give the content of a dwelling for 3.0 only; ours is the same in the versions before.
SUPPOSED = {"residentialCapacityType"}
# What no round trip can leave as it stood, and the rule that says so: a telecom of a contact is given the level of it,
# the reference of a contact to a professional has no place in the model.
NAMED = {"contact.telecom-level", "addition.reference"}
# Tables of the document and of its keys, which hold the objects rather than stand in one.
ROOTS = {"CSD", "uniqueID", "extension"}
# The parent of an EJ would make it an EG; the pole has no parent in our documents, and no equipment.
LEFT_OUT = {("EJ", "parent"), ("OI", "extension", "parentFacility"), ("OI", "extension", "equipment")}
# Of a version without levels: what is supposed on reading is left out on writing. A title in text may have no code.
# Some codes of the documents are of a nomenclature of nobody.
SAID_ANYWAY = {
    "closing.final",
    "code.system-unknown",
    "code.text",
    "confidentiality.left-out",
    "confidentiality.supposed",
}


@cache
def types(version: Version) -> dict[str, etree._Element]:
    """The types of a schema by name, those of a root element or of `params` under the name of the element."""
    root = etree.parse(str(SCHEMAS / version / "csd.xsd")).getroot()
    named = {str(node.get("name")): node for node in root.iterfind(f"{XS}complexType")}
    anonymous = {
        str(node.getparent().get("name")): node
        for node in root.iter(f"{XS}complexType")
        if node.get("name") is None and node.getparent().tag == f"{XS}element"
    }
    return anonymous | named


def declared(version: Version, table: str, element: str) -> etree._Element | None:
    """The declaration of an element or attribute in the schema of a version."""
    node = types(version).get(table)
    if node is None:
        return None
    kind, name = ("attribute", element[1:]) if element.startswith("@") else ("element", element)
    return next(
        (
            found
            for found in node.iter(f"{XS}{kind}")
            if found.get("name") == name and next(found.iterancestors(f"{XS}complexType")) is node
        ),
        None,
    )


def cardinality(found: etree._Element) -> str:
    """The cardinality of a declaration, as the tables write it."""
    if found.tag == f"{XS}attribute":
        return "required" if found.get("use") == "required" else "optional"
    if found.getparent().tag == f"{XS}choice":
        repeats = found.getparent().get("maxOccurs") == "unbounded"
        return "any" if repeats else "1..1|"
    return f"{found.get('minOccurs', '1')}..{'*' if found.get('maxOccurs') == 'unbounded' else '1'}"


def told(row: dict[str, str], version: Version) -> str:
    """The type that the table gives in a version."""
    others = dict(other.split("=") for other in row["other types"].split())
    return others.get(version, row["type"])


def rules(*ledgers: Ledger) -> set[str]:
    """The rules noted, without the version."""
    return {loss.rule.split(".", 2)[2] for ledger in ledgers for loss in ledger.entries}


CASES = [
    pytest.param(row, version, id=f"{row['table']}/{row['element']}-{version}") for row in ROWS for version in VERSIONS
]


@pytest.mark.parametrize(("row", "version"), CASES)
def test_the_schema_says_what_the_table_says(row: dict[str, str], version: Version) -> None:
    found = declared(version, row["table"], row["element"])

    if not row[version]:
        assert found is None or row["table"] in SUPPOSED
        return
    assert found is not None
    # In the notification answer of 1.5 and 1.6 the order is not established: any is accepted, as a repeated choice.
    assert cardinality(found) in {row[version], "any"}
    if found.get("type") and row["type"] in types(version) | dict.fromkeys(("xs:string", "xs:integer", "xs:boolean")):
        assert found.get("type") == told(row, version)


def test_every_declaration_of_the_schema_is_in_a_table() -> None:
    known = {(row["table"], row["element"]) for row in ROWS}
    tables = {row["table"] for row in ROWS}
    strangers = {
        (name, prefix + str(found.get("name")))
        for version in VERSIONS
        for name, node in types(version).items()
        for prefix, kind in (("", "element"), ("@", "attribute"))
        for found in node.iter(f"{XS}{kind}")
        if name in tables and next(found.iterancestors(f"{XS}complexType")) is node
    } - known

    assert strangers == set()


# A table stands in many places: two of them, with the longest way and the shortest, in a short run.
PLACES = 2 if os.environ.get("HYPOTHESIS_PROFILE", "short") == "short" else 10_000
TABLES = sorted({row["table"] for row in ROWS if row["section"].startswith(("4", "7"))})


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("table", TABLES)
def test_every_element_is_read_and_written_back(table: str, version: Version) -> None:
    made = Builder(version)
    wanted = {row["element"] for row in ROWS if row["table"] == table and row[version]}
    ways: dict[str, list[tuple[str, ...]]] = {}
    for way, (type_, name) in made.ways():
        if type_ == table and name in wanted:
            ways.setdefault(name, []).append(way)
    assert set(ways) == wanted or table in ROOTS
    for places in ways.values():
        for way in sorted(places, key=len)[:: max(1, (len(places) - 1) // (PLACES - 1))][:PLACES]:
            document = made.document(OneWay(way))
            schema(version).assertValid(document)
            reading, writing = Ledger(), Ledger()

            repertoire = read_document(document, version=version, dialect=Dialect(), ledger=reading)
            written = parse(write_document(repertoire, version=version, ledger=writing))

            noted = rules(reading, writing) - SAID_ANYWAY
            same = comparison.canonical(written) == comparison.canonical(document)
            assert (same and not noted) or (not same and noted & NAMED), (way, noted)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_document_of_one_way_carries_it(version: Version) -> None:
    made = Builder(version)
    for way, (type_, _) in made.ways():
        if way[-1].startswith("@") or len(way) != 3 or type_ == "csdContact":
            continue
        root = made.document(OneWay(way))
        object_ = {"EJ": "organization", "EG": "organization", "OI": "facility", "UE": "facility"}.get(way[0], way[0])
        steps = "/".join(f"{{*}}{name}" for name in (object_, *way[1:]))
        assert root.find(f"*/{steps}") is not None or way in LEFT_OUT, way


@pytest.mark.parametrize("version", VERSIONS)
def test_equipment_above_the_units_is_named_not_pointed_elsewhere(version: Version) -> None:
    document = Builder(version).document()
    device = next(document.iter("{*}device")).get("entityID")
    pole = next(found for found in document.iter("{*}facility") if found.find("{*}codedType").get("code") == "1")
    name = "equipment" if version is not Version.V3_0 else "locationRealizedOffer/{*}specificEquipment"
    if version is Version.V3_0:
        location = pole.find("{*}extension/{*}locationRealizedOffer/{*}location")
        location.addnext(etree.Element(f"{CSD}specificEquipment", entityID=device))
    else:
        pole.find("{*}extension/{*}receptionType").addprevious(etree.Element(f"{CSD}equipment", entityID=device))
    schema(version).assertValid(document)
    reading = Ledger()

    repertoire = read_document(document, version=version, dialect=Dialect(), ledger=reading)
    written = parse(write_document(repertoire, version=version, ledger=Ledger()))

    assert [loss.path for loss in reading.entries if loss.rule == f"csd-{version}.addition.reference"] == [
        "extension/" + name.replace("{*}", "")
    ]
    back = next(found for found in written.iter("{*}facility") if found.find("{*}codedType").get("code") == "1")
    assert back.find(f"{{*}}extension/{{*}}{name}") is None
    schema(version).assertValid(written)
