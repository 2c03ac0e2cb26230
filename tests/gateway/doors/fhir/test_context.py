"""The four headers say who asks, and only what was granted."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.doors.fhir.context import read, values
from gateway.errors import ErrorCode, RequesterError

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


def test_the_same_facts_as_a_vihf() -> None:
    context = read(values(headers()))

    assert context.profil_utilisateur.cle == ("R78", "CU20")
    assert context.role_metier.code == "AUTOMATE"


@pytest.mark.parametrize("name", GOOD)
def test_each_header_is_mandatory(name: str) -> None:
    with pytest.raises(RequesterError) as refused:
        read(values(headers(**{name.replace("-", "_"): None})))

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
        read(values(given))

    assert refused.value.code is code
