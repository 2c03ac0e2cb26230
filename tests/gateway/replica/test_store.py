"""The copy of a member is replaced establishment by establishment and read back as it was given."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.federation.fanout import Window
from gateway.federation.paging import Position
from gateway.federation.sight import Sight
from gateway.replica.store import Contents, Progress, Replica
from mappings.exposition.demandes import (
    DemandeNotification,
    EtablissementModifie,
    LectureEtablissement,
    LectureOrganisationInterne,
    ProfilAcces,
    Recherche,
    ReponseOffres,
)
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Loss, LossKind, Severity

LOSS = Loss("84/UE-0001", "nom", "rule", LossKind.DROPPED, Severity.ERROR)


async def test_an_establishment_reads_back_as_it_was_stored(replica: Replica, region: Any) -> None:
    assert await replica.read_establishment("84", region.lyon.cle) == region.at_lyon
    assert await replica.read_establishment("53", region.lyon.cle) == Repertoire()


async def test_what_disappeared_from_a_reading_disappears(replica: Replica, region: Any) -> None:
    without = msgspec.structs.replace(region.at_lyon, offres=(region.sensitive,), professionnels=())

    await replica.store_establishment("84", region.lyon.cle, without, seen_at=200.0)

    assert await replica.read_establishment("84", region.lyon.cle) == without
    assert await replica.contents() == {"84": Contents(2, 2)}
    assert await replica.owners_of(["810000000001"], Sight()) == {"84"}


async def test_a_shared_object_stays_while_one_establishment_holds_it(replica: Replica, region: Any) -> None:
    await replica.forget_establishments("84", [region.lyon.cle])

    assert await replica.owners_of([region.ej.cle], Sight()) == {"84"}
    assert await replica.owners_of([region.cardio.cle], Sight()) == frozenset()

    await replica.forget_establishments("84", [region.grenoble.cle])

    assert await replica.owners_of([region.ej.cle], Sight()) == frozenset()


async def test_a_unit_that_moved_is_where_it_was_last_read(replica: Replica, region: Any) -> None:
    moved = msgspec.structs.replace(
        region.cardio, entite_geographique=region.grenoble.cle, organisation=region.grenoble.cle
    )
    there = msgspec.structs.replace(region.at_grenoble, offres=(region.ehpad, moved))

    await replica.store_establishment("84", region.grenoble.cle, there, seen_at=200.0)

    held = await replica.read_unit("84", region.cardio.cle)
    assert held.offres == (moved,)
    assert [entite.cle for entite in held.entites_geographiques] == [region.grenoble.cle]
    assert await replica.contents() == {"84": Contents(2, 3)}


async def test_a_unit_is_read_with_its_chain_upwards(replica: Replica, region: Any) -> None:
    unit = await replica.read_unit("84", region.cardio.cle)

    assert unit == msgspec.structs.replace(region.at_lyon, offres=(region.cardio,))


async def test_an_internal_organisation_is_read_without_what_hangs_below(replica: Replica, region: Any) -> None:
    pole = await replica.read_unit("84", region.pole.cle)

    assert pole == msgspec.structs.replace(region.at_lyon, offres=(), professionnels=())


@pytest.mark.parametrize(
    ("since", "fields", "publics", "expected"),
    [
        pytest.param(
            1,
            (),
            (),
            (
                EtablissementModifie("1380000012", (Code("R227", "04"),)),
                EtablissementModifie("1690000011", (Code("R227", "02"),)),
            ),
            id="all",
        ),
        pytest.param(6, (), (), (EtablissementModifie("1380000012", (Code("R227", "04"),)),), id="since the unit"),
        pytest.param(9, (), (), (), id="after is strict"),
        pytest.param(
            1, (Code("R227", "02"),), (), (EtablissementModifie("1690000011", (Code("R227", "02"),)),), id="field"
        ),
        pytest.param(
            1, (), (Code("R239", "11"),), (EtablissementModifie("1380000012", (Code("R227", "04"),)),), id="public"
        ),
    ],
)
async def test_notification(
    replica: Replica,
    region: Any,
    since: int,
    fields: tuple[Code, ...],
    publics: tuple[Code, ...],
    expected: tuple[EtablissementModifie, ...],
) -> None:
    answer = await replica.notification("84", DemandeNotification(region.day(since), fields, publics))

    assert answer.etablissements == expected
    assert answer.nombre_annonce == len(expected)


async def test_a_copy_that_is_not_whole_answers_nothing(replica: Replica) -> None:
    await replica.record(Progress(member="53", state="filling", pending_since=1.0))

    assert await replica.held("53", Recherche(), Window()) is None
    assert await replica.held("11", Recherche(), Window()) is None
    assert set(await replica.ages()) == {"84"}
    assert "53" not in await replica.ages()


async def test_a_partial_copy_says_what_it_lacks(replica: Replica, region: Any) -> None:
    await replica.record(Progress(member="84", state="partial", last_success=1.0, waiting=("1690000099",)))

    answers = {
        "search": await replica.held("84", Recherche(), Window()),
        "unit held": await replica.held("84", LectureOrganisationInterne(region.cardio.cle), Window()),
        "unit not held": await replica.held("84", LectureOrganisationInterne("84/UE-9"), Window()),
        "establishment held": await replica.held("84", LectureEtablissement(region.lyon.cle), Window()),
        "establishment awaited": await replica.held("84", LectureEtablissement("1690000099"), Window()),
        "notification": await replica.held("84", DemandeNotification(region.day(1)), Window()),
    }

    assert {name: held.truncated for name, held in answers.items() if held is not None} == {
        "search": True,
        "unit held": False,
        "unit not held": True,
        "establishment held": False,
        "establishment awaited": True,
        "notification": True,
    }


async def test_an_answer_carries_the_losses_of_its_objects_and_the_units_around(replica: Replica, region: Any) -> None:
    await replica.store_establishment("84", region.lyon.cle, region.at_lyon, losses=[LOSS], seen_at=200.0)

    cardio = await replica.held("84", Recherche(offres=(region.cardio.cle,)), Window())
    other = await replica.held("84", Recherche(offres=(region.sensitive.cle,)), Window())

    assert cardio is not None
    assert other is not None
    assert cardio.losses == (LOSS,)
    assert other.losses == ()
    assert {(unit.cle, unit.unite_sensible) for unit in cardio.entourage.offres} == {
        (region.cardio.cle, False),
        (region.sensitive.cle, True),
        (region.ehpad.cle, False),
    }


async def test_a_professional_is_joined_from_all_establishments(replica: Replica, region: Any) -> None:
    held = await replica.held("84", Recherche(offres=(region.cardio.cle,)), Window())

    assert held is not None
    assert isinstance(held.reponse, ReponseOffres)
    assert [one.offres for one in held.reponse.repertoire.professionnels] == [(region.ehpad.cle, region.cardio.cle)]


@pytest.mark.parametrize(
    ("after", "limit", "expected"),
    [
        pytest.param(None, 2, ["84/UE-0001", "84/UE-0002"], id="first"),
        pytest.param(Position("84", "84/UE-0002"), 2, ["84/UE-0003"], id="resumed"),
        pytest.param(Position("11", "11/UE-9"), 1, ["84/UE-0001"], id="an earlier member is done"),
        pytest.param(Position("93", "93/UE-1"), 2, [], id="this member is done"),
    ],
)
async def test_a_window_of_matches(replica: Replica, after: Position | None, limit: int, expected: list[str]) -> None:
    held = await replica.held("84", Recherche(), Window(after, limit))

    assert held is not None
    assert isinstance(held.reponse, ReponseOffres)
    assert [offre.cle for offre in held.reponse.repertoire.offres] == expected
    assert held.count == 3


async def test_units_the_caller_may_not_see_are_not_counted(replica: Replica) -> None:
    held = await replica.held("84", Recherche(), Window(sight=Sight(ProfilAcces.P0)))

    assert held is not None
    assert held.count == 2


async def test_a_fhir_id_leads_to_its_key(replica: Replica) -> None:
    assert await replica.keys_of(["84.UE-0001", "84.LIEU-3", "84.UE-9"]) == {
        "84.UE-0001": "84/UE-0001",
        "84.LIEU-3": "84/LIEU-3",
    }


async def test_a_member_is_forgotten_whole(replica: Replica) -> None:
    await replica.forget_member("84")

    assert await replica.contents() == {}
    assert await replica.progress() == {}


async def test_it_opens_again_with_what_it_held(replica: Replica, tmp_path: Path, region: Any) -> None:
    again = await Replica.open(f"sqlite:///{tmp_path}/replica.db")
    try:
        assert await again.read_establishment("84", region.lyon.cle) == region.at_lyon
    finally:
        await again.close()


_WRITER = """
import asyncio, sys
from gateway.replica.store import Replica
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code

UNIT = {"nom": "Unité", "champs_activite": (Code("R227", "02"),), "mode_prise_en_charge": Code("R213", "28")}

async def main() -> None:
    replica = await Replica.open(sys.argv[1])
    for number in range(100_000):
        eg = f"1{number:09d}"
        offres = tuple(OffreOperationnelle(f"84/{eg}-{unit}", entite_geographique=eg, **UNIT) for unit in range(20))
        held = Repertoire(entites_geographiques=(EntiteGeographique(eg, denomination=eg),), offres=offres)
        await replica.store_establishment("84", eg, held, seen_at=float(number))
        print(eg, flush=True)

asyncio.run(main())
"""


async def test_a_crash_keeps_what_was_acknowledged_and_nothing_by_halves(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/crash.db"
    root = Path(__file__).parents[3]
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WRITER, url, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert writer.stdout is not None
    acknowledged = [(await writer.stdout.readline()).decode().strip() for _ in range(25)]
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged += [line.decode().strip() for line in (await writer.stdout.read()).splitlines(keepends=True)]
    await writer.wait()

    replica = await Replica.open(url)
    try:
        seen = await replica.seen("84")
        assert set(acknowledged) <= set(seen)
        assert (await replica.contents())["84"].offers == 20 * len(seen)
    finally:
        await replica.close()


async def test_a_transaction_ends_before_its_cancelled_caller_goes_on(replica: Replica, region: Any) -> None:
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(replica.store_establishment("84", region.lyon.cle, region.at_lyon, seen_at=300.0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        writing.cancel()

    assert writing.cancelled()
    assert (await replica.seen("84"))[region.lyon.cle] == 300.0
