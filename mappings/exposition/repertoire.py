"""A set of objects of the model, as one source gave them or as several were merged."""

from collections.abc import Iterator

import msgspec

from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel

Objet = EntiteJuridique | EntiteGeographique | OrganisationInterne | OffreOperationnelle | Professionnel


class Repertoire(msgspec.Struct, frozen=True, gc=False):
    """Objects in the order of their source; each key is unique within its class."""

    entites_juridiques: tuple[EntiteJuridique, ...] = ()
    entites_geographiques: tuple[EntiteGeographique, ...] = ()
    organisations_internes: tuple[OrganisationInterne, ...] = ()
    offres: tuple[OffreOperationnelle, ...] = ()
    professionnels: tuple[Professionnel, ...] = ()

    def objets(self) -> Iterator[Objet]:
        """Every object, owners before what hangs below them."""
        yield from self.entites_juridiques
        yield from self.entites_geographiques
        yield from self.organisations_internes
        yield from self.offres
        yield from self.professionnels

    def __len__(self) -> int:
        return (
            len(self.entites_juridiques)
            + len(self.entites_geographiques)
            + len(self.organisations_internes)
            + len(self.offres)
            + len(self.professionnels)
        )
