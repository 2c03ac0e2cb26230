"""Reference solutions on real sockets, and the messages one sends them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from lxml import etree

from conformance.reference.content import content
from conformance.reference.region import RegionContent
from conformance.reference.solutions import application

SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:csd="urn:ihe:iti:csd:2013"'
    ' xmlns:ror="urn:asip:ror:2015"><soap:Header>{header}</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>'
)
TOKEN = (
    '<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
    '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:hl7="urn:hl7-org:v3"'
    ' xmlns:xsi="http://wwww.w3.org/2001/XMLSchema-instance"><saml:AttributeStatement>'
    '<saml:Attribute Name="Profil_Utilisateur"><saml:AttributeValue><hl7:Profil_Utilisateur xsi:type="CE" code="{use}"'
    ' codeSystem="1.2.250.1.213.1.6.1.66"/></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>'
    "</saml:Assertion></wsse:Security>"
)


@cache
def region(member: str, scale: int) -> RegionContent:
    return content(member, scale=scale)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    media_type: str
    data: bytes

    @property
    def root(self) -> etree._Element:
        return etree.XML(self.data)

    @property
    def body(self) -> etree._Element:
        return self.root.find(f"{SOAP}Body")[0]


class Member:
    """One reference solution, listening."""

    def __init__(self, session: ClientSession, origin: str, contract: str) -> None:
        self._session = session
        self._origin = origin
        self.contract = contract

    async def send(self, data: bytes, path: str | None = None, media_type: str = "application/soap+xml") -> Reply:
        url = f"{self._origin}{path or '/' + self.contract}"
        async with self._session.post(url, data=data, headers={"Content-Type": media_type}) as response:
            return Reply(response.status, response.content_type, await response.read())

    async def ask(self, body: str, *, use: str | None = "CU22", path: str | None = None) -> Reply:
        header = TOKEN.format(use=use) if use else ""
        return await self.send(ENVELOPE.format(header=header, body=body).encode(), path)

    async def get(self, path: str) -> Reply:
        async with self._session.get(f"{self._origin}{path}") as response:
            return Reply(response.status, response.content_type, await response.read())


Start = Callable[..., Awaitable[Member]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession())

        async def started(
            member: str, solution: str, contract: str, *, lying: Callable[[], bool] = lambda: False, scale: int = 1
        ) -> Member:
            app = application(region(member, scale), solution=solution, contract=contract, lying=lying)
            server = await stack.enter_async_context(TestServer(app))
            return Member(session, str(server.make_url("")).rstrip("/"), contract)

        yield started
