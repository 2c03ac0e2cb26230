"""A whole federation in one event loop: reference members of any habits, and the gateway, over mutual TLS."""

import asyncio
import hashlib
import io
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import aiohttp
import msgspec
import pytest
import structlog
from aiohttp import web
from lxml import etree

from conformance.reference.clients import GATEWAY_CLIENT, Client, make_clients
from conformance.reference.content import content
from conformance.reference.csd.dialect import Dialect
from conformance.reference.dataset import EstablishmentContent, Position
from conformance.reference.document import Addresses, federation_document
from conformance.reference.federation_pki import CERTIFICATE_CLIENTS, FederationPki, make_federation_pki
from conformance.reference.listener import server_context
from conformance.reference.members import read_members
from conformance.reference.national.server import BASE_PATH, ExpositionApi
from conformance.reference.national.store import Store
from conformance.reference.national.tokens import TOKEN_PATH, Issuer, token_application
from conformance.reference.region import EstablishmentKey, OfferSketch
from conformance.reference.solutions.server import application
from gateway import telemetry
from gateway.app import Gateway, running
from gateway.configuration import parse
from gateway.demo.coverage import read_coverage
from mappings.csd import vihf
from mappings.csd.xml import parse as parse_xml
from mappings.exposition.demandes import ContexteAppelant
from mappings.exposition.values import Code
from whitelist.names import write_dn

NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "csd": "urn:ihe:iti:csd:2013",
    "ror": "urn:asip:ror:2015",
    "e": "urn:inter-ror:error",
}
SOAP = f'xmlns:s="{NAMES["s"]}" xmlns:csd="{NAMES["csd"]}" xmlns:ror="{NAMES["ror"]}"'
STATED = "2026-01-15"
CONTRACT_INTERFACES = (("soap-csd", ""), ("search-2016", "2016"), ("extraction", "V1"))
EVERYTHING = "CU22"


class Few:
    """Some establishments of a reference region: the fewer, the sooner a copy is there."""

    def __init__(self, member: str, finesses: Iterable[str]) -> None:
        self._whole = content(member, scale=1)
        self.member = member
        kept = frozenset(finesses)
        self.keys: tuple[EstablishmentKey, ...] = tuple(key for key in self._whole.keys if key.finess in kept)

    @classmethod
    def richest(cls, member: str, number: int) -> "Few":
        """The establishments with most units."""
        ordered = sorted(content(member, scale=1).keys, key=lambda key: -key.offers)
        return cls(member, [key.finess for key in ordered[:number]])

    @property
    def _kept(self) -> frozenset[str]:
        return frozenset(key.finess for key in self.keys)

    def establishment(self, finess: str) -> EstablishmentContent | None:
        return self._whole.establishment(finess) if finess in self._kept else None

    def establishments(self) -> Iterator[EstablishmentContent]:
        for key in self.keys:
            found = self._whole.establishment(key.finess)
            assert found is not None
            yield found

    def position(self, finess: str) -> Position | None:
        return self._whole.position(finess)

    def sketches(self, finess: str) -> tuple[OfferSketch, ...]:
        return self._whole.sketches(finess)

    def of_unit(self, identifier: str) -> EstablishmentContent | None:
        found = self._whole.of_unit(identifier)
        return found if found is not None and found.establishment.finess in self._kept else None

    def offer_count(self) -> int:
        return sum(key.offers for key in self.keys)


@dataclass(frozen=True)
class Base:
    """One member: what it holds, how it behaves, and what the federation document says of it.

    `made` makes the application of a solution that has behaviour of its own.
    """

    code: str
    contract: str
    solution: str
    habits: str | Dialect
    held: Few
    options: dict[str, str] = field(default_factory=dict)
    interface: str | None = None
    interfaces: tuple[tuple[str, str], ...] = CONTRACT_INTERFACES
    state: str = "regional"
    made: Callable[..., web.Application] | None = None

    @property
    def application(self) -> web.Application:
        app = web.Application()
        if self.made is not None:
            app.add_subapp("/ROR", self.made(self.held, contract=self.contract))
            return app
        spoken = "1.6" if self.contract == "2016" else self.contract
        app.add_subapp("/ROR", application(self.held, solution=self.habits, contract=spoken, interface=self.interface))
        return app

    def entry(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Its entry of the document, from the one a reference member of that code would have."""
        one = entry["endpoints"][0]
        listed = [
            {**one, "interface": interface, "version": version or self.contract}
            for interface, version in self.interfaces
        ]
        options = {name: {"value": value, "since": STATED} for name, value in self.options.items()}
        return {**entry, "endpoints": listed, "options": options}


@dataclass(frozen=True)
class Told:
    """What a caller received."""

    status: int
    headers: Any
    root: etree._Element

    @property
    def message(self) -> etree._Element:
        """The element of the body, in a document of its own."""
        (found,) = self.root.find("s:Body", NAMES)  # type: ignore[misc]
        return parse_xml(etree.tostring(found))

    @cached_property
    def coverage(self) -> dict[str, dict[str, str]]:
        return {row.code: row.facts for row in read_coverage(self.headers["Ror-Coverage"])}

    @property
    def units(self) -> list[str]:
        """The elementary units of a reading, by identifier."""
        return _units(self.message)

    @property
    def found(self) -> list[str]:
        """The units of a search of 2016."""
        return sorted(one.get("code", "") for one in self.message.iterfind(".//facilityDirectory/facility/otherID"))

    @property
    def changed(self) -> list[str]:
        """The establishments of a notification."""
        return sorted(one.get("code", "") for one in self.message.iterfind(".//csd:id_etablissement", NAMES))


def _units(root: etree._Element) -> list[str]:
    facilities = root.iterfind(".//csd:facilityDirectory/csd:facility", NAMES)
    return sorted(
        one.find("csd:otherID", NAMES).get("code")  # type: ignore[union-attr,type-var]
        for one in facilities
        if one.find("csd:codedType", NAMES).get("code") == "4"  # type: ignore[union-attr]
    )


@dataclass(frozen=True)
class Archived:
    """An archive that a caller received."""

    headers: Any
    roots: tuple[etree._Element, ...]

    @property
    def units(self) -> list[str]:
        return sorted(unit for root in self.roots for unit in _units(root))

    @cached_property
    def coverage(self) -> dict[str, dict[str, str]]:
        return {row.code: row.facts for row in read_coverage(self.headers["Ror-Coverage"])}


@dataclass(frozen=True)
class Federated:
    """The running federation, and one of its members as a caller."""

    gateway: Gateway
    bases: dict[str, Base]
    pki: FederationPki
    document: dict[str, Any]
    caller: str
    session: aiohttp.ClientSession
    log: io.StringIO

    def _context(self) -> ssl.SSLContext:
        name = f"member-{self.caller}-client"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.pki.directory / "ca.pem")
        context.load_cert_chain(self.pki.pem(name), self.pki.key(name))
        return context

    def _assertion(self) -> str:
        member = next(one for one in self.document["members"] if one["code"] == self.caller)
        issuer = write_dn(tuple((name, value) for name, value in member["certificates"][0]["subject"]))
        who = ContexteAppelant(Code("R78", EVERYTHING), vihf.AUTOMATE, structure=member["structures"][0], nom="essai")
        return etree.tostring(vihf.write(who, issuer=issuer, now=datetime.now(UTC), identifier=f"_{uuid4()}")).decode()

    async def ask(self, address: str, body: str) -> Told:
        """The answer to a message, under access profile 1."""
        data = f"<s:Envelope {SOAP}><s:Header>{self._assertion()}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        async with self.session.post(
            f"{self.gateway.soap}/ROR/{address}",
            data=data.encode(),
            headers={"Content-Type": "application/soap+xml"},
            ssl=self._context(),
        ) as response:
            return Told(response.status, response.headers, parse_xml(await response.read()))

    async def status(self, url: str) -> int:
        """The status of an address."""
        async with self.session.get(url, ssl=self._context()) as response:
            return response.status

    async def archive(self, version: str, target: str, profile: str = "1") -> Archived:
        """The archive of a profile, each of its files compared with its hash."""
        url = f"{self.gateway.extraction}/{version}/{target}/extraction/ExtractionOffresSante_Profil{profile}"
        async with self.session.get(url, ssl=self._context()) as response:
            received = await response.read()
            assert response.status == 200, received
            held = ZipFile(io.BytesIO(received))
        named = [name for name in held.namelist() if name.endswith(".xml")]
        for name in named:
            assert held.read(f"{name[:-4]}.txt").decode() == hashlib.sha256(held.read(name)).hexdigest()
        return Archived(response.headers, tuple(parse_xml(held.read(name)) for name in named))


def reading(finess: str, inside: str = "") -> str:
    """The body that reads an establishment."""
    return (
        '<csd:careServicesRequest><csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017"'
        ' encapsulated="true"><csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>'
        f'<csd:id_etablissement code="1{finess}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>{inside}'
        "</csd:etablissementDemandeLecture></csd:TR_Lecture-OffresSanteEtablissement></csd:function>"
        "</csd:careServicesRequest>"
    )


def reading_unit(identifier: str) -> str:
    """The body that reads one internal organisation."""
    return (
        '<csd:careServicesRequest><csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017"'
        ' encapsulated="true"><csd:TR_Lecture-OffreSanteOrganisationInterne>'
        f'<csd:organisationID code="{identifier}" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>'
        "</csd:TR_Lecture-OffreSanteOrganisationInterne></csd:function></csd:careServicesRequest>"
    )


def notification(since: str, inside: str = "") -> str:
    """The body that asks what changed."""
    return (
        f"<ror:TR-Notif-ListeEtablissementsMajApresDate_Demande><csd:params><csd:dateRef>{since}</csd:dateRef>{inside}"
        "</csd:params></ror:TR-Notif-ListeEtablissementsMajApresDate_Demande>"
    )


def search(regions: Iterable[str], mode: str) -> str:
    """The body that searches the units of a care mode in some regions."""
    where = "".join(f'<destination><type code="1"/><code code="{region}"/></destination>' for region in regions)
    return (
        "<ror:careServicesRequest><function><requestParams><organization/>"
        f'<facility><typeOfCare code="{mode}" codingScheme="1.2.250.1.213.3.3.13"/></facility>'
        f"<service/><otherParams>{where}</otherParams></requestParams></function></ror:careServicesRequest>"
    )


async def _listening(app: web.Application, context: ssl.SSLContext, stack: AsyncExitStack) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return f"https://localhost:{runner.addresses[0][1]}"


async def _national(bases: Iterable[Base], pki: FederationPki, stack: AsyncExitStack) -> tuple[str, str]:
    """The national ROR, which holds the members cut over."""
    held = [one for base in bases if base.state == "national" for one in base.held.establishments()]
    certificates = {name: pki.leaves[f"client-{name}"].sha256 for name in CERTIFICATE_CLIENTS}
    own = Client(GATEWAY_CLIENT, "1", sha256=pki.leaves["gateway-client"].sha256)
    issuer = Issuer((*make_clients(certificates), own))
    ca = pki.directory / "ca.pem"
    pem, key = pki.pem("national-server"), pki.key("national-server")
    store = await asyncio.to_thread(Store, held)
    fhir = server_context(pem, key, ca=ca, clients=ssl.CERT_NONE)
    token = server_context(pem, key, ca=ca, clients=ssl.CERT_OPTIONAL)
    return (
        f"{await _listening(ExpositionApi(store, issuer).application(), fhir, stack)}{BASE_PATH}",
        f"{await _listening(token_application(issuer, pki.hierarchy.organisations), token, stack)}{TOKEN_PATH}",
    )


@asynccontextmanager
async def federated(
    directory: Path, bases: tuple[Base, ...], *, caller: str, versions: tuple[str, ...]
) -> AsyncIterator[Federated]:
    """The federation of those members, its copies made and its archives of those versions produced."""
    rows = {row.code: row for row in read_members()}
    members = tuple(
        replace(rows[base.code], solution=base.solution, contract=base.contract, state=base.state) for base in bases
    )
    log = io.StringIO()
    telemetry.configure(log)
    async with AsyncExitStack() as stack:
        pki = await asyncio.to_thread(make_federation_pki, directory / "pki", members=members, ca_key_size=2048)
        ca = pki.directory / "ca.pem"
        addresses = {}
        for base in bases:
            name = f"member-{base.code}-server"
            context = server_context(pki.pem(name), pki.key(name), ca=ca, clients=ssl.CERT_REQUIRED)
            addresses[base.code] = f"{await _listening(base.application, context, stack)}/ROR"
        fhir, token = await _national(bases, pki, stack)
        clients = make_clients({name: pki.leaves[f"client-{name}"].sha256 for name in CERTIFICATE_CLIENTS})
        now = datetime.now(UTC) - timedelta(minutes=1)
        document = federation_document(members, clients, pki, Addresses(addresses, fhir, token), now=now)
        known = {base.code: base for base in bases}
        document["members"] = [known[one["code"]].entry(one) for one in document["members"]]
        (directory / "federation.json").write_bytes(msgspec.json.encode(document))
        settings: dict[str, Any] = {
            "listeners": {name: {"port": 0} for name in ("soap", "fhir", "token")},
            "certificates": {
                "server": pki.pem("gateway-server"),
                "server_key": pki.key("gateway-server"),
                "client": pki.pem("gateway-client"),
                "client_key": pki.key("gateway-client"),
                "ca": ca,
            },
            "federation": {"document": directory / "federation.json", "crl": [pki.directory / "crl.pem"]},
            "replica": {"url": f"sqlite:///{directory / 'replica.db'}", "period": 3600},
            "deadlines": {"exchange": 30},
            "extraction": {
                "listener": {"port": 0},
                "directory": directory / "archives",
                "versions": versions,
                "profiles": ["1"],
            },
        }
        gateway = await stack.enter_async_context(running(parse(settings, base=directory)))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        async with asyncio.timeout(120):
            await asyncio.gather(gateway.produced(), gateway.verified())
        yield Federated(gateway, known, pki, document, caller, session, log)
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


@pytest.fixture(scope="session")
def scenario() -> SimpleNamespace:
    """What the modules of this folder build federations and messages with."""
    return SimpleNamespace(
        Base=Base,
        Few=Few,
        INTERFACES=CONTRACT_INTERFACES,
        NAMES=NAMES,
        federated=federated,
        notification=notification,
        reading=reading,
        reading_unit=reading_unit,
        search=search,
    )
