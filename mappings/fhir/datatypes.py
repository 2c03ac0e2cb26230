"""Codes, quantities, identifiers, references, periods and extensions, both ways (FHIR digest, sections 7 to 9)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from mappings.exposition.values import Ajout, Code, Mesure
from mappings.fhir.doubts import doubtful, meet
from mappings.fhir.encoding import encode
from mappings.fhir.ids import fhir_id
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, absent, compact, items, member, number, text
from mappings.fhir.urls import DATA_ABSENT
from mappings.nomenclatures import systems
from mappings.nomenclatures.catalogue import Catalogue, current
from mappings.nomenclatures.tables import display

# A longer label hardly comes twice.
_REMEMBERED = 200
_FRAGMENTS = msgspec.json.Decoder(float_hook=Decimal)
# A number of more digits is written as it stands.
_LARGEST = 10**15
_UNKNOWN = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}


@lru_cache(maxsize=8192)
def _coding(catalogue: Catalogue, code: Code) -> Json:
    label = code.libelle or display(code.systeme, code.code)
    return compact({"system": systems.url(code.systeme), "code": code.code, "display": label})


def coding(code: Code) -> Json:
    """The code with the canonical address of its system and its label: the source's, else the table's.

    Documents repeat few codes many times: equal codes share one value, which nobody may change.
    """
    catalogue = current()
    if doubtful(catalogue, code):
        meet()
    return _coding(catalogue, code)


@lru_cache(maxsize=8192)
def _concept(catalogue: Catalogue, code: Code) -> tuple[Json, bool]:
    return {"coding": [_coding(catalogue, code)]}, doubtful(catalogue, code)


def concept(code: Code) -> Json:
    """The code as a CodeableConcept, shared like its coding."""
    written, doubted = _concept(current(), code)
    if doubted:
        meet()
    return written


def is_more_than_its_code(code: Code | None, system: str) -> bool:
    """Whether something is lost of a code of which FHIR writes neither the table nor the label."""
    return code is not None and (
        code.systeme != system or bool(code.libelle and code.libelle != display(code.systeme, code.code))
    )


def optional_concept(code: Code | None) -> Json | None:
    """The code as a CodeableConcept, when there is one."""
    return None if code is None else concept(code)


def concepts(codes: Iterable[Code]) -> list[Json]:
    """Each code as a CodeableConcept."""
    return [concept(code) for code in codes]


def unknown_concept(system: str) -> Json:
    """What stands for a mandatory code the source does not give: its system, and that the code is unknown."""
    return {"coding": [{"system": systems.url(system), "_code": _UNKNOWN}]}


def read_coding(json: Json) -> Code | None:
    """The code of a Coding; None when it holds none. Documents repeat few codes many times: they share one value."""
    label = json.get("display")
    try:
        if label is None or len(label) <= _REMEMBERED:
            return _code(current(), json.get("system"), json.get("code"), label)
    except TypeError:
        pass  # what stands for a text is none, and may be what no memory takes
    return _read_coding(json)


@lru_cache(maxsize=8192)
def _code(catalogue: Catalogue, system: Any, code: Any, label: Any) -> Code | None:
    return _read_coding({"system": system, "code": code, "display": label})


def _read_coding(json: Json) -> Code | None:
    code = text(json, "code")
    if code is None:
        return None
    system = systems.system_id(text(json, "system") or "")
    return Code(system.removeprefix("urn:oid:"), code, text(json, "display"))


def read_concept(json: Json) -> Code | None:
    """The first coding of a CodeableConcept that holds a code."""
    for coding in items(json, "coding"):
        code = read_coding(coding)
        if code is not None:
            return code
    return None


def read_concepts(concepts_: Iterable[Json]) -> tuple[Code, ...]:
    """The codes of several CodeableConcepts, those without a code left out."""
    return tuple(code for code in map(read_concept, concepts_) if code is not None)


def quantity(mesure: Mesure) -> Json:
    """A measure as the national server writes one: value, system and code of the unit."""
    value = _plain(mesure.valeur)
    if mesure.unite is None:
        return {"value": value}
    unit, doubted = _unit(current(), mesure.unite)
    if doubted:
        meet()
    return {"value": value, **unit}


@lru_cache(maxsize=1024)
def _unit(catalogue: Catalogue, unit: Code) -> tuple[Json, bool]:
    system = systems.url(unit.systeme) if unit.systeme else None
    return compact({"unit": unit.libelle, "system": system, "code": unit.code}), doubtful(catalogue, unit)


def read_quantity(json: Json) -> Mesure | None:
    """The measure of a Quantity; None when it holds no value. A unit said in words only is a code without system."""
    value = number(json, "value")
    if value is None:
        return None
    code = text(json, "code") or text(json, "unit")
    if code is None:
        return Mesure(value)
    return Mesure(value, Code(systems.system_id(text(json, "system") or ""), code, text(json, "unit")))


def _plain(value: Decimal) -> int | Decimal:
    """An integral value as an integer: `60`, never `6E+1`."""
    return whole if -_LARGEST < value < _LARGEST and value == (whole := int(value)) else value


def identifier(value: str, *, system: str | None = None, kind: Code | None = None) -> Json:
    """An Identifier."""
    written: Json = {} if kind is None else {"type": concept(kind)}
    if system:
        written["system"] = system
    if value:
        written["value"] = value
    return written


def reference(resource_type: str, cle: str) -> Json:
    """A relative reference to the resource that carries the object of that key."""
    return {"reference": f"{resource_type}/{fhir_id(cle)}"}


def period(start: date | None, end: date | None) -> Json:
    """A Period of days."""
    written: Json = {}
    if start is not None:
        written["start"] = start.isoformat()
    if end is not None:
        written["end"] = end.isoformat()
    return written


def extension(url: str, kind: str, value: Any) -> list[Json]:
    """The extension as a list of one, or of none when there is no value: `kind` is `Boolean`, `String`, `Period`…"""
    return [{"url": url, f"value{kind}": value}] if value or not absent(value) else []


@lru_cache(maxsize=8192)
def _code_extension(catalogue: Catalogue, url: str, code: Code) -> tuple[Json, bool]:
    written, doubted = _concept(catalogue, code)
    return {"url": url, "valueCodeableConcept": written}, doubted


def coded(url: str, code: Code) -> Json:
    """The extension that carries a code, shared like its coding."""
    written, doubted = _code_extension(current(), url, code)
    if doubted:
        meet()
    return written


def code_extension(url: str, code: Code | None) -> list[Json]:
    """The extension that carries a code, as a list of one or of none."""
    return [] if code is None else [coded(url, code)]


def complex_extension(url: str, *parts: list[Json]) -> Json:
    """An extension made of extensions."""
    return {"url": url, "extension": [part for group in parts for part in group]}


def absent_extension(url: str, kind: str) -> Json:
    """A mandatory extension whose value the source does not give."""
    return {"url": url, f"_value{kind}": _UNKNOWN}


class Extensions:
    """The extensions of an element, taken one by one: what is left at the end is what the model has no name for.

    An extension is recognised by the last part of its address: the national documents write one slug under several
    bases.
    """

    __slots__ = ("_left", "_parts")

    def __init__(self, element: Json) -> None:
        self._parts = items(element, "extension")
        self._left: dict[str, list[Json]] = {}
        for part in self._parts:
            slug = _slug_of(part)
            if slug in self._left:
                self._left[slug].append(part)
            else:
                self._left[slug] = [part]

    def take_all(self, url: str) -> list[Json]:
        """Every extension of that address."""
        return self._left.pop(_SLUGS[url], [])

    def take(self, url: str) -> Json:
        """The first extension of that address, an empty object when there is none; the others stay."""
        found = self._left.get(_SLUGS[url])
        return found.pop(0) if found else {}

    def code(self, url: str) -> Code | None:
        """The code the extension of that address carries."""
        found = self._left.get(_SLUGS[url])
        return read_concept(member(found.pop(0), "valueCodeableConcept")) if found else None

    def codes(self, url: str) -> tuple[Code, ...]:
        """The codes the extensions of that address carry."""
        return read_concepts(member(part, "valueCodeableConcept") for part in self.take_all(url))

    def string(self, url: str) -> str | None:
        """The text the extension of that address carries."""
        found = self._left.get(_SLUGS[url])
        return text(found.pop(0), "valueString") if found else None

    @property
    def left(self) -> tuple[Ajout, ...]:
        """What nobody took, as additions, in the order of the source."""
        missing = {slug: len(parts) for slug, parts in self._left.items() if parts}
        if not missing:
            return ()
        kept = []
        for part in reversed(self._parts):
            slug = _slug_of(part)
            if missing.get(slug):  # those of an address are taken from the first on
                missing[slug] -= 1
                kept.append(addition("extension", part))
        return tuple(reversed(kept))


class _Slugs(dict[str, str]):
    """The last part of each address that a reader asks for."""

    def __missing__(self, url: str) -> str:
        slug = self[url] = _slug(url)
        return slug


_SLUGS = _Slugs()


def _slug_of(part: Json) -> str:
    url = part.get("url")
    known = _SLUGS.get(url) if isinstance(url, str) else None
    return _slug(text(part, "url") or "") if known is None else known


def _slug(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def addition(path: str, fragment: Any) -> Ajout:
    """A fragment of FHIR the model has no place for."""
    return Ajout(path, "fhir", encode(fragment).decode())


def added_extensions(ajouts: tuple[Ajout, ...]) -> list[Json]:
    """The extensions an earlier reading kept beside an object."""
    if not ajouts:
        return []
    return [_fragment(ajout) for ajout in ajouts if ajout.format == "fhir" and ajout.chemin == "extension"]


def added_members(ajouts: tuple[Ajout, ...]) -> Json:
    """The members an earlier reading kept beside an object, by name."""
    return {
        ajout.chemin: _fragment(ajout) for ajout in ajouts if ajout.format == "fhir" and ajout.chemin != "extension"
    }


def _fragment(ajout: Ajout) -> Any:
    return _FRAGMENTS.decode(ajout.contenu)


# What the rules write together with what was kept; the record writes what was kept of `meta`.
_JOINED = frozenset({"specialty", "characteristic", "notAvailable", "input", "output"})


def top_level(ajouts: tuple[Ajout, ...], written: Json, notes: Notes) -> Json:
    """The resource with the members an earlier reading kept beside the object, where no rule writes them."""
    if not ajouts:
        return written
    for ajout in ajouts:
        name = ajout.chemin
        if ajout.format == "fhir" and name in written and name not in _JOINED:
            notes.dropped(name, "fhir.addition.place", "fragment")
    kept = {name: value for name, value in added_members(ajouts).items() if "." not in name and name not in written}
    return {**written, **kept}
