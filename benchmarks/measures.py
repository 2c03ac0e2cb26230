"""What a benchmark says: ratios against baselines measured in the same run, never absolute times."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

Contestant = Callable[[], Any]


class Metric(msgspec.Struct, frozen=True):
    """One ratio. `goal` is None for a figure that is only told; then `met` is true."""

    metric: str
    ratio: float
    baseline: str
    goal: float | None
    met: bool


def metric(name: str, ratio: float, *, baseline: str, goal: float | None = None) -> Metric:
    """The figure, judged: a ratio is met from its goal upwards."""
    return Metric(name, round(ratio, 3), baseline, goal, goal is None or ratio >= goal)


def interleaved(contestants: Mapping[str, Contestant], repetitions: int) -> dict[str, list[float]]:
    """The processor seconds of each contestant, one of each per round so that a slow moment is a slow moment of all.

    What the benchmark itself holds is frozen first: no contestant pays for the collection of another's objects.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(repetitions):
        for name, contestant in contestants.items():
            gc.collect()
            gc.freeze()
            start = time.process_time()
            produced = contestant()
            seconds[name].append(time.process_time() - start)
            del produced
            gc.unfreeze()
    return seconds


def ratio(seconds: Mapping[str, Sequence[float]], *, of: Sequence[str], to: str) -> float:
    """How fast `to` is beside the sum of the baselines `of`: the median of the rounds, 1.0 being as fast."""
    limits: list[float] = [sum(baselines) for baselines in zip(*(seconds[name] for name in of), strict=True)]
    return median([limit / own for limit, own in zip(limits, seconds[to], strict=True)])


def write(metrics: Sequence[Metric], path: Path) -> None:
    """The results as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(metrics), indent=2) + b"\n")


def table(metrics: Sequence[Metric]) -> str:
    """The results as a Markdown table."""
    rows = [("metric", "ratio", "baseline", "goal", "met"), ("---", "---:", "---", "---:", "---")]
    for found in metrics:
        goal = "" if found.goal is None else f"{found.goal:g}"
        met = "" if found.goal is None else "yes" if found.met else "**no**"
        rows.append((found.metric, f"{found.ratio:.2f}", found.baseline, goal, met))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
