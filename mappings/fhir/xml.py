"""The XML form of FHIR, both ways: elements in R4's order, numbers digit by digit, the hardened parser for input."""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any

from lxml import etree

from mappings.csd.xml import XmlRefused, parse, serialize
from mappings.fhir import r4
from mappings.fhir.r4 import Member
from mappings.fhir.shape import Json

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"

_NUMBERS = frozenset({"integer", "unsignedInt", "positiveInt"})
# What an element says in attributes rather than in elements.
_ATTRIBUTES = frozenset({"id", "url"})


class ResourceRefused(ValueError):
    """A resource that one form holds and the other cannot say; `path` names where, never the value.

    `code` is `unknown-type`, `unknown-element`, `type`, `text`, `repeated`, `order` or `value`; `element` is the one
    that XML cannot be read at.
    """

    def __init__(self, code: str, path: str) -> None:
        super().__init__(f"{code} at {path}")
        self.code = code
        self.path = path
        self.element: etree._Element | None = None


def to_xml(resource: Json) -> bytes:
    """The XML document of a resource; raises `ResourceRefused` for what R4 does not name or XML cannot carry."""
    return serialize(_resource_element(resource, "resource"))


def from_xml(data: bytes) -> Json:
    """The resource of an XML document; raises `XmlRefused` for its XML, `ResourceRefused` for its FHIR."""
    return read_resource(parse(data))


# to XML


def _resource_element(resource: Any, path: str) -> etree._Element:
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(name, str) or name not in r4.RESOURCES:
        raise ResourceRefused("unknown-type", path)
    element = etree.Element(f"{{{FHIR}}}{name}", nsmap={None: FHIR})  # type: ignore[dict-item]  # the default namespace has no prefix
    content = {member: value for member, value in resource.items() if member != "resourceType"}
    _write_members(element, content, name, name)
    return element


def _write_members(parent: etree._Element, value: Any, type_name: str, path: str) -> None:
    if not isinstance(value, dict):
        raise ResourceRefused("type", path)
    known = r4.members(type_name)
    for name in value:
        if name.removeprefix("_") not in known or (name.startswith("_") and not known[name[1:]].primitive):
            raise ResourceRefused("unknown-element", f"{path}.{name}")
    for member in known.values():
        here = f"{path}.{member.name}"
        if member.name in value or f"_{member.name}" in value:
            if member.name in _ATTRIBUTES and _in_attribute(type_name, member.name):
                if value.get(f"_{member.name}"):
                    # An attribute cannot be extended.
                    raise ResourceRefused("unknown-element", f"{path}._{member.name}")
                _set(parent, member.name, value.get(member.name), "string", here)
            else:
                _write_member(parent, member, value, here)


def _in_attribute(type_name: str, name: str) -> bool:
    return type_name == "Extension" if name == "url" else type_name not in r4.RESOURCES


def _write_member(parent: etree._Element, member: Member, value: Json, path: str) -> None:
    given, extended = value.get(member.name), value.get(f"_{member.name}")
    if not member.many:
        _write_one(parent, member, given, extended, path)
        return
    for part in (given, extended):
        if part is not None and not isinstance(part, list):
            raise ResourceRefused("type", path)
    for one, more in zip_longest(given or (), extended or ()):
        _write_one(parent, member, one, more, path)


def _write_one(parent: etree._Element, member: Member, value: Any, extended: Any, path: str) -> None:
    if member.type == "xhtml":
        parent.append(_narrative(value, path))
        return
    element = etree.SubElement(parent, f"{{{FHIR}}}{member.name}")
    if member.type == "Resource":
        element.append(_resource_element(value, path))
    elif not member.primitive:
        _write_members(element, value, member.type, path)
    else:
        if value is None and not extended:
            # JSON's null only holds a place for what extends the value.
            raise ResourceRefused("type", path)
        if value is not None:
            _set(element, "value", value, member.type, path)
        if extended is not None:
            _write_members(element, extended, "Element", path)


def _set(element: etree._Element, name: str, value: Any, primitive: str, path: str) -> None:
    match value:
        case bool() if primitive == "boolean":
            text = "true" if value else "false"
        case str() if primitive not in ("boolean", "decimal", *_NUMBERS):
            text = value
        case int() if primitive in ("decimal", *_NUMBERS) and not isinstance(value, bool):
            text = str(value)
        case Decimal() if primitive == "decimal":
            text = str(value)
        case _:
            raise ResourceRefused("type", path)
    try:
        element.set(name, text)
    except ValueError as error:
        # A control character, which JSON escapes and XML 1.0 knows no way to write.
        raise ResourceRefused("text", path) from error


def _narrative(value: Any, path: str) -> etree._Element:
    if not isinstance(value, str):
        raise ResourceRefused("type", path)
    try:
        element = parse(value.encode())
    except (XmlRefused, UnicodeEncodeError) as error:
        raise ResourceRefused("text", path) from error
    if element.tag != f"{{{XHTML}}}div":
        raise ResourceRefused("text", path)
    return element


# from XML


def read_resource(element: etree._Element) -> Json:
    """The resource of an element; raises `ResourceRefused`."""
    name = etree.QName(element)
    if name.namespace != FHIR or name.localname not in r4.RESOURCES:
        raise ResourceRefused("unknown-type", name.localname)
    return {"resourceType": name.localname, **_read_members(element, name.localname, name.localname)}


def read_member(member: Member, element: etree._Element, path: str) -> Any:
    """What one element says of a member, which it stands for; raises `ResourceRefused`."""
    return _read_one(member, element, path)[0]


def _read_members(element: etree._Element, type_name: str, path: str, *, own: frozenset[str] = frozenset()) -> Json:
    known = r4.members(type_name)
    found: Json = {}
    for attribute, text in element.attrib.items():
        name = str(attribute)
        if name in own:
            continue
        if name not in known or name not in _ATTRIBUTES or not _in_attribute(type_name, name):
            raise ResourceRefused("unknown-element", f"{path}.{name}")
        found[name] = str(text)
    _refuse_text(element, path)
    order = {name: place for place, name in enumerate(known)}
    last = -1
    for child in _children(element):
        try:
            member = known.get(_name(child, path))
            if member is None or (member.name in _ATTRIBUTES and _in_attribute(type_name, member.name)):
                raise ResourceRefused("unknown-element", f"{path}.{etree.QName(child).localname}")
            if order[member.name] < last:
                raise ResourceRefused("order", f"{path}.{member.name}")
            last = order[member.name]
            _read_member(found, member, child, f"{path}.{member.name}")
        except ResourceRefused as refused:
            refused.element = refused.element if refused.element is not None else child
            raise
    return {name: value for name, value in found.items() if not _only_places(value)}


def _children(element: etree._Element) -> Iterator[etree._Element]:
    return iter(element)


def _name(child: etree._Element, path: str) -> str:
    name = etree.QName(child)
    expected = XHTML if name.localname == "div" else FHIR
    if name.namespace != expected:
        raise ResourceRefused("unknown-element", f"{path}.{name.localname}")
    return name.localname


def _refuse_text(element: etree._Element, path: str) -> None:
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise ResourceRefused("text", path)


def _only_places(value: Any) -> bool:
    """Whether a list is place holders only: JSON leaves such a list out."""
    return isinstance(value, list) and all(item is None for item in value)


def _read_member(found: Json, member: Member, child: etree._Element, path: str) -> None:
    if not member.many:
        if member.name in found or f"_{member.name}" in found:
            raise ResourceRefused("repeated", path)
        value, extended = _read_one(member, child, path)
        if value is not None:
            found[member.name] = value
        if extended is not None:
            found[f"_{member.name}"] = extended
        return
    value, extended = _read_one(member, child, path)
    found.setdefault(member.name, []).append(value)
    if member.primitive:
        found.setdefault(f"_{member.name}", []).append(extended)


def _read_one(member: Member, child: etree._Element, path: str) -> tuple[Any, Json | None]:
    if member.type == "xhtml":
        return _text_of(child), None
    if member.type == "Resource":
        held = list(child)
        if len(held) != 1:
            raise ResourceRefused("repeated" if held else "type", path)
        _refuse_text(child, path)
        return read_resource(held[0]), None
    if not member.primitive:
        return _read_members(child, member.type, path), None
    extended = _read_members(child, "Element", path, own=frozenset({"value"}))
    text = child.get("value")
    return None if text is None else _value(member.type, str(text), path), extended or None


def _text_of(div: etree._Element) -> str:
    div.tail = None
    return etree.tostring(div, encoding="unicode")


def _value(primitive: str, text: str, path: str) -> Any:
    if primitive == "boolean":
        if text not in ("true", "false"):
            raise ResourceRefused("value", path)
        return text == "true"
    if primitive in _NUMBERS or primitive == "decimal":
        return _number(text, path, whole=primitive in _NUMBERS)
    return text


def _number(text: str, path: str, *, whole: bool) -> int | Decimal:
    """The number as JSON would hold it: an integer when it is written as one."""
    read: Callable[[str], int | Decimal] = int if text.lstrip("-").isdecimal() else Decimal
    # JSON's own grammar: no sign but a minus, no leading zero, no blank, no word.
    plain = text.removeprefix("-")
    legal = plain[:1].isdecimal() and text.isascii() and not any(mark in text for mark in "_ ")
    if not legal or (whole and read is Decimal) or len(text) > _LONGEST_NUMBER:
        raise ResourceRefused("value", path)
    try:
        return read(text)
    except InvalidOperation as error:
        raise ResourceRefused("value", path) from error


_LONGEST_NUMBER = 200
