"""What a solution, or a member in the federation document, may declare of its habits: every row of section 15.2.

The reader accepts all forms of most rows, because an answer shows which it has: such a habit is declared so that people
know, and changes nothing. The others decide how a member is asked or how its answers are understood; `told` says how.
A habit of the member prevails over that of its solution.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches

import msgspec

from adapters.manifest import Habits, Manifest, Search
from mappings.csd.dialect import Dialect, Hierarchie
from mappings.csd.identifiers import TYPES_OF_STRUCT
from mappings.csd.requests import Spelling

_replace = msgspec.structs.replace
Apply = Callable[[Manifest, str], Manifest]


class OptionRefused(ValueError):
    """An option that does not exist, or a value it cannot take; `accepted` is what could stand there (`examples` of it
    for an open one), `nearest` the likeliest of them.
    """

    def __init__(self, name: str, *, value: str | None, accepted: tuple[str, ...], examples: bool = False) -> None:
        super().__init__(name if value is None else f"{name} = {value}")
        self.name = name
        self.value = value
        self.accepted = accepted
        self.examples = examples
        known = () if examples else accepted
        self.nearest = next(iter(get_close_matches(name if value is None else value, known, n=1)), None)


def _unchanged(manifest: Manifest, value: str) -> Manifest:
    del value
    return manifest


class Option(msgspec.Struct, frozen=True):
    """One habit: the row of section 15.2, the values it takes (examples where it is `open`), what it changes here."""

    row: str
    values: tuple[str, ...]
    french: str = ""
    english: str = ""
    apply: Apply = _unchanged
    open: bool = False


def _dialect(name: str) -> Apply:
    def apply(manifest: Manifest, value: str) -> Manifest:
        Dialect.from_options({name: value})
        return _with(manifest, dialect={**manifest.habits.dialect, name: value})

    return apply


def _with(manifest: Manifest, **habits: object) -> Manifest:
    return _replace(manifest, habits=_replace(manifest.habits, **habits))


def _spelt(**changes: Callable[[str], object]) -> Apply:
    def apply(manifest: Manifest, value: str) -> Manifest:
        said = {field: read(value) for field, read in changes.items()}
        return _with(manifest, spelling=_replace(manifest.habits.spelling, **said))

    return apply


def _interface(manifest: Manifest, value: str) -> Manifest:
    major, _, minor = value.partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        raise ValueError(value)
    return _with(manifest, interface=value)


def _counts(manifest: Manifest, value: str) -> Manifest:
    return _with(manifest, counts=value != "wrong")


def _searching(field: str, read: Callable[[str], object]) -> Apply:
    """A habit of the search; of a solution without one it says nothing."""

    def apply(manifest: Manifest, value: str) -> Manifest:
        said = read(value)
        search: Search | None = manifest.search
        return manifest if search is None else _replace(manifest, search=_replace(search, **{field: said}))

    return apply


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError(value)
    return number


def _connections(manifest: Manifest, value: str) -> Manifest:
    return _replace(manifest, limits=_replace(manifest.limits, connections=_positive(value)))


OPTIONS: dict[str, Option] = {
    "interface-version": Option(
        "interface version",
        ("2.3", "2.6"),
        "version que nomme son adresse ; ses réponses sont lues dans celle de `contract`",
        "the version its address names; its answers are read in that of `contract`",
        _interface,
        open=True,
    ),
    "hierarchy": Option(
        "hierarchy",
        tuple(Hierarchie),
        "toutes les formes sont lues ; une réponse écrite autrement est notée (`hierarchy.style`)",
        "every form is read; an answer written otherwise is noted (`hierarchy.style`)",
        _dialect("hierarchy"),
    ),
    "structures": Option(
        "idNat_Struct",
        ("digit", "bare", "digit-under-types", "bare-under-types"),
        "identifiant d'établissement dans nos demandes, écrit comme il l'écrit",
        "the identifier of an establishment in our requests, written as it writes it",
        _spelt(
            digit=lambda value: value.startswith("digit"),
            system=lambda value: TYPES_OF_STRUCT if value.endswith("types") else Spelling().system,
        ),
    ),
    "contacts": Option("contacts", ("by-version", "person", "extension", "none")),
    "addresses": Option("address", ("organization", "location", "both")),
    "labels": Option("labels", ("text", "empty")),
    "dates": Option("dates", ("plain", "offset", "fractions")),
    "timezone": Option(
        "dates",
        ("Europe/Paris", "Indian/Reunion"),
        "fuseau des instants écrits sans décalage",
        "the zone of instants written without offset",
        _dialect("timezone"),
        open=True,
    ),
    "restricted-organisation": Option(
        "`restrictedOrganisation`",
        ("digits", "words"),
        "`0`/`1` ou `false`/`true` dans nos demandes",
        "`0`/`1` or `false`/`true` in our requests",
        _spelt(words=lambda value: value == "words"),
    ),
    "search-codes": Option(
        "codes",
        ("padded", "bare"),
        "zéros de tête des codes de nos recherches de 2016",
        "leading zeros of the codes in our searches of 2016",
        _searching("padded_codes", lambda value: value == "padded"),
    ),
    "care-mode-above": Option("non-UE `careMode`", ("empty", "null", "real")),
    "errors": Option("errors", ("error-500", "error-200", "fault-number", "fault-erreur")),
    "facility-number": Option(
        "`facilityNumber`",
        ("right", "absent-on-single-readings", "wrong"),
        "`wrong` : le nombre annoncé n'est pas cru, son écart est noté au lieu de faire refuser la réponse",
        "`wrong`: the number announced is not believed; the difference is noted instead of refusing the answer",
        _counts,
    ),
    "empty-identifiers": Option("empty identifiers", ("none", "present")),
    "provenance": Option("provenance", ("source-directory", "none", "recognation")),
    "unused-shapes": Option("unused shapes", ("none", "child", "dangling", "child-and-dangling")),
    "confidentiality": Option(
        "contacts",
        ("1", "2", "3"),
        "niveau des contacts des versions qui n'en ont pas",
        "the level of contacts where the version has none",
        _dialect("confidentiality"),
    ),
    "sensitive-unit": Option(
        "15.1",
        ("true", "false"),
        "ce que vaut une unité que sa version ne peut marquer sensible",
        "what a unit is that its version cannot mark as sensitive",
        _dialect("sensitive-unit"),
    ),
    "search-cap": Option(
        "2",
        ("50", "200"),
        "nombre d'unités auquel sa recherche s'arrête",
        "the number of units at which its search stops",
        _searching("cap", _positive),
        open=True,
    ),
    "search-no-result": Option(
        "16",
        ("404",),
        "code d'erreur par lequel sa recherche dit que rien ne correspond",
        "the error code by which its search says that nothing matches",
        _searching("no_result_codes", lambda value: frozenset({int(value)})),
        open=True,
    ),
    "connections": Option(
        "3",
        ("4",),
        "connexions ouvertes à la fois vers ce membre",
        "connections open at once toward the member",
        _connections,
        open=True,
    ),
}

ROWS = frozenset(
    {
        "interface version",
        "hierarchy",
        "idNat_Struct",
        "contacts",
        "address",
        "labels",
        "dates",
        "`restrictedOrganisation`",
        "codes",
        "non-UE `careMode`",
        "errors",
        "`facilityNumber`",
        "empty identifiers",
        "provenance",
        "unused shapes",
    }
)
"""The rows of section 15.2."""


def adapted(manifest: Manifest, declared: Mapping[str, str]) -> Manifest:
    """The manifest of a solution with its own habits and, over them, those of a member; raises `OptionRefused`."""
    habits = {name: habit.value for name, habit in manifest.options.items()} | dict(declared)
    made = _replace(manifest, habits=Habits())
    for name, value in habits.items():
        made = _applied(made, name, value)
    return made


def _applied(manifest: Manifest, name: str, value: str) -> Manifest:
    option = OPTIONS.get(name)
    if option is None:
        raise OptionRefused(name, value=None, accepted=tuple(OPTIONS))
    refused = OptionRefused(name, value=value, accepted=option.values, examples=option.open)
    if not option.open and value not in option.values:
        raise refused
    try:
        return option.apply(manifest, value)
    except (ValueError, KeyError) as unreadable:
        raise refused from unreadable
