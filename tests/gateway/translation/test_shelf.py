"""Shelves on disk behave like dictionaries, and give back what was put in."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from gateway.translation.shelf import Store
from mappings.csd.contexts import Space
from mappings.csd.dialect import PARIS
from mappings.exposition.offre import ActiviteOperationnelle
from mappings.exposition.values import Code, Metadonnee

BREATHING = ActiviteOperationnelle(Code("R211", "233"))


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store()
    yield opened
    opened.close()


def test_keys_come_back_in_the_order_of_their_first_insertion(store: Store) -> None:
    shelf = store.shelf(int)
    for rank in (*range(600), 0):
        shelf[str(rank)] = rank + 1 if rank else 0

    assert list(shelf) == [str(rank) for rank in range(600)]
    assert list(shelf.each()) == [0, *range(2, 601)]
    assert len(shelf) == 600


def test_a_shelf_may_grow_while_it_is_read(store: Store) -> None:
    shelf = store.shelf(int)
    shelf["0"] = 0
    for number in shelf.each():
        if number < 1000:
            shelf[str(number + 1)] = number + 1

    assert len(shelf) == 1001


def test_what_is_not_there_is_not_found(store: Store) -> None:
    shelf = store.shelf(str)
    shelf["a"] = "b"
    del shelf["a"]

    assert "a" not in shelf
    assert shelf.get("a") is None
    assert len(shelf) == 0
    with pytest.raises(KeyError):
        shelf["a"]
    with pytest.raises(KeyError):
        del shelf["a"]


@pytest.mark.parametrize("key", ["84/UE", (Space.EG, "84"), ("R211", "233"), BREATHING], ids=repr)
def test_equal_keys_are_one_key(store: Store, key: object) -> None:
    shelf = store.shelf(str | None)
    shelf[key] = None
    shelf[key] = "told"

    assert key in shelf
    assert shelf[key] == "told"
    assert len(shelf) == 1


def test_shelves_of_one_store_are_apart(store: Store) -> None:
    one, other = store.shelf(str), store.shelf(str)
    one["a"] = "b"

    assert "a" not in other


@pytest.mark.parametrize("zone", [PARIS, UTC], ids=str)
def test_an_instant_keeps_its_time_zone(store: Store, zone: object) -> None:
    shelf = store.shelf(Metadonnee)
    shelf["a"] = Metadonnee(date_mise_a_jour=datetime(2024, 3, 1, 8, tzinfo=zone))  # type: ignore[arg-type]

    assert shelf["a"].date_mise_a_jour.tzinfo is zone


FULL = """
import resource
from gateway.translation.shelf import Store

resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
shelf = Store().shelf(str)
try:
    for rank in range(20_000):
        shelf[str(rank)] = "a" * 1000
except OSError as error:
    print("told:", error)
"""


def test_a_disk_without_room_is_an_error_of_the_system() -> None:
    """Whoever asks (a translation, the filling of a copy) expects of a shelf on disk what any file does."""
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("told: ")
