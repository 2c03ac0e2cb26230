"""A question goes through plan, members, selection, entitlement and merge; its pages hold every match once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.deadline import Deadline
from adapters.errors import MemberUnreachable
from gateway.federation.breaker import BreakerState
from gateway.federation.coverage import header
from gateway.federation.exchange import Answer, Exchange, Status
from gateway.federation.fanout import Limits
from gateway.federation.federation import Federation
from gateway.federation.paging import CursorRefused, PageRequest
from gateway.replica.store import Progress, Replica
from mappings.exposition.contact import Contact
from mappings.exposition.demandes import (
    DemandeNotification,
    ErreurContrat,
    EtablissementModifie,
    LectureEtablissement,
    LectureOrganisationInterne,
    ProfilAcces,
    Recherche,
    ReponseNotification,
    ReponseOffres,
    Territoire,
    Transaction,
    TypeObjet,
    TypeTerritoire,
)
from mappings.exposition.lieu import EquipementSpecifique
from mappings.exposition.offre import CompetenceRessource
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.fhir.ids import fhir_id, is_hash
from whitelist.document import FederationDocument, Right, Trust
from whitelist.entitlement import Norme

CODES = ("01", "11", "84")
KEY = bytes(range(32))
NOTIFICATION = DemandeNotification(datetime(2026, 1, 1, tzinfo=UTC))


def document(kit: Any) -> FederationDocument:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    rights = tuple(
        Right(operation=transaction, providers=("*",), profiles=frozenset(ProfilAcces)) for transaction in Transaction
    )
    return FederationDocument(
        format="1",
        federation_id="test",
        environment="test",
        serial=1,
        issued_at=now,
        expires_at=now,
        nomenclatures="2026-09",
        trust=Trust(roots=frozenset(), issuers=frozenset()),
        members=tuple(kit.federated(code, rights=rights) for code in CODES),
    )


@pytest.fixture
async def replica(tmp_path: Path) -> AsyncIterator[Replica]:
    opened = await Replica.open(f"sqlite:///{tmp_path}/replica.db")
    yield opened
    await opened.close()


def federation(kit: Any, replica: Replica, *members: Any, **changes: Any) -> Federation:
    adapters = {member.code: member for member in members}
    return Federation(document(kit), adapters, replica, cursor_key=KEY, **changes)


async def ask(federation: Federation, exchange: Exchange, **changes: Any) -> Answer:
    given = {"norme": Norme.CSD_3_0, "deadline": Deadline.after(2), **changes}
    return await federation.ask(exchange, **given)


async def copied(replica: Replica, member: str, *repertoires: Repertoire) -> None:
    for repertoire in repertoires:
        site = repertoire.entites_geographiques[0].cle
        await replica.store_establishment(member, site, repertoire, seen_at=1.0)
    await replica.record(Progress(member=member, state="current", last_success=1.0))


def offers(answer: Answer) -> list[str]:
    return [offre.cle for offre in answer.repertoire.offres]


def statuses(answer: Answer) -> dict[str, str]:
    return {outcome.member: outcome.status.value for outcome in answer.outcomes}


async def test_live_members_and_the_replica_answer_one_question(kit: Any, replica: Replica) -> None:
    await copied(replica, "01", kit.directory(kit.offer("01/A"), kit.offer("01/B", activity="481")))
    found = ReponseOffres(kit.directory(kit.offer("84/B"), kit.offer("84/A"), kit.offer("84/C", activity="481")))
    live = kit.Member("84", found)
    served = federation(
        kit,
        replica,
        live,
        kit.Member("11", MemberUnreachable("reset")),
        kit.Member("01", found, capabilities=kit.READS),
    )

    answer = await ask(served, kit.exchange(kit.CARDIOLOGY))

    assert offers(answer) == ["01/A", "84/A", "84/B"]
    assert statuses(answer) == {"01": "answered", "11": "unreachable", "84": "answered"}
    assert answer.total == 3
    assert [outcome.objects for outcome in answer.outcomes] == [1, 0, 2]
    assert not answer.complete
    assert not answer.failed
    assert "m84;s=answered;n=2;l=0;src=live;ms=" in header(answer)
    assert 'v="2.4";nos="2026-09"' in header(answer)


@pytest.mark.parametrize(
    ("limit", "pages"),
    [
        (1, [["01/A"], ["01/B"], ["11/A"], ["84/A"], ["84/B"]]),
        (2, [["01/A", "01/B"], ["11/A", "84/A"], ["84/B"]]),
        (5, [["01/A", "01/B", "11/A", "84/A", "84/B"]]),
    ],
)
async def test_pages_hold_every_match_once(kit: Any, replica: Replica, limit: int, pages: list[list[str]]) -> None:
    await copied(replica, "01", kit.directory(kit.offer("01/A"), kit.offer("01/B")))
    await copied(replica, "11", kit.directory(kit.offer("11/A")))
    live = kit.Member("84", ReponseOffres(kit.directory(kit.offer("84/A"), kit.offer("84/B"))))
    reads = [kit.Member(code, ErreurContrat(1, ""), capabilities=kit.READS) for code in ("01", "11")]
    served = federation(kit, replica, live, *reads)
    exchange = kit.exchange(kit.CARDIOLOGY)

    found, cursor, totals = [], None, set()
    while True:
        answer = await ask(served, exchange, page=PageRequest(limit, cursor))
        found.append(offers(answer))
        totals.add((answer.total, tuple(statuses(answer).values())))
        cursor = answer.next_cursor
        if cursor is None:
            break

    assert found == pages
    assert totals == {(5, ("answered",) * 3)}


async def test_a_page_brings_only_what_stands_around_its_matches(kit: Any, replica: Replica) -> None:
    elsewhere = kit.offer("84/B", entite_geographique="1690000099", organisation="1690000099")
    live = kit.Member("84", ReponseOffres(kit.directory(kit.offer("84/A"), elsewhere)))

    answer = await ask(federation(kit, replica, live), kit.exchange(kit.CARDIOLOGY, "84"), page=PageRequest(1))

    assert [site.cle for site in answer.repertoire.entites_geographiques] == ["1840000001"]


async def test_a_foreign_cursor_stops_the_question_before_any_member(kit: Any, replica: Replica) -> None:
    live = kit.Member("84", ReponseOffres(kit.directory(kit.offer("84/A"))))

    with pytest.raises(CursorRefused):
        await ask(federation(kit, replica, live), kit.exchange(kit.CARDIOLOGY), page=PageRequest(1, "AAAA"))

    assert live.asked == []


@pytest.mark.parametrize(
    ("profil", "asserted", "expected"),
    [
        pytest.param(ProfilAcces.P0, ProfilAcces.P0, ["84/A"], id="public"),
        pytest.param(ProfilAcces.P1, ProfilAcces.P1, ["84/A", "84/S"], id="everything"),
        pytest.param(ProfilAcces.P4, ProfilAcces.P1, ["84/A", "84/S"], id="4 is asked as 1"),
        pytest.param(ProfilAcces.P5, ProfilAcces.P2, ["84/A"], id="5 is asked as 2"),
    ],
)
@pytest.mark.parametrize("source", ["live", "replica"])
async def test_units_marked_sensitive_neither_leave_nor_count(
    kit: Any, replica: Replica, profil: ProfilAcces, asserted: ProfilAcces, expected: list[str], source: str
) -> None:
    held = kit.directory(kit.offer("84/A"), kit.offer("84/S", unite_sensible=True))
    await copied(replica, "84", held)
    member = kit.Member("84", ReponseOffres(held), capabilities=kit.SEARCHES if source == "live" else kit.READS)
    served = federation(kit, replica, member)

    answer = await ask(served, kit.exchange(kit.CARDIOLOGY, "84", profil), page=PageRequest(10))

    assert offers(answer) == expected
    assert answer.total == len(expected)
    assert answer.outcomes[2].objects == len(expected)
    assert [profile for _, profile in member.asked] == ([asserted] if source == "live" else [])


@pytest.mark.parametrize("norme", list(Norme))
@pytest.mark.parametrize("profil", [ProfilAcces.P1, ProfilAcces.P2])
async def test_who_may_see_a_sensitive_unit_is_told_that_the_standard_cannot_mark_it(
    kit: Any, replica: Replica, profil: ProfilAcces, norme: Norme
) -> None:
    held = kit.directory(kit.offer("84/A"), kit.offer("84/S", unite_sensible=True))
    served = federation(kit, replica, kit.Member("84", ReponseOffres(held)))

    answer = await ask(served, kit.exchange(LectureEtablissement("1840000001"), "84", profil), norme=norme)

    marked = norme not in {Norme.CSD_1_5, Norme.CSD_1_6}
    told = [(loss.object, loss.rule) for one in answer.outcomes for loss in one.losses if "sensitive" in loss.rule]
    seen = marked and profil is ProfilAcces.P1
    assert {unit.cle for unit in answer.repertoire.offres} == ({"84/A", "84/S"} if seen else {"84/A"})
    assert told == ([("84/S", f"{norme}.sensitive-unit.withheld")] if profil is ProfilAcces.P1 and not marked else [])


ACT, SCANNER = Code("R210", "12"), Code("R212", "088")
BY_ACT, BY_SCANNER = {"actes_specifiques": (ACT,)}, {"equipements": (SCANNER,)}
BY_SPECIALISATION = {"caracteristiques": (Code("R245", "07"),)}
BY_SPECIALITY = {"specialites": (Code("R38", "SM26"),)}


def telling(kit: Any) -> Repertoire:
    """Two units that do an act, have a scanner and a specialisation, one of them medico-social; and another unit."""
    said = {
        "actes_specifiques": (ACT,),
        "specialisations_prise_en_charge": (Code("R245", "07"),),
        "equipements_unite": (EquipementSpecifique(SCANNER),),
        "competence_ressource": CompetenceRessource(specialites_ordinales=BY_SPECIALITY["specialites"]),
    }
    return kit.directory(
        kit.offer("84/MCO", **said),
        kit.offer("84/MS", champs_activite=(Code("R227", "04"),), **said),
        kit.offer("84/OTHER", equipements_unite=(EquipementSpecifique(Code("R212", "001")),)),
    )


@pytest.mark.parametrize(
    "criteria",
    [BY_ACT, BY_SCANNER, BY_SPECIALISATION, BY_SPECIALITY],
    ids=["act", "equipment", "specialisation", "speciality"],
)
@pytest.mark.parametrize(
    ("profil", "expected"),
    [
        pytest.param(ProfilAcces.P0, [], id="0"),
        pytest.param(ProfilAcces.P1, ["84/MCO", "84/MS"], id="1"),
        pytest.param(ProfilAcces.P3, ["84/MS"], id="3"),
        pytest.param(ProfilAcces.P5, ["84/MCO", "84/MS"], id="5"),
    ],
)
@pytest.mark.parametrize("source", ["live", "replica"])
async def test_what_a_profile_may_not_see_finds_nothing(
    kit: Any, replica: Replica, criteria: dict[str, Any], profil: ProfilAcces, expected: list[str], source: str
) -> None:
    await copied(replica, "84", telling(kit))
    member = kit.Member("84", ReponseOffres(telling(kit)), capabilities=kit.SEARCHES if source == "live" else kit.READS)
    asked = kit.exchange(Recherche(activites=kit.CARDIOLOGY.activites, **criteria), "84", profil)

    answer = await ask(federation(kit, replica, member), asked, page=PageRequest(10), norme=Norme.FHIR)

    assert offers(answer) == expected
    assert (answer.total, answer.outcomes[2].objects) == (len(expected), len(expected))
    assert statuses(answer)["84"] == ("answered" if expected else "empty")


async def test_a_member_is_not_asked_by_what_the_caller_may_not_see(kit: Any, replica: Replica) -> None:
    """It would match on what it knows: who it names would then tell the value."""
    member = kit.Member("84", ReponseOffres(telling(kit)))
    served = federation(kit, replica, member)
    asked = Recherche(activites=kit.CARDIOLOGY.activites, equipements=(SCANNER,))

    for profil in (ProfilAcces.P0, ProfilAcces.P3, ProfilAcces.P1):
        await ask(served, kit.exchange(asked, "84", profil))

    assert member.asked == [(kit.CARDIOLOGY, ProfilAcces.P3), (asked, ProfilAcces.P1)]


async def test_who_holds_a_hidden_object_is_not_told(kit: Any, replica: Replica) -> None:
    doctor = Professionnel("81", offres=("84/A",))
    await copied(replica, "84", msgspec.structs.replace(kit.directory(kit.offer("84/A")), professionnels=(doctor,)))
    await copied(replica, "01", kit.directory(kit.offer("01/A")))
    await copied(replica, "11", kit.directory(kit.offer("11/A")))
    served = federation(kit, replica)
    known, unknown = (Recherche(TypeObjet.PROFESSIONNEL, cles=(key,)) for key in ("81", "82"))

    seen = await ask(served, kit.exchange(known, profil=ProfilAcces.P1), norme=Norme.FHIR)
    hidden = await ask(served, kit.exchange(known, profil=ProfilAcces.P0), norme=Norme.FHIR)
    absent = await ask(served, kit.exchange(unknown, profil=ProfilAcces.P0), norme=Norme.FHIR)

    assert statuses(seen) == {"01": "not_asked", "11": "not_asked", "84": "answered"}
    assert statuses(hidden) == statuses(absent) == dict.fromkeys(CODES, "empty")
    assert hidden.total == 0


async def test_what_is_withheld_is_counted(kit: Any, replica: Replica) -> None:
    secret = Contact(nom="x", niveau_confidentialite=Code("R283", "3"))
    live = kit.Member("84", ReponseOffres(kit.directory(kit.offer("84/A", contacts=(secret,)))))

    answer = await ask(federation(kit, replica, live), kit.exchange(kit.CARDIOLOGY, "84", ProfilAcces.P0))

    assert answer.repertoire.offres[0].contacts == ()
    assert answer.outcomes[2].withheld > 0


async def test_a_professional_keeps_the_links_to_units_the_replica_knows(kit: Any, replica: Replica) -> None:
    doctor = Professionnel("81", offres=("84/A", "84/B"))
    first = kit.directory(kit.offer("84/A"))
    second = kit.directory(
        kit.offer("84/B", activity="481", entite_geographique="1690000099", organisation="1690000099")
    )
    await copied(
        replica,
        "84",
        msgspec.structs.replace(first, professionnels=(doctor,)),
        msgspec.structs.replace(second, professionnels=(doctor,)),
    )
    member = kit.Member("84", ErreurContrat(1, ""), capabilities=kit.READS)

    answer = await ask(federation(kit, replica, member), kit.exchange(kit.CARDIOLOGY, "84", ProfilAcces.P2))

    assert offers(answer) == ["84/A"]
    assert [one.offres for one in answer.repertoire.professionnels] == [("84/A", "84/B")]


async def test_one_offer_of_two_members_counts_once(kit: Any, replica: Replica) -> None:
    both = ReponseOffres(kit.directory(kit.offer("84/A")))
    served = federation(kit, replica, kit.Member("11", both), kit.Member("84", both))

    answer = await ask(served, kit.exchange(kit.CARDIOLOGY))

    assert offers(answer) == ["84/A"]
    assert answer.total == 1


async def test_a_cut_answer_stays_truncated_even_when_nothing_of_it_matches(kit: Any, replica: Replica) -> None:
    other = ReponseOffres(kit.directory(kit.offer("84/A", activity="481")))
    served = federation(kit, replica, kit.Member("84", other, truncated=True), kit.Member("11", other))

    answer = await ask(served, kit.exchange(kit.CARDIOLOGY))

    assert statuses(answer) == {"01": "not_asked", "11": "empty", "84": "truncated"}


async def test_a_reading_answers_what_was_asked_whatever_the_source(kit: Any, replica: Replica) -> None:
    held = kit.directory(kit.offer("84/A"), kit.offer("84/B", champs_activite=(Code("R227", "04"),)))
    await copied(replica, "84", held)
    lecture = LectureEtablissement("1840000001", champs_activite=(Code("R227", "04"),))
    served = federation(kit, replica, kit.Member("84", MemberUnreachable("reset")))

    answer = await ask(served, kit.exchange(lecture, "84", maximum_age=1e10))

    assert offers(answer) == ["84/B"]
    assert answer.outcomes[2].cause == "reset"
    assert answer.total is None


async def test_a_refused_reading_is_a_failure_with_the_members_words(kit: Any, replica: Replica) -> None:
    served = federation(kit, replica, kit.Member("84", ErreurContrat(404, "inconnu")))

    answer = await ask(served, kit.exchange(LectureEtablissement("1840000009")))

    assert answer.failed
    assert answer.outcomes[2].refusal == ErreurContrat(404, "inconnu")


@pytest.mark.parametrize(("profil", "found"), [(ProfilAcces.P1, ["84/S"]), (ProfilAcces.P0, [])])
async def test_the_chain_of_a_hidden_unit_is_hidden_with_it(
    kit: Any, replica: Replica, profil: ProfilAcces, found: list[str]
) -> None:
    held = ReponseOffres(kit.directory(kit.offer("84/S", unite_sensible=True)))
    served = federation(kit, replica, kit.Member("84", held))

    answer = await ask(served, kit.exchange(LectureOrganisationInterne("84/S"), profil=profil))

    assert offers(answer) == found
    assert len(answer.repertoire) == 2 * len(found)
    assert answer.outcomes[2].status is (Status.ANSWERED if found else Status.EMPTY)


async def test_another_unit_than_the_one_asked_is_answered_as_it_came(kit: Any, replica: Replica) -> None:
    served = federation(kit, replica, kit.Member("84", ReponseOffres(kit.directory(kit.offer("84/A")))))

    answer = await ask(served, kit.exchange(LectureOrganisationInterne("84/B")))

    assert offers(answer) == ["84/A"]


async def test_notifications_are_joined(kit: Any, replica: Replica) -> None:
    changed = [ReponseNotification((EtablissementModifie(key),)) for key in ("1840000001", "1110000001")]
    served = federation(kit, replica, kit.Member("84", changed[0]), kit.Member("11", changed[1]))

    answer = await ask(served, kit.exchange(NOTIFICATION))

    assert [one.identifiant for one in answer.etablissements] == ["1110000001", "1840000001"]
    assert statuses(answer) == {"01": "not_asked", "11": "answered", "84": "answered"}


async def test_a_radius_is_measured_from_the_places_known_or_said_not_to_be(kit: Any, replica: Replica) -> None:
    await copied(replica, "84", kit.directory(kit.offer("84/A")))
    member = kit.Member("84", ErreurContrat(1, ""), capabilities=kit.READS)
    around = Recherche(territoires=(Territoire(TypeTerritoire.COMMUNE, "69123", Decimal(5)),))

    answer = await ask(federation(kit, replica, member), kit.exchange(around, "84"))

    assert [loss.rule for loss in answer.losses] == ["search.radius.unknown-centre"]
    assert statuses(answer)["84"] == "empty"


async def test_the_plan_sends_nothing(kit: Any, replica: Replica) -> None:
    member = kit.Member("84", ErreurContrat(1, ""))

    steps = await federation(kit, replica, member).plan(kit.exchange(kit.CARDIOLOGY, "84"), norme=Norme.FHIR)

    assert [(step.member, str(step.source or step.reason)) for step in steps] == [
        ("01", "territory"),
        ("11", "territory"),
        ("84", "live"),
    ]
    assert member.asked == []


async def test_another_document_is_served_from_the_next_exchange(kit: Any, replica: Replica) -> None:
    served = federation(kit, replica, kit.Member("84", MemberUnreachable("reset")), limits=Limits(failures=1))
    await ask(served, kit.exchange(NOTIFICATION, "84"))
    assert served.breaker_states() == {"84": BreakerState.OPEN}
    without_rights = msgspec.structs.replace(served.document, members=(kit.federated("84"),))

    served.serve(without_rights, {})
    answer = await ask(served, kit.exchange(NOTIFICATION, "84"))

    assert [str(outcome.reason) for outcome in answer.outcomes] == ["right"]
    assert served.document is without_rights


async def test_the_caller_reaches_only_its_providers(kit: Any, replica: Replica) -> None:
    served = federation(
        kit,
        replica,
        kit.Member("84", ReponseNotification()),
        kit.Member("11", ReponseNotification()),
        rights=lambda _document, _exchange, provider: provider == "84",
    )

    answer = await ask(served, kit.exchange(NOTIFICATION))

    assert [str(outcome.reason or outcome.status) for outcome in answer.outcomes] == ["right", "right", "empty"]


async def test_an_id_that_is_a_hash_finds_the_object_whose_key_it_hides(kit: Any, replica: Replica) -> None:
    key = "84/" + "UE-" * 30
    await copied(replica, "84", kit.directory(kit.offer(key), kit.offer("84/B")))
    served = federation(kit, replica, kit.Member("84", ErreurContrat(1, ""), capabilities=kit.READS))

    answer = await ask(served, kit.exchange(Recherche(cles=(fhir_id(key),)), "84"), page=PageRequest(1))
    unknown = await ask(served, kit.exchange(Recherche(cles=(fhir_id(key + "x"),)), "84"))

    assert is_hash(fhir_id(key))
    assert (offers(answer), answer.total) == ([key], 1)
    assert (offers(unknown), unknown.total) == ([], 0)
