"""The benchmark runs at a tiny size and writes what it promises; how fast is never asserted here."""

import subprocess
import sys
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]


class Result(msgspec.Struct, forbid_unknown_fields=True):
    metric: str
    ratio: float
    baseline: str
    goal: float | None
    met: bool


def test_a_tiny_run_writes_every_figure(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "translation", "--sizes", "3", "6", "--results", str(tmp_path)]

    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    results = msgspec.json.decode((tmp_path / "translation.json").read_bytes(), type=list[Result])
    assert {result.baseline for result in results} >= {
        "lxml parse + orjson dump of the prebuilt result",
        "orjson load + tostring of the prebuilt tree",
        "zeep → dict → json",
        "lxml find → dict → json",
    }
    assert all(result.ratio > 0 for result in results)
    assert all(result.met is (result.goal is None or result.ratio >= result.goal) for result in results)
    assert all(result.metric in printed for result in results)
