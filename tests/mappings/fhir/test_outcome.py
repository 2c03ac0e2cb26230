import json

import pytest
from fhirclient.models.operationoutcome import OperationOutcome

from mappings.fhir.encoding import encode
from mappings.fhir.outcome import ignored_issues, issue, operation_outcome
from mappings.fhir.search import Ignored


def test_an_outcome_holds_a_stable_code_and_words() -> None:
    outcome = operation_outcome([issue("not-found", "unknown-resource", "Rien.", expression=("Location",))], "fr")

    assert outcome == {
        "resourceType": "OperationOutcome",
        "language": "fr",
        "issue": [
            {
                "severity": "error",
                "code": "not-found",
                "details": {"coding": [{"system": "urn:inter-ror:error", "code": "unknown-resource"}]},
                "diagnostics": "Rien.",
                "expression": ["Location"],
            }
        ],
    }
    assert OperationOutcome(json.loads(encode(outcome)), strict=True)


@pytest.mark.parametrize(("language", "word"), [("fr", "paramètre"), ("en", "parameter")])
def test_a_parameter_left_out_is_a_warning_in_the_language_of_the_caller(language: str, word: str) -> None:
    (found,) = ignored_issues([Ignored("_sort", "unknown-parameter")], language)

    assert found["severity"] == "warning"
    assert word in found["diagnostics"]
    assert "_sort" in found["diagnostics"]
