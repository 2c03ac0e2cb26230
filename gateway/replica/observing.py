"""What a reading shows of the rules of the contract, by itself and beside the reading before it (docs/rules.md).

The replica reads whole establishments under profile 1, which makes it the one judge of what needs the whole or needs
two observations. What it finds changes nothing of what is served.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from gateway.replica.payload import Kind, directory, encode, of_kind
from gateway.replica.reading import chunks
from gateway.replica.tables import establishment, member_sync, object_, unit_passage
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.loss import Ledger, Loss, LossKind, Severity
from mappings.rules import complete, enforce, judge_tree, judge_whole
from mappings.rules.life import born, followed, likeness, removed, same_for_life

IN_ONE_PLACE = frozenset({Kind.OI.value, Kind.OFFRE.value})
"""A unit or an internal organisation is in one establishment; legal entities and professionals are shared."""


class Passage(StrEnum):
    """What a unit did at an establishment."""

    CAME = "came"
    GONE = "gone"


class Reading(msgspec.Struct, frozen=True):
    """The reading of one establishment: when, by what, and whether it is all that the member has of it."""

    member: str
    eg: str
    seen_at: float
    reader: str = ""
    whole: bool = True


class Judged(msgspec.Struct, frozen=True):
    """A reading without its incomplete objects (RG_EXP_002), what that lost, and every rule the reading breaks."""

    repertoire: Repertoire
    losses: tuple[Loss, ...]
    findings: tuple[Loss, ...]


class Compared(msgspec.Struct, frozen=True):
    """What two readings show; nothing when this one is the first of its establishment."""

    findings: tuple[Loss, ...]
    first: bool


def judge(repertoire: Repertoire, reading: Reading) -> Judged:
    """What one reading shows by itself."""
    incomplete, broken = Ledger(), Ledger()
    kept = complete(repertoire, incomplete)
    enforce(kept, broken, shown=lambda _: True)
    judge_tree(kept, reading.eg, broken)
    if reading.whole:
        judge_whole(kept, broken)
    return Judged(kept, incomplete.entries, incomplete.entries + broken.entries)


def compare(connection: Connection, judged: Judged, reading: Reading) -> Compared:
    """What two readings show: this one, and what is held until it replaces it."""
    ledger = Ledger()
    before = _before(connection, reading)
    after = {(kind.value, objet.cle): objet for kind, objet in of_kind(judged.repertoire)}
    gone = before.gone(after, {loss.object for loss in judged.losses}) if reading.whole else ()
    # what a first copy brings was there before: it did not come
    came = {one.cle: one for one in judged.repertoire.offres if before.copied and not before.has(one)}
    moved = _elsewhere(connection, reading, came)
    for unit in moved:
        same_for_life(unit, came.pop(unit.cle), ledger)
    if before.reader == reading.reader:
        _follow(before, after, {unit.cle for unit in moved}, ledger)
        if gone:
            removed(gone, before.directory(), judged.repertoire, ledger)
    _arrive(connection, reading, came.values(), ledger)
    left = [one for one in gone if isinstance(one, OffreOperationnelle)]
    leave(connection, reading, left, before.seen_at, ledger)
    return Compared(ledger.entries, first=before.reader is None)


class _Before(msgspec.Struct, frozen=True):
    """What is held when a reading comes in: the objects of its establishment, and who read them when, if anyone did.

    `copied` says that the whole copy of the member has been made once.
    """

    copied: bool
    reader: str | None
    seen_at: float
    held: dict[tuple[str, str], bytes]

    def has(self, offre: OffreOperationnelle) -> bool:
        """Whether the unit was there."""
        return (Kind.OFFRE.value, offre.cle) in self.held

    def gone(self, after: Mapping[tuple[str, str], Objet], incomplete: set[str]) -> tuple[Objet, ...]:
        """The units and internal organisations that the establishment no longer has."""
        lost = (
            ((kind, key), payload)
            for (kind, key), payload in self.held.items()
            if kind in IN_ONE_PLACE and (kind, key) not in after and key not in incomplete
        )
        return tuple(directory((kind, payload) for (kind, _), payload in lost).objets())

    def directory(self) -> Repertoire:
        """The reading held."""
        return directory((kind, payload) for (kind, _), payload in self.held.items())


def _before(connection: Connection, reading: Reading) -> _Before:
    copied = select(member_sync.c.last_success).where(member_sync.c.member == reading.member).scalar_subquery()
    here = (establishment.c.member == reading.member, establishment.c.eg == reading.eg)
    reader = select(establishment.c.reader).where(*here).scalar_subquery()
    seen_at = select(establishment.c.seen_at).where(*here).scalar_subquery()
    row = connection.execute(select(copied.label("copied"), reader.label("reader"), seen_at.label("seen_at"))).one()
    if row.reader is None:
        return _Before(row.copied is not None, None, 0.0, {})
    wanted = select(object_.c.kind, object_.c.key, object_.c.payload).where(
        object_.c.member == reading.member, object_.c.eg == reading.eg
    )
    held = {(kind, key): payload for kind, key, payload in connection.execute(wanted)}
    return _Before(row.copied is not None, row.reader, row.seen_at, held)


def _follow(before: _Before, after: Mapping[tuple[str, str], Objet], moved: set[str], ledger: Ledger) -> None:
    for name, objet in after.items():
        known = before.held.get(name)
        if known is None:
            if name[0] in IN_ONE_PLACE and name[1] not in moved:
                born(objet, ledger)
        elif known != encode(objet):
            followed(next(directory([(name[0], known)]).objets()), objet, ledger)


def _elsewhere(connection: Connection, reading: Reading, keys: Iterable[str]) -> tuple[OffreOperationnelle, ...]:
    """Units of this reading as another establishment has them until now."""
    found: list[bytes] = []
    for some in chunks(keys):
        wanted = select(object_.c.payload).where(
            object_.c.member == reading.member,
            object_.c.eg != reading.eg,
            object_.c.kind == Kind.OFFRE.value,
            object_.c.key.in_(some),
        )
        found += connection.scalars(wanted)
    return directory((Kind.OFFRE.value, payload) for payload in found).offres


# units that come and go ------------------------------------------------------------------------------------------


def _arrive(connection: Connection, reading: Reading, came: Iterable[OffreOperationnelle], ledger: Ledger) -> None:
    """RG_EXP_019: a unit that comes while its like went from another establishment may be the same, moved."""
    for offre in came:
        row = _row(reading, offre, Passage.CAME)
        back = delete(unit_passage).where(unit_passage.c.member == reading.member, unit_passage.c.key == offre.cle)
        if not connection.execute(back).rowcount and _like(connection, row, Passage.GONE):
            _suspect(offre.cle, ledger)
        connection.execute(insert(unit_passage).values(row))


def leave(
    connection: Connection, reading: Reading, left: Iterable[OffreOperationnelle], seen_at: float, ledger: Ledger
) -> None:
    """Those units, last seen at an instant, are no longer there; one that came elsewhere since may be the same."""
    for offre in left:
        row = _row(reading, offre, Passage.GONE)
        for key in _like(connection, row, Passage.CAME, since=seen_at):
            _suspect(key, ledger)
        connection.execute(
            delete(unit_passage).where(unit_passage.c.member == reading.member, unit_passage.c.key == offre.cle)
        )
        connection.execute(insert(unit_passage).values(row))


def _row(reading: Reading, offre: OffreOperationnelle, passage: Passage) -> dict[str, Any]:
    return {
        "member": reading.member,
        "key": offre.cle,
        "eg": reading.eg,
        "passage": passage.value,
        "likeness": encode(likeness(offre)),
        "at": reading.seen_at,
    }


def _like(connection: Connection, row: Mapping[str, Any], passage: Passage, *, since: float = 0.0) -> list[str]:
    """The units that look like this one and came to other establishments, or went from them, since an instant."""
    others = select(unit_passage.c.key).where(
        unit_passage.c.member == row["member"],
        unit_passage.c.likeness == row["likeness"],
        unit_passage.c.key != row["key"],
        unit_passage.c.eg != row["eg"],
        unit_passage.c.passage == passage.value,
        unit_passage.c.at > since,
    )
    return list(connection.scalars(others))


def _suspect(key: str, ledger: Ledger) -> None:
    ledger.note(
        LossKind.INCONSISTENT,
        object=key,
        path="cle",
        rule="RG_EXP_019",
        value_kind="identifier",
        severity=Severity.INFORMATION,
    )
