"""The reference federation: seventeen regions and the national ROR in one event loop, on free ports of the loopback."""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from conformance.reference.clients import GATEWAY_CLIENT, Client, make_clients
from conformance.reference.content import content
from conformance.reference.content.breaches import Breaking
from conformance.reference.document import Addresses, description, federation_document, write_atomically
from conformance.reference.faults import FaultKind, Health, misbehaviour
from conformance.reference.federation_pki import CERTIFICATE_CLIENTS, HOST, FederationPki, make_federation_pki
from conformance.reference.listener import Contexts, Listener, server_context
from conformance.reference.members import Member, read_members
from conformance.reference.national.server import BASE_PATH, ExpositionApi
from conformance.reference.national.store import Store
from conformance.reference.national.tokens import TOKEN_PATH, Issuer, token_application
from conformance.reference.pinning import from_pinned_issuer, peer_certificate
from conformance.reference.pki import Authority, Family, issue, make_hierarchy, subject_pairs, write_leaf
from conformance.reference.solutions import application as solution_application
from conformance.reference.solutions.extraction import ArchiveFault

NATIONAL = "national"
REGION_PATH = "/ROR"
HOSTILE_NAME = "autre-hote.invalid"
HOSTILE_KEY_SIZE = 2048


class UnknownMember(ValueError):
    """A fault was asked for a code that no listener has."""


class ReferenceFederation:
    """Everything that listens; entering starts it and writes its description, leaving stops it."""

    def __init__(self, directory: Path, *, scale: int = 1, faults: Mapping[str, FaultKind] | None = None) -> None:
        self.directory = directory.resolve()
        self._scale = scale
        self._faults = dict(faults or {})
        self._listeners: dict[str, Listener] = {}
        self._health: dict[str, Health] = {}
        self._tokens: Listener | None = None

    async def __aenter__(self) -> Self:
        members = read_members()
        self._refuse_unknown(self._faults, members)
        self.pki = pki = await asyncio.to_thread(make_federation_pki, self.directory / "pki", members=members)
        clients = make_clients({name: pki.leaves[f"client-{name}"].sha256 for name in CERTIFICATE_CLIENTS})
        try:
            addresses = await self._start(members, clients, pki)
        except BaseException:
            await self.stop()
            raise
        self._describe(members, clients, pki, addresses)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def plant(self, code: str, fault: FaultKind | None) -> None:
        """Plants a fault at a member (or at `national`), None heals it."""
        self._refuse_unknown((code,), read_members())
        await self._listeners[code].plant(fault)

    def spoil(self, code: str, fault: ArchiveFault | None) -> None:
        """Makes the archives of a member wrong, None heals them."""
        self._health[code].archive = fault

    async def stop(self) -> None:
        """Closes every listener."""
        for listener in chain(self._listeners.values(), (self._tokens,) if self._tokens else ()):
            await listener.stop()

    @staticmethod
    def _refuse_unknown(codes: Iterable[str], members: tuple[Member, ...]) -> None:
        known = {NATIONAL, *(member.code for member in members)}
        unknown = sorted(set(codes) - known)
        if unknown:
            raise UnknownMember(f"{', '.join(unknown)} (connus / known: {', '.join(sorted(known))})")

    async def _start(self, members: tuple[Member, ...], clients: tuple[Client, ...], pki: FederationPki) -> Addresses:
        bases = {member.code: await self._start_region(member, pki) for member in members}
        fhir, token = await self._start_national(members, clients, pki)
        return Addresses(bases, fhir, token)

    async def _start_region(self, member: Member, pki: FederationPki) -> str:
        health = self._health[member.code] = Health(self._faults.get(member.code))
        application = region_application(member, health, pki.hierarchy.organisations, scale=self._scale)
        contexts = server_contexts(pki, f"member-{member.code}-server", ssl.CERT_REQUIRED)
        self._listeners[member.code] = Listener(application, contexts, health)
        await self._listeners[member.code].start()
        return f"{self._listeners[member.code].origin}{REGION_PATH}"

    async def _start_national(
        self, members: tuple[Member, ...], clients: tuple[Client, ...], pki: FederationPki
    ) -> tuple[str, str]:
        gateway = Client(GATEWAY_CLIENT, "1", sha256=pki.leaves["gateway-client"].sha256)
        issuer = Issuer((*clients, gateway))
        store = await asyncio.to_thread(self._store, members)
        health = Health(self._faults.get(NATIONAL))
        application = ExpositionApi(store, issuer).application()
        application.middlewares.insert(0, misbehaviour(health))
        fhir = Listener(application, server_contexts(pki, "national-server", ssl.CERT_NONE), health)
        self._listeners[NATIONAL] = fhir
        tokens = token_application(issuer, pki.hierarchy.organisations)
        self._tokens = Listener(tokens, server_contexts(pki, "national-server", ssl.CERT_OPTIONAL), Health())
        await fhir.start()
        await self._tokens.start()
        return f"{fhir.origin}{BASE_PATH}", f"{self._tokens.origin}{TOKEN_PATH}"

    def _store(self, members: tuple[Member, ...]) -> Store:
        held = (member for member in members if member.state == NATIONAL)
        return Store(chain.from_iterable(content(one.code, scale=self._scale).establishments() for one in held))

    def _describe(
        self, members: tuple[Member, ...], clients: tuple[Client, ...], pki: FederationPki, addresses: Addresses
    ) -> None:
        federation = self.directory / "federation.json"
        now = datetime.now(UTC).replace(microsecond=0)
        write_atomically(federation, federation_document(members, clients, pki, addresses, now=now))
        described = description(members, clients, pki, addresses, federation=federation)
        write_atomically(self.directory / "reference.json", described)


def region_application(member: Member, health: Health, authority: Authority, *, scale: int = 1) -> web.Application:
    """The solution of a member behind its faults, for the callers that `authority` certified."""
    application = web.Application(middlewares=[misbehaviour(health), only_from(authority)])
    solution = solution_application(
        Breaking(content(member.code, scale=scale), lambda: health.breaking),
        solution=member.solution,
        contract=member.contract,
        lying=lambda: health.lying,
        archive_fault=lambda: health.archive,
    )
    application.add_subapp(REGION_PATH, solution)
    return application


def only_from(authority: Authority) -> Middleware:
    """Refuses callers whose certificate another branch of the trusted root issued (case C14)."""
    seen: dict[bytes, bool] = {}

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        der = peer_certificate(request) or b""
        if der not in seen:
            seen[der] = bool(der) and from_pinned_issuer(der, authority)
        if not seen[der]:
            raise web.HTTPForbidden
        return await handler(request)

    return check


def server_contexts(pki: FederationPki, name: str, clients: ssl.VerifyMode) -> Contexts:
    """The listener's TLS, right or with the certificate of a planted fault."""

    def context(fault: FaultKind | None) -> ssl.SSLContext:
        wanted = name
        if fault in {FaultKind.EXPIRED_CERT, FaultKind.WRONG_CERT}:
            wanted = f"{name}-{fault}"
            _spoil(pki, name, wanted, fault)
        return server_context(pki.pem(wanted), pki.key(wanted), ca=pki.directory / "ca.pem", clients=clients)

    return context


def _spoil(pki: FederationPki, name: str, wanted: str, fault: FaultKind | None) -> None:
    """A server certificate expired yesterday, or one of a hostile hierarchy of identical names for another host."""
    right = pki.leaves[name]
    subject = subject_pairs(right.certificate.subject)
    now = datetime.now(UTC).replace(microsecond=0)
    if fault is FaultKind.EXPIRED_CERT:
        end = now - timedelta(days=1)
        start = end - timedelta(days=3 * 365)
        spoilt = issue(
            right.issuer, Family.SSL_SERV, subject, host_names=(HOST,), not_before=start, not_after=end, key=right.key
        )
    else:
        hostile = make_hierarchy(ca_key_size=HOSTILE_KEY_SIZE).organisations
        spoilt = issue(hostile, Family.SSL_SERV, subject, host_names=(HOSTILE_NAME,))
    write_leaf(pki.directory, wanted, spoilt)
