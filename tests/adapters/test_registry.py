"""The solutions in service, each against the reference solution of the same name over TLS."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession, web

import adapters
from adapters.contract import Adapter, Identity, MemberAnswer
from adapters.deadline import Deadline
from adapters.errors import MemberCannot
from adapters.manifest import load
from adapters.options import OPTIONS, ROWS, OptionRefused
from adapters.registry import SOLUTIONS, UnknownContract, UnknownSolution, adapter_for, manifest_of
from conformance.reference.content import content
from conformance.reference.solutions import autre, iess, ir
from conformance.reference.solutions.server import application
from mappings.exposition.demandes import (
    Demande,
    DemandeNotification,
    ErreurContrat,
    LectureEtablissement,
    LectureOrganisationInterne,
    ProfilAcces,
    Recherche,
    ReponseNotification,
    ReponseOffres,
    Territoire,
    TypeTerritoire,
)
from mappings.exposition.values import Code
from mappings.memory import FORGETFUL, Memory

Servers = Any
FOLDER = Path(adapters.__file__).parent
CONTENT = content("84", scale=1)
EVERY = [
    pytest.param(solution, contract, id=f"{solution} {contract}")
    for solution in ("ir", "iess", "autre")
    for contract in ("1.5", "1.6", "2.4", "3.0")
]
SEARCHING = [case for case in EVERY if case.values[0] != "autre"]


@pytest.fixture
async def member(servers: Servers, identity: Identity) -> Any:
    """Starts a reference member and hands out its adapter."""

    async def start(solution: str, contract: str, memory: Memory = FORGETFUL) -> Adapter:
        runner = web.AppRunner(_mounted(solution, contract))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=servers.pki.server_context("server"))
        await site.start()
        servers.stack.push_async_callback(runner.cleanup)
        origin = f"https://localhost:{runner.addresses[0][1]}"
        adapter = adapter_for(servers.target(origin, solution=solution, contract=contract), identity, memory)
        servers.stack.push_async_callback(adapter.close)
        return adapter

    return start


def _mounted(solution: str, contract: str) -> web.Application:
    app = web.Application()
    app.add_subapp("/ROR", application(CONTENT, solution=solution, contract=contract))
    return app


async def ask(adapter: Adapter, demande: Demande) -> MemberAnswer:
    return await adapter.ask(demande, profil=ProfilAcces.P1, deadline=Deadline.after(10))


RICHEST = max(CONTENT.keys, key=lambda key: key.offers)
KEY = f"1{RICHEST.finess}"
UNITS = sorted(sketch.identifier for sketch in CONTENT.sketches(RICHEST.finess))


@pytest.mark.parametrize(("solution", "contract"), EVERY)
async def test_an_establishment_is_read_whole_in_every_dialect(member: Any, solution: str, contract: str) -> None:
    answer = await ask(await member(solution, contract), LectureEtablissement(KEY))

    assert isinstance(answer.reponse, ReponseOffres)
    assert sorted(offre.cle for offre in answer.reponse.repertoire.offres) == UNITS
    assert [site.cle for site in answer.reponse.repertoire.entites_geographiques] == [KEY]
    assert {offre.entite_geographique for offre in answer.reponse.repertoire.offres} == {KEY}


@pytest.mark.parametrize(("solution", "contract"), EVERY)
async def test_a_unit_is_read_in_every_dialect(member: Any, solution: str, contract: str) -> None:
    answer = await ask(await member(solution, contract), LectureOrganisationInterne(UNITS[0]))

    assert isinstance(answer.reponse, ReponseOffres)
    assert [offre.cle for offre in answer.reponse.repertoire.offres] == [UNITS[0]]


@pytest.mark.parametrize(("solution", "contract"), EVERY)
async def test_changes_are_listed_in_every_dialect(member: Any, solution: str, contract: str) -> None:
    since = datetime(2000, 1, 1, tzinfo=ZoneInfo("Europe/Paris"))

    answer = await ask(await member(solution, contract), DemandeNotification(since))

    assert isinstance(answer.reponse, ReponseNotification)
    assert {one.identifiant for one in answer.reponse.etablissements} == {f"1{key.finess}" for key in CONTENT.keys}


@pytest.mark.parametrize(("solution", "contract"), EVERY)
async def test_a_refusal_is_understood_in_every_dialect(member: Any, solution: str, contract: str) -> None:
    answer = await ask(await member(solution, contract), LectureEtablissement("1999999999"))

    assert isinstance(answer.reponse, ErreurContrat)
    assert answer.reponse.code == 404


@pytest.mark.parametrize(("solution", "contract"), SEARCHING)
async def test_a_search_finds_what_the_member_holds(member: Any, solution: str, contract: str) -> None:
    department = Territoire(TypeTerritoire.DEPARTEMENT, RICHEST.department)
    sketches = [
        sketch
        for key in CONTENT.keys
        if key.department == RICHEST.department
        for sketch in CONTENT.sketches(key.finess)
    ]
    mode = sketches[0].care_mode
    expected = sorted(sketch.identifier for sketch in sketches if sketch.care_mode == mode)
    recherche = Recherche(modes_prise_en_charge=(Code("R213", mode),), territoires=(department,))

    answer = await ask(await member(solution, contract), recherche)

    assert isinstance(answer.reponse, ReponseOffres)
    assert sorted(offre.cle for offre in answer.reponse.repertoire.offres) == expected
    assert not answer.truncated


@pytest.mark.parametrize(("solution", "contract"), [("ir", "3.0"), ("iess", "2.4")])
async def test_a_search_asked_again_is_answered_from_what_was_read(member: Any, solution: str, contract: str) -> None:
    memory = Memory(50_000_000)
    adapter = await member(solution, contract, memory)
    department = Recherche(territoires=(Territoire(TypeTerritoire.DEPARTEMENT, RICHEST.department),))

    cold = await ask(adapter, department)
    read = memory.counts.misses

    assert await ask(adapter, department) == cold
    assert isinstance(cold.reponse, ReponseOffres)
    assert len(cold.reponse.repertoire.offres) > 0
    assert (memory.counts.misses, memory.counts.hits) == (read, read)


async def test_a_solution_that_cuts_is_said_to_have_cut(member: Any) -> None:
    region = Recherche(territoires=(Territoire(TypeTerritoire.REGION, "84"),))

    answer = await ask(await member("iess", "3.0"), region)

    assert isinstance(answer.reponse, ReponseOffres)
    assert CONTENT.offer_count() > len(answer.reponse.repertoire.offres)
    assert answer.truncated


async def test_a_solution_without_search_says_so(member: Any) -> None:
    with pytest.raises(MemberCannot):
        await ask(await member("autre", "3.0"), Recherche())


@pytest.mark.parametrize(("solution", "contract"), EVERY)
async def test_the_contract_of_a_reference_member_is_recognised(member: Any, solution: str, contract: str) -> None:
    adapter = await member(solution, contract)

    assert await adapter.verify_contract(Deadline.after(10)) is None


async def test_another_contract_than_the_one_declared_is_found_out(
    member: Any, servers: Servers, identity: Identity
) -> None:
    published = await member("ir", "2.4")
    address = published.target.endpoint.removesuffix("/ROR")

    class Disguised:
        async def answer(self, request: web.Request) -> web.Response:
            async with ClientSession() as session:
                url = f"{address}/ROR/2.4?wsdl"
                async with session.get(url, ssl=identity.context) as response:
                    return web.Response(body=await response.read(), content_type="text/xml")

    declared = adapter_for(servers.target(await servers.web(Disguised().answer), contract="3.0"), identity)
    servers.stack.push_async_callback(declared.close)

    assert await declared.verify_contract(Deadline.after(10)) == "wsdl-other-version"


def test_an_unknown_solution_is_refused(servers: Servers, identity: Identity) -> None:
    with pytest.raises(UnknownSolution) as refusal:
        adapter_for(servers.target("https://localhost:1", solution="inconnue"), identity)

    assert refusal.value.solution == "inconnue"


def test_an_unknown_option_is_refused(servers: Servers, identity: Identity) -> None:
    with pytest.raises(OptionRefused):
        adapter_for(servers.target("https://localhost:1", options={"hierarchie": "chain"}), identity)


@pytest.mark.parametrize("solution", sorted(SOLUTIONS))
def test_each_solution_declares_itself(solution: str) -> None:
    manifest = load(FOLDER / solution)
    readme = (FOLDER / solution / "README.md").read_text(encoding="utf-8")

    assert manifest.solution == solution
    assert all(quirk.text for quirk in manifest.quirks)
    assert readme.startswith("# ")
    if manifest.search is not None:
        assert manifest.capabilities.search_cap == manifest.search.cap


def test_the_registry_lists_every_folder_that_has_a_manifest() -> None:
    assert sorted(path.parent.name for path in FOLDER.glob("*/manifest.toml")) == sorted(SOLUTIONS)


def test_the_dialect_declared_for_a_member_prevails(servers: Servers) -> None:
    usual = servers.target("https://localhost:1")
    declared = servers.target("https://localhost:1", options={"hierarchy": "flat"})

    assert manifest_of(usual).dialect_of(usual).hierarchie == "chain"
    assert manifest_of(declared).dialect_of(declared).hierarchie == "flat"
    assert manifest_of(declared).address("search", declared) == "https://localhost:1/ROR/2016"


def test_another_contract_than_those_of_its_solution_is_refused(servers: Servers, identity: Identity) -> None:
    with pytest.raises(UnknownContract) as refusal:
        adapter_for(servers.target("https://localhost:1", contract="2.5"), identity)

    assert refusal.value.known == ("1.5", "1.6", "2.4", "3.0")


REFERENCE = {"ir": ir.DIALECT, "iess": iess.DIALECT, "autre": autre.DIALECT}
# How the reference dialect says what an option says; an option left out here is said by no field of it.
WORDS = {
    "hierarchy": lambda dialect: dialect.hierarchy.replace("_", "-"),
    "addresses": lambda dialect: dialect.addresses.value,
    "dates": lambda dialect: dialect.dates.value,
    "labels": lambda dialect: "text" if dialect.labels else "empty",
    "care-mode-above": lambda dialect: dialect.care_mode_above.value,
    "empty-identifiers": lambda dialect: "present" if dialect.empty_identifiers else "none",
    "restricted-organisation": lambda dialect: "words" if dialect.boolean_words else "digits",
    "structures": lambda dialect: "bare-under-types" if dialect.structures == "bare" else "digit",
    "facility-number": lambda dialect: "right" if dialect.count_on_single_read else "absent-on-single-readings",
    "errors": lambda dialect: dialect.refusals.replace("_", "-").replace("bare-fault", "fault-number"),
    "provenance": lambda dialect: (
        "source-directory" if dialect.source_directory else "recognation" if dialect.recognation else "none"
    ),
}


@pytest.mark.parametrize("solution", sorted(REFERENCE))
def test_what_a_solution_declares_is_what_its_reference_does(solution: str) -> None:
    declared = load(FOLDER / solution).options

    assert {name: declared[name].value for name in WORDS} == {
        name: said(REFERENCE[solution]) for name, said in WORDS.items()
    }


@pytest.mark.parametrize("solution", sorted(REFERENCE))
def test_a_solution_declares_every_row_of_section_15_2(solution: str) -> None:
    manifest = load(FOLDER / solution)
    said = {OPTIONS[name].row for name in manifest.options}

    # Its interface has the version of the contract; without a search there are no codes of one.
    assert ROWS - said == {"interface version"} | ({"codes"} if manifest.search is None else set())
