"""The four headers say who asks, and only what was granted."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.doors.fhir.context import granted_profile, read
from gateway.errors import ErrorCode, NotPermitted, RequesterError
from mappings.exposition.demandes import ProfilAcces
from whitelist.document import OAuthClient

GOOD = {
    "Ror-Profil-Utilisateur-Code": "CU20",
    "Ror-Profil-Utilisateur-System": "1.2.250.1.213.1.6.1.66",
    "Ror-Role-Metier-Code": "AUTOMATE",
    "Ror-Role-Metier-System": "1.2.250.1.213.1.1.4.6",
}


def headers(*extra: tuple[str, str], **changes: str | None) -> CIMultiDictProxy[str]:
    kept = {name: changes.get(name.replace("-", "_"), value) for name, value in GOOD.items()}
    found = CIMultiDict({name: value for name, value in kept.items() if value is not None})
    found.extend(extra)
    return CIMultiDictProxy(found)


def client(profile: ProfilAcces, **ror_headers: str) -> OAuthClient:
    named = {name.replace("_", "-"): value for name, value in ror_headers.items()}
    return OAuthClient(client_id="c", name="c", access_profile=profile, ror_headers=named)


def test_the_same_facts_as_a_vihf() -> None:
    context = read(headers())

    assert context.profil_utilisateur.cle == ("R78", "CU20")
    assert context.role_metier.code == "AUTOMATE"


@pytest.mark.parametrize("name", GOOD)
def test_each_header_is_mandatory(name: str) -> None:
    with pytest.raises(RequesterError) as refused:
        read(headers(**{name.replace("-", "_"): None}))

    assert (refused.value.code, refused.value.values) == (ErrorCode.MISSING_HEADER, {"header": name})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (headers(("ror-role-metier-code", "AUTOMATE")), ErrorCode.MISSING_HEADER),
        (headers(Ror_Role_Metier_Code=" "), ErrorCode.MISSING_HEADER),
        (headers(Ror_Profil_Utilisateur_Code="CU99"), ErrorCode.UNKNOWN_PROFILE),
        (headers(Ror_Profil_Utilisateur_System="1.2.3"), ErrorCode.UNKNOWN_PROFILE),
        (headers(Ror_Role_Metier_Code="HUMAIN"), ErrorCode.UNKNOWN_PROFILE),
    ],
    ids=["repeated", "blank", "unknown-code", "other-system", "other-role"],
)
def test_a_context_that_is_not_one(given: CIMultiDictProxy[str], code: ErrorCode) -> None:
    with pytest.raises(RequesterError) as refused:
        read(given)

    assert refused.value.code is code


@pytest.mark.parametrize(
    ("sent", "entry", "profile"),
    [
        ("CU20", client(ProfilAcces.P2), ProfilAcces.P2),
        ("CU18", client(ProfilAcces.P2), ProfilAcces.P2),
        ("CU22", client(ProfilAcces.P4, Ror_Profil_Utilisateur_Code="CU22"), ProfilAcces.P4),
        ("CU20", client(ProfilAcces.P5, ror_profil_utilisateur_code="CU20"), ProfilAcces.P5),
    ],
    ids=["own-code", "same-profile", "handed-out", "handed-out-lower-case"],
)
def test_granted(sent: str, entry: OAuthClient, profile: ProfilAcces) -> None:
    assert granted_profile(read(headers(Ror_Profil_Utilisateur_Code=sent)), entry) is profile


@pytest.mark.parametrize(
    ("sent", "entry"),
    [("CU22", client(ProfilAcces.P2)), ("CU22", client(ProfilAcces.P5, Ror_Profil_Utilisateur_Code="CU20"))],
    ids=["promotion", "not-handed-out"],
)
def test_not_granted(sent: str, entry: OAuthClient) -> None:
    with pytest.raises(NotPermitted) as refused:
        granted_profile(read(headers(Ror_Profil_Utilisateur_Code=sent)), entry)

    assert refused.value.code is ErrorCode.PROFILE_NOT_GRANTED
