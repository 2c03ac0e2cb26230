"""The small elements every part of a document is made of: contract section 4."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import cache
from pathlib import Path

from lxml import etree

from conformance.reference.csd.dialect import Contract, Dates, Dialect, Structures
from conformance.reference.dataset import Addition, Coded, Measure, Record

CSD = "urn:ihe:iti:csd:2013"
ROR = "urn:asip:ror:2015"
SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
HL7 = "urn:hl7-org:v3"

# contract section 12
OID_STRUCTURE = "1.2.250.1.71.4.2.2"
OID_STRUCTURE_TYPES = "1.2.250.1.71.1.2.14"
OID_PROFESSIONAL = "1.2.250.1.71.4.2.1"
OID_FINESS = "1.2.250.1.213.3.2"
OID_SIRET = "1.3.2"
OID_UNIT = "1.2.250.1.213.6.1.1.1.1.76"
UCUM = "2.16.840.1.113883.6.8"
FINESS_DIGIT = "1"

STRUCTURES = {
    Structures.DIGIT: (FINESS_DIGIT, OID_STRUCTURE),
    Structures.BOTH: (FINESS_DIGIT, OID_STRUCTURE),
    Structures.BARE: ("", OID_STRUCTURE_TYPES),
    Structures.DIGIT_UNDER_TYPES: (FINESS_DIGIT, OID_STRUCTURE_TYPES),
    Structures.BARE_UNDER_IDNAT: ("", OID_STRUCTURE),
}
"""What stands before a FINESS number, and the OID it is written under."""

Element = etree._Element
Part = Element | Sequence[Element] | None


@cache
def oids() -> dict[str, str]:
    """The OID of each table, by its short name."""
    path = Path(__file__).parent.parent / "data" / "nos" / "tables.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["table"]: row["oid"] for row in csv.DictReader(lines)}


def element(name: str, *children: Element, text: str | None = None, **attributes: str) -> Element:
    """An element of the CSD namespace."""
    # a prefix, not a default namespace: what a region adds must stay without namespace
    made = etree.Element(f"{{{CSD}}}{name}", attrib=attributes, nsmap={"csd": CSD})
    made.text = text
    made.extend(children)
    return made


def text(name: str, value: str | None) -> Element | None:
    """An element holding a text, None without text."""
    return element(name, text=value) if value is not None else None


def flag(name: str, value: bool | None) -> Element | None:
    """A boolean as `true` or `false`."""
    return None if value is None else element(name, text="true" if value else "false")


def number(name: str, value: int | None) -> Element | None:
    """A whole number."""
    return None if value is None else element(name, text=str(value))


def day(name: str, value: date | None) -> Element | None:
    """A date without offset."""
    return None if value is None else element(name, text=value.isoformat())


def hour(name: str, value: time | None) -> Element | None:
    """A time of day."""
    return None if value is None else element(name, text=value.isoformat())


def reference(name: str, key: str) -> Element:
    """A link to another object of the document."""
    return element(name, entityID=key)


def extension(*children: Element, additions: Iterable[Addition] = ()) -> Element:
    """An extension; what the region adds is one child without namespace, first (contract section 4)."""
    made = element("extension", type="ror", urn="urn:ror:extension")
    for addition in additions:
        etree.SubElement(made, addition.name).text = addition.text
    made.extend(children)
    return made


def flatten(parts: Iterable[Part]) -> list[Element]:
    """Elements in order, without what is absent."""
    found: list[Element] = []
    for part in parts:
        if part is None:
            continue
        if isinstance(part, etree._Element):
            found.append(part)
        else:
            found.extend(part)
    return found


def ordered(order: Sequence[str], parts: dict[str, Part]) -> list[Element]:
    """The parts in the order of the version; what the version does not know is left out."""
    return flatten(parts.get(name) for name in order)


class Scribe:
    """Writes the common types in one dialect and one version."""

    def __init__(self, dialect: Dialect, version: Contract, source: str) -> None:
        self.dialect = dialect
        self.version = version
        self._source = source

    def instant(self, value: datetime) -> str:
        """An instant in French legal time, as the solution writes it."""
        if self.dialect.dates is Dates.OFFSET:
            return value.isoformat(timespec="seconds")
        plain = value.replace(tzinfo=None)
        if self.dialect.dates is Dates.FRACTIONS:
            return plain.isoformat(timespec="milliseconds")
        return plain.isoformat(timespec="seconds")

    def record(self, record: Record) -> Element:
        """`record`, with the provenance and the comment of the solution."""
        made = element(
            "record", created=self.instant(record.created), updated=self.instant(record.updated), status="Ok"
        )
        if self.dialect.source_directory:
            made.set("sourceDirectory", self._source)
        inside = flatten(
            (
                text("recognation", record.key) if self.dialect.recognation else None,
                text("comments", record.comment),
            )
        )
        if inside:
            made.append(extension(*inside))
        return made

    def coded(self, name: str, value: Coded) -> Element:
        """A code under the OID of its table, with its label where the solution writes labels."""
        made = element(name, code=value.code, codingScheme=oids().get(value.system, value.system))
        if self.dialect.labels and value.label:
            made.text = value.label
        return made

    def optional(self, name: str, value: Coded | None) -> Element | None:
        """A code when there is one."""
        return self.coded(name, value) if value is not None else None

    def each(self, name: str, values: Iterable[Coded]) -> list[Element]:
        """One element per code."""
        return [self.coded(name, value) for value in values]

    def measure(self, name: str, value: Measure) -> Element:
        """A whole number and its unit."""
        return element(
            name,
            element("value", text=str(value.value)),
            element("unit", code=value.unit, codingScheme=UCUM),
        )

    def structure(self, finess: str) -> list[Element]:
        """The identifiers of an EJ or EG known by its FINESS number."""
        digit, authority = STRUCTURES[self.dialect.structures]
        made = [other_id(digit + finess, authority)]
        if self.dialect.structures is Structures.BOTH:
            made.append(other_id(finess, OID_FINESS))
        return made


def other_id(code: str, authority: str) -> Element:
    """An identifier."""
    return element("otherID", code=code, assigningAuthorityName=authority)
