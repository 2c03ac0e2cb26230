"""The rules of each profile, compiled once from the table: a check per element, found by name."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import msgspec

from mappings.fhir import r4, urls
from mappings.fhir.shape import Json
from mappings.fhir.validation.bindings import Check, binding_check, says_absent
from mappings.fhir.validation.cardinalities import Bounds, Cardinalities, limit, weight
from mappings.fhir.validation.constraints import Amendment, Element, amendment, constraints, definitions
from mappings.fhir.validation.extensions import (
    Rule,
    extensions_check,
    guide_rule,
    no_rules_check,
    value_rule,
)
from mappings.fhir.validation.finding import Report
from mappings.fhir.validation.slices import Pick, by_id, by_system, by_type
from mappings.loss import Severity

VALIDATED = {
    "HealthcareService": "ror-healthcareservice",
    "Location": "ror-location",
    "Organization": "ror-organization",
    "Practitioner": "ror-practitioner",
    "PractitionerRole": "ror-practitionerrole",
    "Task": "ror-task",
}
"""The types that have a profile here, and the profile."""

MARKER = urls.ror("ror-act-type")

_EVERY_LIST_OF_EXTENSIONS = {
    "ContactPoint", "Address", "Organization.contact", "Location.position",
    "HealthcareService.availableTime", "PractitionerRole.availableTime",
}  # fmt: skip


@cache
def profile_check(resource_type: str, at: date) -> Check:
    """The check of a resource of that type against its profile, by the value sets in force on a day."""
    profile = VALIDATED[resource_type]
    return _Compilation(profile, at).element(resource_type, "")


class _Compilation:
    """One profile being compiled: every check that is needed below a path."""

    def __init__(self, profile: str, at: date) -> None:
        self._profile = profile
        self._at = at
        self._rows = {row.path: row for row in constraints().profiles[profile].elements}

    def element(self, type_name: str, path: str) -> Check:
        """The check of an object of that type at that path."""
        parts: list[tuple[str, Sequence[tuple[str, Severity]], Check | None]] = []
        for member in r4.members(type_name).values():
            if member.type == "Resource" or member.choice != member.name:
                continue
            here = f"{path}.{member.name}" if path else member.name
            if member.name == "extension":
                found = self._extensions(type_name, here)
            elif member.primitive:
                extended = self._rows_of_extensions(f"{here}.extension")
                if extended:
                    parts.append((f"_{member.name}", (), _in_extension(extensions_check(extended), many=member.many)))
                found = self._member(member, here)
            else:
                found = self._member(member, here)
            absent, check = found
            if absent or check is not None:
                parts.append((member.name, absent, check))
        return _object_check(parts)

    def _rule(self, path: str) -> str:
        return f"{self._profile}/{path}"

    def _slices(self, path: str) -> list[tuple[Element, Amendment | None]]:
        return [
            (row, amendment(self._profile, row.path))
            for row in self._rows.values()
            if row.path.partition(":")[0] == path and ":" in row.path
        ]

    # extensions

    def _extensions(self, type_name: str, path: str) -> tuple[Sequence[tuple[str, Severity]], Check | None]:
        rules = self._rows_of_extensions(path)
        total = self._rows.get(path)
        # The total of a list that holds mandatory slices goes without saying.
        low = total.min if total is not None else 0
        if rules or low:
            demanded = [(f"{rule.name}/min", Severity.ERROR) for rule in rules if rule.low]
            return demanded, extensions_check(rules, self._rule(path), low)
        looked_into = type_name in _EVERY_LIST_OF_EXTENSIONS or type_name in r4.RESOURCES
        return (), no_rules_check() if looked_into else None

    def _rows_of_extensions(self, path: str) -> list[Rule]:
        return [self._extension_rule(row, added) for row, added in self._slices(path)]

    def _extension_rule(self, row: Element, added: Amendment | None) -> Rule:
        url = (added.url if added is not None else None) or row.url or ""
        name, bounds = self._rule(row.path), (row.min, limit(row.max))
        aliases = added.aliases if added is not None else ()
        if added is not None and added.parts:
            parts = [value_rule(part, f"{name}/{part}", (1, 1), kind, self._at) for part, kind in added.parts.items()]
            return Rule(url, name, *bounds, "extension", extensions_check(parts))
        if url in definitions() and definitions()[url].sub_extensions:
            return guide_rule(url, name, bounds, self._at, aliases=aliases, patterns=added.patterns if added else None)
        kind = row.value_type or (row.type if row.type != "Extension" else None) or str(definitions()[url].value)
        check = _version_check(name) if row.constraint is not None else None
        return value_rule(url, name, bounds, kind, self._at, binding=row.binding, aliases=aliases, check=check)

    # other members

    def _member(self, member: r4.Member, path: str) -> tuple[Sequence[tuple[str, Severity]], Check | None]:
        row = self._rows.get(path)
        slices = [pair for pair in self._slices(path) if self._discriminated(pair)]
        below = any(known.startswith((f"{path}.", f"{path}:")) for known in self._rows)
        if row is None and not below and member.type not in _EVERY_LIST_OF_EXTENSIONS:
            return (), None
        item = self._item(member, path, row)
        absent = [(f"{self._rule(path)}/min", Severity.ERROR)] if row is not None and row.min else []
        absent = absent or [(f"{self._rule(one.path)}/min", Severity.ERROR) for one, _ in slices if one.min]
        if not member.many:
            return absent, item
        low, high = (row.min, limit(row.max)) if row is not None else (0, limit("*"))
        if slices:
            return absent, self._sliced_check(member, path, (low, high), item, slices)
        return absent, _list_check(self._rule(path), low, high, item)

    def _discriminated(self, pair: tuple[Element, Amendment | None]) -> bool:
        row, added = pair
        return row.type_coding is not None or row.id is not None or (added is not None and bool(added.systems))

    def _item(self, member: r4.Member, path: str, row: Element | None) -> Check | None:
        checks: list[Check] = []
        if row is not None and row.binding is not None:
            checks.append(binding_check(row.binding, self._rule(path), row.type, self._at))
        if row is not None and row.target_profile:
            checks.append(_reference_check(self._rule(path), row.target_profile))
        if row is not None and row.system is not None:
            checks.append(_system_check(self._rule(path), row.system))
        if not member.primitive and (
            member.type in _EVERY_LIST_OF_EXTENSIONS or any(known.startswith(f"{path}.") for known in self._rows)
        ):
            checks.append(self.element(member.type, path))
        return _all(checks)

    def _sliced_check(
        self,
        member: r4.Member,
        path: str,
        bounds: tuple[int, int],
        item: Check | None,
        slices: list[tuple[Element, Amendment | None]],
    ) -> Check:
        rows = [row for row, _ in slices]
        pick = _pick(slices, member.type)
        checks = [self._slice_check(member, row) for row in rows]
        bounds_of = [
            Bounds(self._rule(row.path), row.min, limit(row.max), added.tolerated if added is not None else ())
            for row, added in slices
        ]
        marked = frozenset(place for place, row in enumerate(rows) if row.extension)
        marker = _Marker(self._rule(path), bounds_of, marked) if marked else None
        return _slices_check(self._rule(path), bounds, item, _Slicing(pick, checks, bounds_of, marker))

    def _slice_check(self, member: r4.Member, row: Element) -> Check | None:
        rule = self._rule(row.path)
        checks: list[Check] = []
        if row.binding is not None:
            checks.append(binding_check(row.binding, rule, member.type, self._at))
        if row.system is not None:
            checks.append(_system_check(rule, row.system))
        if row.description is not None:
            checks.append(_description_check(rule, row.description))
        if row.type_coding is not None and row.type is not None and member.type.startswith("Task."):
            checks.append(_task_value_check(rule, row.type))
        return _all(checks)


def _pick(slices: list[tuple[Element, Amendment | None]], item_type: str) -> Pick:
    if slices[0][0].type_coding is not None:
        return by_type(slices)
    if slices[0][0].id is not None:
        return by_id(slices)
    return by_system(slices, item_type)


def _all(checks: list[Check]) -> Check | None:
    if len(checks) < 2:
        return checks[0] if checks else None

    def check(value: Json, report: Report) -> None:
        for one in checks:
            one(value, report)

    return check


def _object_check(parts: Sequence[tuple[str, Sequence[tuple[str, Severity]], Check | None]]) -> Check:
    def check(element: Json, report: Report) -> None:
        found = report.findings
        mark = len(found)
        for name, absent, examine in parts:
            value = element.get(name)
            if value is not None:
                if examine is not None:
                    examine(value, report)
                    if len(found) != mark:
                        report.place(mark, name)
                        mark = len(found)
            elif absent:
                _absent(element, name, absent, report)
                mark = len(found)

    return check


def _absent(element: Json, name: str, rules: Sequence[tuple[str, Severity]], report: Report) -> None:
    for rule, severity in rules:
        unknown = says_absent(element.get(f"_{name}", {}))
        told = f"{rule.removesuffix('min')}absent" if unknown else rule
        report.add(name, told, None, Severity.WARNING if unknown else severity)


def _list_check(rule: str, low: int, high: int, item: Check | None) -> Check:
    def check(values: list[Any], report: Report) -> None:
        if item is not None:
            found = report.findings
            mark = len(found)
            for index, value in enumerate(values):
                item(value, report)
                if len(found) != mark:
                    report.place(mark, f"[{index}]")
                    mark = len(found)
        if not low <= len(values) <= high:
            report.add("", f"{rule}/{'min' if len(values) < low else 'max'}", values)

    return check


class _Marker:
    """The extension that tells some slices of a list, and is forbidden in the others."""

    def __init__(self, rule: str, slices: Sequence[Bounds], marked: frozenset[int]) -> None:
        self._slices, self._marked = slices, marked
        self._check = extensions_check([guide_rule(MARKER, f"{rule}/extension:ror-act-type", (0, 1), date.max)])

    def examine(self, concept: Json, place: int | None, report: Report) -> None:
        """Say what is wrong with the extensions of an item of the slice at `place`."""
        start = len(report.findings)
        self._check(concept["extension"], report)
        told = any(part.get("url") == MARKER for part in concept["extension"])
        if told and place is not None and place not in self._marked:
            report.add("", f"{self._slices[place].rule}/extension:ror-act-type/max", concept["extension"])
        report.place(start, "extension")


class _Slicing(msgspec.Struct, frozen=True):
    """The slices of one list: how to tell them, what each demands."""

    pick: Pick
    checks: list[Check | None]
    bounds: list[Bounds]
    marker: _Marker | None


def _slices_check(rule: str, bounds: tuple[int, int], item: Check | None, slicing: _Slicing) -> Check:
    low, high = bounds
    pick, marker = slicing.pick, slicing.marker
    slices = [(weight(place), check) for place, check in enumerate(slicing.checks)]
    counted = Cardinalities(slicing.bounds)
    known_counts = counted.good

    def check(values: list[Json], report: Report) -> None:
        found = report.findings
        mark = len(found)
        total = 0
        for index, value in enumerate(values):
            if item is not None:
                item(value, report)
            place = pick(value)
            if marker is not None and "extension" in value:
                marker.examine(value, place, report)
            if place is not None:
                share, examine = slices[place]
                total += share
                if examine is not None:
                    examine(value, report)
            if len(found) != mark:
                report.place(mark, f"[{index}]")
                mark = len(found)
        if total not in known_counts:
            counted.judge(total, values, report)
        if not low <= len(values) <= high:
            report.add("", f"{rule}/{'min' if len(values) < low else 'max'}", values)

    return check


def _in_extension(check: Check, *, many: bool) -> Check:
    """The check of the extensions of a primitive, which stand in `_name`."""

    def one(element: Json | None, report: Report) -> None:
        if element is not None and "extension" in element:
            start = len(report.findings)
            check(element["extension"], report)
            report.place(start, "extension")

    return _list_check("", 0, limit("*"), one) if many else one


_RELATIVE = 2


def _reference_check(rule: str, profiles: tuple[str, ...]) -> Check:
    types = {name for name, profile in VALIDATED.items() for one in profiles if one.endswith(f"/{profile}")}
    types |= {one.rsplit("/", 1)[-1].removeprefix("Fr") for one in profiles if "/ror-" not in one}

    def check(reference: Json, report: Report) -> None:
        address = reference.get("reference")
        if address is None:
            return
        named = address.split("/")
        if len(named) != _RELATIVE:
            named = address.partition("/_history/")[0].split("/")
        if len(named) > 1 and named[-2] not in types:
            report.add("reference", f"{rule}/target", address)

    return check


def _system_check(rule: str, system: str) -> Check:
    accepted = {system, system.replace("https://", "http://")}

    def check(identifier: Json, report: Report) -> None:
        given = identifier.get("system")
        if given not in accepted:
            report.add("system", f"{rule}/fixed", given)

    return check


def _description_check(rule: str, description: str) -> Check:
    def check(element: Json, report: Report) -> None:
        if element.get("description") != description:
            report.add("description", f"{rule}/fixed", element.get("description"))

    return check


def _task_value_check(rule: str, kind: str) -> Check:
    member = f"value{kind[0].upper()}{kind[1:]}"

    def check(element: Json, report: Report) -> None:
        if member not in element:
            given = next((value for name, value in element.items() if name.startswith("value")), None)
            report.add(member, f"{rule}/value-type", given)

    return check


def _version_check(rule: str) -> Check:
    """A canonical of a questionnaire names its version (invariant ror-questionnaire-version-required)."""

    def check(canonical: str, report: Report) -> None:
        if "|" not in canonical:
            report.add("", f"{rule}/ror-questionnaire-version-required", canonical)

    return check
