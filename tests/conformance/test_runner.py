"""The suite passes healthy references, catches planted faults, and never blames a target for what it did not do."""

import msgspec
import pytest

from conformance.checks.catalogue import CHECKS
from conformance.checks.check import Check, Finding
from conformance.dialogue import Dialogue
from conformance.reference.faults import FaultKind
from conformance.reference.pki import Family, issue, leaf_subject, make_hierarchy, write_leaf
from conformance.runner import judge
from conformance.text import Text
from conformance.verdict import Verdict

COUNT = [one for one in CHECKS if one.identifier == "unit-count"]
FIRST = [one for one in CHECKS if one.identifier == "notification-count"]


def verdicts(run) -> dict[str, str]:
    return {result.check.identifier: str(result.finding.verdict) for result in run.results}


@pytest.mark.parametrize("contract", ["1.5", "1.6", "2.4", "3.0"])
@pytest.mark.parametrize("solution", ["ir", "iess", "autre"])
async def test_a_healthy_reference_passes_everything(reference, solution: str, contract: str) -> None:
    run = await judge(await reference(solution, contract), CHECKS)

    assert set(verdicts(run).values()) == {"pass"}
    assert run.verdict is Verdict.PASS


@pytest.mark.parametrize("solution", ["ir", "iess", "autre"])
async def test_a_lying_count_is_caught_and_only_that(reference, solution: str) -> None:
    run = await judge(await reference(solution, "3.0", FaultKind.LYING_COUNT), CHECKS)

    assert {name for name, verdict in verdicts(run).items() if verdict != "pass"} == {"unit-count"}
    assert verdicts(run)["unit-count"] == "fail"
    assert run.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (FaultKind.HTML, "text/html"),
        (FaultKind.TRUNCATED, "cut before its end"),
        (FaultKind.RESET, "cut before its end"),
        (FaultKind.SLOW, "RG_ALIM_024"),
        (FaultKind.TRICKLE, "RG_ALIM_024"),
    ],
)
async def test_a_target_that_answers_badly_fails(reference, fault: FaultKind, reason: str) -> None:
    run = await judge(await reference("ir", "3.0", fault), FIRST, limit=0.5)

    assert run.verdict is Verdict.FAIL
    assert reason in run.results[0].finding.message.en


@pytest.mark.parametrize("fault", [FaultKind.DEAD, FaultKind.BLACKHOLE, FaultKind.WRONG_CERT, FaultKind.EXPIRED_CERT])
async def test_a_target_that_is_not_reached_is_not_judged(reference, fault: FaultKind) -> None:
    run = await judge(await reference("ir", "3.0", fault), FIRST, limit=0.5)

    assert run.verdict is Verdict.ERROR
    assert "not reached" in run.results[0].finding.message.en


async def test_a_mistake_of_a_check_is_an_error_of_the_suite(scripted, notified) -> None:
    async def mistaken(dialogue: Dialogue) -> Finding:
        raise KeyError("entityID")

    nothing = Text("", "")
    check = Check("mistaken", ("RG_ALIM_018",), nothing, nothing, mistaken)
    run = await judge(await scripted(), [check])

    assert run.verdict is Verdict.ERROR
    assert run.results[0].finding.message.en == "error of the suite: KeyError: 'entityID'"


async def test_our_own_refused_certificate_is_not_the_target_s_failure(scripted, folder) -> None:
    stranger = make_hierarchy(ca_key_size=2048).organisations
    subject = leaf_subject(department="Paris (75)", organisation="x", structure="11B0000084", name="stranger")
    write_leaf(folder, "stranger", issue(stranger, Family.AUTH_CLI, subject))
    cert, key = (str(folder / f"stranger.{end}") for end in ("pem", "key"))
    target = msgspec.structs.replace(await scripted(), cert=cert, key=key)

    assert (await judge(target, FIRST)).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ({"notification": "<!DOCTYPE x [<!ENTITY e 'x'>]><x/>"}, "XML refused"),
        ({"notification": "<x><y></x>"}, "XML refused"),
        ({"notification": ""}, "no SOAP 1.2 envelope of one element"),
        ({"notification": "<csd:a/><csd:b/>"}, "no SOAP 1.2 envelope of one element"),
        ({"notification": "<csd:careServicesResponse/>"}, "unexpected answer: careServicesResponse"),
        ({"notification": "<soap:Fault/>", "status": 500}, "unexpected answer: Fault (HTTP 500)"),
        ({"notification": "<csd:a/>", "status": 404}, "HTTP 404"),
        ({"notification": "<csd:a/>", "kind": "text/xml"}, "text/xml"),
    ],
    ids=["doctype", "not-well-formed", "empty-body", "two-elements", "other-answer", "fault", "http-404", "soap-1.1"],
)
async def test_what_is_no_answer_of_the_contract_fails(scripted, script: dict, reason: str) -> None:
    run = await judge(await scripted(**script), FIRST)

    assert run.verdict is Verdict.FAIL
    assert reason in run.results[0].finding.message.en
