"""Where the time of a translation goes: each step as a share of the limit, beside the whole.

A share of 3.0 is a step that takes three times what loading and writing the same bytes takes.
"""

from collections.abc import Sequence
from functools import partial

import msgspec
import orjson
from lxml import etree

from benchmarks.documents import offers
from benchmarks.measures import Contestant, Metric, interleaved, metric, ratio
from benchmarks.translation import CONTRACTS, LIMIT_TO_CSD, LIMIT_TO_FHIR, csd_to_fhir, fhir_to_csd
from mappings.csd.answers import read_answer, write_answer
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.demandes import ReponseOffres
from mappings.fhir import read, write
from mappings.fhir.bundle import resources_of
from mappings.fhir.encoding import decode
from mappings.loss import Ledger

SIZES = (100, 1_000)
ROUNDS = 9
LARGE = 1_000_000


def _paid(step: Contestant) -> None:
    """A step that gives back what it made: a tree that is freed costs as much again at the next large allocation."""
    made = step()
    del made
    bytearray(LARGE)


def _shares(name: str, contestants: dict[str, Contestant], limit: str, rounds: int) -> list[Metric]:
    seconds = interleaved({step: partial(_paid, work) for step, work in contestants.items()}, rounds)
    return [
        metric(f"{name}: {step}", ratio(seconds, of=[step], to="limit"), baseline=limit)
        for step in contestants
        if step != "limit"
    ]


def _to_fhir(data: bytes, version: Version, name: str, rounds: int) -> list[Metric]:
    root = parse(data, maximum_size=len(data))
    reponse = read_answer(root, version=version, dialect=Dialect(), ledger=Ledger())
    assert isinstance(reponse, ReponseOffres)
    ready = orjson.loads(csd_to_fhir(data, version))
    steps: dict[str, Contestant] = {
        "limit": lambda: (etree.fromstring(data), orjson.dumps(ready)),  # noqa: TID251 - the limit: nothing of ours
        "parse and refuse": lambda: parse(data, maximum_size=len(data)),
        "CSD to the model": lambda: read_answer(root, version=version, dialect=Dialect(), ledger=Ledger()),
        "model to the JSON of FHIR": lambda: write.write(reponse.repertoire, ledger=Ledger(), finish=write.encoded),
        "the whole": lambda: csd_to_fhir(data, version),
    }
    return _shares(f"CSD → FHIR, {name}", steps, LIMIT_TO_FHIR, rounds)


def _to_csd(data: bytes, version: Version, name: str, rounds: int) -> list[Metric]:
    resources = resources_of(decode(data))
    found = ReponseOffres(read.read(resources, ledger=Ledger()), None)
    ready = etree.fromstring(fhir_to_csd(data, version))  # noqa: TID251 - the limit: nothing of ours
    steps: dict[str, Contestant] = {
        "limit": lambda: (orjson.loads(data), etree.tostring(ready, xml_declaration=True, encoding="UTF-8")),
        "decode and refuse": lambda: decode(data),
        "FHIR to the model, proved": lambda: read.read(resources, ledger=Ledger()),
        "model to CSD": lambda: write_answer(found, version=version, ledger=Ledger()),
        "the whole": lambda: fhir_to_csd(data, version),
        "msgspec decode, nothing refused": lambda: msgspec.json.decode(data),
    }
    return _shares(f"FHIR → CSD, {name}", steps, LIMIT_TO_CSD, rounds)


def measure(sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> list[Metric]:
    """The shares of every step, both ways."""
    metrics: list[Metric] = []
    for contract in CONTRACTS:
        for size in sizes:
            data, version = offers(size, contract), Version(contract)
            name = f"{version}, {size} offers"
            metrics += _to_fhir(data, version, name, rounds)
            metrics += _to_csd(csd_to_fhir(data, version), version, name, rounds)
            offers.cache_clear()
    return metrics
