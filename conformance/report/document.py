"""A run as JSON: the source of every other form."""

from collections import Counter
from datetime import datetime
from typing import Any

from conformance.runner import Result, Run
from conformance.text import Language, Text

FORMAT = "1.0"


def document(run: Run, *, started: datetime, language: Language) -> dict[str, Any]:
    """The report; its format grows by addition only."""
    verdicts = Counter(str(result.finding.verdict) for result in run.results)
    return {
        "format": FORMAT,
        "started": started.isoformat(timespec="seconds"),
        "target": {
            "endpoint": run.target.endpoint,
            "solution": run.target.solution,
            "contract": run.target.contract,
        },
        "verdict": run.verdict,
        "summary": dict(sorted(verdicts.items())),
        "results": [_result(result, language) for result in run.results],
    }


def _result(result: Result, language: Language) -> dict[str, Any]:
    def said(text: Text) -> str:
        return text.said(language)

    return {
        "check": result.check.identifier,
        "requirements": list(result.check.requirements),
        "description": said(result.check.description),
        "expectation": said(result.check.expectation),
        "verdict": result.finding.verdict,
        "message": said(result.finding.message),
        "remarks": [said(one) for one in result.finding.remarks],
        "seconds": round(result.seconds, 3),
    }
