"""A live search: what the search finds is read, a few at a time, and only that is kept."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Identity, MemberAnswer
from adapters.deadline import Deadline
from adapters.errors import MemberCannot, MemberTimedOut
from adapters.live_search import keep, live_search, single_valued
from adapters.registry import manifest_of
from adapters.soap_client import SoapClient
from mappings.csd import requests, search_2016, soap
from mappings.csd.xml import parse
from mappings.exposition.demandes import (
    ErreurContrat,
    LectureEtablissement,
    LectureOrganisationInterne,
    ProfilAcces,
    Recherche,
    ReponseOffres,
    Territoire,
    TypeObjet,
    TypeTerritoire,
)
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.professionnel import Professionnel, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code

Servers = Any
AURA = Recherche(territoires=(Territoire(TypeTerritoire.REGION, "84"),))


def site(rank: int) -> str:
    return f"101000{rank:04}"


class Member:
    """A base of establishments, each with its units; `slow` ones never answer, `refusing` ones say no."""

    def __init__(
        self,
        wire: SimpleNamespace,
        sites: dict[str, list[str]],
        found: list[tuple[str, str]],
        *,
        slow: str = "",
        refusing: str = "",
    ) -> None:
        self._wire = wire
        self._sites = sites
        self._found = found
        self._slow = slow
        self._refusing = refusing
        self.searches: list[Recherche] = []
        self.readings: list[str] = []
        self.at_once = 0
        self.most_at_once = 0

    async def answer(self, request: web.Request) -> web.Response:
        body = soap.read_envelope(parse(await request.read())).body
        if request.path.endswith("/2016"):
            self.searches.append(search_2016.read_request(body))
            return self._sent(self._wire.found(*self._found))
        demande = requests.read_request(body)
        assert isinstance(demande, LectureEtablissement | LectureOrganisationInterne)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(10 if demande.identifiant == self._slow else 0.01)
        self.at_once -= 1
        self.readings.append(demande.identifiant)
        if demande.identifiant == self._refusing:
            return self._sent(
                self._wire.envelope(
                    '<c:careServicesResponse><c:error code="1" message="Non"/></c:careServicesResponse>'
                )
            )
        if isinstance(demande, LectureOrganisationInterne):
            return self._sent(self._wire.reading(site(0), self._wire.unit(demande.identifiant)))
        units = [self._wire.unit(key) for key in self._sites[demande.identifiant]]
        return self._sent(self._wire.reading(demande.identifiant, *units))

    @staticmethod
    def _sent(body: bytes) -> web.Response:
        return web.Response(body=body, content_type="application/soap+xml")


async def search(
    servers: Servers,
    identity: Identity,
    member: Member,
    recherche: Recherche = AURA,
    *,
    solution: str = "ir",
    seconds: float = 5.0,
) -> MemberAnswer:
    origin = await servers.web(member.answer)
    target = servers.target(origin, solution=solution)
    client = SoapClient(target, identity, manifest_of(target))
    try:
        return await live_search(client, recherche, profil=ProfilAcces.P1, deadline=Deadline.after(seconds))
    finally:
        await client.close()


def offers(answer: MemberAnswer) -> list[str]:
    assert isinstance(answer.reponse, ReponseOffres)
    return [offre.cle for offre in answer.reponse.repertoire.offres]


async def test_only_the_units_found_are_kept_of_the_establishments_read(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(
        wire,
        {site(1): ["84/1", "84/2"], site(2): ["84/3", "84/4"]},
        [("84/1", site(1)), ("84/4", site(2)), ("84/3", site(2))],
    )

    answer = await search(servers, identity, member)

    assert sorted(offers(answer)) == ["84/1", "84/3", "84/4"]
    assert sorted(member.readings) == [site(1), site(2)]
    assert not answer.truncated
    assert isinstance(answer.reponse, ReponseOffres)
    assert [one.cle for one in answer.reponse.repertoire.entites_juridiques] == ["1019999983"]


def test_a_professional_of_two_establishments_is_told_with_the_work_in_each() -> None:
    def reading(unit: str, mode: str) -> Repertoire:
        work = SituationOperationnelle(mode_exercice=Code("R23", mode), offres=(unit,))
        person = Professionnel("810000000019", situations=(work,), offres=(unit,))
        return Repertoire(offres=(OffreOperationnelle(unit),), professionnels=(person,))

    kept = keep([reading("84/1", "L"), reading("84/3", "S")], frozenset({"84/1", "84/3"}))

    (person,) = kept.professionnels
    assert person.offres == ("84/1", "84/3")
    assert [one.offres for one in person.situations] == [("84/1",), ("84/3",)]


async def test_a_base_that_only_searches_answers_what_its_search_says_and_each_unit_is_told(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire, {}, [("84/1", site(1)), ("84/2", site(1))])
    target = servers.target(
        await servers.web(member.answer),
        solution="sans-dossier",
        contract="2016",
        interfaces=frozenset({"search-2016"}),
        options={"hierarchy": "flat"},
    )
    client = SoapClient(target, identity, manifest_of(target))

    answer = await live_search(client, AURA, profil=ProfilAcces.P1, deadline=Deadline.after(5))
    await client.close()

    assert sorted(offers(answer)) == ["84/1", "84/2"]
    assert member.readings == []
    assert [loss.object for loss in answer.losses if loss.rule == "live-search.unit.not-readable"] == ["84/1", "84/2"]


async def test_establishments_are_read_four_at_a_time(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    units = {site(rank): [f"84/{rank}"] for rank in range(10)}
    member = Member(wire, units, [(f"84/{rank}", site(rank)) for rank in range(10)])

    answer = await search(servers, identity, member)

    assert len(offers(answer)) == 10
    assert member.most_at_once == 4


async def test_nothing_found_reads_nothing(servers: Servers, identity: Identity, wire: SimpleNamespace) -> None:
    member = Member(wire, {}, [])

    answer = await search(servers, identity, member)

    assert offers(answer) == []
    assert member.readings == []
    assert not answer.truncated


@pytest.mark.parametrize(
    ("solution", "units", "truncated"),
    [
        pytest.param("iess", 49, False, id="iess below its cap"),
        pytest.param("iess", 50, True, id="iess at its cap"),
        pytest.param("ir", 199, False, id="ir at what the contract allows"),
        pytest.param("ir", 200, True, id="ir beyond"),
    ],
)
async def test_an_answer_at_the_cap_is_read_as_cut(
    servers: Servers, identity: Identity, wire: SimpleNamespace, solution: str, units: int, truncated: bool
) -> None:
    keys = [f"84/{rank:03}" for rank in range(units)]
    member = Member(wire, {site(1): keys}, [(key, site(1)) for key in keys])

    answer = await search(servers, identity, member, solution=solution)

    assert len(offers(answer)) == units
    assert answer.truncated is truncated


async def test_more_establishments_than_may_be_read_is_not_a_live_question(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    number = manifest_of(servers.target("https://localhost:1")).capabilities.maximum_readings
    units = {site(rank): [f"84/{rank}"] for rank in range(number + 1)}
    least = Member(wire, units, [(f"84/{rank}", site(rank)) for rank in range(number)])
    most = Member(wire, units, [(f"84/{rank}", site(rank)) for rank in range(number + 1)])

    assert len(offers(await search(servers, identity, least))) == number
    with pytest.raises(MemberCannot, match="too-many-establishments"):
        await search(servers, identity, most)


@pytest.mark.parametrize("failing", ["slow", "refusing"])
async def test_an_establishment_that_cannot_be_read_is_noted_and_the_rest_is_kept(
    servers: Servers, identity: Identity, wire: SimpleNamespace, failing: str
) -> None:
    member = Member(
        wire,
        {site(1): ["84/1"], site(2): ["84/2"]},
        [("84/1", site(1)), ("84/2", site(2))],
        **{failing: site(2)},
    )

    answer = await search(servers, identity, member, seconds=0.7)

    assert offers(answer) == ["84/1"]
    assert answer.truncated
    assert [(loss.object, loss.rule) for loss in answer.losses if loss.rule.startswith("live-search")] == [
        (site(2), "live-search.unit.not-read")
    ]


async def test_nothing_read_at_all_is_a_failure(servers: Servers, identity: Identity, wire: SimpleNamespace) -> None:
    member = Member(wire, {site(1): ["84/1"]}, [("84/1", site(1))], slow=site(1))

    with pytest.raises(MemberTimedOut):
        await search(servers, identity, member, seconds=0.5)


async def test_a_unit_found_and_absent_from_its_establishment_is_noted(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire, {site(1): ["84/1"]}, [("84/1", site(1)), ("84/9", site(1))])

    answer = await search(servers, identity, member)

    assert offers(answer) == ["84/1"]
    assert [(loss.object, loss.rule) for loss in answer.losses if loss.rule.startswith("live-search")] == [
        ("84/9", "live-search.unit.not-in-its-establishment")
    ]


async def test_a_unit_without_establishment_is_read_by_itself(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    orphan = wire.found(("84/7", "no-such")).replace(b'code="no-such"', b'code=""')
    member = Member(SimpleNamespace(**{**vars(wire), "found": lambda *units: orphan}), {}, [])

    answer = await search(servers, identity, member)

    assert offers(answer) == ["84/7"]
    assert member.readings == ["84/7"]


async def test_a_refused_search_is_the_members_refusal(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    refusal = wire.envelope('<r:careServicesResponse><error code="444" message="Non"/></r:careServicesResponse>')
    member = Member(SimpleNamespace(**{**vars(wire), "found": lambda *units: refusal}), {}, [])

    assert (await search(servers, identity, member)).reponse == ErreurContrat(444, "Non")


async def test_several_acts_are_several_searches(servers: Servers, identity: Identity, wire: SimpleNamespace) -> None:
    acts = (Code("R210", "0001"), Code("R210", "0002"))
    member = Member(wire, {site(1): ["84/1"]}, [("84/1", site(1))])

    answer = await search(servers, identity, member, Recherche(actes_specifiques=acts, territoires=AURA.territoires))

    assert offers(answer) == ["84/1"]
    assert [found.actes_specifiques for found in member.searches] == [(acts[0],), (acts[1],)]


@pytest.mark.parametrize(
    "recherche",
    [
        pytest.param(Recherche(objet=TypeObjet.LIEU), id="another object"),
        pytest.param(
            Recherche(actes_specifiques=tuple(Code("R210", f"{rank:04}") for rank in range(1, 8))), id="too many acts"
        ),
    ],
)
async def test_what_the_search_cannot_say_is_not_asked(
    servers: Servers, identity: Identity, wire: SimpleNamespace, recherche: Recherche
) -> None:
    member = Member(wire, {}, [])

    with pytest.raises(MemberCannot):
        await search(servers, identity, member, recherche)

    assert member.searches == []


def test_each_speciality_is_a_search_of_its_own() -> None:
    one, other = (Code("R38", "SM26"),), (Code("R38", "SM04"),)

    made = list(single_valued(Recherche(specialites=one + other, actes_specifiques=(Code("R210", "0010"),))))

    assert [(found.specialites, len(found.actes_specifiques)) for found in made] == [(one, 1), (other, 1)]


def test_a_search_without_single_criteria_is_one_search() -> None:
    assert list(single_valued(AURA)) == [AURA]
