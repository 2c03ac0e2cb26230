"""The reading of a class, made from its table: one function, compiled when the first object of the class is read.

The table (`shapes`) stays the one source: nothing is read that it does not name. What it says is written out as the
code that one would write by hand for the class: a loop over the children, a branch for each element of the table (those
of spread elements inside it), a variable for each attribute, the class built from its variables in order. A branch does
not call what the element is read by when there is nothing to tell about it: a code met before, a plain text. A part
that reads in its own way (`takes`) is called, and keeps its attributes in a dict.

`source(shape)` is the text of the function; `tests/mappings/csd/test_compiled.py` shows one whole.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from lxml import etree

from mappings.csd.additions import additions
from mappings.csd.codes import Coded, Unverifiable
from mappings.csd.contexts import Reading
from mappings.csd.scalars import Scalar
from mappings.csd.source import Source
from mappings.csd.strays import note_around, note_attributes, note_text, said
from mappings.loss import LossKind, Severity

if TYPE_CHECKING:
    from mappings.csd.shapes import Field, Many, Part, Shape, Spread

Reader = Callable[..., Any]
# Up to so many elements, they are compared one by one; beyond, each has a number and the numbers are halved.
FEW = 4


class _Absent:
    """What a mandatory attribute holds until it is read."""


ABSENT = _Absent()


def incomplete(name: str, element: etree._Element, mark: int, reading: Reading) -> None:
    """Tell that what makes an object is missing (RG_EXP_002); what was kept for it goes with it."""
    reading.note(LossKind.DROPPED, element, f"incomplete.{name}", value_kind="object", severity=Severity.ERROR)
    del reading.pending[mark:]


def reader(shape: "Shape", tag: str) -> Reader:
    """The function that reads an object of a shape from an element of that name: `read(element, reading, values)`, with
    the values of a caller. The name is part of what a code inside is judged on.
    """
    return _Source(shape, tag).function("read")


def filler(spread: "Spread") -> Reader:
    """The function that reads a spread element into a dict: `read(element, reading, values)`."""
    return _Source(spread, spread.tag).function("read")


def source(shape: "Shape", tag: str) -> str:
    """The text of the function that reads an object of a shape from an element of that name."""
    return "\n".join(_Source(shape, tag).lines)


class _Source(Source):
    """The reading of a class, or of a spread element by itself."""

    def __init__(self, shape: "Shape | Spread", tag: str) -> None:
        super().__init__(shape.name)
        self.names |= {
            "ABSENT": ABSENT,
            "Unverifiable": Unverifiable,
            "additions": additions,
            "incomplete": incomplete,
            "note_around": note_around,
            "note_attributes": note_attributes,
            "note_text": note_text,
            "said": said,
        }
        self._variables = 0
        # The attributes that are variables, each with what stands for none; the others are kept in `values`.
        self._local: dict[str, str] = {}
        self._lists: set[str] = set()
        # The name of the element that is read, and that of the element that holds each one inside.
        self._tag = tag
        self._holders: dict[str, str] = {}
        if hasattr(shape, "build"):
            self._object(shape)
        else:
            self._function()
            self._reach(shape.parts)
            self._children("element", shape.parts, shape.known, tag)

    def _function(self) -> None:
        self._line("def read(element, reading, values=None):")
        self._margin += 1

    def _object(self, shape: Any) -> None:
        fields = msgspec.structs.fields(shape.build)
        required = {field.name for field in fields if field.required}
        in_variables = set(_in_variables(shape.parts)) - shape.handled - shape.gives
        self._function()
        if any(field.name not in in_variables and field.name != "ajouts" for field in fields):
            self._line("values = {} if values is None else values")
        if shape.given is not None:
            self._line(f"values.update({self._named('given', shape.given)}(element, reading))")
        for part in _plain(shape.parts):
            name = part.attribute
            if name in in_variables:
                self._local[name] = "ABSENT" if name in required else "None"
                if part.repeats:
                    self._lists.add(name)
                self._line(f"{name} = {self._local[name]}")
        self._reach(shape.parts)
        self._line("mark = len(pending)")
        self._children("element", shape.parts, shape.known, self._tag)
        self._missing(shape.name, required)
        self._built(shape, fields)

    def _reach(self, parts: Iterable["Part"]) -> None:
        """What elements without a place are kept in, and what codes are looked up in."""
        coded = any(_is_coded(part.kind) for part in _plain(parts))
        self._line("pending, codes = reading.pending, reading.codes" if coded else "pending = reading.pending")

    def _missing(self, name: str, required: set[str]) -> None:
        """Nothing is built without what makes an object."""
        missing = [f"{one} is ABSENT" if one in self._local else f"{one!r} not in values" for one in sorted(required)]
        if missing:
            self._line(f"if {' or '.join(missing)}:")
            self._line(f"    return incomplete({name!r}, element, mark, reading)")

    def _built(self, shape: Any, fields: Iterable[msgspec.structs.FieldInfo]) -> None:
        arguments = []
        for field in fields:
            name = field.name
            if name == "ajouts":
                arguments.append("additions(element, mark, reading) if len(pending) > mark else ()")
            elif name in self._lists:
                arguments.append(f"() if {name} is None else tuple({name})")
            elif name in self._local:
                arguments.append(name)
            elif field.required:
                arguments.append(f"values[{name!r}]")
            else:
                arguments.append(f"values.get({name!r}, {self._named('none', field.default)})")
        self._line(f"return {self._named('build', shape.build)}(")
        for argument in arguments:
            self._line(f"    {argument},")
        self._line(")")

    def _children(self, holder: str, parts: Iterable["Part"], known: frozenset[str], name: str) -> None:
        """The loop over the children of an element of a name, and what it may not have beside them."""
        self._variables += 1
        child, spoken = f"child_{self._variables}", f"spoken_{self._variables}"
        self._holders[child] = name
        self._attributes(holder, known)
        branches = dict(branch for part in parts for branch in self._branches(part, child))
        self._line(f"{spoken} = {holder}.text is not None and said({holder}.text)")
        self._line(f"for {child} in {holder}:")
        self._margin += 1
        self._line(f"if {child}.tail is not None and said({child}.tail):")
        self._line(f"    {spoken} = True")
        self._dispatch(child, branches)
        self._margin -= 1
        self._line(f"if {spoken}:")
        self._line(f"    note_text({holder}, reading)")

    def _attributes(self, holder: str, known: frozenset[str]) -> None:
        usual = self._named("usual", sorted(known))
        self._line(f"if {holder}.keys() != {usual}:" if known else f"if {holder}.keys():")
        self._line(f"    note_attributes({holder}, {self._named('known', known)}, reading, 'element.attributes')")

    def _dispatch(self, child: str, branches: dict[str, Callable[[], None]]) -> None:
        """The branch of a child by its name; one without a branch is kept beside the object."""
        if len(branches) <= FEW:
            self._line(f"tag = {child}.tag")
            word = "if"
            for tag, branch in branches.items():
                self._line(f"{word} tag == {tag!r}:")
                self._inside(branch)
                word = "elif"
            self._line("else:" if branches else "if True:")
        else:
            numbers = {tag: number for number, tag in enumerate(branches)}
            self._line(f"number = {self._named('numbers', numbers)}.get({child}.tag)")
            self._line("if number is not None:")
            self._margin += 1
            self._halved(list(branches.values()), 0)
            self._margin -= 1
            self._line("else:")
        self._line(f"    pending.append({child})")

    def _halved(self, branches: list[Callable[[], None]], start: int) -> None:
        if len(branches) == 1:
            branches[0]()
            return
        half = len(branches) // 2
        self._line(f"if number < {start + half}:")
        self._inside(lambda: self._halved(branches[:half], start))
        self._line("else:")
        self._inside(lambda: self._halved(branches[half:], start + half))

    def _branches(self, part: Any, child: str) -> Iterable[tuple[str, Callable[[], None]]]:
        if hasattr(part, "takes"):
            for tag, take in part.takes():
                yield tag, partial(self._line, f"{self._named('take', take)}({child}, values, reading)")
        elif hasattr(part, "parts"):
            yield part.tag, self._spread(part, child)
        else:
            yield part.tag, partial(self._value, part, child)

    def _spread(self, part: "Spread", child: str) -> Callable[[], None]:
        """A spread element: a second one is kept, unless the several of its name are one."""
        if part.repeats:
            return lambda: self._children(child, part.parts, part.known, part.tag)
        first = f"first_{len(self.lines)}"
        self._line(f"{first} = True")

        def branch() -> None:
            self._line(f"if {first}:")
            self._margin += 1
            self._line(f"{first} = False")
            self._children(child, part.parts, part.known, part.tag)
            self._margin -= 1
            self._line("else:")
            self._line(f"    pending.append({child})")

        return branch

    def _value(self, part: "Field | Many", child: str) -> None:
        """A value for an attribute: once, or as often as it stands there."""
        name = part.attribute
        local = name in self._local
        if part.once:
            free = f"{name} is {self._local[name]}" if local else f"{name!r} not in values"
            self._line(f"if {free}:")
            self._margin += 1
        self._read(part, child)
        self._line("if value is not None:")
        self._inside(lambda: self._store(part, local=local))
        if part.once:
            self._margin -= 1
            self._line("else:")
            self._line(f"    pending.append({child})")

    def _store(self, part: "Field | Many", *, local: bool) -> None:
        name = part.attribute
        if not part.repeats:
            self._line(f"{name} = value" if local else f"values[{name!r}] = value")
        elif not local:
            self._line(f"values[{name!r}] = (*values.get({name!r}, ()), value)")
        elif part.once:
            self._line(f"{name} = (value,)")
        else:
            self._line(f"if {name} is None:")
            self._line(f"    {name} = [value]")
            self._line("else:")
            self._line(f"    {name}.append(value)")

    def _read(self, part: "Field | Many", child: str) -> None:
        """The value of a child: without a call when there is nothing to tell about it."""
        kind: Any = part.kind
        if hasattr(kind, "reader"):
            self._line(f"value = {self._named('read', kind.reader(part.tag))}({child}, reading)")
            return
        read = f"value = {self._named('read', kind.read)}({child}, reading)"
        if _is_coded(kind):
            self._coded(kind.place(self._holders[child], part.tag), child, read)
            return
        if type(kind) is Scalar:
            self._line(f"value = {child}.text")
            self._line(f"if value is None or value.isspace() or len({child}) or {child}.keys():")
        elif isinstance(kind, Scalar):
            usual = f"{self._named('usual', kind.usual)}({child}.text, reading)"
            self._line(f"value = None if len({child}) or {child}.keys() else {usual}")
            self._line("if value is None:")
        elif hasattr(kind, "usual"):
            self._line(f"value = {self._named('usual', kind.usual)}({child}, reading)")
            self._line("if value is None:")
        else:
            self._line(read)
            return
        self._line(f"    {read}")

    def _coded(self, place: int, child: str, read: str) -> None:
        self._line(f"value = codes.get(({place}, *{child}.items(), {child}.text))")
        self._line(f"if value is None or len({child}):")
        self._line(f"    {read}")
        self._line("elif type(value) is Unverifiable:")
        self._line("    value = value.code")
        self._line("    reading.ledger.unverifiable += 1")


def _is_coded(kind: Any) -> bool:
    return type(kind).read is Coded.read


def _plain(parts: Iterable[Any]) -> Iterable[Any]:
    """The parts for one attribute each, those of spread elements included."""
    for part in parts:
        if hasattr(part, "takes"):
            continue
        if hasattr(part, "parts"):
            yield from _plain(part.parts)
        else:
            yield part


def _in_variables(parts: tuple["Part", ...]) -> Iterable[str]:
    """The attributes that no part which reads in its own way fills."""
    own = set[str]()
    pending: list[Any] = list(parts)
    while pending:
        part = pending.pop()
        if hasattr(part, "takes"):
            own |= part.attributes
        else:
            pending.extend(getattr(part, "parts", ()))
    return (part.attribute for part in _plain(parts) if part.attribute not in own)
