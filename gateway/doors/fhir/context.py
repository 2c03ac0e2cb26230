"""The context of a FHIR caller: the four mandatory `Ror-*` headers (digest section 2.4), the same facts as a VIHF."""

from multidict import CIMultiDictProxy

from gateway.errors import ErrorCode, NotPermitted, RequesterError
from mappings.csd.vihf import AUTOMATE, PROFILE_SYSTEM, PROFILES
from mappings.exposition.demandes import ContexteAppelant, ProfilAcces
from mappings.exposition.values import Code
from mappings.nomenclatures.systems import system_id
from whitelist.document import OAuthClient

PROFILE_CODE = "Ror-Profil-Utilisateur-Code"
PROFILE_CODE_SYSTEM = "Ror-Profil-Utilisateur-System"
ROLE_CODE = "Ror-Role-Metier-Code"
ROLE_SYSTEM = "Ror-Role-Metier-System"
HEADERS = (PROFILE_CODE, PROFILE_CODE_SYSTEM, ROLE_CODE, ROLE_SYSTEM)


def read(headers: CIMultiDictProxy[str]) -> ContexteAppelant:
    """What the caller says of itself; a header missing, repeated or of an unknown system is refused."""
    values = {name: _single(headers, name) for name in HEADERS}
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


def granted_profile(context: ContexteAppelant, client: OAuthClient) -> ProfilAcces:
    """The profile the client is served under.

    The numeric profile is fixed at integration; profiles 4 and 5 have no code of their own. So a client may send the
    code handed out with its identifier, or a code that means exactly its profile.
    """
    code = context.profil_utilisateur.code
    handed_out = {name.lower(): value for name, value in client.ror_headers.items()}.get(PROFILE_CODE.lower())
    if code != handed_out and PROFILES[code] is not client.access_profile:
        raise NotPermitted(ErrorCode.PROFILE_NOT_GRANTED)
    return client.access_profile
