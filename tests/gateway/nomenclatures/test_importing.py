"""A publication is taken in whole, or refused with every reason."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from gateway.nomenclatures.importing import Prepared, prepare, write
from mappings.exposition.values import Code
from mappings.nomenclatures.catalogue import current, install
from mappings.nomenclatures.differences import Change, difference
from mappings.nomenclatures.tables import State, resolve, value_set

R203 = "1.2.250.1.213.3.3.4"
STATUS = (
    ("1", "Opérationnel", "20180126120000", ""),
    ("2", "Fermé provisoirement", "20180126120000", ""),
    ("3", "Fermé", "20180126120000", ""),
)


def tabs(
    folder: Path,
    *rows: tuple[str, str, str, str],
    name: str = "TRE_R203-StatutLieu",
    oid: str = R203,
    version: str = "20261218120000",
) -> Path:
    lines = [
        "\t".join((oid, name[:3], f"{name}.tabs", "Titre", f"https://exemple/{name}", version, "", version)),
        "\t".join(("Code", "Libellé", "DateValid", "DateFin")),
        *("\t".join(row) for row in rows),
    ]
    path = folder / f"{name}.tabs"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def svs(folder: Path, system: str, *codes: str, name: str = "JDV_J224-StatutLieu-ROR") -> Path:
    concepts = "".join(f'<Concept code="{code}" codeSystem="{system}" displayName="Libellé"/>' for code in codes)
    path = folder / f"{name}.xml"
    path.write_text(
        f'<ValueSet xmlns="urn:ihe:iti:svs:2008" id="1.2.250.1.213.3.4.56" name="{name}" version="20261218120000">'
        f"<ConceptList>{concepts}</ConceptList></ValueSet>",
        encoding="utf-8",
    )
    return path


def codes(prepared: Prepared) -> list[str]:
    return [problem.code for problem in prepared.problems]


def test_a_release_comes_in_beside_the_others(tmp_path: Path) -> None:
    to = tmp_path / "publications"
    rows = (*STATUS[:2], ("3", "Fermé", "20180126120000", "20261218120000"), ("4", "En travaux", "20261218120000", ""))
    prepared = prepare("2026-12", [tabs(tmp_path, *rows), svs(tmp_path, R203, "1", "4")], current())

    assert (prepared.problems, prepared.warnings) == ((), ())

    folder = write(prepared, to, current())
    install(to)

    assert sorted(path.name for path in folder.iterdir()) == [
        "JDV_J224-StatutLieu-ROR.csv",
        "TRE_R203-StatutLieu.csv",
        "index.csv",
    ]
    assert [path.name for path in to.iterdir()] == ["2026-12"]
    assert resolve(Code("R203", "3"), date(2026, 12, 17)).state is State.ACTIVE
    assert resolve(Code("R203", "3"), date(2026, 12, 18)).state is State.ENDED
    assert resolve(Code("R203", "4"), date(2026, 12, 18)).release == "2026-12"
    assert value_set("J224", date(2026, 12, 18)) == {("R203", "1"), ("R203", "4")}
    changes = {(one.listing, one.code, one.change) for one in difference("2026-09", "2026-12").codes}
    assert changes >= {
        ("R203", "3", Change.ENDED),
        ("R203", "4", Change.ADDED),
        ("J224", "4", Change.ENTERED),
        ("J224", "2", Change.LEFT),
    }


def test_what_was_written_can_be_taken_in_again(tmp_path: Path) -> None:
    first = write(prepare("2026-12", [tabs(tmp_path, *STATUS)], current()), tmp_path / "a", current())

    prepared = prepare("2026-12", [first / "TRE_R203-StatutLieu.csv"], current())

    assert prepared.problems == ()
    again = write(prepared, tmp_path / "b", current())
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in first.iterdir()
    }


@pytest.mark.parametrize(
    ("rows", "options", "code"),
    [
        pytest.param((*STATUS, STATUS[0]), {}, "code-twice", id="duplicate code"),
        pytest.param((*STATUS, ("5", "Libellé", "20261301120000", "")), {}, "date", id="month 13"),
        pytest.param((*STATUS, ("5", "Libellé", "hier", "")), {}, "date", id="no date"),
        pytest.param((*STATUS, ("5", "Libellé", "20260101120000", "20250101120000")), {}, "end-before-start", id="end"),
        pytest.param((*STATUS, ("5", "", "", "")), {}, "no-label", id="no label"),
        pytest.param((*STATUS, (" 5", "Libellé", "", "")), {}, "code-blank", id="blank around"),
        pytest.param((*STATUS, ("", "Libellé", "", "")), {}, "code-blank", id="no code"),
        pytest.param((*STATUS, ("5", "Fer\x00mé", "", "")), {}, "text", id="a control character"),
        pytest.param((), {}, "no-code", id="empty list"),
        pytest.param(STATUS, {"version": "2026-12-18"}, "version", id="version of another shape"),
        pytest.param(STATUS, {"version": "20261399120000"}, "version", id="version that is no day"),
        pytest.param(STATUS, {"version": "20200101120000"}, "older", id="older than the one held"),
        pytest.param(STATUS, {"oid": "R203"}, "oid", id="no OID"),
        pytest.param(STATUS, {"oid": "1.2.250.1.213.3.3.12"}, "oid-of-another", id="OID of R211"),
        pytest.param(STATUS, {"oid": "1.2.250.1.213.99"}, "other-oid", id="another OID"),
        pytest.param(STATUS, {"name": "TRE_Statut"}, "name", id="name without a number"),
        pytest.param(
            (("37", "Dermatologie", "", ""),),
            {"name": "TRE_R211-ActiviteOperationnelle", "oid": "1.2.250.1.213.3.3.12"},
            "zeros-lost",
            id="a spreadsheet was here",
        ),
    ],
)
def test_a_wrong_list_is_refused(
    rows: tuple[tuple[str, str, str, str], ...], options: dict[str, str], code: str, tmp_path: Path
) -> None:
    assert codes(prepare("2026-12", [tabs(tmp_path, *rows, **options)], current())) == [code]


@pytest.mark.parametrize("release", ["2026", "2026-13", "26-12", "2026-12-18", "../2026-12"])
def test_a_release_is_named_by_its_month(release: str, tmp_path: Path) -> None:
    assert codes(prepare(release, [tabs(tmp_path, *STATUS)], current())) == ["release-name"]


def test_every_reason_is_told(tmp_path: Path) -> None:
    (tmp_path / "liste.pdf").touch()
    files = [tmp_path / "liste.pdf", tabs(tmp_path, STATUS[0], STATUS[0], ("5", "", "hier", ""), oid="1.2.3")]

    assert codes(prepare("decembre", files, current())) == [
        "format",
        "release-name",
        "other-oid",
        "code-twice",
        "no-label",
        "date",
    ]


def test_a_list_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "autre").mkdir()
    files = [tabs(tmp_path, *STATUS), tabs(tmp_path / "autre", *STATUS)]

    assert codes(prepare("2026-12", files, current())) == ["list-twice"]


def test_two_lists_with_one_oid_are_refused(tmp_path: Path) -> None:
    files = [tabs(tmp_path, *STATUS, name=name, oid="1.2.250.1.213.9.9") for name in ("TRE_R903-Un", "TRE_R904-Deux")]

    assert codes(prepare("2026-12", files, current())) == ["oid-of-another"]


@pytest.mark.parametrize("name", ["index.csv", "nos.zip"])
def test_files_without_a_list_are_no_publication(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as made:
        made.writestr("liste.pdf", "%PDF")

    assert codes(prepare("2026-12", [tmp_path / name], current())) == ["no-list"]


def test_a_code_of_a_table_nobody_knows_is_refused(tmp_path: Path) -> None:
    assert codes(prepare("2026-12", [svs(tmp_path, "1.2.3.4", "1")], current())) == ["unknown-system"]


@pytest.mark.parametrize(
    ("path", "warning"),
    [
        pytest.param(lambda folder: tabs(folder, *STATUS, name="TRE_R203-StatutDuLieu"), "renamed", id="renamed"),
        pytest.param(lambda folder: tabs(folder, *STATUS[:2]), "gone", id="a held code is absent"),
        pytest.param(lambda folder: svs(folder, "1.2.250.1.213.3.3.12", "068"), "other-table", id="the defect of J35"),
    ],
)
def test_what_is_odd_is_told_and_accepted(path, warning: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    prepared = prepare("2026-12", [path(tmp_path)], current())

    assert prepared.problems == ()
    assert [one.code for one in prepared.warnings] == [warning]


def test_a_version_younger_than_its_release_is_told(tmp_path: Path) -> None:
    prepared = prepare("2026-10", [tabs(tmp_path, *STATUS)], current())

    assert prepared.problems == ()
    assert [one.code for one in prepared.warnings] == ["after-release"]


def test_a_release_is_never_written_over(tmp_path: Path) -> None:
    prepared = prepare("2026-12", [tabs(tmp_path, *STATUS)], current())
    write(prepared, tmp_path / "to", current())

    with pytest.raises(FileExistsError):
        write(prepared, tmp_path / "to", current())
