"""The benchmark runs at a tiny size and writes what it promises; how fast is never asserted here."""

from pathlib import Path

import msgspec

from benchmarks import translation
from benchmarks.measures import table, write


class Result(msgspec.Struct, forbid_unknown_fields=True):
    metric: str
    ratio: float
    baseline: str
    goal: float | None
    met: bool


def test_a_tiny_run_writes_every_figure(tmp_path: Path) -> None:
    metrics = translation.measure(sizes=(3, 6), repetitions=1)

    write(metrics, tmp_path / "translation.json")
    results = msgspec.json.decode((tmp_path / "translation.json").read_bytes(), type=list[Result])
    assert {result.baseline for result in results} >= {
        "lxml parse + orjson dump of the prebuilt result",
        "orjson load + tostring of the prebuilt tree",
        "zeep → dict → json",
        "lxml find → dict → json",
        "msgspec decode of the same bytes into classes",
        "fhir.resources R4B models",
    }
    assert sum(result.metric.endswith("already translated") for result in results) == 8
    assert all(result.ratio > 0 for result in results)
    assert all(result.met is (result.goal is None or result.ratio >= result.goal) for result in results)
    assert all(result.metric in table(metrics) for result in results)
