"""The ledger as seen from one object: each thing is said once per object, whatever the number of times it occurs."""

import re

from mappings.exposition.values import Ajout, Metadonnee
from mappings.loss import Ledger, LossKind, Severity

SUB_OBJECT_STATEMENT = "fhir.record.sub-object"

_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")


class Notes:
    """Notes losses on one object."""

    __slots__ = ("_key", "_ledger", "_record_said", "_said")

    def __init__(self, ledger: Ledger, key: str) -> None:
        self._ledger = ledger
        self._key = key
        self._record_said = False
        self._said: set[tuple[LossKind, str, str]] = set()

    def note(
        self, kind: LossKind, path: str, rule: str, value_kind: str = "", severity: Severity = Severity.WARNING
    ) -> None:
        """Record that something happened to what stood at `path`."""
        if (kind, path, rule) not in self._said:
            self._said.add((kind, path, rule))
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
        """Record that a sub-object had dates of its own: FHIR dates resources only."""
        if metadonnee is not None and not self._record_said:
            self._record_said = True
            self.dropped("metadonnee", SUB_OBJECT_STATEMENT, "record", Severity.INFORMATION)

    def additions(self, ajouts: tuple[Ajout, ...]) -> None:
        """Record the additions written in another format than FHIR."""
        for ajout in ajouts:
            if ajout.format != "fhir":
                self.dropped(_way(ajout), "fhir.addition.format", "fragment")


def _way(ajout: Ajout) -> str:
    """Where the element of a fragment stood, its own name included."""
    name = _ELEMENT.match(ajout.contenu)
    return "/".join(filter(None, (ajout.chemin, name[1] if name else "")))
