"""What was translated before: the same as when it was made, bounded, and no owner forgets for another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mappings.exposition.values import Ajout, Code, Mesure, Metadonnee
from mappings.loss import Ledger, LossKind
from mappings.memory import FORGETFUL, Memory, of_bytes, of_value
from mappings.nomenclatures.catalogue import RELEASES, install

LARGE = 1_000_000
WINTER = timezone(timedelta(hours=1))


class Work:
    """Makes the same value each time, notes a loss, and counts how often it was asked to."""

    def __init__(self, made: Any = b"made", *, refuses: bool = False) -> None:
        self.done = 0
        self._made = made
        self._refuses = refuses

    def __call__(self, ledger: Ledger) -> Any:
        self.done += 1
        ledger.note(LossKind.DROPPED, object="84/UE-1", path="nom", rule="test.rule")
        ledger.unverifiable += 3
        if self._refuses:
            raise ValueError("refused")
        return self._made


def ask(memory: Memory, work: Work, key: str = "key", owner: str = "84") -> tuple[Any, Ledger]:
    ledger = Ledger()
    return memory.of(lambda: (key,), work, owner=owner, ledger=ledger), ledger


def test_a_hit_is_what_was_made_with_all_it_noted() -> None:
    memory, work = Memory(LARGE), Work()

    made, noted = ask(memory, work)
    again, told = ask(memory, work)

    assert work.done == 1
    assert again is made
    assert (told.entries, told.unverifiable) == (noted.entries, noted.unverifiable) == (noted.entries, 3)
    assert len(told) == 1
    assert (memory.counts.hits, memory.counts.misses, memory.counts.kept) == (1, 1, 1)


def test_what_is_noted_later_is_not_kept() -> None:
    memory, work = Memory(LARGE), Work()

    _, noted = ask(memory, work)
    noted.note(LossKind.DROPPED, object="", path="", rule="test.later")
    _, told = ask(memory, work)

    assert [loss.rule for loss in told.entries] == ["test.rule"]


def test_a_refusal_is_made_again_and_tells_what_it_noted() -> None:
    memory, work, ledger = Memory(LARGE), Work(refuses=True), Ledger()

    for _ in range(2):
        with pytest.raises(ValueError, match="refused"):
            memory.of(lambda: ("key",), work, owner="84", ledger=ledger)

    assert work.done == 2
    assert memory.counts.kept == 0
    assert len(ledger) == 2


def test_nothing_is_kept_without_room() -> None:
    work = Work()

    ask(FORGETFUL, work)
    ask(FORGETFUL, work)

    assert work.done == 2
    assert FORGETFUL.counts.kept == FORGETFUL.counts.misses == 0


def test_one_entry_may_not_take_the_place_of_all_others() -> None:
    memory, large = Memory(LARGE), Work(b"x" * (LARGE // 8))

    ask(memory, Work(), key="small")
    ask(memory, large, key="large")
    ask(memory, large, key="large")

    assert large.done == 2
    assert memory.counts.kept == 1


def test_the_weight_stays_below_the_limit_and_the_oldest_go_first() -> None:
    memory = Memory(LARGE)
    works = {str(number): Work(b"x" * 50_000) for number in range(40)}

    for key, work in works.items():
        ask(memory, work, key=key)
        ask(memory, works["0"], key="0")
        assert memory.counts.weight <= LARGE

    assert works["0"].done == 1  # asked for all the time
    assert memory.counts.kept < 40
    ask(memory, works["39"], key="39")
    ask(memory, works["1"], key="1")
    assert (works["39"].done, works["1"].done) == (1, 2)


def test_a_member_that_floods_forgets_only_its_own() -> None:
    memory, quiet = Memory(LARGE), Work(b"x" * 50_000)

    ask(memory, quiet, key="quiet", owner="93")
    for number in range(200):
        ask(memory, Work(b"x" * 50_000), key=f"flood {number}", owner="84")
    ask(memory, quiet, key="quiet", owner="93")

    assert quiet.done == 1


def test_other_releases_are_other_keys(tmp_path: Path) -> None:
    memory, work = Memory(LARGE), Work()
    copytree(sorted(RELEASES.iterdir())[-1], tmp_path / "2026-11")

    ask(memory, work)
    try:
        install(tmp_path)
        ask(memory, work)
    finally:
        install()
    ask(memory, work)

    assert work.done == 2


NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
TOLD_APART = {
    "digits of a number": (Mesure(Decimal("1.0")), Mesure(Decimal("1.00"))),
    "exponent": (Mesure(Decimal("100")), Mesure(Decimal("1E+2"))),
    "offset of one instant": (Metadonnee(NOON), Metadonnee(NOON.astimezone(WINTER))),
    "offset before legal time": (
        Metadonnee(datetime(1900, 1, 1, tzinfo=ZoneInfo("Europe/Paris"))),
        Metadonnee(datetime(1900, 1, 1, tzinfo=timezone(timedelta(minutes=9)))),
    ),
    "label": (Code("R211", "001"), Code("R211", "001", "")),
    "field": (Code("R211", "001", "x"), Code("R211", "001x")),
    "order": ((Code("a", "1"), Code("b", "2")), (Code("b", "2"), Code("a", "1"))),
    "escaped text": (Ajout("a", "csd", '","format":"csd'), Ajout('a","format":"csd', "csd", "")),
}


@pytest.mark.parametrize(("one", "other"), TOLD_APART.values(), ids=TOLD_APART)
def test_values_written_otherwise_have_other_keys(one: Any, other: Any) -> None:
    assert of_value(one) != of_value(other)


def test_values_written_alike_have_one_key() -> None:
    assert of_value(Code("R211", "001", "x")) == of_value(Code("R" + str(211), "001", "x"))
    assert of_value(Metadonnee(NOON)) == of_value(Metadonnee(datetime(2025, 1, 1, 12, tzinfo=UTC)))


def test_documents_of_other_bytes_have_other_keys() -> None:
    assert of_bytes(b"<a/>") != of_bytes(b"<a />")


def test_days_and_types_tell_keys_apart() -> None:
    memory, work, ledger = Memory(LARGE), Work(), Ledger()
    keys = [("fhir", date(2025, 1, 1)), ("fhir", date(2025, 1, 2)), ("soap", date(2025, 1, 1))]

    for key in keys:
        memory.of(lambda key=key: key, work, owner="84", ledger=ledger)  # type: ignore[misc]

    assert work.done == len(keys)


def test_threads_share_it() -> None:
    memory = Memory(LARGE)

    def run(worker: int) -> list[bytes]:
        keys = [f"{(worker + turn) % 30}" for turn in range(2000)]
        return [ask(memory, Work(key.encode() * 1000), key=key, owner=str(worker % 3))[0] for key in keys]

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(run, range(8)))

    for worker, values in enumerate(made):
        assert values == [f"{(worker + turn) % 30}".encode() * 1000 for turn in range(2000)]
    assert memory.counts.hits + memory.counts.misses == 8 * 2000
    assert memory.counts.weight <= LARGE
