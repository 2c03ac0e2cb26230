"""A run as lines for a person."""

from collections.abc import Iterator

from conformance.runner import Run
from conformance.text import Language, Text
from conformance.verdict import Verdict

WORDS = {
    Verdict.PASS: Text("succès", "pass"),
    Verdict.FAIL: Text("échec", "fail"),
    Verdict.SKIP: Text("non exécuté", "skip"),
    Verdict.OMIT: Text("sans objet", "omit"),
    Verdict.ERROR: Text("erreur", "error"),
}
REMARK = Text("remarque", "remark")
VERDICT = Text("Verdict", "Verdict")


def lines(run: Run, language: Language) -> Iterator[str]:
    """One line for each check, its remarks under it, the verdict last."""
    target = run.target
    yield f"{target.endpoint} ({target.solution}, {target.contract})"
    for result in run.results:
        word = WORDS[result.finding.verdict].said(language)
        identifiers = ", ".join(result.check.requirements)
        yield f"{word:<12} {result.check.identifier} [{identifiers}] {result.check.description.said(language)}"
        yield f"{'':<12} {result.finding.message.said(language)}"
        for remark in result.finding.remarks:
            yield f"{'':<12} {REMARK.said(language)} : {remark.said(language)}"
    yield f"{VERDICT.said(language)} : {WORDS[run.verdict].said(language)}"
