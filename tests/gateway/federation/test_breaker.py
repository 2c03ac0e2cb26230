"""A breaker opens on failures in a row, lets one probe through, and closes when it succeeds."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.federation.breaker import Breaker, BreakerState


def opened() -> Breaker:
    breaker = Breaker(threshold=2, cooldown=10)
    for _ in range(2):
        assert breaker.admit(0)
        breaker.failed(0)
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    breaker = Breaker(threshold=2, cooldown=10)
    breaker.failed(0)
    breaker.succeeded()
    breaker.failed(0)

    assert breaker.state(0) is BreakerState.CLOSED

    breaker.failed(0)

    assert breaker.state(9.9) is BreakerState.OPEN
    assert not breaker.admit(9.9)


def test_one_probe_only() -> None:
    breaker = opened()

    assert breaker.state(10) is BreakerState.HALF_OPEN
    assert [breaker.admit(10) for _ in range(3)] == [True, False, False]


def test_a_probe_that_succeeds_closes() -> None:
    breaker = opened()
    breaker.admit(10)
    breaker.succeeded()

    assert breaker.state(10) is BreakerState.CLOSED
    assert breaker.admit(10)


def test_a_probe_that_fails_opens_again() -> None:
    breaker = opened()
    breaker.admit(10)
    breaker.failed(12)

    assert breaker.state(21) is BreakerState.OPEN
    assert breaker.state(22) is BreakerState.HALF_OPEN


def test_an_abandoned_probe_leaves_the_way_to_another() -> None:
    breaker = opened()
    breaker.admit(10)
    breaker.abandoned()

    assert breaker.admit(10)


class Probing(RuleBasedStateMachine):
    """Whatever happens, no two probes are under way at once, and an open breaker admits nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(threshold=3, cooldown=5)
        self.now = 0.0
        self.under_way = 0
        self.probes = 0

    @rule(seconds=st.floats(0, 7))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.under_way == 0)
    @rule()
    def call(self) -> None:
        before = self.breaker.state(self.now)
        admitted = [self.breaker.admit(self.now) for _ in range(3)]
        if before is BreakerState.OPEN:
            assert not any(admitted)
        if before is BreakerState.HALF_OPEN:
            assert admitted.count(True) == 1
        self.under_way = admitted.count(True)

    @precondition(lambda self: self.under_way > 0)
    @rule(ending=st.sampled_from(["succeeded", "failed", "abandoned"]))
    def end(self, ending: str) -> None:
        self.under_way -= 1
        if ending == "failed":
            self.breaker.failed(self.now)
        else:
            getattr(self.breaker, ending)()

    @invariant()
    def always_somewhere(self) -> None:
        assert self.breaker.state(self.now) in set(BreakerState)


TestProbing = Probing.TestCase
TestProbing.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
