"""The codes of an object as a reader who works with another publication of the NOS may take them (decision 27).

A code that the publication of the reader holds is never touched. One that it holds no more gives way to its successor
when exactly one may be applied, sourced or accepted, in a table that stands at the same place; else it goes as it is
and that is told. A code younger than the publication of the reader always goes as it is: every way back loses meaning.
"""

import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, TypeVar

import msgspec

from mappings.exposition.repertoire import Objet, Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.bindings import bindings
from mappings.nomenclatures.catalogue import Catalogue, Listing, current
from mappings.nomenclatures.replacements import (
    CHANGED_MEANING,
    NEVER,
    NOTHING_ACCEPTED,
    Acceptance,
    Pair,
    replace,
    replacements,
)
from mappings.nomenclatures.tables import State, resolve, table, value_set, value_sets_drawn_on

V = TypeVar("V")
O = TypeVar("O", bound=Objet)  # noqa: E741 - an object of the model


class _Note(msgspec.Struct, frozen=True):
    """What the ledger says of a code."""

    rule: str
    kind: LossKind = LossKind.UNMAPPED
    severity: Severity = Severity.WARNING


class Fate(msgspec.Struct, frozen=True):
    """What becomes of a code: the code that takes its place, None when it goes as it is; the label it had at its
    source when it means something else since; what is told.
    """

    new: Code | None
    notes: tuple[_Note, ...]
    label: str | None = None


SOURCED = _Note(rule="nos.replacement.sourced", kind=LossKind.DERIVED)
ACCEPTED = _Note(rule="nos.replacement.accepted", kind=LossKind.DERIVED)
TO_ACCEPT = _Note(rule="nos.replacement.to-accept")
SEVERAL = _Note(rule="nos.replacement.several")
ELSEWHERE = _Note(rule="nos.replacement.elsewhere")
ENDED = _Note(rule="nos.code.ended", severity=Severity.INFORMATION)
LATER = _Note(rule="nos.code.later")
MEANING_MOVED = _Note(rule="nos.code.meaning-moved")

_KEPT: dict[str, Fate] = {}


class Transposition:
    """From the publication of a source (the day it stood on) to that of a reader. Made once for each two, then shared:
    it remembers, table by table, the few codes to which something happens.
    """

    def __init__(self, since: date, at: date, accepted: Mapping[Pair, Acceptance] = NOTHING_ACCEPTED) -> None:
        self.since = since
        self.at = at
        self._accepted = accepted
        self._fates: dict[str, dict[str, Fate]] = {}

    def directory(self, repertoire: Repertoire, ledger: Ledger) -> Repertoire:
        """Every object of a directory; the same one when nothing happens to any."""
        changed = {}
        for name in repertoire.__struct_fields__:
            objects = getattr(repertoire, name)
            carried = tuple(self.objet(one, ledger) for one in objects)
            if any(new is not old for new, old in zip(carried, objects, strict=True)):
                changed[name] = carried
        return msgspec.structs.replace(repertoire, **changed) if changed else repertoire

    def objet(self, objet: O, ledger: Ledger) -> O:
        """An object; itself when nothing happens to its codes."""
        return self._struct(objet, objet.cle, "", ledger)

    def fate(self, code: Code) -> Fate | None:
        """What becomes of a code; None when nothing does."""
        fates = self._fates.get(code.systeme)
        if fates is None:
            fates = self._of_table(code.systeme)
        return fates.get(code.code)

    def _of_table(self, system: str) -> dict[str, Fate]:
        concepts = table(system, self.at)
        if concepts is None:
            # Not kept: the addresses that sources write are without number.
            return _KEPT
        replaced = (code for known, code in replacements() if known == system)
        names = {*concepts, *(table(system) or {}), *(table(system, self.since) or {}), *replaced}
        found = ((name, self._judge(Code(system, name))) for name in names)
        fates = {name: fate for name, fate in found if fate is not None}
        self._fates[system] = fates
        return fates

    def _judge(self, code: Code) -> Fate | None:
        if resolve(code, self.at).later:
            return Fate(None, (LATER,))
        if not held(code, self.at):
            return self._succeeded(code)
        before = self._meaning_moved(code)
        return Fate(None, (MEANING_MOVED,), before) if before is not None else None

    def _succeeded(self, code: Code) -> Fate:
        """The successor of a code, step by step, when the last one is held; each step is told."""
        notes: list[_Note] = []
        new = code
        while len(notes) < len(replacements()):
            applied = replace(new, self.at, accepted=self._accepted)
            if applied is None:
                return Fate(None, (self._reason(code),))
            if not _same_place(code.systeme, applied.new.systeme):
                return Fate(None, (ELSEWHERE,))
            notes.append(SOURCED if applied.acceptance is None else ACCEPTED)
            new = applied.new
            if held(new, self.at):
                break
        return Fate(Code(*new.cle, resolve(new, self.at).display), tuple(notes))

    def _reason(self, code: Code) -> _Note:
        """Why a code that is held no more has no successor here."""
        rows = [row for row in replacements().get(code.cle, ()) if not resolve(row.target, self.at).later]
        if not rows:
            return ENDED
        if len(rows) > 1 or rows[0].relation in NEVER:
            return SEVERAL
        return TO_ACCEPT

    def _meaning_moved(self, code: Code) -> str | None:
        """The label of a code at its source when the publication of the reader means something else by it."""
        if not any(row.relation in CHANGED_MEANING for row in replacements().get(code.cle, ())):
            return None
        before, after = ((table(code.systeme, day) or {}).get(code.code) for day in (self.since, self.at))
        if before is None or after is None or before.display == after.display:
            return None
        return before.display

    def _struct(self, value: V, key: str, path: str, ledger: Ledger) -> V:
        changed: dict[str, Any] = {}
        for name, several, coded in _places(type(value)):  # type: ignore[arg-type]  # a class of the model
            old = getattr(value, name)
            if not old:
                continue
            place = f"{path}.{name}" if path else name
            one = self._code if coded else self._struct
            new = self._all(old, one, key, place, ledger) if several else one(old, key, place, ledger)
            if new is not old:
                changed[name] = new
        return msgspec.structs.replace(value, **changed) if changed else value  # type: ignore[type-var]

    def _all(self, values: tuple[Any, ...], one: Any, key: str, path: str, ledger: Ledger) -> tuple[Any, ...]:
        """Several values; what a replacement made equal stands once."""
        carried = tuple(one(value, key, path, ledger) for value in values)
        if all(new is old for new, old in zip(carried, values, strict=True)):
            return values
        return tuple({(new.cle if isinstance(new, Code) else new): new for new in carried}.values())

    def _code(self, code: Code, key: str, path: str, ledger: Ledger) -> Code:
        fate = self.fate(code)
        if fate is None:
            return code
        for note in fate.notes:
            ledger.note(note.kind, object=key, path=path, rule=note.rule, value_kind="code", severity=note.severity)
        if fate.new is not None:
            return fate.new
        return Code(*code.cle, fate.label) if fate.label is not None and code.libelle is None else code


def held(code: Code, at: date) -> bool:
    """Whether the publication of a day holds a code: in force in its table, or in a value set that draws on it. A
    value set may keep a code that ended in its table (`R210` `1218`, every type of street).

    Of a table whose last version is not held, a newer value set speaks: a code that someone replaced and that it left
    out (`R211` `470`), or that no version held ever had (`R244` `133`), is held no more.
    """
    if code.cle in _listed(current(), code.systeme, at):
        return True
    state = resolve(code, at).state
    if state is State.UNKNOWN or (state is not State.ENDED and _outlived(current(), code.systeme, at)):
        return code.cle not in replacements()
    return state is not State.ENDED


@lru_cache(maxsize=1024)
def _outlived(catalogue: Catalogue, system: str, at: date) -> bool:
    """Whether a value set in force on a day is younger than the version of its table in force then."""
    of_table = catalogue.in_force(system, at)
    of_sets = (catalogue.in_force(short, at) for short in value_sets_drawn_on(system))
    return of_table is not None and any(one is not None and one.since > of_table.since for one in of_sets)


@lru_cache(maxsize=1024)
def _listed(catalogue: Catalogue, system: str, at: date) -> frozenset[tuple[str, str]]:
    """The codes of the value sets of a table. Before the first version held, that one: what ended is never taken in."""
    versions = (catalogue.in_force(short, at) or _first(catalogue, short) for short in value_sets_drawn_on(system))
    days = ((listing.short, listing.since) for listing in versions if listing is not None)
    return frozenset().union(*(value_set(short, max(at, since)) or () for short, since in days))


def _first(catalogue: Catalogue, short: str) -> Listing | None:
    return next(iter(catalogue.versions(short)), None)


@cache
def _same_place(one: str, other: str) -> bool:
    """Whether two tables stand at one place: the value set of some element draws on both."""
    return one == other or any({one, other} <= set(binding.systems) for binding in bindings())


@cache
def _places(kind: type) -> tuple[tuple[str, bool, bool], ...]:
    """The fields of a class that hold codes, at any depth: name, whether it holds several, whether they are codes."""
    found = []
    for name, hint in typing.get_type_hints(kind).items():
        for item, several in _items(hint):
            if item is Code or (issubclass(item, msgspec.Struct) and _places(item)):
                found.append((name, several, item is Code))
    return tuple(found)


def _items(hint: Any) -> Iterator[tuple[type, bool]]:
    """The classes of the values of a field, and whether it holds several."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        for choice in typing.get_args(hint):
            yield from _items(choice)
    elif origin is tuple:
        yield from ((item, True) for item, _ in _items(typing.get_args(hint)[0]))
    elif isinstance(hint, type):
        yield hint, False
