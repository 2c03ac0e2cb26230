"""Documents that nobody wrote, through the model: what comes back is what went in, except for what the ledger names."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.documents import FORMATS
from mappings.csd.schemas import schema
from mappings.csd.shapes import Shape, Spread
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger, Loss, LossKind, Severity
from tests.documents import comparison
from tests.documents.builder import drawn

Leaf = tuple[str, str, str]
VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
PROFILE = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "short")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def read(document: etree._Element, version: Version) -> tuple[Repertoire, Ledger]:
    ledger = Ledger()
    return read_document(document, version=version, dialect=Dialect(), ledger=ledger), ledger


def written(repertoire: Repertoire, version: Version) -> tuple[etree._Element, Ledger]:
    ledger = Ledger()
    document = parse(write_document(repertoire, version=version, ledger=ledger))
    schema(version).assertValid(document)
    return document, ledger


# A version without levels is given one on reading, that writing leaves out; a title in text may have no code; a final
# closing is given its reason, which goes without saying again.
CANCELLED = {"confidentiality.supposed", "confidentiality.left-out", "closing.final"}
UNCHANGED = {LossKind.UNRESOLVED, LossKind.INCONSISTENT}
# What a passage says that is not in its source.
MADE = {LossKind.DEFAULTED, LossKind.DERIVED}
MOVED = MADE | {LossKind.SPLIT, LossKind.WIDENED}


def rule(entry: Loss) -> str:
    """The rule without the version."""
    return entry.rule.split(".", 2)[2] if entry.rule.startswith("csd-") else entry.rule


# The places that say one thing in two versions: an older one, a newer one (contract section 15.1).
SAME_PLACE = (
    ("contact", "extension/contact"),
    ("contact/person", "extension/contact"),
    ("contact/person/extension", "extension/contact"),
    ("contact/person/name/commonName", "extension/contact/name"),
    ("contact/person/name/honorific", "extension/contact/civilite"),
    # What the model has no place for, below the place that its contact has in the version written.
    ("contact/person", "extension/contact/person"),
    ("demographic/contactPoint", "extension/operationalStatus/contactPoint"),
    ("extension/location", "extension/locationRealizedOffer/location"),
    ("extension/equipment", "extension/locationRealizedOffer/specificEquipment"),
    ("extension/residentialCapactity", "extension/locationRealizedOffer/residentialCapactity"),
    ("extension/accommodationCapacity", "extension/locationRealizedOffer/capacitySupported"),
    ("extension/crisisAccomodationCapacity", "extension/locationRealizedOffer/capacitySupported"),
    ("extension/resourcesSkills/profession", "extension/professionalResource"),
    ("extension/resourcesSkills/specificSkills", "extension/specificSkill"),
    ("extension/maternityHospitalType", "extension/expertLevel"),
    ("extension/receptionMode", "extension/homeMode"),
    ("extension/finalClosingDate", "extension/closingDate"),
    ("extension/finalClosingDate", "extension/closingReason"),
    ("extension/accomodationFamilly", "extension/accomodationFamily"),
    # The extension of a position must repeat its record.
    ("extension/location/geoCoordinates/extension/record", "extension/location/geoCoordinates/record"),
)

# What one object says, that another says in the next version (contract section 15.1): the rule, the place, the code.
ELSEWHERE = {"home-mode.home-visit": ("extension/homeMode", "05")}


@cache
def elements() -> dict[tuple[str, str], frozenset[str]]:
    """Where each version writes an attribute of the model, by the name of its shape: the ledger says the attribute."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    left = [getattr(form, name) for form in FORMATS.values() for name in form.__struct_fields__ if name != "version"]
    seen: set[int] = set()

    def walk(shape: Shape, parts: Iterable[Any], way: tuple[str, ...]) -> None:
        for part in parts:
            if isinstance(part, Spread):
                walk(shape, part.parts, (*way, etree.QName(part.tag).localname))
                continue
            for tag in [tag for tag, _ in part.takes()] if hasattr(part, "takes") else [part.tag]:
                for attribute in part.attributes:
                    found[shape.name, attribute].add("/".join((*way, etree.QName(tag).localname)))
            if isinstance(getattr(part, "kind", None), Shape):
                left.append(part.kind)

    while left:
        shape = left.pop()
        if id(shape) not in seen:
            seen.add(id(shape))
            walk(shape, shape.parts, ())
    return {key: frozenset(ways) for key, ways in found.items()}


def below(path: str, place: str) -> bool:
    """Whether a path is a place or leads below it."""
    return path == place or path.startswith((f"{place}/", f"{place}@"))


@cache
def places(path: str, rule_: str) -> frozenset[str]:
    """The place that an entry designates, ranks aside, as every version writes it."""
    path = re.sub(r"\[\d+\]", "", path)
    above, _, last = path.rpartition("/")
    ways = elements().get((rule_.rpartition(".")[0], last), frozenset())
    found = {path, *("/".join(filter(None, (above, way))) for way in ways)}
    for older, newer in SAME_PLACE:
        for one in tuple(found):
            for here, there in ((older, newer), (newer, older)):
                if below(one, here):
                    found.add(there + one[len(here) :])
    return frozenset(found)


# An activity or an equipment is named below the first object that uses it, by its code: it is compared by itself.
SHARED = re.compile(r"(service|device)\[([^]]*)\]/?(.*)")


class Said(NamedTuple):
    """An entry of a ledger, the passage that made it, what the document read or written there says, and its places
    that stand empty, by object.
    """

    passage: int
    entry: Loss
    leaves: Counter[Leaf]
    empty: frozenset[tuple[str, str]]

    def fills(self) -> bool:
        """Whether what the entry made stands in the document: a value, or an element that the schema wants, empty."""
        return self.entry.kind in MADE and (
            any(self.names(leaf) for leaf in self.leaves) or (self.entry.object, self.entry.path) in self.empty
        )

    def names(self, leaf: Leaf) -> bool:
        """Whether the entry designates the place of a value; without a path, the whole object."""
        if self.entry.kind is LossKind.WITHHELD:
            # With a unit go what it alone uses, and what points to it.
            return self.entry.object in {leaf[0], leaf[2]} or leaf[0].startswith(("service ", "device "))
        return self.entry.object == leaf[0] and (not self.entry.path or self.leads_to(leaf[1]))

    def leads_to(self, path: str) -> bool:
        """Whether a path is at or below the place."""
        return any(below(path, place) for place in places(self.entry.path, rule(self.entry)))

    def meets(self, other: "Said") -> bool:
        """Whether two passages speak of one place: what one made or moved, the other took away or moved back."""
        if self.passage == other.passage:
            return False
        if self.entry.object != other.entry.object:
            return self.undoes(other)
        ours, theirs = (places(one.entry.path, rule(one.entry)) for one in (self, other))
        together = any(below(one, two) or below(two, one) for one in ours for two in theirs)
        return together and bool(MOVED & {self.entry.kind, other.entry.kind})

    def undoes(self, other: "Said") -> bool:
        """Whether what is taken away here is what the other passage moved here, and wrote, from another object."""
        place, code = ELSEWHERE.get(rule(other.entry), ("", ""))
        moved = other.entry.kind in MOVED and other.leaves[self.entry.object, f"{place}@code", code] > 0
        return moved and self.passage > other.passage and self.entry.path == place


def said_of(ledgers: Iterable[tuple[Ledger, etree._Element]]) -> list[Said]:
    """What each ledger says, those on an activity or an equipment under what names it in every document."""
    found = []
    for passage, (ledger, document) in enumerate(ledgers):
        names = {entry.get("entityID"): comparison.identity(entry) for directory in document for entry in directory}
        leaves, empty = comparison.leaves(document), comparison.empty(document)
        for entry in ledger.entries:
            shared = SHARED.match(entry.path)
            if shared is not None:
                named = msgspec.structs.replace(entry, object=f"{shared[1]} {shared[2]}", path=shared[3])
            else:
                named = msgspec.structs.replace(entry, object=names.get(entry.object, entry.object))
            found.append(Said(passage, named, leaves, empty))
    return found


def different(before: Counter[Leaf], after: Counter[Leaf]) -> list[Leaf]:
    """What one says and not the other."""
    return [*(before - after), *(after - before)]


def unnamed(differences: Iterable[Leaf], said: Sequence[Said]) -> list[Leaf]:
    """The differences whose place no entry designates."""
    return [leaf for leaf in differences if not any(one.names(leaf) for one in said)]


def groundless(differences: Sequence[Leaf], said: Sequence[Said]) -> list[tuple[str, str, str]]:
    """The entries that nothing bears out: no difference at their place, nothing made there, nothing moved back.

    What only a withheld unit uses is told as unused by whoever reads what was written without it.
    """
    unused = any(one.entry.kind is LossKind.WITHHELD for one in said)
    return [
        (one.entry.object, one.entry.path, one.entry.rule)
        for one in said
        if one.entry.severity is not Severity.INFORMATION
        and one.entry.kind not in UNCHANGED
        and rule(one.entry) not in CANCELLED
        and not any(one.names(leaf) for leaf in differences)
        and not one.fills()
        and not any(one.meets(other) for other in said)
        and not (unused and one.entry.rule.endswith(".unused"))
    ]


def disordered(before: etree._Element, after: etree._Element) -> list[tuple[str, str]]:
    """The places whose values, among those that came back, stand in another order.

    The contract gives a meaning to no order but takes the first of several in many places (identifiers, names, places,
    telecoms), so all are kept. Entries of a directory have none: they are sorted before.
    """
    there, here = (comparison.sequences(document) for document in (before, after))
    return [
        place
        for place in there.keys() & here.keys()
        if _kept(there[place], Counter(here[place])) != _kept(here[place], Counter(there[place]))
    ]


def _kept(values: Iterable[str], others: Counter[str]) -> list[str]:
    left = Counter(others)
    kept = []
    for value in values:
        if left[value]:
            left[value] -= 1
            kept.append(value)
    return kept


@pytest.mark.parametrize("version", VERSIONS)
@PROFILE
@given(data=st.data())
def test_a_document_comes_back_as_it_was(version: Version, data: st.DataObject) -> None:
    document = data.draw(drawn(version))
    schema(version).assertValid(document)

    repertoire, reading = read(document, version)
    back, writing = written(repertoire, version)

    said = said_of(((reading, document), (writing, back)))
    differences = different(comparison.leaves(document), comparison.leaves(back))
    assert unnamed(differences, said) == []
    assert groundless(differences, said) == []
    assert disordered(document, back) == []
    if not differences:
        assert comparison.canonical(back) == comparison.canonical(document)


@pytest.mark.parametrize("target", VERSIONS)
@pytest.mark.parametrize("source", VERSIONS)
@PROFILE
@given(data=st.data())
def test_every_version_says_what_it_can_of_another(source: Version, target: Version, data: st.DataObject) -> None:
    document = data.draw(drawn(source))

    repertoire, reading = read(document, source)
    there, writing = written(repertoire, target)
    again, rereading = read(there, target)
    back, rewriting = written(again, source)

    said = said_of(((reading, document), (writing, there), (rereading, there), (rewriting, back)))
    differences = different(comparison.leaves(document), comparison.leaves(back))
    assert unnamed(differences, said) == []
    assert groundless(differences, said) == []
    assert disordered(document, back) == []
