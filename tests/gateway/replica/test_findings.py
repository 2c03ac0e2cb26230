"""What the readings of a member break of the rules is kept beside its copy, and changes nothing of what is served."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.replica.commands import read
from gateway.replica.engines import ReplicaUnreadable
from gateway.replica.findings import KEPT_SECONDS, Finding
from gateway.replica.store import Progress, Replica
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Metadonnee

_replace = msgspec.structs.replace

LYON, GRENOBLE = "1690000011", "1380000012"
CARDIO, POLE = "84/UE-0001", "84/POLE-1"


@pytest.fixture
async def url(replica: Replica, tmp_path: Path) -> str:
    """The small region, as a run that ended well left it."""
    await replica.record(Progress(member="84", state="current", last_success=200.0))
    return f"sqlite:///{tmp_path}/replica.db"


def dated(day: int) -> Metadonnee:
    return Metadonnee(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, day, tzinfo=UTC))


def rules(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(one.rule, one.object, one.observed.value) for one in findings if one.observed.value == "life"]


def lyon(region: Any, *offres: Any) -> Repertoire:
    return _replace(region.at_lyon, offres=offres)


async def test_a_reading_shows_what_it_breaks_until_it_is_mended(replica: Replica, url: str, region: Any) -> None:
    two = _replace(region.cardio, champs_activite=(Code("R227", "02"), Code("R227", "03")))
    broken = lyon(region, two, region.sensitive)

    await replica.store_establishment("84", LYON, broken, seen_at=300.0)
    await replica.store_establishment("84", LYON, broken, seen_at=400.0)
    found = next(one for one in await read(url, "84", "RG_EXP_010") if one.observed.value == "reading")
    served = await replica.read_establishment("84", LYON)
    await replica.store_establishment("84", LYON, region.at_lyon, seen_at=500.0)

    assert (found.object, found.first_at, found.last_at, found.times) == (CARDIO, 300.0, 400.0, 2)
    assert served == broken
    assert [one.observed.value for one in await read(url, rule="RG_EXP_010")] == ["life"]


async def test_an_incomplete_unit_is_not_kept_and_it_is_told(replica: Replica, url: str, region: Any) -> None:
    nameless = lyon(region, _replace(region.cardio, nom=""), region.sensitive)

    await replica.store_establishment("84", LYON, nameless, seen_at=300.0)

    held = await replica.read_establishment("84", LYON)
    assert [offre.cle for offre in held.offres] == [region.sensitive.cle]
    assert {one.object for one in await read(url, rule="RG_EXP_002")} == {CARDIO, "810000000001"}


LIVES: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    "the same": ({}, []),
    "changed and updated": ({"nom": "Cœur", "metadonnee": dated(9)}, []),
    "changed": ({"nom": "Cœur"}, [("RG_EXP_024", CARDIO, "life")]),
    "another field": (
        {"champs_activite": (Code("R227", "03"),), "metadonnee": dated(9)},
        [("RG_EXP_010", CARDIO, "life")],
    ),
    "another mode": (
        {"mode_prise_en_charge": Code("R213", "29"), "metadonnee": dated(9)},
        [("RG_EXP_011", CARDIO, "life")],
    ),
    "a place removed": ({"lieux": ()}, [("RG_EXP_025", CARDIO, "life")]),
}


@pytest.mark.parametrize(("changes", "told"), LIVES.values(), ids=LIVES)
async def test_two_readings_of_one_unit(
    replica: Replica, url: str, region: Any, changes: dict[str, Any], told: list[tuple[str, str, str]]
) -> None:
    later = _replace(region.cardio, **changes)

    losses = await replica.store_establishment("84", LYON, lyon(region, later, region.sensitive), seen_at=300.0)

    assert rules(await read(url)) == told
    assert [(loss.rule, loss.object) for loss in losses] == [(rule, key) for rule, key, _ in told]
    assert (await replica.read_establishment("84", LYON)).offres[0] == later


async def test_readings_of_two_releases_are_not_compared(replica: Replica, url: str, region: Any) -> None:
    later = lyon(region, _replace(region.cardio, nom="Cœur"), region.sensitive)

    await replica.store_establishment("84", LYON, later, seen_at=300.0, reader="0.2.0 3.0")

    assert rules(await read(url)) == []


async def test_a_removed_unit(replica: Replica, url: str, region: Any) -> None:
    await replica.store_establishment("84", LYON, lyon(region, region.sensitive), seen_at=300.0, whole=False)
    assert rules(await read(url)) == []
    await replica.store_establishment("84", LYON, region.at_lyon, seen_at=400.0)

    await replica.store_establishment("84", LYON, lyon(region, region.sensitive), seen_at=500.0)

    assert ("RG_EXP_025", POLE, "life") in rules(await read(url))


async def test_a_new_unit_whose_update_precedes_its_creation(replica: Replica, url: str, region: Any) -> None:
    odd = Metadonnee(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    new = _replace(region.cardio, cle="84/UE-0009", metadonnee=odd)

    await replica.store_establishment("84", LYON, lyon(region, region.cardio, region.sensitive, new), seen_at=300.0)

    assert rules(await read(url)) == [("RG_EXP_023", "84/UE-0009", "life")]


def at_grenoble(region: Any, *offres: Any) -> Repertoire:
    placed = (_replace(one, organisation=GRENOBLE, entite_geographique=GRENOBLE) for one in offres)
    return _replace(region.at_grenoble, offres=(region.ehpad, *placed))


@pytest.mark.parametrize("first", ["gone", "came", "dropped"])
async def test_a_unit_that_seems_to_have_moved(replica: Replica, url: str, region: Any, first: str) -> None:
    like = _replace(region.cardio, cle="84/UE-0099", metadonnee=dated(1))

    async def come() -> None:
        await replica.store_establishment("84", GRENOBLE, at_grenoble(region, like), seen_at=2e9)

    if first == "came":
        await come()
    if first == "dropped":
        await replica.forget_establishments("84", [LYON])
    else:
        await replica.store_establishment("84", LYON, lyon(region, region.sensitive), seen_at=2e9)
    if first != "came":
        await come()

    assert [one.object for one in await read(url, rule="RG_EXP_019")] == ["84/UE-0099"]


async def test_units_that_were_there_together_are_two(replica: Replica, url: str, region: Any) -> None:
    like = _replace(region.cardio, cle="84/UE-0099", metadonnee=dated(1))
    await replica.store_establishment("84", GRENOBLE, at_grenoble(region, like), seen_at=300.0)
    await replica.store_establishment("84", LYON, region.at_lyon, seen_at=400.0)

    await replica.store_establishment("84", LYON, lyon(region, region.sensitive), seen_at=500.0)

    assert await read(url, rule="RG_EXP_019") == ()


async def test_a_unit_that_moved_with_its_identifier(replica: Replica, url: str, region: Any) -> None:
    await replica.store_establishment("84", LYON, lyon(region, region.sensitive), seen_at=300.0)
    await replica.store_establishment("84", GRENOBLE, at_grenoble(region, region.cardio), seen_at=301.0)

    assert await read(url, rule="RG_EXP_019") == ()


async def test_a_unit_that_moved_and_changed_its_mode(replica: Replica, url: str, region: Any) -> None:
    other = _replace(region.cardio, mode_prise_en_charge=Code("R213", "29"), metadonnee=dated(9))

    await replica.store_establishment("84", GRENOBLE, at_grenoble(region, other), seen_at=301.0)

    assert [one.object for one in await read(url, rule="RG_EXP_011")] == [CARDIO]


async def test_twins_of_the_first_copy_did_not_move(replica: Replica, region: Any, tmp_path: Path) -> None:
    twin = _replace(region.cardio, cle="84/UE-0099")
    await replica.record(Progress(member="84", state="filling"))
    await replica.store_establishment("84", GRENOBLE, at_grenoble(region, twin), seen_at=300.0)
    await replica.record(Progress(member="84", state="current", last_success=301.0))

    await replica.store_establishment("84", LYON, lyon(region, region.sensitive), seen_at=400.0)

    assert await read(f"sqlite:///{tmp_path}/replica.db", rule="RG_EXP_019") == ()


async def test_what_is_old_or_gone_is_forgotten(replica: Replica, url: str, region: Any) -> None:
    late = lyon(region, _replace(region.cardio, nom="Cœur"), region.sensitive)
    await replica.store_establishment("84", LYON, late, seen_at=300.0)
    assert rules(await read(url)) == [("RG_EXP_024", CARDIO, "life")]

    # an instant of 1970 is older than what is kept
    await replica.record(Progress(member="84", state="current", last_success=300.0))
    assert rules(await read(url)) == []
    await replica.forget_member("84")
    assert await read(url) == ()
    assert KEPT_SECONDS == 90 * 86400


async def test_a_replica_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReplicaUnreadable):
        await read(f"sqlite:///{tmp_path}/none.db")


async def test_findings_are_written_as_json(replica: Replica, url: str, region: Any) -> None:
    found = await read(url)

    assert [one["rule"] for one in json.loads(msgspec.json.encode(found))] == [one.rule for one in found]
