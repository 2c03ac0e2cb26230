"""How the rules write in the ledger: a repair, a finding, or what was not sent on, under the id of the rule."""

from mappings.loss import Ledger, LossKind, Severity


def repaired(ledger: Ledger, rule: str, key: str, path: str, value_kind: str = "code") -> None:
    """The value leaves as the rule wants it."""
    ledger.note(LossKind.REPAIRED, object=key, path=path, rule=rule, value_kind=value_kind)


def found(ledger: Ledger, rule: str, key: str, path: str, value_kind: str = "code") -> None:
    """The value breaks the rule and leaves as it stands: nothing says what the source meant."""
    ledger.note(LossKind.INCONSISTENT, object=key, path=path, rule=rule, value_kind=value_kind)


def not_sent(ledger: Ledger, rule: str, key: str, path: str) -> None:
    """The object is not sent on, for want of what stands at the path."""
    ledger.note(LossKind.DROPPED, object=key, path=path, rule=rule, value_kind="object", severity=Severity.ERROR)
