"""The solutions in service: the only place that lists them. A member of another one is asked by the generic adapter.

Any other name joins where its entry declares its dialect: `hierarchy` at least, which every base has. So a misspelt
name of a solution with a folder is refused, and not served as something else.
"""

from difflib import get_close_matches
from pathlib import Path

import msgspec

from adapters.contract import (
    CONTRACT_INTERFACE,
    EXTRACTION_INTERFACE,
    SEARCH_INTERFACE,
    Adapter,
    Identity,
    Target,
)
from adapters.declared import DeclaredAdapter
from adapters.manifest import Manifest, load
from adapters.national.client import NationalAdapter
from adapters.options import adapted
from mappings.csd.dialect import OPTIONS as OF_DOCUMENTS
from mappings.exposition.demandes import Transaction
from mappings.memory import FORGETFUL, Memory

GENERIC = "generic"
NECESSARY = "hierarchy"
FOLDER = Path(__file__).parent

SOLUTIONS: dict[str, type[DeclaredAdapter | NationalAdapter]] = {
    "autre": DeclaredAdapter,
    GENERIC: DeclaredAdapter,
    "iess": DeclaredAdapter,
    "ir": DeclaredAdapter,
    "national": NationalAdapter,
}


class UnknownSolution(LookupError):
    """The federation document names a solution that has no folder, and declares no dialect of it."""

    def __init__(self, solution: str) -> None:
        super().__init__(f"unknown solution {solution!r}; known: {', '.join(SOLUTIONS)}")
        self.solution = solution
        self.nearest = next(iter(get_close_matches(solution, SOLUTIONS, n=1)), None)


class UnknownContract(LookupError):
    """The federation document names a version of the contract that the solution does not speak."""

    def __init__(self, contract: str, known: tuple[str, ...]) -> None:
        super().__init__(contract)
        self.contract = contract
        self.known = known


def adapter_for(target: Target, identity: Identity, memory: Memory = FORGETFUL) -> Adapter:
    """The adapter of a member, which knows by the memory what it has read before; raises what `manifest_of` does."""
    solution = SOLUTIONS.get(target.solution, DeclaredAdapter)
    if issubclass(solution, NationalAdapter):
        return solution(target, identity, memory)
    return solution(target, identity, manifest_of(target), memory)


def by_document_alone(solution: str) -> bool:
    """Whether a member of that solution is asked by what its entry declares, and nothing else."""
    return solution == GENERIC or solution not in SOLUTIONS


def manifest_of(target: Target) -> Manifest:
    """What is known of the solution of a member, with the member's own habits.

    Raises `UnknownSolution`, `UnknownContract` or `OptionRefused`.
    """
    alone = by_document_alone(target.solution)
    if alone and NECESSARY not in target.options:
        raise UnknownSolution(target.solution)
    manifest = load(FOLDER / (GENERIC if alone else target.solution))
    if target.contract not in manifest.contracts:
        raise UnknownContract(target.contract, manifest.contracts)
    offered = _offered(target) if alone else manifest.transactions
    search = manifest.search if Transaction.RECHERCHE in offered else None
    return adapted(msgspec.structs.replace(manifest, transactions=offered, search=search), target.options)


def _offered(target: Target) -> frozenset[Transaction]:
    """What the interfaces that the entry lists can do (contract section 2)."""
    return frozenset(transaction for interface in target.interfaces for transaction in _OF_INTERFACE.get(interface, ()))


_OF_INTERFACE = {
    CONTRACT_INTERFACE: (
        Transaction.LECTURE_ETABLISSEMENT,
        Transaction.LECTURE_ORGANISATION_INTERNE,
        Transaction.NOTIFICATION,
    ),
    SEARCH_INTERFACE: (Transaction.RECHERCHE,),
    EXTRACTION_INTERFACE: (Transaction.EXTRACTION,),
}


def dialects() -> dict[str, dict[str, str]]:
    """What the documents of each solution that speaks CSD have of their own, by its name."""
    declared = {
        name: load(FOLDER / name).options for name, adapter in SOLUTIONS.items() if adapter is not NationalAdapter
    }
    return {
        name: {option: habit.value for option, habit in options.items() if option in OF_DOCUMENTS}
        for name, options in declared.items()
    }
