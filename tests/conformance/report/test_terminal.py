"""A run as lines for a person."""

import pytest

from conformance.checks.catalogue import CHECKS
from conformance.checks.check import Finding
from conformance.report.terminal import lines
from conformance.runner import Result, Run
from conformance.target import Target
from conformance.text import Language, Text
from conformance.verdict import Verdict

TARGET = Target(endpoint="https://ror.example", ca="a", cert="b", key="c", solution="ir", contract="3.0")
RUN = Run(
    TARGET,
    (
        Result(CHECKS[0], Finding(Verdict.PASS, Text("oui", "yes"), (Text("note", "aside"),)), 0.1),
        Result(CHECKS[1], Finding(Verdict.FAIL, Text("non", "no")), 1.0),
    ),
)


@pytest.mark.parametrize(
    ("language", "remark", "verdict"),
    [(Language.FR, "remarque : note", "Verdict : échec"), (Language.EN, "remark : aside", "Verdict : fail")],
)
def test_the_lines_give_remarks_and_end_with_the_verdict(language: Language, remark: str, verdict: str) -> None:
    said = list(lines(RUN, language))

    assert said[0] == "https://ror.example (ir, 3.0)"
    assert said[-1] == verdict
    assert any(remark in line for line in said)
