"""The program: it says when it is ready, obeys lines, ends cleanly."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def program(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-W", "error", "-m", "conformance.reference", "--dir", str(tmp_path)]
    with subprocess.Popen(
        [*command, "--fault", "53=html"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        yield running
        running.kill()


def tell(program: subprocess.Popen[str], line: str) -> str:
    assert program.stdin
    assert program.stdout
    program.stdin.write(f"{line}\n")
    program.stdin.flush()
    return program.stdout.readline().strip()


def test_it_obeys_until_its_input_ends(program: subprocess.Popen[str], tmp_path: Path) -> None:
    assert program.stdout
    assert program.stdout.readline().strip() == f"ready {tmp_path / 'reference.json'}"
    assert len(json.loads((tmp_path / "reference.json").read_text())["members"]) == 17
    assert tell(program, "fault 84 dead") == "ok fault 84 dead"
    assert tell(program, "heal 84") == "ok heal 84"
    assert tell(program, "fault 00 dead").startswith("error 00")
    assert tell(program, "fault 84 tired").startswith("error")
    assert tell(program, "dance").startswith("error")

    assert program.stdin
    program.stdin.close()
    assert program.wait(10) == 0
    assert program.stderr
    assert program.stderr.read() == ""


def test_a_signal_ends_it(program: subprocess.Popen[str]) -> None:
    assert program.stdout
    program.stdout.readline()
    program.send_signal(signal.SIGTERM)

    assert program.wait(10) == 0
    assert program.stderr
    assert program.stderr.read() == ""


@pytest.mark.parametrize("fault", ["53=tired", "53", "00=dead"])
def test_a_fault_that_cannot_be_planted_is_misuse(tmp_path: Path, fault: str) -> None:
    command = [sys.executable, "-m", "conformance.reference", "--dir", str(tmp_path), "--fault", fault]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 2
    assert fault.partition("=")[0] in ended.stderr or "fault" in ended.stderr
    assert not (tmp_path / "reference.json").exists()
