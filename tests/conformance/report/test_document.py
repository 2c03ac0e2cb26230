"""A run as JSON."""

import json
from datetime import UTC, datetime

from conformance.checks.catalogue import CHECKS
from conformance.checks.check import Finding
from conformance.report.document import document
from conformance.runner import Result, Run
from conformance.target import Target
from conformance.text import Language, Text
from conformance.verdict import Verdict

TARGET = Target(endpoint="https://ror.example", ca="a", cert="b", key="secret.key", solution="ir", contract="3.0")
RUN = Run(
    TARGET,
    (
        Result(CHECKS[0], Finding(Verdict.PASS, Text("oui", "yes"), (Text("note", "aside"),)), 0.12345),
        Result(CHECKS[1], Finding(Verdict.FAIL, Text("non", "no")), 1.0),
    ),
)


def test_the_report_says_everything_but_where_keys_are() -> None:
    report = document(RUN, started=datetime(2026, 1, 15, 9, tzinfo=UTC), language=Language.EN)

    assert report["started"] == "2026-01-15T09:00:00+00:00"
    assert report["target"] == {"endpoint": "https://ror.example", "solution": "ir", "contract": "3.0"}
    assert (report["verdict"], report["summary"]) == ("fail", {"fail": 1, "pass": 1})
    assert report["results"][0] == {
        "check": CHECKS[0].identifier,
        "requirements": list(CHECKS[0].requirements),
        "description": CHECKS[0].description.en,
        "expectation": CHECKS[0].expectation.en,
        "verdict": "pass",
        "message": "yes",
        "remarks": ["aside"],
        "seconds": 0.123,
    }
    assert "secret.key" not in json.dumps(report)
