"""The two READMEs say the same, and what they tell a stranger to type works."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FRENCH, ENGLISH = (ROOT / name for name in ("README.md", "README.en.md"))
SERVED = "demo/federation"
CODE = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def code(path: Path) -> list[str]:
    return CODE.findall(path.read_text(encoding="utf-8"))


def test_both_languages_give_the_same_commands() -> None:
    assert code(FRENCH) == code(ENGLISH)


def test_both_languages_have_the_same_parts() -> None:
    levels = [re.findall(r"^(#+) ", path.read_text(encoding="utf-8"), re.MULTILINE) for path in (FRENCH, ENGLISH)]

    assert levels[0] == levels[1]


@pytest.mark.parametrize("path", [FRENCH, ENGLISH], ids=["french", "english"])
def test_every_file_it_names_exists(path: Path) -> None:
    named = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))

    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """The demo left running, as the README starts it, in a directory of the test's own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "demo", "--serve", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            if (tmp_path / "demo.json").exists() or process.poll() is not None:
                break
            time.sleep(0.1)
        assert (tmp_path / "demo.json").exists()
        yield tmp_path
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_drive_the_served_demo(directory: Path) -> None:
    script = next(block for block in code(FRENCH) if "curl" in block)
    script = script.replace(SERVED, str(directory)).replace(".venv/bin/python", sys.executable)

    ran = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, timeout=60, check=True)

    assert ran.stdout.count("HTTP/1.1 200 OK") == 2
    assert ran.stdout.count("Ror-Coverage: m01;") == 2
    assert "HOPITAL LYON SUD - HCL" in ran.stdout
    bundle = json.loads(ran.stdout[ran.stdout.index('{"resourceType":"Bundle"') :])
    assert {entry["search"]["mode"] for entry in bundle["entry"]} >= {"match", "include", "outcome"}
