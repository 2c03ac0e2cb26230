"""Keeping the copies: the archive of the member where it offers one, else a first notification from the beginning of
time, then what changed since, one reading each.

A run begins at an instant, asks which establishments changed since the last run, and reads each of them. That instant
becomes the next reference: whatever changes meanwhile is told again. Establishments that could not be read wait for the
next run, and the copy says it is partial. A run cut by a crash resumes: what was read since its beginning is not read
twice. Now and then a sweep asks for everything, which is the only way to learn what disappeared.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from adapters.contract import Adapter, MemberAnswer
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberFailure, MemberRefused, MemberTimedOut, MemberUnreachable
from gateway.federation.fanout import status_of
from gateway.replica.filling import Filled, fill
from gateway.replica.store import Progress, Replica
from mappings.exposition.demandes import (
    DemandeNotification,
    ErreurContrat,
    LectureEtablissement,
    ProfilAcces,
    Reponse,
    ReponseNotification,
    ReponseOffres,
    Transaction,
)
from mappings.loss import Loss, LossKind, Severity

_replace = msgspec.structs.replace
_log = structlog.get_logger()

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
PROFILE = ProfilAcces.P1
UNKNOWN_ESTABLISHMENT = 404
RELEASE = version("inter-ror-gateway")


class Rhythm(msgspec.Struct, frozen=True):
    """How a copy is kept, in seconds: the pause between runs, between sweeps, how far clocks may differ.

    `readings` is how many establishments of a member are read at once, `patience` how many silences in a row end a run.
    """

    period: float = 60.0
    sweep: float = 86400.0
    overlap: float = 300.0
    answer: float = 30.0
    readings: int = 4
    patience: int = 3


async def keep(adapters: Mapping[str, Adapter], replica: Replica, *, rhythm: Rhythm | None = None) -> None:
    """Keep the copies of those members, in parallel, until cancelled."""
    beat = rhythm or Rhythm()
    async with asyncio.TaskGroup() as group:
        for member, adapter in sorted(adapters.items()):
            group.create_task(_keep_one(member, adapter, replica, beat))


async def _keep_one(member: str, adapter: Adapter, replica: Replica, rhythm: Rhythm) -> None:
    while True:
        await synchronise(member, adapter, replica, rhythm=rhythm)
        await asyncio.sleep(rhythm.period)


async def synchronise_all(
    adapters: Mapping[str, Adapter], replica: Replica, *, rhythm: Rhythm | None = None
) -> dict[str, Progress]:
    """One run of every member, in parallel; a failing one never stops the others."""
    async with asyncio.TaskGroup() as group:
        runs = {
            member: group.create_task(synchronise(member, adapter, replica, rhythm=rhythm))
            for member, adapter in sorted(adapters.items())
        }
    return {member: run.result() for member, run in runs.items()}


async def synchronise(member: str, adapter: Adapter, replica: Replica, *, rhythm: Rhythm | None = None) -> Progress:
    """One run of one member; the progress says how it ended, and why when it did not end well.

    A database that cannot be written (a full disk) ends the run and not the gateway, which serves without it meanwhile;
    the progress that says so is told, and not kept.
    """
    ended = Progress(member=member, state="failing", cause="database")
    try:
        ended = await _synchronise(member, adapter, replica, rhythm or Rhythm())
    except* SQLAlchemyError as failures:
        failure = type(failures.exceptions[0]).__name__
        _log.error("replica_database_failed", member=member, failure=failure)
    return ended


async def _synchronise(member: str, adapter: Adapter, replica: Replica, beat: Rhythm) -> Progress:
    before = (await replica.progress()).get(member) or Progress(member=member, state="filling")
    now = time.time()
    begun = _replace(
        before,
        last_attempt=now,
        pending_since=before.pending_since or now,
        contract=adapter.target.contract,
    )
    await replica.record(begun)
    # What is held was judged by another publication: everything is read again.
    outdated = before.nos != adapter.target.nomenclatures
    sweeping = outdated or before.date_ref is None or now - (before.last_sweep or 0.0) >= beat.sweep
    if before.date_ref is None and Transaction.EXTRACTION in adapter.capabilities.transactions:
        filled = await _filled(member, adapter, replica)
        if filled is not None:
            sweeping = False
            begun = _replace(begun, date_ref=filled.stamp, last_sweep=now, nos=adapter.target.nomenclatures)
            await replica.record(begun)
    try:
        result = await _Run(member, adapter, replica, beat).end(begun, sweeping=sweeping)
    except MemberFailure as failure:
        result = Result(failure=failure)
    ended = _ended(begun, result, now if sweeping else begun.last_sweep, adapter.target.nomenclatures)
    await replica.record(ended)
    _log.info(
        "replica_run_ended",
        member=member,
        state=ended.state,
        cause=ended.cause,
        read=result.read,
        dropped=result.dropped,
        waiting=len(ended.waiting),
    )
    return ended


async def _filled(member: str, adapter: Adapter, replica: Replica) -> Filled | None:
    """What the archive of the member brought; None, and told, when it cannot be used: readings then do the same."""
    try:
        reader = f"{RELEASE} {adapter.target.contract}"
        filled = await fill(member, adapter, replica, profil=PROFILE, reader=reader)
    except MemberFailure as failure:
        _log.warning("replica_extraction_refused", member=member, cause=failure.cause, detail=failure.detail)
        return None
    except OSError as failure:  # no room on the disk for an archive
        _log.warning("replica_extraction_refused", member=member, cause="disk", detail=type(failure).__name__)
        return None
    _log.info("replica_filled_by_extraction", member=member, establishments=filled.establishments)
    return filled


class Result(msgspec.Struct, frozen=True):
    """How a run went: establishments read, dropped, not read; the first failure."""

    read: int = 0
    dropped: int = 0
    unread: tuple[str, ...] = ()
    failure: MemberFailure | None = None


def _ended(begun: Progress, result: Result, swept: float | None, nos: str | None) -> Progress:
    """A run that read nothing of what it had to leaves the reference where it was."""
    cause = result.failure.cause if result.failure is not None else None
    if result.failure is not None and not result.read:
        status = status_of(result.failure)
        return _replace(begun, state="failing", cause=cause, failure=status, pending_since=None)
    return _replace(
        begun,
        state="partial" if result.unread else "current",
        cause=cause,
        failure=None,
        date_ref=begun.pending_since,
        last_success=begun.pending_since,
        last_sweep=swept,
        nos=nos,
        pending_since=None,
        waiting=result.unread,
    )


class _Run:
    """One run of one member."""

    def __init__(self, member: str, adapter: Adapter, replica: Replica, rhythm: Rhythm) -> None:
        self._member = member
        self._adapter = adapter
        self._replica = replica
        self._rhythm = rhythm
        self._places = asyncio.Semaphore(rhythm.readings)
        self._silences = 0
        self._unread: list[str] = []
        self._failure: MemberFailure | None = None

    async def end(self, begun: Progress, *, sweeping: bool) -> Result:
        """Read what changed and drop what disappeared."""
        since = BEGINNING
        if not sweeping and begun.date_ref is not None:
            since = datetime.fromtimestamp(begun.date_ref - self._rhythm.overlap, UTC)
        listed = await self._changed_since(since)
        seen = await self._replica.seen(self._member)
        fresh = {eg for eg, at in seen.items() if at >= (begun.pending_since or 0.0)}
        to_read = [eg for eg in dict.fromkeys((*begun.waiting, *listed)) if eg not in fresh]
        async with asyncio.TaskGroup() as group:
            for eg in to_read:
                group.create_task(self._read_one(eg))
        gone = sorted(set(seen) - set(listed)) if sweeping else []
        await self._replica.forget_establishments(self._member, gone)
        unread = tuple(sorted(self._unread))
        return Result(len(to_read) - len(unread), len(gone), unread, self._failure)

    async def _changed_since(self, since: datetime) -> list[str]:
        reponse = (await self._ask(DemandeNotification(since))).reponse
        if not isinstance(reponse, ReponseNotification):
            raise refusal(reponse)
        return [changed.identifiant for changed in reponse.etablissements]

    async def _ask(self, demande: DemandeNotification | LectureEtablissement) -> MemberAnswer:
        return await self._adapter.ask(demande, profil=PROFILE, deadline=Deadline.after(self._rhythm.answer))

    async def _read_one(self, eg: str) -> None:
        """Read one establishment; a failure leaves it for the next run, and silence in a row spares the others."""
        async with self._places:
            seen_at = time.time()
            try:
                if self._silences >= self._rhythm.patience:
                    raise MemberUnreachable("gave_up")
                await self._keep(eg, await self._ask(LectureEtablissement(eg)), seen_at)
                self._silences = 0
            except MemberFailure as failure:
                self._silences += isinstance(failure, MemberUnreachable | MemberTimedOut)
                self._failure = self._failure or failure
                self._unread.append(eg)

    async def _keep(self, eg: str, answer: MemberAnswer, seen_at: float) -> None:
        match answer.reponse:
            case ReponseOffres(repertoire=repertoire):
                losses = answer.losses + ((_truncated(eg),) if answer.truncated else ())
                broken = await self._replica.store_establishment(
                    self._member,
                    eg,
                    repertoire,
                    losses=losses,
                    seen_at=seen_at,
                    reader=f"{RELEASE} {self._adapter.target.contract}",
                    whole=not answer.truncated,
                )
                if broken:
                    rules = Counter(loss.rule for loss in broken)
                    _log.info("rules_broken", member=self._member, establishment=eg, rules=dict(sorted(rules.items())))
            case ErreurContrat(code=code) if code == UNKNOWN_ESTABLISHMENT:
                await self._replica.forget_establishments(self._member, [eg])
            case other:
                raise refusal(other)


def _truncated(eg: str) -> Loss:
    """The reading counts fewer units than it announces (RG_ALIM_019)."""
    return Loss(eg, "", "replica.reading.truncated", LossKind.DROPPED, Severity.ERROR, "object")


def refusal(reponse: Reponse) -> MemberFailure:
    """The failure a run ends with when a member answers something else than what it was asked."""
    if isinstance(reponse, ErreurContrat):
        return MemberRefused("contract_error", code=reponse.code, message=reponse.message)
    return MemberAnswerInvalid("another_answer")
