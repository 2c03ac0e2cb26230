"""The benchmark runs at a tiny size; how fast is never asserted here."""

from benchmarks import rules


def test_a_tiny_run_says_one_figure_per_size() -> None:
    metrics = rules.measure(sizes=(3, 6), rounds=1)

    assert [one.metric for one in metrics] == [f"rules on an answer that obeys, {size} offers" for size in (3, 6)]
    assert all(one.ratio > 0 for one in metrics)
