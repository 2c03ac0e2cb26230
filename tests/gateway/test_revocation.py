"""A revocation is seen without a restart: on the next request of an open connection, and in new handshakes."""

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from cryptography.hazmat.primitives import serialization

from conformance.reference.pki import revocation_list
from gateway.app import running

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World

REFRESH = 0.1


def publish(world: "World", path: Path, revoked: str | None, number: int) -> None:
    issuer = world.pki.hierarchy.organisations
    certificates = () if revoked is None else (world.pki.leaves[revoked].certificate,)
    lists = (revocation_list(world.pki.hierarchy.root), revocation_list(issuer, certificates, number=number))
    waiting = path.with_suffix(".next")
    waiting.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in lists))
    waiting.replace(path)


async def test_a_revoked_member_is_refused_at_once(world: "World", log: "Log", tmp_path: Path) -> None:
    crl = tmp_path / "crl.pem"
    publish(world, crl, None, 5)
    settings = world.configuration(
        tmp_path, federation={"document": world.federation, "crl": [crl], "refresh": REFRESH}
    )
    context = world.client_context("member-84-client")
    async with running(settings) as gateway, aiohttp.ClientSession() as session:
        address = f"{gateway.soap}/ROR/3.0/84?wsdl"
        async with session.get(address, ssl=context) as before:
            assert before.status == 200
        publish(world, crl, "member-84-client", 6)
        await asyncio.sleep(4 * REFRESH)

        async with session.get(address, ssl=context) as same_connection:
            refused = await same_connection.text()
        async with aiohttp.ClientSession() as another:
            with pytest.raises(aiohttp.ClientError):
                await another.get(address, ssl=world.client_context("member-84-client"))
            async with another.get(address, ssl=world.client_context("member-93-client")) as other_member:
                assert other_member.status == 200

    assert same_connection.status == 403
    assert 'code="certificate-revoked"' in refused


async def test_lists_that_cannot_be_read_leave_those_held(world: "World", log: "Log", tmp_path: Path) -> None:
    crl = Path(shutil.copy(world.crl, tmp_path / "crl.pem"))
    settings = world.configuration(
        tmp_path, federation={"document": world.federation, "crl": [crl], "refresh": REFRESH}
    )
    async with running(settings) as gateway, aiohttp.ClientSession() as session:
        await asyncio.to_thread(crl.unlink)
        await asyncio.sleep(3 * REFRESH)
        address = f"{gateway.soap}/ROR/3.0/84?wsdl"
        async with session.get(address, ssl=world.client_context("member-84-client")) as response:
            assert response.status == 200

    assert "revocation_lists_not_read" in log.text
