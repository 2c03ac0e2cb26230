"""The five directories of a version, written one entry at a time (contract section 7).

Activities and equipment are known once the facilities are written, and stand before and after them in the document: a
caller that streams keeps the directories apart until the end, one in memory lets each grow in its place.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from mappings.csd.contexts import Space, Writing, place_of_shared
from mappings.csd.entries import FORMATS
from mappings.csd.markup import Markup
from mappings.csd.preparation import Holdings, Preparation
from mappings.csd.providers import one_per_unit
from mappings.csd.version import Version
from mappings.loss import Ledger
from mappings.shelf import Shelves, in_memory

# The order of writing, which is not that of the document.
ORDER = ("organization", "facility", "provider", "service", "device")


class Directories:
    """The writing of one directory of objects in a version."""

    def __init__(
        self, holdings: Holdings, version: Version, ledger: Ledger, shelves: Shelves = in_memory, *, at: date
    ) -> None:
        self._holdings = holdings
        self._form = FORMATS[version]
        self._preparation = Preparation(holdings, version, ledger)
        self._writing = Writing(version, ledger, shelves, at=at)
        self.units = 0
        self._give_keys()

    def _give_keys(self) -> None:
        """Every object takes its key before the first is written: references point forward."""
        entities, known = self._writing.entities, self._writing.known
        for rank, legal_entity in enumerate(self._holdings.entites_juridiques, start=1):
            entities[Space.EJ, legal_entity.cle] = f"EJ-{rank}"
        for rank, site in enumerate(self._holdings.entites_geographiques, start=1):
            entities[Space.EG, site.cle] = f"EG-{rank}"
            self._writing.sites[site.cle] = site
        for rank, organisation in enumerate(self._holdings.organisations_internes, start=1):
            entities[Space.OI, organisation.cle] = f"OI-{rank}"
        for offre in self._holdings.offres:
            if self._preparation.hides(offre):
                continue
            self.units += 1
            entities[Space.UE, offre.cle] = f"UE-{self.units}"
            for activite in offre.activites:
                if activite.activite.cle not in known:
                    known[activite.activite.cle] = activite

    def write(self, name: str) -> Iterator[bytes]:
        """The text of each entry, in UTF-8, of a directory. The names come in `ORDER`."""
        self._writing.entry = name
        if name == "organization":
            return self._organisations()
        if name == "facility":
            return self._facilities()
        if name == "provider":
            return self._providers()
        return self._shared(name)

    def _organisations(self) -> Iterator[bytes]:
        for legal_entity in self._holdings.entites_juridiques:
            yield self._entry(self._form.entite_juridique, Space.EJ, legal_entity)
        for site in self._holdings.entites_geographiques:
            yield self._entry(self._form.entite_geographique, Space.EG, self._preparation.site(site))

    def _facilities(self) -> Iterator[bytes]:
        for organisation in self._holdings.organisations_internes:
            said = self._preparation.internal_organisation(organisation)
            yield self._entry(self._form.organisation_interne, Space.OI, said)
        for offre in self._holdings.offres:
            sayable = self._preparation.offer(offre)
            if sayable is not None:
                yield self._entry(self._form.offre, Space.UE, sayable)

    def _entry(self, shape: Any, space: Space, value: Any) -> bytes:
        self._writing.object = value.cle
        return self._written(shape, value, self._writing.entities[space, value.cle])

    def _written(self, shape: Any, value: Any, entity: str) -> bytes:
        out: Markup = []
        shape.element(out, self._writing.entry, value, self._writing, f' entityID="{entity}"')
        return "".join(out).encode()

    def _providers(self) -> Iterator[bytes]:
        """The wire repeats a professional for each unit of exercise."""
        people = (self._preparation.professional(person) for person in self._holdings.professionnels)
        entries = (entry for person in people if person is not None for entry in one_per_unit(person))
        for rank, entry in enumerate(entries, start=1):
            self._writing.object = entry.cle
            yield self._written(self._form.professionnel, entry, f"PS-{rank}")

    def _shared(self, name: str) -> Iterator[bytes]:
        writing = self._writing
        values: Any = writing.activites if name == "service" else writing.equipements
        shape = self._form.activite if name == "service" else self._form.equipement
        for entity, value in values.items():
            # By itself it has no name that lasts: the ledger speaks of the first object that uses it.
            writing.object, writing.within = writing.users[entity], place_of_shared(value)
            writing.metadonnee = writing.owners[entity]
            yield self._written(shape, value, entity)
        writing.within = ""
