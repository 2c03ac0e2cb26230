"""The schemas and the service descriptions that the gateway publishes, one set for each version.

They are written from the facts of the contract and served whole: every import names a file of the same set, so that
nothing is resolved on a network.
"""

from functools import cache

from lxml import etree

from mappings.csd.content import SCHEMAS
from mappings.csd.namespaces import WSDL_SOAP12
from mappings.csd.version import Version
from mappings.csd.xml import parse, serialize

SERVICE = "service.wsdl"
ROOT = "ror.xsd"


class UnknownSchema(LookupError):
    """No set holds a schema of that name."""


@cache
def schema(version: Version) -> etree.XMLSchema:
    """The compiled schema of a version: every message and document of it validates against this one."""
    return etree.XMLSchema(etree.parse(str(SCHEMAS / version / ROOT), etree.XMLParser(no_network=True)))


@cache
def names(version: Version) -> tuple[str, ...]:
    """The schemas of a version, by the names that `xsd` takes."""
    return tuple(sorted(path.stem for path in (SCHEMAS / version).glob("*.xsd")))


@cache
def xsd(version: Version, name: str) -> bytes:
    """One schema of a version, its imports written as addresses relative to the service (`?xsd=csd`)."""
    if name not in names(version):
        raise UnknownSchema(name)
    return _served(version, f"{name}.xsd")


def wsdl(version: Version, address: str) -> bytes:
    """The service description of a version, with the address where it is served."""
    root = parse(_served(version, SERVICE))
    for element in root.iter(f"{{{WSDL_SOAP12}}}address"):
        element.set("location", address)
    return serialize(root)


@cache
def _served(version: Version, file: str) -> bytes:
    root = parse((SCHEMAS / version / file).read_bytes())
    for element in root.iter("{*}import", "{*}include"):
        location = element.get("schemaLocation")
        if location is not None:
            element.set("schemaLocation", f"?xsd={location.removesuffix('.xsd')}")
    return serialize(root)
