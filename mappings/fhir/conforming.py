"""Validation in service: the resources that leave or come in, held against the profiles as far as it was decided.

A finding is a note of the ledger, so that it is counted and told with the losses: `path` where it stands, `value_kind`
the rule that is broken. `refuse` leaves out what breaks a rule, which is a loss (decision 26).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from mappings.fhir.ids import key_of_resource
from mappings.fhir.outcome import issue
from mappings.fhir.shape import Json
from mappings.fhir.validation.validator import validate
from mappings.loss import Ledger, Loss, LossKind, Severity

MOST_RULES = 20
"""How many rules an answer names; the others are counted."""


class Mode(StrEnum):
    """What is done with a resource that breaks a rule: it is not looked at, it is told, it is told and left out."""

    OFF = "off"
    REPORT = "report"
    REFUSE = "refuse"


class Passage(StrEnum):
    """Which way resources go: the step that begins the rules of the ledger."""

    OUT = "fhir"
    IN = "fhir-read"


# A surprise says nothing of the datum; a fault makes it doubtful.
_SEVERITIES = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.INFORMATION}
_RULES = {f"{passage}.resource.{what}": what for passage in Passage for what in ("invalid", "refused")}


def held(
    resources: Mapping[str, Json], mode: Mode, passage: Passage, *, ledger: Ledger, at: date = date.max
) -> dict[str, Json]:
    """The resources that may go on; what they break, and what is left out for it, is in the ledger.

    `at` is the day of the value sets: that of the publication of the source.
    """
    if mode is Mode.OFF:
        return dict(resources)
    return {
        reference: resource
        for reference, resource in resources.items()
        if _passes(reference, resource, mode, passage, ledger, at=at)
    }


def _passes(reference: str, resource: Json, mode: Mode, passage: Passage, ledger: Ledger, *, at: date) -> bool:
    findings = validate(resource, at=at)
    name = key_of_resource(reference) if passage is Passage.OUT else reference
    for finding in findings:
        ledger.note(
            LossKind.INCONSISTENT,
            object=name,
            path=finding.path,
            rule=f"{passage}.resource.invalid",
            value_kind=finding.rule,
            severity=_SEVERITIES[finding.severity],
        )
    refused = mode is Mode.REFUSE and any(finding.severity is Severity.ERROR for finding in findings)
    if refused:
        ledger.note(
            LossKind.DROPPED,
            object=name,
            path="",
            rule=f"{passage}.resource.refused",
            value_kind="resource",
            severity=Severity.ERROR,
        )
    return not refused


def broken(losses: Iterable[Loss]) -> Counter[tuple[str, str, Severity]]:
    """How often each rule was broken, and how many resources were left out: by `invalid` or `refused`, and the rule."""
    return Counter((_RULES[loss.rule], loss.value_kind, loss.severity) for loss in losses if loss.rule in _RULES)


VALIDATION_SYSTEM = "urn:inter-ror:validation"
_TEXTS = {
    ("invalid", "fr"): "{count} ressource(s) ou élément(s) ne respectent pas la règle {rule} des profils nationaux.",
    ("invalid", "en"): "{count} resource(s) or element(s) break the rule {rule} of the national profiles.",
    ("refused", "fr"): "{count} ressource(s) écartée(s) : elles ne respectent pas les profils nationaux.",
    ("refused", "en"): "{count} resource(s) left out: they break the national profiles.",
    ("others", "fr"): "{count} autre(s) règle(s) des profils nationaux ne sont pas respectées.",
    ("others", "en"): "{count} other rule(s) of the national profiles are broken.",
}
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "information"}


def validation_issues(losses: Iterable[Loss], language: str) -> list[Json]:
    """One issue per rule that is broken, what was left out first, the most frequent before the others."""
    counted = broken(losses)
    ordered = sorted(counted, key=lambda one: (one[0] != "refused", -counted[one], one))
    issues = [
        issue(
            "invariant",
            rule if what == "invalid" else "resource-refused",
            _TEXTS[what, language].format(count=counted[what, rule, severity], rule=rule),
            severity=_LEVELS[severity],
            system=VALIDATION_SYSTEM,
        )
        for what, rule, severity in ordered[:MOST_RULES]
    ]
    if len(ordered) > MOST_RULES:
        left = _TEXTS["others", language].format(count=len(ordered) - MOST_RULES)
        issues.append(issue("invariant", "other-rules", left, severity="warning", system=VALIDATION_SYSTEM))
    return issues
