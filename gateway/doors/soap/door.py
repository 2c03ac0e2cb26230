"""The SOAP door: one message in, the federation asked, one message out (contract sections 3, 5, 6, 8 and 16).

The way, in order, and nothing answers before what stands above it: certificate, member, address, bytes, envelope,
request, assertion, right, question, answer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import HeaderParser

import msgspec
from aiohttp import web

from adapters.deadline import Deadline
from gateway import telemetry
from gateway.doors import body
from gateway.doors.frame import EXCHANGE, frame
from gateway.doors.soap import addresses, answers, caller, descriptions, faults, messages
from gateway.doors.soap.addresses import Address
from gateway.doors.soap.compression import compressed
from gateway.doors.soap.replay import UsedAssertions
from gateway.errors import ErrorCode, GatewayError, NotPermitted, RequesterError
from gateway.federation.exchange import Answer, Caller, Exchange, Requirements, Status
from gateway.federation.federation import Federation
from gateway.federation.paging import PageRequest
from gateway.federation.preferences import DemandUnreadable, read_block
from gateway.trust import TrustInForce
from mappings.csd.search_2016 import MAXIMUM_UNITS
from mappings.csd.soap import Envelope
from mappings.csd.version import Version
from mappings.exposition.demandes import ProfilAcces, Recherche, Transaction
from mappings.memory import FORGETFUL, Memory
from mappings.nomenclatures.catalogue import current
from whitelist.document import FederationMember
from whitelist.entitlement import Norme
from whitelist.identity import PeerCertificate

MEDIA_TYPES = frozenset({faults.MEDIA_TYPE, "text/xml", "application/xml"})
"""The contract's, and those some stacks still send; what decides is the envelope."""

NORMES = {
    Version.V1_5: Norme.CSD_1_5,
    Version.V1_6: Norme.CSD_1_6,
    Version.V2_4: Norme.CSD_2_4,
    Version.V3_0: Norme.CSD_3_0,
    # It cannot mark a sensitive unit either.
    Version.V2016: Norme.CSD_1_6,
}


@dataclass(frozen=True, slots=True)
class SoapSettings:
    """What the configuration decides for this door."""

    public_url: str
    exchange_seconds: Callable[[str, Transaction], float]
    body_seconds: float
    body_limit: int
    concurrent: int
    contract_error_status: int
    audiences: frozenset[str]
    unsigned_assertions: bool


class SoapDoor:
    """Answers members of the federation."""

    def __init__(
        self, federation: Federation, trust: TrustInForce, settings: SoapSettings, memory: Memory = FORGETFUL
    ) -> None:
        self._federation = federation
        self._memory = memory
        self._trust = trust
        self._settings = settings
        self._used = UsedAssertions()

    def application(self) -> web.Application:
        """The aiohttp application of the door."""
        framed = frame("soap", faults.render, concurrent=self._settings.concurrent)
        application = web.Application(middlewares=[framed, compressed])
        application.router.add_post(addresses.PATH, self.exchange)
        application.router.add_get(addresses.PATH, self.description)
        return application

    async def exchange(self, request: web.Request) -> web.StreamResponse:
        """The answer to one message."""
        now = datetime.now(UTC)
        peer = self._peer(request)
        member = self._trust.current.member(peer, now)
        telemetry.learn(caller=member.code)
        address = self._address(request)
        envelope = await self._message(request)
        demande = messages.read_demande(envelope.body, address)
        deadline = Deadline.after(self._settings.exchange_seconds(member.code, demande.transaction))
        if not messages.is_action_of(action(request), demande):
            telemetry.learn(action="other")
        telemetry.learn(transaction=demande.transaction.value, target=address.target, version=address.version.value)
        try:
            asserted = await self._asserted(request, envelope, peer, member, now)
            profil = self._trust.current.profile(
                peer, operation=demande.transaction, target=address.target, asserted=asserted, now=now
            )
            requirements = _requirements(envelope)
        except GatewayError as error:
            return answers.refused(request, error, demande)
        exchange = Exchange(
            request[EXCHANGE],
            Caller(member.code, profil, member.code),
            address.target,
            demande,
            requirements,
        )
        answer = await self._ask(exchange, address, deadline)
        expected = member.contract_error_status or self._settings.contract_error_status
        at = current().day(self._trust.current.document.nomenclatures_of(member))
        return await answers.respond(
            request, answer, address, contract_error_status=expected, at=at, memory=self._memory
        )

    async def description(self, request: web.Request) -> web.StreamResponse:
        """The WSDL of the address, or one of its schemas."""
        self._trust.current.member(self._peer(request), datetime.now(UTC))
        address = self._address(request)
        return descriptions.respond(request, address, public_url=self._settings.public_url)

    def _peer(self, request: web.Request) -> PeerCertificate:
        peer = self._trust.current.peer(request)
        if peer is None:
            raise NotPermitted(ErrorCode.CERTIFICATE_REFUSED, cause="no-certificate")
        return peer

    def _address(self, request: web.Request) -> Address:
        return addresses.read(request.match_info["version"], request.match_info["member"], self._trust.current.document)

    async def _asserted(
        self,
        request: web.Request,
        envelope: Envelope,
        peer: PeerCertificate,
        member: FederationMember,
        now: datetime,
    ) -> ProfilAcces | None:
        """The profile of the assertion, which this call uses; in a thread, for what a signature costs."""
        if not envelope.headers:
            return None
        settings = self._settings
        ours = settings.audiences | {settings.public_url, f"{settings.public_url}{request.path}"}
        asserted = await asyncio.to_thread(
            caller.asserted,
            envelope.headers,
            peer=peer,
            member=member,
            trust=self._trust.current,
            audience=caller.Audience(ours, settings.unsigned_assertions),
            now=now,
        )
        if asserted is None:
            return None
        if asserted.once is not None:
            self._used.use(member.code, asserted.once, now)
        telemetry.learn(assertion="signed" if asserted.signed else "unsigned")
        if asserted.remarks:
            telemetry.learn(assertion_remarks=asserted.remarks)
        return asserted.profil

    async def _message(self, request: web.Request) -> Envelope:
        types = request.headers.getall("Content-Type", [])
        if len(types) > 1 or (types and request.content_type not in MEDIA_TYPES):
            raise RequesterError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
        received = await body.read(request, limit=self._settings.body_limit, seconds=self._settings.body_seconds)
        return await asyncio.to_thread(
            messages.read_message, received, limit=self._settings.body_limit, charset=request.charset
        )

    async def _ask(self, exchange: Exchange, address: Address, deadline: Deadline) -> Answer:
        page = PageRequest(MAXIMUM_UNITS) if isinstance(exchange.demande, Recherche) else None
        answer = await self._federation.ask(exchange, norme=NORMES[address.version], deadline=deadline, page=page)
        return answer if answer.next_cursor is None else cut_said(answer)


def action(request: web.Request) -> str:
    """The action a caller gives beside its message: the body decides, so another one is only told by the log."""
    parameters = HeaderParser().parsestr(f"Content-Type: {request.headers.get('Content-Type', '')}")
    value = parameters.get_param("action", "")
    return value if isinstance(value, str) else ""


def _requirements(envelope: Envelope) -> Requirements:
    try:
        return read_block(envelope.headers)
    except DemandUnreadable as error:
        raise RequesterError(ErrorCode.BAD_COVERAGE_DEMAND, part=error.part[:40]) from error


def cut_said(answer: Answer) -> Answer:
    """The first page of a search that goes on, which has no next page here: members that hold more are truncated."""
    outcomes = tuple(
        msgspec.structs.replace(outcome, status=Status.TRUNCATED)
        if outcome.status is Status.ANSWERED and outcome.objects > len(outcome.repertoire.offres)
        else outcome
        for outcome in answer.outcomes
    )
    return msgspec.structs.replace(answer, outcomes=outcomes)
