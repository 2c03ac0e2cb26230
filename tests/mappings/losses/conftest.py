"""The reference content taken through every passage, and what each document says, value by value.

A document is compared at the level of its values: each object of it has a bag of (path, value), whatever the order and
the local keys. References count as the national key they lead to, what is shared (`service`, `device`) as if it stood
where it is used.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import pytest
from lxml import etree

from conformance.reference.content import content
from conformance.reference.csd.dialect import Contract
from conformance.reference.csd.document import Document
from conformance.reference.csd.wire import Scribe
from conformance.reference.dataset import EstablishmentContent
from conformance.reference.members import read_members
from conformance.reference.national.store import Store
from conformance.reference.solutions.server import DIALECTS
from mappings.csd.answers import read_document, write_document
from mappings.csd.contexts import local_name
from mappings.csd.dialect import PARIS, Dialect
from mappings.csd.documents import FORMATS
from mappings.csd.hierarchy import identifiers_of
from mappings.csd.identifiers import local_key, professional_key, structure_key, unit_key
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.repertoire import Repertoire
from mappings.fhir.encoding import decode, encode
from mappings.fhir.ids import fhir_id, situation_key
from mappings.fhir.read import read
from mappings.fhir.write import write
from mappings.loss import Ledger, Loss, LossKind
from mappings.losses.expected import ANYWHERE, ExpectedLoss, rows_for
from mappings.nomenclatures.systems import system_id
from mappings.nomenclatures.tables import display
from tests.documents.builder import Builder, rich_document
from tests.documents.choices import Drawn, Everything

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
# Of each version: how many documents drawn from its schema, beside the one that holds everything.
SEEDS = 100 if SOAK else 1
# Of each member: how many establishments, taken at equal distance, in one version of the contract; in a soak, all.
SAMPLE = 2
MEMBERS = {member.code: member for member in read_members()}
SOURCE = "https://ror-test.example"

Path = tuple[str, ...]
Bag = Counter[tuple[Path, str]]

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_FRACTION = re.compile(r"\.(\d{6})\d+")
# The rank of one of several, the code of an activity or an equipment.
_RANK = re.compile(r"\[[^]]*\]$")
_LINK = ("link",)
_MEANINGLESS = frozenset({"type", "urn"})
_LINKING = frozenset({"organization", "facility", "parent", "parentFacility"})
_SHARED = {"service": "service", "equipment": "device", "specificEquipment": "device"}


@cache
def plain(text: str) -> str:
    """A value in one spelling: an instant in UTC, a number without final zeros."""
    text = text.strip()
    if _INSTANT.match(text):
        moment = datetime.fromisoformat(_FRACTION.sub(r".\1", text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=PARIS)).astimezone(UTC).isoformat()
    return text.rstrip("0").rstrip(".") if _DECIMAL.fullmatch(text) else text


class Wire:
    """A CSD document: what it says of each object, by national key, a professional by person and unit."""

    def __init__(self, document: etree._Element, region: str | None) -> None:
        self._region = region
        self._owner = ""
        self._directories = {local_name(child).removesuffix("Directory"): child for child in document}
        self._shared = {
            (name, element.get("entityID", "")): element
            for name in ("service", "device")
            for element in self._directories[name]
        }
        self._organizations = {
            element.get("entityID", ""): self._key(structure_key(identifiers_of(element)), element)
            for element in self._directories["organization"]
        }
        self._facilities = {
            element.get("entityID", ""): self._key(unit_key(identifiers_of(element)), element)
            for element in self._directories["facility"]
        }

    def users(self) -> dict[str, set[str]]:
        """The national keys of the units that point to each activity and equipment."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for element in self._directories["facility"]:
            for used in element.iter(*(f"{{*}}{name}" for name in _SHARED)):
                found[used.get("entityID", "")].add(self._facilities[element.get("entityID", "")])
        return found

    def bags(self) -> dict[tuple[str, str | None], Bag]:
        """The values of every object."""
        found: defaultdict[tuple[str, str | None], Bag] = defaultdict(Counter)
        for name, keys in (("organization", self._organizations), ("facility", self._facilities)):
            for element in self._directories[name]:
                self._owner = keys[element.get("entityID", "")]
                self._gather(element, (), found[self._owner, None])
        for element in self._directories["provider"]:
            self._provider(element, found)
        return found

    def _key(self, national: str | None, element: etree._Element) -> str:
        source = element.findtext("{*}record/{*}extension/{*}recognation")
        return national or local_key(self._region, (source or element.get("entityID", "")).strip())

    def _provider(self, element: etree._Element, found: dict[tuple[str, str | None], Bag]) -> None:
        """Once for each unit of exercise: the wire may say all the units in one entry or in several."""
        self._owner = self._key(professional_key(identifiers_of(element)), element)
        said: Bag = Counter()
        self._gather(element, (), said)
        units = [self._facilities.get(unit.get("entityID", "")) for unit in element.iterfind("{*}facilities/*")]
        for unit in units or [None]:
            found[self._owner, unit] |= said

    def _gather(self, element: etree._Element, path: Path, bag: Bag) -> None:
        attributes = {str(name): str(value).strip() for name, value in element.attrib.items()}
        text = (element.text or "").strip()
        if "code" in attributes:
            text = self._coded(attributes, path, text, bag)
        if not path:
            attributes.pop("entityID", None)
        elif path[-1] == "extension":
            attributes = {name: value for name, value in attributes.items() if name not in _MEANINGLESS}
        elif "entityID" in attributes:
            self._entity(attributes.pop("entityID"), path, bag)
        if text:
            bag[path, plain(text)] += 1
        for name, value in attributes.items():
            if value:
                bag[(*path[:-1], f"{path[-1]}@{name}"), plain(value)] += 1
        for child in element.iterchildren("*"):
            self._gather(child, (*path, local_name(child)), bag)

    def _coded(self, attributes: dict[str, str], path: Path, label: str, bag: Bag) -> str:
        """A code with its system is one value; its label is one more when the table does not say the same."""
        code = attributes.pop("code")
        scheme = attributes.pop("codingScheme", None)
        system = attributes.pop("assigningAuthorityName", "") if scheme is None else system_id(scheme)
        if code and code != "null":
            bag[path, f"{system}|{code}"] += 1
        if label and label != display(system, code):
            bag[(*path, "label"), label] += 1
        return ""

    def _entity(self, entity: str, path: Path, bag: Bag) -> None:
        name = path[-1]
        if name in _SHARED:
            found = self._shared.get((_SHARED[name], entity))
            if found is None:
                bag[path, "?"] += 1
            for child in found if found is not None else ():
                self._gather(child, (*path, _SHARED[name], local_name(child)), bag)
        elif name in _LINKING:
            bag[_LINK, self._organizations.get(entity) or self._facilities.get(entity) or "?"] = 1
        else:
            bag[path, entity] += 1


@dataclass(frozen=True)
class Entry:
    """An entry of a ledger: in which passage, and the national keys of the objects that it is about."""

    passage: str
    loss: Loss
    owners: frozenset[str]


@dataclass
class Journey:
    """A document, what came out of a chain of passages in the same format, and all that the ledgers say of it."""

    name: str
    before: dict[tuple[str, str | None], Bag]
    after: dict[tuple[str, str | None], Bag]
    entries: list[Entry] = field(default_factory=list)


class Traveller:
    """Takes documents of one member through the passages."""

    def __init__(self, member: str) -> None:
        self.dialect = Dialect(region=member)
        self.member = member
        self.entries: list[Entry] = []

    def read(self, document: etree._Element, version: Version) -> Repertoire:
        ledger = Ledger()
        found = read_document(document, version=version, dialect=self.dialect, ledger=ledger)
        self._keep(f"csd-{version}→exposition", ledger, Wire(document, self.member).users())
        return found

    def write(self, repertoire: Repertoire, version: Version) -> etree._Element:
        ledger = Ledger()
        document = parse(write_document(repertoire, version=version, ledger=ledger))
        self._keep(f"exposition→csd-{version}", ledger, Wire(document, self.member).users())
        return document

    def to_fhir(self, repertoire: Repertoire) -> dict[str, Any]:
        ledger = Ledger()
        resources = {name: decode(encode(one)) for name, one in write(repertoire, ledger=ledger).items()}
        self._keep("exposition→fhir", ledger, parts(repertoire))
        return resources

    def from_fhir(self, resources: dict[str, Any]) -> Repertoire:
        ledger = Ledger()
        found = read(resources, ledger=ledger)
        self._keep("fhir→exposition", ledger, parts(found))
        return found

    def _keep(self, passage: str, ledger: Ledger, users: dict[str, set[str]]) -> None:
        self.entries += [Entry(passage, loss, concerned(loss, users)) for loss in ledger.entries]


def concerned(loss: Loss, users: dict[str, set[str]]) -> frozenset[str]:
    """The keys of the objects that an entry is about. One on an activity or an equipment names the first object that
    uses it, and is about all that share it.
    """
    known = users.get(loss.object)
    if known is not None or not loss.path.startswith(("service[", "device[")):
        return frozenset(known or {loss.object})
    return frozenset({loss.object}.union(*(shared for shared in users.values() if loss.object in shared)))


def parts(repertoire: Repertoire) -> dict[str, set[str]]:
    """The keys under which the FHIR ledgers speak of a part of an object: its places, its roles."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for offre in repertoire.offres:
        for key in (f"{offre.cle}/lieu", *(lieu.cle for lieu in offre.lieux)):
            found[key].add(offre.cle)
            found[fhir_id(key)].add(offre.cle)
    for person in repertoire.professionnels:
        for unit in person.offres:
            role = situation_key(person.cle, unit)
            found[role].add(person.cle)
            found[f"PractitionerRole/{fhir_id(role)}"].add(person.cle)
    return found


def chosen(member: str) -> Iterator[EstablishmentContent]:
    """The establishments of a member that are taken through the passages."""
    region = content(member)
    step = 1 if SOAK else max(1, len(region.keys) // SAMPLE)
    for key in region.keys[::step][: None if SOAK else SAMPLE]:
        made = region.establishment(key.finess)
        assert made is not None
        yield made


def document_of(member: str, version: Version, establishments: Iterable[EstablishmentContent]) -> etree._Element:
    """The document that the solution of a member writes of some establishments."""
    made = Document(Scribe(DIALECTS[MEMBERS[member].solution], Contract(version.value), SOURCE))
    for establishment in establishments:
        made.add(establishment)
    return parse(etree.tostring(made.query_result("CSD")))


def journeys_of(document: etree._Element, version: Version, member: str) -> Iterator[Journey]:
    """A document to the model and back: straight, through FHIR, through every other version."""
    start = Traveller(member)
    repertoire = start.read(document, version)
    before = Wire(document, member).bags()
    for way in ("", "fhir", *(other for other in FORMATS if other is not version)):
        traveller = Traveller(member)
        if way == "fhir":
            there = traveller.from_fhir(traveller.to_fhir(repertoire))
        elif way:
            other = Version(way)
            there = traveller.read(traveller.write(repertoire, other), other)
        else:
            there = repertoire
        after = Wire(traveller.write(there, version), member).bags()
        yield Journey(f"{version} {way}".strip(), before, after, start.entries + traveller.entries)


def versions_of(member: str) -> tuple[Version, ...]:
    """The versions in which the establishments of a member are written: members of one solution take turns."""
    kin = [code for code, other in MEMBERS.items() if other.solution == MEMBERS[member].solution]
    known = tuple(FORMATS)
    return known if SOAK else (known[kin.index(member) % len(known)],)


@lru_cache(1 if SOAK else None)
def journeys(member: str) -> tuple[Journey, ...]:
    """Every passage of the chosen establishments of a member."""
    establishments = tuple(chosen(member))
    return tuple(
        journey
        for version in versions_of(member)
        for journey in journeys_of(document_of(member, version, establishments), version, member)
    )


@cache
def drawn_journeys(version: Version, seed: int) -> tuple[Journey, ...]:
    """Every passage of a document in which every element of the schema stands, or, of a seed, some of them."""
    builder = Builder(version)
    choice = Drawn(frozenset(builder.optional()), seed) if seed else Everything()
    return tuple(journeys_of(builder.document(choice), version, "84"))


@cache
def national_entries(member: str) -> tuple[Entry, ...]:
    """What the ledger says when the national directory is read, as it would hold the establishments of a member."""
    traveller = Traveller(member)
    traveller.from_fhir(Store(chosen(member)).resources)
    return tuple(traveller.entries)


def explains(entry: Entry, rows: Iterable[ExpectedLoss], path: Path, kinds: frozenset[LossKind]) -> bool:
    """Whether an entry of one of these kinds, through the rows that expect it, speaks of what stands at a path."""
    if entry.loss.kind not in kinds:
        return False
    if entry.loss.kind is LossKind.WITHHELD:
        return True
    return any(_at(entry.loss, path) if row.elements == (ANYWHERE,) else row.touches(path) for row in rows)


_OF_3_0 = "locationRealizedOffer"


def _at(loss: Loss, path: Path) -> bool:
    """Whether the way that an entry gives, ranks aside, leads to a path or above it; no way means a whole object.

    The way of an addition in its source follows that of its object in the model, after a colon.
    What stood in the extension of an object in one version may stand in the object itself in another.
    """
    told = loss.path.rpartition(":")[2].partition("@")[0]
    way = tuple(_RANK.sub("", step) for step in told.split("/") if step)
    way = tuple(step for step in way if step != _OF_3_0)
    if not way:
        return loss.value_kind == "object"
    steps = tuple(step.partition("@")[0] for step in path if step != _OF_3_0)
    ways = (way, way[1:]) if len(way) > 1 and way[0] == "extension" else (way,)
    return any(steps[start : start + len(one)] == one for one in ways for start in range(len(steps)))


# What explains that a value is gone, that it stands elsewhere in its object, that it was not there before.
GONE = frozenset(
    {
        LossKind.DROPPED,
        LossKind.UNMAPPED,
        LossKind.WIDENED,
        LossKind.REPAIRED,
        LossKind.WITHHELD,
        LossKind.INCONSISTENT,
        LossKind.UNRESOLVED,
    }
)
MOVED = frozenset({LossKind.DERIVED, LossKind.SPLIT})
NEW = MOVED | {LossKind.DEFAULTED, LossKind.WIDENED, LossKind.REPAIRED, LossKind.INCONSISTENT}

# From 2.4 on a contact or telecom of base CSD is set aside, as an addition; a version up to 1.6 reads it again.
_BASE = (("contact", "person"), ("demographic", "contactPoint"))
_OURS = (("extension", "contact"), ("extension", "operationalStatus"))

Unexplained = tuple[str, str, Path, str]


def unexplained(journey: Journey) -> Iterator[Unexplained]:
    """The values that are gone or new, and that no ledger of the journey speaks of: how, of which object, where."""
    said: defaultdict[str, list[tuple[Entry, tuple[ExpectedLoss, ...]]]] = defaultdict(list)
    for entry in journey.entries:
        rows = tuple(rows_for(entry.loss, entry.passage))
        for owner in entry.owners:
            said[owner].append((entry, rows))

    def told(owner: tuple[str, str | None], path: Path, kinds: frozenset[LossKind]) -> bool:
        return any(explains(entry, rows, path, kinds) for key in owner for entry, rows in said.get(key or "", ()))

    for owner in journey.before.keys() | journey.after.keys():
        before, after = journey.before.get(owner, Counter()), journey.after.get(owner, Counter())
        there, here = ({value for _, value in bag} for bag in (after, before))
        for path, value in before - after:
            again = value in there
            if not (again and path[:2] in _BASE) and not told(owner, path, GONE | MOVED if again else GONE):
                yield "gone", str(owner[0]), path, value
        for path, value in after - before:
            moved = value in here and path[:2] in _OURS
            # The establishment of a unit follows from what stands above it, whatever the style of the source.
            if path != _LINK and not moved and not told(owner, path, NEW):
                yield "new", str(owner[0]), path, value


class Reference:
    """What the tests use of this module."""

    Journey = Journey
    journeys = staticmethod(journeys)
    national_entries = staticmethod(national_entries)
    drawn_journeys = staticmethod(drawn_journeys)
    document = staticmethod(rich_document)
    Traveller = Traveller
    MEMBERS = MEMBERS
    unexplained = staticmethod(unexplained)


@pytest.fixture(scope="session")
def reference() -> type[Reference]:
    """The reference content taken through the passages."""
    return Reference


@pytest.fixture(scope="session", params=MEMBERS)
def member(request: pytest.FixtureRequest) -> str:
    """Each member of the reference federation."""
    return str(request.param)


@pytest.fixture(scope="session", params=[(version, seed) for version in FORMATS for seed in range(SEEDS + 1)], ids=str)
def drawn(request: pytest.FixtureRequest) -> tuple[Version, int]:
    """A version, and the seed of a document of it."""
    found: tuple[Version, int] = request.param
    return found
