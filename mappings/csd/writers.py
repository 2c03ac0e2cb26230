"""The writing of a class, made from its table: one function, compiled when the first object of the class is written.

As for the reading (`compiled`), the table (`shapes`) stays the one source, and the function is the code that one would
write by hand for the class: a test of each attribute in the order of the wire, and below it the text of the element.
Scalars and codes met before are written without a call; every other kind writes its own element, and a part that
writes in its own way (`put`) is called. What the schema wants and the value lacks is written, and noted, in its place.

The way to the element at hand (`writing.path`) is kept for whoever notes something there.

`source(shape)` is the text of the function; `tests/mappings/csd/test_writers.py` shows one whole.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from mappings.csd.additions import place
from mappings.csd.codes import Coded
from mappings.csd.contexts import Writing
from mappings.csd.markup import CONTENT
from mappings.csd.records import Record, repeated
from mappings.csd.scalars import Boolean, Scalar
from mappings.csd.source import Source
from mappings.loss import LossKind, Severity

if TYPE_CHECKING:
    from mappings.csd.shapes import Part, Shape, Spread

Writer = Callable[..., None]


def writer(shape: "Shape") -> Writer:
    """The function that appends the element of an object, the way to it being known.

    It is called as `write(out, name, value, writing, attributes="")`.
    """
    return _Written(shape).function("write")


def holder(spread: "Spread") -> Writer:
    """The function that appends a spread element and what it holds of an object: `write(out, value, writing)`."""
    return _Held(spread).function("write")


def source(shape: "Shape") -> str:
    """The text of the function that appends the element of an object."""
    return "\n".join(_Written(shape).lines)


def default(writing: Writing, name: str, value_kind: str, severity: Severity) -> None:
    """Tell that the schema wants an element which the value lacks."""
    writing.note_here(LossKind.DEFAULTED, f"default.{name}", value_kind=value_kind, severity=severity, below=name)


def further(writing: Writing, name: str, value_kind: str) -> None:
    """Tell that a value has one more item than the wire."""
    writing.note_here(LossKind.DROPPED, f"first.{name}", value_kind=value_kind, below=name)


def uncarried(writing: Writing, name: str, attribute: str) -> None:
    """Tell that the version has no place for an attribute of a class."""
    severity = Severity.INFORMATION if attribute == "metadonnee" else Severity.ERROR
    writing.note_here(
        LossKind.DROPPED, f"{name}.{attribute}", value_kind="attribute", severity=severity, below=attribute
    )


class _Text(Source):
    """The text of a function that writes the parts of an object."""

    def __init__(self, of: str) -> None:
        super().__init__(of)
        self.names |= {
            "CONTENT": CONTENT,
            "default": default,
            "further": further,
            "place": place,
            "repeated": repeated,
            "uncarried": uncarried,
        }
        self._spreads = 0
        # Where the text stands: the variable of the way to it, which at the top of an entry is empty, and the name of
        # the element at hand, which for a class is that under which it is written.
        self._path, self._deep, self._above = "path", False, "name"

    def _started(self) -> None:
        self._line("append, codes, path = out.append, writing.codes, writing.path")

    def _step(self, name: str) -> str:
        way = f"f'{{{self._path}}}/{name}'"
        return way if self._deep else f"{way} if {self._path} else {name!r}"

    def _part(self, part: Any) -> None:
        if hasattr(part, "put"):
            self._line(f"{self._named('part', part)}.put(out, value, writing)")
        elif hasattr(part, "parts"):
            self._spread(part)
        elif part.repeats:
            self._items(part)
        else:
            self._field(part)

    def _field(self, part: Any) -> None:
        """An element for an attribute; a name without a character is no name."""
        self._line(f"item = value.{part.attribute}")
        self._line(f"if {_is_said(part.kind)}:")
        self._inside(lambda: self._element(part))
        if part.required:
            given = part.default if part.default is not None else getattr(part.kind, "blank", "")
            self._line("else:")
            self._inside(lambda: self._default(part, given, part.severity))

    def _default(self, part: Any, given: Any, severity: Severity) -> None:
        if isinstance(part.kind, Record):  # it notes for itself what it takes from the object above
            self._line(f"append(repeated({part.name!r}, {self._step(part.name)}, writing))")
            return
        noted = f"{part.name!r}, {part.kind.value_kind!r}, {self._named('severity', severity)}"
        self._line(f"default(writing, {noted})")
        if isinstance(given, str):
            self._line(f"append({f'<csd:{part.name}>{CONTENT[given]}</csd:{part.name}>'!r})")
        elif _is_shape(part.kind):
            self._object_of(part, self._named("given", given))
        else:
            self._called(part, self._named("given", given))

    def _items(self, part: Any) -> None:
        """An element per item of an attribute, or one for the first."""
        self._line(f"items = value.{part.attribute}")
        if part.once:
            self._line("if items:")
            self._inside(lambda: self._first(part))
        elif _is_shape(part.kind):
            self._line("if items:")
            self._inside(lambda: self._object_of(part, "item", "for item in items: "))
        else:
            self._line("for item in items:")
            self._inside(lambda: self._element(part))
        if part.required:
            self._line("if not items:")
            self._inside(lambda: self._default(part, getattr(part.kind, "blank", ""), Severity.WARNING))

    def _first(self, part: Any) -> None:
        self._line("item = items[0]")
        self._element(part)
        self._line("for _ in items[1:]:")
        self._line(f"    further(writing, {part.name!r}, {part.kind.value_kind!r})")

    def _element(self, part: Any) -> None:
        """The element of an item, without a call where its text is at hand."""
        if _is_shape(part.kind):
            self._object_of(part, "item")
        elif isinstance(part.kind, Scalar):
            self._scalar(part)
        elif type(part.kind).write is Coded.write:
            self._line(f"text = codes.get(({self._above}, {part.name!r}, item))")
            self._line("if text is not None:")
            self._line("    append(text)")
            self._line("else:")
            self._inside(lambda: self._called(part, "item"))
        else:
            self._called(part, "item")

    def _called(self, part: Any, item: str) -> None:
        self._line(f"{self._named('kind', part.kind)}.write(out, {part.name!r}, {item}, writing)")

    def _object_of(self, part: Any, item: str, loop: str = "") -> None:
        self._line(f"writing.path = {self._step(part.name)}")
        self._line(f"{loop}{self._named('write', part.kind.element)}(out, {part.name!r}, {item}, writing)")
        self._line(f"writing.path = {self._path}")

    def _scalar(self, part: Any) -> None:
        name, kind = part.name, part.kind
        if isinstance(kind, Boolean):
            yes, no = (f"<csd:{name}>{word}</csd:{name}>" for word in ("true", "false"))
            self._line(f"append({yes!r} if item else {no!r})")
            return
        text = "CONTENT[item]" if type(kind) is Scalar else f"{self._named('kind', kind)}.format(item, writing)"
        self._line(f"append(f'<csd:{name}>{{{text}}}</csd:{name}>')")

    def _spread(self, part: "Spread") -> None:
        """A spread element, left out when it would say nothing."""
        if part.required:
            self._holding(part)
        else:
            self._line(f"if {' or '.join(self._says(part))}:")
            self._inside(lambda: self._holding(part))

    def _says(self, part: Any) -> Iterable[str]:
        """Whether a part has something, by the expressions of which one is true."""
        if hasattr(part, "says"):
            yield f"{self._named('part', part)}.says(value)"
        elif hasattr(part, "parts"):
            for inner in part.parts:
                yield from self._says(inner)
        else:
            yield f"value.{part.attribute}" if part.repeats else f"value.{part.attribute} is not None"

    def _holding(self, part: "Spread") -> None:
        outside = self._path, self._deep, self._above
        self._spreads += 1
        path, start = f"path_{self._spreads}", f"start_{self._spreads}"
        self._line(f"writing.path = {path} = {self._step(part.name)}")
        self._path, self._deep, self._above = path, True, repr(part.name)
        self._line(f"append({f'<csd:{part.name}{part.xml_attributes}>'!r})")
        self._content(part.parts, part.name, start)
        self._path, self._deep, self._above = outside
        self._line(f"writing.path = {self._path}")

    def _content(self, parts: Iterable["Part"], name: str, start: str) -> None:
        """What an open element holds, and its end: one that holds nothing is written as one tag."""
        parts = tuple(parts)
        certain = any(map(_is_certain, parts))
        if not certain:
            self._line(f"{start} = len(out)")
        for part in parts:
            self._part(part)
        end = f"append(f'</csd:{name}>')" if name == "{name}" else f"append({f'</csd:{name}>'!r})"
        if certain:
            self._line(end)
        else:
            self._line(f"if len(out) == {start}:")
            self._line("    out[-1] = f'{out[-1][:-1]}/>'")
            self._line("else:")
            self._line(f"    {end}")


class _Held(_Text):
    """The writing of a spread element of its own."""

    def __init__(self, spread: "Spread") -> None:
        super().__init__(spread.name)
        self._line("def write(out, value, writing):")
        self._inside(lambda: self._whole(spread))

    def _whole(self, spread: "Spread") -> None:
        self._started()
        self._spread(spread)


class _Written(_Text):
    """The writing of a class."""

    def __init__(self, shape: "Shape") -> None:
        super().__init__(shape.name)
        self._line("def write(out, name, value, writing, attributes=''):")
        self._inside(lambda: self._object(shape))

    def _object(self, shape: "Shape") -> None:
        self._started()
        if shape.fit is not None:
            self._line(f"value = {self._named('fit', shape.fit)}(value, writing)")
        if shape.records:
            self._line("above = writing.metadonnee")
            self._line("if value.metadonnee is not None:")
            self._line("    writing.metadonnee = value.metadonnee")
        if shape.adds:
            self._line("own = len(out)")
        said = "" if shape.heading is None else f"{{{self._named('heading', shape.heading)}(value)}}"
        self._line(f"append(f'<csd:{{name}}{{attributes}}{said}>')")
        self._content(shape.parts, "{name}", "start")
        self._uncarried(shape)
        if shape.adds:
            self._line("if value.ajouts:")
            self._line("    out[own:] = [place(''.join(out[own:]), value.ajouts, writing)]")
        if shape.records:
            self._line("writing.metadonnee = above")

    def _uncarried(self, shape: "Shape") -> None:
        """What the table has no place for is noted."""
        empty = {field.name: field.default for field in msgspec.structs.fields(shape.build)}
        for attribute in shape.uncarried:
            self._line(f"if value.{attribute}{'' if empty[attribute] == () else ' is not None'}:")
            self._line(f"    uncarried(writing, {shape.name!r}, {attribute!r})")


def _is_shape(kind: Any) -> bool:
    return hasattr(kind, "parts")


def _is_said(kind: Any) -> str:
    """Whether an item is there: of the kinds that are not known to the engine, some are texts."""
    if type(kind) is Scalar:
        return "item"
    known = _is_shape(kind) or isinstance(kind, Coded | Record | Scalar)
    return "item is not None" if known else 'item is not None and item != ""'


def _is_certain(part: Any) -> bool:
    """Whether a part appends something, whatever the value."""
    if hasattr(part, "put") or not part.required:
        return False
    return hasattr(part, "parts") or _is_shape(part.kind) or isinstance(part.kind, Coded | Record | Scalar)
