"""What the business rules cost an answer that obeys them, beside the writing of the same answer."""

from collections.abc import Sequence
from functools import partial

from benchmarks.documents import offers
from benchmarks.measures import Contestant, Metric, interleaved, metric, ratio
from conformance.reference.csd.dialect import Contract
from mappings.csd.answers import read_answer
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.demandes import ReponseOffres
from mappings.exposition.repertoire import Repertoire
from mappings.fhir.write import write
from mappings.loss import Ledger
from mappings.rules import complete, enforce

SIZES = (100, 1_000)
ROUNDS = 9
# A twentieth of the least that follows it.
AIM = 20.0


def under_the_rules(repertoire: Repertoire) -> Repertoire:
    """The directory as it leaves."""
    ledger = Ledger()
    kept = enforce(complete(repertoire, ledger), ledger, shown=lambda _: True)
    assert kept is repertoire
    return kept


def measure(sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> list[Metric]:
    """How many times over the writing in FHIR could be paid for the price of the rules."""
    metrics = []
    for size in sizes:
        data, version = offers(size, Contract.V3_0), Version.V3_0
        reponse = read_answer(parse(data, maximum_size=len(data)), version=version, dialect=Dialect(), ledger=Ledger())
        assert isinstance(reponse, ReponseOffres)
        found = reponse.repertoire
        contestants: dict[str, Contestant] = {
            "rules": partial(under_the_rules, found),
            "write": partial(write, found, ledger=Ledger()),
        }
        seconds = interleaved(contestants, rounds)
        name = f"rules on an answer that obeys, {size} offers"
        metrics.append(metric(name, ratio(seconds, of=["write"], to="rules"), baseline="model to FHIR", goal=AIM))
    return metrics
