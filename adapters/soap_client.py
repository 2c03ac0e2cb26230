"""The SOAP conversation with one member: a question in, the member's answer out, whatever its solution.

Each call asserts the gateway's own identity and the profile it is given (contract section 17); the caller's assertion
is never forwarded. An answer is believed only when it is of the version declared and holds as many objects as it says.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID, uuid4

from lxml import etree

from adapters.contract import Identity, MemberAnswer, Target
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberCannot, MemberRefused
from adapters.manifest import Manifest
from adapters.transport import MemberTransport, Reply, expect
from mappings.csd import answers, requests, search_2016, soap, vihf
from mappings.csd.answers import READING_ANSWER
from mappings.csd.namespaces import csd
from mappings.csd.notification import NOTIFICATION_ANSWER
from mappings.csd.version import Version
from mappings.csd.xml import XmlRefused, parse
from mappings.exposition.demandes import (
    ContexteAppelant,
    DemandeNotification,
    ErreurContrat,
    ProfilAcces,
    Recherche,
    Reponse,
    Territoire,
    TypeTerritoire,
)
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger
from mappings.memory import FORGETFUL, Memory, of_bytes
from mappings.nomenclatures.catalogue import current

XML_TYPES = frozenset({"application/soap+xml", "application/xml", "text/xml"})
INTERNAL_IDENTIFIER = "inter-ror"
NAME = "Passerelle inter-ROR"

# Bigger documents are read in a thread: below, the hop costs more than the reading.
_THREAD_BYTES = 100_000

_Arguments = ParamSpec("_Arguments")
_Read = TypeVar("_Read")

_SINCE_3_0 = frozenset({"locationRealizedOffer", "homeMode", "professionalResource", "expertLevel", "functionLocation"})
_SINCE_2_4 = frozenset({"sensitiveUnit", "operationalStatus", "coordonneesFiables", "levelRecourseORSAN"})
_UNTIL_2_4 = frozenset(
    {"accommodationCapacity", "resourcesSkills", "receptionMode", "maternityHospitalType", "finalClosingDate"}
)
_UNTIL_1_6 = frozenset({"accomodationFamilly", "geodesicSystem", "latitudeUnit"})
FOREIGN = {
    Version.V3_0: _UNTIL_2_4 | _UNTIL_1_6,
    Version.V2_4: _SINCE_3_0 | _UNTIL_1_6,
    Version.V1_6: _SINCE_3_0 | _SINCE_2_4,
    Version.V1_5: _SINCE_3_0 | _SINCE_2_4,
}
"""Elements that no answer of a version can hold (contract section 15.1)."""


class SoapClient:
    """The member's reading, notification and search, in the model.

    An answer whose bytes the memory knows is what it was read as then.
    """

    def __init__(self, target: Target, identity: Identity, manifest: Manifest, memory: Memory = FORGETFUL) -> None:
        self.target = target
        self.manifest = manifest
        self.transport = MemberTransport(target, identity, manifest.transport_limits)
        self._identity = identity
        self._memory = memory
        self._version = Version(target.contract)
        self._dialect = manifest.dialect_of(target)
        self.at = current().day(target.nomenclatures) if target.nomenclatures is not None else date.max

    async def ask(self, demande: requests.DemandeContrat, *, profil: ProfilAcces, deadline: Deadline) -> MemberAnswer:
        """The answer of a reading or a notification."""
        if demande.transaction not in self.manifest.transactions:
            raise MemberCannot("transaction")
        notification = isinstance(demande, DemandeNotification)
        action = requests.ACTION_NOTIFICATION if notification else requests.ACTION_READING
        body = requests.write_request(demande, spelling=self.manifest.habits.spelling)
        reply = await self._send(self.manifest.address("contract", self.target), body, action, profil, deadline)
        return await _off_loop(reply, self._read, demande)

    async def search(
        self, recherche: Recherche, *, profil: ProfilAcces, deadline: Deadline
    ) -> tuple[Repertoire | ErreurContrat, Ledger]:
        """What the search of 2016 finds: nothing found is an empty directory, any other refusal is handed on."""
        search = self.manifest.search
        if search is None:
            raise MemberCannot("transaction")
        body = search_2016.write_request(recherche, destinations=self._home(), strip_zeros=not search.padded_codes)
        reply = await self._send(
            self.manifest.address("search", self.target), body, requests.ACTION_READING, profil, deadline
        )
        found, ledger = await _off_loop(reply, self._read_search)
        if isinstance(found, ErreurContrat) and found.code in search.no_result_codes:
            return Repertoire(), ledger
        return found, ledger

    async def close(self) -> None:
        """Close the connections."""
        await self.transport.close()

    def _home(self) -> tuple[Territoire, ...]:
        return tuple(Territoire(TypeTerritoire.REGION, region) for region in self.target.regions)

    async def _send(
        self, address: str, body: etree._Element, action: str, profil: ProfilAcces, deadline: Deadline
    ) -> Reply:
        reply = await self.transport.send(
            "POST",
            address,
            deadline=deadline.sooner(self.manifest.timeouts.exchange_seconds),
            headers={"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'},
            body=soap.write_envelope(body, [self._assertion(profil)]),
        )
        expect(reply, XML_TYPES)
        return reply

    def _assertion(self, profil: ProfilAcces) -> etree._Element:
        code = vihf.PROFILE_CODES[profil]
        contexte = ContexteAppelant(
            profil_utilisateur=Code(vihf.PROFILE_SYSTEM, code, vihf.LABELS[code]),
            role_metier=vihf.AUTOMATE,
            structure=self._identity.structure,
            identifiant_interne=INTERNAL_IDENTIFIER,
            nom=NAME,
        )
        return vihf.write(
            contexte, issuer=self._identity.issuer_dn, now=datetime.now(UTC), identifier=assertion_identifier()
        )

    def _read(self, reply: Reply, demande: requests.DemandeContrat) -> MemberAnswer:
        wanted = NOTIFICATION_ANSWER if isinstance(demande, DemandeNotification) else READING_ANSWER
        known = (self.target.code, self._version, self._dialect, self.at, self.manifest.habits.counts)
        ledger = Ledger()
        reponse = self._memory.of(
            lambda: (wanted, of_bytes(reply.body), *known),
            lambda apart: self._read_answer(reply, wanted, apart),
            owner=self.target.code,
            ledger=ledger,
        )
        return MemberAnswer(reponse, ledger.entries)

    def _read_answer(self, reply: Reply, wanted: str, ledger: Ledger) -> Reponse:
        body = message(reply)
        if isinstance(body, ErreurContrat):
            return body
        if body.tag != wanted:
            raise MemberAnswerInvalid("unexpected-element")
        if next(body.iter(*(csd(name) for name in FOREIGN[self._version])), None) is not None:
            raise MemberAnswerInvalid("version")
        try:
            reponse = answers.read_answer(body, version=self._version, dialect=self._dialect, ledger=ledger, at=self.at)
        except answers.MalformedAnswer as failure:
            raise MemberAnswerInvalid("malformed") from failure
        if not isinstance(reponse, ErreurContrat):
            self._believe(reponse.nombre_annonce, count(body), partial(answers.note_number, self._version), ledger)
        return reponse

    def _read_search(self, reply: Reply) -> tuple[Repertoire | ErreurContrat, Ledger]:
        ledger = Ledger()
        found = self._memory.of(
            lambda: (search_2016.ANSWER, of_bytes(reply.body), self.target.code, self.at, self.manifest.habits.counts),
            lambda apart: self._read_found(reply, apart),
            owner=self.target.code,
            ledger=ledger,
        )
        return found, ledger

    def _read_found(self, reply: Reply, ledger: Ledger) -> Repertoire | ErreurContrat:
        body = message(reply)
        if isinstance(body, ErreurContrat):
            return body
        try:
            found = search_2016.read_answer(body, ledger=ledger, at=self.at)
        except ValueError as failure:
            raise MemberAnswerInvalid("unexpected-element") from failure
        if isinstance(found, Repertoire):
            received = len(body.findall(".//{*}facilityDirectory/{*}facility"))
            self._believe(search_2016.announced(body), received, search_2016.note_number, ledger)
        return found

    def _believe(self, announced: int | None, received: int, wrong: Callable[[Ledger], None], ledger: Ledger) -> None:
        """RG_ALIM_019: an answer that does not hold what it announces cannot be told from a truncated one, unless it is
        known of the member that it counts wrong: then the difference is noted.
        """
        if announced is None or announced == received:
            return
        if self.manifest.habits.counts:
            raise MemberAnswerInvalid("lying-count")
        wrong(ledger)


async def _off_loop(
    reply: Reply,
    read: Callable[Concatenate[Reply, _Arguments], _Read],
    *args: _Arguments.args,
    **kwargs: _Arguments.kwargs,
) -> _Read:
    """What `read` makes of a reply, in a thread when it is long."""
    if len(reply.body) < _THREAD_BYTES:
        return read(reply, *args, **kwargs)
    return await asyncio.to_thread(read, reply, *args, **kwargs)


def assertion_identifier() -> str:
    """A UUID whose first character is a letter, because an xs:ID may not start with a digit."""
    return str(UUID(int=uuid4().int | (0b1010 << 124)))


def message(reply: Reply) -> etree._Element | ErreurContrat:
    """The element of the body; a fault that carries the contract's refusal is that refusal, any other is raised."""
    try:
        body = soap.read_envelope(parse(reply.body)).body
    except XmlRefused as refused:
        raise MemberAnswerInvalid(refused.code) from refused
    except soap.NotSoap as refused:
        raise MemberAnswerInvalid(refused.code) from refused
    except soap.VersionMismatch as refused:
        raise MemberAnswerInvalid("soap-version") from refused
    fault = soap.read_fault(body)
    if fault is None:
        return body
    if fault.erreur is not None:
        return fault.erreur
    words = fault.reasons[0][1] if fault.reasons else ""
    raise MemberRefused(f"fault-{fault.code.lower()}", message=words, fault=True)


def count(body: etree._Element) -> int:
    """How many objects an answer holds, as the contract counts them: elementary units, or establishments."""
    if body.tag == NOTIFICATION_ANSWER:
        return len(body.findall(csd("etablissementReponseNotif")))
    facilities = body.iterfind(f".//{csd('facilityDirectory')}/{csd('facility')}/{csd('codedType')}")
    return sum(1 for kind in facilities if kind.get("code", "").strip() == "4")
