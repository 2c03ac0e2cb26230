"""Coverage is one set of facts, said in three encodings."""

from datetime import UTC, datetime

import pytest

from gateway.federation.coverage import NAMESPACE, header, outcome_issues, soap_block
from gateway.federation.exchange import (
    FIRST_FILL,
    Answer,
    Caller,
    Exchange,
    Outcome,
    Reason,
    Requirements,
    Source,
    Status,
)
from mappings.exposition.demandes import DemandeNotification, ProfilAcces
from mappings.loss import Loss, LossKind, Severity

DEMANDE = DemandeNotification(datetime(2026, 1, 1, tzinfo=UTC))
LOSS = Loss("84/UE-1", "nom", "rule", LossKind.DROPPED, Severity.ERROR)


def answer(*outcomes: Outcome, complete: bool = False) -> Answer:
    exchange = Exchange("x1", Caller("84", ProfilAcces.P1), "FR", DEMANDE, requirements=Requirements(complete=complete))
    return Answer(exchange=exchange, outcomes=outcomes)


ANSWERED = Outcome(
    member="84", status=Status.ANSWERED, source=Source.LIVE, elapsed=41.2, contract="2.4", count=12, losses=()
)
TIMED_OUT = Outcome(
    member="11", status=Status.TIMED_OUT, elapsed=4800, source=Source.LIVE, contract="3.0", cause="slow"
)
NOT_ASKED = Outcome(member="53", status=Status.NOT_ASKED, reason=Reason.TERRITORY)
RIGHT = Outcome(member="52", status=Status.NOT_ASKED, reason=Reason.RIGHT)
REPLICA = Outcome(
    member="01", status=Status.TRUNCATED, source=Source.REPLICA, age=61.9, elapsed=3, nos='a"b\\é', losses=(LOSS,)
)


def test_the_header_holds_every_member_in_code_order() -> None:
    assert header(answer(ANSWERED, TIMED_OUT, NOT_ASKED)) == (
        'm11;s=timed_out;ms=4800, m53;s=not_asked;r=territory, m84;s=answered;n=12;l=0;src=live;ms=41;v="2.4"'
    )


def test_strings_are_escaped_as_a_structured_field_wants_it() -> None:
    assert header(answer(REPLICA)) == 'm01;s=truncated;n=0;l=1;src=replica;age=61;ms=3;nos="a\\"b\\\\?"'


def test_the_soap_block_carries_the_same_facts_under_the_same_names() -> None:
    block = soap_block(answer(ANSWERED, TIMED_OUT, NOT_ASKED))

    assert block.tag == "{urn:inter-ror:coverage:1}Coverage"
    assert [(child.tag, dict(child.attrib)) for child in block] == [
        (f"{{{NAMESPACE}}}member", {"code": "11", "s": "timed_out", "ms": "4800"}),
        (f"{{{NAMESPACE}}}member", {"code": "53", "s": "not_asked", "r": "territory"}),
        (
            f"{{{NAMESPACE}}}member",
            {"code": "84", "s": "answered", "n": "12", "l": "0", "src": "live", "ms": "41", "v": "2.4"},
        ),
    ]


def test_each_member_that_did_not_answer_whole_has_one_issue() -> None:
    issues = outcome_issues(answer(ANSWERED, TIMED_OUT, NOT_ASKED, RIGHT, REPLICA), "en")

    assert [(issue["severity"], issue["code"], issue["diagnostics"]) for issue in issues] == [
        ("warning", "incomplete", "member=01"),
        ("warning", "timeout", "member=11 cause=slow"),
        ("warning", "incomplete", "member=52"),
        ("information", "informational", "member=53"),
    ]
    assert [issue["details"]["coding"][0] for issue in issues] == [
        {"system": "urn:inter-ror:coverage-status", "code": code}
        for code in ("truncated", "timed_out", "not_asked", "not_asked")
    ]
    assert issues[2]["details"]["coding"][1] == {"system": "urn:inter-ror:coverage-reason", "code": "right"}
    assert issues[2]["details"]["text"] == "ROR 52 was not asked: the caller has no right to it."


def test_a_copy_still_being_made_is_told_as_that() -> None:
    filling = Outcome(member="01", status=Status.NOT_ASKED, reason=Reason.CRITERIA, cause=FIRST_FILL)

    (issue,) = outcome_issues(answer(ANSWERED, filling), "en")

    assert header(answer(filling)) == "m01;s=not_asked;r=criteria"
    assert issue["diagnostics"] == "member=01 cause=first_fill"
    assert issue["details"]["text"] == (
        "ROR 01 was not asked: its copy, which alone could answer, is still being made."
    )


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(answer(ANSWERED, TIMED_OUT, complete=True), id="completeness demanded"),
        pytest.param(answer(TIMED_OUT), id="nobody answered"),
    ],
)
def test_a_missing_member_is_an_error_when_completeness_is_demanded_or_all_failed(given: Answer) -> None:
    assert [issue["severity"] for issue in outcome_issues(given)] == ["error"]
    assert outcome_issues(given)[0]["details"]["text"] == "Le ROR 11 n'a pas répondu dans le délai."
