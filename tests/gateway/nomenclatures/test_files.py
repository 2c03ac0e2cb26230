"""The files of a publication, in an archive or not: read whole under a bound, or refused."""

import io
import zipfile
from pathlib import Path

import pytest

from gateway.nomenclatures import files
from gateway.nomenclatures.files import opened, unread
from gateway.nomenclatures.lists import NotPublished


def archive(path: Path, *members: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members:
            made.writestr(name, data)
    return path


def refusal(path: Path) -> tuple[str, str]:
    with pytest.raises(NotPublished) as refused:
        list(opened(path))
    return refused.value.name, refused.value.code


def test_a_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "TRE_R203.tabs"
    path.write_bytes(b"\xef\xbb\xbfCode")

    (file,) = opened(path)

    assert (file.name, file.text, file.index) == ("TRE_R203.tabs", "Code", "")


def test_an_index_describes_files_and_is_none(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("id,file", encoding="utf-8")
    (tmp_path / "a.csv").write_text("code", encoding="utf-8")

    found = [file for path in sorted(tmp_path.iterdir()) for file in opened(path)]

    assert [(file.name, file.index) for file in found] == [("a.csv", "id,file")]


def test_an_archive_gives_its_files_wherever_they_say_they_stand(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "nos.zip",
        ("csv/a.csv", b"code"),
        ("csv/index.csv", b"id,file"),
        ("../../JDV.XML", b"<a/>"),
        ("lisez-moi.pdf", b"%PDF"),
    )

    found = {file.name: (file.data, file.index) for file in opened(path)}

    assert found == {"nos.zip/csv/a.csv": (b"code", "id,file"), "nos.zip/../../JDV.XML": (b"<a/>", "")}
    assert unread(path) == ["lisez-moi.pdf"]
    assert [one.name for one in tmp_path.iterdir()] == ["nos.zip"]


def test_an_archive_that_announces_little_and_holds_much(tmp_path: Path) -> None:
    path = archive(tmp_path / "bombe.zip", ("a.tabs", bytes(files.LARGEST + 1)))
    assert path.stat().st_size < files.MEGABYTE

    assert refusal(path) == ("a.tabs", "too-large")


def test_an_archive_of_too_many_files(tmp_path: Path) -> None:
    path = archive(tmp_path / "foule.zip", *((f"{rank}.tabs", b"") for rank in range(files.MOST_MEMBERS + 1)))

    assert refusal(path) == ("foule.zip", "too-large")


def _cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def _changed(whole: bytes) -> bytes:
    middle = whole.index(b"a.tabs") + 20
    return whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]


def _encrypted(whole: bytes) -> bytes:
    return whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(_cut, "archive", id="cut"),
        pytest.param(_changed, "archive", id="a byte changed"),
        pytest.param(_encrypted, "encrypted", id="encrypted"),
        pytest.param(lambda _: b"", "archive", id="empty"),
        pytest.param(lambda _: b"<a/>", "archive", id="no archive"),
    ],
)
def test_an_archive_that_cannot_be_read(spoil, code: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.tabs", b"code code code " * 40)
    path = tmp_path / "nos.zip"
    path.write_bytes(spoil(whole.getvalue()))

    assert refusal(path)[1] == code


def test_what_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent.zip") == ("absent.zip", "unreadable")
    assert refusal(tmp_path / "absent.tabs") == ("absent.tabs", "unreadable")
