"""Searches in the copy of one member: the window of matches asked for, their surroundings, and how many there are.

The index decides wherever it can; the objects are judged by themselves only for a radius, of which it knows a box.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from gateway.federation.criteria import question
from gateway.federation.fanout import Window
from gateway.federation.selection import around, matched
from gateway.replica.conditions import conditions, exact
from gateway.replica.index import instant
from gateway.replica.payload import ORGANISATIONS, Kind
from gateway.replica.reading import Found, found, of_establishments, professionals_whole
from gateway.replica.tables import object_, offer, part
from mappings.exposition.demandes import Recherche, TypeObjet


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
    wanted = [offer.c.member == member, *conditions(recherche, window.centres)]
    if not window.sensitive:
        wanted.append(offer.c.sensitive == 0)
    if exact(recherche):
        return _window(connection, select(offer.c.key, offer.c.eg).where(*wanted), offer.c.key, member, window)
    rows = connection.execute(select(offer.c.key, offer.c.eg).where(*wanted).order_by(offer.c.key)).all()
    whole = of_establishments(connection, member, {row.eg for row in rows})
    asked = question(recherche, member, centres=window.centres)
    kept = frozenset(matched(whole, asked)) & {row.key for row in rows}
    after = _after(member, window)
    page = [row for row in rows if row.key in kept and after is not None and row.key > after][: window.limit]
    return Matches(tuple(row.key for row in page), frozenset(row.eg for row in page), len(kept))


def _others(connection: Connection, member: str, recherche: Recherche, window: Window) -> Matches:
    """Organisations and professionals are objects, places and situations are parts of one."""
    table = part if recherche.objet in {TypeObjet.LIEU, TypeObjet.SITUATION} else object_
    wanted: list[ColumnElement[bool]] = [table.c.member == member]
    if table is part:
        wanted.append(part.c.kind == recherche.objet.value)
    elif recherche.objet is TypeObjet.ORGANISATION:
        wanted.append(object_.c.kind.in_(ORGANISATIONS))
    else:
        wanted.append(object_.c.kind == Kind.PROFESSIONNEL)
    if recherche.cles:
        wanted.append(table.c.key.in_(recherche.cles))
    if recherche.regions:
        wanted.append(table.c.region.in_(recherche.regions))
    if recherche.modifie_depuis is not None:
        wanted.append(or_(table.c.updated.is_(None), table.c.updated >= instant(recherche.modifie_depuis)))
    if recherche.modifie_avant is not None:
        wanted.append(or_(table.c.updated.is_(None), table.c.updated < instant(recherche.modifie_avant)))
    return _window(connection, select(table.c.key, table.c.eg).where(*wanted), table.c.key, member, window)


def _window(
    connection: Connection, selection: Select[Any], key: ColumnElement[str], member: str, window: Window
) -> Matches:
    """The rows of a window; a key held by several establishments is one match."""
    distinct = selection.with_only_columns(key).distinct()
    count = connection.scalar(select(func.count()).select_from(distinct.subquery())) or 0
    after = _after(member, window)
    if after is None:
        return Matches((), frozenset(), count)
    keys = connection.scalars(distinct.where(key > after).order_by(key).limit(window.limit)).all()
    return Matches(tuple(keys), _establishments(connection, selection, key, keys), count)


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
