"""The first fill from a member's archive: the same copy as by readings, and readings whenever it cannot be believed."""

import io
import json
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog

from adapters.contract import Adapter, Identity, Target
from adapters.errors import MemberAnswerInvalid
from adapters.registry import adapter_for
from conformance.reference.faults import FaultKind, Health
from conformance.reference.federation import REGION_PATH, region_application, server_contexts
from conformance.reference.federation_pki import FederationPki, make_federation_pki
from conformance.reference.listener import Listener
from conformance.reference.members import Member, read_members
from conformance.reference.solutions.extraction import ArchiveFault
from gateway import telemetry
from gateway.replica.extracting import establishments, snapshot
from gateway.replica.filling import Filled, fill
from gateway.replica.store import Replica
from gateway.replica.synchronisation import Rhythm, synchronise
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.professionnel import Professionnel, SituationOperationnelle
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger
from mappings.shelf import Shelves

SPOKEN = [("ir", "2.4"), ("iess", "3.0"), ("autre", "1.5")]
CAUSES = {
    ArchiveFault.WRONG_HASH: "extraction-hash",
    ArchiveFault.NO_HASH: "extraction-hash-missing",
    ArchiveFault.TRUNCATED_ZIP: "extraction-not-a-zip",
    ArchiveFault.NOT_A_ZIP: "extraction-not-a-zip",
    ArchiveFault.ZIP_BOMB: "extraction-ratio",
    ArchiveFault.PATH_TRAVERSAL: "extraction-entry-name",
    ArchiveFault.WRONG_ROOT: "extraction-root",
    ArchiveFault.WRONG_VERSION: "extraction-schema",
    ArchiveFault.MALFORMED_XML: "extraction-malformed",
    ArchiveFault.EMPTY_ARCHIVE: "extraction-empty",
    ArchiveFault.STALE_STAMP: "extraction-too-old",
    ArchiveFault.FUTURE_STAMP: "extraction-stamp-in-the-future",
}


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> FederationPki:
    directory = tmp_path_factory.mktemp("filling") / "pki"
    return make_federation_pki(directory, members=(small(),), clients=(), ca_key_size=2048)


@cache
def small() -> Member:
    return next(one for one in read_members() if one.code == "03")


@dataclass(frozen=True, slots=True)
class Base:
    """A region that listens, and how one asks it; `plain` does not know of its archives."""

    health: Health
    adapter: Adapter
    plain: Adapter


Start = Callable[[str, str], Awaitable[Base]]


@pytest.fixture
async def start(pki: FederationPki) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def started(solution: str, contract: str) -> Base:
            health = Health()
            member = replace(small(), solution=solution, contract=contract)
            application = region_application(member, health, pki.hierarchy.organisations)
            listener = Listener(application, server_contexts(pki, "member-03-server", ssl.CERT_REQUIRED), health)
            await listener.start()
            stack.push_async_callback(listener.stop)
            context = ssl.create_default_context(cafile=pki.directory / "ca.pem")
            context.load_cert_chain(pki.pem("gateway-client"), pki.key("gateway-client"))
            target = Target(
                code="03",
                regions=("03",),
                solution=solution,
                contract=contract,
                endpoint=f"{listener.origin}{REGION_PATH}",
                server_name="localhost",
                server_sha256=frozenset({pki.leaves["member-03-server"].sha256}),
            )
            identity = Identity(context, "CN=passerelle,OU=10B0000000,O=PASSERELLE,C=FR", "10B0000000")
            archived = adapter_for(msgspec.structs.replace(target, extraction="V1"), identity)
            plain = adapter_for(target, identity)
            stack.push_async_callback(archived.close)
            stack.push_async_callback(plain.close)
            return Base(health, archived, plain)

        yield started


@pytest.fixture
async def copies(tmp_path: Path) -> AsyncIterator[Callable[[str], Awaitable[Replica]]]:
    async with AsyncExitStack() as stack:

        async def opened(name: str) -> Replica:
            replica = await Replica.open(f"sqlite:///{tmp_path / name}.db")
            stack.push_async_callback(replica.close)
            return replica

        yield opened


@pytest.fixture
def told() -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    stream = io.StringIO()
    telemetry.configure(stream)
    yield lambda event: [line for line in map(json.loads, stream.getvalue().splitlines()) if line["event"] == event]
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


@pytest.mark.parametrize(("solution", "contract"), SPOKEN, ids=[one[0] for one in SPOKEN])
async def test_an_archive_gives_the_copy_that_readings_give(
    start: Start, copies: Any, told: Any, solution: str, contract: str
) -> None:
    base = await start(solution, contract)
    read, extracted = await copies("read"), await copies("extracted")

    await synchronise("03", base.plain, read)
    progress = await synchronise("03", base.adapter, extracted)

    (filled,) = told("replica_filled_by_extraction")
    assert (progress.state, progress.waiting) == ("current", ())
    assert await extracted.contents() == await read.contents()
    sites = await read.seen("03")
    assert filled["establishments"] == len(sites) > 20
    for site in sites:
        expected, found = await read.read_establishment("03", site), await extracted.read_establishment("03", site)
        assert comparable(found) == comparable(expected)


def comparable(repertoire: Repertoire) -> dict[str, Objet]:
    """The objects by key. A document describes an activity or a legal entity once, as of whoever has it first."""
    said = {one.cle: one for one in repertoire.objets()}
    for entite in repertoire.entites_juridiques:
        said[entite.cle] = EntiteJuridique(entite.cle, identifiants=entite.identifiants)
    for offre in repertoire.offres:
        said[offre.cle] = msgspec.structs.replace(
            offre, activites=tuple(ActiviteOperationnelle(one.activite) for one in offre.activites)
        )
    return said


async def test_what_follows_is_a_notification_since_the_archive(start: Start, copies: Any, told: Any) -> None:
    base = await start("ir", "2.4")
    replica = await copies("copy")
    await synchronise("03", base.adapter, replica)
    first = (await replica.progress())["03"]

    second = await synchronise("03", base.adapter, replica)

    assert [line["read"] for line in told("replica_run_ended")] == [0, 0]
    assert len(told("replica_filled_by_extraction")) == 1
    assert first.last_sweep is not None
    assert second.last_sweep == first.last_sweep


@pytest.mark.parametrize("fault", ArchiveFault)
async def test_a_hostile_archive_is_refused_for_what_it_is_and_readings_fill_the_copy(
    start: Start, copies: Any, told: Any, fault: ArchiveFault
) -> None:
    base = await start("autre", "1.5")
    base.health.archive = fault
    replica = await copies("copy")

    progress = await synchronise("03", base.adapter, replica)

    assert [line["cause"] for line in told("replica_extraction_refused")] == [CAUSES[fault]]
    assert told("replica_filled_by_extraction") == []
    assert (progress.state, progress.waiting) == ("current", ())
    assert told("replica_run_ended")[0]["read"] == len(await replica.seen("03")) > 20


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        pytest.param(FaultKind.HTML, "html", id="html"),
        pytest.param(FaultKind.TRUNCATED, "truncated", id="truncated"),
    ],
)
async def test_a_member_that_fails_is_told_twice_and_holds_nothing(
    start: Start, copies: Any, told: Any, fault: FaultKind, cause: str
) -> None:
    base = await start("autre", "1.5")
    base.health.fault = fault
    replica = await copies("copy")

    progress = await synchronise("03", base.adapter, replica, rhythm=Rhythm(answer=2))

    assert [line["cause"] for line in told("replica_extraction_refused")] == [cause]
    assert (progress.state, progress.last_success) == ("failing", None)


EJ, OTHER = EntiteJuridique("1690000001", raison_sociale="Entité"), "1690001002"
SITE = EntiteGeographique("1690001001", EJ.cle, denomination="Site")


def unit(cle: str, site: str | None) -> OffreOperationnelle:
    return OffreOperationnelle(
        cle,
        nom="Unité",
        entite_geographique=site,
        champs_activite=(Code("R227", "01"),),
        mode_prise_en_charge=Code("R213", "28"),
    )


class Given:
    """An archive whose files hold those objects, and the member it is of."""

    stamp = datetime(2026, 11, 1, tzinfo=UTC)

    def __init__(self, *files: tuple[Objet, ...]) -> None:
        self._files = {Path(str(rank)): objects for rank, objects in enumerate(files)}

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(self._files)

    def objects(self, file: Path, *, ledger: Ledger, shelves: Shelves) -> Iterator[Objet]:
        return iter(self._files[file])

    async def extract(self, folder: Path, *, profil: ProfilAcces) -> "Given":
        return self


async def filled(replica: Replica, *files: tuple[Objet, ...]) -> Filled:
    return await fill("84", Given(*files), replica, profil=ProfilAcces.P1, reader="test 3.0")  # type: ignore[arg-type] # what fill asks of it


async def test_a_professional_is_in_each_establishment_with_what_is_done_there(copies: Any) -> None:
    replica = await copies("copy")
    here, there = unit("84/UE-1", SITE.cle), unit("84/UE-2", OTHER)
    doctor = Professionnel(
        "810000000001",
        offres=(here.cle, there.cle),
        situations=(
            SituationOperationnelle(offres=(here.cle,), visite_domicile=True),
            SituationOperationnelle(offres=(there.cle,), visite_domicile=False),
        ),
    )

    done = await filled(replica, (EJ, SITE, msgspec.structs.replace(SITE, cle=OTHER), here, there, doctor))

    assert done == Filled(Given.stamp.timestamp(), 2)
    (known,) = (await replica.read_establishment("84", OTHER)).professionnels
    assert (known.offres, [one.visite_domicile for one in known.situations]) == ((there.cle,), [False])


async def test_a_legal_entity_without_establishment_is_told(copies: Any) -> None:
    replica = await copies("copy")
    await filled(replica, (EJ, EntiteJuridique("1690000002", raison_sociale="Autre"), SITE))

    with snapshot(f"sqlite:///{replica._writer.url.database}") as connection:
        (found,) = establishments(connection, "84")
    assert [loss.rule for loss in found.losses] == ["replica.extraction.no-site"]
    assert found.repertoire.entites_juridiques == (EJ,)


@pytest.mark.parametrize(
    ("files", "cause"),
    [
        pytest.param([(EJ, SITE), (EJ, SITE)], "extraction-establishment-cut", id="one establishment in two files"),
        pytest.param([(EJ, SITE, unit("84/UE-1", None))], "extraction-unplaced", id="a unit of no establishment"),
        pytest.param([(EJ, SITE, unit("84/UE-1", OTHER))], "extraction-unplaced", id="of one that is not there"),
        pytest.param([(EJ, SITE, Professionnel("8"))], "extraction-unplaced", id="a professional who works nowhere"),
    ],
)
async def test_what_does_not_say_where_it_belongs_is_refused(
    copies: Any, files: list[tuple[Objet, ...]], cause: str
) -> None:
    with pytest.raises(MemberAnswerInvalid) as refused:
        await filled(await copies("copy"), *files)

    assert refused.value.cause == cause
