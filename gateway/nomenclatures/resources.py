"""A published list in FHIR, JSON or XML: a `CodeSystem` is a table, a `ValueSet` a list of codes of tables.

What would make the list say less than its file is refused: a part of a code system, a value set by rule.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from lxml import etree

from gateway.nomenclatures.lists import NotPublished, PublishedConcept, PublishedList, concept

FHIR = "http://hl7.org/fhir"

_REPEATED = frozenset(
    "identifier concept property include exclude contains extension designation contact filter parameter valueSet "
    "telecom coding jurisdiction useContext".split()
)
_KINDS = {"CodeSystem": "TRE", "ValueSet": "JDV"}
_NOS_NAME = re.compile(r"((?:TRE|JDV)_[A-Z]\d{2,3}-[A-Za-z0-9-]+)")
_SMT_NAME = re.compile(r"/(tre|jdv)-([a-z]\d{2,3})-([a-z0-9-]+)\Z")


def from_xml(name: str, root: etree._Element) -> dict[str, Any]:
    """A terminology resource in XML as its JSON, every value a text; the narrative is left aside."""
    return {"resourceType": etree.QName(root).localname, **_members(name, root)}


def _members(name: str, element: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element.iterchildren(etree.Element):
        tag = etree.QName(child)
        if tag.namespace != FHIR:
            continue
        value = child.get("value", _members(name, child) if len(child) else "")
        if tag.localname in _REPEATED:
            found.setdefault(tag.localname, []).append(value)
        elif tag.localname in found:
            raise NotPublished(name, "shape", tag.localname)
        else:
            found[tag.localname] = value
    return found


def of_resource(name: str, resource: dict[str, Any]) -> PublishedList:
    """The list of a resource; raises `NotPublished`."""
    kind = _KINDS.get(str(resource.get("resourceType")))
    if kind is None:
        raise NotPublished(name, "resource", str(resource.get("resourceType")))
    try:
        found = _read(name, kind, resource)
        count = resource.get("count")
        if count is not None and int(count) != len(found.concepts):
            raise NotPublished(name, "count", f"{len(found.concepts)} / {count}")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotPublished(name, "shape", str(error)) from error
    return found


def _read(name: str, kind: str, resource: dict[str, Any]) -> PublishedList:
    identifiers = [_text(one, "value") for one in resource.get("identifier", [])]
    oid = next((one for one in identifiers if one.startswith("urn:oid:")), "")
    concepts = _of_code_system(name, resource) if kind == "TRE" else _of_value_set(name, resource)
    return PublishedList(
        source=name,
        kind=kind,
        name=_name_in(resource["url"]) or _name_in(_text(resource, "name")) or PurePath(name).stem,
        title=_text(resource, "title") or _text(resource, "description"),
        oid=oid.removeprefix("urn:oid:"),
        url=resource["url"],
        version=_text(resource, "version"),
        status=_text(resource, "status"),
        concepts=tuple(concepts),
    )


def _name_in(text: str) -> str:
    """The name of a list as its address says it: that of the NOS, or that of the SMT in lower case and hyphens."""
    found = _NOS_NAME.search(text)
    if found is not None:
        return found[1]
    found = _SMT_NAME.search(text)
    if found is None:
        return ""
    words = "".join(word.capitalize() for word in found[3].split("-"))
    return f"{found[1].upper()}_{found[2].upper()}-{words}"


def _of_code_system(name: str, resource: dict[str, Any]) -> Iterable[PublishedConcept]:
    if resource.get("content", "complete") != "complete":
        raise NotPublished(name, "part", str(resource["content"]))
    for one, parent in _tree(resource.get("concept", []), "concept"):
        properties = {each["code"]: _value(each) for each in one.get("property", [])}
        yield concept(
            {
                **_texts(one, ("code", "display", "definition")),
                "start": properties.get("dateValid", ""),
                "updated": properties.get("dateMaj", ""),
                "end": properties.get("dateFin") or properties.get("retirementDate", ""),
                "deprecated": properties.get("deprecationDate", ""),
                "status": properties.get("status", ""),
                "parent": properties.get("parent") or parent,
            }
        )


def _tree(concepts: list[dict[str, Any]], below: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every concept of a tree in its order, with the code of the one above."""
    waiting = [(one, "") for one in reversed(concepts)]
    while waiting:
        one, parent = waiting.pop()
        waiting += [(child, one["code"]) for child in reversed(one.get(below, []))]
        yield one, parent


def _value(item: dict[str, Any]) -> str:
    return next((str(value) for name, value in item.items() if name.startswith("value")), "")


def _of_value_set(name: str, resource: dict[str, Any]) -> Iterable[PublishedConcept]:
    compose = resource.get("compose")
    if compose is None:
        for one, _ in _tree(resource["expansion"]["contains"], "contains"):
            yield concept(_texts(one, ("code", "display", "system")))
        return
    for group in compose.get("include", []):
        rules = sorted({"filter", "valueSet"} & set(group)) + (["concept"] if "concept" not in group else [])
        if rules or "exclude" in compose:
            raise NotPublished(name, "by-rule", ", ".join(rules or ["exclude"]))
        for one in group["concept"]:
            yield concept({**_texts(one, ("code", "display")), "system": _text(group, "system")})


def _texts(item: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: _text(item, name) for name in names}


def _text(item: dict[str, Any], name: str) -> str:
    """A member that is a text, nothing when it is absent; raises `TypeError`: no label is made of something else."""
    value = item.get(name, "")
    if not isinstance(value, str):
        raise TypeError(name)
    return value
