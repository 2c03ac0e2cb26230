"""Every member has one step: a source, or the reason it is not asked."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.contract import Capabilities
from gateway.federation.exchange import Reason, Source
from gateway.federation.plan import Facts, Step, keys_to_locate, plan
from gateway.federation.sight import Sight
from mappings.exposition.demandes import (
    Demande,
    DemandeNotification,
    LectureEtablissement,
    LectureOrganisationInterne,
    ProfilAcces,
    Recherche,
    Territoire,
    Transaction,
    TypeObjet,
    TypeTerritoire,
)
from mappings.exposition.values import Code
from whitelist.document import MemberState, MemberStatus

CODES = ("01", "04", "11", "84", "94")
ALL_COPIED = Facts(ages=dict.fromkeys(CODES, 30.0))
NOTIFICATION = DemandeNotification(datetime(2026, 1, 1, tzinfo=UTC))


def steps(kit: Any, demande: Demande, facts: Facts = ALL_COPIED, target: str = "FR", **demands: Any) -> dict[str, Step]:
    """The plan over five members: 01 cannot search, 94 is cut over to the national ROR."""
    members = [
        kit.federated(code, state=MemberState.NATIONAL if code == "94" else MemberState.REGIONAL) for code in CODES
    ]
    capabilities = {code: kit.READS if code == "01" else kit.SEARCHES for code in CODES}
    planned = plan(
        kit.exchange(demande, target, **demands), members, capabilities, lambda _: True, facts, sight=Sight()
    )
    assert [step.member for step in planned] == sorted(CODES)
    return {step.member: step for step in planned}


def asked(planned: dict[str, Step]) -> set[str]:
    return {code for code, step in planned.items() if step.reason is not Reason.TERRITORY}


def sources(planned: dict[str, Step]) -> dict[str, str]:
    return {code: str(step.source or step.reason) for code, step in planned.items()}


REGION, DEPARTMENT, COMMUNE = TypeTerritoire.REGION, TypeTerritoire.DEPARTEMENT, TypeTerritoire.COMMUNE
EVERYONE = set(CODES)


@pytest.mark.parametrize(
    ("demande", "facts", "expected"),
    [
        pytest.param(NOTIFICATION, ALL_COPIED, EVERYONE, id="notification"),
        pytest.param(LectureEtablissement("1690000011"), ALL_COPIED, {"84"}, id="FINESS"),
        pytest.param(LectureEtablissement("12A0000154"), ALL_COPIED, {"94"}, id="FINESS of Corsica"),
        pytest.param(LectureEtablissement("1980500003"), ALL_COPIED, {"04"}, id="FINESS of Mayotte"),
        pytest.param(
            LectureEtablissement("331328539700011"),
            Facts(ages=ALL_COPIED.ages, owners=frozenset({"11"})),
            {"11"},
            id="SIRET the replica knows",
        ),
        pytest.param(LectureEtablissement("331328539700011"), ALL_COPIED, EVERYONE, id="SIRET nobody knows"),
        pytest.param(
            LectureEtablissement("331328539700011"),
            Facts(ages={"11": 1.0, "84": 1.0}, owners=frozenset({"11"})),
            {"11", "01", "04", "94"},
            id="members without a copy stay candidates",
        ),
        pytest.param(LectureOrganisationInterne("84/UE-1"), ALL_COPIED, {"84"}, id="unit"),
        pytest.param(LectureOrganisationInterne("06/UE-1"), ALL_COPIED, {"04"}, id="unit of Mayotte"),
        pytest.param(Recherche(regions=("06",)), ALL_COPIED, {"04"}, id="_tag=06"),
        pytest.param(Recherche(regions=("84", "11")), ALL_COPIED, {"84", "11"}, id="two regions"),
        pytest.param(Recherche(territoires=(Territoire(DEPARTMENT, "75"),)), ALL_COPIED, {"11"}, id="department"),
        pytest.param(
            Recherche(territoires=(Territoire(COMMUNE, "97411"), Territoire(REGION, "84"))),
            ALL_COPIED,
            {"04", "84"},
            id="territories are a union",
        ),
        pytest.param(
            Recherche(territoires=(Territoire(DEPARTMENT, "975"), Territoire(REGION, "84"))),
            ALL_COPIED,
            EVERYONE,
            id="a territory that tells nothing",
        ),
        pytest.param(
            Recherche(regions=("84",), territoires=(Territoire(REGION, "11"),)), ALL_COPIED, set(), id="a conjunction"
        ),
        pytest.param(Recherche(offres=("84/UE-1", "11/UE-1")), ALL_COPIED, {"84", "11"}, id="offers"),
        pytest.param(
            Recherche(organisations=("1690000001",)),
            Facts(ages=ALL_COPIED.ages, owners=frozenset({"11"})),
            {"84", "11"},
            id="a legal entity has sites elsewhere",
        ),
        pytest.param(Recherche(organisations=("1690000001",)), Facts(), EVERYONE, id="a legal entity, without copies"),
        pytest.param(
            Recherche(TypeObjet.SITUATION, cles=("810000000001/84/UE-1",)), ALL_COPIED, {"84"}, id="a situation"
        ),
        pytest.param(Recherche(), ALL_COPIED, EVERYONE, id="no criterion"),
    ],
)
def test_who_may_hold_an_answer(kit: Any, demande: Demande, facts: Facts, expected: set[str]) -> None:
    assert asked(steps(kit, demande, facts)) == expected


def test_one_target_leaves_the_others_out(kit: Any) -> None:
    assert asked(steps(kit, NOTIFICATION, target="84")) == {"84"}


ACTIVITY = Recherche(activites=(Code("R211", "037"),))
NAME = Recherche(nom_contient="cardio")


@pytest.mark.parametrize(
    ("demande", "demands", "facts", "expected"),
    [
        pytest.param(
            NOTIFICATION,
            {},
            ALL_COPIED,
            {"01": "live", "04": "live", "11": "live", "84": "live", "94": "national"},
            id="contract",
        ),
        pytest.param(
            ACTIVITY,
            {},
            ALL_COPIED,
            {"01": "replica", "04": "live", "11": "live", "84": "live", "94": "national"},
            id="a solution without search",
        ),
        pytest.param(
            ACTIVITY,
            {},
            Facts(),
            {"01": "replica", "04": "live", "11": "live", "84": "live", "94": "national"},
            id="without copies: the replica says why",
        ),
        pytest.param(
            NAME,
            {},
            ALL_COPIED,
            {"01": "replica", "04": "replica", "11": "replica", "84": "replica", "94": "national"},
            id="criteria no search understands",
        ),
        pytest.param(
            NAME,
            {},
            Facts(ages={"84": 1.0}),
            {"01": "replica", "04": "live", "11": "live", "84": "replica", "94": "national"},
            id="a sweep for want of a copy",
        ),
        pytest.param(
            Recherche(TypeObjet.ORGANISATION),
            {},
            Facts(ages={"84": 1.0}),
            {"01": "replica", "04": "replica", "11": "replica", "84": "replica", "94": "national"},
            id="other objects",
        ),
        pytest.param(
            ACTIVITY,
            {"source": Source.LIVE},
            ALL_COPIED,
            {"01": "criteria", "04": "live", "11": "live", "84": "live", "94": "cutover"},
            id="live demanded",
        ),
        pytest.param(
            NAME,
            {"source": Source.LIVE},
            ALL_COPIED,
            {"01": "criteria", "04": "criteria", "11": "criteria", "84": "criteria", "94": "cutover"},
            id="live demanded, criteria not understood",
        ),
        pytest.param(
            ACTIVITY,
            {"source": Source.REPLICA},
            Facts(ages={"84": 1.0}),
            {"01": "replica", "04": "replica", "11": "replica", "84": "replica", "94": "cutover"},
            id="replica demanded",
        ),
        pytest.param(
            ACTIVITY,
            {"maximum_age": 10.0},
            ALL_COPIED,
            {"01": "criteria", "04": "live", "11": "live", "84": "live", "94": "national"},
            id="the copy is too old",
        ),
        pytest.param(
            ACTIVITY,
            {"source": Source.NATIONAL},
            ALL_COPIED,
            {"01": "criteria", "04": "criteria", "11": "criteria", "84": "criteria", "94": "national"},
            id="national demanded",
        ),
    ],
)
def test_which_source(
    kit: Any, demande: Demande, demands: dict[str, Any], facts: Facts, expected: dict[str, str]
) -> None:
    assert sources(steps(kit, demande, facts, **demands)) == expected


@pytest.mark.parametrize(
    ("recherche", "pushed", "filtered"),
    [
        pytest.param(ACTIVITY, {"activites"}, set(), id="all pushed"),
        pytest.param(
            Recherche(activites=(Code("R211", "037"),), nom_contient="x"), {"activites"}, {"nom_contient"}, id="a part"
        ),
        pytest.param(
            Recherche(activites=(Code("R211", "037"),), regions=("84",)), {"activites"}, set(), id="its region"
        ),
        pytest.param(
            Recherche(activites=(Code("R211", "037"),), territoires=(Territoire(COMMUNE, "21231", Decimal(20)),)),
            {"activites"},
            {"territoires"},
            id="a radius from another region",
        ),
        pytest.param(
            Recherche(activites=(Code("R211", "037"),), territoires=(Territoire(COMMUNE, "69123", Decimal(20)),)),
            {"activites", "territoires"},
            set(),
            id="a radius from here",
        ),
    ],
)
def test_what_is_pushed_and_what_is_filtered(
    kit: Any, recherche: Recherche, pushed: set[str], filtered: set[str]
) -> None:
    step = steps(kit, recherche)["84"]

    assert (step.source, step.pushed, step.filtered) == (Source.LIVE, pushed, filtered)


def test_one_region_of_a_member_that_holds_two_is_filtered(kit: Any) -> None:
    step = steps(kit, Recherche(activites=(Code("R211", "037"),), regions=("06",)))["04"]

    assert step.filtered == {"regions"}


def test_the_copy_stands_in_only_when_an_age_is_accepted(kit: Any) -> None:
    assert not steps(kit, ACTIVITY)["84"].fallback
    assert steps(kit, ACTIVITY, maximum_age=60.0)["84"].fallback
    assert not steps(kit, ACTIVITY, maximum_age=10.0)["84"].fallback
    assert not steps(kit, ACTIVITY, maximum_age=60.0, source=Source.LIVE)["84"].fallback


@pytest.mark.parametrize("status", [MemberStatus.MAINTENANCE, MemberStatus.SUSPENDED, MemberStatus.WITHDRAWN])
def test_a_member_that_is_not_served_is_not_asked(kit: Any, status: MemberStatus) -> None:
    members = [kit.federated("84", status=status), kit.federated("11")]

    planned = plan(kit.exchange(NOTIFICATION), members, {"11": kit.READS}, lambda _: True, Facts(), sight=Sight())

    assert planned == (Step(member="11", source=Source.LIVE), Step(member="84", reason=Reason.MAINTENANCE))


def test_a_member_the_caller_has_no_right_to_is_not_asked(kit: Any) -> None:
    members = [kit.federated("84"), kit.federated("11")]
    capabilities = {"11": kit.READS, "84": kit.READS}

    planned = plan(kit.exchange(NOTIFICATION), members, capabilities, lambda code: code == "11", Facts(), sight=Sight())

    assert planned == (Step(member="11", source=Source.LIVE), Step(member="84", reason=Reason.RIGHT))


def test_the_national_ror_is_asked_what_it_can(kit: Any) -> None:
    members = [kit.federated("94", state=MemberState.NATIONAL)]
    reads_only = {"94": Capabilities(frozenset({Transaction.LECTURE_ETABLISSEMENT}))}

    planned = plan(kit.exchange(NOTIFICATION), members, reads_only, lambda _: True, Facts(), sight=Sight())

    assert planned == (Step(member="94", reason=Reason.CRITERIA),)


@pytest.mark.parametrize(
    ("demande", "keys"),
    [
        pytest.param(LectureEtablissement("a"), ("a",), id="establishment"),
        pytest.param(LectureOrganisationInterne("b"), ("b",), id="unit"),
        pytest.param(Recherche(cles=("a",), offres=("b",), organisations=("c",)), ("a", "b", "c"), id="search"),
        pytest.param(NOTIFICATION, (), id="notification"),
    ],
)
def test_the_keys_to_locate(demande: Demande, keys: tuple[str, ...]) -> None:
    assert keys_to_locate(demande) == keys


ACTS = Recherche(activites=(Code("R211", "037"),), equipements=(Code("R212", "088"),))


@pytest.mark.parametrize(
    ("profil", "pushed"),
    [(ProfilAcces.P1, {"activites", "equipements"}), (ProfilAcces.P3, {"activites"})],
)
def test_what_some_units_hide_is_never_pushed(kit: Any, profil: ProfilAcces, pushed: set[str]) -> None:
    capabilities = {"11": kit.SEARCHES}

    (step,) = plan(
        kit.exchange(ACTS, profil=profil),
        [kit.federated("11")],
        capabilities,
        lambda _: True,
        ALL_COPIED,
        sight=Sight(profil),
    )

    assert (step.source, step.pushed) == (Source.LIVE, pushed)
    assert step.pushed | step.filtered == {"activites", "equipements"}


SPECIALITY = Recherche(activites=(Code("R211", "037"),), specialites=(Code("R38", "SM26"),))
ASKS_SPECIALITIES = Capabilities(frozenset({Transaction.RECHERCHE}), criteria=frozenset({"activites", "specialites"}))


@pytest.mark.parametrize(
    ("changes", "searches", "demands", "expected"),
    [
        pytest.param({"contract": "2.4"}, True, {}, "live", id="2.4, its own search"),
        pytest.param({"contract": "2.4"}, False, {}, "live", id="2.4, filtered after"),
        pytest.param({"contract": "2.4"}, False, {"source": Source.REPLICA}, "replica", id="2.4, its copy"),
        pytest.param({"contract": "3.0"}, True, {}, "live", id="3.0, its own search"),
        pytest.param({"contract": "3.0"}, False, {}, "criteria", id="3.0, nothing to filter by"),
        pytest.param({"contract": "3.0"}, True, {"source": Source.REPLICA}, "criteria", id="3.0, its copy"),
        pytest.param({"state": MemberState.NATIONAL}, False, {}, "criteria", id="cut over"),
    ],
)
def test_a_speciality_is_judged_only_where_it_is_said(
    kit: Any, changes: dict[str, Any], searches: bool, demands: dict[str, Any], expected: str
) -> None:
    abilities = ASKS_SPECIALITIES if searches else kit.SEARCHES
    planned = plan(
        kit.exchange(SPECIALITY, **demands),
        [kit.federated("11", **changes)],
        {"11": abilities},
        lambda _: True,
        ALL_COPIED,
        sight=Sight(),
    )

    assert sources({step.member: step for step in planned}) == {"11": expected}


def test_a_copy_that_does_not_say_the_speciality_never_stands_in(kit: Any) -> None:
    asked = kit.exchange(SPECIALITY, maximum_age=60.0)
    for contract, stands_in in (("2.4", True), ("3.0", False)):
        members, abilities = [kit.federated("11", contract=contract)], {"11": ASKS_SPECIALITIES}

        (step,) = plan(asked, members, abilities, lambda _: True, ALL_COPIED, sight=Sight())

        assert (step.source, step.fallback, step.alone) == (Source.LIVE, stands_in, not stands_in)


def test_nobody_is_asked_when_every_unit_hides_what_is_asked(kit: Any) -> None:
    (step,) = plan(
        kit.exchange(ACTS, profil=ProfilAcces.P0),
        [kit.federated("11")],
        {"11": kit.SEARCHES},
        lambda _: True,
        ALL_COPIED,
        sight=Sight(ProfilAcces.P0),
    )

    assert step == Step(member="11", barren=True)
