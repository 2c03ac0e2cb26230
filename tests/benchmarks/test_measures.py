"""A ratio is judged against its goal, and told by the median of the rounds."""

from pathlib import Path

import msgspec
import pytest

from benchmarks.measures import interleaved, metric, ratio, table, write


@pytest.mark.parametrize(
    ("value", "goal", "met"),
    [
        pytest.param(0.41, 0.40, True, id="above"),
        pytest.param(0.40, 0.40, True, id="at the goal"),
        pytest.param(0.39, 0.40, False, id="below"),
        pytest.param(0.01, None, True, id="no goal"),
    ],
)
def test_a_figure_is_met_from_its_goal_upwards(value: float, goal: float | None, met: bool) -> None:
    assert metric("m", value, baseline="b", goal=goal).met is met


def test_the_ratio_is_the_median_of_the_rounds_over_the_sum_of_the_baselines() -> None:
    seconds = {"own": [1.0, 2.0, 1.0], "parse": [1.0, 1.0, 8.0], "dump": [1.0, 1.0, 1.0]}

    assert ratio(seconds, of=["parse", "dump"], to="own") == 2.0


def test_contestants_take_turns() -> None:
    turns: list[str] = []

    interleaved({"a": lambda: turns.append("a"), "b": lambda: turns.append("b")}, 2)

    assert turns == ["a", "b", "a", "b"]


def test_the_results_are_a_list_and_a_table(tmp_path: Path) -> None:
    metrics = [metric("m", 0.123456, baseline="b", goal=1.0)]

    write(metrics, tmp_path / "new" / "x.json")

    assert msgspec.json.decode((tmp_path / "new" / "x.json").read_bytes()) == [
        {"metric": "m", "ratio": 0.123, "baseline": "b", "goal": 1.0, "met": False}
    ]
    assert "| m | 0.12 | b | 1 | **no** |" in table(metrics)
