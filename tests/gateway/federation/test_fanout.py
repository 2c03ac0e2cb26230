"""Each member gets its time and its outcome; none delays or breaks the others."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adapters.deadline import Deadline
from adapters.errors import (
    MemberAnswerInvalid,
    MemberCannot,
    MemberRefused,
    MemberTimedOut,
    MemberUnreachable,
)
from gateway.federation.breaker import BreakerState
from gateway.federation.exchange import FIRST_FILL, Outcome, Reason, Source, Status
from gateway.federation.fanout import Absence, FanOut, Held, Limits, Window
from gateway.federation.plan import Step
from mappings.exposition.demandes import (
    Demande,
    DemandeNotification,
    ErreurContrat,
    EtablissementModifie,
    LectureEtablissement,
    ProfilAcces,
    Recherche,
    ReponseNotification,
    ReponseOffres,
)
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code

NOTIFICATION = DemandeNotification(datetime(2026, 1, 1, tzinfo=UTC))
CHANGED = ReponseNotification((EtablissementModifie("1690000011"),))


class Copies(msgspec.Struct, frozen=True):
    """A replica with an answer for each member it copied."""

    answers: dict[str, Held] = {}
    without: Absence = Absence(Status.NOT_ASKED, FIRST_FILL)

    async def held(self, member: str, demande: Demande, window: Window) -> Held | None:
        return self.answers.get(member)

    async def absence(self, member: str) -> Absence:
        return self.without


async def asked(
    kit: Any,
    *members: Any,
    demande: Demande = NOTIFICATION,
    copies: Copies | None = None,
    limits: Limits | None = None,
    fanout: FanOut | None = None,
    seconds: float = 2.0,
    steps: tuple[Step, ...] = (),
    **demands: Any,
) -> tuple[Outcome, ...]:
    fan = fanout or FanOut(copies or Copies(), limits or Limits())
    return await fan.ask(
        kit.exchange(demande, **demands),
        steps or tuple(Step(member=member.code, source=Source.LIVE) for member in members),
        {member.code: member for member in members},
        profil=ProfilAcces.P1,
        window=Window(),
        deadline=Deadline.after(seconds),
    )


def told(outcomes: tuple[Outcome, ...]) -> list[tuple[str, str, str | None]]:
    return [(outcome.member, outcome.status.value, outcome.cause) for outcome in outcomes]


async def test_a_silent_member_delays_nobody_beyond_the_deadline(kit: Any) -> None:
    started = time.monotonic()

    outcomes = await asked(kit, kit.Member("11", CHANGED), kit.Member("53", CHANGED, after=30), seconds=0.1)

    assert time.monotonic() - started < 0.5
    assert told(outcomes) == [("11", "answered", None), ("53", "timed_out", "deadline")]
    assert outcomes[0].etablissements == CHANGED.etablissements
    assert outcomes[0].elapsed is not None
    assert outcomes[0].elapsed < 90
    assert outcomes[1].elapsed is not None
    assert 90 < outcomes[1].elapsed < 400


async def test_members_are_asked_at_once(kit: Any) -> None:
    started = time.monotonic()

    outcomes = await asked(kit, *(kit.Member(f"{code:02d}", CHANGED, after=0.1) for code in range(17)))

    assert time.monotonic() - started < 0.5
    assert {outcome.status for outcome in outcomes} == {Status.ANSWERED}


async def test_a_member_has_its_own_budget_inside_the_deadline(kit: Any) -> None:
    """RG_ALIM_024."""
    outcomes = await asked(kit, kit.Member("11", CHANGED, after=5), limits=Limits(budget=0.05))

    assert told(outcomes) == [("11", "timed_out", "deadline")]


@pytest.mark.parametrize(
    ("answer", "status", "cause", "refusal"),
    [
        pytest.param(MemberRefused("http-403"), "refused", "http-403", None, id="refused without a word"),
        pytest.param(
            MemberRefused("fault", code=444, message="non"), "refused", "fault", ErreurContrat(444, "non"), id="refused"
        ),
        pytest.param(MemberTimedOut("read"), "timed_out", "read", None, id="timed out"),
        pytest.param(MemberUnreachable("refused"), "unreachable", "refused", None, id="unreachable"),
        pytest.param(MemberAnswerInvalid("html"), "invalid_answer", "html", None, id="invalid"),
        pytest.param(MemberCannot("criteria"), "not_asked", "criteria", None, id="cannot"),
        pytest.param(
            ErreurContrat(404, "inconnu"), "refused", "contract_error", ErreurContrat(404, "inconnu"), id="contract"
        ),
        pytest.param(ReponseNotification(), "empty", None, None, id="nothing changed"),
    ],
)
async def test_what_becomes_of_each_answer(
    kit: Any, answer: Any, status: str, cause: str | None, refusal: ErreurContrat | None
) -> None:
    (outcome,) = await asked(kit, kit.Member("11", answer))

    assert (outcome.status.value, outcome.cause, outcome.refusal) == (status, cause, refusal)
    assert (outcome.reason is Reason.CRITERIA) == (status == "not_asked")
    assert outcome.source is Source.LIVE


async def test_no_result_of_the_search_of_2016_is_empty_and_its_errors_are_not(kit: Any) -> None:
    none = kit.Member("11", ErreurContrat(404, "aucune unité"))
    error = kit.Member("84", ErreurContrat(444, "non prévu"))

    outcomes = await asked(kit, none, error, demande=kit.CARDIOLOGY)

    assert told(outcomes) == [("11", "empty", None), ("84", "refused", "contract_error")]


async def test_offers_found_and_an_answer_cut(kit: Any) -> None:
    found = ReponseOffres(kit.directory(kit.offer("11/A")))

    outcomes = await asked(
        kit,
        kit.Member("11", found),
        kit.Member("84", found, truncated=True),
        kit.Member("93", ReponseOffres(Repertoire())),
        demande=LectureEtablissement("1750000001"),
    )

    assert [outcome.status.value for outcome in outcomes] == ["answered", "truncated", "empty"]
    assert outcomes[0].contract == "2.4"


async def test_a_fault_of_ours_is_not_swallowed(kit: Any) -> None:
    with pytest.raises(ExceptionGroup) as group:
        await asked(kit, kit.Member("11", KeyError("bug")), kit.Member("84", CHANGED))

    assert isinstance(group.value.exceptions[0], KeyError)


async def test_only_the_criteria_pushed_are_sent(kit: Any) -> None:
    member = kit.Member("11", ReponseOffres(Repertoire()))
    recherche = Recherche(activites=(Code("R211", "037"),), nom_contient="x")

    await asked(
        kit,
        member,
        demande=recherche,
        steps=(Step(member="11", source=Source.LIVE, pushed=frozenset({"activites"})),),
    )

    assert member.asked == [(Recherche(activites=(Code("R211", "037"),)), ProfilAcces.P1)]


async def test_a_member_not_asked_is_told_why_and_costs_nothing(kit: Any) -> None:
    (outcome,) = await asked(kit, steps=(Step(member="11", reason=Reason.RIGHT),))

    assert outcome == Outcome(member="11", status=Status.NOT_ASKED, reason=Reason.RIGHT)


HELD = Held(CHANGED, age=30.0, contract="1.6", nos="2026-09", count=1)


@pytest.mark.parametrize(
    ("demands", "source", "status"),
    [
        pytest.param({}, Source.REPLICA, "answered", id="best effort"),
        pytest.param({"source": Source.LIVE}, Source.LIVE, "not_asked", id="live demanded"),
        pytest.param({"maximum_age": 10.0}, Source.LIVE, "not_asked", id="copy too old for the caller"),
    ],
)
async def test_the_copy_answers_for_a_member_that_cannot_be_asked_so(
    kit: Any, demands: dict[str, Any], source: Source, status: str
) -> None:
    (outcome,) = await asked(
        kit, kit.Member("11", MemberCannot("too-many-establishments")), copies=Copies({"11": HELD}), **demands
    )

    assert (outcome.source, outcome.status.value) == (source, status)
    assert outcome.cause == "too-many-establishments"


@pytest.mark.parametrize(
    ("held", "demands", "told"),
    [
        pytest.param(HELD, {}, ("answered", Source.REPLICA, "live_truncated"), id="whole copy"),
        pytest.param(None, {}, ("truncated", Source.LIVE, None), id="no copy"),
        pytest.param(
            msgspec.structs.replace(HELD, truncated=True), {}, ("truncated", Source.LIVE, None), id="partial copy"
        ),
        pytest.param(HELD, {"source": Source.LIVE}, ("truncated", Source.LIVE, None), id="live demanded"),
        pytest.param(HELD, {"maximum_age": 10.0}, ("truncated", Source.LIVE, None), id="copy too old"),
    ],
)
async def test_a_whole_copy_is_better_than_an_answer_cut_by_a_cap(
    kit: Any, held: Held | None, demands: dict[str, Any], told: tuple[str, Source, str | None]
) -> None:
    copies = Copies({"11": held} if held is not None else {})

    (outcome,) = await asked(kit, kit.Member("11", CHANGED, truncated=True), copies=copies, **demands)

    assert (outcome.status.value, outcome.source, outcome.cause) == told


@pytest.mark.parametrize(
    ("answer", "truncated", "told"),
    [
        pytest.param(CHANGED, True, ("truncated", None), id="cut by a cap"),
        pytest.param(MemberCannot("too-many-establishments"), False, ("not_asked", "too-many-establishments"), id="no"),
    ],
)
async def test_a_copy_that_cannot_judge_the_question_never_answers(
    kit: Any, answer: Any, truncated: bool, told: tuple[str, str | None]
) -> None:
    steps = (Step(member="11", source=Source.LIVE, alone=True),)

    (outcome,) = await asked(
        kit, kit.Member("11", answer, truncated=truncated), copies=Copies({"11": HELD}), steps=steps
    )

    assert (outcome.status.value, outcome.cause, outcome.source) == (*told, Source.LIVE)


@pytest.mark.parametrize(
    ("held", "status", "source", "cause"),
    [
        pytest.param(HELD, "answered", "replica", None, id="held"),
        pytest.param(msgspec.structs.replace(HELD, truncated=True), "truncated", "replica", None, id="partial"),
        pytest.param(None, "not_asked", "replica", FIRST_FILL, id="not yet copied"),
    ],
)
async def test_the_replica_answers(
    kit: Any, held: Held | None, status: str, source: str | None, cause: str | None
) -> None:
    copies = Copies({"11": held} if held is not None else {})

    (outcome,) = await asked(kit, copies=copies, steps=(Step(member="11", source=Source.REPLICA),))

    assert (outcome.status.value, outcome.source, outcome.cause) == (status, source, cause)
    if held is not None:
        assert (outcome.age, outcome.contract, outcome.nos, outcome.count) == (30.0, "1.6", "2026-09", 1)


@pytest.mark.parametrize(
    ("absence", "reason"),
    [
        pytest.param(Absence(Status.NOT_ASKED, FIRST_FILL), Reason.CRITERIA, id="first fill"),
        pytest.param(Absence(Status.UNREACHABLE, "refused"), None, id="unreachable"),
        pytest.param(Absence(Status.TIMED_OUT, "deadline"), None, id="timed out"),
        pytest.param(Absence(Status.INVALID_ANSWER, "html"), None, id="invalid"),
        pytest.param(Absence(Status.REFUSED, "http-403"), None, id="refused"),
    ],
)
async def test_a_member_never_copied_is_told_as_what_it_is(kit: Any, absence: Absence, reason: Reason | None) -> None:
    steps = (Step(member="11", source=Source.REPLICA),)

    (outcome,) = await asked(kit, copies=Copies(without=absence), steps=steps)

    assert (outcome.status, outcome.cause, outcome.reason) == (absence.status, absence.cause, reason)


@pytest.mark.parametrize(
    ("maximum_age", "fallback", "expected"),
    [
        pytest.param(60.0, True, ("answered", "replica", "reset"), id="young enough"),
        pytest.param(10.0, True, ("unreachable", "live", "reset"), id="too old"),
        pytest.param(60.0, False, ("unreachable", "live", "reset"), id="not planned"),
        pytest.param(None, True, ("unreachable", "live", "reset"), id="no age accepted"),
    ],
)
async def test_the_copy_stands_in_for_a_failure_when_the_caller_accepts_its_age(
    kit: Any, maximum_age: float | None, fallback: bool, expected: tuple[str, str, str]
) -> None:
    (outcome,) = await asked(
        kit,
        kit.Member("11", MemberUnreachable("reset")),
        copies=Copies({"11": HELD}),
        steps=(Step(member="11", source=Source.LIVE, fallback=fallback),),
        maximum_age=maximum_age,
    )

    assert (outcome.status.value, outcome.source, outcome.cause) == expected


async def test_the_failure_is_told_when_there_is_no_copy(kit: Any) -> None:
    (outcome,) = await asked(
        kit,
        kit.Member("11", MemberUnreachable("reset")),
        steps=(Step(member="11", source=Source.LIVE, fallback=True),),
        maximum_age=60.0,
    )

    assert outcome.status is Status.UNREACHABLE


async def test_a_member_takes_only_so_many_calls_at_once(kit: Any) -> None:
    fanout = FanOut(Copies(), Limits(concurrency=2))
    member = kit.Member("11", CHANGED, after=0.15)

    exchanges = await asyncio.gather(*(asked(kit, member, fanout=fanout, seconds=0.25) for _ in range(3)))

    assert sorted(told(outcomes)[0][1:] for outcomes in exchanges) == [
        ("answered", None),
        ("answered", None),
        ("timed_out", "deadline"),
    ]


async def test_waiting_for_a_place_ends_at_the_deadline_and_blames_nobody(kit: Any) -> None:
    fanout = FanOut(Copies(), Limits(concurrency=1, failures=1))
    member = kit.Member("11", CHANGED, after=0.3)

    first, second = await asyncio.gather(
        asked(kit, member, fanout=fanout), asked(kit, member, fanout=fanout, seconds=0.05)
    )

    assert told(first) == [("11", "answered", None)]
    assert told(second) == [("11", "timed_out", "too_many_calls")]
    assert fanout.breaker_states() == {"11": BreakerState.CLOSED}


async def test_a_breaker_opens_on_the_network_and_closes_on_one_probe(kit: Any) -> None:
    fanout = FanOut(Copies(), Limits(failures=2, cooldown=0.1))
    dead, well = kit.Member("11", MemberUnreachable("reset")), kit.Member("11", CHANGED, after=0.05)

    for _ in range(2):
        await asked(kit, dead, fanout=fanout)
    assert fanout.breaker_states() == {"11": BreakerState.OPEN}
    assert told(await asked(kit, well, fanout=fanout)) == [("11", "unreachable", "breaker_open")]
    assert well.asked == []

    await asyncio.sleep(0.12)
    assert fanout.breaker_states() == {"11": BreakerState.HALF_OPEN}
    probes = await asyncio.gather(*(asked(kit, well, fanout=fanout) for _ in range(5)))

    assert len(well.asked) == 1
    assert sorted(told(outcomes)[0][1] for outcomes in probes) == ["answered", *["unreachable"] * 4]
    assert fanout.breaker_states() == {"11": BreakerState.CLOSED}


@pytest.mark.parametrize(
    ("answer", "after", "seconds", "state"),
    [
        pytest.param(MemberRefused("no"), 0, 1, "closed", id="a refusal"),
        pytest.param(MemberAnswerInvalid("html"), 0, 1, "closed", id="an invalid answer"),
        pytest.param(MemberTimedOut("read"), 0, 1, "open", id="a timeout it declares"),
        pytest.param(CHANGED, 5, 1, "open", id="a timeout"),
        pytest.param(CHANGED, 5, 0.02, "closed", id="a hasty caller"),
    ],
)
async def test_what_counts_against_a_member(kit: Any, answer: Any, after: float, seconds: float, state: str) -> None:
    fanout = FanOut(Copies(), Limits(budget=0.1, failures=1))

    await asked(kit, kit.Member("11", answer, after=after), fanout=fanout, seconds=seconds)

    assert fanout.breaker_states() == {"11": BreakerState(state)}


async def test_a_caller_that_leaves_frees_the_place_and_the_probe(kit: Any) -> None:
    fanout = FanOut(Copies(), Limits(concurrency=1, failures=1, cooldown=0.0))
    await asked(kit, kit.Member("11", MemberUnreachable("reset")), fanout=fanout)
    slow = kit.Member("11", CHANGED, after=30)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await asked(kit, slow, fanout=fanout)

    assert told(await asked(kit, kit.Member("11", CHANGED), fanout=fanout)) == [("11", "answered", None)]
