"""Objects of the model as the replica keeps them: one JSON document each, under the kind that says how to read it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

import msgspec

from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Objet, Repertoire


class Kind(StrEnum):
    """The classes of a directory."""

    EJ = "ej"
    EG = "eg"
    OI = "oi"
    OFFRE = "offre"
    PROFESSIONNEL = "professionnel"


ORGANISATIONS = (Kind.EJ, Kind.EG, Kind.OI)

_CLASSES: dict[Kind, tuple[str, type[Any]]] = {
    Kind.EJ: ("entites_juridiques", EntiteJuridique),
    Kind.EG: ("entites_geographiques", EntiteGeographique),
    Kind.OI: ("organisations_internes", OrganisationInterne),
    Kind.OFFRE: ("offres", OffreOperationnelle),
    Kind.PROFESSIONNEL: ("professionnels", Professionnel),
}
_DECODERS = {kind: msgspec.json.Decoder(type_) for kind, (_, type_) in _CLASSES.items()}

encode = msgspec.json.Encoder().encode


def of_kind(repertoire: Repertoire) -> Iterator[tuple[Kind, Objet]]:
    """Every object of a directory with its kind."""
    for kind, (field, _) in _CLASSES.items():
        for objet in getattr(repertoire, field):
            yield kind, objet


def directory(rows: Iterable[tuple[str, bytes]]) -> Repertoire:
    """The directory of stored objects: kind and document of each."""
    found: dict[str, list[Objet]] = {field: [] for field, _ in _CLASSES.values()}
    for kind, document in rows:
        found[_CLASSES[Kind(kind)][0]].append(_DECODERS[Kind(kind)].decode(document))
    return Repertoire(**{field: tuple(objects) for field, objects in found.items()})  # type: ignore[arg-type]
