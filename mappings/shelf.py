"""Where a mapping keeps what it must remember from one object to the next: in memory, or where its caller says.

A reader and a writer ask for one shelf per thing they remember. A door hands out dictionaries; a translation of a
document larger than memory hands out shelves on disk. The order of a shelf is that of the first insertion of its keys.
"""

from collections.abc import MutableMapping
from typing import Any, Protocol


class Shelves(Protocol):
    """Gives a new empty shelf for values of a type."""

    def __call__(self, kind: Any) -> MutableMapping[Any, Any]:
        """The shelf. Keys are texts, or values made of texts, that compare equal when they say the same."""


def in_memory(kind: Any) -> MutableMapping[Any, Any]:
    """A dictionary."""
    return {}


class Recent(dict[Any, Any]):
    """A memory of bounded size: it forgets everything when it is full."""

    limit = 4096

    def __setitem__(self, key: Any, value: Any) -> None:
        """Remember the value."""
        if len(self) >= self.limit:
            self.clear()
        super().__setitem__(key, value)
