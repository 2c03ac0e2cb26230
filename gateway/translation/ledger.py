"""The ledger of a translation: each loss goes to a file as it is found, only counts stay in memory."""

from collections import Counter
from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from mappings.loss import Ledger, Loss, LossKind, Severity


class WrittenLedger(Ledger):
    """Losses as JSON lines in `file`, when there is one; `severities` and `rules` count them."""

    __slots__ = ("_file", "rules", "severities")

    def __init__(self, file: BinaryIO | None) -> None:
        super().__init__()
        self._file = file
        self.severities: Counter[Severity] = Counter()
        self.rules: Counter[tuple[str, Severity]] = Counter()

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
        """Write one loss."""
        self.gather((Loss(object, path, rule, kind, severity, value_kind),))

    def gather(self, losses: Iterable[Loss]) -> None:
        """Write losses, in their order."""
        for loss in losses:
            self.severities[loss.severity] += 1
            self.rules[loss.rule, loss.severity] += 1
            if self._file is not None:
                self._file.write(msgspec.json.encode(loss) + b"\n")

    def __len__(self) -> int:
        return self.severities.total()
