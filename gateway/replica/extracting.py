"""The whole copy of a member, establishment by establishment, as one instant had it: what an extraction is made from.

It runs beside the gateway, in a process of its own: one read transaction holds that instant while the copy goes on
being written, and one establishment at a time is in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection, create_engine, event, func, make_url, select

from gateway.replica import reading
from gateway.replica.payload import Kind
from gateway.replica.reading import Found
from gateway.replica.tables import establishment, member_sync, object_
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Repertoire

_replace = msgspec.structs.replace


class Copy(msgspec.Struct, frozen=True):
    """What is told of a whole copy: the instant it is of, whether an establishment is missing, its versions."""

    read_at: float
    lacking: bool
    contract: str | None
    nos: str | None


@contextmanager
def snapshot(url: str) -> Iterator[Connection]:
    """The replica at one instant, for the time of a block."""
    engine = create_engine(make_url(url).set(drivername="sqlite"))

    def own_transactions(connection: object, _record: object) -> None:
        # the driver would begin on its own, and not before the first change
        connection.isolation_level = None  # type: ignore[attr-defined]  # a connection of sqlite3

    event.listen(engine, "connect", own_transactions)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def copy_of(connection: Connection, member: str) -> Copy | None:
    """How far the copy of a member is; None while there is no whole one."""
    row = connection.execute(select(member_sync).where(member_sync.c.member == member)).mappings().first()
    if row is None or row["last_success"] is None:
        return None
    return Copy(row["last_success"], bool(row["waiting"].split()), row["contract"], row["nos"])


def establishments(connection: Connection, member: str) -> Iterator[Found]:
    """Every establishment of a member, those of one legal entity together, each with what is known around it."""
    siblings = _Siblings(connection, member)
    for eg in _in_order(connection, member):
        whole = reading.read_establishment(connection, member, eg)
        yield _replace(whole, entourage=siblings.around(whole))


def _in_order(connection: Connection, member: str) -> list[str]:
    legal_entity = func.min(object_.c.key)
    held = (
        select(establishment.c.eg)
        .outerjoin(
            object_,
            (object_.c.member == establishment.c.member)
            & (object_.c.eg == establishment.c.eg)
            & (object_.c.kind == Kind.EJ.value),
        )
        .where(establishment.c.member == member)
        .group_by(establishment.c.eg)
        .order_by(func.coalesce(legal_entity, ""), establishment.c.eg)
    )
    return list(connection.scalars(held))


class _Siblings:
    """The other establishments of the legal entity at hand: one of their units makes it medico-social (section 11)."""

    def __init__(self, connection: Connection, member: str) -> None:
        self._connection = connection
        self._member = member
        self._of: tuple[str, ...] = ()
        self._known = Repertoire()

    def around(self, found: Found) -> Repertoire:
        """What is known around an establishment, its siblings included."""
        legal_entities = tuple(one.cle for one in found.repertoire.entites_juridiques)
        if legal_entities != self._of:
            self._of = legal_entities
            self._known = self._look_up()
        units = {offre.cle: offre for offre in (*self._known.offres, *found.entourage.offres)}
        return _replace(self._known, offres=tuple(units.values()))

    def _look_up(self) -> Repertoire:
        held = select(object_.c.eg, object_.c.key).where(
            object_.c.member == self._member, object_.c.kind == Kind.EJ.value, object_.c.key.in_(self._of)
        )
        sites = {row.eg: row.key for row in self._connection.execute(held)}
        return Repertoire(
            entites_geographiques=tuple(EntiteGeographique(eg, entite_juridique=key) for eg, key in sites.items()),
            offres=reading.sketches(self._connection, self._member, sites, ()),
        )
