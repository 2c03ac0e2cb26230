"""A copy is filled, follows what changes, says why it cannot, and resumes."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Capabilities, MemberAnswer, Target
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberFailure, MemberRefused, MemberTimedOut, MemberUnreachable
from gateway.federation.exchange import FIRST_FILL, Status
from gateway.federation.fanout import Absence, Window
from gateway.replica.store import Contents, Progress, Replica
from gateway.replica.synchronisation import BEGINNING, Rhythm, keep, refusal, synchronise, synchronise_all
from mappings.exposition.demandes import (
    Demande,
    DemandeNotification,
    ErreurContrat,
    EtablissementModifie,
    LectureEtablissement,
    ProfilAcces,
    Reponse,
    ReponseNotification,
    ReponseOffres,
)
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code


def site(key: str, units: int = 1) -> Repertoire:
    offres = tuple(
        OffreOperationnelle(
            f"84/{key}-{number}",
            nom=f"Unité {number}",
            entite_geographique=key,
            champs_activite=(Code("R227", "02"),),
            mode_prise_en_charge=Code("R213", "28"),
        )
        for number in range(units)
    )
    above = EntiteJuridique("1999999999", raison_sociale="Hospices")
    return Repertoire((above,), (EntiteGeographique(key, above.cle, denomination=key),), offres=offres)


class Source:
    """A member whose establishments, changes and failures a test decides."""

    def __init__(self, code: str, sites: dict[str, Repertoire]) -> None:
        self.code = code
        self.sites = sites
        self.changed: set[str] | None = None
        self.failing: dict[str, MemberFailure | Reponse] = {}
        self.truncated = False
        self.nomenclatures = "2026-09"
        self.since: list[datetime] = []
        self.read: list[str] = []
        self.profiles: set[ProfilAcces] = set()
        self.at_once = self.most_at_once = 0

    @property
    def target(self) -> Target:
        return Target(
            code=self.code,
            regions=(self.code,),
            solution="test",
            contract="2.4",
            endpoint="https://localhost",
            server_name="localhost",
            server_sha256=frozenset(),
            nomenclatures=self.nomenclatures,
        )

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset())

    async def ask(self, demande: Demande, *, profil: ProfilAcces, deadline: Deadline) -> MemberAnswer:
        self.profiles.add(profil)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if isinstance(demande, DemandeNotification):
            return MemberAnswer(self._listed(demande))
        assert isinstance(demande, LectureEtablissement)
        self.read.append(demande.identifiant)
        return MemberAnswer(self._site(demande.identifiant), truncated=self.truncated)

    def _listed(self, demande: DemandeNotification) -> Reponse:
        self.since.append(demande.date_ref)
        planted = self.failing.get("notification")
        if isinstance(planted, MemberFailure):
            raise planted
        if planted is not None:
            return planted
        listed = self.sites if self.changed is None or demande.date_ref == BEGINNING else self.changed
        return ReponseNotification(tuple(EtablissementModifie(key) for key in sorted(listed)))

    def _site(self, key: str) -> Reponse:
        planted = self.failing.get(key)
        if isinstance(planted, MemberFailure):
            raise planted
        return planted or ReponseOffres(self.sites[key])

    async def close(self) -> None:
        """Nothing is open."""


def source(code: str = "84", sites: int = 5) -> Source:
    return Source(code, {f"1{number:09d}": site(f"1{number:09d}") for number in range(sites)})


FIRST, SECOND = "1000000000", "1000000001"


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Replica]:
    opened = await Replica.open(f"sqlite:///{tmp_path}/empty.db")
    yield opened
    await opened.close()


async def test_a_first_run_reads_everything_once_under_profile_1(empty: Replica) -> None:
    member = source(sites=9)

    progress = await synchronise("84", member, empty)

    assert member.since == [BEGINNING]
    assert sorted(member.read) == sorted(member.sites)
    assert member.profiles == {ProfilAcces.P1}
    assert member.most_at_once <= Rhythm().readings
    assert (progress.state, progress.cause, progress.contract, progress.nos) == ("current", None, "2.4", "2026-09")
    assert await empty.progress() == {"84": progress}
    assert await empty.contents() == {"84": Contents(9, 9)}
    age = (await empty.ages())["84"]
    assert age < 5


async def test_the_next_runs_read_what_changed(empty: Replica) -> None:
    member = source()
    first = await synchronise("84", member, empty)
    member.read.clear()
    member.changed = {SECOND}
    member.sites[SECOND] = site(SECOND, units=3)

    second = await synchronise("84", member, empty)

    assert member.read == [SECOND]
    assert first.date_ref is not None
    assert member.since[1].timestamp() == pytest.approx(first.date_ref - Rhythm().overlap)
    assert await empty.read_establishment("84", SECOND) == member.sites[SECOND]
    assert second.last_success is not None
    assert second.last_success > (first.last_success or 0)


async def test_another_publication_of_the_nomenclatures_makes_everything_read_again(empty: Replica) -> None:
    member = source()
    first = await synchronise("84", member, empty)
    member.read.clear()
    member.changed = set()
    member.nomenclatures = "2021-10"
    member.failing = dict.fromkeys(member.sites, MemberUnreachable("reset"))

    failed = await synchronise("84", member, empty)
    member.failing = {}
    again = await synchronise("84", member, empty)

    # What the copy holds was judged by the former publication until it was read again.
    assert (first.nos, failed.nos, again.nos) == ("2026-09", "2026-09", "2021-10")
    assert set(member.read) == set(member.sites)
    assert member.since[2] == BEGINNING


async def test_a_sweep_drops_what_disappeared(empty: Replica) -> None:
    member = source()
    await synchronise("84", member, empty)
    del member.sites[FIRST]

    await synchronise("84", member, empty, rhythm=Rhythm(sweep=0))

    assert FIRST not in await empty.seen("84")
    assert await empty.contents() == {"84": Contents(4, 4)}


async def test_an_establishment_the_member_no_longer_knows_is_dropped(empty: Replica) -> None:
    member = source()
    await synchronise("84", member, empty)
    member.changed, member.failing = {FIRST}, {FIRST: ErreurContrat(404, "inconnu")}

    progress = await synchronise("84", member, empty)

    assert progress.state == "current"
    assert FIRST not in await empty.seen("84")


@pytest.mark.parametrize(
    ("planted", "cause"),
    [
        pytest.param(MemberUnreachable("reset"), "reset", id="unreachable"),
        pytest.param(MemberAnswerInvalid("html"), "html", id="invalid"),
        pytest.param(ErreurContrat(444, "non"), "contract_error", id="refused"),
        pytest.param(ReponseNotification(), "another_answer", id="another answer"),
    ],
)
async def test_an_establishment_that_cannot_be_read_waits(
    empty: Replica, planted: MemberFailure | Reponse, cause: str
) -> None:
    member = source()
    member.failing = {FIRST: planted}

    partial = await synchronise("84", member, empty)
    member.failing, member.changed = {}, set()
    member.read.clear()
    whole = await synchronise("84", member, empty)

    assert (partial.state, partial.cause, partial.waiting) == ("partial", cause, (FIRST,))
    assert member.read == [FIRST]
    assert (whole.state, whole.cause, whole.waiting) == ("current", None, ())
    assert len(await empty.seen("84")) == 5


@pytest.mark.parametrize(
    ("planted", "cause"),
    [(MemberTimedOut("deadline"), "deadline"), (ErreurContrat(444, "non"), "contract_error")],
)
async def test_a_failing_member_keeps_its_copy_and_says_why(
    empty: Replica, planted: MemberFailure | Reponse, cause: str
) -> None:
    member = source()
    before = await synchronise("84", member, empty)
    member.failing = {"notification": planted}

    failing = await synchronise("84", member, empty)

    assert (failing.state, failing.cause, failing.pending_since) == ("failing", cause, None)
    assert (failing.last_success, failing.date_ref) == (before.last_success, before.date_ref)
    assert len(await empty.seen("84")) == 5


@pytest.mark.parametrize(
    ("planted", "absence"),
    [
        pytest.param(MemberUnreachable("reset"), Absence(Status.UNREACHABLE, "reset"), id="unreachable"),
        pytest.param(MemberTimedOut("deadline"), Absence(Status.TIMED_OUT, "deadline"), id="timed out"),
        pytest.param(MemberAnswerInvalid("html"), Absence(Status.INVALID_ANSWER, "html"), id="invalid"),
        pytest.param(MemberRefused("http-403"), Absence(Status.REFUSED, "http-403"), id="refused"),
        pytest.param(ErreurContrat(444, "non"), Absence(Status.REFUSED, "contract_error"), id="its own refusal"),
    ],
)
async def test_a_member_never_copied_is_known_by_its_last_failing_run(
    empty: Replica, planted: MemberFailure | Reponse, absence: Absence
) -> None:
    member = source()
    assert await empty.absence("84") == Absence(Status.NOT_ASKED, FIRST_FILL)

    member.failing = {"notification": planted}
    await synchronise("84", member, empty)

    assert await empty.absence("84") == absence
    assert (await empty.progress())["84"].failure is absence.status

    member.failing = {}
    await synchronise("84", member, empty)

    assert (await empty.progress())["84"].failure is None
    assert set(await empty.ages()) == {"84"}


async def test_a_first_fill_under_way_is_said(empty: Replica) -> None:
    await empty.record(Progress(member="84", state="filling", pending_since=1.0, last_attempt=1.0))

    assert await empty.absence("84") == Absence(Status.NOT_ASKED, FIRST_FILL)


async def test_a_member_that_falls_silent_is_not_asked_on_and_on(empty: Replica) -> None:
    member = source(sites=30)
    member.failing = dict.fromkeys(member.sites, MemberUnreachable("reset"))

    progress = await synchronise("84", member, empty)

    assert progress.state == "failing"
    assert progress.last_success is None
    assert await empty.ages() == {}
    assert len(member.read) < 10


async def test_a_failing_member_stops_no_other(empty: Replica) -> None:
    dead = source("53")
    dead.failing = {"notification": MemberRefused("http-403")}

    runs = await synchronise_all({"53": dead, "84": source("84")}, empty)

    assert {member: run.state for member, run in runs.items()} == {"53": "failing", "84": "current"}


async def test_a_run_cut_by_a_crash_does_not_read_twice(empty: Replica) -> None:
    member = source()
    begun = time.time() - 10
    await empty.record(Progress(member="84", state="filling", pending_since=begun))
    await empty.store_establishment("84", FIRST, site(FIRST), seen_at=begun + 1)

    progress = await synchronise("84", member, empty)

    assert FIRST not in member.read
    assert len(member.read) == 4
    assert progress.date_ref == begun


async def test_a_truncated_reading_is_kept_and_said(empty: Replica) -> None:
    member = source(sites=1)
    member.truncated = True
    await synchronise("84", member, empty)

    found = await empty.held("84", LectureEtablissement(FIRST), Window())

    assert found is not None
    assert [(loss.object, loss.rule) for loss in found.losses] == [(FIRST, "replica.reading.truncated")]


async def test_copies_are_kept_until_cancelled(empty: Replica) -> None:
    member = source(sites=1)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await keep({"84": member}, empty, rhythm=Rhythm(period=0.02))

    assert len(member.since) > 2


async def test_seventeen_members_of_forty_establishments_fill_quickly(empty: Replica) -> None:
    members: dict[str, Any] = {
        f"{code:02d}": Source(f"{code:02d}", {f"1{number:09d}": site(f"1{number:09d}", 8) for number in range(40)})
        for code in range(17)
    }
    started = time.monotonic()

    runs = await synchronise_all(members, empty)

    assert {run.state for run in runs.values()} == {"current"}
    assert time.monotonic() - started < 15


def test_what_a_run_ends_with() -> None:
    refused = refusal(ErreurContrat(444, "non"))

    assert isinstance(refused, MemberRefused)
    assert (refused.code, refused.message) == (444, "non")


async def test_a_database_that_cannot_be_written_ends_the_run_and_not_the_gateway(tmp_path: Path) -> None:
    replica = await Replica.open(f"sqlite:///{tmp_path / 'replica.db'}")
    member = Source("84", {key: site(key) for key in "ABC"})
    with closing(sqlite3.connect(tmp_path / "replica.db")) as beside:
        beside.execute("CREATE TRIGGER full BEFORE INSERT ON offer BEGIN SELECT RAISE(ABORT, 'full'); END")

        failed = await synchronise("84", member, replica)
        beside.execute("DROP TRIGGER full")
    mended = await synchronise("84", member, replica)
    await replica.close()

    assert (failed.state, failed.cause) == ("failing", "database")
    assert mended.state == "current"
