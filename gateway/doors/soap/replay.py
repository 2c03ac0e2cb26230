"""The assertions already used: a second use within its life is refused (security facts 2.4; 6.3, V07).

One memory for the process. It is bounded for each member apart, so that one that sends too many can only shut itself
out: what cannot be remembered cannot be accepted.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from gateway.errors import ErrorCode, GatewayFault, NotPermitted

REMEMBERED = timedelta(minutes=10)
"""Longer than an assertion stays fresh: once forgotten it is refused for its age."""

MOST = 50_000
"""Of one member at once: 83 calls each second without end."""


class UsedAssertions:
    """The identifiers used lately, by member."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._used: dict[str, dict[bytes, datetime]] = {}

    def use(self, member: str, identifier: str, now: datetime) -> None:
        """Remember that use; raises `NotPermitted` for the second one, `GatewayFault` when the memory is full."""
        used = self._used.setdefault(member, {})
        _forget(used, now)
        # An identifier may be of any length, its digest is not.
        key = sha256(identifier.encode()).digest()
        if key in used:
            raise NotPermitted(ErrorCode.ASSERTION_REFUSED, cause="replayed")
        if len(used) >= self._most:
            raise GatewayFault(ErrorCode.OVERLOADED)
        used[key] = now + REMEMBERED


def _forget(used: dict[bytes, datetime], now: datetime) -> None:
    """They are kept in the order of their use, so the oldest come first."""
    while used:
        oldest = next(iter(used))
        if used[oldest] > now:
            return
        del used[oldest]
