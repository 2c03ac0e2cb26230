"""A JSON object larger than memory: its members, and the items of its arrays, one at a time.

Only strings and brackets are looked at; what a member or an item is worth is for its reader to judge.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import msgspec

CHUNK = 64 * 1024
# What one item may weigh: a resource of the national guide is a hundred times smaller.
MAXIMUM_ITEM = 4 * 1024 * 1024

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[][{},:]|"', re.DOTALL)
# Some editors mark UTF-8 so: it says nothing of the object.
_MARK = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_STEP = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}


class JsonTextRefused(Exception):
    """The bytes are not a JSON object that may enter. `code` is `not-well-formed`, `not-an-object`, `duplicate-key`
    or `too-large`.
    """

    def __init__(self, code: str, line: int, column: int) -> None:
        super().__init__(f"{code} (line {line}, column {column})")
        self.code = code
        self.line = line
        self.column = column


class Member(NamedTuple):
    """A member of the object, or one item of a member that is an array; `data` is its JSON."""

    name: str
    data: bytes
    item: bool
    line: int
    column: int


def members(source: BinaryIO) -> Iterator[Member]:
    """The members of the object in a source, in order; raises `JsonTextRefused`."""
    text = _Text(source)
    if text.token(alone=True) != b"{":
        raise text.refuse("not-an-object")
    seen: set[str] = set()
    token = text.token(alone=True)
    while token != b"}":
        name = text.name(token)
        if name in seen:
            raise text.refuse("duplicate-key")
        seen.add(name)
        if text.token(alone=True) != b":":
            raise text.refuse("not-well-formed")
        yield from _value(text, name)
        if text.last == b"}":
            break
        token = text.token(alone=True)
        if token == b"}":
            raise text.refuse("not-well-formed")
    text.finish()


def _value(text: "_Text", name: str) -> Iterator[Member]:
    """The value of a member, or its items, and the comma or the bracket that ends it."""
    text.mark()
    token = text.token()
    if token == b"[" and not text.taken(before=token):
        yield from _items(text, name)
        if text.token(alone=True) not in (b",", b"}"):
            raise text.refuse("not-well-formed")
        return
    depth = 0
    while depth or token not in (b",", b"}"):
        depth += _STEP.get(token, 0)
        if depth < 0:
            raise text.refuse("not-well-formed")
        token = text.token()
    yield text.member(name, item=False)


def _items(text: "_Text", name: str) -> Iterator[Member]:
    text.mark()
    depth = found = 0
    while True:
        token = text.token()
        if depth == 0 and token == b"]":
            if text.taken(before=token):
                yield text.member(name, item=True)
            elif found:
                raise text.refuse("not-well-formed")
            return
        if depth == 0 and token == b",":
            yield text.member(name, item=True)
            found += 1
            text.mark()
        depth += _STEP.get(token, 0)
        if depth < 0:
            raise text.refuse("not-well-formed")


class _Text:
    """The source, token by token. Between `mark` and the last token, the bytes of a value are kept."""

    def __init__(self, source: BinaryIO) -> None:
        source.seek(0)
        if source.read(len(_MARK)) != _MARK:
            source.seek(0)
        self._source = source
        self._data = b""
        self._place = (1, 1)
        self._begin = self._end = 0
        self._mark = -1
        self.last = b""

    def token(self, *, alone: bool = False) -> bytes:
        """The next string or bracket; `alone` when only blanks may stand before it."""
        if self._mark < 0 and self._end >= CHUNK:
            self._drop(self._end)
        found = _TOKEN.search(self._data, self._end)
        while found is None or found[0] == b'"':
            if alone:
                self._refuse_bare()
            self._grow()
            found = _TOKEN.search(self._data, self._end)
        if alone and self._data[self._end : found.start()].strip(_BLANK):
            self._begin = self._end
            raise self.refuse("not-well-formed")
        self._begin, self._end = found.span()
        self.last = found[0]
        return self.last

    def _refuse_bare(self) -> None:
        """Where a bracket or a string must come, nothing else is worth waiting for."""
        rest = self._data[self._end :].lstrip(_BLANK)
        if rest and rest[:1] not in b'"[]{},:':
            self._begin = len(self._data) - len(rest)
            raise self.refuse("not-well-formed")

    def _grow(self) -> None:
        kept = self._mark if self._mark >= 0 else self._end
        if len(self._data) - kept > MAXIMUM_ITEM:
            self._begin = kept
            raise self.refuse("too-large")
        if kept:
            self._drop(kept)
        # Twice as much each time: a long item is searched again from its start.
        more = self._source.read(max(CHUNK, len(self._data)))
        if not more:
            self._begin = len(self._data)
            raise self.refuse("not-well-formed")
        self._data += more

    def _drop(self, length: int) -> None:
        self._place = self._at(length)
        self._data = self._data[length:]
        self._begin -= length
        self._end -= length
        if self._mark >= 0:
            self._mark -= length

    def _at(self, offset: int) -> tuple[int, int]:
        line, column = self._place
        newline = self._data.rfind(b"\n", 0, offset)
        return line + self._data.count(b"\n", 0, offset), column + offset if newline < 0 else offset - newline

    def mark(self) -> None:
        """A value begins after the last token."""
        self._mark = self._end

    def taken(self, *, before: bytes) -> bytes:
        """What stands between the mark and the last token."""
        return self._data[self._mark : self._end - len(before)].strip(_BLANK)

    def member(self, name: str, *, item: bool) -> Member:
        """The value that the last token ends."""
        data = self.taken(before=self.last)
        if not data:
            raise self.refuse("not-well-formed")
        place = self._at(self._data.index(data[:1], self._mark))
        self._mark = -1
        return Member(name, data, item, *place)

    def name(self, token: bytes) -> str:
        """The name that a token says."""
        try:
            return msgspec.json.decode(token, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self.refuse("not-well-formed") from None

    def refuse(self, code: str) -> JsonTextRefused:
        """The refusal at the last token."""
        return JsonTextRefused(code, *self._at(max(self._begin, 0)))

    def finish(self) -> None:
        """Nothing may follow the object."""
        rest = self._data[self._end :]
        self._begin = self._end
        while not rest.strip(_BLANK):
            rest = self._source.read(CHUNK)
            if not rest:
                return
        raise self.refuse("not-well-formed")
