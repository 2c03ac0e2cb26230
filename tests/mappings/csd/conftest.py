"""Documents of the contract, made from the schema of their version: no table of the mapping takes part.

A `Choice` says what stands in a document: everything, one way and what it cannot do without, or what a test draws.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree

from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.nomenclatures.systems import system_id
from mappings.nomenclatures.tables import display

# `make test` runs the short form; with HYPOTHESIS_PROFILE=soak the long one, never the same twice.
settings.register_profile("short", max_examples=10, deadline=None, derandomize=True, database=None)
settings.register_profile("soak", max_examples=1000, deadline=None, database=None, print_blob=True)

CSD = "urn:ihe:iti:csd:2013"
XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMAS = Path(__file__).parents[3] / "mappings" / "csd" / "schemas"
DIRECTORIES = ("organization", "service", "facility", "provider", "device")

Way = tuple[str, ...]
Particle = tuple[str, str]

VALUES = {
    "xs:string": ("Texte fictif", "Été & hiver <à l'année>", "x"),
    "xs:boolean": ("true", "false"),
    "xs:integer": ("3", "0", "120"),
    "xs:decimal": ("46.25", "-0.5", "5"),
    "xs:double": ("12.5", "0", "1500"),
    "xs:date": ("2024-03-01", "1999-12-31"),
    "xs:time": ("08:30:00", "23:59:59", "00:00:00"),
    "xs:dateTime": (
        "2024-03-01T08:00:00",
        "2025-07-14T21:09:30+01:00",
        "2025-01-02T03:04:05.250",
        "2025-06-01T00:00:00Z",
    ),
    "xs:anyURI": ("https://solution-fictive.example",),
    "xs:anySimpleType": ("fr", "01"),
}
# Nomenclature (OID) and one of its codes for each coded element; where several stand, occurrences take turns.
CODES = {
    "organization/codedType": [("1.2.250.1.213.1.6.1.44", "95"), ("1.2.250.1.213.1.6.1.64", "2100")],
    "site/codedType": [("1.2.250.1.213.1.6.1.8", "109"), ("1.2.250.1.213.1.6.1.45", "0")],
    "service/codedType": [("1.2.250.1.213.3.3.12", "233"), ("1.2.250.1.213.3.3.12", "001")],
    "device/codedType": [("1.2.250.1.213.3.3.10", "099"), ("1.2.250.1.213.3.3.10", "003")],
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
    "specificAct": [("1.2.250.1.213.3.3.11", "0001"), ("1.2.250.1.213.3.3.11", "0005")],
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
STRAY = "note"
# What is one in each object, whatever the schema lets repeat: several extensions are written as one.
ONCE = frozenset({"extension", "organization", "facility"})
# What ties objects together stands in every document: an activity or an equipment that no unit uses has no place.
TIES = frozenset(
    {"organizations", "organization", "service", "equipment", "locationRealizedOffer", "specificEquipment"}
)


# Where an entityID is an identifier of its own.
VALUES_AS_KEYS = frozenset({"identifier", "externalidSynchronization"})


def tied(way: Way) -> int:
    """1 for what every document has: the ties of its objects, and the extension of a facility."""
    ties = way[-1] in TIES and way[0] in {"OI", "UE"}
    return int(ties or way in {("OI", "extension"), ("UE", "extension")})


class Choice(Protocol):
    """What stands in a document. `way` is where: the object, then the names of the elements."""

    def count(self, way: Way, particle: Particle, least: int, most: int) -> int:
        """How many elements, between two bounds."""

    def branch(self, way: Way, names: Sequence[str]) -> str:
        """Which of several."""

    def value(self, way: Way, values: Sequence[str]) -> str:
        """Which value."""

    def says(self, way: Way, particle: Particle) -> bool:
        """Whether what may be left out is there: an attribute, a label, an element without namespace."""


class Everything:
    """Every element, twice those that repeat."""

    def count(self, way: Way, particle: Particle, least: int, most: int) -> int:
        return most

    def branch(self, way: Way, names: Sequence[str]) -> str:
        return names[0]

    def value(self, way: Way, values: Sequence[str]) -> str:
        return values[0]

    def says(self, way: Way, particle: Particle) -> bool:
        return True


class OneWay(Everything):
    """One element or attribute, and what a document cannot do without."""

    def __init__(self, way: Way) -> None:
        self.way = way

    def count(self, way: Way, particle: Particle, least: int, most: int) -> int:
        if way == self.way:
            return most
        return max(least, tied(way), int(way == self.way[: len(way)]))

    def branch(self, way: Way, names: Sequence[str]) -> str:
        wanted = self.way[len(way)] if self.way[: len(way)] == way and len(self.way) > len(way) else ""
        return wanted if wanted in names else names[0]

    def says(self, way: Way, particle: Particle) -> bool:
        return way == self.way


class Drawn(Everything):
    """Some of the particles, in some of their places: shrinks to the smallest document, then to the first values."""

    def __init__(self, particles: frozenset[Particle], seed: int) -> None:
        self.particles = particles
        self.seed = seed

    def __repr__(self) -> str:
        return f"Drawn({len(self.particles)} particles, {self.seed})"

    def _dice(self, way: Way) -> random.Random:
        return random.Random(f"{self.seed}/{way}")  # noqa: S311 - no secret

    def count(self, way: Way, particle: Particle, least: int, most: int) -> int:
        if particle not in self.particles:
            return max(least, tied(way))
        return max(least, 1) if self.seed == 0 else max(tied(way), self._dice(way).randint(least, most))

    def branch(self, way: Way, names: Sequence[str]) -> str:
        # A contact that is a professional has no place in the model: `person`, the first, is a contact.
        return names[0] if self.seed == 0 or way[-1] == "contact" else self._dice(way).choice(names)

    def value(self, way: Way, values: Sequence[str]) -> str:
        return values[0] if self.seed == 0 else self._dice(way).choice(values)

    def says(self, way: Way, particle: Particle) -> bool:
        return particle in self.particles and (self.seed == 0 or self._dice(way).random() < 0.7)


class Builder:
    """The documents of a version."""

    def __init__(self, version: Version) -> None:
        root = parse((SCHEMAS / version / "csd.xsd").read_bytes())
        self.types = {str(node.get("name")): node for node in root.iterfind(f"{XS}complexType")}
        self.choice: Choice = Everything()

    def optional(self) -> list[Particle]:
        """Every element and attribute that a document of the version may leave out."""
        return sorted({particle for _, particle in self.ways()})

    def ways(self) -> Iterator[tuple[Way, Particle]]:
        """Every place of every element and attribute of the objects, and the type and name it has there."""
        for entry in ("EJ", "EG", "OI", "UE", "service", "provider", "device"):
            type_ = {"EJ": "organization", "EG": "organization", "OI": "facility", "UE": "facility"}.get(entry, entry)
            yield from self._ways((entry,), type_)

    def _ways(self, way: Way, type_: str) -> Iterator[tuple[Way, Particle]]:
        node = self.types.get(type_)
        if node is None:
            return
        for attribute in node.iter(f"{XS}attribute"):
            yield (*way, f"@{attribute.get('name')}"), (type_, f"@{attribute.get('name')}")
        for particle in node.iter(f"{XS}element"):
            name = str(particle.get("name"))
            yield (*way, name), (type_, name)
            yield from self._ways((*way, name), str(particle.get("type")))

    def document(self, choice: Choice | None = None) -> etree._Element:
        """A document: an EJ, its EG, a pole, a unit, a professional, and the activities and equipment of the unit."""
        self.choice = choice or Everything()
        root = etree.Element(f"{{{CSD}}}CSD", nsmap={"csd": CSD})
        places = {name: etree.SubElement(root, f"{{{CSD}}}{name}Directory") for name in DIRECTORIES}
        self.organization(places["organization"], "EJ")
        self.organization(places["organization"], "EG")
        self.facility(places["facility"], "OI")
        self.facility(places["facility"], "UE")
        self.provider(places["provider"])
        for name, key in (("service", "ACT"), ("device", "EQ")):
            used = {found.get("entityID", "") for found in root.iter() if found.get("entityID", "").startswith(key)}
            for rank in range(1, len(used) + 1):
                element = self.add(places[name], name, name, (name,), rank)
                element.set("entityID", f"{key}-{rank}")
        scramble(root)
        return root

    def organization(self, directory: etree._Element, entry: str) -> None:
        element = self.add(directory, "organization", "organization", (entry,), 1)
        element.set("entityID", f"{entry}-1")
        number = "1019999983" if entry == "EJ" else "1019999991"
        identify(element, (number, "1.2.250.1.71.4.2.2"), (number[1:], "1.2.250.1.213.3.2"))
        parent = element.find(f"{{{CSD}}}parent")
        if entry == "EJ":
            if parent is not None:
                element.remove(parent)
            return
        if parent is None:
            parent = etree.Element(f"{{{CSD}}}parent")
            following = [element.find(f"{{{CSD}}}{name}") for name in ("extension", "record")]
            next(found for found in following if found is not None).addprevious(parent)
        parent.set("entityID", "EJ-1")
        for coded, (system, code) in zip(element.findall(f"{{{CSD}}}codedType"), CODES["site/codedType"], strict=False):
            coded.set("codingScheme", system)
            coded.set("code", code)

    def facility(self, directory: etree._Element, entry: str) -> None:
        element = self.add(directory, "facility", "facility", (entry,), 1)
        element.set("entityID", f"{entry}-1")
        identify(element, (f"84/{entry}-1", "1.2.250.1.213.6.1.1.1.1.76"))
        for extra in element.findall(f"{{{CSD}}}codedType")[1:]:
            element.remove(extra)
        coded = element.find(f"{{{CSD}}}codedType")
        coded.set("codingScheme", "1.2.250.1.213.3.3.8")
        coded.set("code", "1" if entry == "OI" else "4")
        coded.text = None if entry == "UE" else coded.text
        link = element.find(f"{{{CSD}}}organizations/{{{CSD}}}organization")
        link.set("entityID", "EG-1")
        number(link, "service", "ACT")
        for name in ("equipment", "specificEquipment"):
            for above in {used.getparent() for used in element.iter(f"{{{CSD}}}{name}") if used.get("entityID")}:
                number(above, name, "EQ")
        for parent in element.findall(f"{{{CSD}}}extension/{{{CSD}}}parentFacility"):
            parent.set("entityID", "OI-1")
            if entry == "OI":
                parent.getparent().remove(parent)
        if entry == "OI":
            # The pole names an activity of its unit; the model gives equipment to units only.
            for found in link.findall(f"{{{CSD}}}service")[1:]:
                link.remove(found)
            for name in ("equipment", "specificEquipment"):
                for found in [found for found in element.iter(f"{{{CSD}}}{name}") if found.get("entityID")]:
                    found.getparent().remove(found)
            mode = element.find(f"{{{CSD}}}extension/{{{CSD}}}careMode")
            mode.set("code", "")
            mode.text = None
            for flag in element.iter(f"{{{CSD}}}sensitiveUnit"):
                flag.text = "false"

    def provider(self, directory: etree._Element) -> None:
        element = self.add(directory, "provider", "provider", ("provider",), 1)
        element.set("entityID", "PS-1")
        identify(element, ("810000000019", "1.2.250.1.71.4.2.1"))
        for name, key in (("organizations/{}organization", "EG-1"), ("facilities/{}facility", "UE-1")):
            found = element.find(f"{{{CSD}}}" + name.format(f"{{{CSD}}}"))
            if found is not None:
                found.set("entityID", key)

    def add(self, parent: etree._Element, name: str, type_: str, way: Way, rank: int) -> etree._Element:
        element = etree.SubElement(parent, f"{{{CSD}}}{name}")
        node = self.types.get(type_)
        if type_ == "codedtype":
            self.code(element, parent, (*way, f"#{rank}"), rank)
        elif node is None:
            element.text = self.choice.value((*way, f"#{rank}"), VALUES[type_])
        else:
            self.fill(element, node, way, rank)
        return element

    def fill(self, element: etree._Element, node: etree._Element, way: Way, rank: int) -> None:
        type_ = str(node.get("name"))
        base = next((found.get("base") for found in node.iter(f"{XS}extension")), None)
        if "extension" in {type_, base}:
            element.set("type", "ror")
            element.set("urn", "urn:asip:ror")
            if self.choice.says((*way, STRAY), (type_, STRAY)):
                etree.SubElement(element, STRAY).text = "x"
        if "uniqueID" in {type_, base}:
            element.set("entityID", "REF-1")
        if base == "xs:string":
            element.text = self.choice.value((*way, f"#{rank}"), VALUES["xs:string"])
        for attribute in node.iter(f"{XS}attribute"):
            name = str(attribute.get("name"))
            if type_ == "translatedText" or (name in {"entityID", "type", "urn"} and type_ != "address"):
                continue  # the language of a name has no place in the model
            if attribute.get("use") == "required" or self.choice.says((*way, f"@{name}"), (type_, f"@{name}")):
                element.set(name, self.choice.value((*way, f"@{name}"), VALUES[str(attribute.get("type"))]))
        self.children(element, node, way)

    def children(self, element: etree._Element, node: etree._Element, way: Way) -> None:
        for particle in node.iter(f"{XS}element"):
            name, type_ = str(particle.get("name")), str(particle.get("type"))
            group = particle.getparent()
            if group.tag == f"{XS}choice":
                names = [str(one.get("name")) for one in group]
                if self.choice.branch(way, names) != name:
                    continue
            least = 0 if particle.get("minOccurs") == "0" else 1
            most = 2 if particle.get("maxOccurs") == "unbounded" and name not in ONCE else 1
            here = (*way, name)
            for rank in range(1, self.choice.count(here, (str(node.get("name")), name), least, most) + 1):
                self.add(element, name, type_, here, rank)

    def code(self, element: etree._Element, parent: etree._Element, way: Way, rank: int) -> None:
        name, above = local(element), local(parent)
        if above in {"territorialDivision", "healthCareTerritorial", "interventionZone"}:
            above = "territory"
        if above == "extension":
            above = local(parent.getparent())
        known = CODES.get(f"{above}/{name}") or CODES.get(name) or ANY
        if name == "codedType" and f"{above}/codedType" not in CODES:
            known = ANY
        turn = (
            len(list(parent.itersiblings(parent.tag, preceding=True))) if above in {"service", "device"} else rank - 1
        )
        system, code = known[turn % len(known)]
        element.set("code", code)
        element.set("codingScheme", system)
        if self.choice.says((*way, "label"), ("codedtype", "label")):
            element.text = "Libellé fictif"


def local(element: etree._Element) -> str:
    """The name without its namespace."""
    return etree.QName(element).localname


def number(above: etree._Element, name: str, key: str) -> None:
    """Keys for the references of one name, from 1."""
    for rank, used in enumerate(above.findall(f"{{{CSD}}}{name}"), start=1):
        used.set("entityID", f"{key}-{rank}")


def scramble(root: etree._Element) -> None:
    """Other keys, of which no writer would think: a reference that is only copied leads nowhere."""
    keys: dict[str, str] = {}
    for element in root.iter():
        key = element.get("entityID")
        if key is not None and local(element) not in VALUES_AS_KEYS:
            element.set("entityID", keys.setdefault(key, f"clé {len(keys)}"))


def identify(element: etree._Element, *values: tuple[str, str]) -> None:
    """The identifiers of an object: at least its own."""
    found = element.findall(f"{{{CSD}}}otherID")
    if not found:
        found = [etree.Element(f"{{{CSD}}}otherID")]
        element.find(f"{{{CSD}}}codedType").addprevious(found[0])
    for extra in found[len(values) :]:
        element.remove(extra)
    for one, (code, system) in zip(found, values, strict=False):
        one.set("code", code)
        one.set("assigningAuthorityName", system)


@pytest.fixture(scope="session")
def builder() -> Callable[[Version], Builder]:
    """What makes the documents of a version."""
    return Builder


@pytest.fixture(scope="session")
def rich_document() -> Callable[[Version], etree._Element]:
    """A function that makes the document of a version in which every element of its schema stands."""
    return lambda version: Builder(version).document()


def canonical(document: etree._Element) -> etree._Element:
    """The document freed of what means nothing: keys, the order of entries, extensions that hold nothing."""
    root = parse(etree.tostring(document))
    for element in [found for found in root.iter(f"{{{CSD}}}extension") if len(found) == 0]:
        element.getparent().remove(element)
    names = {entry.get("entityID", ""): identity(entry) for directory in root for entry in directory}
    for element in root.iter():
        key = element.get("entityID")
        if key is not None and local(element) not in VALUES_AS_KEYS:
            element.set("entityID", names.get(key, f"dangling {key}"))
    for directory in root:
        directory[:] = sorted(directory, key=lambda entry: (entry.get("entityID", ""), etree.tostring(entry)))
    etree.indent(root)
    return root


def identity(entry: etree._Element) -> str:
    """What names an object whatever the document: its first identifier, its code for an activity or an equipment."""
    if local(entry) in {"service", "device"}:
        return f"{local(entry)} {entry.find(f'{{{CSD}}}codedType').get('code')}"
    return str(entry.find(f"{{{CSD}}}otherID").get("code"))


Leaf = tuple[str, str, str]


def labelled(element: etree._Element) -> bool:
    """Whether the text is the label that the nomenclature gives to the code: it says nothing of its own."""
    system, code = system_id(element.get("codingScheme", "")), element.get("code", "")
    return bool(code) and element.text is not None and element.text == display(system, code)


def leaves(document: etree._Element) -> Counter[Leaf]:
    """Every value of a document: of which object, where in it, what."""
    return Counter(values(document))


def sequences(document: etree._Element) -> dict[tuple[str, str], list[str]]:
    """The values of each place of each object, in the order in which they stand."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, path, value in values(document):
        found.setdefault((name, path), []).append(value)
    return found


def values(document: etree._Element) -> Iterator[Leaf]:
    """Every value, in the order of the document."""
    for directory in canonical(document):
        for entry in directory:
            for element in entry.iter():
                path = way(element, directory)
                text = "" if labelled(element) else (element.text or "").strip()
                if text:
                    yield identity(entry), path, text
                for name, value in element.items() if local(element) != "extension" else ():
                    yield identity(entry), f"{path}@{name}", value


def empty(document: etree._Element) -> frozenset[tuple[str, str]]:
    """The places, by object, where an element stands that says nothing."""
    return frozenset(
        (identity(entry), way(element, directory))
        for directory in canonical(document)
        for entry in directory
        for element in entry.iter()
        if len(element) == 0 and not element.attrib and not (element.text or "").strip()
    )


def way(element: etree._Element, directory: etree._Element) -> str:
    """Where an element stands in its entry, by names."""
    steps = [local(element), *(local(above) for above in element.iterancestors())]
    return "/".join(reversed(steps[: steps.index(local(directory)) - 1]))


class Comparison:
    """What documents say, compared."""

    canonical = staticmethod(lambda document: etree.tostring(canonical(document), method="c14n").decode())
    leaves = staticmethod(leaves)
    empty = staticmethod(empty)
    sequences = staticmethod(sequences)
    identity = staticmethod(identity)


@pytest.fixture(scope="session")
def comparison() -> type[Comparison]:
    """How two documents are compared."""
    return Comparison


@pytest.fixture(scope="session")
def drawn() -> Callable[[Version], st.SearchStrategy[etree._Element]]:
    """Documents of a version: of everything, then of what is drawn, in the places that a seed chooses."""

    @cache
    def strategy(version: Version) -> st.SearchStrategy[etree._Element]:
        made = Builder(version)
        particles = made.optional()
        some = st.frozensets(st.sampled_from(particles), max_size=len(particles))
        most = some.map(lambda left: frozenset(particles) - left)
        chosen = st.one_of(st.just(frozenset(particles)), most, some)
        choices = st.tuples(chosen, st.integers(0, 2**32)).map(lambda drawn: Drawn(*drawn))
        return choices.map(made.document)

    return strategy


@pytest.fixture(scope="session")
def one_way() -> Callable[[Way], Choice]:
    """A document of one way, and what it cannot do without."""
    return OneWay


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
