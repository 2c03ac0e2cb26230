"""OperationOutcome: what went wrong, in codes that stay and in words of the caller's language."""

from collections.abc import Iterable

from mappings.fhir.search import Ignored
from mappings.fhir.shape import Json, compact

ERROR_SYSTEM = "urn:inter-ror:error"

_IGNORED = {
    "fr": "Le paramètre {parameter} n'est pas appliqué.",
    "en": "The parameter {parameter} is not applied.",
}


def issue(
    kind: str,
    error: str,
    diagnostics: str,
    *,
    severity: str = "error",
    expression: tuple[str, ...] = (),
    system: str = ERROR_SYSTEM,
) -> Json:
    """One issue. `kind` is FHIR's issue code, `error` the stable code of the gateway, in one of its systems."""
    return compact(
        {
            "severity": severity,
            "code": kind,
            "details": {"coding": [{"system": system, "code": error}]},
            "diagnostics": diagnostics,
            "expression": list(expression),
        }
    )


def ignored_issues(ignored: Iterable[Ignored], language: str) -> list[Json]:
    """One warning per parameter that was left out of a search."""
    return [
        issue(
            "not-supported",
            one.reason,
            _IGNORED[language].format(parameter=one.parameter),
            severity="warning",
        )
        for one in ignored
    ]


def operation_outcome(issues: Iterable[Json], language: str = "fr") -> Json:
    """The OperationOutcome of those issues."""
    return {"resourceType": "OperationOutcome", "language": language, "issue": list(issues)}
