"""The ledger as seen from one object: each thing is said once per object, whatever the number of times it occurs.

A path is that of the model, `contacts.telecommunications.certificat`; for an addition the way that its source gave it
follows, after a colon.
"""

import re

from mappings.exposition.values import Ajout, Metadonnee
from mappings.loss import Ledger, LossKind, Severity

SUB_OBJECT_STATEMENT = "fhir.record.sub-object"
# The record of each part of an object.
RECORDS_OF_PARTS = "*.metadonnee"

_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")


class Notes:
    """Notes losses on one object, or on a part of it: paths are then those of the part."""

    __slots__ = ("_key", "_ledger", "_part", "_said")

    def __init__(self, ledger: Ledger, key: str) -> None:
        self._ledger = ledger
        self._key = key
        self._part = ""
        # What was said of the object: the kind, the place and the rule; of the records of its parts, their name alone.
        self._said: set[tuple[LossKind, str, str] | str] = set()

    def at(self, part: str) -> "Notes":
        """The same notes, on a part of what these are on."""
        notes = Notes.__new__(Notes)
        notes._ledger, notes._key, notes._said = self._ledger, self._key, self._said
        notes._part = f"{self._part}.{part}" if self._part else part
        return notes

    def note(
        self, kind: LossKind, path: str, rule: str, value_kind: str = "", severity: Severity = Severity.WARNING
    ) -> None:
        """Record that something happened to what stood at `path`; without one, to the whole part."""
        if self._part:
            path = f"{self._part}{'' if path.startswith(':') else '.'}{path}" if path else self._part
        said = (kind, path, rule)
        if said not in self._said:
            self._said.add(said)
            self._ledger.note(kind, object=self._key, path=path, rule=rule, value_kind=value_kind, severity=severity)

    def dropped(self, path: str, rule: str, value_kind: str, severity: Severity = Severity.ERROR) -> None:
        """Record that a value of the source is not in what is written."""
        self.note(LossKind.DROPPED, path, rule, value_kind, severity)

    def drop_present(self, rule: str, value_kind: str, **values: object) -> None:
        """Record each named value that is there and has no place on the other side."""
        for path, value in values.items():
            if value is not None and value not in ((), ""):
                self.dropped(path, rule, value_kind)

    def record(self, metadonnee: Metadonnee | None) -> None:
        """Record that a part had dates of its own: FHIR dates resources only. Said once, of all the parts."""
        if metadonnee is None:
            return
        if metadonnee.ajouts:
            self.at("metadonnee").additions(metadonnee.ajouts)
        if RECORDS_OF_PARTS not in self._said:
            self._said.add(RECORDS_OF_PARTS)
            self._ledger.note(
                LossKind.DROPPED,
                object=self._key,
                path=RECORDS_OF_PARTS,
                rule=SUB_OBJECT_STATEMENT,
                value_kind="record",
                severity=Severity.INFORMATION,
            )

    def additions(self, ajouts: tuple[Ajout, ...], *, extensible: bool = True) -> None:
        """Record the additions that are not put back: of another format than FHIR, or without a place there.

        A part of the model that is no element of FHIR is not `extensible`.
        """
        for ajout in ajouts:
            if ajout.format != "fhir":
                way = _way(ajout)
                self.dropped(f":{way}" if self._part else way, "fhir.addition.format", "fragment")
            elif not extensible or not self._has_place(ajout.chemin):
                self.dropped(f":{ajout.chemin}" if self._part else ajout.chemin, "fhir.addition.place", "fragment")

    def _has_place(self, name: str) -> bool:
        """Whether a member that a reading of FHIR kept may be put back: in a part only extensions are."""
        if self._part and not self._part.endswith("metadonnee"):
            return name == "extension"
        return "." not in name or name.startswith("meta.")


def _way(ajout: Ajout) -> str:
    """Where the element of a fragment stood, its own name included."""
    name = _ELEMENT.match(ajout.contenu)
    return "/".join(filter(None, (ajout.chemin, name[1] if name else "")))
