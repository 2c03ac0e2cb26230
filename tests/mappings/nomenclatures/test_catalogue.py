"""Releases side by side, and one more directory beside those of the package."""

from datetime import date
from pathlib import Path

import pytest

from mappings.exposition.values import Code
from mappings.nomenclatures.catalogue import RELEASES, Catalogue, ReleaseRefused, UnknownRelease, current, install
from mappings.nomenclatures.systems import oid, system_id, url
from mappings.nomenclatures.tables import State, display, resolve

INDEX = "id,kind,title,file,canonical_url,oid,version,resource_status,concepts,active,ended,note\n"


def release(folder: Path, name: str, index: str, **files: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "index.csv").write_text(INDEX + index, encoding="utf-8")
    for number, content in files.items():
        (folder / name / f"TRE_{number}.csv").write_text(content, encoding="utf-8")


def test_the_releases_of_the_package_are_held_oldest_first() -> None:
    assert [one.id for one in current().releases] == ["2021-10", "2023-09", "2024-10", "2024-12", "2026-09"]
    assert current().release("2026-09").date == date(2026, 9, 28)


def test_an_unknown_release_is_told() -> None:
    with pytest.raises(UnknownRelease, match="2022-01"):
        current().release("2022-01")


@pytest.mark.parametrize(
    ("short", "at", "version"),
    [
        pytest.param("R211", date(2021, 10, 28), None, id="older than all held"),
        pytest.param("R211", date(2021, 10, 29), "20211029120000", id="the day it came into force"),
        pytest.param("R211", date(2023, 8, 1), "20211029120000", id="the day before the next"),
        pytest.param("R211", date(2026, 11, 21), "20230802150000", id="not changed by a later release"),
        pytest.param("R338", date(2026, 9, 27), "20230718120000", id="the eve of a publication"),
        pytest.param("R338", date(2026, 9, 28), "20260928120000", id="the day of a publication"),
        pytest.param("J20", date(2021, 1, 1), "20200424120000", id="in force long before its release"),
        pytest.param("R13", date(2026, 1, 1), None, id="not held"),
    ],
)
def test_the_version_of_a_list_in_force_on_a_day(short: str, at: date, version: str | None) -> None:
    listing = current().in_force(short, at)

    assert (listing.version if listing is not None else None) == version


@pytest.mark.usefixtures("own_catalogue")
def test_another_directory_stands_beside_the_package(tmp_path: Path) -> None:
    release(
        tmp_path,
        "2026-12",
        "TRE_R211-ActiviteOperationnelle,TRE,Activités,TRE_R211.csv,,1.2.250.1.213.3.3.12,20261218120000,active,2,2,0,\n"
        "TRE_R397-Essai,TRE,Essai,TRE_R397.csv,https://smt.esante.gouv.fr/fhir/CodeSystem/tre-r397-essai,"
        "1.2.250.1.213.9.9,20261218120000,active,1,1,0,\n",
        R211="code,display,start,end\n172,Nouveau libellé,2015-04-08,\n900,Activité neuve,2026-12-18,\n",
        R397="code,display\n01,Un\n",
    )

    install(tmp_path)

    assert current().releases[-1].id == "2026-12"
    assert resolve(Code("R211", "900"), date(2026, 12, 18)).state is State.ACTIVE
    assert display("R211", "172") == "Nouveau libellé"
    assert resolve(Code("R211", "172"), date(2026, 12, 17)).display != "Nouveau libellé"
    assert system_id("1.2.250.1.213.9.9") == system_id("tre-r397-essai") == system_id(url("R397")) == "R397"
    assert oid("R397") == "1.2.250.1.213.9.9"


@pytest.mark.usefixtures("own_catalogue")
def test_a_code_that_a_new_version_no_longer_has_keeps_its_meaning(tmp_path: Path) -> None:
    release(
        tmp_path,
        "2026-12",
        "TRE_R203-StatutLieu,TRE,Statut,TRE_R203.csv,,1.2.250.1.213.3.3.4,20261218120000,active,1,1,0,\n",
        R203="code,display\n1,Opérationnel\n",
    )
    before = resolve(Code("R203", "2"), date(2026, 12, 17))

    install(tmp_path)
    after = resolve(Code("R203", "2"), date(2026, 12, 18))

    assert before.state is State.ACTIVE
    assert (after.state, after.display) == (State.ENDED, before.display)


ROW = "TRE_R99-X,TRE,X,TRE_R99.csv,,1.2,20261218120000,active,2,2,0,\n"
WHOLE = "code,display\n1,Un\n2,Deux\n"


@pytest.mark.parametrize(
    ("index", "content", "at_fault"),
    [
        pytest.param("", WHOLE, "index.csv", id="empty index"),
        pytest.param(ROW.replace("TRE_R99.csv", "absent.csv"), WHOLE, "absent.csv", id="file missing"),
        pytest.param(ROW.replace("20261218120000", "2026"), WHOLE, "index.csv", id="version of another shape"),
        pytest.param(ROW.replace("20261218120000", "20261318120000"), WHOLE, "index.csv", id="version that is no day"),
        pytest.param(ROW.replace("TRE,X", "ASS,X"), WHOLE, "index.csv", id="neither a table nor a value set"),
        pytest.param(ROW[:30], WHOLE, "index.csv", id="index cut in a line"),
        pytest.param(ROW.replace("X", "\udcff"), WHOLE, "index.csv", id="index in another encoding"),
        pytest.param(ROW, "", "TRE_R99.csv", id="list emptied"),
        pytest.param(ROW, WHOLE[:-7], "TRE_R99.csv", id="list cut after a line"),
        pytest.param(ROW, WHOLE[:-6], "TRE_R99.csv", id="list cut in a line"),
        pytest.param(ROW, WHOLE.replace("display", "label"), "TRE_R99.csv", id="list of other columns"),
        pytest.param(ROW.replace("TRE,X", "JDV,X"), WHOLE, "TRE_R99.csv", id="value set without its tables"),
        pytest.param(ROW, WHOLE.replace("Un", "U" * 140_000), "TRE_R99.csv", id="text that cannot be read"),
    ],
)
def test_a_release_that_is_not_as_an_import_made_it_is_refused(
    index: str, content: str, at_fault: str, tmp_path: Path
) -> None:
    folder = tmp_path / "2026-12"
    folder.mkdir()
    (folder / "index.csv").write_text(INDEX + index, encoding="utf-8", errors="surrogateescape")
    (folder / "TRE_R99.csv").write_text(content, encoding="utf-8")

    with pytest.raises(ReleaseRefused) as refused:
        Catalogue((RELEASES, tmp_path))

    assert Path(str(refused.value)).name == at_fault
