"""The translation of documents, both ways, beside the least that the same bytes cost and beside the usual ways.

The limit of a direction is what nobody can avoid: to parse the bytes and to write a result that stands ready. The
ledger, the nomenclatures and the canonical model are on in every figure of ours, in the one path that the doors take.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import orjson
from lxml import etree

from benchmarks import rivals, typed
from benchmarks.documents import offers
from benchmarks.measures import Contestant, Metric, interleaved, metric, ratio
from conformance.reference.csd.dialect import Contract
from mappings.csd.answers import read_answer, write_answer
from mappings.csd.dialect import Dialect
from mappings.csd.markup import DECLARATION
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.demandes import ReponseOffres
from mappings.exposition.repertoire import Repertoire
from mappings.fhir import read, write
from mappings.fhir.bundle import collection, resources_of
from mappings.fhir.encoding import decode, encode
from mappings.fhir.validation.validator import validate
from mappings.loss import Ledger
from mappings.memory import FORGETFUL, Memory, of_bytes, of_value
from mappings.pauses import without_collection

SIZES = (100, 1_000, 20_000)
CONTRACTS = (Contract.V3_0, Contract.V2_4)
USUAL_WAYS_UP_TO = 1_000
REPETITIONS = 9
OFFERS_PER_METRIC = 60_000

TO_FHIR, TO_FHIR_AIM, TIMES_ZEEP = "CSD → FHIR", 0.40, 8.0
LIMIT_TO_FHIR = "lxml parse + orjson dump of the prebuilt result"
LIMIT_TO_CSD = "orjson load + tostring of the prebuilt tree"
TO_CSD, TO_CSD_AIM = "FHIR → CSD", 0.80
# To validate may take one and a half times as long as to decode the same bytes into classes.
VALIDATION_AIM = 1 / 1.5
FLAT = 0.90
# Offers already translated: as fast as the limit of a translation, which knows nothing of what it saw before.
REMEMBERED_AIM = 1.0
# So much that the largest document is an eighth of it: none of it is taken before it is needed.
ROOM = 64 * 1024**3


def csd_to_fhir(data: bytes, version: Version, memory: Memory = FORGETFUL) -> bytes:
    """The Bundle of a careServicesResponse."""
    ledger = Ledger()
    reponse = memory.of(
        lambda: ("csd", of_bytes(data), version, Dialect()),
        lambda apart: read_answer(
            parse(data, maximum_size=len(data)), version=version, dialect=Dialect(), ledger=apart
        ),
        owner="",
        ledger=ledger,
    )
    assert isinstance(reponse, ReponseOffres)
    return _written(reponse, ledger, memory)


@without_collection
def _written(reponse: ReponseOffres, ledger: Ledger, memory: Memory) -> bytes:
    """Made and gone within one pause of the collector, as an answer of the FHIR door."""
    resources = write.write(reponse.repertoire, ledger=ledger, memory=memory, finish=write.encoded)
    return encode(collection(msgspec.Raw(one.body) for one in resources.values()))


def fhir_to_csd(data: bytes, version: Version, memory: Memory = FORGETFUL) -> bytes:
    """The careServicesResponse of a Bundle."""
    ledger = Ledger()
    repertoire = memory.of(
        lambda: ("fhir", of_bytes(data)),
        lambda apart: _read(data, apart),
        owner="",
        ledger=ledger,
    )
    return DECLARATION + memory.of(
        lambda: ("soap", of_value(repertoire), version),
        lambda apart: write_answer(ReponseOffres(repertoire, None), version=version, ledger=apart),
        owner="soap",
        ledger=ledger,
    )


@without_collection
def _read(data: bytes, ledger: Ledger) -> Repertoire:
    """Decoded and read within one pause of the collector, as the pages of the national ROR."""
    return read.read(resources_of(decode(data)), ledger=ledger)


def _parse_and_dump(data: bytes, ready: Any) -> bytes:
    etree.fromstring(data)  # noqa: TID251 - the limit: nothing of ours
    return orjson.dumps(ready)


def _load_and_serialise(data: bytes, ready: etree._Element) -> bytes:
    orjson.loads(data)
    return etree.tostring(ready, xml_declaration=True, encoding="UTF-8")


def _rounds(size: int, repetitions: int | None) -> int:
    """Enough rounds for a median; fewer for a document that takes long."""
    return repetitions or max(3, min(REPETITIONS, OFFERS_PER_METRIC // size))


def _usual_ways(data: bytes, version: Version, size: int) -> dict[str, Contestant]:
    if size > USUAL_WAYS_UP_TO:
        return {}
    through_zeep: Callable[[bytes], bytes] = rivals.zeep_to_json(version)
    return {"zeep": lambda: through_zeep(data), "find": lambda: rivals.find_to_json(data)}


def _to_fhir(size: int, contract: Contract, repetitions: int | None) -> Iterator[Metric]:
    data, version = offers(size, contract), Version(contract)
    ready = orjson.loads(csd_to_fhir(data, version))
    contestants: dict[str, Contestant] = {
        "own": lambda: csd_to_fhir(data, version),
        "limit": lambda: _parse_and_dump(data, ready),
        **_usual_ways(data, version, size),
    }
    memory = Memory(ROOM)
    contestants["remembered"] = lambda: csd_to_fhir(data, version, memory)
    csd_to_fhir(data, version, memory)
    seconds = interleaved(contestants, _rounds(size, repetitions))
    name = f"{TO_FHIR}, {version}, {size} offers"
    limit = LIMIT_TO_FHIR
    yield metric(name, ratio(seconds, of=["limit"], to="own"), baseline=limit, goal=TO_FHIR_AIM)
    yield _remembered(name, seconds, limit)
    if "zeep" in seconds:
        yield metric(name, ratio(seconds, of=["zeep"], to="own"), baseline="zeep → dict → json", goal=TIMES_ZEEP)
        yield metric(name, ratio(seconds, of=["find"], to="own"), baseline="lxml find → dict → json")


def _to_csd(size: int, contract: Contract, repetitions: int | None) -> Iterator[Metric]:
    version = Version(contract)
    data = csd_to_fhir(offers(size, contract), version)
    ready = etree.fromstring(fhir_to_csd(data, version))  # noqa: TID251 - the limit: nothing of ours
    contestants: dict[str, Contestant] = {
        "own": lambda: fhir_to_csd(data, version),
        "limit": lambda: _load_and_serialise(data, ready),
    }
    memory = Memory(ROOM)
    contestants["remembered"] = lambda: fhir_to_csd(data, version, memory)
    fhir_to_csd(data, version, memory)
    seconds = interleaved(contestants, _rounds(size, repetitions))
    name = f"{TO_CSD}, {version}, {size} offers"
    limit = LIMIT_TO_CSD
    yield metric(name, ratio(seconds, of=["limit"], to="own"), baseline=limit, goal=TO_CSD_AIM)
    yield _remembered(name, seconds, limit)


def _remembered(name: str, seconds: Mapping[str, Sequence[float]], limit: str) -> Metric:
    """The same bytes again, with a memory that saw them: beside the limit of who never saw them."""
    found = ratio(seconds, of=["limit"], to="remembered")
    return metric(f"{name}, already translated", found, baseline=limit, goal=REMEMBERED_AIM)


@without_collection
def _decode_into_classes(data: bytes) -> Any:
    return typed.DECODER.decode(data)


def _validation(size: int, contract: Contract, repetitions: int | None) -> Iterator[Metric]:
    data = csd_to_fhir(offers(size, contract), Version(contract))
    resources = list(resources_of(decode(data)).values())
    plain = [entry["resource"] for entry in orjson.loads(data)["entry"]]
    contestants: dict[str, Contestant] = {
        "own": lambda: [validate(resource) for resource in resources],
        # With the collector of cycles paused, as ours: what it costs says nothing of either, and grows with the size.
        "typed": lambda: _decode_into_classes(data),
        "fhir.resources": lambda: rivals.fhir_resources(plain),
    }
    seconds = interleaved(contestants, _rounds(size, repetitions))
    name = f"validation against the profiles, {contract}, {size} offers"
    decoding = "msgspec decode of the same bytes into classes"
    yield metric(name, ratio(seconds, of=["typed"], to="own"), baseline=decoding, goal=VALIDATION_AIM)
    yield metric(name, ratio(seconds, of=["fhir.resources"], to="own"), baseline="fhir.resources R4B models")


def _flat(metrics: Sequence[Metric], direction: str, contract: Contract, sizes: Sequence[int]) -> Metric:
    """The ratio to the limit at the largest size beside that of the smallest."""
    start = f"{direction}, {contract}, "
    at = {size: next(m.ratio for m in metrics if m.metric == f"{start}{size} offers") for size in sizes}
    small, large = min(sizes), max(sizes)
    return metric(
        f"{start}flat with size", at[large] / at[small], baseline=f"its own ratio at {small} offers", goal=FLAT
    )


def measure(sizes: Sequence[int] = SIZES, repetitions: int | None = None) -> list[Metric]:
    """Every figure; `repetitions` None takes as many rounds as the size allows."""
    metrics: list[Metric] = []
    for contract in CONTRACTS:
        for size in sizes:
            metrics.extend(_to_fhir(size, contract, repetitions))
            metrics.extend(_to_csd(size, contract, repetitions))
            if size <= USUAL_WAYS_UP_TO:
                metrics.extend(_validation(size, contract, repetitions))
            offers.cache_clear()
        metrics.extend(_flat(metrics, direction, contract, sizes) for direction in (TO_FHIR, TO_CSD))
    return metrics
