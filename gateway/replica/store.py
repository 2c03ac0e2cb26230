"""The replica: an indexed copy of what each member offers, in one database of the gateway.

An establishment is replaced as a whole in one transaction, so that a reader, or a restart after a crash, finds the old
reading or the new one and never a mixture. What disappeared from a reading disappears here.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, union
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.federation.criteria import Centres
from gateway.federation.exchange import FIRST_FILL, Status
from gateway.federation.fanout import Absence, Held, Window
from gateway.federation.sight import Sight
from gateway.replica import findings, notifying, reading, searching
from gateway.replica.engines import engine, refuse_unusable
from gateway.replica.forgetting import drop, forget, take_over
from gateway.replica.index import rows
from gateway.replica.observing import IN_ONE_PLACE, Reading, compare, judge
from gateway.replica.payload import ORGANISATIONS, encode
from gateway.replica.reading import Found, chunks
from gateway.replica.tables import (
    establishment,
    member_sync,
    object_,
    offer,
    offer_code,
    offer_owner,
    offer_place,
    part,
)
from mappings.exposition.demandes import (
    Demande,
    DemandeNotification,
    LectureEtablissement,
    LectureOrganisationInterne,
    Recherche,
    ReponseNotification,
    ReponseOffres,
)
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Loss

MIGRATIONS = Path(__file__).parent / "migrations"

T = TypeVar("T")


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the copy of a member is; instants are seconds since 1970.

    `state` is `filling` until a first run ended, then `current`, `partial` when establishments are `waiting` to be
    read, or `failing` with its `cause` and the status that a `failure` of its kind is told as. `date_ref` is what the
    next notification asks, `pending_since` the start of a run that has not ended.
    """

    member: str
    state: str
    cause: str | None = None
    failure: Status | None = None
    date_ref: float | None = None
    pending_since: float | None = None
    last_attempt: float | None = None
    last_success: float | None = None
    last_sweep: float | None = None
    contract: str | None = None
    nos: str | None = None
    waiting: tuple[str, ...] = ()


class Contents(msgspec.Struct, frozen=True):
    """How much a copy holds."""

    establishments: int
    offers: int


class Replica:
    """The copy of every regional member. One writer at a time; readers never wait for it."""

    def __init__(self, reader: AsyncEngine, writer: AsyncEngine) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> "Replica":
        """The replica at a SQLAlchemy address (`sqlite:///file`), brought to the current schema."""
        await asyncio.to_thread(refuse_unusable, url)
        async with AsyncExitStack() as stack:
            writer = engine(url, begin="IMMEDIATE")
            stack.push_async_callback(writer.dispose)
            async with writer.begin() as connection:
                await connection.run_sync(migrate)
            stack.pop_all()
        return cls(engine(url, begin="DEFERRED"), writer)

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.dispose()
        await self._writer.dispose()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        async def transaction() -> T:
            async with self._reader.begin() as connection:
                return await connection.run_sync(work)

        return await _to_its_end(transaction())

    async def _write(self, work: Callable[[Connection], T]) -> T:
        async def transaction() -> T:
            async with self._turn, self._writer.begin() as connection:
                return await connection.run_sync(work)

        return await _to_its_end(transaction())

    # what synchronisation writes

    async def store_establishment(
        self,
        member: str,
        eg: str,
        repertoire: Repertoire,
        *,
        losses: Sequence[Loss] = (),
        seen_at: float,
        reader: str = "",
        whole: bool = True,
    ) -> tuple[Loss, ...]:
        """Replace what is held of an establishment by a reading of it; on return it is on disk.

        Incomplete objects are not kept (RG_EXP_002). What is returned are the breaches that the two readings show.
        """
        read = Reading(member, eg, seen_at, reader, whole)
        judged = judge(repertoire, read)
        made = rows(member, eg, judged.repertoire)
        document = encode((*losses, *judged.losses))

        def replace(connection: Connection) -> tuple[Loss, ...]:
            compared = compare(connection, judged, read)
            findings.record(connection, read, judged.findings, compared)
            drop(connection, member, [eg])
            connection.execute(
                insert(establishment).values(member=member, eg=eg, seen_at=seen_at, losses=document, reader=reader)
            )
            take_over(connection, member, [row["key"] for row in made.objects if row["kind"] in IN_ONE_PLACE])
            for table, some in (
                (object_, made.objects),
                (offer, made.offers),
                (offer_code, made.codes),
                (offer_place, made.places),
                (offer_owner, made.owners),
                (part, made.parts),
            ):
                if some:
                    connection.execute(insert(table), list(some))
            return compared.findings

        return await self._write(replace)

    async def forget_establishments(self, member: str, egs: Iterable[str]) -> None:
        """Drop establishments the member no longer has."""
        gone = list(egs)
        await self._write(lambda connection: forget(connection, member, gone))

    async def forget_member(self, member: str) -> None:
        """Drop the whole copy of a member that is no longer replicated."""

        def drop(connection: Connection) -> None:
            connection.execute(delete(establishment).where(establishment.c.member == member))
            findings.forget_member(connection, member)
            connection.execute(delete(member_sync).where(member_sync.c.member == member))

        await self._write(drop)

    async def record(self, progress: Progress) -> None:
        """Keep how far the copy of a member is."""
        values = {**msgspec.structs.asdict(progress), "waiting": "\n".join(progress.waiting)}
        statement = upsert(member_sync).values(values).on_conflict_do_update(["member"], set_=values)

        def keep(connection: Connection) -> None:
            connection.execute(statement)
            findings.forget_older(connection, progress.member, time.time())

        await self._write(keep)

    # what synchronisation and operators read

    async def progress(self) -> dict[str, Progress]:
        """How far each copy is."""
        found = await self._read(lambda connection: connection.execute(select(member_sync)).mappings().all())
        return {row["member"]: _progress(row) for row in found}

    async def seen(self, member: str) -> dict[str, float]:
        """The establishments held of a member and when each was read."""
        wanted = select(establishment.c.eg, establishment.c.seen_at).where(establishment.c.member == member)
        found = await self._read(lambda connection: connection.execute(wanted).all())
        return {row.eg: row.seen_at for row in found}

    async def contents(self) -> dict[str, Contents]:
        """How much each copy holds."""

        def count(connection: Connection) -> dict[str, Contents]:
            sites = select(establishment.c.member, func.count()).group_by(establishment.c.member)
            units = select(offer.c.member, func.count()).group_by(offer.c.member)
            offers = {row[0]: row[1] for row in connection.execute(units)}
            return {row[0]: Contents(row[1], offers.get(row[0], 0)) for row in connection.execute(sites)}

        return await self._read(count)

    # what the federation reads

    async def ages(self) -> dict[str, float]:
        """The age in seconds of each member's copy, for members wholly copied."""
        now = time.time()
        return {
            member: max(0.0, now - progress.last_success)
            for member, progress in (await self.progress()).items()
            if progress.last_success is not None
        }

    async def owners_of(self, keys: Sequence[str], sight: Sight) -> frozenset[str]:
        """The members that hold an object, a place or a situation of one of those keys.

        Only organisations are looked up for a caller from whom others may be hidden: who holds one would tell that it
        exists.
        """

        def look(connection: Connection) -> frozenset[str]:
            owners: set[str] = set()
            for some in chunks(keys):
                of_objects = select(object_.c.member).where(object_.c.key.in_(some))
                wanted = (
                    union(of_objects, select(part.c.member).where(part.c.key.in_(some)))
                    if sight.sees_every_object
                    else of_objects.where(object_.c.kind.in_(ORGANISATIONS))
                )
                owners.update(connection.scalars(wanted))
            return frozenset(owners)

        return await self._read(look) if keys else frozenset()

    async def keys_of(self, fhir_ids: Sequence[str]) -> dict[str, str]:
        """The keys behind the FHIR ids of stored objects, for ids that cannot be read back (hashes)."""

        def look(connection: Connection) -> dict[str, str]:
            wanted = (select(table.c.fhir_id, table.c.key).where(table.c.fhir_id.in_(fhir_ids)) for table in _KEYED)
            return {row[0]: row[1] for row in connection.execute(union(*wanted))}

        return await self._read(look)

    async def centres(self, communes: Sequence[str]) -> Centres:
        """Where communes are: the middle of the places held there. A commune without a located place is left out."""

        def look(connection: Connection) -> dict[str, tuple[Decimal, Decimal]]:
            located = (
                select(offer_place.c.commune, func.avg(offer_place.c.latitude), func.avg(offer_place.c.longitude))
                .where(offer_place.c.commune.in_(communes), offer_place.c.latitude.is_not(None))
                .group_by(offer_place.c.commune)
            )
            return {
                commune: (Decimal(str(latitude)), Decimal(str(longitude)))
                for commune, latitude, longitude in connection.execute(located)
            }

        return await self._read(look)

    async def held(self, member: str, demande: Demande, window: Window) -> Held | None:
        """What the copy of a member answers; None when there is no whole copy of it."""
        progress = (await self.progress()).get(member)
        if progress is None or progress.last_success is None:
            return None
        age = max(0.0, time.time() - progress.last_success)
        if isinstance(demande, DemandeNotification):
            changed = await self.notification(member, demande)
            return Held(changed, age, progress.contract, progress.nos, truncated=bool(progress.waiting))
        found, count = await self._read(lambda connection: _look_up(connection, member, demande, window))
        return Held(
            ReponseOffres(found.repertoire),
            age,
            progress.contract,
            progress.nos,
            losses=found.losses,
            count=count,
            entourage=found.entourage,
            truncated=_lacks(progress, demande, found.repertoire),
        )

    async def absence(self, member: str) -> Absence:
        """Why there is no whole copy of a member."""
        progress = (await self.progress()).get(member)
        if progress is None or progress.failure is None:
            return Absence(Status.NOT_ASKED, FIRST_FILL)
        return Absence(progress.failure, progress.cause or "")

    async def search(
        self, recherche: Recherche, *, members: Iterable[str], window: Window | None = None
    ) -> Mapping[str, Held]:
        """What the copies of those members answer to a search; members without a whole copy are left out."""
        answers = {member: await self.held(member, recherche, window or Window()) for member in members}
        return {member: held for member, held in answers.items() if held is not None}

    async def read_establishment(self, member: str, key: str) -> Repertoire:
        """The stored reading of an establishment; empty when the member does not have it."""
        found = await self._read(lambda connection: reading.read_establishment(connection, member, key))
        return found.repertoire

    async def read_unit(self, member: str, key: str) -> Repertoire:
        """One unit or internal organisation with its chain upwards; empty when the member does not have it."""
        return (await self._read(lambda connection: reading.read_unit(connection, member, key))).repertoire

    async def notification(self, member: str, demande: DemandeNotification) -> ReponseNotification:
        """Which establishments changed since an instant."""
        changed = await self._read(lambda connection: notifying.notification(connection, member, demande))
        return ReponseNotification(tuple(changed), len(changed))


async def _to_its_end(transaction: Coroutine[Any, Any, T]) -> T:
    """A transaction ends before a cancelled caller goes on: the thread of SQLite would outlive the connection, the loop
    even.
    """
    running = asyncio.ensure_future(transaction)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


_KEYED = (object_, part)


def migrate(connection: Connection) -> None:
    """Bring the schema to the current revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _progress(row: RowMapping) -> Progress:
    failure = None if row["failure"] is None else Status(row["failure"])
    return Progress(**{**row, "failure": failure, "waiting": tuple(row["waiting"].split())})


def _lacks(progress: Progress, demande: Demande, found: Repertoire) -> bool:
    """Whether an establishment that could not be read may be missing from what was found."""
    if isinstance(demande, LectureEtablissement):
        return demande.identifiant in progress.waiting
    return bool(progress.waiting) and not (isinstance(demande, LectureOrganisationInterne) and len(found))


def _look_up(
    connection: Connection,
    member: str,
    demande: LectureEtablissement | LectureOrganisationInterne | Recherche,
    window: Window,
) -> tuple[Found, int | None]:
    match demande:
        case LectureEtablissement(identifiant=key):
            return reading.read_establishment(connection, member, key), None
        case LectureOrganisationInterne(identifiant=key):
            return reading.read_unit(connection, member, key), None
        case Recherche():
            return searching.search(connection, member, demande, window)
