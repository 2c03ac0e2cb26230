"""The engine of the tables: a shape says, once and in the order of the wire, how a class of the model is written.

The same table reads and writes. Reading does not depend on the order; what the table does not name is kept as an
`Ajout`. Writing follows the order; what the table of a version has no place for is noted by the engine itself, so that
a class which gains an attribute cannot lose it in silence.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol

import msgspec
from lxml import etree

from mappings.csd.additions import place
from mappings.csd.compiled import Reader, reader
from mappings.csd.contexts import Reading, Writing
from mappings.csd.markup import CONTENT, Markup, closed, opened
from mappings.csd.namespaces import csd
from mappings.csd.records import EXTENSION_TYPE
from mappings.csd.strays import NONE, OF_EXTENSION, OF_REFERENCE
from mappings.exposition.values import Metadonnee
from mappings.loss import LossKind, Severity

Values = dict[str, Any]
Take = Callable[[etree._Element, Values, Reading], None]


class Kind(Protocol):
    """A kind of element: how its value is read and written. `blank` is what stands where the schema wants something."""

    value_kind: str

    def read(self, element: etree._Element, reading: Reading) -> Any:
        """The value, None when the element carries none."""

    def write(self, out: Markup, name: str, value: Any, writing: Writing) -> None:
        """Append the element of a value."""


class Part(Protocol):
    """A piece of a shape: the attributes it fills when reading, what it appends when writing.

    One that is neither a field nor spread reads in its own way: `takes()` gives the qualified names that it reads, each
    with what reads it.
    """

    attributes: frozenset[str]

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the elements of the value."""

    def says(self, value: Any) -> bool:
        """Whether the value has anything for this part."""


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

    def says(self, value: Any) -> bool:
        """Whether the attribute is there."""
        return getattr(value, self.attribute) is not None

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the element, defaulted if the schema wants it; a name without a character is no name."""
        item = getattr(value, self.attribute)
        if item is not None and item != "":
            self.kind.write(out, self.name, item, writing)
        elif self.required:
            self._default(out, writing)

    def _default(self, out: Markup, writing: Writing) -> None:
        default = self.default if self.default is not None else getattr(self.kind, "blank", "")
        if not isinstance(default, Metadonnee):  # a record notes for itself what it takes from the object above
            writing.note_here(
                LossKind.DEFAULTED,
                f"default.{self.name}",
                value_kind=self.kind.value_kind,
                severity=self.severity,
                below=self.name,
            )
        if isinstance(default, str):
            out.append(f"<csd:{self.name}>{CONTENT[default]}</csd:{self.name}>")
        else:
            self.kind.write(out, self.name, default, writing)


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

    def says(self, value: Any) -> bool:
        """Whether there is any item."""
        return bool(getattr(value, self.attribute))

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append one element per item."""
        items = getattr(value, self.attribute)
        for item in items:
            self.kind.write(out, self.name, item, writing)
        if not items and self.required:
            writing.note_here(
                LossKind.DEFAULTED,
                f"default.{self.name}",
                value_kind=self.kind.value_kind,
                below=self.name,
            )
            self.kind.write(out, self.name, getattr(self.kind, "blank", ""), writing)


class First(Many):
    """Several items in the model, one element at most on the wire: the others are noted."""

    once = True

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the first item."""
        items = getattr(value, self.attribute)
        if items:
            self.kind.write(out, self.name, items[0], writing)
        for _ in items[1:]:
            writing.note_here(
                LossKind.DROPPED,
                f"first.{self.name}",
                value_kind=self.kind.value_kind,
                below=self.name,
            )


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

    def says(self, value: Any) -> bool:
        """Whether any of its parts has something."""
        return any(part.says(value) for part in self.parts)

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the element and its children."""
        if self.required or self.says(value):
            above = writing.path
            writing.path = f"{above}/{self.name}" if above else self.name
            start = opened(out, self.name, self.xml_attributes)
            for part in self.parts:
                part.put(out, value, writing)
            closed(out, self.name, start)
            writing.path = above


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
    those of `gives` or handled.
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
        blank: Any = None,
    ) -> None:
        self.build = build
        self.name = name
        self.parts = parts
        self.fit = fit
        self.given = given
        self.handled = handled
        self.gives = gives
        self.blank = blank
        fields = msgspec.structs.fields(build)
        covered = frozenset().union(*(part.attributes for part in parts)) | handled | {"ajouts"}
        self.uncarried = tuple(field.name for field in fields if field.name not in covered)
        self.required = tuple(field.name for field in fields if field.required)
        self.adds = any(field.name == "ajouts" for field in fields)
        self.records = any(field.name == "metadonnee" for field in fields)

    @cached_property
    def reader(self) -> Reader:
        """The function of the table, made when the first object is read."""
        return reader(self)

    def read(self, element: etree._Element, reading: Reading, values: Values | None = None) -> Any:
        """The object of an element; None, and a note, when what makes it an object is missing (RG_EXP_002).

        `values` are the attributes that the element does not say.
        """
        return self.reader(element, reading, values)

    def write(self, out: Markup, name: str, value: Any, writing: Writing) -> None:
        """Append the element of the object."""
        above = writing.path
        writing.path = f"{above}/{name}" if above else name
        self.element(out, name, value, writing)
        writing.path = above

    def element(self, out: Markup, name: str, value: Any, writing: Writing, attributes: str = "") -> None:
        """Append the element of the object, the way to it being known."""
        above = writing.metadonnee
        if self.fit is not None:
            value = self.fit(value, writing)
        if self.records and value.metadonnee is not None:
            writing.metadonnee = value.metadonnee
        start = opened(out, name, attributes)
        for part in self.parts:
            part.put(out, value, writing)
        for attribute in self.uncarried:
            if getattr(value, attribute) not in (None, ()):
                writing.note_here(
                    LossKind.DROPPED,
                    f"{self.name}.{attribute}",
                    value_kind="attribute",
                    severity=Severity.INFORMATION if attribute == "metadonnee" else Severity.ERROR,
                    below=attribute,
                )
        closed(out, name, start)
        if self.adds and value.ajouts:
            out[start - 1 :] = [place("".join(out[start - 1 :]), value.ajouts, writing)]
        writing.metadonnee = above


class Entry(Shape):
    """An object with an entry of its own in a directory: its one attribute is its key."""

    known = OF_REFERENCE
