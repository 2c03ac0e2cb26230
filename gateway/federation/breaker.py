"""A circuit breaker per member: after repeated connection failures and timeouts, one probe at a time.

closed    calls pass; `threshold` failures in a row open it
open      calls are refused until `cooldown` seconds have passed
half-open one call passes as a probe, the others are refused; its success closes, its failure opens again

Only the network counts: a member that refuses or answers badly is there, and its refusals must reach the caller.
"""

from enum import StrEnum


class BreakerState(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """The breaker of one member. The time is an argument: seconds of a monotonic clock."""

    def __init__(self, *, threshold: int, cooldown: float) -> None:
        self._threshold = threshold
        self._cooldown = cooldown
        self._failures = 0
        self._opened: float | None = None
        self._probing = False

    def state(self, now: float) -> BreakerState:
        """The state at an instant."""
        if self._opened is None:
            return BreakerState.CLOSED
        return BreakerState.HALF_OPEN if now - self._opened >= self._cooldown else BreakerState.OPEN

    def admit(self, now: float) -> bool:
        """Whether a call may pass; an admitted call ends with `succeeded`, `failed` or `abandoned`."""
        match self.state(now):
            case BreakerState.CLOSED:
                return True
            case BreakerState.OPEN:
                return False
        admitted = not self._probing
        self._probing = True
        return admitted

    def succeeded(self) -> None:
        """The member answered, whatever it said."""
        self._failures = 0
        self._opened = None
        self._probing = False

    def failed(self, now: float) -> None:
        """The member could not be reached or did not answer in time."""
        self._failures += 1
        if self._opened is not None or self._failures >= self._threshold:
            self._opened = now
        self._probing = False

    def abandoned(self) -> None:
        """The call ended for a reason that says nothing of the member: the caller left, its time was too short."""
        self._probing = False
