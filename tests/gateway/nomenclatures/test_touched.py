"""Who holds a code that changed, in files and in a replica."""

from datetime import date
from pathlib import Path

import pytest

from gateway.nomenclatures.touched import Touched, changed_codes, touched, touched_in_replica
from gateway.replica.engines import ReplicaUnreadable
from gateway.replica.store import Replica
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.nomenclatures.differences import Change, difference
from mappings.nomenclatures.replacements import Acceptance

TOUCHING = changed_codes(difference("2023-09", "2026-09"), date(2026, 9, 28), {})
EG = EntiteGeographique("1690000011", "1690000001", denomination="Lyon")
OFFRE = OffreOperationnelle(
    "84/UE-1",
    nom="Génétique",
    entite_geographique=EG.cle,
    champs_activite=(Code("R227", "01"),),
    mode_prise_en_charge=Code("R213", "28"),
    modalites_accueil=(Code("R338", "12"), Code("R338", "04"), Code("R338", "12")),
)
FOUND = Touched("84", "OffreOperationnelle", "84/UE-1", "modalites_accueil", "R338", "12", (Change.DEPRECATED,), None)


def test_each_place_of_a_changed_code_is_told_once() -> None:
    assert list(touched("84", [EG, OFFRE], TOUCHING)) == [FOUND]


def test_an_accepted_replacement_is_told() -> None:
    accepted = {(("R211", "470"), ("R211", "543")): Acceptance(date(2026, 11, 2), "Comité", "relu")}

    found = changed_codes(difference("2023-09", "2026-09"), date(2026, 9, 28), accepted)

    assert found["R211", "470"].replacement == "R211 543"
    assert found["R211", "048"].replacement is None


async def test_the_copies_of_a_replica_are_read_once_per_object(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/replica.db"
    replica = await Replica.open(url)
    await replica.store_establishment("84", EG.cle, Repertoire((), (EG,), (), (OFFRE,)), seen_at=1.0)
    await replica.close()

    assert [one async for one in touched_in_replica(url, TOUCHING)] == [FOUND]


@pytest.mark.parametrize(
    "url", ["sqlite:///{}/absent.db", "no address", "sqlite:///{}/empty.db", "postgresql://localhost:1/ror"]
)
async def test_a_replica_that_cannot_be_read_is_told_and_not_made(url: str, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()

    with pytest.raises(ReplicaUnreadable):
        [one async for one in touched_in_replica(url.format(tmp_path), TOUCHING)]

    assert not (tmp_path / "absent.db").exists()
