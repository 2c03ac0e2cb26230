"""Losses written as they are found."""

import io
from collections.abc import Callable

import msgspec
import pytest

from gateway.translation.ledger import WrittenLedger
from mappings.loss import Ledger, Loss, LossKind, Severity

LOSSES = (
    Loss("84/UE", "a/b", "r.one", LossKind.DROPPED, Severity.ERROR),
    Loss("84/UE", "c", "r.two", LossKind.DERIVED, Severity.WARNING, "code"),
)


def apart() -> Ledger:
    gathered = Ledger()
    gathered.gather(LOSSES)
    return gathered


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(lambda ledger: ledger.gather(LOSSES), id="gather"),
        pytest.param(lambda ledger: ledger.join(apart()), id="join"),
        pytest.param(lambda ledger: ledger.join_kept(list(LOSSES), 0), id="join-kept"),
        pytest.param(lambda ledger: ledger.repeat(LOSSES), id="repeat"),
    ],
)
def test_every_way_to_record_losses_writes_them_and_keeps_none(record: Callable[[Ledger], None]) -> None:
    file = io.BytesIO()
    ledger = WrittenLedger(file)

    record(ledger)

    assert tuple(msgspec.json.decode(line, type=Loss) for line in file.getvalue().splitlines()) == LOSSES
    assert (len(ledger), ledger.entries) == (2, ())


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
