"""The only concurrency of the federation: every planned member asked at once, each turned into an outcome.

One deadline bounds the exchange; each member has its own budget inside it, its own limit of calls at once, so that a
slow one cannot take the connections of the others, and its own circuit breaker. A failure that adapters declare becomes
an outcome; anything else is a fault of ours and ends the exchange.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import msgspec

from adapters.contract import Adapter, MemberAnswer
from adapters.deadline import Deadline
from adapters.errors import (
    MemberAnswerInvalid,
    MemberCannot,
    MemberFailure,
    MemberRefused,
    MemberTimedOut,
    MemberUnreachable,
)
from gateway.federation.breaker import Breaker, BreakerState
from gateway.federation.criteria import Centres, only
from gateway.federation.exchange import Exchange, Outcome, Reason, Source, Status
from gateway.federation.paging import Position
from gateway.federation.plan import Step
from gateway.federation.sight import Sight
from mappings.csd.search_2016_answer import NO_RESULT
from mappings.exposition.demandes import (
    Demande,
    ErreurContrat,
    ProfilAcces,
    Recherche,
    Reponse,
    ReponseNotification,
    ReponseOffres,
)
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Loss

_replace = msgspec.structs.replace


class Limits(msgspec.Struct, frozen=True):
    """Bounds of the calls to one member. `budget` in seconds: the contract gives a reading five (RG_ALIM_024).

    A timeout before `patience` says more of the caller's haste than of the member; half the budget unless given.
    """

    budget: float = 5.0
    patience: float | None = None
    concurrency: int = 8
    failures: int = 5
    cooldown: float = 15.0


class Window(msgspec.Struct, frozen=True):
    """Which part of its matches the replica is asked for: those after a position, so many at most.

    `sight` says who asks, which hides matches; `centres` where the communes of a radius are.
    """

    after: Position | None = None
    limit: int | None = None
    sight: Sight = Sight()
    centres: Centres = {}


class Held(msgspec.Struct, frozen=True):
    """What the replica holds of a member for a question: the answer, how old it is, how many matches there are.

    `entourage` are units it knows around the objects answered, reduced to what decides of confidentiality; `truncated`
    says that establishments are missing from the copy.
    """

    reponse: Reponse
    age: float
    contract: str | None = None
    nos: str | None = None
    losses: tuple[Loss, ...] = ()
    count: int | None = None
    entourage: Repertoire = Repertoire()
    truncated: bool = False


class Absence(msgspec.Struct, frozen=True):
    """Why there is no whole copy of a member: how its last run failed, or that its first one has not ended."""

    status: Status
    cause: str


class Copy(Protocol):
    """The replica as the fan-out sees it."""

    async def held(self, member: str, demande: Demande, window: Window) -> Held | None:
        """What the copy of a member answers; None when there is no whole copy of it."""
        ...

    async def absence(self, member: str) -> Absence:
        """Why there is no whole copy of a member."""
        ...


class FanOut:
    """Asks members. Keeps, between exchanges, the breaker and the call limit of each."""

    def __init__(self, copy: Copy, limits: Limits) -> None:
        self.copy = copy
        self.limits = limits
        self._breakers: dict[str, Breaker] = {}
        self._bulkheads: dict[str, asyncio.Semaphore] = {}

    def breaker_states(self) -> dict[str, BreakerState]:
        """The state of each member's breaker, for operators."""
        now = time.monotonic()
        return {member: breaker.state(now) for member, breaker in sorted(self._breakers.items())}

    async def ask(
        self,
        exchange: Exchange,
        steps: Sequence[Step],
        adapters: Mapping[str, Adapter],
        *,
        profil: ProfilAcces,
        window: Window,
        deadline: Deadline,
    ) -> tuple[Outcome, ...]:
        """The outcome of every step, in their order, at the latest at the deadline.

        `profil` is the access profile asserted toward members.
        """
        call = _Call(self, exchange, adapters, profil, window, deadline)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call.outcome(step)) for step in steps]
        return tuple(task.result() for task in tasks)

    def breaker(self, member: str) -> Breaker:
        """The breaker of a member."""
        if member not in self._breakers:
            self._breakers[member] = Breaker(threshold=self.limits.failures, cooldown=self.limits.cooldown)
        return self._breakers[member]

    def bulkhead(self, member: str) -> asyncio.Semaphore:
        """The limit of calls at once of a member."""
        if member not in self._bulkheads:
            self._bulkheads[member] = asyncio.Semaphore(self.limits.concurrency)
        return self._bulkheads[member]


@dataclass(frozen=True, slots=True)
class _Call:
    """One exchange on its way to the members."""

    fanout: FanOut
    exchange: Exchange
    adapters: Mapping[str, Adapter]
    profil: ProfilAcces
    window: Window
    deadline: Deadline

    async def outcome(self, step: Step) -> Outcome:
        """What one member contributed, with the time it took."""
        if step.source is None:
            return _untouched(step)
        started = time.monotonic()
        if step.source is Source.REPLICA:
            outcome = await self._from_copy(step)
        else:
            outcome = await self._from_member(step, step.source)
        return _replace(outcome, elapsed=(time.monotonic() - started) * 1000)

    # the member itself

    async def _from_member(self, step: Step, source: Source) -> Outcome:
        adapter = self.adapters[step.member]
        try:
            answer = await self._guarded(step, adapter)
        except MemberFailure as failure:
            return await self._failed(step, source, failure)
        if answer.truncated and source is Source.LIVE and self.exchange.requirements.source is None:
            # the solution's cap hides what its copy holds whole
            whole = await self._whole_copy(step)
            if whole is not None:
                return _replace(whole, cause="live_truncated")
        outcome = read(step.member, answer.reponse, self.exchange.demande)
        return _replace(
            outcome,
            source=source,
            contract=adapter.target.contract,
            nos=adapter.target.nomenclatures,
            losses=answer.losses,
            status=Status.TRUNCATED if answer.truncated else outcome.status,
        )

    async def _guarded(self, step: Step, adapter: Adapter) -> MemberAnswer:
        """The answer within breaker, bulkhead and budget."""
        breaker = self.fanout.breaker(step.member)
        if not breaker.admit(time.monotonic()):
            raise MemberUnreachable("breaker_open")
        with _watching(breaker):
            bulkhead = self.fanout.bulkhead(step.member)
            try:
                async with asyncio.timeout(self.deadline.remaining()):
                    await bulkhead.acquire()
            except TimeoutError:
                raise _CutShort("too_many_calls") from None
            try:
                return await self._within_budget(step, adapter)
            finally:
                bulkhead.release()

    @property
    def _least_patience(self) -> float:
        limits = self.fanout.limits
        return limits.budget / 2 if limits.patience is None else limits.patience

    async def _within_budget(self, step: Step, adapter: Adapter) -> MemberAnswer:
        deadline = self.deadline.sooner(self.fanout.limits.budget)
        patience = deadline.remaining()
        try:
            async with asyncio.timeout(patience):
                return await adapter.ask(self._sent(step), profil=self.profil, deadline=deadline)
        except TimeoutError:
            failure = MemberTimedOut("deadline")
        except MemberTimedOut as timed_out:
            failure = timed_out
        raise failure if patience >= self._least_patience else _CutShort(failure.cause)

    def _sent(self, step: Step) -> Demande:
        demande = self.exchange.demande
        return only(demande, step.pushed) if isinstance(demande, Recherche) else demande

    # the replica

    async def _from_copy(self, step: Step) -> Outcome:
        held = await self.fanout.copy.held(step.member, self.exchange.demande, self.window)
        if held is None:
            return _absent(step.member, await self.fanout.copy.absence(step.member))
        return _copied(step.member, held, self.exchange.demande)

    async def _failed(self, step: Step, source: Source, failure: MemberFailure) -> Outcome:
        """The copy in place of the failed answer when the caller accepts its age, else the failure told.

        A member that cannot be asked so (too many establishments to read at once) did not fail: its copy answers, as
        the plan would have chosen had it known.
        """
        demands = self.exchange.requirements
        maximum = demands.maximum_age
        unsuited = isinstance(failure, MemberCannot) and source is Source.LIVE and demands.source is None
        if unsuited or (step.fallback and maximum is not None):
            held = await self._young_copy(step)
            if held is not None:
                return _replace(_copied(step.member, held, self.exchange.demande), cause=failure.cause)
        return failed(step.member, source, failure)

    async def _whole_copy(self, step: Step) -> Outcome | None:
        held = await self._young_copy(step)
        return None if held is None or held.truncated else _copied(step.member, held, self.exchange.demande)

    async def _young_copy(self, step: Step) -> Held | None:
        """The copy, unless it is older than the caller accepts or cannot judge what is asked."""
        if step.alone:
            return None
        maximum = self.exchange.requirements.maximum_age
        held = await self.fanout.copy.held(step.member, self.exchange.demande, self.window)
        return held if held is not None and (maximum is None or held.age <= maximum) else None


class _CutShort(MemberTimedOut):
    """The time ran out, but the member is not to blame."""


@contextmanager
def _watching(breaker: Breaker) -> Iterator[None]:
    """Tells the breaker what a call says of the network; nothing when it was cut short or the caller left."""
    verdict: Callable[[], None] = breaker.abandoned
    try:
        yield
        verdict = breaker.succeeded
    except _CutShort:
        raise
    except (MemberTimedOut, MemberUnreachable):
        verdict = partial(breaker.failed, time.monotonic())
        raise
    except MemberFailure:
        verdict = breaker.succeeded
        raise
    finally:
        verdict()


def _untouched(step: Step) -> Outcome:
    if step.barren:
        return Outcome(member=step.member, status=Status.EMPTY)
    return Outcome(member=step.member, status=Status.NOT_ASKED, reason=step.reason)


def read(member: str, reponse: Reponse, demande: Demande) -> Outcome:
    """An answer as an outcome: a functional refusal is a refusal, nothing found is empty.

    The search of 2016 has no empty answer: its "no result" is an error (contract section 16: 1 to 199 units).
    """
    match reponse:
        case ErreurContrat(code=NO_RESULT.code) if isinstance(demande, Recherche):
            return Outcome(member=member, status=Status.EMPTY)
        case ErreurContrat():
            return Outcome(member=member, status=Status.REFUSED, cause="contract_error", refusal=reponse)
        case ReponseNotification(etablissements=etablissements):
            status = Status.ANSWERED if etablissements else Status.EMPTY
            return Outcome(member=member, status=status, etablissements=etablissements)
        case ReponseOffres(repertoire=repertoire):
            status = Status.ANSWERED if len(repertoire) else Status.EMPTY
            return Outcome(member=member, status=status, repertoire=repertoire)


def _copied(member: str, held: Held, demande: Demande) -> Outcome:
    outcome = read(member, held.reponse, demande)
    return _replace(
        outcome,
        status=Status.TRUNCATED if held.truncated else outcome.status,
        source=Source.REPLICA,
        age=held.age,
        contract=held.contract,
        nos=held.nos,
        losses=held.losses,
        count=held.count,
        entourage=held.entourage,
    )


def _absent(member: str, absence: Absence) -> Outcome:
    """Without a copy the member is told as what keeps it from being copied."""
    reason = Reason.CRITERIA if absence.status is Status.NOT_ASKED else None
    return Outcome(member=member, status=absence.status, reason=reason, source=Source.REPLICA, cause=absence.cause)


_STATUSES: dict[type[MemberFailure], Status] = {
    MemberRefused: Status.REFUSED,
    MemberTimedOut: Status.TIMED_OUT,
    _CutShort: Status.TIMED_OUT,
    MemberUnreachable: Status.UNREACHABLE,
    MemberAnswerInvalid: Status.INVALID_ANSWER,
    MemberCannot: Status.NOT_ASKED,
}


def status_of(failure: MemberFailure) -> Status:
    """What the failure of a member is told as."""
    return _STATUSES[type(failure)]


def failed(member: str, source: Source, failure: MemberFailure) -> Outcome:
    """A failure as an outcome, with the member's own words when it spoke."""
    words = None
    if isinstance(failure, MemberRefused) and (failure.code is not None or failure.message):
        words = ErreurContrat(failure.code, failure.message)
    return Outcome(
        member=member,
        status=status_of(failure),
        reason=Reason.CRITERIA if isinstance(failure, MemberCannot) else None,
        source=source,
        cause=failure.cause,
        refusal=words,
    )
