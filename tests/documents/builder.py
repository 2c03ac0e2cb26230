"""Documents of the contract, made from the schema of their version: no table of the mapping takes part."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from lxml import etree

from mappings.csd.contexts import local_name
from mappings.csd.namespaces import CSD
from mappings.csd.version import Version
from mappings.csd.xml import parse
from tests.documents.choices import Choice, Drawn, Everything, Particle, Way
from tests.documents.values import ANY, CODES, VALUES

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMAS = Path(__file__).parents[2] / "mappings" / "csd" / "schemas"
DIRECTORIES = ("organization", "service", "facility", "provider", "device")
STRAY = "note"
# What is one in each object, whatever the schema lets repeat: several extensions are written as one.
ONCE = frozenset({"extension", "organization", "facility"})
# Where an entityID is an identifier of its own.
VALUES_AS_KEYS = frozenset({"identifier", "externalidSynchronization"})


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
        name, above = local_name(element), local_name(parent)
        if above in {"territorialDivision", "healthCareTerritorial", "interventionZone"}:
            above = "territory"
        if above == "extension":
            above = local_name(parent.getparent())
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


def number(above: etree._Element, name: str, key: str) -> None:
    """Keys for the references of one name, from 1."""
    for rank, used in enumerate(above.findall(f"{{{CSD}}}{name}"), start=1):
        used.set("entityID", f"{key}-{rank}")


def scramble(root: etree._Element) -> None:
    """Other keys, of which no writer would think: a reference that is only copied leads nowhere."""
    keys: dict[str, str] = {}
    for element in root.iter():
        key = element.get("entityID")
        if key is not None and local_name(element) not in VALUES_AS_KEYS:
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


def rich_document(version: Version) -> etree._Element:
    """The document of a version in which every element of its schema stands."""
    return Builder(version).document()


@cache
def drawn(version: Version) -> st.SearchStrategy[etree._Element]:
    """Documents of a version: of everything, then of what is drawn, in the places that a seed chooses."""
    made = Builder(version)
    particles = made.optional()
    some = st.frozensets(st.sampled_from(particles), max_size=len(particles))
    most = some.map(lambda left: frozenset(particles) - left)
    chosen = st.one_of(st.just(frozenset(particles)), most, some)
    choices = st.tuples(chosen, st.integers(0, 2**32)).map(lambda choice: Drawn(*choice))
    return choices.map(made.document)
