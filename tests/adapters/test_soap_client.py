"""The SOAP conversation: what is asserted, what is believed, and what each kind of answer becomes."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from adapters.contract import Identity, MemberAnswer
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberCannot, MemberFailure, MemberRefused
from adapters.registry import manifest_of
from adapters.soap_client import SoapClient, assertion_identifier
from mappings.csd import requests, soap, vihf
from mappings.csd.xml import parse
from mappings.exposition.demandes import (
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
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.memory import FORGETFUL, Memory

Servers = Any
SITE = "1019999991"
READING = LectureEtablissement(SITE)
NOTIFICATION = DemandeNotification(datetime(2026, 1, 14, tzinfo=UTC))


class Member:
    """A member that gives one answer, and keeps the requests."""

    def __init__(self, body: bytes, *, status: int = 200, media_type: str = "application/soap+xml") -> None:
        self.requests: list[tuple[web.Request, bytes]] = []
        self._answer = (body, status, media_type)

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request, await request.read()))
        body, status, media_type = self._answer
        return web.Response(body=body, status=status, content_type=media_type)

    @property
    def envelope(self) -> soap.Envelope:
        return soap.read_envelope(parse(self.requests[0][1]))


async def ask(
    servers: Servers,
    identity: Identity,
    member: Member,
    demande: requests.DemandeContrat = READING,
    *,
    profil: ProfilAcces = ProfilAcces.P2,
    solution: str = "ir",
    memory: Memory = FORGETFUL,
    **changes: object,
) -> MemberAnswer:
    origin = await servers.web(member.answer)
    target = servers.target(origin, solution=solution, **changes)
    client = SoapClient(target, identity, manifest_of(target), memory)
    try:
        return await client.ask(demande, profil=profil, deadline=Deadline.after(5))
    finally:
        await client.close()


async def test_a_reading_is_asked_under_our_own_identity(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire.reading(SITE, wire.unit("84/UE-0001")))

    await ask(servers, identity, member)
    request, _ = member.requests[0]
    assertion = vihf.find(member.envelope.headers)
    assert assertion is not None
    context, life = vihf.read(assertion), vihf.life(assertion)

    assert (request.method, request.path) == ("POST", "/ROR/3.0")
    assert request.headers["Content-Type"] == (
        'application/soap+xml; charset=utf-8; action="urn:asip:ror:2015:stored-function:ror-search"'
    )
    assert requests.read_request(member.envelope.body) == READING
    assert context.profil_utilisateur.cle == ("R78", "CU20")
    assert (context.emetteur, context.structure, context.identifiant_interne) == (
        identity.issuer_dn,
        identity.structure,
        "inter-ror",
    )
    assert life is not None
    assert abs((life.emission - datetime.now(UTC)).total_seconds()) < 5


def test_the_identifier_of_an_assertion_is_a_uuid_and_an_xml_name() -> None:
    identifiers = {assertion_identifier() for _ in range(50)}

    assert len(identifiers) == 50
    assert all(UUID(identifier).version == 4 and identifier[0].isalpha() for identifier in identifiers)


@pytest.mark.parametrize(
    ("demande", "action"),
    [
        pytest.param(READING, "ror-search", id="reading"),
        pytest.param(LectureOrganisationInterne("84/UE-0001"), "ror-search", id="unit"),
        pytest.param(NOTIFICATION, "ror-update", id="notification"),
    ],
)
async def test_the_action_is_that_of_the_transaction(
    servers: Servers, identity: Identity, wire: SimpleNamespace, demande: requests.DemandeContrat, action: str
) -> None:
    body = wire.envelope(f"<{NAME}><c:result>0</c:result></{NAME}>") if demande is NOTIFICATION else wire.reading(SITE)
    member = Member(body)

    await ask(servers, identity, member, demande)

    assert member.requests[0][0].headers["Content-Type"].endswith(f'stored-function:{action}"')
    assert requests.read_request(member.envelope.body) == demande


async def test_a_reading_becomes_objects_of_the_model(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire.reading(SITE, wire.unit("84/UE-0001"), wire.unit("84/UE-0002")))

    answer = await ask(servers, identity, member)

    assert isinstance(answer.reponse, ReponseOffres)
    assert answer.reponse.nombre_annonce == 2
    assert [offre.cle for offre in answer.reponse.repertoire.offres] == ["84/UE-0001", "84/UE-0002"]
    assert [site.cle for site in answer.reponse.repertoire.entites_geographiques] == [SITE]
    assert not answer.truncated


async def test_a_long_answer_is_read_in_a_thread_all_the_same(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    units = [wire.unit(f"84/UE-{rank:04}") for rank in range(300)]

    answer = await ask(servers, identity, Member(wire.reading(SITE, *units)))

    assert isinstance(answer.reponse, ReponseOffres)
    assert len(answer.reponse.repertoire.offres) == 300


async def test_a_notification_becomes_a_list_of_establishments(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    one = (
        "<c:etablissementReponseNotif>"
        '<c:id_etablissement code="019999991" assigningAuthorityName="1.2.250.1.71.1.2.14"/>'
        '<c:typeActivity code="04" codingScheme="1.2.250.1.213.3.3.17"/></c:etablissementReponseNotif>'
    )
    name = "r:TR-Notif-ListeEtablissementMajApresDate_Reponse"

    answer = await ask(
        servers, identity, Member(wire.envelope(f"<{name}>{one}<c:result>1</c:result></{name}>")), NOTIFICATION
    )

    assert isinstance(answer.reponse, ReponseNotification)
    assert [found.identifiant for found in answer.reponse.etablissements] == [SITE]
    assert [code.cle for code in answer.reponse.etablissements[0].champs_activite] == [("R227", "04")]


REASON = '<s:Reason><s:Text xml:lang="fr">Non</s:Text></s:Reason>'


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        pytest.param(
            '<c:careServicesResponse><c:error code="405" message="Nombre"/></c:careServicesResponse>',
            200,
            ErreurContrat(405, "Nombre"),
            id="error with 200",
        ),
        pytest.param(
            '<c:careServicesResponse><c:error code="405" message="Nombre"/></c:careServicesResponse>',
            500,
            ErreurContrat(405, "Nombre"),
            id="error with 500",
        ),
        pytest.param(
            f"<s:Fault><s:Code><s:Value>405</s:Value></s:Code>{REASON}</s:Fault>",
            500,
            ErreurContrat(405, "Non"),
            id="fault with a bare number",
        ),
        pytest.param(
            f"<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code>{REASON}"
            '<s:Detail><r:erreur code="444" message="Pas prévu"/></s:Detail></s:Fault>',
            400,
            ErreurContrat(444, "Pas prévu"),
            id="fault with erreur",
        ),
    ],
)
async def test_every_way_to_say_no_is_a_refusal_in_the_members_words(
    servers: Servers, identity: Identity, wire: SimpleNamespace, body: str, status: int, expected: ErreurContrat
) -> None:
    answer = await ask(servers, identity, Member(wire.envelope(body), status=status))

    assert answer.reponse == expected


Bytes = Callable[[SimpleNamespace], bytes]


def _extra(name: str) -> Bytes:
    return lambda wire: wire.reading(SITE, wire.unit("84/UE-0001", extra=f"<c:{name}/>"))


NAME = "r:TR-Notif-ListeEtablissementMajApresDate_Reponse"


@pytest.mark.parametrize(
    ("body", "contract", "cause"),
    [
        pytest.param(
            lambda wire: wire.reading(SITE, wire.unit("84/1"), announced=2),
            "3.0",
            "lying-count",
            id="RG_ALIM_019: more",
        ),
        pytest.param(
            lambda wire: wire.reading(SITE, wire.unit("84/1"), announced=0),
            "3.0",
            "lying-count",
            id="RG_ALIM_019: fewer",
        ),
        pytest.param(_extra("accommodationCapacity"), "3.0", "version", id="2.4 for 3.0"),
        pytest.param(_extra("locationRealizedOffer"), "2.4", "version", id="3.0 for 2.4"),
        pytest.param(_extra("sensitiveUnit"), "1.6", "version", id="2.4 for 1.6"),
        pytest.param(lambda wire: b"<html></html>", "3.0", "not-an-envelope", id="markup"),
        pytest.param(lambda wire: b"<s:Envelope", "3.0", "not-well-formed", id="cut"),
        pytest.param(lambda wire: b"<!DOCTYPE a><a/>", "3.0", "doctype", id="doctype"),
        pytest.param(
            lambda wire: wire.reading(SITE).replace(b"2003/05/soap-envelope", b"2001/12/soap-envelope"),
            "3.0",
            "soap-version",
            id="another SOAP",
        ),
        pytest.param(lambda wire: wire.envelope("<c:CSD/>"), "3.0", "unexpected-element", id="another element"),
        pytest.param(lambda wire: wire.envelope("<c:careServicesResponse/>"), "3.0", "malformed", id="empty answer"),
        pytest.param(
            lambda wire: wire.envelope(f"<{NAME}><c:result>0</c:result></{NAME}>"),
            "3.0",
            "unexpected-element",
            id="answer of another transaction",
        ),
        pytest.param(lambda wire: wire.found(), "3.0", "unexpected-element", id="answer of the search"),
    ],
)
async def test_an_answer_that_is_not_the_contract_is_not_believed(
    servers: Servers, identity: Identity, wire: SimpleNamespace, body: Bytes, contract: str, cause: str
) -> None:
    with pytest.raises(MemberAnswerInvalid) as failure:
        await ask(servers, identity, Member(body(wire)), contract=contract)

    assert failure.value.cause == cause


async def test_a_notification_that_lies_on_its_count_is_not_believed(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire.envelope(f"<{NAME}><c:result>3</c:result></{NAME}>"))

    with pytest.raises(MemberAnswerInvalid) as failure:
        await ask(servers, identity, member, NOTIFICATION)

    assert failure.value.cause == "lying-count"


WRONG = {"facility-number": "wrong"}


@pytest.mark.parametrize("demande", [READING, NOTIFICATION], ids=["reading", "notification"])
async def test_a_member_known_to_count_wrong_is_believed_and_its_number_is_told(
    servers: Servers, identity: Identity, wire: SimpleNamespace, demande: requests.DemandeContrat
) -> None:
    read = wire.reading(SITE, wire.unit("84/1"), announced=3)
    listed = wire.envelope(f"<{NAME}><c:result>3</c:result></{NAME}>")
    member = Member(read if demande is READING else listed)

    answer = await ask(servers, identity, member, demande, options=WRONG)

    assert not isinstance(answer.reponse, ErreurContrat)
    assert [loss.rule for loss in answer.losses if "number" in loss.rule] == ["csd-3.0.facility-number.wrong"]


async def test_a_search_known_to_count_wrong_is_believed_and_its_number_is_told(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    target = servers.target(await servers.web(Member(wire.found(("84/1", SITE), announced=9)).answer), options=WRONG)
    client = SoapClient(target, identity, manifest_of(target))

    found, ledger = await client.search(Recherche(), profil=ProfilAcces.P1, deadline=Deadline.after(5))
    await client.close()

    assert isinstance(found, Repertoire)
    assert [offre.cle for offre in found.offres] == ["84/1"]
    assert "search-2016.number.wrong" in {loss.rule for loss in ledger.entries}


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({}, ("1019999983", "1.2.250.1.71.4.2.2", "0")),
        ({"structures": "bare"}, ("019999983", "1.2.250.1.71.4.2.2", "0")),
        ({"structures": "digit-under-types"}, ("1019999983", "1.2.250.1.71.1.2.14", "0")),
        ({"structures": "bare-under-types"}, ("019999983", "1.2.250.1.71.1.2.14", "0")),
        ({"restricted-organisation": "words"}, ("1019999983", "1.2.250.1.71.4.2.2", "false")),
    ],
    ids=lambda value: "-".join(value.values()) or "as the contract" if isinstance(value, dict) else "",
)
async def test_a_request_is_written_as_the_member_writes(
    servers: Servers,
    identity: Identity,
    wire: SimpleNamespace,
    options: dict[str, str],
    written: tuple[str, str, str],
) -> None:
    member = Member(wire.reading("1019999983"))

    await ask(servers, identity, member, requests.LectureEtablissement("1019999983"), options=options)

    (asked,) = member.envelope.body.iter("{urn:ihe:iti:csd:2013}etablissementDemandeLecture")
    identifier, restricted = asked
    assert (identifier.get("code"), identifier.get("assigningAuthorityName"), restricted.text) == written


async def test_a_structure_that_is_no_finess_keeps_its_type(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire.reading("312345678901234"))

    await ask(
        servers, identity, member, requests.LectureEtablissement("312345678901234"), options={"structures": "bare"}
    )

    (asked,) = member.envelope.body.iter("{urn:ihe:iti:csd:2013}id_etablissement")
    assert asked.get("code") == "312345678901234"


async def test_the_address_names_the_version_of_the_interface(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire.reading(SITE))

    await ask(servers, identity, member, contract="2.4", options={"interface-version": "2.6"})

    assert member.requests[0][0].path == "/ROR/2.6"


@pytest.mark.parametrize(
    ("status", "media_type", "kind", "cause"),
    [
        pytest.param(200, "text/html", MemberAnswerInvalid, "html", id="page"),
        pytest.param(403, "text/html", MemberRefused, "http-403", id="forbidden"),
        pytest.param(502, "text/html", MemberAnswerInvalid, "http-502", id="front"),
        pytest.param(200, "application/json", MemberAnswerInvalid, "content-type", id="json"),
    ],
)
async def test_what_is_not_xml_is_a_failure(
    servers: Servers, identity: Identity, status: int, media_type: str, kind: type[MemberFailure], cause: str
) -> None:
    with pytest.raises(kind) as failure:
        await ask(servers, identity, Member(b"x", status=status, media_type=media_type))

    assert failure.value.cause == cause


@pytest.mark.parametrize("code", ["Sender", "Receiver", "MustUnderstand"])
async def test_a_fault_of_the_stack_is_a_refusal_with_its_words(
    servers: Servers, identity: Identity, wire: SimpleNamespace, code: str
) -> None:
    body = wire.envelope(f"<s:Fault><s:Code><s:Value>s:{code}</s:Value></s:Code>{REASON}</s:Fault>")

    with pytest.raises(MemberRefused) as failure:
        await ask(servers, identity, Member(body, status=500))

    assert (failure.value.cause, failure.value.message, failure.value.fault) == (f"fault-{code.lower()}", "Non", True)


async def search(
    servers: Servers,
    identity: Identity,
    member: Member,
    recherche: Recherche,
    solution: str = "ir",
    memory: Memory = FORGETFUL,
) -> Repertoire | ErreurContrat:
    origin = await servers.web(member.answer)
    target = servers.target(origin, solution=solution, regions=("04", "06"))
    client = SoapClient(target, identity, manifest_of(target), memory)
    try:
        found, _ = await client.search(recherche, profil=ProfilAcces.P1, deadline=Deadline.after(5))
        return found
    finally:
        await client.close()


async def test_a_search_without_territory_asks_for_the_regions_of_the_member(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire.found(("84/1", SITE)))

    result = await search(servers, identity, member, Recherche(activites=(Code("R211", "037"),)), "iess")
    asked = member.envelope.body

    assert isinstance(result, Repertoire)
    assert member.requests[0][0].path == "/ROR/2016"
    assert [found.get("code") for found in asked.iter("codedType")] == ["37"]
    assert [found.get("code") for found in asked.iterfind(".//destination/code")] == ["04", "06"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param('<error code="404" message="Rien"/>', Repertoire(), id="nothing"),
        pytest.param('<error code="444" message="Non"/>', ErreurContrat(444, "Non"), id="refusal"),
    ],
)
async def test_nothing_found_is_not_a_refusal(
    servers: Servers,
    identity: Identity,
    wire: SimpleNamespace,
    body: str,
    expected: Repertoire | ErreurContrat,
) -> None:
    member = Member(wire.envelope(f"<r:careServicesResponse>{body}</r:careServicesResponse>"))
    recherche = Recherche(territoires=(Territoire(TypeTerritoire.REGION, "84"),))

    assert await search(servers, identity, member, recherche) == expected


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        pytest.param(lambda wire: wire.found(("84/1", SITE), announced=9), "lying-count", id="count"),
        pytest.param(lambda wire: wire.envelope("<r:careServicesResponse/>"), "unexpected-element", id="empty"),
    ],
)
async def test_a_search_that_is_not_the_contract_is_not_believed(
    servers: Servers, identity: Identity, wire: SimpleNamespace, body: Bytes, cause: str
) -> None:
    with pytest.raises(MemberAnswerInvalid) as failure:
        await search(servers, identity, Member(body(wire)), Recherche())

    assert failure.value.cause == cause


async def test_a_solution_without_search_is_not_asked(servers: Servers, identity: Identity) -> None:
    member = Member(b"")

    with pytest.raises(MemberCannot):
        await search(servers, identity, member, Recherche(), "autre")

    assert member.requests == []


STRAY = "bruit"
WAYS: dict[str, dict[str, object]] = {
    "as declared": {},
    "another member": {"code": "93", "regions": ("93",)},
    "another version": {"contract": "2.4"},
    "another level": {"options": {"confidentiality": "1"}},
    "another zone": {"options": {"timezone": "Indian/Reunion"}},
    "another publication": {"nomenclatures": "2022-06"},
}


async def test_an_answer_seen_before_is_what_it_was_read_as_by_the_same_conversation(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire.reading(SITE, wire.unit("84/UE-0001", extra=STRAY)))
    memory = Memory(10_000_000)

    for _ in range(2):
        for changes in WAYS.values():
            cold = await ask(servers, identity, member, **changes)
            assert await ask(servers, identity, member, memory=memory, **changes) == cold
            assert cold.losses

    assert (memory.counts.misses, memory.counts.hits) == (len(WAYS), len(WAYS))


async def test_one_byte_more_is_another_answer(servers: Servers, identity: Identity, wire: SimpleNamespace) -> None:
    memory = Memory(10_000_000)

    for name in ("84/UE-0001", "84/UE-0002"):
        answer = await ask(servers, identity, Member(wire.reading(SITE, wire.unit(name))), memory=memory)
        assert isinstance(answer.reponse, ReponseOffres)
        assert [offre.cle for offre in answer.reponse.repertoire.offres] == [name]


async def test_bytes_that_answered_one_question_do_not_answer_another(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire.reading(SITE, wire.unit("84/UE-0001")))
    memory = Memory(10_000_000)
    await ask(servers, identity, member, memory=memory)

    with pytest.raises(MemberAnswerInvalid) as failure:
        await ask(servers, identity, member, NOTIFICATION, memory=memory)

    assert failure.value.cause == "unexpected-element"


async def test_an_answer_that_is_not_believed_is_refused_each_time(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    member = Member(wire.reading(SITE, wire.unit("84/UE-0001"), announced=2))
    memory = Memory(10_000_000)

    for _ in range(2):
        with pytest.raises(MemberAnswerInvalid) as failure:
            await ask(servers, identity, member, memory=memory)
        assert failure.value.cause == "lying-count"

    assert memory.counts.kept == 0


async def test_what_a_search_found_before_is_found_again(
    servers: Servers, identity: Identity, wire: SimpleNamespace
) -> None:
    memory = Memory(10_000_000)
    found = [
        await search(servers, identity, Member(wire.found((key, SITE))), Recherche(), "iess", memory)
        for key in ("84/1", "84/2", "84/1")
    ]

    assert found[0] == found[2] != found[1]
    assert (memory.counts.misses, memory.counts.hits) == (2, 1)
