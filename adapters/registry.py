"""The solutions in service: the only place that lists them."""

from pathlib import Path

from adapters.contract import Adapter, Identity, Target
from adapters.declared import DeclaredAdapter
from adapters.manifest import load
from adapters.national.client import NationalAdapter
from mappings.memory import FORGETFUL, Memory

SOLUTIONS: dict[str, type[DeclaredAdapter | NationalAdapter]] = {
    "autre": DeclaredAdapter,
    "iess": DeclaredAdapter,
    "ir": DeclaredAdapter,
    "national": NationalAdapter,
}


class UnknownSolution(LookupError):
    """The federation document names a solution that has no adapter."""

    def __init__(self, solution: str) -> None:
        super().__init__(f"unknown solution {solution!r}; known: {', '.join(SOLUTIONS)}")
        self.solution = solution


def adapter_for(target: Target, identity: Identity, memory: Memory = FORGETFUL) -> Adapter:
    """The adapter of a member, which knows by the memory what it has read before; raises `UnknownSolution`."""
    solution = SOLUTIONS.get(target.solution)
    if solution is None:
        raise UnknownSolution(target.solution)
    return solution(target, identity, memory)


def dialects() -> dict[str, dict[str, str]]:
    """What the documents of each solution that speaks CSD have of their own, by its name."""
    folder = Path(__file__).parent
    return {name: load(folder / name).dialect for name, adapter in SOLUTIONS.items() if adapter is DeclaredAdapter}
