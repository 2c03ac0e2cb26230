"""What travels with a document while it is read or written: its version, its ledger, the object at hand, its keys."""

from collections.abc import MutableMapping
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from lxml import etree

from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.exposition.lieu import EquipementSpecifique
from mappings.exposition.offre import ActiviteOperationnelle
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.values import Code, Metadonnee
from mappings.loss import Ledger, Loss, LossKind, Severity
from mappings.nomenclatures.catalogue import Catalogue, current
from mappings.shelf import Recent, Shelves, in_memory


class Space(StrEnum):
    """The classes that references point to: two of them may hold the same key."""

    EJ = "EJ"
    EG = "EG"
    OI = "OI"
    UE = "UE"

    # A member hashes its name anew, in Python, each time; its text is hashed once.
    __hash__ = str.__hash__


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return _local(str(element.tag))


def line_of(element: etree._Element) -> int:
    """The line of an element in its source, 0 when it was not parsed."""
    line = element.sourceline
    return line if isinstance(line, int) else 0


# The answers of the search of 2016 and of the notification: what they hold is named below them.
_ROOTS = frozenset({"careServicesResponse", "TR-Notif-ListeEtablissementMajApresDate_Reponse"})


def path_of(element: etree._Element) -> str:
    """Where an element stands in the object of its directory, else in its answer, by names."""
    name, names = local_name(element), list[str]()
    for above in map(local_name, element.iterancestors()):
        if above.endswith("Directory"):
            break
        names.append(name)
        name = above
        if name in _ROOTS:
            break
    return "/".join(reversed(names))


def place_of_shared(value: ActiviteOperationnelle | EquipementSpecifique) -> str:
    """How the ledger names an activity or an equipment of an object: by its code, which a reader can find."""
    if isinstance(value, ActiviteOperationnelle):
        return f"service[{value.activite.code}]"
    return f"device[{value.type_equipement.code}]"


@lru_cache(maxsize=8)
def _codes_met(catalogue: Catalogue, version: Version, at: date) -> Recent:
    """The codes of which nothing is told: most elements repeat another.

    Their keys are what the code is judged on: what its element may take, where it stands, what it holds.
    """
    return Recent()


@lru_cache(maxsize=8)
def _codes_said(catalogue: Catalogue, version: Version, at: date) -> Recent:
    """The texts of coded elements of which nothing is to be told, by what the code is judged on: the element above,
    the name of its own, the code.
    """
    return Recent()


class Reading:
    """One document being read. `object` is the key of the object at hand, for the ledger."""

    __slots__ = (
        "activites",
        "at",
        "codes",
        "dialect",
        "equipements",
        "keys",
        "ledger",
        "object",
        "pending",
        "prefix",
        "told",
        "used",
        "version",
    )

    def __init__(
        self, version: Version, dialect: Dialect, ledger: Ledger, at: date, shelves: Shelves = in_memory
    ) -> None:
        self.version = version
        self.prefix = f"csd-{version}"
        self.dialect = dialect
        self.ledger = ledger
        self.at = at
        self.object = ""
        self.pending: list[etree._Element] = []
        self.keys: MutableMapping[tuple[Space, str], str] = shelves(str)
        self.activites: MutableMapping[str, ActiviteOperationnelle] = shelves(ActiviteOperationnelle)
        self.equipements: MutableMapping[str, EquipementSpecifique] = shelves(EquipementSpecifique)
        self.codes = _codes_met(current(), version, at)
        self.used: MutableMapping[str, bool] = shelves(bool)
        # What reading an activity or an equipment noted, until an object uses it.
        self.told: MutableMapping[str, tuple[Loss, ...]] = shelves(tuple[Loss, ...])

    def use(self, entity: str, value: ActiviteOperationnelle | EquipementSpecifique) -> None:
        """The object at hand uses an entry of the directories of activities or equipment.

        What reading it noted is told now, of the first object that uses it: by itself it has no name that lasts.
        """
        self.used[entity] = True
        told = self.told.pop(entity, None)
        if told is not None:
            self.ledger.repeat(told, of=self.object, below=place_of_shared(value))

    def keep(self, element: etree._Element) -> None:
        """Hand an element without a place in the model to the object that will carry it as an `Ajout`."""
        self.pending.append(element)

    def note(
        self,
        kind: LossKind,
        element: etree._Element,
        rule: str,
        *,
        value_kind: str = "",
        severity: Severity = Severity.WARNING,
        suffix: str = "",
    ) -> None:
        """Record what happened to the value of an element, or of its attribute `suffix`."""
        self.ledger.note(
            kind,
            object=self.object,
            path=path_of(element) + suffix,
            rule=f"{self.prefix}.{rule}",
            value_kind=value_kind,
            severity=severity,
        )


class Writing:
    """One document being written. Keys of the document are made in the order in which objects are met.

    `entry` is the element of the directory that is being written, `path` the way inside it to the element at hand.
    """

    __slots__ = (
        "_entries",
        "activites",
        "at",
        "codes",
        "dates",
        "entities",
        "entry",
        "equipements",
        "known",
        "ledger",
        "metadonnee",
        "object",
        "owners",
        "path",
        "prefix",
        "repeated",
        "sites",
        "users",
        "version",
        "within",
    )

    def __init__(self, version: Version, ledger: Ledger, shelves: Shelves = in_memory, *, at: date = date.max) -> None:
        self.at = at
        # Of an activity or an equipment being written: what the ledger calls it, below the object that uses it.
        self.within = ""
        self.version = version
        self.prefix = f"csd-{version}"
        self.ledger = ledger
        self.object = ""
        self.entry = ""
        self.path = ""
        self.codes = _codes_said(current(), version, at)
        self.metadonnee: Metadonnee | None = None
        # What the missing records of the object at hand repeat (`records`).
        self.repeated: Any = None
        # The last two instants that a record said, and their text.
        self.dates: tuple[datetime | None, datetime | None, str] | None = None
        self.entities: MutableMapping[tuple[Space, str], str] = shelves(str)
        self.sites: MutableMapping[str, EntiteGeographique] = shelves(EntiteGeographique)
        self.known: MutableMapping[tuple[str, str], ActiviteOperationnelle] = shelves(ActiviteOperationnelle)
        self._entries: MutableMapping[ActiviteOperationnelle | EquipementSpecifique, str] = shelves(str)
        # By the key of the document, in the order in which objects use them.
        self.activites: MutableMapping[str, ActiviteOperationnelle] = shelves(ActiviteOperationnelle)
        self.equipements: MutableMapping[str, EquipementSpecifique] = shelves(EquipementSpecifique)
        # The record of the first object that uses an activity or an equipment, for one that has none of its own.
        self.owners: MutableMapping[str, Metadonnee | None] = shelves(Metadonnee | None)
        self.users: MutableMapping[str, str] = shelves(str)

    def activite(self, activite: ActiviteOperationnelle) -> str:
        """The key of an activity; equal activities share one entry of the directory."""
        return self._entry(self.activites, activite, "ACT")

    def equipement(self, equipement: EquipementSpecifique) -> str:
        """The key of an equipment; equal ones share one entry of the directory."""
        return self._entry(self.equipements, equipement, "EQ")

    def _entry(self, directory: MutableMapping[str, Any], value: Any, prefix: str) -> str:
        entity = self._entries.get(value)
        if entity is None:
            entity = self._entries[value] = f"{prefix}-{len(directory) + 1}"
            directory[entity] = value
            self.owners[entity] = self.metadonnee
            self.users[entity] = self.object
        return entity

    def known_activity(self, code: Code) -> ActiviteOperationnelle:
        """The activity of a unit that an organisation above it sums up by its code."""
        return self.known.get(code.cle) or ActiviteOperationnelle(activite=code)

    def note(
        self,
        kind: LossKind,
        path: str,
        rule: str,
        *,
        value_kind: str = "",
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Record what happened to a value of the object at hand."""
        at = "/".join(filter(None, (self.within, path))) if self.within else path
        self.ledger.gather((Loss(self.object, at, f"{self.prefix}.{rule}", kind, severity, value_kind),))

    def note_here(
        self,
        kind: LossKind,
        rule: str,
        *,
        value_kind: str = "",
        severity: Severity = Severity.WARNING,
        below: str = "",
    ) -> None:
        """Record what happened at the element being written, or `below` it: the way of one that may stand anywhere."""
        path = f"{self.path}/{below}" if self.path and below else self.path or below
        self.note(kind, path, rule, value_kind=value_kind, severity=severity)

    def note_below(
        self,
        kind: LossKind,
        below: str,
        rule: str,
        *,
        value_kind: str = "",
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Record what happened below the element being written: the way of one that may stand in several places."""
        self.note_here(kind, rule, value_kind=value_kind, severity=severity, below=below)
