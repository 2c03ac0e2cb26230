"""Searches in the copy of one member: the window of matches asked for, their surroundings, and how many there are.

The index decides wherever it can; the objects are judged by themselves only for a radius, of which it knows a box, and
for professionals whom not everyone sees. What a caller may not see is neither found nor counted.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, exists, func, or_, select

from gateway.federation.criteria import question
from gateway.federation.fanout import Window
from gateway.federation.selection import around, matched, sought
from gateway.federation.sight import Sight
from gateway.replica.conditions import conditions, exact, seen
from gateway.replica.index import instant
from gateway.replica.payload import ORGANISATIONS, Kind
from gateway.replica.reading import Found, found, of_establishments, professionals, professionals_whole
from gateway.replica.tables import object_, offer, part
from mappings.exposition.demandes import Recherche, TypeObjet
from whitelist.entitlement import Element, filter_repertoire


class Matches(msgspec.Struct, frozen=True):
    """One window of the matches of a member: their keys, the establishments that hold them, the count of all."""

    keys: tuple[str, ...]
    egs: frozenset[str]
    count: int


def search(connection: Connection, member: str, recherche: Recherche, window: Window) -> tuple[Found, int]:
    """The objects of one window of matches with what stands around them, and the count of all matches."""
    if recherche.objet is TypeObjet.OFFRE:
        matches = _offers(connection, member, recherche, window)
    else:
        matches = _others(connection, member, recherche, window)
    chosen = around(of_establishments(connection, member, matches.egs), matches.keys, recherche.objet)
    whole = professionals_whole(connection, member, chosen)
    return found(connection, member, whole, egs=matches.egs), matches.count


def _offers(connection: Connection, member: str, recherche: Recherche, window: Window) -> Matches:
    wanted = [offer.c.member == member, *conditions(recherche, window.centres, window.sight)]
    if exact(recherche):
        return _window(connection, select(offer.c.key, offer.c.eg).where(*wanted), offer.c.key, member, window)
    rows = connection.execute(select(offer.c.key, offer.c.eg).where(*wanted).order_by(offer.c.key)).all()
    whole = of_establishments(connection, member, {row.eg for row in rows})
    asked = question(recherche, member, centres=window.centres)
    kept = frozenset(matched(whole, asked))
    return _cut([row for row in rows if row.key in kept], member, window)


def _others(connection: Connection, member: str, recherche: Recherche, window: Window) -> Matches:
    """Organisations and professionals are objects, places and situations are parts of one.

    Every caller sees organisations; a place is seen with one of its units; entitlement itself says who sees a
    professional, unless the caller sees all of them.
    """
    table = part if recherche.objet in {TypeObjet.LIEU, TypeObjet.SITUATION} else object_
    wanted = _of_kind(recherche.objet, member, table)
    if recherche.cles:
        wanted.append(table.c.key.in_(recherche.cles))
    if recherche.regions:
        wanted.append(table.c.region.in_(recherche.regions))
    if recherche.modifie_depuis is not None:
        wanted.append(or_(table.c.updated.is_(None), table.c.updated >= instant(recherche.modifie_depuis)))
    if recherche.modifie_avant is not None:
        wanted.append(or_(table.c.updated.is_(None), table.c.updated < instant(recherche.modifie_avant)))
    if recherche.objet is TypeObjet.LIEU:
        wanted.append(_of_a_unit_seen(window.sight))
    selection = select(table.c.key, table.c.eg).where(*wanted)
    if recherche.objet not in _OF_PROFESSIONALS or window.sight.sees_every_object:
        return _window(connection, selection, table.c.key, member, window)
    rows = connection.execute(selection.order_by(table.c.key)).all()
    visible = _professionals_seen(connection, member, recherche.objet, rows, window.sight)
    return _cut([row for row in rows if row.key in visible], member, window)


_OF_PROFESSIONALS = frozenset({TypeObjet.PROFESSIONNEL, TypeObjet.SITUATION})


def _of_kind(objet: TypeObjet, member: str, table: Table) -> list[ColumnElement[bool]]:
    kinds = {TypeObjet.ORGANISATION: ORGANISATIONS, TypeObjet.PROFESSIONNEL: (Kind.PROFESSIONNEL,)}
    return [table.c.member == member, table.c.kind.in_(kinds.get(objet, (objet.value,)))]


def _of_a_unit_seen(sight: Sight) -> ColumnElement[bool]:
    unit = (offer.c.member == part.c.member, offer.c.key == part.c.holder, seen(sight.of(Element.UNIT)))
    return exists().where(*unit).correlate(part)


def _professionals_seen(
    connection: Connection, member: str, objet: TypeObjet, rows: Sequence[Row[Any, Any]], sight: Sight
) -> frozenset[str]:
    """The keys of the professionals, or of their situations, that entitlement leaves to the caller."""
    persons = {row.key.partition("/")[0] if objet is TypeObjet.SITUATION else row.key for row in rows}
    known = found(connection, member, professionals(connection, member, persons), egs={row.eg for row in rows})
    left = filter_repertoire(
        known.repertoire, profil=sight.profil, norme=sight.norme, entourage=known.entourage
    ).repertoire
    return frozenset(one.key for one in sought(left, objet, member))


def _window(
    connection: Connection, selection: Select[Any], key: ColumnElement[str], member: str, window: Window
) -> Matches:
    """The rows of a window; a key held by several establishments is one match, an EG of the key of its EJ another."""
    distinct = selection.with_only_columns(key).distinct()
    of_kind = (key, object_.c.kind) if key.table is object_ else (key,)
    counted = selection.with_only_columns(*of_kind).distinct()
    count = connection.scalar(select(func.count()).select_from(counted.subquery())) or 0
    after = _after(member, window)
    if after is None:
        return Matches((), frozenset(), count)
    keys = connection.scalars(distinct.where(key > after).order_by(key).limit(window.limit)).all()
    return Matches(tuple(keys), _establishments(connection, selection, key, keys), count)


def _cut(rows: Sequence[Row[Any, Any]], member: str, window: Window) -> Matches:
    """The window of rows already judged, in the order of keys."""
    keys = tuple(dict.fromkeys(row.key for row in rows))
    after = _after(member, window)
    page = [key for key in keys if after is not None and key > after][: window.limit]
    return Matches(tuple(page), frozenset(row.eg for row in rows if row.key in page), len(keys))


def _establishments(
    connection: Connection, selection: Select[Any], key: ColumnElement[str], keys: Sequence[str]
) -> frozenset[str]:
    if not keys:
        return frozenset()
    rows = connection.execute(selection.where(key.between(keys[0], keys[-1])))
    return frozenset(row.eg for row in rows)


def _after(member: str, window: Window) -> str | None:
    """The key this member resumes after; None when the page begins after all of its matches."""
    if window.after is None or window.after.member < member:
        return ""
    return window.after.key if window.after.member == member else None
