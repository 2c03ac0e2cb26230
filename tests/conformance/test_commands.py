"""The program as an integrator runs it: words, JSON, exit codes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from conformance.commands import program, split_language

PROGRAM = [sys.executable, "-W", "error", "-c", "from conformance.commands import main; main()"]


def run(*arguments: str) -> Result:
    kept, language = split_language(list(arguments))
    return CliRunner().invoke(program(language), kept, catch_exceptions=False)


class Served:
    """A reference implementation served by the program itself."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.target = directory / "target.json"
        self._process = subprocess.Popen(
            [*PROGRAM, "serve-reference", "--dir", str(directory), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self.ready = self._process.stdout.readline().strip()

    def stop(self) -> tuple[int, str]:
        self._process.terminate()
        _, errors = self._process.communicate(timeout=10)
        return self._process.returncode, errors


@pytest.fixture
def healthy(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path, "--solution", "iess", "--contract", "2.4")
    yield served
    assert served.stop() == (0, "")


@pytest.fixture
def lying(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path, "--solution", "ir", "--contract", "3.0", "--fault", "lying-count")
    yield served
    assert served.stop() == (0, "")


def test_a_served_reference_describes_itself_and_conforms(healthy: Served) -> None:
    assert healthy.ready == f"ready {healthy.target}"
    described = json.loads(healthy.target.read_text())
    assert set(described) == {"endpoint", "ca", "cert", "key", "solution", "contract"}
    assert (described["solution"], described["contract"]) == ("iess", "2.4")

    ended = run("run", "--target", str(healthy.target))
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[-1] == "Verdict : succès"


def test_a_lying_reference_does_not_conform(lying: Served) -> None:
    ended = run("run", "--target", str(lying.target), "--json", "--lang", "en")
    report = json.loads(ended.stdout)

    assert ended.exit_code == 1
    assert (report["format"], report["verdict"]) == ("1.0", "fail")
    assert report["summary"] == {"fail": 1, "pass": 3}
    failed = next(one for one in report["results"] if one["verdict"] == "fail")
    assert failed["requirements"] == ["RG_ALIM_019"]
    assert "announced" in failed["message"]


def test_the_words_are_french_unless_asked_otherwise(lying: Served) -> None:
    french = run("run", "--target", str(lying.target)).stdout
    english = run("--lang=en", "run", "--target", str(lying.target)).stdout

    assert "échec" in french
    assert "fail" in english
    assert "échec" not in english


def test_a_target_that_is_not_reached_ends_with_3(healthy: Served, tmp_path: Path) -> None:
    described = json.loads(healthy.target.read_text()) | {"endpoint": "https://localhost:1/ROR/2.4"}
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps(described))

    ended = run("run", "--target", str(elsewhere), "--json")
    assert ended.exit_code == 3
    assert json.loads(ended.stdout)["verdict"] == "error"


@pytest.mark.parametrize(
    ("content", "word"),
    [(None, "illisible"), ("{}", "illisible"), ("[", "illisible"), ("no-ca", "Certificats")],
    ids=["absent", "incomplete", "not-json", "no-certificate"],
)
def test_a_target_file_that_cannot_be_used_is_misuse(tmp_path: Path, content: str | None, word: str) -> None:
    path = tmp_path / "target.json"
    if content == "no-ca":
        names = ("endpoint", "ca", "cert", "key", "solution", "contract")
        content = json.dumps(dict.fromkeys(names, str(tmp_path / "absent")))
    if content is not None:
        path.write_text(content)

    ended = run("run", "--target", str(path))
    assert ended.exit_code == 2
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("serve-reference", "--solution", "autrement", "--contract", "3.0", "--dir", "x"),
        ("serve-reference", "--solution", "ir", "--contract", "9.9", "--dir", "x"),
        ("serve-reference", "--solution", "ir", "--contract", "3.0", "--dir", "x", "--fault", "tired"),
    ],
    ids=["no-target", "solution", "contract", "fault"],
)
def test_misuse_ends_with_2(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)

    assert ended.exit_code == 2
    assert "Traceback" not in ended.stderr


def test_an_unknown_language_is_misuse() -> None:
    ended = subprocess.run(
        [*PROGRAM, "requirements", "--lang", "de"], capture_output=True, text=True, check=False, timeout=60
    )

    assert (ended.returncode, ended.stderr) == (2, "--lang accepte fr ou en\n")


def test_requirements_are_listed_with_their_checks() -> None:
    listed = json.loads(run("requirements", "--json").stdout)
    by_identifier = {one["ID"]: one for one in listed}

    assert len(listed) == 38
    assert by_identifier["RG_ALIM_019"]["checks"] == ["unit-count"]
    assert by_identifier["RG_EXP_019"]["checks"] == []
    assert by_identifier["RG_EXP_019"]["Not Tested Reason"]


def test_requirements_are_readable_too() -> None:
    lines = run("requirements").stdout.splitlines()

    assert len(lines) == 38
    assert any(line.startswith("RG_ALIM_023") and line.endswith("error-xor-result") for line in lines)
    assert any("non contrôlée" in line for line in lines)


@pytest.mark.parametrize(("language", "word"), [("fr", "exigences"), ("en", "requirements")])
def test_help_speaks_the_asked_language(language: str, word: str) -> None:
    assert word in run("--lang", language, "--help").stdout
