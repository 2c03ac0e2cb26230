"""No search for cycles while a document is translated.

A document becomes hundreds of thousands of small values that live until its end and hold no cycle. The collector, which
starts when many values have been made, walks through all of them again and again and finds nothing: it cost more than
the translation itself (docs/benchmarks.md). What is dropped is freed at once all the same, by its count of references.
"""

import gc
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")

# Documents of several threads can follow each other without a gap: then one collection in so many ends.
OVERLAPPING = 64


class _Pause:
    """Pauses of several threads at once are one: the last to end starts the collector again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open = 0
        self._ended = 0
        self._collecting = False

    def __enter__(self) -> None:
        with self._lock:
            if self._open == 0:
                self._collecting = gc.isenabled()
                gc.disable()
            self._open += 1

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._open -= 1
            self._ended = self._ended + 1 if self._open else 0
            if self._open == 0 and self._collecting:
                gc.enable()
        if self._ended >= OVERLAPPING:
            self._ended = 0
            gc.collect()


_PAUSE = _Pause()


def without_collection(work: Callable[Given, Made]) -> Callable[Given, Made]:
    """The same work, done while the collector of cycles is paused."""

    @wraps(work)
    def paused(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        with _PAUSE:
            return work(*args, **kwargs)

    return paused
