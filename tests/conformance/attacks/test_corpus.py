"""The corpora are whole: each file has its row, each row its file and its words."""

from pathlib import Path

from conformance.attacks.corpus import INDEX, read_corpora

ROOT = Path(__file__).parents[3] / "tests" / "corpora"
ATTACKS = read_corpora(ROOT)


def test_every_file_has_its_row() -> None:
    files = {path for path in ROOT.glob("*/*") if path.name != INDEX and path.parent.name != "__pycache__"}

    assert files == {attack.folder / attack.file for attack in ATTACKS}


def test_no_two_attacks_have_one_name() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


def test_every_row_says_what_it_is_and_what_comes_of_it() -> None:
    assert [
        attack.name for attack in ATTACKS if not (attack.fr and attack.en and attack.source and attack.expect)
    ] == []


def test_a_file_names_what_stands_in_its_place() -> None:
    (attack,) = (one for one in ATTACKS if one.name == "xml-external-entity-http")

    assert b'SYSTEM "http://localhost:1/a"' in attack.request({"canary": b"http://localhost:1"})
