"""The national ROR over TLS: pages, headers, tokens, refusals, and answers that are not believed."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from aiohttp import web

from adapters.contract import Identity, MemberAnswer
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberFailure, MemberRefused, MemberTimedOut
from adapters.national.client import NationalAdapter, beyond_cap
from mappings.exposition.demandes import (
    Demande,
    DemandeNotification,
    LectureEtablissement,
    LectureOrganisationInterne,
    ProfilAcces,
    Recherche,
    ReponseNotification,
    ReponseOffres,
)
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, Patientele
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Identifiant, Metadonnee
from mappings.fhir.encoding import encode
from mappings.fhir.write import write
from mappings.loss import Ledger
from mappings.memory import FORGETFUL, Memory

Servers = Any
IDNAT, OI = "1.2.250.1.71.4.2.2", "1.2.250.1.213.6.1.1.1.1.76"
LIFE = Metadonnee(datetime(2024, 3, 1, tzinfo=UTC), datetime(2025, 12, 2, tzinfo=UTC), region_source="94")
LEGAL = EntiteJuridique("1200000010", (Identifiant(IDNAT, "1200000010"),), raison_sociale="EJ", metadonnee=LIFE)
SITE = EntiteGeographique(
    "1200000028", LEGAL.cle, (Identifiant(IDNAT, "1200000028"),), denomination="EG", metadonnee=LIFE
)


def offer(rank: int, champ: str = "02", public: str | None = None) -> OffreOperationnelle:
    return OffreOperationnelle(
        f"94/{rank}",
        (Identifiant(OI, f"94/{rank}"),),
        f"Offre {rank}",
        organisation=SITE.cle,
        entite_geographique=SITE.cle,
        champs_activite=(Code("R227", champ),),
        patientele=Patientele(publics=(Code("R239", public),)) if public else None,
        metadonnee=LIFE,
    )


class National:
    """The national ROR holding some offers, served two to a page."""

    def __init__(
        self,
        *offers: OffreOperationnelle,
        change: Callable[[dict[str, Any]], dict[str, Any]] = dict,
        status: int = 200,
        reject: int = 0,
    ) -> None:
        repertoire = Repertoire((LEGAL,), (SITE,), (), offers)
        self._resources = write(repertoire, ledger=Ledger())
        self._change = change
        self._status = status
        self._reject = reject
        self.requests: list[web.Request] = []
        self.tokens = 0

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/token":
            self.tokens += 1
            return web.json_response({"access_token": f"t{self.tokens}", "expires_in": 300})
        self.requests.append(request)
        if self._reject:
            self._reject -= 1
            return web.json_response({"resourceType": "OperationOutcome"}, status=401)
        if self._status != 200:
            issue = {"severity": "error", "code": "invalid", "diagnostics": "Paramètre inconnu"}
            return web.json_response({"resourceType": "OperationOutcome", "issue": [issue]}, status=self._status)
        return web.Response(body=encode(self._change(self._page(request))), content_type="application/fhir+json")

    def _page(self, request: web.Request) -> dict[str, Any]:
        kind = request.path.split("/")[2]
        offset = int(request.query.get("page", "0"))
        found = [reference for reference in self._resources if reference.startswith(f"{kind}/")]
        if kind == "Organization":
            found = [reference for reference in found if "1200000028" in reference]
        others = [reference for reference in self._resources if reference.startswith(("Organization/", "Location/"))]
        page = found[offset : offset + 2]
        links = [{"relation": "self", "url": str(request.url)}]
        if offset + 2 < len(found):
            following = request.url.update_query(page=str(offset + 2))
            links.append({"relation": "next", "url": str(following)})
        entries = [{"resource": self._resources[one], "search": {"mode": "match"}} for one in page]
        entries += [
            {"resource": self._resources[one], "search": {"mode": "include"}} for one in others if one not in page
        ]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links, "entry": entries}


async def ask(
    servers: Servers,
    identity: Identity,
    national: National,
    demande: Demande,
    *,
    seconds: float = 5.0,
    options: dict[str, str] | None = None,
) -> MemberAnswer:
    origin = await servers.web(national.answer)
    return await ask_at(origin, servers, identity, demande=demande, seconds=seconds, options=options)


async def ask_at(
    origin: str,
    servers: Servers,
    identity: Identity,
    memory: Memory = FORGETFUL,
    *,
    demande: Demande | None = None,
    seconds: float = 5.0,
    options: dict[str, str] | None = None,
) -> MemberAnswer:
    target = servers.target(
        origin,
        code="94",
        regions=("94",),
        solution="national",
        contract="fhir",
        endpoint=f"{origin}/ws-diffusion-fhir",
        token_endpoint=f"{origin}/token",
        client_id="passerelle",
        options=options or {},
    )
    adapter = NationalAdapter(target, identity, memory)
    try:
        return await adapter.ask(demande or Recherche(), profil=ProfilAcces.P2, deadline=Deadline.after(seconds))
    finally:
        await adapter.close()


def repertoire(answer: MemberAnswer) -> Repertoire:
    assert isinstance(answer.reponse, ReponseOffres)
    return answer.reponse.repertoire


async def test_every_page_is_followed_and_read(servers: Servers, identity: Identity) -> None:
    national = National(*(offer(rank) for rank in range(5)))

    answer = await ask(servers, identity, national, Recherche(champs_activite=(Code("R227", "02"),)))

    assert sorted(offre.cle for offre in repertoire(answer).offres) == [f"94/{rank}" for rank in range(5)]
    assert [site.cle for site in repertoire(answer).entites_geographiques] == [SITE.cle]
    assert len(national.requests) == 3
    assert national.requests[0].query["_tag"] == "94"
    assert national.requests[0].query["_count"] == "200"
    assert not answer.truncated


async def test_each_request_says_who_asks_with_one_token(servers: Servers, identity: Identity) -> None:
    national = National(*(offer(rank) for rank in range(3)))

    await ask(servers, identity, national, Recherche())

    assert national.tokens == 1
    for request in national.requests:
        assert request.headers["Authorization"] == "Bearer t1"
        assert request.headers["Ror-Profil-Utilisateur-Code"] == "CU20"
        assert request.headers["Ror-Profil-Utilisateur-System"] == "1.2.250.1.213.1.6.1.66"
        assert request.headers["Ror-Role-Metier-Code"] == "AUTOMATE"
        assert request.headers["Ror-Role-Metier-System"] == "1.2.250.1.213.1.1.4.6"


async def test_the_headers_handed_out_with_the_identifier_prevail(servers: Servers, identity: Identity) -> None:
    national = National(offer(1))

    await ask(servers, identity, national, Recherche(), options={"Ror-Profil-Utilisateur-Code": "CU22"})

    assert national.requests[0].headers["Ror-Profil-Utilisateur-Code"] == "CU22"


async def test_a_refused_token_is_asked_for_again_once(servers: Servers, identity: Identity) -> None:
    national = National(offer(1), reject=1)

    answer = await ask(servers, identity, national, Recherche())

    assert len(repertoire(answer).offres) == 1
    assert [request.headers["Authorization"] for request in national.requests] == ["Bearer t1", "Bearer t2"]


async def test_a_token_refused_twice_is_a_refusal(servers: Servers, identity: Identity) -> None:
    national = National(offer(1), reject=9)

    with pytest.raises(MemberRefused) as failure:
        await ask(servers, identity, national, Recherche())

    assert failure.value.cause == "http-401"
    assert len(national.requests) == 2


async def test_a_long_search_is_posted(servers: Servers, identity: Identity) -> None:
    national = National(offer(1))
    keys = tuple(f"94/{rank:07}" for rank in range(800))

    await ask(servers, identity, national, Recherche(offres=keys))

    assert (national.requests[0].method, national.requests[0].path) == (
        "POST",
        "/ws-diffusion-fhir/HealthcareService/_search",
    )


async def test_an_establishment_is_read_with_what_stands_under_it(servers: Servers, identity: Identity) -> None:
    national = National(offer(1), offer(2))

    answer = await ask(servers, identity, national, LectureEtablissement(SITE.cle))

    assert len(repertoire(answer).offres) == 2
    assert national.requests[0].query["organization.identifier:above"] == SITE.cle


async def test_an_establishment_without_offers_is_read_all_the_same(servers: Servers, identity: Identity) -> None:
    national = National()

    answer = await ask(servers, identity, national, LectureEtablissement(SITE.cle))

    assert [site.cle for site in repertoire(answer).entites_geographiques] == [SITE.cle]
    assert [request.path.rpartition("/")[2] for request in national.requests] == ["HealthcareService", "Organization"]


async def test_an_offer_is_read_by_its_identifier(servers: Servers, identity: Identity) -> None:
    national = National(offer(1))

    answer = await ask(servers, identity, national, LectureOrganisationInterne("94/1"))

    assert [offre.cle for offre in repertoire(answer).offres] == ["94/1"]
    assert national.requests[0].query["identifier"] == "94/1"


async def test_a_notification_lists_the_establishments_of_what_changed(servers: Servers, identity: Identity) -> None:
    national = National(offer(1), offer(2, "04", "01"), offer(3, "03"))
    demande = DemandeNotification(datetime(2026, 1, 14, tzinfo=UTC), publics=(Code("R239", "02"),))

    answer = await ask(servers, identity, national, demande)

    assert isinstance(answer.reponse, ReponseNotification)
    assert [one.identifiant for one in answer.reponse.etablissements] == [SITE.cle]
    assert sorted(code.code for code in answer.reponse.etablissements[0].champs_activite) == ["02", "03"]


def _nested(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


def _next(url: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda bundle: {**bundle, "link": [{"relation": "next", "url": url}]}


def _remark(severity: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    said = {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "informational"}]}
    entry = {"resource": said, "search": {"mode": "outcome"}}
    return lambda bundle: {**bundle, "entry": [*bundle["entry"], entry]}


async def test_a_remark_beside_the_objects_is_told(servers: Servers, identity: Identity) -> None:
    plain = await ask(servers, identity, National(offer(1)), Recherche())
    remarked = await ask(servers, identity, National(offer(1), change=_remark("warning")), Recherche())

    assert repertoire(remarked) == repertoire(plain)
    assert [loss.rule for loss in remarked.losses if loss not in plain.losses] == ["fhir-read.bundle.outcome"]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        pytest.param(_remark("error"), "bundle-outcome", id="an error that is told with 200"),
        pytest.param(lambda bundle: {**bundle, "total": 7}, "lying-count", id="total"),
        pytest.param(_next("https://elsewhere.invalid/?page=2"), "foreign-page", id="page of another origin"),
        pytest.param(_next("http://localhost/?page=2"), "foreign-page", id="page without TLS"),
        pytest.param(_next("HealthcareService?page=0"), "page-loop", id="page that comes back"),
        pytest.param(lambda bundle: {"resourceType": "Patient"}, "not-a-bundle", id="another resource"),
        pytest.param(lambda bundle: {**bundle, "entry": [{"fullUrl": "x"}]}, "bundle-entry", id="empty entry"),
        pytest.param(lambda bundle: {**bundle, "entry": 5}, "bundle-entry", id="entries that are none"),
        pytest.param(lambda bundle: {**bundle, "entry": [[]]}, "bundle-entry", id="entry that is a list"),
        pytest.param(lambda bundle: {**bundle, "entry": None}, "bundle-entry", id="no entries, said"),
        pytest.param(lambda bundle: {**bundle, "link": ["next"]}, "bundle-entry", id="link that is a text"),
        pytest.param(lambda bundle: {**bundle, "total": "1"}, "bundle-entry", id="total that is a text"),
        pytest.param(lambda bundle: {**bundle, "deep": _nested(100)}, "too-deep", id="deep"),
        pytest.param(lambda bundle: [bundle], "not-an-object", id="list"),
    ],
)
async def test_a_bundle_that_cannot_be_true_is_not_believed(
    servers: Servers, identity: Identity, change: Callable[[dict[str, Any]], dict[str, Any]], cause: str
) -> None:
    with pytest.raises(MemberAnswerInvalid) as failure:
        await ask(servers, identity, National(offer(1), change=change), Recherche())

    assert failure.value.cause == cause


@pytest.mark.parametrize(
    ("matches", "total", "expected"),
    [
        pytest.param(3, 3, False, id="all"),
        pytest.param(3, None, False, id="no total"),
        pytest.param(10, 10, False, id="as many as the cap"),
        pytest.param(10, 11, True, id="one more than the cap"),
    ],
)
def test_more_than_a_search_yields_is_truncated(matches: int, total: int | None, expected: bool) -> None:
    assert beyond_cap(matches, total, 10) is expected


def test_fewer_than_announced_is_not_believed() -> None:
    with pytest.raises(MemberAnswerInvalid):
        beyond_cap(9, 11, 10)


@pytest.mark.parametrize(
    ("status", "kind", "cause", "message"),
    [
        pytest.param(400, MemberRefused, "http-400", "Paramètre inconnu", id="bad request"),
        pytest.param(404, MemberRefused, "http-404", "Paramètre inconnu", id="unknown"),
        pytest.param(503, MemberAnswerInvalid, "http-503", "", id="down"),
    ],
)
async def test_a_refusal_is_told_in_the_servers_words(
    servers: Servers, identity: Identity, status: int, kind: type[MemberFailure], cause: str, message: str
) -> None:
    with pytest.raises(kind) as failure:
        await ask(servers, identity, National(status=status), Recherche())

    assert (failure.value.cause, failure.value.detail) == (cause, message)


async def test_the_deadline_covers_every_page(servers: Servers, identity: Identity) -> None:
    with pytest.raises(MemberTimedOut):
        await ask(servers, identity, National(offer(1)), Recherche(), seconds=0)


async def test_what_is_not_json_is_not_believed(servers: Servers, identity: Identity) -> None:
    class Broken(National):
        async def answer(self, request: web.Request) -> web.Response:
            if request.path == "/token":
                return await super().answer(request)
            return web.Response(body=b'{"resourceType": ', content_type="application/fhir+json")

    with pytest.raises(MemberAnswerInvalid) as failure:
        await ask(servers, identity, Broken(), Recherche())

    assert failure.value.cause == "not-well-formed"


def test_a_national_target_without_token_endpoint_is_refused(servers: Servers, identity: Identity) -> None:
    with pytest.raises(ValueError, match="token endpoint"):
        NationalAdapter(servers.target("https://localhost:1", solution="national"), identity)


def test_the_manifest_pushes_down_only_known_criteria(servers: Servers, identity: Identity) -> None:
    target = servers.target("https://localhost:1", token_endpoint="https://localhost:1/token", client_id="x")

    fields = {field.name for field in msgspec.structs.fields(Recherche)}

    assert NationalAdapter(target, identity).capabilities.criteria <= fields


@pytest.mark.parametrize(
    ("national", "finding"),
    [
        pytest.param(
            National(change=lambda _: {"resourceType": "CapabilityStatement"}), None, id="a capability statement"
        ),
        pytest.param(National(), "metadata-unreadable", id="something else"),
        pytest.param(National(status=403), "metadata-refused", id="refused"),
        pytest.param(National(status=500), "metadata-unreadable", id="broken"),
    ],
)
async def test_what_the_server_says_of_itself_is_checked(
    servers: Servers, identity: Identity, national: National, finding: str | None
) -> None:
    origin = await servers.web(national.answer)
    target = servers.target(
        origin, endpoint=f"{origin}/ws-diffusion-fhir", token_endpoint=f"{origin}/token", client_id="passerelle"
    )
    adapter = NationalAdapter(target, identity)
    servers.stack.push_async_callback(adapter.close)

    assert await adapter.verify_contract(Deadline.after(5)) == finding
    assert national.requests[0].path == "/ws-diffusion-fhir/metadata"


async def test_a_server_that_is_down_is_not_judged(servers: Servers, identity: Identity) -> None:
    target = servers.target("https://localhost:1", token_endpoint="https://localhost:1/token", client_id="x")

    adapter = NationalAdapter(target, identity)
    servers.stack.push_async_callback(adapter.close)

    assert await adapter.verify_contract(Deadline.after(5)) == "metadata-unreachable"


async def test_pages_seen_before_are_read_as_they_were(servers: Servers, identity: Identity) -> None:
    """The offers of a server change, then come back; another order of the same pages is another answer."""
    memory = Memory(10_000_000)
    national = National(*(offer(rank) for rank in range(5)))
    asked = []

    async def answer(request: web.Request) -> web.Response:
        return await national.answer(request)

    origin = await servers.web(answer)

    for ranks in (range(5), range(5), (0, 1, 2, 3, 7), (4, 3, 2, 1, 0), range(5)):
        national = National(*(offer(rank) for rank in ranks))
        cold = await ask_at(origin, servers, identity)
        hits = memory.counts.hits
        assert await ask_at(origin, servers, identity, memory) == cold
        asked.append(memory.counts.hits - hits)

    # Three pages and what they hold together; one page and a half of the next answer is new.
    assert asked == [0, 4, 2, 0, 4]


async def test_a_page_that_is_refused_is_refused_each_time(servers: Servers, identity: Identity) -> None:
    memory = Memory(10_000_000)
    national = National(offer(0), change=lambda bundle: {**bundle, "entry": [{"resource": {}}]})
    origin = await servers.web(national.answer)

    for _ in range(2):
        with pytest.raises(MemberAnswerInvalid) as failure:
            await ask_at(origin, servers, identity, memory)
        assert failure.value.cause == "bundle-entry"
    assert memory.counts.kept == 0
