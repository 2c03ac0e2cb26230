"""A directory of objects kept on disk: what one format is read into, and any other is written from."""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from gateway.translation.shelf import Shelf, Store
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Objet

V = TypeVar("V")

CLASSES: dict[str, type] = {
    "entites_juridiques": EntiteJuridique,
    "entites_geographiques": EntiteGeographique,
    "organisations_internes": OrganisationInterne,
    "offres": OffreOperationnelle,
    "professionnels": Professionnel,
}


class Objects(Generic[V]):
    """The objects of a class, as often as one asks."""

    def __init__(self, shelf: Shelf[V]) -> None:
        self._shelf = shelf

    def __iter__(self) -> Iterator[V]:
        return self._shelf.each()

    def __len__(self) -> int:
        return len(self._shelf)


class StoredHoldings:
    """The objects, class by class, in the order in which they came; the first of two with one key is kept."""

    def __init__(self, store: Store) -> None:
        self._shelves: dict[type, Shelf[Any]] = {kind: store.shelf(kind) for kind in CLASSES.values()}
        self.entites_juridiques: Objects[EntiteJuridique] = Objects(self._shelves[EntiteJuridique])
        self.entites_geographiques: Objects[EntiteGeographique] = Objects(self._shelves[EntiteGeographique])
        self.organisations_internes: Objects[OrganisationInterne] = Objects(self._shelves[OrganisationInterne])
        self.offres: Objects[OffreOperationnelle] = Objects(self._shelves[OffreOperationnelle])
        self.professionnels: Objects[Professionnel] = Objects(self._shelves[Professionnel])

    def add(self, objet: Objet) -> bool:
        """Keep an object; False when one of its class and key is already there."""
        if self.holds(objet):
            return False
        self._shelves[type(objet)][objet.cle] = objet
        return True

    def holds(self, objet: Objet) -> bool:
        """Whether an object of that class and key is there."""
        return objet.cle in self._shelves[type(objet)]

    def __len__(self) -> int:
        return sum(len(shelf) for shelf in self._shelves.values())
