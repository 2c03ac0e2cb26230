"""Coverage: what each member contributed, said three times with the same facts (design of the answer, Coverage).

The HTTP header is a structured-field dictionary (RFC 8941), the SOAP header block carries the same names as attributes,
the OperationOutcome holds one issue per member that did not answer whole. All three are built from `facts`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from lxml import etree

from gateway.federation.exchange import CONTRIBUTED, FIRST_FILL, WHOLE, Answer, Outcome, Reason, Status
from mappings.loss import Severity

NAMESPACE = "urn:inter-ror:coverage:1"
STATUS_SYSTEM = "urn:inter-ror:coverage-status"
REASON_SYSTEM = "urn:inter-ror:coverage-reason"

Language = Literal["fr", "en"]

_TEXTS: dict[Status, dict[Language, str]] = {
    Status.TRUNCATED: {
        "fr": "Le ROR {member} a limité sa réponse : d'autres objets existent.",
        "en": "ROR {member} capped its answer: more objects exist.",
    },
    Status.NOT_ASKED: {
        "fr": "Le ROR {member} n'a pas été interrogé : {reason}.",
        "en": "ROR {member} was not asked: {reason}.",
    },
    Status.REFUSED: {"fr": "Le ROR {member} a refusé de répondre.", "en": "ROR {member} refused to answer."},
    Status.TIMED_OUT: {
        "fr": "Le ROR {member} n'a pas répondu dans le délai.",
        "en": "ROR {member} did not answer in time.",
    },
    Status.UNREACHABLE: {"fr": "Le ROR {member} est injoignable.", "en": "ROR {member} cannot be reached."},
    Status.INVALID_ANSWER: {
        "fr": "La réponse du ROR {member} ne respecte pas le contrat.",
        "en": "The answer of ROR {member} breaks the contract.",
    },
}
_REASONS: dict[Reason, dict[Language, str]] = {
    Reason.TERRITORY: {"fr": "hors du territoire demandé", "en": "outside the territory asked for"},
    Reason.CUTOVER: {"fr": "ses données sont au ROR national", "en": "its data are in the national ROR"},
    Reason.RIGHT: {"fr": "l'appelant n'en a pas le droit", "en": "the caller has no right to it"},
    Reason.MAINTENANCE: {"fr": "il est en maintenance ou suspendu", "en": "it is in maintenance or suspended"},
    Reason.CRITERIA: {
        "fr": "aucune source de ce membre ne répond à ces critères",
        "en": "no source of this member can answer these criteria",
    },
}
_CAUSES: dict[str, dict[Language, str]] = {
    FIRST_FILL: {
        "fr": "sa copie, seule à pouvoir répondre, est en cours de constitution",
        "en": "its copy, which alone could answer, is still being made",
    },
}
"""Where the cause says more than the reason."""

_ISSUE_CODES: dict[Status, str] = {
    Status.TRUNCATED: "incomplete",
    Status.NOT_ASKED: "incomplete",
    Status.REFUSED: "processing",
    Status.TIMED_OUT: "timeout",
    Status.UNREACHABLE: "transient",
    Status.INVALID_ANSWER: "structure",
}


def in_order(answer: Answer) -> list[Outcome]:
    """The outcomes in the order of member codes."""
    return sorted(answer.outcomes, key=lambda outcome: outcome.member)


def facts(outcome: Outcome) -> Iterator[tuple[str, str | int]]:
    """The facts of one member in their order; what does not apply to its status is left out.

    A member that gave nothing has no source, no count and no version: only how long it was waited for.
    """
    contributed = outcome.status in CONTRIBUTED
    yield "s", outcome.status.value
    if outcome.reason is not None:
        yield "r", outcome.reason.value
    if contributed:
        yield "n", outcome.objects
        yield "l", sum(loss.severity is not Severity.INFORMATION for loss in outcome.losses)
        if outcome.source is not None:
            yield "src", outcome.source.value
        if outcome.age is not None:
            yield "age", int(outcome.age)
    if outcome.elapsed is not None:
        yield "ms", round(outcome.elapsed)
    if contributed and outcome.contract is not None:
        yield "v", outcome.contract
    if contributed and outcome.nos is not None:
        yield "nos", outcome.nos


_STRINGS = frozenset({"v", "nos"})


def header(answer: Answer) -> str:
    """`Ror-Coverage`: every member of the federation, in the order of their codes."""
    return dictionary((outcome.member, facts(outcome)) for outcome in in_order(answer))


def dictionary(rows: Iterable[tuple[str, Iterable[tuple[str, str | int]]]]) -> str:
    """The structured-field dictionary of members and their facts, both in the order they come in."""
    return ", ".join(
        ";".join([f"m{member}", *(f"{name}={_item(name, value)}" for name, value in told)]) for member, told in rows
    )


def _item(name: str, value: str | int) -> str:
    """A bare item of RFC 8941: an integer, a token, or a string where the value may not be a token."""
    if name not in _STRINGS:
        return str(value)
    escaped = "".join(character if " " <= character <= "~" else "?" for character in str(value))
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'


def soap_block(answer: Answer) -> etree._Element:
    """The SOAP header block: one `member` per member, its `code` and the facts as attributes."""
    block = etree.Element(f"{{{NAMESPACE}}}Coverage", nsmap={"cov": NAMESPACE})
    for outcome in in_order(answer):
        member = etree.SubElement(block, f"{{{NAMESPACE}}}member", code=outcome.member)
        for name, value in facts(outcome):
            member.set(name, str(value))
    return block


def outcome_issues(answer: Answer, language: Language = "fr") -> list[dict[str, Any]]:
    """The issues of the OperationOutcome: one per member that did not answer whole."""
    demanded = answer.exchange.requirements.complete or answer.failed
    return [
        _issue(outcome, language, failure="error" if demanded else "warning")
        for outcome in in_order(answer)
        if outcome.status not in WHOLE
    ]


def _issue(outcome: Outcome, language: Language, *, failure: str) -> dict[str, Any]:
    outside = outcome.reason is Reason.TERRITORY
    reason = _reason(outcome, language)
    coding = [{"system": STATUS_SYSTEM, "code": outcome.status.value}]
    if outcome.reason is not None:
        coding.append({"system": REASON_SYSTEM, "code": outcome.reason.value})
    text = _TEXTS[outcome.status][language].format(member=outcome.member, reason=reason)
    issue = {
        "severity": "information" if outside else failure,
        "code": "informational" if outside else _ISSUE_CODES[outcome.status],
        "details": {"coding": coding, "text": text},
        "diagnostics": f"member={outcome.member}",
    }
    if outcome.cause is not None:
        issue["diagnostics"] = f"member={outcome.member} cause={outcome.cause}"
    return issue


def _reason(outcome: Outcome, language: Language) -> str:
    if outcome.reason is None:
        return ""
    return _CAUSES.get(outcome.cause or "", _REASONS[outcome.reason])[language]
