"""Which codes an element may take, per version and day."""

from datetime import date

import pytest

from mappings.exposition.values import Code
from mappings.nomenclatures.bindings import Membership, bindings, bindings_of, in_binding
from mappings.nomenclatures.systems import oid
from mappings.nomenclatures.tables import value_set

MEMBER, OUTSIDE, UNVERIFIABLE = Membership.MEMBER, Membership.OUTSIDE, Membership.UNVERIFIABLE


@pytest.mark.parametrize(
    ("element", "code", "version", "at", "membership"),
    [
        pytest.param("service/codedType", "R211 037", "3.0", "2026-10-01", MEMBER, id="activity"),
        pytest.param("service/codedType", "R211 048", "3.0", "2026-10-01", OUTSIDE, id="left J17 in silence"),
        pytest.param("service/codedType", "R211 048", "3.0", "2024-10-01", UNVERIFIABLE, id="J17 of 2024 is not held"),
        pytest.param("service/codedType", "R210 0326", "3.0", "2026-10-01", OUTSIDE, id="an act is no activity"),
        pytest.param("takingCareSpeciality", "R211 068", "3.0", "2026-10-01", OUTSIDE, id="J35 under the OID of R211"),
        pytest.param("takingCareSpeciality", "R211 068", "3.0", "2022-01-01", OUTSIDE, id="whatever the day"),
        pytest.param("takingCareSpeciality", "R245 01", "3.0", "2022-01-01", UNVERIFIABLE, id="no J35 that old"),
        pytest.param("specificAct", "R210 1218", "2.4", "2026-10-01", MEMBER, id="ended in the TRE, in the JDV"),
        pytest.param("organization/codedType", "R66 130", "1.6", "2026-10-01", MEMBER, id="category ended, in J55"),
        pytest.param("organization/codedType", "R316 801", "1.6", "2026-10-01", MEMBER, id="temporary list, in J55"),
        pytest.param("organization/codedType", "R66 607", "3.0", "2026-10-01", OUTSIDE, id="category of the GRADeS"),
        pytest.param("organization/codedType", "R02 SA07", "3.0", "2026-10-01", MEMBER, id="sector in J55"),
        pytest.param("organization/codedType", "R02 SA01", "3.0", "2026-10-01", OUTSIDE, id="sector out of J55"),
        pytest.param("organization/codedType", "R72 95", "3.0", "2026-10-01", UNVERIFIABLE, id="J199 is not held"),
        pytest.param("organization/codedType", "R211 037", "3.0", "2026-10-01", OUTSIDE, id="no tie to that table"),
        pytest.param(
            "takingCareSpeciality", "1.2.250.1.213.99.99.84.1 X", "3.0", "2026-10-01", UNVERIFIABLE, id="region"
        ),
        pytest.param("division/codedType", "R88 84", "3.0", "2026-10-01", OUTSIDE, id="no such health territory"),
        pytest.param("expertLevel", "R253 01", "3.0", "2026-10-01", MEMBER, id="maternity in J227"),
        pytest.param("expertLevel", "R344 01", "3.0", "2026-10-01", OUTSIDE, id="the same code elsewhere"),
        pytest.param("expertLevel", "R344 40", "3.0", "2026-10-01", UNVERIFIABLE, id="younger than the J227 held"),
        pytest.param("homeMode", "R338 04", "3.0", "2026-10-01", MEMBER, id="reception modality"),
        pytest.param("homeMode", "R338 27", "3.0", "2026-10-01", UNVERIFIABLE, id="younger than the J226 held"),
        pytest.param("homeMode", "R338 04", "2.4", "2026-10-01", UNVERIFIABLE, id="no such element in 2.4"),
        pytest.param("facilityType", "R244 30", "2.4", "2026-10-01", MEMBER, id="J34 for 2.4"),
        pytest.param("facilityType", "R244 133", "2.4", "2026-10-01", OUTSIDE, id="133 left J34"),
        pytest.param("facilityType", "R244 30", "3.0", "2026-10-01", UNVERIFIABLE, id="J238 for 3.0, not held"),
        pytest.param("HealthcareService.category", "R244 30", "0.7.0", "2026-10-01", UNVERIFIABLE, id="J238 in FHIR"),
        pytest.param("HealthcareService.type", "R227 02", "0.7.0", "2026-10-01", MEMBER, id="field in FHIR"),
        pytest.param("meta.tag:codeRegion", "R30 84", "0.7.0", "2026-10-01", MEMBER, id="retired J237, still bound"),
        pytest.param("meta.tag:codeRegion", "R30 21", "0.7.0", "2026-10-01", OUTSIDE, id="old region"),
        pytest.param("cityNumber", "R13 01001", "3.0", "2026-10-01", UNVERIFIABLE, id="communes are not held"),
        pytest.param("*.address.streetType", "R35 ABE", "0.7.0", "2026-10-01", MEMBER, id="ended street type"),
        pytest.param("capacityGenderAvailability", "R332 03", "3.0", "2026-10-01", OUTSIDE, id="left J190 in 2025"),
        pytest.param("capacityGenderAvailability", "R332 03", "3.0", "2024-10-01", UNVERIFIABLE, id="before, unknown"),
        pytest.param("currency", "R230 EUR", "3.0", "2026-10-01", MEMBER, id="whole table"),
        pytest.param("currency", "R230 USD", "3.0", "2026-10-01", OUTSIDE, id="out of a whole table"),
        pytest.param("unit", "R247 a", "3.0", "2026-10-01", UNVERIFIABLE, id="whole table, not held"),
        pytest.param("regionalElement", "R211 037", "3.0", "2026-10-01", UNVERIFIABLE, id="no tie at all"),
        pytest.param("service/codedType", "R211 037", "3.0", "9999-12-31", MEMBER, id="no day given"),
    ],
)
def test_an_element_may_take_a_code(element: str, code: str, version: str, at: str, membership: Membership) -> None:
    assert in_binding(element, Code(*code.split()), version, date.fromisoformat(at)) is membership


def test_every_table_that_an_element_calls_for_has_an_oid() -> None:
    systems = {system for binding in bindings() for system in binding.systems}

    assert {system for system in systems if oid(system) == system} == set()


def test_the_versions_are_known() -> None:
    found = {version for binding in bindings() for version in binding.versions}

    assert found == {"2016", "1.5", "1.6", "2.4", "3.0", "0.7.0"}


def test_a_replaced_value_set_leaves_no_day_without_one() -> None:
    ties = [binding for binding in bindings_of("facilityType") if "3.0" in binding.versions]

    assert [(tie.value_set, tie.since, tie.until) for tie in ties] == [
        ("J34", date.min, date(2023, 10, 30)),
        ("J238", date(2023, 10, 30), date.max),
    ]


def test_a_value_set_holds_no_code_of_another_table_but_one_published_defect() -> None:
    tied = {(binding.value_set, system) for binding in bindings() for system in binding.systems}
    foreign = {
        (short, pair) for short, _ in tied for pair in value_set(short or "") or () if (short, pair[0]) not in tied
    }

    assert foreign == {("J35", ("R211", "068"))}
