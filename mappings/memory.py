"""What was translated before, kept so that the same content is not translated again.

A member is asked the same establishments again and again, and most often answers the same bytes. A memory holds what
the one path of a translation made of a content, with all it noted; it never translates by itself. Everything that the
result depends on is in the key, the content as a digest, so that nothing is ever asked of the age of what is kept.

What is kept is shared by all who ask: frozen values, bytes, and the links of FHIR resources, which no later step
changes.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from hashlib import sha256
from threading import Lock
from typing import Any, TypeVar

import msgspec

from mappings.loss import Ledger, Loss
from mappings.nomenclatures.catalogue import current

Made = TypeVar("Made")
Key = tuple[Hashable, ...]

_ENCODER = msgspec.json.Encoder()

# What values weigh in memory beside their JSON, and one entry of the ledger: measured, then rounded up (decision 41).
_TIMES_JSON = 2
_OF_LOSS = 300
_OF_ENTRY = 1000
# What one entry may take of the whole: a larger one would leave too little to the others.
_LARGEST_SHARE = 8


def of_bytes(content: bytes) -> bytes:
    """What stands for a document in a key."""
    return sha256(content).digest()


def of_value(value: Any) -> tuple[bytes, int]:
    """What stands for a frozen value in a key: equal only for values that are written the same, digit by digit.

    The JSON tells apart what compares equal and is written otherwise (`1.0` and `1.00`, two offsets of one instant); it
    rounds an offset that has seconds, as those before legal time, and the hash tells the instants of these apart.
    """
    return sha256(_ENCODER.encode(value)).digest(), hash(value)


class Counts(msgspec.Struct, frozen=True):
    """How often something was there, and was not; what is kept, and about how many bytes it takes."""

    hits: int
    misses: int
    kept: int
    weight: int


class _Kept(msgspec.Struct, frozen=True, gc=False):
    made: Any
    losses: tuple[Loss, ...]
    unverifiable: int
    weight: int


class Memory:
    """A memory of at most `limit` bytes, more or less; one of 0 keeps nothing.

    Each entry has an owner, the member whose data it is. When it is full, the owner that holds the most gives up
    what it has not used for the longest time: one that floods it only forgets its own.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._entries: dict[str, OrderedDict[Key, _Kept]] = {}
        self._weights: Counter[str] = Counter()
        self._hits = 0
        self._misses = 0

    @property
    def counts(self) -> Counts:
        """What it did so far, and what it holds."""
        with self._lock:
            kept = sum(len(entries) for entries in self._entries.values())
            return Counts(self._hits, self._misses, kept, self._weights.total())

    def of(self, key: Callable[[], Key], work: Callable[[Ledger], Made], *, owner: str, ledger: Ledger) -> Made:
        """What `work` makes, and in the ledger what it notes: made now, or kept since it was made of the same key.

        The nomenclatures in use are part of every key. What `work` refuses by raising is not kept.
        """
        if not self._limit:
            return work(ledger)
        whole = (current(), *key())
        kept = self._found(whole, owner)
        if kept is None:
            apart = Ledger()
            try:
                made = work(apart)
            finally:
                ledger.join(apart)
            self._keep(whole, owner, made, apart)
            return made
        ledger.join_kept(kept.losses, kept.unverifiable)
        return kept.made  # type: ignore[no-any-return]  # the key names the work

    def _found(self, key: Key, owner: str) -> _Kept | None:
        with self._lock:
            entries = self._entries.get(owner)
            kept = entries.get(key) if entries is not None else None
            if entries is None or kept is None:
                self._misses += 1
                return None
            entries.move_to_end(key)
            self._hits += 1
            return kept

    def _keep(self, key: Key, owner: str, made: Any, noted: Ledger) -> None:
        weight = _weight(made) + _OF_LOSS * len(noted) + _OF_ENTRY
        if weight * _LARGEST_SHARE > self._limit:
            return
        with self._lock:
            entries = self._entries.setdefault(owner, OrderedDict())
            before = entries.pop(key, None)
            entries[key] = _Kept(made, noted.entries, noted.unverifiable, weight)
            self._weights[owner] += weight - (before.weight if before is not None else 0)
            while self._weights.total() > self._limit:
                self._forget_one()

    def _forget_one(self) -> None:
        ((owner, _),) = self._weights.most_common(1)
        _, forgotten = self._entries[owner].popitem(last=False)
        self._weights[owner] -= forgotten.weight
        if not self._entries[owner]:
            del self._entries[owner], self._weights[owner]


def _weight(made: Any) -> int:
    return len(made) if isinstance(made, bytes) else _TIMES_JSON * len(_ENCODER.encode(made))


FORGETFUL = Memory(0)
"""Keeps nothing: every content is translated."""
