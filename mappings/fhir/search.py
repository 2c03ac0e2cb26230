"""A FHIR search as a search of the model (FHIR digest, sections 3 to 6)."""

from collections.abc import Callable
from typing import Any

import msgspec

from mappings.exposition.demandes import Recherche
from mappings.fhir.grammar import SearchRefused, values
from mappings.fhir.ids import fhir_id, is_hash, key_of
from mappings.fhir.includes import Directive, read_directives
from mappings.fhir.parameters import JUDGED, PARAMETERS, PARTS_OF_AGE, TYPES, Criteria

PAGE = 200
CURSOR = "_cursor"

# The typing mistakes of the national documentation, tolerated (FHIR digest, section 4).
_MISSPELT = {"_revincluded": "_revinclude", "__include": "_include", "__revinclude": "_revinclude"}
_IDENTITIES = frozenset({"cles", "offres", "regions"})
_NOBODY = "-"


class Ignored(msgspec.Struct, frozen=True):
    """A parameter left out of the search, and why: `unknown-parameter`, `not-supported`, `value-empty` or
    `unknown-include`.
    """

    parameter: str
    reason: str


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a search asks. `applied` are the parameters really applied, in their order, for the `self` link."""

    resource_type: str
    recherche: Recherche
    includes: tuple[Directive, ...] = ()
    revincludes: tuple[Directive, ...] = ()
    count: int = PAGE
    cursor: str | None = None
    applied: tuple[tuple[str, str], ...] = ()
    ignored: tuple[Ignored, ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        """The ids it names, empty when it names none; raw keys are taken for the ids they make."""
        named = (one for name, value in self.applied if name == "_id" for one in values(value))
        return frozenset(one if key_of(one) is not None or is_hash(one) else fhir_id(one) for one in named)

    @property
    def directives(self) -> tuple[Directive, ...]:
        """Every link to follow from the matches."""
        return self.includes + self.revincludes


class _Reading:
    """One request being read: the criteria so far, what was applied, what was left out."""

    def __init__(self, resource_type: str, *, strict: bool) -> None:
        self.resource_type = resource_type
        self.strict = strict
        self.criteria: Criteria = {}
        self.directives: list[Directive] = []
        self.controls: dict[str, Any] = {}
        self.applied: list[tuple[str, str]] = []
        self.ignored: list[Ignored] = []

    def take(self, name: str, value: str) -> None:
        """Read one parameter."""
        spelt, _, modifier = name.partition(":")
        spelt = _MISSPELT.get(spelt, spelt)
        if not value.strip():
            self._leave_out(name, "value-empty")
        elif spelt in ("_include", "_revinclude"):
            self._include(name, spelt, modifier, value)
        elif spelt in _CONTROLS:
            self._control(name, spelt, value)
        else:
            self._criterion(name, value)

    def _leave_out(self, name: str, reason: str) -> None:
        """Lenient: left out, and said. Strict: refused."""
        if self.strict:
            raise SearchRefused(reason, name)
        self.ignored.append(Ignored(name, reason))

    def _include(self, name: str, spelt: str, modifier: str, value: str) -> None:
        if modifier not in ("", "iterate", "recurse"):
            raise SearchRefused("modifier-unsupported", name)
        found = read_directives(
            value.strip(),
            resource_type=self.resource_type,
            reverse=spelt == "_revinclude",
            iterate=bool(modifier),
        )
        if found is None:
            self._leave_out(f"{name}={value}", "unknown-include")
            return
        self.directives += found
        self.applied.append((f"{spelt}:iterate" if modifier else spelt, value.strip()))

    def _control(self, name: str, spelt: str, value: str) -> None:
        if spelt in self.controls:
            raise SearchRefused("repeated", name)
        self.controls[spelt] = read = _CONTROLS[spelt](value)
        self.applied.append((spelt, str(read)))

    def _criterion(self, name: str, value: str) -> None:
        known = PARAMETERS[self.resource_type]
        spelt, _, modifier = name.rpartition(":") if ":" in name else (name, "", "")
        parameter = known.get(spelt)
        if parameter is None:
            self._leave_out(name, "unknown-parameter")
            return
        if modifier not in parameter.modifiers:
            # Never lenient: left out, `:not` would answer the contrary of what was asked.
            raise SearchRefused("modifier-unsupported", name)
        stated = parameter.read(value, name)
        if not set(stated) <= JUDGED | PARTS_OF_AGE:
            self._leave_out(name, "not-supported")
            return
        for field, wanted in stated.items():
            self.criteria[field] = _both(field, self.criteria.get(field), wanted, name)
        self.applied.append((name, value))

    def recherche(self) -> Recherche:
        """The search of the model."""
        criteria = dict(self.criteria)
        low, high = criteria.pop("age_low", None), criteria.pop("age_high", None)
        if low != high:
            # The model asks for one age that an offer accepts: one bound alone, or two ages, is another question.
            raise SearchRefused("not-supported", "age-range-low" if high is None else "age-range-high")
        return Recherche(objet=TYPES[self.resource_type], age=low, **criteria)


def _both(field: str, known: Any, wanted: Any, parameter: str) -> Any:
    """The same criterion stated twice is a conjunction: kept where the model can say it, else refused."""
    if known is None or known == wanted:
        return wanted
    if field in _IDENTITIES:
        return tuple(one for one in known if one in wanted) or (_NOBODY,)
    if field == "modifie_depuis":
        return max(known, wanted)
    if field == "modifie_avant":
        return min(known, wanted)
    raise SearchRefused("not-supported", parameter)


def _count(value: str) -> int:
    if not value.strip().isascii() or not value.strip().isdigit():
        raise SearchRefused("count-invalid", "_count")
    return min(int(value.strip()[:10]), PAGE)


_CONTROLS: dict[str, Callable[[str], int | str]] = {"_count": _count, CURSOR: str, "_format": str}


def read_search(resource_type: str, parameters: list[tuple[str, str]], *, strict: bool) -> SearchRequest:
    """The search that a query asks for.

    What cannot be applied is left out and said so (`ignored`), or refused when `strict`; what would be applied wrongly
    is always refused. A page holds 200 at most (RG_RECH_52).
    """
    if resource_type not in TYPES:
        raise SearchRefused("unknown-type", resource_type)
    reading = _Reading(resource_type, strict=strict)
    for name, value in parameters:
        reading.take(name, value)
    return SearchRequest(
        resource_type=resource_type,
        recherche=reading.recherche(),
        includes=tuple(directive for directive in reading.directives if not directive.reverse),
        revincludes=tuple(directive for directive in reading.directives if directive.reverse),
        count=reading.controls.get("_count", PAGE),
        cursor=reading.controls.get(CURSOR),
        applied=tuple(reading.applied),
        ignored=tuple(reading.ignored),
    )
