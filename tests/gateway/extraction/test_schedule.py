"""Productions in a process of their own: when they are due, and what a killed, late or busy one leaves."""

import asyncio
import fcntl
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.configuration import Configuration
from gateway.extraction import schedule
from gateway.extraction.catalogue import PROFILES, Catalogue, Key, Manifest, Share
from gateway.federation.exchange import FEDERATION, Status
from gateway.material import trust
from gateway.replica.store import Progress, Replica
from mappings.csd.version import Version
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code

VERSION = Version.V3_0
KEYS = [Key(VERSION, target, "1") for target in ("84", "93", FEDERATION)]


def establishment(rank: int) -> Repertoire:
    site = f"1690001{rank:03}"
    units = tuple(
        OffreOperationnelle(
            f"84/UE-{rank}-{number}",
            nom="Unité",
            entite_geographique=site,
            champs_activite=(Code("R227", "01"),),
            mode_prise_en_charge=Code("R213", "28"),
        )
        for number in range(20)
    )
    above = EntiteJuridique("1690000001", raison_sociale="Hospices")
    return Repertoire((above,), (EntiteGeographique(site, above.cle, denomination="Lyon"),), (), units)


@pytest.fixture
def settings(world: Any, tmp_path: Path, log: Any) -> Configuration:
    extraction = {
        "listener": {"port": 0},
        "directory": tmp_path / "archives",
        "versions": [VERSION],
        "profiles": ["1"],
        "period": 1000,
    }
    return world.configuration(tmp_path, extraction=extraction)


@pytest.fixture
async def replica(tmp_path: Path) -> AsyncIterator[Replica]:
    opened = await Replica.open(f"sqlite:///{tmp_path / 'replica.db'}")
    yield opened
    await opened.close()


async def hold(replica: Replica, member: str, count: int, **facts: Any) -> None:
    for rank in range(count):
        made = establishment(rank)
        await replica.store_establishment(member, made.entites_geographiques[0].cle, made, seen_at=time.time())
    progress = {"state": "current", "last_success": time.time(), "contract": "3.0", **facts}
    await replica.record(Progress(member=member, **progress))


def events(log: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in map(json.loads, log.text.splitlines()):
        found.setdefault(line["event"], []).append(line)
    return found


async def test_what_cannot_be_taken_is_kept_and_told_and_the_rest_is_produced(
    settings: Configuration, replica: Replica, log: Any
) -> None:
    await hold(replica, "84", 2)
    assert settings.extraction is not None

    whole = await schedule.produce(settings, settings.extraction)

    told = events(log)
    assert whole is False
    assert {line["target"]: line["offers"] for line in told["extraction_produced"]} == {"84": 40, "FR": 40}
    assert [(line["target"], line["cause"]) for line in told["extraction_kept"]] == [("93", "first_fill")]
    shares = Catalogue(settings.extraction.directory).current(KEYS[2])
    assert shares is not None
    assert {share.member: share.status for share in shares.shares} == {
        "84": Status.ANSWERED, "93": Status.NOT_ASKED,
    }  # fmt: skip


async def test_a_copy_that_lacks_an_establishment_says_so(settings: Configuration, replica: Replica, log: Any) -> None:
    await hold(replica, "84", 1, waiting=("1690009999",), state="partial")
    assert settings.extraction is not None

    await schedule.produce(settings, settings.extraction)

    manifest = Catalogue(settings.extraction.directory).current(KEYS[0])
    assert manifest is not None
    assert manifest.shares[0].status is Status.TRUNCATED


async def test_the_next_production_leaves_what_is_young(settings: Configuration, replica: Replica, log: Any) -> None:
    assert settings.extraction is not None
    catalogue = Catalogue(settings.extraction.directory)
    await hold(replica, "84", 1)
    await schedule.produce(settings, settings.extraction)
    before = catalogue.current(KEYS[0])
    await hold(replica, "93", 1)

    assert await schedule.produce(settings, settings.extraction)

    assert catalogue.current(KEYS[0]) == before
    whole = catalogue.current(KEYS[2])
    assert whole is not None
    assert {share.status for share in whole.shares} == {Status.ANSWERED}


async def test_what_has_not_changed_is_not_made_again_for_a_member_that_keeps_failing(
    settings: Configuration, replica: Replica, log: Any
) -> None:
    assert settings.extraction is not None
    catalogue = Catalogue(settings.extraction.directory)
    await hold(replica, "84", 1)
    await schedule.produce(settings, settings.extraction)
    before = [catalogue.current(key) for key in KEYS]

    assert await schedule.produce(settings, settings.extraction) is False

    assert [catalogue.current(key) for key in KEYS] == before
    assert [line["target"] for line in events(log)["extraction_kept"]] == ["93", "93"]


@pytest.mark.parametrize("how", ["killed", "out-of-time"])
async def test_one_that_ends_half_way_leaves_the_archives_in_force(
    settings: Configuration, replica: Replica, log: Any, how: str
) -> None:
    assert settings.extraction is not None
    catalogue = Catalogue(settings.extraction.directory)
    old = in_force(catalogue, KEYS[0])
    await hold(replica, "84", 60)
    limited = settings.extraction.model_copy(update={"limit": 0.1 if how == "out-of-time" else 60.0})

    async with asyncio.TaskGroup() as group:
        running = group.create_task(schedule.produce(settings, limited))
        if how == "killed":
            await written(settings.extraction.directory, besides=old)
            running.cancel()

    assert catalogue.current(KEYS[0]) == old
    assert catalogue.path(old).read_bytes() == b"old"
    # nothing is left at work, and what it left half written goes with the next
    assert await schedule.produce(settings, settings.extraction) is False
    assert len(list(catalogue.path(old).parent.iterdir())) == 3
    made = catalogue.current(KEYS[0])
    assert made is not None
    assert made.shares[0].offers == 1200


async def written(directory: Path, *, besides: Manifest) -> None:
    """Wait until an archive is being written."""
    async with asyncio.timeout(30):
        while await asyncio.to_thread(archives, directory) <= {besides.file}:  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.01)


def archives(directory: Path) -> set[str]:
    return {one.name for one in directory.rglob("*.zip")}


def in_force(catalogue: Catalogue, key: Key, produced_at: float = 1.0) -> Manifest:
    path = catalogue.new(key)
    path.write_bytes(b"old")
    made = Manifest(
        key=key,
        file=path.name,
        produced_at=produced_at,
        files=1,
        bytes=3,
        shares=(Share(member=key.target, status=Status.ANSWERED),),
    )
    catalogue.commit(made)
    return made


async def test_two_never_work_in_one_directory(settings: Configuration, replica: Replica, log: Any) -> None:
    assert settings.extraction is not None
    await hold(replica, "84", 1)
    settings.extraction.directory.mkdir()
    with (settings.extraction.directory / ".producing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert await schedule.produce(settings, settings.extraction) is False

    assert events(log)["extraction_production_failed"][0]["busy"] is True
    assert Catalogue(settings.extraction.directory).current(KEYS[0]) is None


def test_a_production_is_due_when_the_oldest_archive_is_as_old_as_the_period(settings: Configuration) -> None:
    assert settings.extraction is not None
    document = trust(settings).document
    catalogue = Catalogue(settings.extraction.directory)

    assert schedule.due(settings.extraction, document, 5000.0) == 0.0
    for rank, key in enumerate(KEYS):
        in_force(catalogue, key, produced_at=4500.0 + rank)
    assert schedule.due(settings.extraction, document, 5000.0) == 500.0
    assert schedule.due(settings.extraction, document, 9000.0) == 0.0
    more = msgspec.structs.replace(document, members=())
    wider = settings.extraction.model_copy(update={"profiles": PROFILES})
    assert schedule.due(wider, more, 5000.0) == 0.0
    assert ProfilAcces.P1 in wider.profiles
