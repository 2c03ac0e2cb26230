"""Requests are values; access profiles have no order."""

import pytest

from mappings.exposition.demandes import ProfilAcces, Recherche, Transaction


@pytest.mark.parametrize("operator", ["__lt__", "__le__", "__gt__", "__ge__"])
def test_profiles_cannot_be_ordered(operator: str) -> None:
    with pytest.raises(TypeError):
        getattr(ProfilAcces.P0, operator)(ProfilAcces.P1)


def test_profiles_are_compared_as_members_of_a_set() -> None:
    assert ProfilAcces("4") in frozenset({ProfilAcces.P4})


def test_a_request_knows_its_transaction() -> None:
    assert Recherche().transaction is Transaction.RECHERCHE
