"""A copy goes with the regional base it is of, and stays while that base is expected back."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from gateway.app import running
from gateway.replica.retiring import retire
from gateway.replica.store import Progress, Replica
from whitelist import loading
from whitelist.document import FederationDocument

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World


def entries(world: "World", **changes: str) -> list[dict[str, Any]]:
    """The members of the federation, 84 with those fields."""
    return [{**one, **changes} if one["code"] == "84" else one for one in world.document["members"]]


def document(world: "World", members: list[dict[str, Any]]) -> FederationDocument:
    return loading.load(msgspec.json.encode({**world.document, "members": members}))


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        pytest.param({}, True, id="regional"),
        pytest.param({"status": "maintenance"}, True, id="in maintenance"),
        pytest.param({"status": "suspended"}, True, id="suspended"),
        pytest.param({"state": "of a later release"}, True, id="in an unknown state"),
        pytest.param({"state": "national"}, False, id="cut over"),
        pytest.param({"status": "withdrawn"}, False, id="withdrawn"),
    ],
)
async def test_a_copy_stays_as_long_as_its_base(
    world: "World", replica: Replica, region: Any, changes: dict[str, str], kept: bool
) -> None:
    await replica.record(Progress(member="84", state="current", last_success=1.0))

    gone = await retire(replica, document(world, entries(world, **changes)))

    assert gone == (() if kept else ("84",))
    assert ("84" in await replica.progress()) is kept
    assert ("84" in await replica.contents()) is kept
    assert (len(await replica.read_establishment("84", region.lyon.cle)) > 0) is kept


async def test_a_member_that_left_the_document_leaves_no_copy(world: "World", replica: Replica) -> None:
    others = [one for one in world.document["members"] if one["code"] != "84"]

    assert await retire(replica, document(world, others)) == ("84",)
    assert await replica.contents() == {}


async def test_a_copy_of_which_only_its_progress_is_held_goes_too(world: "World", replica: Replica) -> None:
    await replica.forget_member("84")
    await replica.record(Progress(member="84", state="failing"))

    assert await retire(replica, document(world, entries(world, state="national"))) == ("84",)
    assert await replica.progress() == {}


async def test_the_copy_of_a_member_cut_over_is_erased_at_the_start(
    world: "World", replica: Replica, log: "Log", tmp_path: Path
) -> None:
    held = sum(one.establishments for one in (await replica.contents()).values())
    path = world.federation_with(tmp_path / "federation.json", {"members": entries(world, state="national")})
    settings = world.configuration(tmp_path, federation={"document": path, "crl": [world.crl]})

    async with running(settings) as gateway, asyncio.timeout(60):
        await gateway.filled()
        left = await gateway.replica.contents()

    lines = [json.loads(line) for line in log.text.splitlines() if "replica_member_forgotten" in line]
    assert held > 0
    assert left == {}
    assert [line["member"] for line in lines] == ["84"]
