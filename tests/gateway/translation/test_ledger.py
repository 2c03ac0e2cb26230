"""Losses written as they are found."""

import io

import msgspec

from gateway.translation.ledger import WrittenLedger
from mappings.loss import LossKind, Severity


def test_a_loss_is_a_line_and_a_count() -> None:
    file = io.BytesIO()
    ledger = WrittenLedger(file)
    ledger.note(LossKind.DROPPED, object="84/UE", path="a/b", rule="r.one", severity=Severity.ERROR)
    ledger.note(LossKind.DERIVED, object="84/UE", path="c", rule="r.two", value_kind="code")
    ledger.note(LossKind.DERIVED, object="84/UF", path="c", rule="r.two", value_kind="code")

    lines = [msgspec.json.decode(line) for line in file.getvalue().splitlines()]
    assert lines[0] == {
        "object": "84/UE",
        "path": "a/b",
        "rule": "r.one",
        "kind": "dropped",
        "severity": "error",
        "value_kind": "",
    }
    assert len(lines) == len(ledger) == 3
    assert ledger.entries == ()
    assert ledger.severities == {Severity.ERROR: 1, Severity.WARNING: 2}
    assert ledger.rules["r.two", Severity.WARNING] == 2


def test_losses_are_counted_without_a_file() -> None:
    ledger = WrittenLedger(None)
    ledger.note(LossKind.DROPPED, object="84/UE", path="", rule="r")

    assert len(ledger) == 1
