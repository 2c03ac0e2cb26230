"""Nothing is permitted that the federation document does not say."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.federation.exchange import Caller
from gateway.federation.rights import permitted
from mappings.exposition.demandes import LectureOrganisationInterne, ProfilAcces, Transaction
from whitelist.document import FederationDocument, OAuthClient, Right, Trust

P0, P1 = ProfilAcces.P0, ProfilAcces.P1
SEARCH_84 = Right(operation=Transaction.RECHERCHE, providers=("84", "11"), profiles=frozenset({P1}))
ANY_READING = Right(operation=Transaction.LECTURE_ETABLISSEMENT, providers=("*",), profiles=frozenset({P1}))
CLIENT = OAuthClient(client_id="app", name="App", access_profile=P1, operations=frozenset({Transaction.RECHERCHE}))


def document(kit: Any, *rights: Right) -> FederationDocument:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return FederationDocument(
        format="1",
        federation_id="test",
        environment="test",
        serial=1,
        issued_at=now,
        expires_at=now,
        nomenclatures="2026-09",
        trust=Trust(roots=frozenset(), issuers=frozenset()),
        members=(kit.federated("53", rights=rights),),
        clients=(CLIENT,),
    )


@pytest.mark.parametrize(
    ("caller", "rights", "provider", "expected"),
    [
        pytest.param(Caller("53", P1, "53"), (SEARCH_84,), "84", True, id="granted"),
        pytest.param(Caller("53", P1, "53"), (SEARCH_84,), "93", False, id="another provider"),
        pytest.param(Caller("53", P0, "53"), (SEARCH_84,), "84", False, id="another profile"),
        pytest.param(Caller("53", P1, "53"), (ANY_READING,), "84", False, id="another transaction"),
        pytest.param(Caller("53", P1, "53"), (), "84", False, id="no right"),
        pytest.param(Caller("76", P1, "76"), (SEARCH_84,), "84", False, id="no member"),
        pytest.param(Caller("app", P1), (), "84", True, id="a client"),
        pytest.param(Caller("other", P1), (), "84", False, id="no client"),
    ],
)
def test_a_right(kit: Any, caller: Caller, rights: tuple[Right, ...], provider: str, expected: bool) -> None:
    exchange = msgspec.structs.replace(kit.exchange(kit.CARDIOLOGY), caller=caller)

    assert permitted(document(kit, *rights), exchange, provider) is expected


def test_a_right_on_every_provider(kit: Any) -> None:
    everyone = msgspec.structs.replace(ANY_READING, operation=Transaction.RECHERCHE)
    exchange = msgspec.structs.replace(kit.exchange(kit.CARDIOLOGY), caller=Caller("53", P1, "53"))

    assert permitted(document(kit, everyone), exchange, "84")


def test_a_client_asks_only_what_it_was_given(kit: Any) -> None:
    exchange = msgspec.structs.replace(kit.exchange(LectureOrganisationInterne("84/UE-1")), caller=Caller("app", P1))

    assert not permitted(document(kit), exchange, "84")
