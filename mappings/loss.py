"""The ledger: what a mapping could not carry, said where it happened.

A mapping never drops, defaults or derives a value without an entry. An entry names places and kinds, never the value
itself: a loss report may be read by people who may not read the data.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class LossKind(StrEnum):
    """What happened to the value."""

    DROPPED = "dropped"
    DEFAULTED = "defaulted"
    DERIVED = "derived"
    SPLIT = "split"
    WIDENED = "widened"
    UNMAPPED = "unmapped"
    UNRESOLVED = "unresolved"
    REPAIRED = "repaired"
    WITHHELD = "withheld"
    INCONSISTENT = "inconsistent"

    # A member hashes its name anew, in Python, each time; its text is hashed once.
    __hash__ = str.__hash__


class Severity(StrEnum):
    """`information`: nothing is missing. `warning`: a datum is approximate. `error`: a datum of the source is gone."""

    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


# It holds texts only: the collector of cycles need not know the thousands that a document makes.
class Loss(msgspec.Struct, frozen=True, gc=False):
    """One thing that could not be carried as it stood.

    `object` is the key of the object of the model, `path` where it stood in it, `rule` the stable id of the mapping
    rule (`csd-2.4.capacity.first-place`), `value_kind` what kind of value it was (`code`, `text`, `boolean`…).
    """

    object: str
    path: str
    rule: str
    kind: LossKind
    severity: Severity
    value_kind: str = ""


class Ledger:
    """Gathers the losses of one document; handed to every reader and writer.

    `unverifiable` counts the codes that nothing held can judge: neither losses nor findings.
    """

    __slots__ = ("_entries", "unverifiable")

    def __init__(self) -> None:
        self._entries: list[Loss] = []
        self.unverifiable = 0

    def note(
        self,
        kind: LossKind,
        *,
        object: str,  # noqa: A002 - the name of the field it fills
        path: str,
        rule: str,
        value_kind: str = "",
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Record one loss."""
        self._entries.append(Loss(object, path, rule, kind, severity, value_kind))

    def gather(self, losses: Iterable[Loss]) -> None:
        """Record losses made by the caller, in their order."""
        self._entries.extend(losses)

    def join(self, other: "Ledger") -> None:
        """Record what was gathered apart."""
        self.join_kept(other._entries, other.unverifiable)

    def join_kept(self, entries: Iterable[Loss], unverifiable: int) -> None:
        """Record what was gathered apart, and kept."""
        self.unverifiable += unverifiable
        self.gather(entries)

    def repeat(self, entries: Iterable[Loss], *, of: str | None = None, below: str = "") -> None:
        """Record losses noted before: of another object, `below` a place of it, when these are given."""
        for loss in entries:
            self.note(
                loss.kind,
                object=loss.object if of is None else of,
                path="/".join(filter(None, (below, loss.path))),
                rule=loss.rule,
                value_kind=loss.value_kind,
                severity=loss.severity,
            )

    @property
    def entries(self) -> tuple[Loss, ...]:
        """Every loss so far, in order."""
        return tuple(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
