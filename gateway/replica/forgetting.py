"""What leaves the copy of a member: establishments that are no more, readings that are replaced, units that moved."""

import time
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select

from gateway.replica import findings
from gateway.replica.observing import IN_ONE_PLACE, Reading, leave
from gateway.replica.payload import Kind, directory
from gateway.replica.reading import chunks
from gateway.replica.tables import establishment, object_, offer
from mappings.exposition.offre import OffreOperationnelle
from mappings.loss import Ledger


def forget(connection: Connection, member: str, egs: Sequence[str]) -> None:
    """Drop establishments that are no more; their units are gone."""
    ledger, now = Ledger(), time.time()
    for eg in egs:
        here = (establishment.c.member == member, establishment.c.eg == eg)
        seen_at = connection.scalar(select(establishment.c.seen_at).where(*here))
        leave(connection, Reading(member, eg, now), _units(connection, member, eg), seen_at or 0.0, ledger)
    findings.keep_departures(connection, member, now, ledger.entries)
    findings.forget(connection, member, egs)
    drop(connection, member, egs)


def _units(connection: Connection, member: str, eg: str) -> tuple[OffreOperationnelle, ...]:
    wanted = (object_.c.member == member, object_.c.eg == eg, object_.c.kind == Kind.OFFRE.value)
    payloads = connection.scalars(select(object_.c.payload).where(*wanted))
    return directory((Kind.OFFRE.value, payload) for payload in payloads).offres


def drop(connection: Connection, member: str, egs: Iterable[str]) -> None:
    for some in chunks(egs):
        connection.execute(delete(establishment).where(establishment.c.member == member, establishment.c.eg.in_(some)))


def take_over(connection: Connection, member: str, keys: Iterable[str]) -> None:
    """A unit moved to another establishment keeps its identifier (RG_EXP_019): the last reading has it."""
    for some in chunks(keys):
        moved = (object_.c.member == member, object_.c.key.in_(some), object_.c.kind.in_(IN_ONE_PLACE))
        connection.execute(delete(object_).where(*moved))
        connection.execute(delete(offer).where(offer.c.member == member, offer.c.key.in_(some)))
