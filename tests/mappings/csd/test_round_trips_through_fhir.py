"""The model through FHIR and back: each difference is named by an entry at its place, each entry has a difference."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from mappings.csd.answers import read_document
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code
from mappings.fhir.encoding import decode, encode
from mappings.fhir.ids import fhir_id
from mappings.fhir.read import read
from mappings.fhir.write import write
from mappings.loss import Ledger, Loss, LossKind, Severity
from tests.documents.builder import drawn

VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
PROFILE = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "short")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

Way = tuple[str, ...]
Leaf = tuple[str, Way, Any]

# The places that say one thing: what sources up to 2.4 say, what FHIR and 3.0 say; the last ones, where FHIR keeps it.
SAME_PLACE = (
    ("lieu_unite", "lieux.lieu"),
    ("equipements_unite", "lieux.equipements"),
    ("capacites_habitation_unite", "lieux.capacites_habitation"),
    ("capacite_accueil", "lieux.capacites_prise_charge"),
    ("adresse", "lieu.adresse"),
    ("accueil_sequentiel_accepte", "modalites_accueil"),
    ("situations.visite_domicile", "modalites_accueil"),
    ("type_maternite", "niveaux_expertise"),
    ("competence_ressource.professions", "professions_ressource"),
    ("competence_ressource.competences_specifiques", "competences_specifiques"),
    ("horaires.ouvert", "horaires.type_plage_horaire"),
    ("situations.precisions_horaires.ouvert", "situations.precisions_horaires.type_plage_horaire"),
    ("boites_lettres_mss.telecommunication", "telecommunications"),
    ("tarifs.nom_prestation", "tarifs.nom_autre_prestation"),
    # A role tells the person again.
    ("situations.savoir_faire", "savoir_faire"),
    ("situations.professions", "professions"),
    ("situations.noms_exercice", "noms_exercice"),
    ("boites_lettres_mss", "telecom"),
)
# The fields that one list of FHIR holds, told apart by their nomenclature: a code of another stays in the list.
CHARACTERISTICS = frozenset(
    "mode_prise_en_charge temporalite_accueil modalites_accueil modes_gestion ouverture_annuelle niveaux_expertise "
    "specialisations_prise_en_charge professions_ressource competences_specifiques actes_specifiques "
    "actes_realises_hors_cabinet".split()
)
# What is said twice: the key of a part without an identifier, the units of a situation, those of its professional.
RESTATED = frozenset({("situations", "offres"), ("situations", "entites_geographiques")})
# Nothing of the source is gone or new: what a mandatory place is given is said to be unknown, and read as nothing.
UNCHANGED = frozenset({LossKind.UNRESOLVED, LossKind.INCONSISTENT, LossKind.DEFAULTED, LossKind.DERIVED})

_NAME = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_RANK = re.compile(r"\[\d+\]")


def values(value: Any, way: Way = ()) -> Iterator[tuple[Way, Any]]:
    """Every value of an object of the model and its way; labels are never compared."""
    if isinstance(value, Code):
        yield way, value.cle
    elif isinstance(value, Ajout):
        yield (*way, *_steps(value)), value.contenu
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            part = getattr(value, name)
            if name == "autres":
                yield from (((*way, name, other), text) for other, text in part)
            else:
                yield from values(part, way if name == "ajouts" else (*way, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from values(item, way)
    elif value is not None:
        yield way, value


def _steps(ajout: Ajout) -> Way:
    name = _NAME.match(ajout.contenu) if ajout.format == "csd" else None
    steps = (*ajout.chemin.split("/"), name[1] if name else "")
    return tuple(_RANK.sub("", step) for step in steps if step)


def said(repertoire: Repertoire) -> list[Leaf]:
    """What the objects say, in order."""
    return [
        (found.cle, way, value)
        for found in repertoire.objets()
        for way, value in values(found)
        if way[-1] != "cle" and way not in RESTATED
    ]


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


@cache
def places(path: str, field: str) -> frozenset[Way]:
    """The place that an entry designates, ranks aside, and those that say the same."""
    steps = tuple(step for step in re.split("[./:]", _RANK.sub("", path)) if step)
    found = {(field, *steps) if field else steps}
    if found & {(name,) for name in CHARACTERISTICS}:
        found.add(("characteristic",))
    for pair in SAME_PLACE:
        older, newer = (tuple(place.split(".")) for place in pair)
        for one in tuple(found):
            for here, there in ((older, newer), (newer, older)):
                if one[: len(here)] == here:
                    found.add(there + one[len(here) :])
    return frozenset(found)


class Said(NamedTuple):
    """An entry, under the key of the object of the model; `field` is the part of it that has a resource of its own."""

    entry: Loss
    owner: str
    field: str

    def names(self, leaf: Leaf) -> bool:
        """Whether the entry designates the place of a value; `*` stands for every part of the object."""
        key, way, _ = leaf
        if key != self.owner:
            return False
        every = self.entry.path.removeprefix("*.")
        if every != self.entry.path:
            return every in way[1:]
        return any(way[: len(place)] == place for place in places(self.entry.path, self.field))


def said_of(ledgers: tuple[Ledger, ...], known_as: dict[str, tuple[str, str]]) -> Iterator[Said]:
    """What the ledgers say, each entry under the object that it is about."""
    for entry in (entry for ledger in ledgers for entry in ledger.entries):
        key = entry.object if entry.object in known_as else entry.object.partition("/")[2]
        yield Said(entry, *known_as.get(key, (entry.object, "")))


def disordered(before: list[Leaf], after: list[Leaf]) -> set[tuple[str, Way]]:
    """The places whose values, among those that came back, stand in another order."""
    common = Counter(before) & Counter(after)
    there, here = ({}, {})  # type: dict[tuple[str, Way], list[Any]], dict[tuple[str, Way], list[Any]]
    for leaves, held in ((before, there), (after, here)):
        left = Counter(common)
        for leaf in leaves:
            if left[leaf]:
                left[leaf] -= 1
                held.setdefault(leaf[:2], []).append(leaf[2])
    return {place for place in there if there[place] != here.get(place)}


@pytest.mark.parametrize("version", VERSIONS)
@PROFILE
@given(data=st.data())
def test_what_fhir_does_not_bring_back_is_named_at_its_place(version: Version, data: st.DataObject) -> None:
    document: etree._Element = data.draw(drawn(version))
    repertoire = read_document(document, version=version, dialect=Dialect(), ledger=Ledger())
    writing, reading = Ledger(), Ledger()

    resources = {name: decode(encode(one)) for name, one in write(repertoire, ledger=writing).items()}
    back = read(resources, ledger=reading)

    told = list(said_of((writing, reading), owners(repertoire, back)))
    before, after = said(repertoire), said(back)
    differences = [*(Counter(before) - Counter(after)), *(Counter(after) - Counter(before))]
    assert [leaf for leaf in differences if not any(one.names(leaf) for one in told)] == []
    groundless = [
        one.entry
        for one in told
        if one.entry.severity is not Severity.INFORMATION
        and one.entry.kind not in UNCHANGED
        and one.entry.value_kind != "link"  # which of several goes with which: no value tells it
        and not any(one.names(leaf) for leaf in differences)
        # A path of a resource leads to no place of the model by itself: its object has a difference.
        and not (one.entry.rule.startswith("fhir-read.") and any(leaf[0] == one.owner for leaf in differences))
    ]
    assert groundless == []
    assert disordered(before, after) == set()
