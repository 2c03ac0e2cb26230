"""What is odd about a code at its place, and what nothing held can tell."""

from datetime import date

import pytest

from mappings.exposition.values import Code
from mappings.nomenclatures.bindings import GUIDE
from mappings.nomenclatures.judgement import Judgement, judge

AT = date(2026, 11, 1)
NOTHING = Judgement(unknown=False, later=False, outside=False, unverifiable=False)


@pytest.mark.parametrize(
    ("element", "code", "version", "at", "odd"),
    [
        pytest.param("service/codedType", "R211 037", "3.0", AT, set(), id="as it should be"),
        pytest.param("service/codedType", "R211 048", "3.0", AT, {"outside"}, id="left its value set"),
        pytest.param("service/codedType", "R211 999", "3.0", AT, {"unknown"}, id="in no table: nothing else is told"),
        pytest.param(
            "service/codedType", "R211 549", "3.0", date(2021, 10, 29), {"later", "unverifiable"}, id="unborn"
        ),
        pytest.param(
            "service/codedType", "R211 048", "3.0", date(2024, 1, 1), {"unverifiable"}, id="set not held then"
        ),
        pytest.param("homeMode", "R338 04", "2.4", AT, {"unverifiable"}, id="no such element in that version"),
        pytest.param(None, "R211 037", "3.0", AT, {"unverifiable"}, id="a place that no binding speaks of"),
        pytest.param("cityNumber", "R13 69123", "3.0", AT, {"unverifiable"}, id="table not held"),
        pytest.param("HealthcareService.specialty", "R211 048", GUIDE, AT, {"unverifiable"}, id="no name of the guide"),
    ],
)
def test_what_is_odd(element: str | None, code: str, version: str, at: date, odd: set[str]) -> None:
    found = judge(element, Code(*code.split()), version, at)

    assert (found is None) is (not odd)
    assert {name for name in Judgement.__struct_fields__ if getattr(found or NOTHING, name)} == odd


def test_a_label_judges_nothing() -> None:
    assert judge("service/codedType", Code("R211", "048", "Génétique"), "3.0", AT) == judge(
        "service/codedType", Code("R211", "048"), "3.0", AT
    )


def test_what_is_unverifiable_is_no_finding() -> None:
    assert list(Judgement(unknown=False, later=False, outside=False, unverifiable=True).findings()) == []
