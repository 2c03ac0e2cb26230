"""The one hardened parser: every byte of XML that enters goes through `parse`.

What is refused is decided by a real parse, not by searching the bytes, so that no encoding hides it. Nothing is
resolved: no entity, no external subset, no network. A document type or an entity is refused even when harmless: the
contract uses none. Comments and processing instructions are dropped, so that a text is whole in one node and a
comment cannot cut an identifier in two. A document too large for memory goes through `Incremental`, by the same rules.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from lxml import etree

MEGABYTE = 1024 * 1024
MAXIMUM_SIZE = 32 * MEGABYTE
MAXIMUM_DEPTH = 200
# The longest text, or tag with its attributes: a hostile one would cost many times its size.
MAXIMUM_RUN = 256 * 1024

# The encodings that read the same in every parser; the others (UTF-7…) only serve to hide markup.
ENCODINGS = frozenset({"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "US-ASCII", "ASCII", "ISO-8859-1", "ISO-8859-15"})

_STARTS = {
    b"\xef\xbb\xbf": "UTF-8",
    b"\xff\xfe": "UTF-16LE",
    b"\xfe\xff": "UTF-16BE",
}
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

_ENCODING_ERRORS = frozenset(
    {
        etree.ErrorTypes.ERR_INVALID_ENCODING,
        etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
        etree.ErrorTypes.ERR_ENCODING_NAME,
    }
)
_ENTITY_ERRORS = frozenset({etree.ErrorTypes.ERR_UNDECLARED_ENTITY, etree.ErrorTypes.ERR_ENTITY_LOOP})
_RESOURCE_LIMIT = 114
# The range that the parser keeps for what a schema does not allow.
_SCHEMA_ERRORS = range(1800, 1900)

_DEEP = "/*" * (MAXIMUM_DEPTH + 1)
# To ask whether there is one costs less than to gather those of every depth, which is only done of a refused document.
_TOO_DEEP = etree.XPath(f"boolean({_DEEP})")
_FIRST_TOO_DEEP = etree.XPath(f"({_DEEP})[1]")
_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class XmlRefused(Exception):
    """The bytes are not XML that may enter.

    `code` is one of not-well-formed, doctype, entity, too-deep, too-large, encoding, schema; `line` and `column` say
    where when the parser knows, else 0. The text of the document is never repeated.
    """

    def __init__(self, code: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"{code} (line {line}, column {column})")
        self.code = code
        self.line = line
        self.column = column


def parse(
    data: bytes,
    *,
    maximum_size: int = MAXIMUM_SIZE,
    maximum_run: int = MAXIMUM_RUN,
    maximum_marks: int | None = None,
    charset: str | None = None,
) -> etree._Element:
    """The root element of a document that may enter; raises `XmlRefused` for all others.

    `charset` is what the transport says of the encoding. It is believed of a document that says nothing of itself; a
    document that says another is refused, because one of the two would read other characters than were written.
    `maximum_marks` bounds the tags and the attributes, each of which costs many times its bytes once it is in a tree.
    """
    if len(data) > maximum_size or (maximum_marks is not None and marks(data) > maximum_marks):
        raise XmlRefused("too-large")
    _refuse_long_runs(data, maximum_run)
    parser = etree.XMLParser(**_OPTIONS, encoding=_transported(data, charset))
    try:
        root = etree.fromstring(data, parser)  # noqa: TID251 - this is the one place
    except etree.XMLSyntaxError as error:
        code: int = error.code  # type: ignore[attr-defined]  # missing from the stubs
        raise _refusal(code, error.msg or "", *error.position) from None
    _refuse_prologue(root, data)
    if _TOO_DEEP(root):
        deep: Any = _FIRST_TOO_DEEP(root)
        raise XmlRefused("too-deep", *position(iter([data]), rank=rank_of(deep[0])))
    return root


def marks(data: bytes) -> int:
    """How many tags, comments, instructions and attributes some bytes hold, at most."""
    return data.count(b"<") + data.count(b"=")


def parse_own(data: bytes) -> etree._Element:
    """The tree of what a mapping wrote: as large as it is."""
    return parse(data, maximum_size=len(data), maximum_run=len(data))


def _transported(data: bytes, charset: str | None) -> str | None:
    """The encoding of the transport, for a document that does not say its own."""
    if charset is None:
        return None
    if charset.upper() not in ENCODINGS:
        raise XmlRefused("encoding", 1, 1)
    own = _own_encoding(data)
    if own is None:
        return charset
    if _family(own) != _family(charset):
        raise XmlRefused("encoding", 1, 1)
    return None


def _own_encoding(data: bytes) -> str | None:
    """What a document says of its encoding, by its first bytes or its declaration (XML 1.0, appendix F)."""
    for start, encoding in _STARTS.items():
        if data.startswith(start):
            return encoding
    declared = _DECLARED.match(data)
    return None if declared is None else declared[1].decode("ascii")


def _family(encoding: str) -> str:
    """One name for the spellings of an encoding; the orders of UTF-16 are one, which its first bytes tell."""
    upper = encoding.upper()
    return {"UTF-16LE": "UTF-16", "UTF-16BE": "UTF-16", "ASCII": "US-ASCII"}.get(upper, upper)


def rank_of(element: etree._Element) -> int:
    """Which opening tag of its document an element has, from 1."""
    return next(rank for rank, found in enumerate(element.getroottree().iter(), start=1) if found is element)


def _refuse_long_runs(data: bytes, maximum: int) -> None:
    """Refuse a text or a tag too long, before a parser makes many small things of it.

    No text and no attribute holds `<`: between two of them stands one tag and one text.
    """
    start = 0
    while start + maximum < len(data):
        following = data.rfind(b"<", start, start + maximum)
        if following < start:
            raise XmlRefused("too-large", *_advanced((1, 0), data[:start]))
        start = following + 1


def _refuse_prologue(root: etree._Element, data: bytes) -> None:
    """Refuse a document type, and an encoding that parsers do not agree on."""
    try:
        _refuse_type(root)
    except XmlRefused as refused:
        raise XmlRefused(refused.code, *position(iter([data]))) from None
    _refuse_encoding(root)


def _refuse_type(root: etree._Element) -> None:
    document = root.getroottree().docinfo
    if document.internalDTD is not None or document.doctype:
        raise XmlRefused("doctype")


def _refuse_encoding(root: etree._Element) -> None:
    if (root.getroottree().docinfo.encoding or "UTF-8").upper() not in ENCODINGS:
        raise XmlRefused("encoding", 1, 1)


class _Reached(Exception):
    """The place that was looked for."""


def position(chunks: Iterator[bytes], rank: int = 0) -> tuple[int, int]:
    """The line and column of the element of a rank, in the order of opening tags, or of the document type before it.

    Trees keep no column and only small lines: a refusal is located by another reading of the same bytes.
    """
    reader = expat.ParserCreate()
    opened = 0
    found = (0, 0)

    def reached() -> None:
        nonlocal found
        found = (reader.CurrentLineNumber, reader.CurrentColumnNumber + 1)
        raise _Reached

    def opening(*_: object) -> None:
        nonlocal opened
        opened += 1
        if opened == rank:
            reached()

    reader.StartElementHandler = opening
    reader.StartDoctypeDeclHandler = lambda *_: reached()
    try:
        for chunk in chunks:
            reader.Parse(chunk, False)
    except (_Reached, expat.ExpatError):
        pass
    return found


class Incremental:
    """A document that enters piece by piece: `feed` gives the elements that open and close, in order.

    The caller clears what it has consumed. `opened` counts the opening tags handed out so far. With a schema, what it
    does not allow is refused (`schema`) where it stands.
    """

    def __init__(self, schema: etree.XMLSchema | None = None) -> None:
        self._parser = etree.XMLPullParser(events=("start", "end"), schema=schema, **_OPTIONS)
        self._run = 0
        self._here = (1, 0)
        self._tag = (1, 1)
        self._root: etree._Element | None = None
        self.depth = 0
        self.opened = 0

    def feed(self, data: bytes) -> Iterator[tuple[str, etree._Element]]:
        """The events of the next piece; raises `XmlRefused`."""
        self._measure(data)
        if self._run > MAXIMUM_RUN:
            raise XmlRefused("too-large", *self._tag)
        try:
            self._parser.feed(data)
        except etree.XMLSyntaxError as error:
            raise self._refusal(error) from None
        yield from self._events()

    def _measure(self, data: bytes) -> None:
        """Follow how long the last tag and its text have become, and where they began."""
        last = data.rfind(b"<")
        self._run = self._run + len(data) if last < 0 else len(data) - last
        if last >= 0:
            self._tag = _advanced(self._here, data[: last + 1])
        self._here = _advanced(self._here, data)

    def _events(self) -> Iterator[tuple[str, etree._Element]]:
        events: Iterator[Any] = self._parser.read_events()
        for action, element in events:
            if action == "start":
                self.depth += 1
                self.opened += 1
                if self._root is None:
                    self._root = element
                    _refuse_type(element)
                if self.depth > MAXIMUM_DEPTH:
                    raise XmlRefused("too-deep")
            else:
                self.depth -= 1
            yield action, element

    def close(self) -> Iterator[tuple[str, etree._Element]]:
        """The last events of a document that is whole; raises `XmlRefused` when it is not."""
        try:
            root = self._parser.close()
        except etree.XMLSyntaxError as error:
            raise self._refusal(error) from None
        # Only a whole tree knows the encoding it was in.
        _refuse_encoding(root)
        yield from self._events()

    def _refusal(self, error: etree.XMLSyntaxError) -> XmlRefused:
        # A push parser raises some refusals without their place: its log has it.
        entries = list(self._parser.feed_error_log)
        if entries:
            first = entries[0]
            return _refusal(first.type, first.message, first.line, first.column)
        code: int = error.code  # type: ignore[attr-defined]  # missing from the stubs
        return _refusal(code, error.msg or "", *error.position)


def _advanced(place: tuple[int, int], data: bytes) -> tuple[int, int]:
    """The line and column of the last of some bytes that follow a place."""
    line, column = place
    newline = data.rfind(b"\n")
    return line + data.count(b"\n"), column + len(data) if newline < 0 else len(data) - newline - 1


def _refusal(code: int, message: str, line: int | None, column: int | None) -> XmlRefused:
    return XmlRefused(_token(code, message), line or 1, column or 1)


def _token(code: int, message: str) -> str:
    if code in _SCHEMA_ERRORS:
        return "schema"
    if code in _ENCODING_ERRORS:
        return "encoding"
    if code in _ENTITY_ERRORS:
        return "entity"
    if code == etree.ErrorTypes.ERR_DOCTYPE_NOT_FINISHED:
        return "doctype"
    if code == _RESOURCE_LIMIT:
        # The parser tells its limits apart in its message only.
        return "too-deep" if "depth" in message else "entity" if "amplification" in message else "too-large"
    if "too big" in message:
        return "too-large"
    return "not-well-formed"


def serialize(element: etree._Element) -> bytes:
    """The document of an element, in UTF-8 with its declaration."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")
