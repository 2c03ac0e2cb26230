"""What is read of the copy of one member: directories built from its objects, each object once.

These functions run inside one read transaction, so that an establishment replaced meanwhile is seen whole or not yet.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from gateway.federation.merge import join
from gateway.federation.selection import around
from gateway.replica.payload import Kind, directory
from gateway.replica.tables import establishment, object_, offer, offer_code
from mappings.exposition.demandes import TypeObjet
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import OrganisationInterne
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Loss

_losses = msgspec.json.Decoder(tuple[Loss, ...])
_replace = msgspec.structs.replace

_CHUNK = 500
# the objects of these losses are not in the copy
_NOT_KEPT = frozenset({"RG_EXP_002"})


class Found(msgspec.Struct, frozen=True):
    """What a question finds in the copy of a member: its objects, and what is known around them."""

    repertoire: Repertoire = Repertoire()
    losses: tuple[Loss, ...] = ()
    entourage: Repertoire = Repertoire()


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    """Keys in pieces that a statement can carry."""
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]


def read_establishment(connection: Connection, member: str, eg: str) -> Found:
    """The reading of one establishment, as the member gave it."""
    return found(connection, member, of_establishments(connection, member, [eg]), egs=[eg])


def read_unit(connection: Connection, member: str, key: str) -> Found:
    """One unit or internal organisation with its whole chain upwards (contract section 5)."""
    egs = establishments_of(connection, member, [key], (Kind.OI, Kind.OFFRE))
    whole = of_establishments(connection, member, egs)
    unit = around(whole, [key], TypeObjet.OFFRE)
    if not unit.offres:
        chain = around(whole, [key], TypeObjet.ORGANISATION)
        unit = _replace(chain, organisations_internes=_upwards(chain, key), offres=(), professionnels=())
    return found(connection, member, unit, egs=egs)


def _upwards(chain: Repertoire, key: str) -> tuple[OrganisationInterne, ...]:
    parents = {one.cle: one.parent for one in chain.organisations_internes}
    kept: set[str] = set()
    above: str | None = key
    while above is not None and above not in kept:
        kept.add(above)
        above = parents.get(above)
    return tuple(one for one in chain.organisations_internes if one.cle in kept)


def establishments_of(connection: Connection, member: str, keys: Iterable[str], kinds: Sequence[Kind]) -> list[str]:
    """The establishments whose readings hold objects of those keys."""
    egs: set[str] = set()
    for some in chunks(keys):
        wanted = (object_.c.member == member, object_.c.key.in_(some), object_.c.kind.in_(kinds))
        egs.update(connection.scalars(select(object_.c.eg).where(*wanted)))
    return sorted(egs)


def of_establishments(connection: Connection, member: str, egs: Iterable[str]) -> Repertoire:
    """Everything the readings of those establishments hold."""
    return _joined(connection, (_of_member(member, object_.c.eg.in_(some)) for some in chunks(egs)))


def professionals_whole(connection: Connection, member: str, repertoire: Repertoire) -> Repertoire:
    """The same directory, its professionals as all the establishments of the member know them."""
    whole = professionals(connection, member, [one.cle for one in repertoire.professionnels])
    return _replace(repertoire, professionnels=whole.professionnels)


def professionals(connection: Connection, member: str, keys: Iterable[str]) -> Repertoire:
    """Those professionals, as all the establishments of the member know them."""
    return _joined(
        connection,
        (_of_member(member, object_.c.kind == Kind.PROFESSIONNEL, object_.c.key.in_(some)) for some in chunks(keys)),
    )


def _of_member(member: str, *wanted: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (object_.c.member == member, *wanted)


def _joined(connection: Connection, selections: Iterable[tuple[ColumnElement[bool], ...]]) -> Repertoire:
    """The objects selected, the copies of one object joined: copies of one member do not conflict, they follow up."""
    columns = select(object_.c.eg, object_.c.kind, object_.c.payload).order_by(object_.c.eg)
    rows = [row for wanted in selections for row in connection.execute(columns.where(*wanted))]
    by_establishment = groupby(rows, key=lambda row: row.eg)
    return join((directory((row.kind, row.payload) for row in group) for _, group in by_establishment), [])


def found(connection: Connection, member: str, repertoire: Repertoire, *, egs: Collection[str]) -> Found:
    """A directory with the losses of the readings it comes from, and the units known around it."""
    losses: list[Loss] = []
    for some in chunks(egs):
        wanted = (establishment.c.member == member, establishment.c.eg.in_(some))
        for document in connection.scalars(select(establishment.c.losses).where(*wanted)):
            losses += _losses.decode(document)
    named = {objet.cle for objet in repertoire.objets()}
    kept = tuple(loss for loss in losses if not loss.object or loss.object in named or loss.rule in _NOT_KEPT)
    units = {unit for one in repertoire.professionnels for unit in one.offres}
    return Found(repertoire, kept, Repertoire(offres=sketches(connection, member, egs, units)))


def sketches(
    connection: Connection, member: str, egs: Collection[str], keys: Collection[str]
) -> tuple[OffreOperationnelle, ...]:
    """The units of those establishments and of those keys, reduced to what decides of confidentiality."""
    wanted = [offer.c.eg.in_(some) for some in chunks(egs)] + [offer.c.key.in_(some) for some in chunks(keys)]
    made: dict[str, OffreOperationnelle] = {}
    fields = (
        select(offer.c.key, offer.c.eg, offer.c.sensitive, offer_code.c.system, offer_code.c.code)
        .outerjoin(
            offer_code,
            (offer_code.c.member == offer.c.member)
            & (offer_code.c.key == offer.c.key)
            & (offer_code.c.criterion == "champs_activite"),
        )
        .where(offer.c.member == member)
    )
    for row in (row for condition in wanted for row in connection.execute(fields.where(condition))):
        known = made.get(row.key)
        champs = known.champs_activite if known is not None else ()
        if row.code is not None:
            champs = (*champs, Code(row.system, row.code))
        made[row.key] = OffreOperationnelle(
            row.key, entite_geographique=row.eg, champs_activite=champs, unite_sensible=bool(row.sensitive)
        )
    return tuple(made.values())
