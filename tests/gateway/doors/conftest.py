"""A gateway before one region whose answers break the rules, and what both doors answer of it."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.typedefs import Middleware
from lxml import etree

from conformance.reference.clients import make_clients
from conformance.reference.document import listed
from conformance.reference.faults import Health, misbehaviour
from conformance.reference.federation import REGION_PATH, only_from, server_contexts
from conformance.reference.federation_pki import CERTIFICATE_CLIENTS
from conformance.reference.listener import Listener
from conformance.reference.region import RegionContent
from conformance.reference.solutions import application as solution_application
from gateway.app import Gateway, running
from mappings.csd import vihf
from mappings.csd.xml import parse
from mappings.exposition.demandes import ContexteAppelant
from mappings.exposition.values import Code
from whitelist.names import write_dn

if TYPE_CHECKING:
    from tests.gateway.conftest import World

CALLER = "member-93-client"
# the one that says under which level each unit is
SOLUTION = "ir"


class Federation:
    """A gateway before one region of two establishments, and what the doors answer."""

    def __init__(self, world: "World", gateway: Gateway, url: str) -> None:
        self.world, self.gateway, self.url = world, gateway, url

    async def read(self, finess: str, *, source: str, code: str | None = None, more: str = "") -> etree._Element:
        """The envelope that answers a reading, as a member whose user has that profile code."""
        return (await self.exchange(finess, source=source, code=code, more=more))[1]

    async def exchange(
        self, finess: str, *, source: str, code: str | None = None, more: str = ""
    ) -> tuple[Mapping[str, str], etree._Element]:
        """The headers too."""
        block = f'<cov:Coverage xmlns:cov="urn:inter-ror:coverage:1" source="{source}"/>'
        headers = block + (self._assertion(code) if code is not None else "")
        body = f"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>{headers}</s:Header><s:Body>
<csd:careServicesRequest xmlns:csd="urn:ihe:iti:csd:2013">
<csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true">
<csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>
<csd:id_etablissement code="1{finess}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>{more}
</csd:etablissementDemandeLecture></csd:TR_Lecture-OffresSanteEtablissement></csd:function>
</csd:careServicesRequest></s:Body></s:Envelope>"""
        address = f"{self.gateway.soap}/ROR/3.0/84"
        sent = {"Content-Type": "application/soap+xml"}
        context = self.world.client_context(CALLER)
        async with (
            aiohttp.ClientSession() as session,
            session.post(address, data=body.encode(), ssl=context, headers=sent) as response,
        ):
            assert response.status == 200, await response.text()
            return response.headers, parse(await response.read())

    def _assertion(self, code: str) -> str:
        subject = listed(self.world.pki.leaves[CALLER], "client")["subject"]
        context = ContexteAppelant(Code("R78", code), vihf.AUTOMATE, structure=dict(subject)["OU"], nom="essai")
        issuer = write_dn(tuple(subject))
        element = vihf.write(context, issuer=issuer, now=datetime.now(UTC), identifier=f"_{datetime.now(UTC):%f}")
        return etree.tostring(element, encoding="unicode")

    async def search(self, query: str, *, source: str, profile: str) -> tuple[list[dict[str, Any]], str]:
        """The resources of a FHIR search by the client of that profile, and the coverage."""
        clients = make_clients(dict.fromkeys(CERTIFICATE_CLIENTS, ""))
        client = next(one for one in clients if one.access_profile == profile)
        form = {"grant_type": "client_credentials", "client_id": client.client_id}
        shown = self.world.client_context(f"client-{client.client_id}")
        async with aiohttp.ClientSession() as session:
            async with session.post(self.gateway.token, data=form, ssl=shown) as response:
                token = (await response.json())["access_token"]
            sent = {**client.ror_headers, "Authorization": f"Bearer {token}", "Prefer": f"source={source}"}
            open_context = self.world.client_context(None)
            async with session.get(f"{self.gateway.fhir}/{query}", headers=sent, ssl=open_context) as response:
                bundle = await response.json(content_type=None)
                assert response.status == 200, bundle
                return [entry["resource"] for entry in bundle["entry"]], response.headers["Ror-Coverage"]


BeforeRegion = Callable[..., AbstractAsyncContextManager[Federation]]


@asynccontextmanager
async def _before(
    world: "World", folder: Path, region: RegionContent, *spoiling: Middleware
) -> AsyncIterator[Federation]:
    health = Health()
    checks = [misbehaviour(health), only_from(world.pki.hierarchy.organisations), *spoiling]
    application = web.Application(middlewares=checks)
    application.add_subapp(REGION_PATH, solution_application(region, solution=SOLUTION, contract="3.0"))
    listener = Listener(application, server_contexts(world.pki, "member-84-server", ssl.CERT_REQUIRED), health)
    await listener.start()
    members = [
        {
            **member,
            "solution": SOLUTION,
            "endpoints": [{**one, "url": f"{listener.origin}{REGION_PATH}"} for one in member["endpoints"]],
        }
        if member["code"] == "84"
        else member
        for member in world.document["members"]
    ]
    document = world.federation_with(folder / "federation.json", {"members": members})
    settings = world.configuration(folder, federation={"document": document, "crl": [world.crl]})
    async with running(settings) as gateway:
        await gateway.filled()
        yield Federation(world, gateway, f"sqlite:///{folder / 'replica.db'}")
    await listener.stop()


@pytest.fixture(scope="session")
def before_region() -> BeforeRegion:
    return _before
