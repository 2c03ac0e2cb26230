"""An element that no schema knows, at every place of a document: it is written back, or the ledger names its place."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import pytest
from lxml import etree

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.namespaces import CSD
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout
from mappings.fhir.encoding import encode
from mappings.fhir.write import write as write_fhir
from mappings.loss import Ledger, Loss, LossKind
from tests.documents.builder import rich_document

VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
FHIR = "fhir"
PLANTED = re.compile(r"inconnu\d+")
_RANK = re.compile(r"\[[^]]*\]")
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
# Where 2.4 and later say what 1.x says elsewhere.
SAME_PLACE = {"extension/operationalStatus/contactPoint": "demographic/contactPoint"}
# What holds a value: an element inside it is told at the place of the value.
INSIDE = re.compile(r"\.(value|code)\.children$")


def planted(document: etree._Element, namespace: str) -> tuple[etree._Element, dict[str, str]]:
    """The document with an element of its own in every element, and the way to what holds each, below its entry."""
    grown, places = parse(etree.tostring(document)), {}
    for flag in grown.iter(f"{{{CSD}}}sensitiveUnit"):
        flag.text = "false"  # up to 1.6 a sensitive unit goes nowhere, with all that is in it
    for element in list(grown.iter()):
        name = f"inconnu{len(places)}"
        places[name] = "/".join(steps_of(element)[3:])
        child = etree.Element(f"{{{namespace}}}{name}" if namespace else name)
        child.text = "x"
        # Without a namespace an element has a place in the contract: the first of an extension.
        element.insert(0 if not namespace else len(element), child)
    return grown, places


def steps_of(element: etree._Element) -> list[str]:
    """The names from the root to an element."""
    return [etree.QName(one).localname for one in (element, *element.iterancestors())][::-1]


def additions(value: Any, part: str = "") -> Iterator[tuple[str, Ajout]]:
    """Every addition of an object of the model, and the part of it that holds the addition."""
    if isinstance(value, Ajout):
        yield part.removesuffix(".ajouts"), value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from additions(getattr(value, name), f"{part}.{name}")
    elif isinstance(value, tuple):
        for item in value:
            yield from additions(item, part)


class Fragment(NamedTuple):
    """What a planted element is in, once in the model: its way, its own name included, and the part that holds it."""

    way: str
    part: str


def carried(repertoire: Repertoire) -> dict[str, Fragment]:
    """The fragment of each planted element that the model carries."""
    found = {}
    for objet in repertoire.objets():
        for part, ajout in additions(objet):
            root = _ROOT.match(ajout.contenu)
            assert root is not None
            way = _RANK.sub("", "/".join(filter(None, (ajout.chemin, root[1]))))
            found |= dict.fromkeys(PLANTED.findall(ajout.contenu), Fragment(way, part))
    return found


class Told:
    """The places that the entries of a ledger name."""

    def __init__(self, entries: Sequence[Loss]) -> None:
        dropped = [(place(entry), entry) for entry in entries if entry.kind is LossKind.DROPPED]
        self._names = {path.rpartition("/")[2] for path, _ in dropped}
        self._values = {path for path, entry in dropped if INSIDE.search(entry.rule)}
        # A part that the version has no place for goes whole: told at its element, or by its name in the model.
        self._wholes = {SAME_PLACE.get(path, path) for path, _ in dropped}
        self._attributes = {path.rpartition("/")[2] for path, entry in dropped if entry.value_kind == "attribute"}
        self._additions = {
            end for path, entry in dropped if ".addition." in f".{entry.rule}" for end in from_the_end(path.split("/"))
        }
        # FHIR leaves out whole parts, by their place in the model; a role is a part of its professional.
        fhir = [entry.path for entry in entries if entry.rule.startswith("fhir.") and entry.kind is LossKind.DROPPED]
        self._parts = {f".{before}{path}" for path in fhir for before in ("", "situations.")}

    def names(self, name: str, above: str, fragment: Fragment | None) -> bool:
        """Whether an entry names the place: the element, the value or the fragment it is in, the part that is lost."""
        if name in self._names or above in self._values or not self._wholes.isdisjoint(from_the_start(above, "/")):
            return True
        if fragment is None:
            return False
        return (
            fragment.way in self._additions
            or not self._attributes.isdisjoint(fragment.part.split("."))
            or not self._parts.isdisjoint(from_the_start(fragment.part, "."))
        )


def from_the_start(path: str, between: str) -> set[str]:
    """A path and all above it."""
    steps = path.split(between)
    return {between.join(steps[:count]) for count in range(1, len(steps) + 1)} - {""}


def from_the_end(steps: list[str]) -> Iterator[str]:
    """The ways that end a path."""
    return ("/".join(steps[start:]) for start in range(len(steps)))


def place(entry: Loss) -> str:
    """The path of an entry, ranks aside, and what comes before the way of a fragment or of a shared entry."""
    path = _RANK.sub("", entry.path.rpartition(":")[2])
    return re.sub(r"^(service|device)/", "", path) if "[" in entry.path else path


@pytest.mark.parametrize("target", [*VERSIONS, FHIR])
@pytest.mark.parametrize(
    "namespace", [pytest.param(CSD, id="csd"), pytest.param("", id="none"), pytest.param("urn:x", id="other")]
)
@pytest.mark.parametrize("source", VERSIONS)
def test_an_unknown_element_is_written_back_or_named_at_its_place(source: Version, namespace: str, target: str) -> None:
    document, places = planted(rich_document(source), namespace)
    ledger = Ledger()

    repertoire = read_document(document, version=source, dialect=Dialect(), ledger=ledger)
    if target == FHIR:
        out = b"".join(bytes(encode(one)) for one in write_fhir(repertoire, ledger=ledger).values())
    else:
        written = write_document(repertoire, version=Version(target), ledger=ledger)
        schema(Version(target)).assertValid(parse(written))
        out = written

    there = set(PLANTED.findall(out.decode()))
    fragments, told = carried(repertoire), Told(ledger.entries)
    assert len(places) > 1000
    assert [
        (name, above)
        for name, above in places.items()
        if name not in there and not told.names(name, above, fragments.get(name))
    ] == []
