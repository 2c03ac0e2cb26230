"""The extensions of an element: which there are, how many, of which type, with what in them."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec

from mappings.fhir.shape import Json
from mappings.fhir.validation.bindings import Check, Codes, binding_check, codes_of, says_absent
from mappings.fhir.validation.cardinalities import Bounds, Cardinalities, limit, weight
from mappings.fhir.validation.constraints import Binding, amendments, definitions, removed_extensions
from mappings.fhir.validation.finding import Report
from mappings.loss import Severity
from mappings.nomenclatures.systems import system_id
from mappings.nomenclatures.systems import url as address_of


class Rule(msgspec.Struct, frozen=True):
    """What one extension of a list must be. `member` holds its content: `valueBoolean`, or `extension` for parts."""

    url: str
    name: str
    low: int
    high: int
    member: str
    check: Check | None = None
    aliases: tuple[str, ...] = ()
    codes: Codes | None = None
    """The codes that need no further look, by the address of their system."""


def value_rule(
    url: str,
    name: str,
    bounds: tuple[int, int],
    value_type: str,
    at: date,
    *,
    binding: Binding | None = None,
    aliases: tuple[str, ...] = (),
    check: Check | None = None,
) -> Rule:
    """The rule of an extension that holds a value."""
    member = f"value{value_type[0].upper()}{value_type[1:]}"
    codes = None
    if binding is not None:
        check = binding_check(binding, name, value_type, at)
        codes = codes_of(binding, value_type, at)
    return Rule(url, name, *bounds, member, check, aliases, codes)


def guide_rule(
    url: str,
    name: str,
    bounds: tuple[int, int],
    at: date,
    *,
    aliases: tuple[str, ...] = (),
    patterns: dict[str, tuple[str, str]] | None = None,
) -> Rule:
    """The rule of an extension that the guide defines, parts included."""
    defined = definitions()[url]
    if not defined.sub_extensions:
        return value_rule(url, name, bounds, str(defined.value), at, binding=defined.binding, aliases=aliases)
    parts = []
    for part in defined.sub_extensions:
        told = f"{name}/{part.url.rsplit('/', 1)[-1]}"
        limits = (part.min, limit(part.max))
        if part.value == "Extension":
            parts.append(guide_rule(part.url, told, limits, at))
            continue
        check = _mandatory_check(url, part.url, told) or _pattern_check(told, (patterns or {}).get(part.url))
        # A fixed code leaves nothing to its value set.
        binding = part.binding if check is None else None
        parts.append(value_rule(part.url, told, limits, part.value, at, binding=binding, check=check))
    return Rule(url, name, *bounds, "extension", extensions_check(parts), aliases)


def _mandatory_check(url: str, part: str, rule: str) -> Check | None:
    wanted = [
        name
        for one in amendments().parts
        if one.part == part and url.endswith(f"/{one.extension}")
        for name in one.mandatory
    ]
    if not wanted:
        return None

    def check(value: Json, report: Report) -> None:
        for name in wanted:
            if name not in value:
                report.add(name, f"{rule}.{name}/min", None)

    return check


def _pattern_check(rule: str, fixed: tuple[str, str] | None) -> Check | None:
    if fixed is None:
        return None
    return binding_to_one(rule, fixed)


def binding_to_one(rule: str, fixed: tuple[str, str]) -> Check:
    """The check of a concept whose code is fixed."""
    address, (system, code) = address_of(fixed[0]), fixed

    def check(value: Json, report: Report) -> None:
        for coding in value.get("coding", ()):
            given = coding.get("system", "")
            if coding.get("code") == code and (given == address or system_id(given) == system):
                return
        report.add("", f"{rule}/fixed", value)

    return check


def extensions_check(rules: Sequence[Rule], name: str = "", low: int = 0) -> Check:
    """The check of a list of extensions, `low` of them at least; others than those of the rules are free.

    A list in which all is as the rules want it, nearly every one, is gone through once and without keeping places; any
    other is gone through again, item by item.
    """
    known_of = {rule.url: (weight(place), rule.member, rule.codes, rule.check) for place, rule in enumerate(rules)}.get
    counted = Cardinalities([Bounds(rule.name, rule.low, rule.high) for rule in rules])
    known_counts = counted.good
    one_by_one = _one_by_one(rules, counted)

    def check(extensions: list[Json], report: Report) -> None:
        mark, unverifiable = len(report.findings), len(report.unverifiable)
        total = 0
        for one in extensions:
            known = known_of(one.get("url", ""))
            if known is None or len(one) != 2:
                break
            share, member, codes, examine = known
            value = one.get(member)
            if value is None:
                break
            total += share
            if codes is not None:
                try:
                    coding = value["coding"][0]
                    if coding["code"] in codes[coding["system"]]:
                        continue
                except (KeyError, IndexError):
                    pass  # said in another way: the check knows them all
            if examine is not None:
                examine(value, report)
        else:
            if len(report.findings) == mark and total in known_counts and len(extensions) >= low:
                return
        del report.findings[mark:], report.unverifiable[unverifiable:]
        one_by_one(extensions, report)
        if len(extensions) < low:
            report.add("", f"{name}/min", extensions)

    return check


def _one_by_one(rules: Sequence[Rule], counted: Cardinalities) -> Check:
    """The check that says which extension breaks which rule."""
    places = {rule.url: place for place, rule in enumerate(rules)}
    other = _other_spellings(rules)

    def check(extensions: list[Json], report: Report) -> None:
        found = report.findings
        total = 0
        for index, one in enumerate(extensions):
            place = places.get(one.get("url", ""))
            if place is None:
                place = other(one, index, report)
                if place is None:
                    continue
            total += weight(place)
            rule = rules[place]
            value = one.get(rule.member)
            mark = len(found)
            if len(one) != 2 or value is None:
                report.suspect = True
                _odd(one, rule, report)
                report.place(mark, f"[{index}]")
                mark = len(found)
            if value is not None and rule.check is not None:
                rule.check(value, report)
                report.place(mark, f"[{index}].{rule.member}")
        counted.judge(total, extensions, report)

    return check


def _other_spellings(rules: Sequence[Rule]) -> Callable[[Json, int, Report], int | None]:
    """Recognises an extension by the end of its address, or by a name it had or has elsewhere: a warning."""
    slugs = {rule.url.rsplit("/", 1)[-1]: place for place, rule in enumerate(rules)}
    slugs |= {alias: place for place, rule in enumerate(rules) for alias in rule.aliases}
    removed = removed_extensions()

    def find(one: Json, index: int, report: Report) -> int | None:
        report.suspect = report.suspect or len(one) != 2
        url = one.get("url", "")
        place = slugs.get(url.rsplit("/", 1)[-1])
        if place is not None:
            report.add(f"[{index}].url", f"{rules[place].name}/url", url, Severity.WARNING)
        elif url in removed:
            report.add(f"[{index}].url", "extension/removed", url, Severity.WARNING)
        return place

    return find


def _odd(one: Json, rule: Rule, report: Report) -> None:
    """Says what stands in place of the content the rule wants."""
    if rule.member in one:
        return
    if says_absent(one.get(f"_{rule.member}", {})):
        report.add("", f"{rule.name}/absent", one, Severity.WARNING)
        return
    given: Any = next((value for name, value in one.items() if name.startswith("value") or name == "extension"), None)
    report.add("", f"{rule.name}/value-type", given)


def no_rules_check() -> Check:
    """The check of extensions that no rule speaks of: they only have to be of the right shape."""
    return extensions_check(())
