"""Documents that say everything a version can say, made from its schema: no table of the mapping takes part."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from mappings.csd.version import Version
from mappings.csd.xml import parse

CSD = "urn:ihe:iti:csd:2013"
XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMAS = Path(__file__).parents[3] / "mappings" / "csd" / "schemas"

VALUES = {
    "xs:string": "Texte fictif",
    "xs:boolean": "true",
    "xs:integer": "3",
    "xs:decimal": "46.25",
    "xs:double": "12.5",
    "xs:date": "2024-03-01",
    "xs:time": "08:30:00",
    "xs:dateTime": "2024-03-01T08:00:00",
    "xs:anyURI": "https://solution-fictive.example",
    "xs:anySimpleType": "fr",
}
# Nomenclature (OID) and one of its codes for each coded element; where several stand, occurrences take turns.
CODES = {
    "organization/codedType": [("1.2.250.1.213.1.6.1.44", "95"), ("1.2.250.1.213.1.6.1.64", "2100")],
    "site/codedType": [("1.2.250.1.213.1.6.1.8", "109"), ("1.2.250.1.213.1.6.1.45", "0")],
    "service/codedType": [("1.2.250.1.213.3.3.12", "233"), ("1.2.250.1.213.3.3.12", "001")],
    "device/codedType": [("1.2.250.1.213.3.3.10", "099"), ("1.2.250.1.213.3.3.10", "001")],
    "contactPoint/codedType": [("1.2.250.1.213.3.3.1", "1"), ("1.2.250.1.213.3.3.1", "2")],
    "provider/codedType": [("1.2.250.1.71.1.2.7", "10"), ("1.2.250.1.71.1.2.7", "60")],
    "credential/codedType": [("1.2.250.1.213.1.6.1.16", "S"), ("1.2.250.1.213.1.6.1.16", "C")],
    "territory/codedType": [("1.2.250.1.213.2.25", "84")],
    "type": [("1.2.250.1.213.3.3.2", "1")],
    "typeActivity": [("1.2.250.1.213.3.3.17", "02"), ("1.2.250.1.213.3.3.17", "04")],
    "supportedPatient": [("1.2.250.1.213.3.3.29", "01"), ("1.2.250.1.213.3.3.29", "02")],
    "careMode": [("1.2.250.1.213.3.3.13", "28")],
    "homeMode": [("1.2.250.1.213.3.3.221", "03"), ("1.2.250.1.213.3.3.221", "01")],
    "actFamily": [("1.2.250.1.213.3.3.60", "001"), ("1.2.250.1.213.3.3.61", "01")],
    "specificAct": [("1.2.250.1.213.3.3.11", "0001"), ("1.2.250.1.213.3.3.11", "0002")],
    "unit": [("2.16.840.1.113883.6.8", "a")],
    "cityNumber": [("1.2.250.1.213.2.23", "01999")],
    "confidentialityLevel": [("1.2.250.1.213.1.1.4.344", "1"), ("1.2.250.1.213.1.1.4.344", "2")],
    "function": [("1.2.250.1.213.3.3.48", "01")],
    "nature": [("1.2.250.1.213.3.3.67", "06")],
    "currency": [("1.2.250.1.213.3.3.20", "EUR")],
    "priceUnit": [("1.2.250.1.213.3.3.18", "2")],
    "honorific": [("1.2.250.1.213.1.6.1.11", "DR")],
    "positionTitle": [("1.2.250.1.213.1.6.1.11", "DR")],
    "title": [("1.2.250.1.213.1.6.1.69", "MME")],
    "language": [("1.2.250.1.71.2.10", "fr"), ("1.2.250.1.71.2.10", "en")],
    "functionLocation": [("1.2.250.1.213.3.3.227", "001")],
    "status": [("1.2.250.1.213.3.3.4", "3")],
    "capacityNature": [("1.2.250.1.213.3.3.212", "01"), ("1.2.250.1.213.3.3.212", "02")],
    "capacityStatus": [("1.2.250.1.213.3.3.213", "01"), ("1.2.250.1.213.3.3.213", "02")],
    "capacityTemporality": [("1.2.250.1.213.3.3.214", "01")],
    "capacitySourceType": [("1.2.250.1.213.3.3.218", "01")],
    "temporaryAssignment": [("1.2.250.1.213.3.3.220", "01")],
    "facility/closingReason": [("1.2.250.1.213.1.6.1.136", "DEF")],
    "closingReason": [("1.2.250.1.213.1.6.1.121", "DEF")],
    "specificSkills": [("1.2.250.1.213.3.3.37", "01"), ("1.2.250.1.213.3.3.37", "02")],
    "specificSkill": [("1.2.250.1.213.3.3.37", "01"), ("1.2.250.1.213.3.3.37", "02")],
    "managementType": [("1.2.250.1.213.3.3.23", "01"), ("1.2.250.1.213.3.3.23", "02")],
    "expertLevel": [("1.2.250.1.213.3.3.228", "10")],
    "maternityHospitalType": [("1.2.250.1.213.3.3.52", "03")],
    "profession": [("1.2.250.1.71.1.2.7", "10"), ("1.2.250.1.71.1.2.7", "60")],
    "medicalSpeciality": [("1.2.250.1.213.2.28", "SM01"), ("1.2.250.1.213.2.28", "SM02")],
    "professionalResource": [("1.2.250.1.213.3.3.246", "04"), ("1.2.250.1.213.3.3.246", "05")],
    "speciality": [("1.2.250.1.213.2.28", "SM01")],
    "competence": [("1.2.250.1.213.2.29", "C01")],
    "exclusiveCompetence": [("1.2.250.1.213.2.30", "CEX22")],
    "particularSkills": [("1.2.250.1.213.2.31", "80")],
    "capacity": [("1.2.250.1.213.2.33", "CAPA01")],
    "qualificationPAC": [("1.2.250.1.213.2.34", "PAC00")],
    "DESCNonQualifiant": [("1.2.250.1.213.2.32", "DSM200")],
    "complementarySkills": [("1.2.250.1.213.1.6.1.111", "DEC01")],
}
# Nomenclatures whose table does not matter to the test: any code of an address that is not one of a table held.
ANY = [("1.2.250.1.999.1", "X1"), ("1.2.250.1.999.1", "X2")]
ONCE = {"extension", "organization", "facility"}
STRAY = "note"


class Builder:
    """One document with every element of a schema: twice those that repeat, an element without namespace in front
    of every extension."""

    def __init__(self, version: Version) -> None:
        root = parse((SCHEMAS / version / "csd.xsd").read_bytes())
        self.types = {node.get("name"): node for node in root.iterfind(f"{XS}complexType")}

    def document(self) -> etree._Element:
        root = etree.Element(f"{{{CSD}}}CSD", nsmap={"csd": CSD})
        directories = {
            name: etree.SubElement(root, f"{{{CSD}}}{name}Directory")
            for name in ("organization", "service", "facility", "provider", "device")
        }
        self.organization(directories["organization"], "EJ-1")
        self.organization(directories["organization"], "EG-1")
        for rank in (1, 2):
            self.add(directories["service"], "service", "service", rank, f"ACT-{rank}")
            self.add(directories["device"], "device", "device", rank, f"EQ-{rank}")
        self.facility(directories["facility"], "OI-1")
        self.facility(directories["facility"], "UE-1")
        self.provider(directories["provider"])
        return root

    def organization(self, directory: etree._Element, entity: str) -> None:
        element = self.add(directory, "organization", "organization", 1, entity)
        number = "1019999983" if entity == "EJ-1" else "1019999991"
        identifiers(element, (number, "1.2.250.1.71.4.2.2"), (number[1:], "1.2.250.1.213.3.2"))
        parent = element.find(f"{{{CSD}}}parent")
        parent.set("entityID", "EJ-1")
        if entity == "EJ-1":
            element.remove(parent)
        else:
            for coded, (system, code) in zip(
                element.findall(f"{{{CSD}}}codedType"), CODES["site/codedType"], strict=True
            ):
                coded.set("codingScheme", system)
                coded.set("code", code)

    def facility(self, directory: etree._Element, entity: str) -> None:
        element = self.add(directory, "facility", "facility", 1, entity)
        identifiers(element, (f"84/{entity}", "1.2.250.1.213.6.1.1.1.1.76"))
        for extra in element.findall(f"{{{CSD}}}codedType")[1:]:
            element.remove(extra)
        coded = element.find(f"{{{CSD}}}codedType")
        coded.set("codingScheme", "1.2.250.1.213.3.3.8")
        coded.set("code", "1" if entity == "OI-1" else "4")
        coded.text = None
        link = element.find(f"{{{CSD}}}organizations/{{{CSD}}}organization")
        link.set("entityID", "EG-1")
        for rank, service in enumerate(link.findall(f"{{{CSD}}}service"), start=1):
            service.set("entityID", f"ACT-{rank}")
        for name in ("equipment", "specificEquipment"):
            for above in {used.getparent() for used in element.iter(f"{{{CSD}}}{name}")}:
                for rank, used in enumerate(above.findall(f"{{{CSD}}}{name}"), start=1):
                    if len(used) == 0 and used.get("entityID"):
                        used.set("entityID", f"EQ-{rank}")
        parent = element.find(f"{{{CSD}}}extension/{{{CSD}}}parentFacility")
        parent.set("entityID", "OI-1")
        if entity == "OI-1":
            parent.getparent().remove(parent)
            mode = element.find(f"{{{CSD}}}extension/{{{CSD}}}careMode")
            mode.set("code", "")
            mode.text = None
            for flag in element.iter(f"{{{CSD}}}sensitiveUnit"):
                flag.text = "false"

    def provider(self, directory: etree._Element) -> None:
        element = self.add(directory, "provider", "provider", 1, "PS-1")
        identifiers(element, ("810000000019", "1.2.250.1.71.4.2.1"))
        element.find(f"{{{CSD}}}organizations/{{{CSD}}}organization").set("entityID", "EG-1")
        element.find(f"{{{CSD}}}facilities/{{{CSD}}}facility").set("entityID", "UE-1")

    def add(self, parent: etree._Element, name: str, type_: str, rank: int, entity: str = "") -> etree._Element:
        element = etree.SubElement(parent, f"{{{CSD}}}{name}")
        node = self.types.get(type_)
        if type_ == "codedtype":
            self.code(element, parent, rank)
        elif node is None:
            element.text = VALUES[type_]
        else:
            self.fill(element, node, entity)
        return element

    def fill(self, element: etree._Element, node: etree._Element, entity: str) -> None:
        base = next((found.get("base") for found in node.iter(f"{XS}extension")), None)
        if node.get("name") == "extension" or base == "extension":
            element.set("type", "ror")
            element.set("urn", "urn:asip:ror")
            etree.SubElement(element, STRAY).text = "x"
        if node.get("name") == "uniqueID" or base == "uniqueID":
            element.set("entityID", entity or "REF-1")
        if base == "xs:string":
            element.text = "Texte fictif"
        for attribute in node.iter(f"{XS}attribute"):
            if node.get("name") == "translatedText":
                continue  # the language of a name has no place in the model
            if (
                attribute.get("name") not in {"entityID", "type", "urn"}
                or attribute.getparent().get("name") == "address"
            ):
                element.set(attribute.get("name"), VALUES[attribute.get("type")])
        self.children(element, node)

    def children(self, element: etree._Element, node: etree._Element) -> None:
        for particle in node.iter(f"{XS}element"):
            name, type_ = particle.get("name"), particle.get("type")
            if particle.getparent().tag == f"{XS}choice" and particle.getparent()[0] is not particle:
                continue
            many = particle.get("maxOccurs") == "unbounded" and name not in ONCE
            for rank in (1, 2)[: 1 + many]:
                self.add(element, name, type_, rank)

    def code(self, element: etree._Element, parent: etree._Element, rank: int) -> None:
        name, above = local(element), local(parent)
        if above == "territorialDivision" or local(parent) in {"healthCareTerritorial", "interventionZone"}:
            above = "territory"
        if above == "extension":
            above = local(parent.getparent())
        known = CODES.get(f"{above}/{name}") or CODES.get(name) or ANY
        if name == "codedType" and f"{above}/codedType" not in CODES:
            known = ANY
        used = known[
            (self.rank_of(parent) if len(known) > 1 and above in {"service", "device"} else rank - 1) % len(known)
        ]
        element.set("code", used[1])
        element.set("codingScheme", used[0])
        element.text = "Libellé fictif"

    def rank_of(self, element: etree._Element) -> int:
        return len(list(element.itersiblings(element.tag, preceding=True)))


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


def identifiers(element: etree._Element, *values: tuple[str, str]) -> None:
    found = element.findall(f"{{{CSD}}}otherID")
    for extra in found[len(values) :]:
        element.remove(extra)
    for one, (code, system) in zip(found, values, strict=False):
        one.set("code", code)
        one.set("assigningAuthorityName", system)


@pytest.fixture(scope="session")
def rich_document() -> Callable[[Version], etree._Element]:
    """A function that makes the document of a version in which every element of its schema stands."""
    return lambda version: Builder(version).document()


RECORD = '<record created="2024-03-01T08:00:00" updated="2025-01-02T03:04:05" status="Ok"/>'
PATIENTS = (
    '<patientsType><patientTypeAgeMin><value>18</value><unit code="a" codingScheme="2.16.840.1.113883.6.8"/>'
    '</patientTypeAgeMin><patientTypeAgeMax><value>99</value><unit code="a" codingScheme="2.16.840.1.113883.6.8"/>'
    f"</patientTypeAgeMax>{RECORD}</patientsType>"
)
FIELD = '<typeActivity code="02" codingScheme="1.2.250.1.213.3.3.17"/>'
MODE = '<careMode code="28" codingScheme="1.2.250.1.213.3.3.13"/>'


def organization(entity: str, number: str, *, parent: str = "", extension: str = "", more: str = "") -> str:
    """An EJ, or an EG when it has a parent."""
    coded = ("109", "1.2.250.1.213.1.6.1.8") if parent else ("95", "1.2.250.1.213.1.6.1.44")
    return (
        f'<organization entityID="{entity}"><otherID code="{number}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'
        f'<codedType code="{coded[0]}" codingScheme="{coded[1]}"/><primaryName>{entity}</primaryName>{more}'
        + (f'<parent entityID="{parent}"/>' if parent else "")
        + (f'<extension type="ror" urn="urn:asip:ror">{extension}</extension>' if extension else "")
        + f"{RECORD}</organization>"
    )


def facility(
    entity: str,
    *,
    level: str = "4",
    links: tuple[str, ...] = ("EG-1",),
    services: tuple[str, ...] = (),
    before: str = "",
    after: str = "<sensitiveUnit>false</sensitiveUnit>",
    hours: str = "",
) -> str:
    """A facility; `before` and `after` stand around the mandatory elements of its extension."""
    inside = "".join(f'<service entityID="{service}"/>' for service in services)
    organizations = "".join(f'<organization entityID="{link}">{inside}</organization>' for link in links)
    return (
        f'<facility entityID="{entity}">'
        f'<otherID code="84/{entity}" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>'
        f'<codedType code="{level}" codingScheme="1.2.250.1.213.3.3.8"/><primaryName>{entity}</primaryName>'
        f"<organizations>{organizations}</organizations>{hours}"
        f'<extension type="ror" urn="urn:asip:ror">{before}{FIELD}{MODE}{PATIENTS}{after}</extension>'
        f"{RECORD}</facility>"
    )


def document(
    *facilities: str,
    organizations: tuple[str, ...] | None = None,
    services: str = "",
    providers: str = "",
    devices: str = "",
) -> etree._Element:
    """A document around some facilities; an EJ and its EG unless others are given."""
    if organizations is None:
        organizations = (organization("EJ-1", "1019999983"), organization("EG-1", "1019999991", parent="EJ-1"))
    return parse(
        (
            '<CSD xmlns="urn:ihe:iti:csd:2013">'
            f"<organizationDirectory>{''.join(organizations)}</organizationDirectory>"
            f"<serviceDirectory>{services}</serviceDirectory>"
            f"<facilityDirectory>{''.join(facilities)}</facilityDirectory>"
            f"<providerDirectory>{providers}</providerDirectory>"
            f"<deviceDirectory>{devices}</deviceDirectory></CSD>"
        ).encode()
    )


class Wire:
    """The pieces of small documents, for the tests that say what one rule does."""

    record = RECORD
    document = staticmethod(document)
    facility = staticmethod(facility)
    organization = staticmethod(organization)


@pytest.fixture(scope="session")
def wire() -> type[Wire]:
    """Small documents by hand."""
    return Wire
