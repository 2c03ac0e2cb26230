"""Which children an element may have in a version, and in what order: read from the schema of the version."""

from functools import cache
from pathlib import Path

import msgspec
from lxml import etree

from mappings.csd.contexts import local_name
from mappings.csd.namespaces import CSD, XSD
from mappings.csd.version import Version
from mappings.csd.xml import parse

SCHEMAS = Path(__file__).parent / "schemas"


def _xs(name: str) -> str:
    return f"{{{XSD}}}{name}"


class Particle(msgspec.Struct, frozen=True):
    """A child that a type allows: its place in the sequence, whether it may stand once only, and its own type."""

    rank: int
    single: bool
    type: str


class Content(msgspec.Struct, frozen=True):
    """The children of a type by qualified name; `open_first` accepts one element without namespace before them."""

    particles: dict[str, Particle]
    open_first: bool


@cache
def contents(version: Version) -> dict[str, Content]:
    """The content of every named type of the schema of a version."""
    schema = parse((SCHEMAS / version / "csd.xsd").read_bytes())
    return {str(node.get("name")): _content(node) for node in schema.iterfind(_xs("complexType"))}


def _content(node: etree._Element) -> Content:
    extension = node.find(f"{_xs('complexContent')}/{_xs('extension')}")
    particles = {
        f"{{{CSD}}}{element.get('name')}": Particle(rank, element.get("maxOccurs") is None, element.get("type", ""))
        for rank, element in enumerate(node.iter(_xs("element")))
    }
    open_first = node.get("name") == "extension" or (extension is not None and extension.get("base") == "extension")
    return Content(particles, open_first)


def content_of(element: etree._Element, version: Version) -> Content | None:
    """The content allowed to an element of a document, found by the way from its directory; None if it has no type."""
    types = contents(version)
    way: list[etree._Element] = []
    here: etree._Element | None = element
    while here is not None and not local_name(here).endswith("Directory"):
        way.append(here)
        here = here.getparent()
    name = local_name(way.pop())
    while way:
        content = types.get(name)
        step = way.pop()
        particle = content.particles.get(str(step.tag)) if content is not None else None
        if particle is None:
            return None
        name = particle.type
    return types.get(name)


def accepts(fragment: etree._Element, particle: Particle, version: Version) -> bool:
    """Whether a fragment is a valid element of the type that its place has in a version."""
    return _probe(version, local_name(fragment), particle.type).validate(fragment)


@cache
def _probe(version: Version, name: str, type_: str) -> etree.XMLSchema:
    """The schema of a version with one element of it at the root: validation begins at a root only."""
    folder = SCHEMAS / version
    schema = etree.Element(_xs("schema"), {"targetNamespace": CSD}, nsmap={"xs": XSD, "csd": CSD})
    etree.SubElement(schema, _xs("include"), schemaLocation=(folder / "csd.xsd").as_uri())
    type_name = type_ if type_.startswith("xs:") else f"csd:{type_}"
    etree.SubElement(schema, _xs("element"), name=name, type=type_name)
    return etree.XMLSchema(schema)
