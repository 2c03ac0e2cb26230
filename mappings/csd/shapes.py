"""The engine of the tables: a shape says, once and in the order of the wire, how a class of the model is written.

The same table reads and writes, by two functions that are made from it (`compiled`, `writers`). Reading does not
depend on the order; what the table does not name is kept as an `Ajout`. Writing follows the order; what the table of a
version has no place for is noted by the engine itself, so that a class which gains an attribute cannot lose it in
silence.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol

import msgspec
from lxml import etree

from mappings.csd.compiled import Reader, reader
from mappings.csd.contexts import Reading, Writing
from mappings.csd.markup import Markup
from mappings.csd.namespaces import csd
from mappings.csd.records import EXTENSION_TYPE
from mappings.csd.strays import NONE, OF_EXTENSION, OF_REFERENCE
from mappings.csd.writers import Writer, writer
from mappings.loss import Severity

Values = dict[str, Any]
Take = Callable[[etree._Element, Values, Reading], None]


class Kind(Protocol):
    """A kind of element: how its value is read. `blank` is what stands where the schema wants something.

    A value is written by the `write(out, name, value, writing)` of its kind, which appends an element; that of a
    `Scalar` is the text that it makes of it, that of a shape the function of its table.
    """

    value_kind: str

    def read(self, element: etree._Element, reading: Reading) -> Any:
        """The value, None when the element carries none."""


class Part(Protocol):
    """A piece of a shape, for some attributes.

    One that is neither a field nor spread has its own ways: `takes()` gives the qualified names that it reads, each
    with what reads it, `put(out, value, writing)` appends its elements, `says(value)` tells whether it has any.
    """

    attributes: frozenset[str]


class Field:
    """One element for one attribute. `required` is the schema's: a missing value is then defaulted and noted."""

    repeats = False
    once = True

    def __init__(
        self,
        name: str,
        kind: Kind,
        attribute: str,
        *,
        required: bool = False,
        default: Any = None,
        severity: Severity | None = None,
    ) -> None:
        self.tag = csd(name)
        self.name = name
        self.kind = kind
        self.attribute = attribute
        self.attributes = frozenset({attribute})
        self.required = required
        self.default = default
        self.severity = severity or (Severity.WARNING if default is None else Severity.INFORMATION)


class Many:
    """One element per item of an attribute; the schema may want at least one."""

    repeats = True
    once = False

    def __init__(self, name: str, kind: Kind, attribute: str, *, required: bool = False) -> None:
        self.tag = csd(name)
        self.name = name
        self.kind = kind
        self.attribute = attribute
        self.attributes = frozenset({attribute})
        self.required = required


class First(Many):
    """Several items in the model, one element at most on the wire: the others are noted."""

    once = True


class Spread:
    """An element that only holds others: its children fill the same object. Left out when it would say nothing."""

    repeats = False
    known = NONE

    def __init__(self, name: str, *parts: Part, required: bool = False) -> None:
        self.tag = csd(name)
        self.name = name
        self.parts = parts
        self.required = required
        self.attributes = frozenset().union(*(part.attributes for part in parts))
        self.xml_attributes = ""


class Extension(Spread):
    """The extension of an element; its two mandatory attributes mean nothing (contract section 4). Several are one."""

    repeats = True
    known = OF_EXTENSION

    def __init__(self, *parts: Part, required: bool = False) -> None:
        super().__init__("extension", *parts, required=required)
        self.xml_attributes = EXTENSION_TYPE


class Shape:
    """How a class of the model is written in one version.

    `handled` are attributes that the caller writes or that have no element of their own. `fit` brings a value to what
    the version can say, and notes what it changes. `given` are attributes that the element implies, whose names are
    those of `gives` or handled. `heading` is the text of the attributes that the element has of the value.
    """

    value_kind = "object"
    known = NONE

    def __init__(
        self,
        build: type[msgspec.Struct],
        name: str,
        *parts: Part,
        handled: frozenset[str] = frozenset(),
        gives: frozenset[str] = frozenset(),
        fit: Callable[[Any, Writing], Any] | None = None,
        given: Callable[[etree._Element, Reading], Values] | None = None,
        heading: Callable[[Any], str] | None = None,
        blank: Any = None,
    ) -> None:
        self.build = build
        self.name = name
        self.parts = parts
        self.fit = fit
        self.given = given
        self.heading = heading
        self.handled = handled
        self.gives = gives
        self.blank = blank
        self._readers: dict[str, Reader] = {}
        fields = msgspec.structs.fields(build)
        covered = frozenset().union(*(part.attributes for part in parts)) | handled | {"ajouts"}
        self.uncarried = tuple(field.name for field in fields if field.name not in covered)
        self.adds = any(field.name == "ajouts" for field in fields)
        self.records = any(field.name == "metadonnee" for field in fields)

    def reader(self, tag: str) -> Reader:
        """What reads an object from an element of that name, as `read` does; made when the first one is read."""
        known = self._readers.get(tag)
        if known is None:
            known = self._readers[tag] = reader(self, tag)
        return known

    def read(self, element: etree._Element, reading: Reading, values: Values | None = None) -> Any:
        """The object of an element; None, and a note, when what makes it an object is missing (RG_EXP_002).

        `values` are the attributes that the element does not say.
        """
        return self.reader(str(element.tag))(element, reading, values)

    @cached_property
    def element(self) -> Writer:
        """What appends the element of an object, the way to it being known; made when the first one is written.

        It is called as `element(out, name, value, writing, attributes="")`.
        """
        return writer(self)

    def write(self, out: Markup, name: str, value: Any, writing: Writing) -> None:
        """Append the element of the object."""
        above = writing.path
        writing.path = f"{above}/{name}" if above else name
        self.element(out, name, value, writing)
        writing.path = above


class Entry(Shape):
    """An object with an entry of its own in a directory: its one attribute is its key."""

    known = OF_REFERENCE
