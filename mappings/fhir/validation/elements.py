"""Whether a resource is made of the elements of R4, each of its JSON type; and where it is not.

The walk says every fault and hands back the resource without what is faulty, so that the rules of a profile can be
applied to a tree of the right shape.
"""

from typing import Any

from mappings.fhir import r4
from mappings.fhir.r4 import Member
from mappings.fhir.shape import Json
from mappings.fhir.validation.finding import Report, joined
from mappings.fhir.validation.primitives import fault


def sound_part(resource: Json, report: Report) -> Json:
    """The resource without its faulty elements, which are in the report."""
    kept, _ = _Walk(report).element(resource, str(resource.get("resourceType")), "", resource=True)
    return kept if isinstance(kept, dict) else {}


class _Walk:
    """One walk; every method gives the sound part of a value, and whether there is one."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def element(self, value: object, type_name: str, path: str, *, resource: bool = False) -> tuple[Any, bool]:
        if not isinstance(value, dict):
            self._report.add(path, "r4/type", value)
            return {}, False
        known = r4.members(type_name)
        kept = {"resourceType": value["resourceType"]} if resource else {}
        for name, member_value in value.items():
            if resource and name == "resourceType":
                continue
            here = joined(path, name)
            found = known.get(name.removeprefix("_")) if isinstance(name, str) else None
            if found is None or (name.startswith("_") and not found.primitive):
                self._report.add(here, "r4/unknown-element", member_value)
                continue
            sound, usable = self._member(member_value, found, here, extends=name.startswith("_"))
            if usable:
                kept[name] = sound
        self._choices(value, known, path)
        self._mandatory(value, type_name, path)
        return kept, True

    def _choices(self, value: Json, known: Any, path: str) -> None:
        given: dict[str, str] = {}
        for name in value:
            found = known.get(name.removeprefix("_")) if isinstance(name, str) else None
            if found is None or found.choice == found.name:
                continue
            if given.setdefault(found.choice, found.name) != found.name:
                self._report.add(joined(path, found.choice), "r4/choice", value[name])
        if given and "extension" in value and "url" in known:
            # An extension has a value or parts, never both.
            self._report.add(joined(path, "extension"), "r4/choice", value["extension"])

    def _mandatory(self, value: Json, type_name: str, path: str) -> None:
        known = r4.members(type_name)
        given = {known[bare].choice for name in value if (bare := name.removeprefix("_")) in known}
        for name in r4.mandatory(type_name):
            if name not in given:
                self._report.add(joined(path, name), "r4/mandatory", None)

    def _member(self, value: object, member: Member, path: str, *, extends: bool) -> tuple[Any, bool]:
        if not member.many:
            return self._one(value, member, path, extends=extends)
        if not isinstance(value, list):
            self._report.add(path, "r4/type", value)
            return [], False
        if not value:
            self._report.add(path, "r4/empty", value)
            return [], False
        kept: list[Any] = []
        for place, item in enumerate(value):
            if item is None and member.primitive:
                # The place holder of a primitive that only its extensions speak for, or of one that none extends.
                kept.append(None)
                continue
            sound, usable = self._one(item, member, f"{path}[{place}]", extends=extends)
            kept.append(sound if usable else None if member.primitive else {})
        return kept, True

    def _one(self, value: object, member: Member, path: str, *, extends: bool) -> tuple[Any, bool]:
        if extends:
            return self.element(value, "Element", path)
        if member.primitive:
            rule = fault(member.type, value)
            if rule is not None:
                self._report.add(path, rule, value)
            return value, rule is None
        if member.type == "Resource":
            return self._resource(value, path)
        return self.element(value, member.type, path)

    def _resource(self, value: object, path: str) -> tuple[Any, bool]:
        name = value.get("resourceType") if isinstance(value, dict) else None
        if not isinstance(name, str):
            self._report.add(path, "r4/type", value)
            return {}, False
        if name not in r4.RESOURCES:
            # A type whose elements are not held says nothing here.
            return value, True
        return self.element(value, name, path, resource=True)
