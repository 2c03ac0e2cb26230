"""The way through a document larger than memory: what is open, what can be let go of, where one stands."""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from mappings.csd.strays import has_text, said
from mappings.csd.xml import Incremental, XmlRefused, position

CHUNK = 64 * 1024
# What one entry may weigh: the largest known are a hundred times smaller.
MAXIMUM_ENTRY = 4 * 1024 * 1024
MAXIMUM_ELEMENTS = 50_000


class Way:
    """The elements that stand open, and what has been read since the last one that was consumed."""

    def __init__(self, source: BinaryIO, schema: etree.XMLSchema | None = None) -> None:
        self._source = source
        self._parser = Incremental(schema)
        self.open: list[str] = []
        self._spoken: set[tuple[str, ...]] = set()
        self._elements = 0
        self._bytes = 0

    def events(self) -> Iterator[tuple[str, etree._Element]]:
        """The opening and closing of every element, `open` being the way to it."""
        self._source.seek(0)
        try:
            while data := self._source.read(CHUNK):
                self._bytes += len(data)
                yield from self._counted(self._parser.feed(data))
                if self._bytes > MAXIMUM_ENTRY + CHUNK:
                    raise XmlRefused("too-large")
            yield from self._counted(self._parser.close())
        except XmlRefused as refused:
            raise refused if refused.line else XmlRefused(refused.code, *self.place()) from None

    def _counted(self, events: Iterator[tuple[str, etree._Element]]) -> Iterator[tuple[str, etree._Element]]:
        for action, element in events:
            if action == "start":
                self.open.append(str(element.tag))
                self._elements += 1
                if self._elements > MAXIMUM_ELEMENTS:
                    raise XmlRefused("too-large")
                yield action, element
            else:
                yield action, element
                self.open.pop()

    def consumed(self, element: etree._Element) -> None:
        """Let go of an element and of all that stood before it; a text between them is remembered."""
        self._elements = self._bytes = 0
        # What follows the element may have been read already: it is told once the element goes.
        element.clear(keep_tail=True)  # type: ignore[call-arg]  # missing from the stubs
        parent = element.getparent()
        if parent is not None:
            while (before := element.getprevious()) is not None:
                if said(before.tail):
                    self._spoken.add(tuple(self.open[:-1]))
                del parent[0]

    def spoken(self, element: etree._Element) -> bool:
        """Whether text stood between the children of the element that closes, consumed ones included."""
        here = tuple(self.open)
        between = here in self._spoken
        self._spoken.discard(here)
        return between or has_text(element)

    @property
    def rank(self) -> int:
        """Which opening tag the last element that opened had, from 1."""
        return self._parser.opened

    def place(self, rank: int | None = None) -> tuple[int, int]:
        """The line and column of the element of that rank, the last one that opened when none is given."""
        self._source.seek(0)
        return position(iter(lambda: self._source.read(CHUNK), b""), rank=rank or self.rank)
