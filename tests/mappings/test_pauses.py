"""The collector of cycles rests while a document is translated, and works again whatever happened."""

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mappings.pauses import OVERLAPPING, without_collection


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


@without_collection
def resting() -> bool:
    return not gc.isenabled()


@without_collection
def failing() -> None:
    raise LookupError


@without_collection
def nested() -> bool:
    return resting() and not gc.isenabled()


def test_the_collector_rests_during_the_work_and_works_after_it() -> None:
    assert resting()
    assert gc.isenabled()


def test_it_works_again_after_a_failure() -> None:
    with pytest.raises(LookupError):
        failing()

    assert gc.isenabled()


def test_a_pause_inside_a_pause_does_not_end_it() -> None:
    assert nested()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()

    assert resting()
    assert not gc.isenabled()


def test_the_last_thread_to_end_starts_it_again() -> None:
    together = Barrier(4)

    @without_collection
    def meet(_: int) -> bool:
        together.wait(timeout=5)
        return gc.isenabled()

    with ThreadPoolExecutor(4) as threads:
        assert not any(threads.map(meet, range(4)))
    assert gc.isenabled()


def test_cycles_are_collected_even_when_some_work_is_always_under_way() -> None:
    class Node:
        other: "Node"

    freed: list[str] = []

    def collected(phase: str, told: dict[str, int]) -> None:
        freed.append(phase) if phase == "stop" and told["collected"] else None

    @without_collection
    def always() -> None:
        first, second = Node(), Node()
        first.other, second.other = second, first
        del first, second
        for _ in range(OVERLAPPING):
            resting()

    gc.collect()
    gc.callbacks.append(collected)
    try:
        always()
        assert freed
    finally:
        gc.callbacks.remove(collected)
