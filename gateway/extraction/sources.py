"""Where the offer of a member is taken from: its copy, or the national ROR once the member has been cut over."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self

import msgspec
from sqlalchemy import Connection

from adapters.contract import Adapter, MemberAnswer
from adapters.deadline import Deadline
from adapters.errors import MemberFailure
from gateway.federation.exchange import Source, Status
from gateway.federation.fanout import status_of
from gateway.replica import extracting
from gateway.replica.reading import Found
from gateway.replica.synchronisation import BEGINNING, PROFILE, refusal
from mappings.exposition.demandes import DemandeNotification, LectureEtablissement, ReponseNotification, ReponseOffres

READING_SECONDS = 30.0


class NotHeld(Exception):
    """The offer of a member cannot be taken whole; `status` is how coverage tells it, `cause` a stable token."""

    def __init__(self, status: Status, cause: str) -> None:
        super().__init__(cause)
        self.status = status
        self.cause = cause


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of the offer of a member as it was taken."""

    source: Source
    read_at: float
    lacking: bool = False
    contract: str | None = None
    nos: str | None = None


class Offer(Protocol):
    """The whole offer of a member."""

    origin: Origin

    def establishments(self) -> Iterator[Found]:
        """Each establishment in turn; raises `NotHeld` when the rest cannot be taken."""


class CopiedOffer:
    """The offer of a member as its copy holds it."""

    def __init__(self, connection: Connection, member: str) -> None:
        copy = extracting.copy_of(connection, member)
        if copy is None:
            raise NotHeld(Status.NOT_ASKED, "first_fill")
        self.origin = Origin(
            source=Source.REPLICA,
            read_at=copy.read_at,
            lacking=copy.lacking,
            contract=copy.contract,
            nos=copy.nos,
        )
        self._connection = connection
        self._member = member

    def establishments(self) -> Iterator[Found]:
        """Each establishment of the copy."""
        return extracting.establishments(self._connection, self._member)


class NationalOffer:
    """The offer of a member that was cut over: the establishments the national ROR lists, read one by one."""

    def __init__(self, adapter: Adapter) -> None:
        self.origin = Origin(
            source=Source.NATIONAL,
            read_at=datetime.now(UTC).timestamp(),
            contract=adapter.target.contract,
            nos=adapter.target.nomenclatures,
        )
        self._adapter = adapter
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._adapter.close())
        self._runner.close()

    def establishments(self) -> Iterator[Found]:
        """Each establishment that the national ROR lists."""
        try:
            for eg in self._runner.run(self._listed()):
                yield self._runner.run(self._read(eg))
        except MemberFailure as failure:
            raise NotHeld(status_of(failure), failure.cause) from failure

    async def _listed(self) -> list[str]:
        reponse = (await self._ask(DemandeNotification(BEGINNING))).reponse
        if not isinstance(reponse, ReponseNotification):
            raise refusal(reponse)
        return sorted({changed.identifiant for changed in reponse.etablissements})

    async def _read(self, eg: str) -> Found:
        answer = await self._ask(LectureEtablissement(eg))
        if not isinstance(answer.reponse, ReponseOffres) or answer.truncated:
            raise refusal(answer.reponse)
        return Found(answer.reponse.repertoire, answer.losses)

    async def _ask(self, demande: DemandeNotification | LectureEtablissement) -> MemberAnswer:
        return await self._adapter.ask(demande, profil=PROFILE, deadline=Deadline.after(READING_SECONDS))
