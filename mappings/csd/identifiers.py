"""National identifiers, brought to the one spelling that identifies an object (contract section 12).

The key of an EJ or EG is its idNat_Struct with the digit of its type, that of an internal organisation or an offer its
identifiantOI, that of a professional its idNat_PS. Sources write the same identifier in several ways: under the OID of
the table of types, without its digit, as a FINESS or a SIRET alone, under the OID of persons.
"""

import re
from collections.abc import Iterable

from mappings.exposition.values import Identifiant

IDNAT_STRUCT = "1.2.250.1.71.4.2.2"
IDNAT_PS = "1.2.250.1.71.4.2.1"
TYPES_OF_STRUCT = "1.2.250.1.71.1.2.14"
TYPES_OF_PS = "1.2.250.1.71.1.2.15"
FINESS = "1.2.250.1.213.3.2"
SIREN_SIRET = "1.3.2"
IDENTIFIANT_OI = "1.2.250.1.213.6.1.1.1.1.76"

FINESS_TYPE = "1"
"""The digit of the type of a structure known by its FINESS number."""

LOCAL_PREFIX = "LOCAL-"

_FINESS = re.compile(r"[0-9][0-9ABab][0-9]{7}\Z")
_SIREN = re.compile(r"[0-9]{9}\Z")
_SIRET = re.compile(r"[0-9]{14}\Z")
_TYPED = re.compile(r"0[0-9A-Za-z]{9}|1[0-9][0-9ABab][0-9]{7}|2[0-9]{9}|3[0-9]{14}|4[0-9]{11,}")
_UNIT = re.compile(r"[0-9]{2,3}/\S.*")
# RG_ALIM_014: FINESS when the structure has one, else SIRET; practices without SIRET by RPPS-rang, then ADELI-rang.
_PREFERENCE = {"1": 0, "3": 1, "2": 2, "4": 3, "0": 4}


class NotAnIdentifier(ValueError):
    """The value is no identifier of its system: nothing can be recognised by it."""


def normalise_structure(system: str, value: str) -> str:
    """The idNat_Struct, with its type digit, that an identifier of an EJ or EG stands for."""
    system, value = system.strip().removeprefix("urn:oid:"), "".join(value.split())
    if system == FINESS:
        if _FINESS.match(value):
            return "1" + value.upper()
    elif system == SIREN_SIRET:
        if _SIRET.match(value):
            return "3" + value
        if _SIREN.match(value):
            return "2" + value
    elif system in {IDNAT_STRUCT, TYPES_OF_STRUCT}:
        if _FINESS.match(value):
            return "1" + value.upper()
        if _TYPED.fullmatch(value):
            return value.upper()
        if _SIRET.match(value):
            return "3" + value
    elif system == IDNAT_PS and value:
        return value
    raise NotAnIdentifier(system)


def is_structure(value: str) -> bool:
    """Whether a value is an idNat_Struct as RG_ALIM_014 builds it, or a FINESS number without its digit."""
    return bool(_TYPED.fullmatch(value) or _FINESS.match(value))


def normalise_unit(system: str, value: str) -> str:
    """The identifiantOI, `{region}/{local}`, of an internal organisation or an offer."""
    value = value.strip()
    if _UNIT.fullmatch(value):
        return value
    raise NotAnIdentifier(value)


def normalise_professional(system: str, value: str) -> str:
    """The idNat_PS, with its type digit, of a professional: a bare RPPS takes 8, a bare ADELI takes 0."""
    system, value = system.strip().removeprefix("urn:oid:"), "".join(value.split())
    if system not in {IDNAT_PS, TYPES_OF_PS} or not value:
        raise NotAnIdentifier(system)
    if re.fullmatch(r"[0-9]{11}", value):
        return "8" + value
    if len(value) == 9:
        return "0" + value
    return value


def structure_key(identifiants: Iterable[Identifiant]) -> str | None:
    """The key of an EJ or EG: the best of its identifiers by type, never by position; None when none is usable."""
    best: tuple[int, str] | None = None
    for identifiant in identifiants:
        try:
            key = normalise_structure(identifiant.systeme, identifiant.valeur)
        except NotAnIdentifier:
            continue
        rank = len(_PREFERENCE) if identifiant.systeme == IDNAT_PS else _PREFERENCE[key[0]]
        if best is None or rank < best[0]:
            best = (rank, key)
    return best[1] if best is not None else None


def unit_key(identifiants: Iterable[Identifiant]) -> str | None:
    """The key of an internal organisation or an offer; None when no identifier is an identifiantOI."""
    for identifiant in identifiants:
        if _UNIT.fullmatch(identifiant.valeur.strip()):
            return identifiant.valeur.strip()
    return None


def professional_key(identifiants: Iterable[Identifiant]) -> str | None:
    """The key of a professional; None when no identifier is an idNat_PS."""
    for identifiant in identifiants:
        try:
            return normalise_professional(identifiant.systeme, identifiant.valeur)
        except NotAnIdentifier:
            continue
    return None


def local_key(region: str | None, token: str) -> str:
    """The key of an object without a usable national identifier: good within its source, never written on the wire."""
    return f"{LOCAL_PREFIX}{region}-{token}" if region else f"{LOCAL_PREFIX}{token}"


def is_local(key: str) -> bool:
    """Whether a key was derived for want of a national identifier."""
    return key.startswith(LOCAL_PREFIX)
