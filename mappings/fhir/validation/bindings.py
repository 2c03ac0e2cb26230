"""Codes against their value sets, held in memory by the address a canonical writer gives their system."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import msgspec

from mappings.fhir.shape import Json
from mappings.fhir.urls import DATA_ABSENT
from mappings.fhir.validation.constraints import Binding, amendments
from mappings.fhir.validation.finding import Report
from mappings.loss import Severity
from mappings.nomenclatures import systems
from mappings.nomenclatures.tables import value_set

Check = Callable[[Any, Report], None]
"""Says in the report what is wrong with a value, paths being relative to it."""

Codes = dict[str, frozenset[str]]
"""The codes of a value set by the address of their system."""


class CodeSet(msgspec.Struct, frozen=True):
    """The codes of a value set: by address of their system for the quick look, in pairs for the other spellings."""

    by_address: Codes
    pairs: frozenset[tuple[str, str]]
    tolerated: frozenset[tuple[str, str]]


@cache
def code_set(short: str, at: date) -> CodeSet | None:
    """The codes of a value set on a day; None when none in force then is held."""
    pairs = value_set(short, at)
    if pairs is None:
        return None
    by_system: dict[str, set[str]] = {}
    for system, code in pairs:
        by_system.setdefault(system, set()).add(code)
    tolerated = (one.codes for one in amendments().value_sets if one.value_set == short)
    return CodeSet(
        {systems.url(system): frozenset(codes) for system, codes in by_system.items()},
        pairs,
        frozenset(pair for codes in tolerated for pair in codes),
    )


def codes_of(binding: Binding, value_type: str | None, at: date) -> Codes | None:
    """The codes of a bound concept that a canonical writer gives; None for other values and when none is held."""
    known = code_set(binding.short, at) if value_type == "CodeableConcept" else None
    return known.by_address if known is not None else None


def binding_check(binding: Binding, rule: str, value_type: str | None, at: date) -> Check:
    """The check of a bound value of that type, by the value set in force on a day."""
    known = code_set(binding.short, at)
    severity = Severity.ERROR if binding.required else Severity.WARNING
    if value_type in ("string", "code"):
        return _text_check(binding.short, known, rule, severity)
    check = _unverifiable_check(binding.short, rule) if known is None else _coded_check(known, rule, severity)
    return _of_one(check) if value_type == "Coding" else check


def _of_one(check: Check) -> Check:
    """The check of a Coding by that of a concept."""

    def one(coding: Json, report: Report) -> None:
        check({"coding": [coding]}, report)

    return one


def _unverifiable_check(short: str, rule: str) -> Check:
    def check(concept: Json, report: Report) -> None:
        for coding in concept.get("coding", ()):
            if "code" in coding:
                report.unverifiable.append(short)
                return
        _without_code(concept, rule, report)

    return check


def _coded_check(known: CodeSet, rule: str, severity: Severity) -> Check:
    held_of = known.by_address.get
    nothing: frozenset[str] = frozenset()

    def check(concept: Json, report: Report) -> None:
        codings = concept.get("coding", ())
        for coding in codings:
            if coding.get("code") in held_of(coding.get("system", ""), nothing):
                return
        given = [(systems.system_id(one.get("system", "")), one["code"]) for one in codings if "code" in one]
        if not given:
            _without_code(concept, rule, report)
        elif known.pairs.isdisjoint(given):
            tolerated = not known.tolerated.isdisjoint(given)
            report.add("", f"{rule}/binding", concept, Severity.WARNING if tolerated else severity)

    return check


def _without_code(concept: Json, rule: str, report: Report) -> None:
    """A concept that holds no code: said to be unknown, which is a warning, or a fault."""
    if any(says_absent(coding.get("_code", {})) for coding in concept.get("coding", ())):
        report.add("", f"{rule}/absent", concept, Severity.WARNING)
    else:
        report.add("", f"{rule}/binding", concept)


def says_absent(element: Json) -> bool:
    """Whether an element says that its value is missing, and why."""
    return any(part.get("url") == DATA_ABSENT for part in element.get("extension", ()))


def _text_check(short: str, known: CodeSet | None, rule: str, severity: Severity) -> Check:
    codes = None if known is None else frozenset(code for _, code in known.pairs)

    def check(value: str, report: Report) -> None:
        if codes is None:
            report.unverifiable.append(short)
        elif value not in codes:
            report.add("", f"{rule}/binding", value, severity)

    return check
