"""Identifiers of EJ, EG and internal organisations (FHIR digest, section 9.3; contract section 12)."""

from mappings.csd.identifiers import (
    FINESS,
    IDNAT_STRUCT,
    SIREN_SIRET,
    TYPES_OF_STRUCT,
    NotAnIdentifier,
    is_local,
    normalise_structure,
    structure_key,
)
from mappings.exposition.values import Code, Identifiant
from mappings.fhir import urls
from mappings.fhir.datatypes import identifier, read_concept
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, items, member, text
from mappings.loss import LossKind, Severity

# The first digit of idNat_Struct, which is the type of the bare number in G07, and the system of that number.
BARE_SYSTEMS = {
    "0": urls.ADELI_RANG,
    "1": urls.FINESS,
    "2": urls.SIRENE,
    "3": urls.SIRENE,
    "4": urls.RPPS_RANG,
}
_NAT_STRUCT = "40"
_BARE_OIDS = {"1": FINESS, "2": SIREN_SIRET, "3": SIREN_SIRET}
_SIRET_LENGTH = 14
_RANKS = frozenset({"0", "4"})


def structure_identifiers(cle: str, identifiants: tuple[Identifiant, ...], notes: Notes) -> list[Json]:
    """idNat_Struct, the bare number it is made of, and what else the source gives."""
    written: list[Json] = []
    if is_local(cle):
        without_identifier(notes)
    else:
        written = [_typed(_NAT_STRUCT, cle), *_bare(cle[:1], cle[1:])]
    for identifiant in identifiants:
        other = _other(identifiant)
        if _restates(identifiant, cle):
            if identifiant != Identifiant(IDNAT_STRUCT, cle):
                notes.dropped("identifiants", "fhir.identifier.restated", "identifier", Severity.INFORMATION)
        elif other is not None and other in written:
            notes.dropped("identifiants", "fhir.identifier.restated", "identifier", Severity.INFORMATION)
        elif other is not None:
            written.append(other)
            if identifiant.systeme == TYPES_OF_STRUCT:
                notes.dropped("identifiants", "fhir.identifier.system", "identifier", Severity.INFORMATION)
    return written


def only_identifier(
    cle: str, system: str, identifiants: tuple[Identifiant, ...], notes: Notes, *, rule: str, same: tuple[str, ...] = ()
) -> None:
    """An object that has one identifier in its profile: the others are dropped, and the systems of the same one."""
    for identifiant in identifiants:
        if identifiant.valeur not in (cle, *same):
            notes.dropped("identifiants", rule, "identifier")
        elif identifiant.systeme != system:
            notes.dropped("identifiants", "fhir.identifier.system", "identifier", Severity.INFORMATION)


def without_identifier(notes: Notes) -> None:
    """The object has no national identifier: what stands for it is good for this answer only and is not written."""
    notes.note(LossKind.UNRESOLVED, "identifiants", "fhir.identifier.none", "identifier", Severity.ERROR)


def _typed(kind: str, value: str) -> Json:
    system = urls.ID_NAT_STRUCT if kind == _NAT_STRUCT else BARE_SYSTEMS[kind]
    return identifier(value, system=system, kind=Code("G07", kind))


def _bare(kind: str, value: str) -> list[Json]:
    return [_typed(kind, value)] if kind in BARE_SYSTEMS and value else []


def _restates(identifiant: Identifiant, cle: str) -> bool:
    try:
        return normalise_structure(identifiant.systeme, identifiant.valeur) == cle
    except NotAnIdentifier:
        return False


def _other(identifiant: Identifiant) -> Json | None:
    value = identifiant.valeur
    if not value:
        return None
    if identifiant.systeme in (IDNAT_STRUCT, TYPES_OF_STRUCT):
        # A rank has no system of its own in the contract: its type digit says which it is.
        return _typed(value[0], value[1:]) if value[0] in _RANKS and value[1:] else _typed(_NAT_STRUCT, value)
    if identifiant.systeme == FINESS:
        return _typed("1", value)
    if identifiant.systeme == SIREN_SIRET:
        return _typed("3" if len(value) == _SIRET_LENGTH else "2", value)
    system = identifiant.systeme
    return identifier(value, system=f"urn:oid:{system}" if system[:1].isdigit() else system)


def read_structure_key(resource: Json) -> str | None:
    """idNat_Struct, or what it is made from; None when no identifier is usable."""
    return structure_key(_identifiants(resource))


def read_structure_identifiers(resource: Json, cle: str) -> tuple[Identifiant, ...]:
    """idNat_Struct and the identifiers that do not merely restate it."""
    others = (identifiant for identifiant in _identifiants(resource) if not _restates(identifiant, cle))
    return (Identifiant(IDNAT_STRUCT, cle), *others)


def _identifiants(resource: Json) -> list[Identifiant]:
    return [found for found in map(_identifiant, items(resource, "identifier")) if found is not None]


def _identifiant(part: Json) -> Identifiant | None:
    value = text(part, "value")
    if not value:
        return None
    system = (text(part, "system") or "").replace("http://", "https://")
    kind = _kind(part, system, value)
    if kind == _NAT_STRUCT:
        return Identifiant(IDNAT_STRUCT, value)
    if kind in _BARE_OIDS:
        return Identifiant(_BARE_OIDS[kind], value)
    if kind in BARE_SYSTEMS:
        return Identifiant(IDNAT_STRUCT, f"{kind}{value}")
    return Identifiant(system.removeprefix("urn:oid:"), value)


def _kind(part: Json, system: str, value: str) -> str | None:
    """The kind of an identifier by its system, else by its type in G07."""
    if system in (urls.ID_NAT_STRUCT, f"urn:oid:{TYPES_OF_STRUCT}"):
        return _NAT_STRUCT
    if system == urls.SIRENE:
        return "3" if len(value) == _SIRET_LENGTH else "2"
    by_system = next((kind for kind, url in BARE_SYSTEMS.items() if url == system), None)
    told = read_concept(member(part, "type"))
    if by_system is None and not system and told is not None and told.systeme == "G07":
        return told.code
    return by_system


def internal_identifiers(cle: str, notes: Notes) -> list[Json]:
    """The identifier of an internal organisation."""
    if is_local(cle):
        without_identifier(notes)
        return []
    return [identifier(cle, system=urls.OI, kind=Code("R345", "42"))]


def read_internal_key(resource: Json) -> str | None:
    """The identifier of an internal organisation, None when the resource carries none."""
    for part in items(resource, "identifier"):
        kind = read_concept(member(part, "type"))
        system = (text(part, "system") or "").replace("http://", "https://")
        if system == urls.OI or (kind is not None and kind.cle == ("R345", "42")):
            return text(part, "value")
    return None
