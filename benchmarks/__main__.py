"""`python -m benchmarks [NAME…]`: measures, prints the tables, writes one JSON file of results for each benchmark."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import hostile, memory, rules, stages, translation
from benchmarks.measures import Metric, table, write

Measure = Callable[[Sequence[int] | None], list[Metric]]

RESULTS = Path(__file__).parent / "results"
BENCHMARKS: dict[str, Measure] = {
    "translation": lambda sizes: translation.measure(sizes or translation.SIZES),
    "stages": lambda sizes: stages.measure(sizes or stages.SIZES),
    "rules": lambda sizes: rules.measure(sizes or rules.SIZES),
    "memory": lambda sizes: memory.measure(sizes[0] if sizes else memory.SIZE),
    "hostile": lambda sizes: hostile.measure(sizes[0] if sizes else hostile.ROUNDS),
}


def main() -> None:
    """Run the benchmarks that are named, or all."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios against baselines.")
    arguments.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="which ones; all when none is named")
    arguments.add_argument(
        "--sizes", type=int, nargs="+", help="how many offers; megabytes for memory; rounds for hostile"
    )
    arguments.add_argument("--results", type=Path, default=RESULTS, help="where the JSON files go")
    asked = arguments.parse_args()
    for name in asked.names or BENCHMARKS:
        metrics = BENCHMARKS[name](asked.sizes)
        write(metrics, asked.results / f"{name}.json")
        print(f"## {name}\n\n{table(metrics)}")


if __name__ == "__main__":
    main()
