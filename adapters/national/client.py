"""The national ROR asked in place of a region (README.md): searches of its FHIR API, pages followed to the end."""

import asyncio
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec

from adapters.contract import Capabilities, Extracted, Identity, MemberAnswer, Target
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberCannot, MemberFailure, MemberRefused
from adapters.manifest import load
from adapters.national.frames import Listing, diagnostics, listing
from adapters.national.searches import (
    NationalSearch,
    of_establishment,
    of_internal_organisation,
    of_notification,
    of_search,
)
from adapters.national.token import TokenSource
from adapters.transport import MemberTransport, Reply, expect
from mappings.csd.vihf import PROFILE_CODES, PROFILE_SYSTEM, ROLE_SYSTEM
from mappings.exposition.demandes import (
    Demande,
    DemandeNotification,
    EtablissementModifie,
    LectureEtablissement,
    LectureOrganisationInterne,
    ProfilAcces,
    Recherche,
    ReponseNotification,
    ReponseOffres,
)
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.fhir.bundle import OUTCOME, note_outcome
from mappings.fhir.conforming import Mode, Passage, held
from mappings.fhir.encoding import JsonRefused, decode
from mappings.fhir.read import read
from mappings.loss import Ledger
from mappings.memory import FORGETFUL, Memory, of_bytes
from mappings.nomenclatures.catalogue import current
from mappings.nomenclatures.systems import oid
from mappings.pauses import without_collection

FHIR_TYPES = frozenset({"application/fhir+json", "application/json"})
PAGE = 200
LONGEST_QUERY = 6000


class _Gathered(msgspec.Struct, frozen=True):
    """Every page as it came, the references of the resources that matched, and how many the server says match."""

    pages: tuple[bytes, ...]
    matches: frozenset[str]
    total: int | None

    def resources(self, ledger: Ledger) -> dict[str, dict[str, Any]]:
        """The resources of every page by reference, each as it came first; an outcome is told."""
        found: dict[str, dict[str, Any]] = {}
        for page in self.pages:
            for rank, entry in enumerate(_bundle(page).get("entry", ())):
                resource = entry["resource"]
                if resource["resourceType"] == OUTCOME:
                    note_outcome(rank, ledger)
                    continue
                found.setdefault(f"{resource['resourceType']}/{resource['id']}", resource)
        return found


class _Request(msgspec.Struct, frozen=True):
    """A GET, or a POST of a form."""

    url: str
    form: str | None = None


class NationalAdapter:
    """The conversation with the national ROR about the regions of one member."""

    def __init__(self, target: Target, identity: Identity, memory: Memory = FORGETFUL) -> None:
        if target.token_endpoint is None or target.client_id is None:
            raise ValueError("the national ROR needs a token endpoint and a client identifier")
        self._target = target
        self._memory = memory
        self._manifest = load(Path(__file__).parent)
        self._base = self._manifest.address("fhir", target)
        self._transport = MemberTransport(target, identity, self._manifest.transport_limits)
        self._at = current().day(target.nomenclatures) if target.nomenclatures is not None else date.max
        self._tokens = TokenSource(self._transport, target.token_endpoint, target.client_id)

    @property
    def target(self) -> Target:
        """The member, at its national address."""
        return self._target

    @property
    def capabilities(self) -> Capabilities:
        """What the national API can do."""
        return self._manifest.capabilities

    async def ask(self, demande: Demande, *, profil: ProfilAcces, deadline: Deadline) -> MemberAnswer:
        """The national answer; raises a `MemberFailure`."""
        regions = self._target.regions
        match demande:
            case Recherche():
                return await self._offers([of_search(demande, regions)], profil, deadline)
            case LectureEtablissement():
                return await self._offers(of_establishment(demande, regions), profil, deadline)
            case LectureOrganisationInterne():
                return await self._offers(of_internal_organisation(demande, regions), profil, deadline)
            case DemandeNotification():
                answer = await self._offers([of_notification(demande, regions)], profil, deadline)
                return notified(received_by(answer, demande.publics))

    async def extract(self, folder: Path, *, profil: ProfilAcces) -> Extracted:
        """The national ROR has no archive of the contract."""
        raise MemberCannot("transaction")

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def verify_contract(self, deadline: Deadline) -> str | None:
        """What is wrong with the published capability statement; None when nothing is."""
        try:
            reply = await self._send(_Request(f"{self._base}/metadata"), ProfilAcces.P1, deadline)
        except MemberAnswerInvalid:
            return "metadata-unreadable"
        except MemberRefused:
            return "metadata-refused"
        except MemberFailure:
            return "metadata-unreachable"
        return None if b'"CapabilityStatement"' in reply.body else "metadata-unreadable"

    async def _offers(
        self, searches: Iterable[NationalSearch], profil: ProfilAcces, deadline: Deadline
    ) -> MemberAnswer:
        """What the first search that finds something finds."""
        gathered = _Gathered((), frozenset(), 0)
        for search in searches:
            gathered = await self._search(search, profil, deadline)
            if gathered.matches:
                break
        truncated = beyond_cap(len(gathered.matches), gathered.total, self.capabilities.search_cap or 0)
        ledger = Ledger()
        repertoire = await asyncio.to_thread(self._read, gathered, ledger)
        return MemberAnswer(ReponseOffres(repertoire), ledger.entries, truncated)

    async def _search(self, search: NationalSearch, profil: ProfilAcces, deadline: Deadline) -> _Gathered:
        pages: list[bytes] = []
        matches: set[str] = set()
        total: int | None = None
        following: str | None = None
        seen: set[str] = set()
        while True:
            reply = await self._send(self._request(search, following), profil, deadline)
            listed = self._listed(reply.body)
            pages.append(reply.body)
            matches.update(listed.matches)
            total = total if listed.total is None else listed.total
            following = self._next(listed)
            if following is None:
                return _Gathered(tuple(pages), frozenset(matches), total)
            if following in seen:
                raise MemberAnswerInvalid("page-loop")
            seen.add(following)

    def _listed(self, body: bytes) -> Listing:
        """What a page says of itself, looked at only when its bytes are new."""
        return self._memory.of(
            lambda: ("national page", of_bytes(body)), lambda _: listing(body), owner=self._target.code, ledger=Ledger()
        )

    def _read(self, gathered: _Gathered, ledger: Ledger) -> Repertoire:
        """The objects of what was gathered: pages of the same bytes are what they were read as then."""
        validation = self._target.validation
        return self._memory.of(
            lambda: (
                "national",
                *map(of_bytes, gathered.pages),
                self._target.code,
                validation,
                self._at,
            ),
            lambda apart: _read(gathered, validation, apart, self._at),
            owner=self._target.code,
            ledger=ledger,
        )

    def _request(self, search: NationalSearch, page: str | None) -> _Request:
        if page is not None:
            return _Request(page)
        query = urlencode((*search.parameters, ("_count", str(PAGE))))
        if len(query) <= LONGEST_QUERY:
            return _Request(f"{self._base}/{search.kind}?{query}")
        return _Request(f"{self._base}/{search.kind}/_search", query)

    def _next(self, listed: Listing) -> str | None:
        """The next page. A link to another origin is refused: the token would follow it."""
        if listed.following is None:
            return None
        page = urljoin(f"{self._base}/", listed.following)
        if urlsplit(page)[:2] != urlsplit(self._base)[:2]:
            raise MemberAnswerInvalid("foreign-page")
        return page

    async def _send(self, request: _Request, profil: ProfilAcces, deadline: Deadline) -> Reply:
        """The reply to one request; a refused token is asked for again once."""
        token = await self._tokens.token(deadline)
        reply = await self._send_with(token, request, profil, deadline)
        if reply.status == 401:
            self._tokens.drop(token)
            token = await self._tokens.token(deadline)
            reply = await self._send_with(token, request, profil, deadline)
        if 400 <= reply.status < 500:
            raise MemberRefused(f"http-{reply.status}", message=diagnostics(reply.body))
        if reply.status != 200:
            raise MemberAnswerInvalid(f"http-{reply.status}")
        expect(reply, FHIR_TYPES)
        return reply

    async def _send_with(self, token: str, request: _Request, profil: ProfilAcces, deadline: Deadline) -> Reply:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/fhir+json",
            **ror_headers(profil),
            **{name: value for name, value in self._target.options.items() if name.startswith("Ror-")},
        }
        if request.form is None:
            return await self._transport.send("GET", request.url, deadline=deadline, headers=headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = request.form.encode()
        return await self._transport.send("POST", request.url, deadline=deadline, headers=headers, body=body)


@without_collection
def _read(gathered: _Gathered, validation: Mode, ledger: Ledger, at: date) -> Repertoire:
    """The objects of the resources that may come in; an answer of which nothing asked for may is not believed."""
    kept = held(gathered.resources(ledger), validation, Passage.IN, ledger=ledger, at=at)
    if gathered.matches and gathered.matches.isdisjoint(kept):
        raise MemberAnswerInvalid("profile")
    return read(kept, ledger=ledger, at=at)


def beyond_cap(matches: int, total: int | None, cap: int) -> bool:
    """Whether more match than a search yields; fewer received than announced is an answer that is not believed."""
    if total is None:
        return False
    if matches != min(total, cap):
        raise MemberAnswerInvalid("lying-count")
    return total > cap


def ror_headers(profil: ProfilAcces) -> dict[str, str]:
    """The four headers that say who asks (FHIR digest, section 2.4), for a profile."""
    return {
        "Ror-Profil-Utilisateur-Code": PROFILE_CODES[profil],
        "Ror-Profil-Utilisateur-System": oid(PROFILE_SYSTEM),
        "Ror-Role-Metier-Code": "AUTOMATE",
        "Ror-Role-Metier-System": ROLE_SYSTEM,
    }


def _bundle(body: bytes) -> dict[str, Any]:
    """A page, whose frame was seen to be that of a Bundle (`listing`)."""
    try:
        return decode(body)
    except JsonRefused as refused:
        raise MemberAnswerInvalid(refused.code) from refused


def received_by(answer: MemberAnswer, publics: tuple[Code, ...]) -> MemberAnswer:
    """The answer narrowed to the publics asked for, inside the medico-social field (contract section 5)."""
    if not publics or not isinstance(answer.reponse, ReponseOffres):
        return answer
    wanted = {code.cle for code in publics}
    repertoire = answer.reponse.repertoire
    offres = tuple(offre for offre in repertoire.offres if _receives(offre, wanted))
    kept = msgspec.structs.replace(repertoire, offres=offres)
    return msgspec.structs.replace(answer, reponse=ReponseOffres(kept))


def _receives(offre: OffreOperationnelle, wanted: set[tuple[str, str]]) -> bool:
    if ("R227", "04") not in {code.cle for code in offre.champs_activite}:
        return True
    received = offre.patientele.publics if offre.patientele is not None else ()
    return any(code.cle in wanted for code in received)


def notified(answer: MemberAnswer) -> MemberAnswer:
    """The establishments of the offers of an answer, each once, with the fields of activity concerned."""
    if not isinstance(answer.reponse, ReponseOffres):
        return answer
    fields: dict[str, dict[tuple[str, str], Code]] = {}
    for offre in answer.reponse.repertoire.offres:
        site = offre.entite_geographique or _site(answer.reponse.repertoire, offre.organisation)
        if site is not None:
            fields.setdefault(site, {}).update({code.cle: code for code in offre.champs_activite})
    etablissements = tuple(EtablissementModifie(site, tuple(codes.values())) for site, codes in fields.items())
    return msgspec.structs.replace(answer, reponse=ReponseNotification(etablissements))


def _site(repertoire: Repertoire, organisation: str | None) -> str | None:
    sites = {one.cle for one in repertoire.entites_geographiques}
    internal = {one.cle: one for one in repertoire.organisations_internes}
    while organisation is not None and organisation not in sites:
        one = internal.get(organisation)
        organisation = (one.entite_geographique or one.parent) if one is not None else None
    return organisation
