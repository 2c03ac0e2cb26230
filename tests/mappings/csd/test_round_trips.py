"""Documents that nobody wrote, through the model: what comes back is what went in, except for what the ledger names."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse, serialize
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger, Loss, LossKind

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
    document = parse(serialize(write_document(repertoire, version=version, ledger=ledger)))
    schema(version).assertValid(document)
    return document, ledger


# A version without levels is given one on reading, that writing leaves out; a title in text may have no code.
CANCELLED = {"confidentiality.supposed", "confidentiality.left-out"}
UNCHANGED = {LossKind.UNRESOLVED, LossKind.INCONSISTENT}


def rule(entry: Loss) -> str:
    """The rule without the version."""
    return entry.rule.split(".", 2)[2] if entry.rule.startswith("csd-") else entry.rule


# What moves from one version to another without losing anything (contract section 15.1).
MOVES = {
    "contact/person/name/commonName": "extension/contact/name",
    "contact/person/extension": "extension/contact",
    "contact/person": "extension/contact",
    "demographic/contactPoint": "extension/operationalStatus/contactPoint",
}


def steps(path: str) -> list[str]:
    """A way without ranks, as the latest version has it."""
    path = re.sub(r"\[\d+\]", "", path)
    old = next((old for old in MOVES if f"{path}/".startswith((f"{old}/", f"{old}@"))), "")
    return [step for step in re.split("[/@]", (MOVES[old] if old else "") + path[len(old) :]) if step]


def concerns(entry: Loss, leaf: Leaf) -> bool:
    """Whether an entry is about a value: the same object, a way that leads to it or from it."""
    if entry.kind is LossKind.WITHHELD:
        # With a unit go what it alone uses, and what points to it.
        return entry.object in {leaf[0], leaf[2]} or leaf[0].startswith(("service ", "device "))
    if entry.object != leaf[0]:
        return False
    way = iter(steps(leaf[1]))
    return entry.path.startswith(leaf[1]) or all(step in way for step in steps(entry.path))


def known(entries: Iterable[Loss], document: etree._Element, comparison: Any) -> Iterator[Loss]:
    """The entries, those on an activity or an equipment under what names it in every document."""
    names = {entry.get("entityID"): comparison.identity(entry) for directory in document for entry in directory}
    for entry in entries:
        yield msgspec.structs.replace(entry, object=names.get(entry.object, entry.object))


def different(before: Counter[Leaf], after: Counter[Leaf]) -> list[Leaf]:
    """What one says and not the other."""
    return [*(before - after), *(after - before)]


@pytest.mark.parametrize("version", VERSIONS)
@PROFILE
@given(data=st.data())
def test_a_document_comes_back_as_it_was(version: Version, data: st.DataObject, drawn: Any, comparison: Any) -> None:
    document = data.draw(drawn(version))
    schema(version).assertValid(document)

    repertoire, reading = read(document, version)
    back, writing = written(repertoire, version)

    entries = [*known(reading.entries, document, comparison), *known(writing.entries, back, comparison)]
    differences = different(comparison.leaves(document), comparison.leaves(back))
    assert [leaf for leaf in differences if not any(concerns(entry, leaf) for entry in entries)] == []
    changes = [entry for entry in entries if entry.kind not in UNCHANGED and rule(entry) not in CANCELLED]
    assert [entry for entry in changes if not any(concerns(entry, leaf) for leaf in differences)] == []
    if not differences:
        assert comparison.canonical(back) == comparison.canonical(document)


@pytest.mark.parametrize("target", VERSIONS)
@pytest.mark.parametrize("source", VERSIONS)
@PROFILE
@given(data=st.data())
def test_every_version_says_what_it_can_of_another(
    source: Version, target: Version, data: st.DataObject, drawn: Any, comparison: Any
) -> None:
    document = data.draw(drawn(source))

    repertoire, reading = read(document, source)
    there, writing = written(repertoire, target)
    again, rereading = read(there, target)
    back, rewriting = written(again, source)

    entries = [
        *known(reading.entries, document, comparison),
        *known((*writing.entries, *rereading.entries), there, comparison),
        *known(rewriting.entries, back, comparison),
    ]
    differences = different(comparison.leaves(document), comparison.leaves(back))
    assert [leaf for leaf in differences if not any(concerns(entry, leaf) for entry in entries)] == []
