"""The context of a FHIR caller: the four mandatory `Ror-*` headers (digest section 2.4), the same facts as a VIHF."""

from collections.abc import Mapping

from multidict import CIMultiDictProxy

from gateway.errors import ErrorCode, RequesterError
from mappings.csd.vihf import AUTOMATE, PROFILE_SYSTEM, PROFILES
from mappings.exposition.demandes import ContexteAppelant
from mappings.exposition.values import Code
from mappings.nomenclatures.systems import system_id

PROFILE_CODE = "Ror-Profil-Utilisateur-Code"
PROFILE_CODE_SYSTEM = "Ror-Profil-Utilisateur-System"
ROLE_CODE = "Ror-Role-Metier-Code"
ROLE_SYSTEM = "Ror-Role-Metier-System"
HEADERS = (PROFILE_CODE, PROFILE_CODE_SYSTEM, ROLE_CODE, ROLE_SYSTEM)


def values(headers: CIMultiDictProxy[str]) -> dict[str, str]:
    """The four headers as they were sent, to be compared with those handed out; one missing is refused."""
    return {name: _single(headers, name) for name in HEADERS}


def read(values: Mapping[str, str]) -> ContexteAppelant:
    """What the caller says of itself; a code or a system that is not a context is refused."""
    profile = Code(system_id(values[PROFILE_CODE_SYSTEM]), values[PROFILE_CODE])
    role = Code(system_id(values[ROLE_SYSTEM]), values[ROLE_CODE])
    if profile.systeme != PROFILE_SYSTEM or profile.code not in PROFILES or role.cle != AUTOMATE.cle:
        raise RequesterError(ErrorCode.UNKNOWN_PROFILE)
    return ContexteAppelant(profil_utilisateur=profile, role_metier=role)


def _single(headers: CIMultiDictProxy[str], name: str) -> str:
    values = headers.getall(name, [])
    if len(values) != 1 or not values[0].strip():
        raise RequesterError(ErrorCode.MISSING_HEADER, header=name)
    return values[0].strip()
