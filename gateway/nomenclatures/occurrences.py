"""Where codes stand: in the raw documents, whatever their version or dialect, and in the objects of the model."""

from collections.abc import Iterator
from typing import Any

import msgspec
from lxml import etree

from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.nomenclatures.bindings import GUIDE, Binding, bindings, element_of
from mappings.nomenclatures.systems import system_id

_FHIR = "http://hl7.org/fhir"


class Occurrence(msgspec.Struct, frozen=True):
    """A code in a document; `element` is the name its binding has, None when no binding speaks of that place."""

    path: str
    element: str | None
    code: Code


def in_xml(root: etree._Element) -> Iterator[Occurrence]:
    """Every code of a document: `code` with `codingScheme` in CSD, `system` with `code` in FHIR."""
    for element in root.iter(etree.Element):
        scheme, code = element.get("codingScheme"), element.get("code")
        if scheme is not None and code is not None:
            if code.strip() not in {"", "null"}:
                found = Code(system_id(scheme), code)
                yield Occurrence(_path(element), _contract_element(element, found.systeme), found)
            continue
        system, value = (element.find(f"{{{_FHIR}}}{name}") for name in ("system", "code"))
        if system is not None and value is not None:
            path = _path(element)
            found = Code(system_id(system.get("value") or ""), value.get("value") or "")
            yield Occurrence(path, _guide_element(path, found.systeme), found)


def in_json(value: Any, path: str = "") -> Iterator[Occurrence]:
    """Every Coding of a FHIR document, contained resources included."""
    if isinstance(value, list):
        for item in value:
            yield from in_json(item, path)
    elif isinstance(value, dict):
        here = str(value["resourceType"]) if "resourceType" in value else path
        if isinstance(value.get("url"), str) and path.endswith("xtension"):
            here = f"{path}({value['url'].rsplit('/', 1)[-1]})"
        system, code = value.get("system"), value.get("code")
        if isinstance(system, str) and isinstance(code, str):
            found = Code(system_id(system), code)
            yield Occurrence(here, _guide_element(here, found.systeme), found)
        for name, member in value.items():
            if isinstance(member, dict | list):
                yield from in_json(member, f"{here}.{name}" if here else name)


def in_model(value: Any, path: str = "") -> Iterator[tuple[str, Code]]:
    """Every code of an object of the model with its place in it."""
    if isinstance(value, Code):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from in_model(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for item in value:
            yield from in_model(item, path)


def in_directory(repertoire: Repertoire) -> Iterator[Occurrence]:
    """Every code of the objects of the model; no binding speaks of its places."""
    for objet in repertoire.objets():
        for path, code in in_model(objet, type(objet).__name__):
            if code.code:
                yield Occurrence(path, None, code)


def _path(element: etree._Element) -> str:
    """The names from the object down to the element; what wraps the object (envelope, Bundle) is left aside."""
    names = [etree.QName(one).localname for one in (element, *element.iterancestors())][::-1]
    starts = [index for index, name in enumerate(names) if name.endswith("Directory") or name == "resource"]
    return ".".join(names[starts[-1] + 1 :] if starts else names)


def _contract_element(element: etree._Element, system: str) -> str | None:
    parent = element.getparent()
    above = etree.QName(parent).localname if parent is not None else ""
    return element_of(above, etree.QName(element).localname, system)


def _guide_element(path: str, system: str) -> str | None:
    """The name that the guide gives to the place of a Coding: its slice is told by the nomenclature."""
    place = path.removesuffix(".coding")
    return _first(
        binding
        for binding in _of_system(system)
        if GUIDE in binding.versions and binding.element.partition(":")[0] == place
    )


def _of_system(system: str) -> Iterator[Binding]:
    return (binding for binding in bindings() if system in binding.systems)


def _first(found: Iterator[Binding]) -> str | None:
    binding = next(found, None)
    return binding.element if binding is not None else None
