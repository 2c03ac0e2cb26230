"""A cursor resumes the question it was made for, for its caller, during its life, and nothing else."""

import base64
from typing import Any

import pytest

from gateway.federation.paging import CursorRefused, Position, seal, unseal
from mappings.exposition.demandes import ProfilAcces, Recherche

KEY = bytes(range(32))
HERE = Position("84", "84/UE-0001")


def flipped(cursor: str, place: int) -> str:
    sealed = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    sealed[place] ^= 1
    return base64.urlsafe_b64encode(bytes(sealed)).decode().rstrip("=")


def refusal(cursor: str, exchange: Any, *, key: bytes = KEY, now: float = 1001.0) -> str:
    with pytest.raises(CursorRefused) as refused:
        unseal(cursor, exchange, key=key, now=now)
    return refused.value.code


def test_a_cursor_holds_its_position_and_hides_it(kit: Any) -> None:
    exchange = kit.exchange(kit.CARDIOLOGY)
    cursor = seal(HERE, exchange, key=KEY, now=1000.0)

    assert unseal(cursor, exchange, key=KEY, now=1899.0) == HERE
    assert b"UE-0001" not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert cursor != seal(HERE, exchange, key=KEY, now=1000.0)


def test_a_cursor_dies(kit: Any) -> None:
    exchange = kit.exchange(kit.CARDIOLOGY)

    assert refusal(seal(HERE, exchange, key=KEY, now=1000.0, life=5), exchange, now=1005.0) == "expired"


@pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
def test_a_changed_cursor_is_refused(kit: Any, place: int) -> None:
    exchange = kit.exchange(kit.CARDIOLOGY)
    cursor = seal(HERE, exchange, key=KEY, now=1000.0)

    assert refusal(flipped(cursor, place), exchange) == "tampered"


def test_the_cursor_of_another_gateway_is_refused(kit: Any) -> None:
    exchange = kit.exchange(kit.CARDIOLOGY)

    assert refusal(seal(HERE, exchange, key=bytes(32), now=1000.0), exchange) == "tampered"


@pytest.mark.parametrize("cursor", ["", "a", "é", "no spaces", "AAAA", "A" * 17, "B" * 18])
def test_what_is_no_cursor_is_refused(kit: Any, cursor: str) -> None:
    assert refusal(cursor, kit.exchange(kit.CARDIOLOGY)) in {"malformed", "tampered"}


def test_one_cursor_has_one_spelling(kit: Any) -> None:
    exchange = kit.exchange(kit.CARDIOLOGY)
    cursor = seal(HERE, exchange, key=KEY, now=1000.0)

    assert refusal(cursor + "=", exchange) == "malformed"


def test_the_cursor_of_another_question_or_caller_is_refused(kit: Any) -> None:
    cursor = seal(HERE, kit.exchange(kit.CARDIOLOGY), key=KEY, now=1000.0)
    others = {
        "question": kit.exchange(Recherche(nom_contient="x")),
        "target": kit.exchange(kit.CARDIOLOGY, "84"),
        "profile": kit.exchange(kit.CARDIOLOGY, profil=ProfilAcces.P0),
    }

    assert {name: refusal(cursor, other) for name, other in others.items()} == dict.fromkeys(others, "foreign")
