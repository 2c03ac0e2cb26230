"""The composition root: the only module that knows every part. Reading `Gateway.start` is reading what runs.

files → trust, identity → adapters → replica → federation → doors → listeners; beside them tasks keep
the replica, read the revocation lists, check the contracts and have the extractions produced.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import msgspec
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from adapters.contract import Adapter
from gateway import contracts, material, members, telemetry
from gateway.configuration import Configuration, Extraction, Listener
from gateway.doors.access_token import AccessTokens
from gateway.doors.extraction.door import ExtractionDoor, ExtractionSettings
from gateway.doors.fhir import door as fhir
from gateway.doors.soap.door import SoapDoor, SoapSettings
from gateway.doors.token import door as token
from gateway.errors import ConfigurationRefused
from gateway.extraction import schedule
from gateway.extraction.catalogue import Catalogue
from gateway.federation.fanout import Limits
from gateway.federation.federation import Federation
from gateway.listeners import OpenSocket, TlsInForce, open_socket
from gateway.listeners import serve as listen
from gateway.replica.retiring import retire
from gateway.replica.store import Replica
from gateway.replica.synchronisation import Rhythm, keep, synchronise_all
from gateway.trust import Trust, TrustInForce
from mappings.exposition.demandes import Transaction
from mappings.memory import Memory
from whitelist.document import MemberState, MemberStatus
from whitelist.revocation import Freshness
from whitelist.tls import ClientAuth

REALM = "/auth/realms/ror"
TELLING = 3600.0


@dataclass(frozen=True, slots=True)
class Sockets:
    """The open doors."""

    soap: OpenSocket
    fhir: OpenSocket
    token: OpenSocket
    extraction: OpenSocket | None


@dataclass(frozen=True, slots=True)
class Door:
    """What answers at a socket, and its TLS."""

    application: web.Application
    opened: OpenSocket
    tls: TlsInForce
    client_auth: ClientAuth


class Gateway:
    """A running gateway. `start` and `stop` belong to one task.

    `contracts` says of each regional member whether it publishes the contract it is declared with, once known.
    """

    def __init__(self, sockets: Sockets, federation: Federation, replica: Replica, memory: Memory) -> None:
        self._stack = AsyncExitStack()
        self._filled = asyncio.Event()
        self._verified = asyncio.Event()
        self._produced = asyncio.Event()
        self.contracts: dict[str, contracts.Finding] = {}
        self.federation = federation
        self.replica = replica
        self.memory = memory
        self.soap = sockets.soap.public_url
        self.fhir = f"{sockets.fhir.public_url}{fhir.BASE}"
        self.token = f"{sockets.token.public_url}{token.PATH}"
        self.extraction = None if sockets.extraction is None else sockets.extraction.public_url

    @classmethod
    async def start(cls, configuration: Configuration) -> "Gateway":
        """Everything in its order, listening when it returns; raises `ConfigurationRefused`."""
        async with AsyncExitStack() as stack:
            accepted = material.nomenclatures(configuration)
            trust = material.trust(configuration)
            material.callers_known(configuration, trust.document)
            identity = material.identity(configuration)
            memory = Memory(configuration.limits.memory)
            adapters = members.adapters(
                trust.document, identity, validation=configuration.validation.members, memory=memory
            )
            for code, solution in members.joined_by_document(trust.document).items():
                telemetry.event("member_joined_by_document", member=code, solution=solution)
            for adapter in adapters.values():
                stack.push_async_callback(adapter.close)
            replica = await _replica(configuration)
            stack.push_async_callback(replica.close)
            federation = Federation(
                trust.document,
                adapters,
                replica,
                cursor_key=configuration.cursor_key(),
                limits=Limits(budget=configuration.deadlines.longest, patience=configuration.deadlines.exchange / 2),
                accepted=accepted,
            )
            sockets = _sockets(configuration, stack)
            in_force = TrustInForce(trust)
            doors = _doors(configuration, in_force, federation, sockets, memory)
            gateway = cls(sockets, federation, replica, memory)
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            regional = {code: adapters[code] for code in _regional(trust)}
            for work in (
                gateway._keep(trust, _copied(regional), configuration.replica.period),
                refresh(configuration, in_force, doors),
                _tell(memory),
                gateway._verify(regional),
                gateway._extract(configuration, trust),
            ):
                stack.callback(tasks.create_task(work).cancel)
            for door in doors:
                runner = await listen(door.application, door.opened, door.tls, configuration.deadlines)
                stack.push_async_callback(runner.cleanup)
            gateway._stack = stack.pop_all()
        telemetry.event("gateway_started", members=len(adapters), serial=trust.document.serial)
        return gateway

    async def stop(self) -> None:
        """Stop listening, let what runs end, close everything."""
        await self._stack.aclose()
        telemetry.event("gateway_stopped", **msgspec.structs.asdict(self.memory.counts))

    async def filled(self) -> None:
        """Wait until the first run of the replica has ended for every member, well or not."""
        await self._filled.wait()

    async def verified(self) -> None:
        """Wait until the contract of every member was checked."""
        await self._verified.wait()

    async def produced(self) -> None:
        """Wait until the extractions were produced once, well or not; for ever in a gateway that produces none."""
        await self._produced.wait()

    async def _extract(self, configuration: Configuration, trust: Trust) -> None:
        if configuration.extraction is not None:
            await self._filled.wait()
            await schedule.keep(configuration, configuration.extraction, trust.document, self._produced)

    async def _keep(self, trust: Trust, regional: dict[str, Adapter], period: float) -> None:
        await retire(self.replica, trust.document)
        rhythm = Rhythm(period=period)
        await synchronise_all(regional, self.replica, rhythm=rhythm)
        self._filled.set()
        await asyncio.sleep(period)
        await keep(regional, self.replica, rhythm=rhythm)

    async def _verify(self, regional: dict[str, Adapter]) -> None:
        await contracts.verify(regional, self.contracts)
        self._verified.set()


async def _tell(memory: Memory) -> None:
    """One line an hour on what was remembered, unless nothing was asked of it."""
    before = memory.counts
    while True:
        await asyncio.sleep(TELLING)
        counts = memory.counts
        if counts != before:
            telemetry.event("translations_remembered", **msgspec.structs.asdict(counts))
        before = counts


def _regional(trust: Trust) -> list[str]:
    """The members of which the replica holds a copy: those that still answer for themselves."""
    return [
        member.code
        for member in trust.document.members
        if member.state is MemberState.REGIONAL and member.status is MemberStatus.ACTIVE
    ]


def _copied(regional: dict[str, Adapter]) -> dict[str, Adapter]:
    """Those that tell what changed at home: a base that only searches has no copy."""
    return {
        code: adapter
        for code, adapter in regional.items()
        if Transaction.NOTIFICATION in adapter.capabilities.transactions
    }


async def _replica(configuration: Configuration) -> Replica:
    try:
        return await Replica.open(configuration.replica.url.get_secret_value())
    except (SQLAlchemyError, ValueError, OSError) as error:
        # The address may hold a password: it is not repeated.
        raise material.refused("replica.url", "base de données inutilisable", "the database cannot be used") from error


def _sockets(configuration: Configuration, stack: AsyncExitStack) -> Sockets:
    def opened(name: str, listener: Listener) -> OpenSocket:
        try:
            bound = open_socket(listener)
        except OSError as error:
            raise material.refused(
                name, f"port {listener.port} indisponible", f"port {listener.port} is not available"
            ) from error
        stack.callback(bound.socket.close)
        return bound

    listeners, extraction = configuration.listeners, configuration.extraction
    return Sockets(
        soap=opened("listeners.soap", listeners.soap),
        fhir=opened("listeners.fhir", listeners.fhir),
        token=opened("listeners.token", listeners.token),
        extraction=None if extraction is None else opened("extraction.listener", extraction.listener),
    )


def _doors(
    configuration: Configuration, trust: TrustInForce, federation: Federation, sockets: Sockets, memory: Memory
) -> tuple[Door, ...]:
    tokens = AccessTokens(
        key=material.token_key(configuration),
        issuer=configuration.token.issuer or f"{sockets.token.public_url}{REALM}",
        audience=configuration.token.audience or f"{sockets.fhir.public_url}{fhir.BASE}",
        lifetime=configuration.token.lifetime,
        skew=configuration.token.skew,
    )
    limits, deadlines = configuration.limits, configuration.deadlines
    soap_settings = SoapSettings(
        public_url=sockets.soap.public_url,
        exchange_seconds=deadlines.seconds,
        body_seconds=deadlines.body,
        body_limit=limits.body,
        concurrent=limits.concurrent,
        contract_error_status=configuration.soap.contract_error_status,
        audiences=frozenset(configuration.soap.audiences),
        unsigned_assertions=configuration.soap.unsigned_assertions == "member",
    )
    fhir_settings = fhir.FhirSettings(
        public_url=f"{sockets.fhir.public_url}{fhir.BASE}",
        exchange_seconds=deadlines.seconds,
        body_seconds=deadlines.body,
        concurrent=limits.concurrent,
        software_version=version("inter-ror-gateway"),
        started=datetime.now(UTC).replace(microsecond=0),
        language=configuration.language,
        validation=configuration.validation.answers,
    )
    token_door = token.TokenDoor(trust, tokens, body_seconds=deadlines.body)
    applications = [
        (SoapDoor(federation, trust, soap_settings, memory).application(), sockets.soap, ClientAuth.REQUIRED),
        (
            fhir.FhirDoor(federation, trust, tokens, fhir_settings, memory).application(),
            sockets.fhir,
            ClientAuth.OPTIONAL,
        ),
        (token_door.application(concurrent=limits.concurrent), sockets.token, ClientAuth.OPTIONAL),
    ]
    if configuration.extraction is not None and sockets.extraction is not None:
        extraction_door = _extraction_door(configuration.extraction, trust, concurrent=limits.concurrent)
        applications.append((extraction_door.application(), sockets.extraction, ClientAuth.REQUIRED))
    return tuple(
        Door(application, opened, TlsInForce(material.door_context(configuration, client_auth)), client_auth)
        for application, opened, client_auth in applications
    )


def _extraction_door(settings: Extraction, trust: TrustInForce, *, concurrent: int) -> ExtractionDoor:
    return ExtractionDoor(
        Catalogue(settings.directory),
        trust,
        ExtractionSettings(
            versions=settings.versions,
            profiles=settings.profiles,
            transfer_seconds=settings.limit,
            concurrent=concurrent,
        ),
    )


async def refresh(configuration: Configuration, trust: TrustInForce, doors: tuple[Door, ...]) -> None:
    """Read the revocation lists again and again: for the requests of open connections, and for new handshakes.

    What cannot be read leaves what is held in force; the lists themselves say when they are too old to be believed.
    """
    while True:
        await asyncio.sleep(configuration.federation.refresh)
        try:
            await asyncio.to_thread(_refresh, configuration, trust, doors)
        except (OSError, ConfigurationRefused) as error:
            telemetry.warning("revocation_lists_not_read", failure=type(error).__name__)
        for alarm in trust.current.revocation.alarms:
            telemetry.warning("revocation_list_refused", alarm=alarm.value)
        freshness = trust.current.revocation.freshness(datetime.now(UTC))
        if freshness is not Freshness.FRESH:
            telemetry.warning("revocation_lists_old", freshness=freshness.value)


def _refresh(configuration: Configuration, trust: TrustInForce, doors: tuple[Door, ...]) -> None:
    trust.current = material.reloaded(trust.current, configuration)
    for door in doors:
        door.tls.swap(material.door_context(configuration, door.client_auth))


@asynccontextmanager
async def running(configuration: Configuration) -> AsyncIterator[Gateway]:
    """A gateway for the time of a block."""
    gateway = await Gateway.start(configuration)
    try:
        yield gateway
    finally:
        await gateway.stop()


async def serve(configuration: Configuration) -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with running(configuration):
        await stopping.wait()
