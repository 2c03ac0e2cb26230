"""Detail or error, never both (RG_ALIM_023)."""

import pytest

from conformance.checks.refusal import CHECK
from conformance.runner import judge

ERROR = '<csd:error code="404" message="inconnu"/>'
EMPTY = "<csd:result><csd:queryResult/></csd:result>"
UNITS = (
    '<csd:result><csd:queryResult><csd:facilityDirectory><csd:facility entityID="A"/>'
    "</csd:facilityDirectory></csd:queryResult></csd:result>"
)


@pytest.mark.parametrize(
    ("inside", "verdict"),
    [(ERROR, "pass"), (EMPTY, "pass"), (ERROR + EMPTY, "fail"), ("", "fail"), (ERROR + ERROR, "fail"), (UNITS, "fail")],
    ids=["error", "empty-result", "both", "neither", "two-errors", "units"],
)
@pytest.mark.parametrize("status", [200, 500])
async def test_one_of_the_two_alone(scripted, inside: str, verdict: str, status: int) -> None:
    reading = f"<csd:careServicesResponse>{inside}</csd:careServicesResponse>"
    target = await scripted(reading=reading, status=status)

    assert (await judge(target, [CHECK])).verdict == verdict


async def test_a_refusal_by_fault_conforms_with_a_remark(scripted) -> None:
    target = await scripted(reading="<soap:Fault><soap:Code/></soap:Fault>", status=500)
    found = (await judge(target, [CHECK])).results[0].finding

    assert found.verdict == "pass"
    assert len(found.remarks) == 1


async def test_another_answer_fails(scripted, notified) -> None:
    target = await scripted(reading=notified())

    assert (await judge(target, [CHECK])).verdict == "fail"
