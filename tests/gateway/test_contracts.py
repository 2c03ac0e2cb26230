"""At the start each regional member is asked which contract it publishes; what is found is logged and kept."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.contract import Target
from adapters.deadline import Deadline
from conformance.reference.listener import server_context
from conformance.reference.solutions.wsdl import contract_wsdl
from gateway import contracts
from gateway.app import Gateway, running
from gateway.contracts import Finding

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World

DECLARED = {"84": "3.0", "93": "3.0"}
EVENTS = {"contract_verified", "contract_differs", "contract_unreachable"}


@asynccontextmanager
async def published(world: "World", versions: dict[str, str]) -> AsyncIterator[dict[str, str]]:
    """Members that publish the contract of those versions, each on a real listener: the addresses by code."""
    async with AsyncExitStack() as stack:
        addresses = {}
        for code, version in versions.items():
            addresses[code] = await listening(world, code, version, stack)
        yield addresses


async def listening(world: "World", code: str, version: str, stack: AsyncExitStack) -> str:
    async def document(request: web.Request) -> web.Response:
        return web.Response(text=contract_wsdl(version, str(request.url)), content_type="text/xml")

    name = f"member-{code}-server"
    context = server_context(world.pki.pem(name), world.pki.key(name), ca=world.ca, clients=ssl.CERT_REQUIRED)
    application = web.Application()
    application.router.add_get("/{rest:.*}", document)
    runner = web.AppRunner(application)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "localhost", 0, ssl_context=context).start()
    return f"https://localhost:{runner.addresses[0][1]}"


def document_at(world: "World", folder: Path, addresses: dict[str, str]) -> Path:
    """The federation with its members at those addresses."""
    members = [
        {**member, "endpoints": [{**one, "url": addresses[member["code"]]} for one in member["endpoints"]]}
        for member in world.document["members"]
    ]
    return world.federation_with(folder / "federation.json", {"members": members})


async def findings(gateway: Gateway) -> dict[str, str | None]:
    async with asyncio.timeout(10):
        await gateway.verified()
    return {member: finding.differs for member, finding in gateway.contracts.items()}


def events(log: "Log") -> Iterator[tuple[str, str, str | None]]:
    lines = (json.loads(line) for line in log.text.splitlines())
    return ((line["member"], line["event"], line.get("finding")) for line in lines if line["event"] in EVENTS)


async def test_what_members_publish_is_compared_with_what_they_are_declared_with(
    world: "World", tmp_path: Path, log: "Log"
) -> None:
    async with published(world, {"84": DECLARED["84"], "93": "2.4"}) as addresses:
        document = document_at(world, tmp_path, addresses)
        settings = world.configuration(tmp_path, federation={"document": document, "crl": [world.crl]})
        async with running(settings) as gateway:
            assert await findings(gateway) == {"84": None, "93": "wsdl-other-version"}

    assert sorted(events(log)) == [
        ("84", "contract_verified", None),
        ("93", "contract_differs", "wsdl-other-version"),
    ]


async def test_members_that_are_down_are_a_finding_and_not_the_end(gateway: Gateway, log: "Log") -> None:
    assert await findings(gateway) == dict.fromkeys(DECLARED, "wsdl-unreachable")
    assert sorted(events(log)) == [(code, "contract_unreachable", None) for code in DECLARED]


class Strange:
    """An adapter whose library trips over the document."""

    target = Target(
        code="84",
        regions=("84",),
        solution="test",
        contract="3.0",
        endpoint="https://localhost",
        server_name="localhost",
        server_sha256=frozenset(),
    )

    async def verify_contract(self, deadline: Deadline) -> str | None:
        raise RecursionError


async def test_a_document_that_no_library_reads_is_a_finding_too(log: "Log") -> None:
    found: dict[str, Finding] = {}

    await contracts.verify({"84": Strange()}, found)  # type: ignore[dict-item]

    assert found["84"].differs == contracts.UNREADABLE
    assert list(events(log)) == [("84", "contract_differs", contracts.UNREADABLE)]
