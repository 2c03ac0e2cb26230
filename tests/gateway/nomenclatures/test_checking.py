"""Codes of documents judged and counted by place, without a value."""

from datetime import date

import msgspec
import pytest

from gateway.nomenclatures.checking import Place, check
from gateway.nomenclatures.occurrences import Occurrence
from mappings.exposition.values import Code

TODAY = date(2026, 11, 21)


def judged(element: str | None, system: str, code: str, *, contract: str = "3.0", at: date = TODAY) -> dict[str, int]:
    report = check([Occurrence("place", element, Code(system, code))], contract=contract, at=at)
    (place,) = report.places
    return {name: count for name, count in msgspec.to_builtins(place).items() if isinstance(count, int) and count}


@pytest.mark.parametrize(
    ("element", "system", "code", "counts"),
    [
        ("service/codedType", "R211", "037", {"active": 1}),
        ("service/codedType", "R211", "37", {"active": 1, "normalised": 1}),
        ("service/codedType", "R211", "048", {"active": 1, "outside": 1}),
        ("service/codedType", "R211", "002", {"ended": 1, "outside": 1}),
        ("service/codedType", "R211", "999", {"unknown": 1}),
        ("cityNumber", "R13", "69123", {"unverifiable": 1, "outside_unverifiable": 1}),
        ("homeMode", "R338", "12", {"deprecated": 1}),
        ("managementType", "R236", "01", {"active": 1, "outside_unverifiable": 1}),
        (None, "urn:region:84", "X", {"unverifiable": 1}),
        ("HealthcareService.type", "R227", "02", {"active": 1}),
    ],
)
def test_a_code_counts(element: str | None, system: str, code: str, counts: dict[str, int]) -> None:
    assert judged(element, system, code) == counts


def test_a_code_that_did_not_exist_yet_counts_so() -> None:
    assert judged(None, "R211", "594", at=date(2022, 1, 1)) == {"active": 1, "later": 1}


def test_places_add_up_and_hold_no_code() -> None:
    one = Occurrence("facility.careMode", "careMode", Code("R213", "28"))
    other = Occurrence("facility.careMode", "careMode", Code("R213", "DUPONT"))

    report = check([one, one, other], contract="3.0", at=TODAY)

    assert report.places == (Place("facility.careMode", "R213", active=2, unknown=1),)
    assert (report.total("active"), report.total("unknown")) == (2, 1)
    assert b"DUPONT" not in msgspec.json.encode(report)
