"""What the readings of each member break of the rules, kept for operators: written by readings, read by a command."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from gateway.replica.observing import Compared, Reading
from gateway.replica.reading import chunks
from gateway.replica.tables import finding, unit_passage
from mappings.loss import Loss, LossKind, Severity

KEPT_SECONDS = 90 * 86400.0
"""How long what two readings showed is kept after it was last seen."""


class Observed(StrEnum):
    """What showed a breach: each reading by itself, or two of them."""

    READING = "reading"
    LIFE = "life"


class Finding(msgspec.Struct, frozen=True):
    """One breach of a rule by one member; instants are seconds since 1970."""

    member: str
    rule: str
    object: str
    path: str
    observed: Observed
    eg: str
    kind: LossKind
    severity: Severity
    first_at: float
    last_at: float
    times: int


def record(connection: Connection, reading: Reading, by_itself: Iterable[Loss], compared: Compared) -> None:
    """Keep what a reading shows: by itself in place of what the last one did, beside another one in addition."""
    _keep(connection, reading, Observed.READING, by_itself)
    if compared.first:
        return
    mended = (
        finding.c.member == reading.member,
        finding.c.eg == reading.eg,
        finding.c.observed == Observed.READING,
        finding.c.last_at < reading.seen_at,
    )
    connection.execute(delete(finding).where(*mended))
    _keep(connection, reading, Observed.LIFE, compared.findings)


def keep_departures(connection: Connection, member: str, at: float, losses: Iterable[Loss]) -> None:
    """Keep what the end of an establishment shows."""
    _keep(connection, Reading(member, "", at), Observed.LIFE, losses)


def _keep(connection: Connection, reading: Reading, observed: Observed, losses: Iterable[Loss]) -> None:
    named = {(loss.rule, loss.object, loss.path): loss for loss in losses}
    if not named:
        return
    statement = upsert(finding)
    changed: dict[str, Any] = {name: statement.excluded[name] for name in ("eg", "kind", "severity", "last_at")}
    changed["times"] = finding.c.times + 1
    key = ["member", "rule", "object", "path", "observed"]
    rows = [_row(reading, observed, loss) for loss in named.values()]
    connection.execute(statement.on_conflict_do_update(key, set_=changed), rows)


def _row(reading: Reading, observed: Observed, loss: Loss) -> dict[str, Any]:
    return {
        "member": reading.member,
        "rule": loss.rule,
        "object": loss.object,
        "path": loss.path,
        "observed": observed.value,
        "eg": reading.eg,
        "kind": loss.kind.value,
        "severity": loss.severity.value,
        "first_at": reading.seen_at,
        "last_at": reading.seen_at,
        "times": 1,
    }


def forget(connection: Connection, member: str, egs: Iterable[str]) -> None:
    """Those establishments are gone: what their readings showed by themselves goes too."""
    for some in chunks(egs):
        gone = (finding.c.member == member, finding.c.eg.in_(some), finding.c.observed == Observed.READING)
        connection.execute(delete(finding).where(*gone))


def forget_member(connection: Connection, member: str) -> None:
    """Nothing is kept of a member that is no longer replicated."""
    connection.execute(delete(finding).where(finding.c.member == member))
    connection.execute(delete(unit_passage).where(unit_passage.c.member == member))


def forget_older(connection: Connection, member: str, now: float) -> None:
    """What two readings showed a long time ago, and the passages of that time."""
    limit = now - KEPT_SECONDS
    old = (finding.c.member == member, finding.c.observed == Observed.LIFE, finding.c.last_at < limit)
    connection.execute(delete(finding).where(*old))
    connection.execute(delete(unit_passage).where(unit_passage.c.member == member, unit_passage.c.at < limit))


def findings(connection: Connection, member: str | None = None, rule: str | None = None) -> tuple[Finding, ...]:
    """What is kept, by member, rule and object."""
    wanted = select(finding).order_by(finding.c.member, finding.c.rule, finding.c.object, finding.c.path)
    if member is not None:
        wanted = wanted.where(finding.c.member == member)
    if rule is not None:
        wanted = wanted.where(finding.c.rule == rule)
    return tuple(msgspec.convert(row, Finding, from_attributes=True) for row in connection.execute(wanted))
