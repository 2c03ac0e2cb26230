"""Shelves on disk: what a translation must remember of a document larger than memory.

One temporary SQLite database, without a name in any folder: it goes with the process, however that ends. What is small
stays in its cache. Values are pickled, so that a value comes back as it was, the time zone of an instant included.
"""

import pickle
import sqlite3
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any, TypeVar

import msgspec

_CACHE_KIB = 8 * 1024
_PAGE = 256

V = TypeVar("V")


class Store:
    """The database; `shelf` makes one shelf of it, and is what mappings ask for. A full disk is an `OSError`."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        for pragma in (f"cache_size = -{_CACHE_KIB}", "journal_mode = OFF", "synchronous = OFF"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("BEGIN")
        self._made = 0

    def shelf(self, kind: Any) -> "Shelf[Any]":
        """A new shelf."""
        self._made += 1
        return Shelf(self._connection, f"shelf_{self._made}")

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()


class Shelf(MutableMapping[Any, V]):
    """A mapping kept on disk, in the order of the first insertion of its keys; it may change while it is read.

    A shelf whose keys are not texts is asked for them, never run through.
    """

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        connection.execute(f"CREATE TABLE {name} (rank INTEGER PRIMARY KEY, key BLOB UNIQUE, value BLOB)")
        self._connection = connection
        self._name = msgspec.msgpack.Encoder().encode
        # The name of the table is ours, made by the store.
        self._get = f"SELECT value FROM {name} WHERE key = ?"  # noqa: S608
        self._add = f"INSERT OR IGNORE INTO {name} (key, value) VALUES (?, ?)"  # noqa: S608
        self._change = f"UPDATE {name} SET value = ? WHERE key = ?"  # noqa: S608
        self._delete = f"DELETE FROM {name} WHERE key = ?"  # noqa: S608
        self._page = f"SELECT rank, key, value FROM {name} WHERE rank > ? ORDER BY rank LIMIT {_PAGE}"  # noqa: S608
        self._length = 0

    def _run(self, statement: str, values: Sequence[object]) -> tuple[list[Any], int]:
        """The rows of a statement and how many it changed. SQLite may want to write to disk whatever it is asked."""
        try:
            cursor = self._connection.execute(statement, values)
            return cursor.fetchall(), cursor.rowcount
        except sqlite3.OperationalError as error:
            raise OSError(str(error)) from error

    def __getitem__(self, key: Any) -> V:
        rows, _ = self._run(self._get, (self._name(key),))
        if not rows:
            raise KeyError(key)
        return _value(rows[0][0])  # type: ignore[no-any-return]  # what was put there

    def __contains__(self, key: object) -> bool:
        return bool(self._run(self._get, (self._name(key),))[0])

    def __setitem__(self, key: Any, value: V) -> None:
        name, content = self._name(key), pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        _, added = self._run(self._add, (name, content))
        if added:
            self._length += 1
        else:
            self._run(self._change, (content, name))

    def __delitem__(self, key: Any) -> None:
        _, gone = self._run(self._delete, (self._name(key),))
        if not gone:
            raise KeyError(key)
        self._length -= 1

    def _rows(self) -> Iterator[tuple[bytes, bytes]]:
        rank = 0
        while rows := self._run(self._page, (rank,))[0]:
            for rank, key, value in rows:  # noqa: B007 - the last one is where the next page starts
                yield key, value

    def __iter__(self) -> Iterator[Any]:
        return (msgspec.msgpack.decode(key) for key, _ in self._rows())

    def each(self) -> Iterator[V]:
        """Every value, without a search for each."""
        return (_value(value) for _, value in self._rows())

    def __len__(self) -> int:
        return self._length


def _value(pickled: bytes) -> Any:
    return pickle.loads(pickled)  # noqa: S301 - this process wrote it, in a file without a name
