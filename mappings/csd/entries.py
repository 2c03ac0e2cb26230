"""The entries of the five directories of a document, read one at a time (contract section 7).

References point forward, so every entry is met twice: `meet` learns keys, activities and equipment, then `read` makes
the objects. A document in memory and one that is streamed go the same way.
"""

from collections.abc import MutableMapping
from datetime import date
from typing import Any

import msgspec
from lxml import etree

from mappings.csd import v1_5, v1_6, v2_4, v3_0
from mappings.csd.contexts import Reading, Space, local_name, place_of_shared
from mappings.csd.dialect import Dialect
from mappings.csd.hierarchy import Hierarchy, derived_key, identifiers_of, space_of_organisation
from mappings.csd.identifiers import professional_key
from mappings.csd.namespaces import csd
from mappings.csd.providers import joined, same_person
from mappings.csd.strays import note_frame
from mappings.csd.version import Version
from mappings.exposition.lieu import EquipementSpecifique
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Objet
from mappings.loss import Ledger, LossKind, Severity
from mappings.shelf import Shelves, in_memory

FORMATS = {found.version: found for found in (v1_5.FORMAT, v1_6.FORMAT, v2_4.FORMAT, v3_0.FORMAT)}
DIRECTORIES = ("organization", "service", "facility", "provider", "device")
TAGS = {csd(f"{name}Directory"): name for name in DIRECTORIES}
ENTRIES = {name: csd(name) for name in DIRECTORIES}


class Entries:
    """The reading of one document, entry by entry. `professionals` are whole once the last entry has been read."""

    def __init__(
        self, version: Version, dialect: Dialect, ledger: Ledger, at: date, shelves: Shelves = in_memory
    ) -> None:
        self._reading = Reading(version, dialect, ledger, at, shelves)
        self._form = FORMATS[version]
        self._hierarchy = Hierarchy(self._reading, shelves)
        self._twins: MutableMapping[EquipementSpecifique, int] = shelves(int)
        self._seen: MutableMapping[tuple[Space, str], bool] = shelves(bool)
        self.professionals: MutableMapping[str, Professionnel] = shelves(Professionnel)

    def meet(self, name: str, element: etree._Element) -> None:
        """Learn an entry of the directory of that name."""
        if element.tag != ENTRIES[name]:
            self.note_unknown(f"{name}Directory/{local_name(element)}")
            return
        if name == "organization":
            self._hierarchy.add_organisation(element)
        elif name == "facility":
            self._hierarchy.add_facility(element)
        elif name == "service":
            self._meet_shared(element, self._form.activite, self._reading.activites)
        elif name == "device":
            self._meet_shared(element, self._form.equipement, self._reading.equipements)

    def note_unknown(self, path: str) -> None:
        """An element where the contract has none, outside any object: it has no place in the model."""
        self._note("", path, "document.unknown", kind="fragment")

    def note_frame(self, element: etree._Element, *, spoken: bool) -> None:
        """What an element around the entries has beside them."""
        note_frame(element, self._reading.version, self._reading.ledger, spoken=spoken)

    def _note(self, key: str, path: str, rule: str, *, kind: str = "object") -> None:
        self._reading.ledger.note(
            LossKind.DROPPED,
            object=key,
            path=path,
            rule=f"{self._reading.prefix}.{rule}",
            value_kind=kind,
            severity=Severity.ERROR,
        )

    def _meet_shared(self, element: etree._Element, shape: Any, found: Any) -> None:
        reading, entity = self._reading, element.get("entityID") or ""
        reading.object = entity
        ledger, reading.ledger = reading.ledger, Ledger()
        value = shape.read(element, reading)
        apart, reading.ledger = reading.ledger, ledger
        if value is None:
            ledger.join(apart)
            return
        ledger.unverifiable += apart.unverifiable
        if entity in found:
            reading.note(LossKind.INCONSISTENT, element, "entity.repeated", value_kind="reference")
        if len(apart):
            reading.told[entity] = apart.entries
        found[entity] = self._told_apart(value) if isinstance(value, EquipementSpecifique) else value

    def _told_apart(self, device: EquipementSpecifique) -> EquipementSpecifique:
        """Two devices that say the same are two devices: the second of them, and on, is numbered."""
        rank = self._twins.get(device, 0) + 1
        self._twins[device] = rank
        return msgspec.structs.replace(device, cle=str(rank)) if rank > 1 else device

    def read(self, name: str, element: etree._Element) -> Objet | None:
        """The object of an entry of the directories organization and facility; None for one that repeats another.

        A provider, which the wire repeats for each unit of exercise, joins `professionals`.
        """
        if element.tag != ENTRIES[name]:
            return None
        if name == "organization":
            return self._organisation(element)
        if name == "facility":
            return self._facility(element)
        if name == "provider":
            self._provider(element)
        return None

    def _organisation(self, element: etree._Element) -> Objet | None:
        space = space_of_organisation(element)
        shape = self._form.entite_juridique if space is Space.EJ else self._form.entite_geographique
        key = self._reading.object = self._hierarchy.key(element, space)
        return self._once(space, shape.read(element, self._reading, {"cle": key}))

    def _facility(self, element: etree._Element) -> Objet | None:
        links = self._hierarchy.links(element)
        space = links.space
        key = self._reading.object = self._hierarchy.key(element, space)
        above, site = self._hierarchy.above(element, links)
        if space == Space.UE:
            placed = {"cle": key, "organisation": above, "entite_geographique": site}
            return self._once(space, self._form.offre.read(element, self._reading, placed))
        placed = {"cle": key, "parent": above, "entite_geographique": site}
        return self._once(space, self._form.organisation_interne.read(element, self._reading, placed))

    def _once(self, space: Space, value: Any) -> Objet | None:
        """The object, the first time its key is seen; None and a note afterwards."""
        if (space, value.cle) in self._seen:
            self._note(value.cle, "", "object.repeated")
            return None
        self._seen[space, value.cle] = True
        return value  # type: ignore[no-any-return]  # shapes build what their table says

    def _provider(self, element: etree._Element) -> None:
        reading = self._reading
        key = professional_key(identifiers_of(element)) or derived_key(element, reading)
        reading.object = key
        value: Professionnel = _tie(self._form.professionnel.read(element, reading, {"cle": key}))
        known = self.professionals.get(key)
        if known is not None and not same_person(known, value):
            reading.note(LossKind.INCONSISTENT, element, "provider.joined", value_kind="object")
        if known is not None and value.metadonnee not in (None, known.metadonnee):
            reading.note(LossKind.DROPPED, element, "provider.record", value_kind="record", suffix="record")
        self.professionals[key] = value if known is None else joined(known, value)

    def note_unused(self) -> None:
        """What no unit uses has no place in the model: activities and equipment are carried by their units."""
        for name, found in (("service", self._reading.activites), ("device", self._reading.equipements)):
            for entity, value in found.items():
                if entity not in self._reading.used:
                    self._reading.ledger.repeat(self._reading.told.get(entity, ()), below=place_of_shared(value))
                    self._reading.ledger.note(
                        LossKind.DROPPED,
                        object=entity,
                        path=place_of_shared(value),
                        rule=f"{self._reading.prefix}.{name}.unused",
                        value_kind="object",
                    )


def _tie(value: Professionnel) -> Professionnel:
    """An entry of the wire says where its one situation takes place."""
    situations = tuple(
        msgspec.structs.replace(situation, offres=value.offres, entites_geographiques=value.entites_geographiques)
        for situation in value.situations
    )
    return msgspec.structs.replace(value, situations=situations)
