"""What the proof of a reading takes for the same, and what it tells."""

from typing import Any

import pytest

from mappings.fhir.notes import Notes
from mappings.fhir.reading.proof import note_differences
from mappings.loss import Ledger

CODING = {"system": "https://mos.esante.gouv.fr/NOS/TRE_R227-ChampActivite/FHIR/TRE-R227-ChampActivite", "code": "05"}
BARE, LABELLED = {"coding": [CODING]}, {"coding": [{**CODING, "display": "x"}]}
FIRST, SECOND = {"url": "https://a.example/one", "valueString": "a"}, {"url": "https://a.example/two", "valueCode": "b"}
UNREAD, SUPPLIED = "fhir-read.element.unread", "fhir-read.element.supplied"


def told(source: dict[str, Any], written: dict[str, Any]) -> set[tuple[str, str]]:
    ledger = Ledger()
    kind = {"resourceType": "HealthcareService"}
    note_differences(kind | source, kind | written, Ledger(), Notes(ledger, "84/UE-1"))
    return {(entry.rule, entry.path) for entry in ledger.entries}


@pytest.mark.parametrize(
    ("source", "written", "expected"),
    [
        pytest.param({"name": "a"}, {"name": "a"}, set(), id="equal"),
        pytest.param({"name": "a"}, {"name": "b"}, {(UNREAD, "name"), (SUPPLIED, "name")}, id="another value"),
        pytest.param({"name": "a"}, {}, {(UNREAD, "name")}, id="left out"),
        pytest.param({}, {"name": "a"}, {(SUPPLIED, "name")}, id="added"),
        pytest.param({"type": [BARE]}, {"type": [LABELLED]}, set(), id="label added"),
        pytest.param({"type": [LABELLED]}, {"type": [BARE]}, {(UNREAD, "type.coding.display")}, id="label left out"),
        pytest.param({"extension": [FIRST, SECOND]}, {"extension": [SECOND, FIRST]}, set(), id="another order"),
        pytest.param(
            {"extension": [FIRST, FIRST]}, {"extension": [FIRST]},
            {(UNREAD, "extension"), (UNREAD, "extension.valueString")}, id="twice, once",
        ),
        pytest.param(
            {"notAvailable": [{"description": "a", "during": None}]},
            {"notAvailable": [{"description": "a", "extra": "b"}]},
            {(SUPPLIED, "notAvailable.extra")}, id="a null where something else is added",
        ),
        pytest.param(
            {"notAvailable": [{"description": "a"}, {"description": "a"}]},
            {"notAvailable": [{"description": "a"}]},
            {(UNREAD, "notAvailable.description")}, id="an item less",
        ),
        pytest.param(
            {"meta": {"lastUpdated": "2025-01-01T10:00:00Z"}}, {"meta": {"lastUpdated": "2025-01-01T11:00:00+01:00"}},
            set(), id="one instant",
        ),
        pytest.param(
            {"providedBy": {"reference": "Organization/1"}}, {"providedBy": {"reference": "Organization/2"}},
            set(), id="a link is told elsewhere",
        ),
        pytest.param(
            {"location": [{"reference": "Location/1"}, None]}, {"location": [{"reference": "Location/1"}]},
            set(), id="no link among links",
        ),
        pytest.param(
            {"providedBy": {"reference": "Organization/1/_history/3"}}, {"providedBy": {"reference": "Organization/1"}},
            {(UNREAD, "providedBy.version")}, id="a link to one version",
        ),
        pytest.param({"comment": ""}, {}, {(UNREAD, "comment")}, id="an empty text"),
        pytest.param(
            {"meta": {"lastUpdated": "2025-01-01T10:00:00.1234567Z"}},
            {"meta": {"lastUpdated": "2025-01-01T10:00:00.123456+00:00"}},
            {(UNREAD, "meta.lastUpdated"), (SUPPLIED, "meta.lastUpdated")}, id="finer than a microsecond",
        ),
        pytest.param(
            {"meta": {"lastUpdated": "2025-01-01T10:00:00.1000000Z"}},
            {"meta": {"lastUpdated": "2025-01-01T10:00:00.100000+00:00"}}, set(), id="zeros",
        ),
        pytest.param({"inconnu": 1}, {}, set(), id="what is kept whole"),
    ],
)  # fmt: skip
def test_the_differences_that_are_told(
    source: dict[str, Any], written: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert told(source, written) == expected
