"""What the door publishes loads in a strict client, from the door alone."""

import asyncio
import ssl
from typing import TYPE_CHECKING
from urllib.request import HTTPSHandler, build_opener

import aiohttp
import pytest
import zeep

from gateway.app import Gateway
from mappings.csd.version import Version

if TYPE_CHECKING:
    from tests.gateway.conftest import World

READING, NOTIFICATION = "careServicesRequest_Request", "TR-Notif-ListeEtablissementsMajApresDate_Demande"
OPERATIONS = {version: {READING, NOTIFICATION} for version in Version} | {Version.V2016: {READING}}


class DoorOnly(zeep.Transport):
    """Reaches the door, with the certificate of a member, and nothing else."""

    def __init__(self, door: str, context: ssl.SSLContext) -> None:
        super().__init__()
        self._door = door
        self._opener = build_opener(HTTPSHandler(context=context))
        self.loaded: list[str] = []

    def load(self, url: str) -> bytes:
        assert url.startswith(f"{self._door}/ROR/"), url
        self.loaded.append(url.removeprefix(self._door))
        with self._opener.open(url, timeout=5) as answer:
            return bytes(answer.read())


@pytest.mark.parametrize("version", list(Version))
async def test_a_strict_client_loads_the_contract_of_every_version(
    world: "World", gateway: Gateway, version: Version
) -> None:
    transport = DoorOnly(gateway.soap, world.client_context("member-93-client"))
    address = f"{gateway.soap}/ROR/{version}/84"
    settings = zeep.Settings(strict=True, forbid_dtd=True)

    client = await asyncio.to_thread(zeep.Client, f"{address}?wsdl", transport=transport, settings=settings)

    (port,) = client.wsdl.services["CareServicesRequest_Service"].ports.values()
    assert port.binding_options["address"] == address
    assert set(port.binding.all()) == OPERATIONS[version]
    assert transport.loaded[0] == f"/ROR/{version}/84?wsdl"
    assert all(url.startswith(f"/ROR/{version}/84?xsd=") for url in transport.loaded[1:])
    assert len(transport.loaded) > 1


ASKED = {
    "wsdl": ("2.4/FR?wsdl", 200, "/ROR/2.4/FR"),
    "any-case": ("2.4/fr?WSDL", 200, "/ROR/2.4/fr"),
    "of-2016": ("2016/FR?wsdl", 200, "/ROR/2016/FR"),
    "schema": ("2.4/FR?xsd=csd", 200, "urn:ihe:iti:csd:2013"),
    "schema-of-2016": ("2016/FR?xsd=ror", 200, "resultNumber"),
    "no-such-schema": ("2.4/FR?xsd=none", 404, "unknown-document"),
    "no-such-schema-of-2016": ("2016/FR?xsd=csd", 404, "unknown-document"),
    "a-path": ("2.4/FR?xsd=../2.4/csd", 404, "unknown-document"),
    "nothing": ("2.4/FR", 405, "method-not-allowed"),
}


@pytest.mark.parametrize(("path", "status", "held"), ASKED.values(), ids=ASKED)
async def test_a_document_of_the_contract(world: "World", gateway: Gateway, path: str, status: int, held: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{gateway.soap}/ROR/{path}", ssl=world.client_context("member-93-client")) as response,
    ):
        assert response.status == status
        assert held in await response.text()
