"""The contract a member publishes, fetched from it and loaded without the network."""

from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Identity
from adapters.deadline import Deadline
from adapters.registry import manifest_of
from adapters.soap_client import SoapClient
from adapters.wsdl import verify
from mappings.csd import schemas
from mappings.csd.version import Version

Servers = Any
VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]


class Publisher:
    """A member that publishes a version, perhaps changed on the way."""

    def __init__(self, version: Version, change: Callable[[bytes], bytes] = bytes) -> None:
        self._version = version
        self._change = change
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        if "xsd" in request.query:
            return web.Response(body=schemas.xsd(self._version, request.query["xsd"]), content_type="text/xml")
        body = self._change(schemas.wsdl(self._version, str(request.url.with_query(None))))
        return web.Response(body=body, content_type="text/xml")


async def finding(servers: Servers, identity: Identity, origin: str, contract: str) -> str | None:
    target = servers.target(origin, contract=contract)
    client = SoapClient(target, identity, manifest_of(target))
    try:
        return await verify(client, Deadline.after(5))
    finally:
        await client.close()


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_contract_declared_is_recognised(servers: Servers, identity: Identity, version: Version) -> None:
    publisher = Publisher(version)
    origin = await servers.web(publisher.answer)

    assert await finding(servers, identity, origin, version) is None
    assert publisher.asked[0] == f"/ROR/{version}?wsdl"
    assert len(publisher.asked) > 1


@pytest.mark.parametrize(
    ("published", "declared"),
    [("1.5", "1.6"), ("1.6", "1.5"), ("2.4", "3.0"), ("3.0", "2.4"), ("1.6", "2.4"), ("2.4", "1.6")],
)
async def test_another_version_is_found_out(
    servers: Servers, identity: Identity, published: str, declared: str
) -> None:
    origin = await servers.web(Publisher(Version(published)).answer)

    assert await finding(servers, identity, origin, declared) == "wsdl-other-version"


@pytest.mark.parametrize(
    ("change", "token"),
    [
        pytest.param(lambda data: b"<html></html>", "wsdl-other-service", id="markup"),
        pytest.param(lambda data: data[: len(data) // 2], "wsdl-refused", id="cut"),
        pytest.param(lambda data: b"<!DOCTYPE a><a/>", "wsdl-refused", id="doctype"),
        pytest.param(
            lambda data: data.replace(b"CareServicesRequest_Service", b"Autre_Service"), "wsdl-other-service", id="name"
        ),
        pytest.param(
            lambda data: data.replace(b'operation name="TR-Notif', b'operation name="TR-Autre'),
            "wsdl-missing-operation",
            id="operation",
        ),
        pytest.param(
            lambda data: data.replace(b'type="ror:CareServicesRequest_PortType"', b'type="ror:Autre"'),
            "wsdl-unreadable",
            id="dangling port type",
        ),
    ],
)
async def test_what_is_not_the_contract_is_named(
    servers: Servers, identity: Identity, change: Callable[[bytes], bytes], token: str
) -> None:
    origin = await servers.web(Publisher(Version.V3_0, change).answer)

    assert await finding(servers, identity, origin, "3.0") == token


async def test_a_stray_word_between_two_elements_is_harmless(servers: Servers, identity: Identity) -> None:
    publisher = Publisher(Version.V3_0, lambda data: data.replace(b"</wsdl:definitions>", b"texte</wsdl:definitions>"))
    origin = await servers.web(publisher.answer)

    assert await finding(servers, identity, origin, "3.0") is None


async def test_what_lies_elsewhere_is_never_fetched(servers: Servers, identity: Identity) -> None:
    elsewhere = Publisher(Version.V3_0)
    other = await servers.web(elsewhere.answer)
    far = f'<xs:import namespace="urn:far" schemaLocation="{other}/far.xsd"/>'.encode()

    def change(data: bytes) -> bytes:
        return data.replace(b"<xs:import", far + b"<xs:import", 1)

    publisher = Publisher(Version.V3_0, change)
    origin = await servers.web(publisher.answer)

    assert await finding(servers, identity, origin, "3.0") is None
    assert elsewhere.asked == []


async def test_a_member_that_is_down_is_not_judged(servers: Servers, identity: Identity) -> None:
    assert await finding(servers, identity, "https://localhost:1", "3.0") == "wsdl-unreachable"
