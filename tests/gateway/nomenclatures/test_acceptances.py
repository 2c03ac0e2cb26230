"""The file of accepted replacements."""

from pathlib import Path

import pytest

from gateway.nomenclatures.acceptances import AcceptancesRefused, load_acceptances

GOOD = "source_system,source_code,target_system,target_code,date,who,reason\nR316,801,R66,606,2026-11-02,Comité,relu\n"


@pytest.mark.parametrize("mark", ["", "\N{BYTE ORDER MARK}"], ids=["plain", "with a mark"])
def test_a_file_is_read(mark: str, tmp_path: Path) -> None:
    path = tmp_path / "acceptes.csv"
    path.write_text(mark + GOOD, encoding="utf-8")

    assert set(load_acceptances(path)) == {(("R316", "801"), ("R66", "606"))}


@pytest.mark.parametrize("content", [b"a,b\n", GOOD.encode("latin-1")], ids=["columns", "encoding"])
def test_a_file_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "acceptes.csv"
    path.write_bytes(content)

    with pytest.raises(AcceptancesRefused):
        load_acceptances(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AcceptancesRefused, match="No such file"):
        load_acceptances(tmp_path / "absent.csv")
