"""SQLite behind SQLAlchemy: what is acknowledged is on disk, readers see one instant, writers wait their turn."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_DRIVERS = frozenset({"sqlite", "sqlite+aiosqlite"})
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
)


class ReplicaUnreadable(Exception):
    """The replica cannot be read by a command beside the gateway that serves it."""


def refuse_missing(url: str) -> None:
    """Raise `ReplicaUnreadable` for a replica that does not exist: SQLite would make its file. It has no other home."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ReplicaUnreadable("url") from error
    if address.drivername not in _DRIVERS:
        raise ReplicaUnreadable(address.drivername)
    if not Path(address.database or "").is_file():
        raise ReplicaUnreadable(address.database or "")


def refuse_unusable(url: str) -> None:
    """Raise `ValueError` when the file cannot be opened; aiosqlite, asked first, would leave a thread behind."""
    address = make_url(url)
    if not address.drivername.startswith("sqlite") or not address.database:
        return
    try:
        with closing(sqlite3.connect(address.database)):
            return
    except sqlite3.Error as error:
        raise ValueError("the database file cannot be opened") from error


def engine(url: str, *, begin: Literal["DEFERRED", "IMMEDIATE"]) -> AsyncEngine:
    """An engine whose transactions begin so: deferred to read one instant, immediate to write without a deadlock."""
    made = create_async_engine(url.replace("sqlite:///", "sqlite+aiosqlite:///", 1))

    def configure(connection: Any, _record: object) -> None:
        # the driver would begin on its own, after the first statements of a read
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    def open_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    event.listen(made.sync_engine, "connect", configure)
    event.listen(made.sync_engine, "begin", open_transaction)
    return made
