"""A set of resources as one reading sees it: references resolved inside it, what no rule reads kept aside."""

from collections.abc import Callable, Mapping

from mappings.csd.identifiers import (
    IDENTIFIANT_OI,
    IDNAT_STRUCT,
    NotAnIdentifier,
    local_key,
    normalise_structure,
    normalise_unit,
)
from mappings.exposition.values import Ajout
from mappings.fhir.datatypes import addition, read_concept
from mappings.fhir.ids import key_of, legal_entity_id, organisation_key
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, items, member, text
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.systems import system_id

# A technical id is a short number; an idNat_Struct has ten characters at least.
_SHORTEST_KEY = 10
_ALWAYS_READ = frozenset({"resourceType", "id", "meta", "extension", "text"})


class Source:
    """The resources of one answer and the keys of the objects they carry."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys

    def key(self, reference: Json, path: str, notes: Notes) -> str | None:
        """The key of the object a reference leads to.

        A resource that is not in the set is known only by the identifier that the reference carries, or by an id
        written by `fhir_id`: the technical ids of the national server say nothing. Nothing tells a technical id of ten
        digits from the idNat_Struct of an EG: that it was followed is told.
        """
        if not reference:
            return None
        relative = relative_reference(reference)
        known = self._keys.get(relative)
        if known is not None:
            return known
        named = _stated_key(relative, reference)
        if named is None:
            named = _national_key(relative)
            if named is not None and _may_be_technical(relative, named):
                notes.note(LossKind.DERIVED, path, "fhir-read.reference.by-id", "reference", Severity.INFORMATION)
        if named is None:
            notes.note(LossKind.UNRESOLVED, path, "fhir-read.reference.unresolved", "reference", Severity.ERROR)
        return named

    def holds(self, reference: Json) -> str | None:
        """The relative reference of a resource of the set, None when it is not in it."""
        relative = relative_reference(reference)
        return relative if relative in self._keys else None


def relative_reference(reference: Json) -> str:
    """`Type/id` of a reference, whether it is absolute, relative or names a version."""
    address = (text(reference, "reference") or "").partition("/_history/")[0]
    return "/".join(address.rsplit("/", 2)[-2:])


def _stated_key(relative: str, reference: Json) -> str | None:
    """The key of the identifier that a reference carries."""
    value = text(member(reference, "identifier"), "value")
    for system, normalise in _NORMALISERS.get(relative.partition("/")[0], ()) if value else ():
        try:
            return normalise(system, value or "")
        except NotAnIdentifier:
            continue
    return value or None


def _national_key(relative: str) -> str | None:
    resource_type, _, identifier = relative.partition("/")
    key = organisation_key(identifier) if resource_type == "Organization" else key_of(identifier)
    if key is None or ("/" not in key and len(key) < _SHORTEST_KEY):
        return None
    for system, normalise in _NORMALISERS.get(resource_type, ()):
        try:
            return key if normalise(system, key) == key else None
        except NotAnIdentifier:
            continue
    return None


_NORMALISERS: dict[str, tuple[tuple[str, Callable[[str, str], str]], ...]] = {
    "Organization": ((IDNAT_STRUCT, normalise_structure), (IDENTIFIANT_OI, normalise_unit)),
    "HealthcareService": ((IDENTIFIANT_OI, normalise_unit),),
}


def _may_be_technical(relative: str, key: str) -> bool:
    """Whether another server could have given that id to anything: it is a number, without what `fhir_id` adds."""
    return "/" not in key and relative.partition("/")[2] != legal_entity_id(key)


def without_key(resource: Json, notes: Notes) -> str:
    """A key for a resource that carries no national identifier: good within its answer only."""
    notes.note(LossKind.UNRESOLVED, "identifier", "fhir-read.identifier.none", "identifier", Severity.ERROR)
    tags = items(member(resource, "meta"), "tag")
    regions = [text(tag, "code") for tag in tags if system_id(text(tag, "system") or "") == "R30"]
    return local_key(regions[0] if regions else None, text(resource, "id") or "")


def identifier_value(resource: Json, system: str, code: str) -> str | None:
    """The value of the identifier of that type, else of the first one that states no type."""
    untyped = None
    for part in items(resource, "identifier"):
        kind = read_concept(member(part, "type"))
        if kind is not None and kind.cle == (system, code):
            return text(part, "value")
        untyped = untyped or text(part, "value")
    return untyped


def unread(resource: Json, read: frozenset[str], notes: Notes) -> tuple[Ajout, ...]:
    """The members that no rule reads, as additions. One that holds references would dangle elsewhere: it is dropped."""
    kept = []
    for name, value in resource.items():
        if name in read or name in _ALWAYS_READ:
            continue
        found = addition(name, value)
        if '"reference":' in found.contenu:
            notes.dropped(name, "fhir-read.addition.reference", "reference")
        else:
            kept.append(found)
    if "text" in resource:
        notes.dropped("text", "fhir-read.resource.narrative", "text", Severity.INFORMATION)
    return tuple(kept)
