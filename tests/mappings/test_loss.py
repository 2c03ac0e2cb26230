"""The ledger keeps every loss in the order they happened."""

from mappings.loss import Ledger, Loss, LossKind, Severity


def test_a_ledger_keeps_what_it_was_told_in_order() -> None:
    ledger = Ledger()

    ledger.note(LossKind.DROPPED, object="84/UE-1", path="date_ouverture", rule="fhir.offer.opening-date")
    ledger.note(
        LossKind.DERIVED,
        object="84/UE-1",
        path="capacites",
        rule="r",
        value_kind="integer",
        severity=Severity.INFORMATION,
    )

    assert len(ledger) == 2
    assert ledger.entries == (
        Loss("84/UE-1", "date_ouverture", "fhir.offer.opening-date", LossKind.DROPPED, Severity.WARNING),
        Loss("84/UE-1", "capacites", "r", LossKind.DERIVED, Severity.INFORMATION, "integer"),
    )
