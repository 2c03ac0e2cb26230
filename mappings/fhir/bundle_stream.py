"""A Bundle in XML larger than memory, entry by entry, through the hardened parser.

What stands around the entries has to be of FHIR, in its order, and says nothing of them: it is checked and let go of,
but for a link to a next page.
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from lxml import etree

from mappings.csd.strays import said
from mappings.csd.way import Way
from mappings.fhir import r4
from mappings.fhir.bundle import is_next
from mappings.fhir.shape import Json
from mappings.fhir.xml import FHIR, ResourceRefused, read_member

_BUNDLE = f"{{{FHIR}}}Bundle"
_ENTRY = f"{{{FHIR}}}entry"
_RESOURCE = f"{{{FHIR}}}resource"
_ID = f"{{{FHIR}}}id"
_MEMBERS = r4.members("Bundle")
# A Bundle, an element of it.
_MEMBER = 2


class BundleRefused(Exception):
    """A document that is no Bundle, or one with an entry that is no FHIR; `code` is one of `ResourceRefused`, or
    `not-a-bundle`. `path` says where, `line` and `column` too; never the value.
    """

    def __init__(self, code: str, path: str, line: int, column: int) -> None:
        super().__init__(f"{code} at {path} (line {line}, column {column})")
        self.code = code
        self.path = path
        self.line = line
        self.column = column


class Entry(NamedTuple):
    """An entry as the JSON it would be; `rank` is that of its opening tag in the document."""

    content: Json
    rank: int


class BundleStream:
    """The Bundle of a source; `following`, once its entries are read, says whether a next page is linked."""

    def __init__(self, source: BinaryIO) -> None:
        self.following = False
        self._way = Way(source)
        self._entries = 0
        self._last = -1
        self._rank = 0

    def entries(self) -> Iterator[Entry]:
        """Its entries, in order; raises `XmlRefused` for its XML, `BundleRefused` for its FHIR."""
        for action, element in self._way.events():
            depth = len(self._way.open)
            if action == "start":
                if depth == 1 and element.tag != _BUNDLE:
                    raise self._refused("not-a-bundle", etree.QName(element).localname)
                if depth == _MEMBER:
                    self._rank = self._way.rank
                    self._refuse_text_before(element)
            elif depth == _MEMBER:
                yield from self._member(element)
                self._way.consumed(element)
            elif depth == 1 and element.attrib:
                raise self._refused("unknown-element", f"Bundle.{next(iter(element.attrib))!s}", 1)
            elif depth == 1 and self._way.spoken(element):
                raise self._refused("text", "Bundle", self._rank)

    def _refuse_text_before(self, element: etree._Element) -> None:
        before, parent = element.getprevious(), element.getparent()
        if said(before.tail if before is not None else parent.text if parent is not None else None):
            raise self._refused("text", "Bundle", self._rank)

    def place(self, rank: int) -> tuple[int, int]:
        """The line and column of the opening tag of that rank."""
        return self._way.place(rank)

    def _member(self, element: etree._Element) -> Iterator[Entry]:
        """The entry that an element of the Bundle is, if it is one."""
        name = self._placed(element)
        try:
            if element.tag == _ENTRY:
                yield Entry(_entry(element, f"entry[{self._entries}]"), self._rank)
                self._entries += 1
            else:
                content = read_member(_MEMBERS[name], element, f"Bundle.{name}")
                self.following |= name == "link" and is_next(content)
        except ResourceRefused as refused:
            inside = next((rank for rank, one in enumerate(element.iter()) if one is refused.element), 0)
            raise self._refused(refused.code, refused.path, self._rank + inside) from None

    def _placed(self, element: etree._Element) -> str:
        """The name of an element of the Bundle, which R4 knows and which stands in its order."""
        name = etree.QName(element).localname
        if element.tag != f"{{{FHIR}}}{name}" or name not in _MEMBERS:
            raise self._refused("unknown-element", f"Bundle.{name}", self._rank)
        order = list(_MEMBERS).index(name)
        if order < self._last:
            raise self._refused("order", f"Bundle.{name}", self._rank)
        if order == self._last and not _MEMBERS[name].many:
            raise self._refused("repeated", f"Bundle.{name}", self._rank)
        self._last = order
        return name

    def _refused(self, code: str, path: str, rank: int | None = None) -> BundleRefused:
        return BundleRefused(code, path, *self._way.place(rank))


def _entry(element: etree._Element, path: str) -> Json:
    """An entry. Of a resource whose type is not held there is only its type and its id: nothing more would be read."""
    holder = element.find(_RESOURCE)
    held = holder[0] if holder is not None and len(holder) == 1 else None
    name = etree.QName(held) if held is not None else None
    if holder is None or held is None or name is None or name.namespace != FHIR or name.localname in r4.RESOURCES:
        return _said_by(element, path)
    element.remove(holder)
    identifier = held.find(_ID)
    known = {} if identifier is None else {"id": str(identifier.get("value", ""))}
    return {**_said_by(element, path), "resource": {"resourceType": name.localname, **known}}


def _said_by(entry: etree._Element, path: str) -> Json:
    content: Json = read_member(_MEMBERS["entry"], entry, path)
    return content
