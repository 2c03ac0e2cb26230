"""Documents that nobody wrote, through the model: what comes back is what went in, except for what the ledger names."""

import os
import re
from collections import Counter, defaultdict
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
from mappings.exposition.values import Code
from mappings.fhir.encoding import decode, encode
from mappings.fhir.ids import fhir_id
from mappings.fhir.read import read as read_fhir
from mappings.fhir.write import write as write_fhir
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


# A version without levels is given one on reading, that writing leaves out; a title in text may have no code; a final
# closing is given its reason, which goes without saying again.
CANCELLED = {"confidentiality.supposed", "confidentiality.left-out", "closing.final"}
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


# Where the ledger speaks of a field under the name of the one it came from, or goes to.
SAID_AS = {
    "lieu_unite": "lieux",
    "equipements_unite": "lieux",
    "capacites_habitation_unite": "lieux",
    "niveaux_expertise": "type_maternite",
    "modalites_accueil": "accueil_sequentiel_accepte",
    "professions_ressource": "competence_ressource",
    "competences_specifiques": "competence_ressource",
    "actes_realises_hors_cabinet": "actes_specifiques",
    "boites_lettres_mss": "telecommunications",
}


def values(value: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value of an object of the model and its way; labels are never compared."""
    if isinstance(value, Code):
        yield way, value.cle
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from values(getattr(value, name), (*way, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from values(item, way)
    elif value is not None:
        yield way, value


def said(repertoire: Repertoire) -> Counter[Any]:
    """What the objects say; said twice in one place, a value says no more than once."""
    return Counter({(found.cle, *value) for found in repertoire.objets() for value in values(found)})


def owners(*repertoires: Repertoire) -> dict[str, tuple[str, str]]:
    """Of the keys of places and roles: whose they are, and in which field."""
    found: dict[str, tuple[str, str]] = {}
    for repertoire in repertoires:
        for offre in repertoire.offres:
            for key in (f"{offre.cle}/lieu", *(lieu.cle for lieu in offre.lieux)):
                found[key] = found[fhir_id(key)] = (offre.cle, "lieux")
        for person in repertoire.professionnels:
            found |= {f"{person.cle}/{offre}": (person.cle, "situations") for offre in person.offres}
    return found


@pytest.mark.parametrize("version", VERSIONS)
@PROFILE
@given(data=st.data())
def test_what_fhir_does_not_bring_back_is_named(version: Version, data: st.DataObject, drawn: Any) -> None:
    repertoire, _ = read(data.draw(drawn(version)), version)
    writing, reading = Ledger(), Ledger()

    resources = {name: decode(encode(one)) for name, one in write_fhir(repertoire, ledger=writing).items()}
    back = read_fhir(resources, ledger=reading)

    known_as = owners(repertoire, back)
    words: defaultdict[str, set[str]] = defaultdict(set)
    for entry in (*writing.entries, *reading.entries):
        key = entry.object if entry.object in known_as else entry.object.partition("/")[2]
        owner, field = known_as.get(key, (entry.object, ""))
        words[owner] |= {field, *re.split(r"[./]", entry.path), *(["ajouts"] if "addition" in entry.rule else [])}
    before, after = said(repertoire), said(back)
    silent = {
        (key, way)
        for key, way, _ in different(before, after)
        if not words[key].intersection((*way, *(SAID_AS[step] for step in way if step in SAID_AS)))
    }
    assert silent == set()
