"""The manifest of a solution: what it can do and how it speaks, as data beside its adapter."""

from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from adapters.contract import Capabilities, Target
from adapters.transport import Limits
from mappings.csd.dialect import Dialect, Habit
from mappings.csd.requests import PLAIN, Spelling
from mappings.exposition.demandes import Transaction


class Timeouts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds to connect, and for one exchange (RG_ALIM_024: five)."""

    connect_seconds: float
    exchange_seconds: float


class Sizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one member may cost at once."""

    connections: int
    answer_bytes: int


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The solution's own search. At `cap` units or more its answer is read as cut; an error among `no_result_codes`
    says that nothing matches.
    """

    criteria: frozenset[str]
    cap: int
    maximum_readings: int = 0
    concurrent_readings: int = 1
    padded_codes: bool = True
    no_result_codes: frozenset[int] = frozenset()


class Archives(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an extraction may cost, and what is believed of one (contract section 9).

    Bytes of the archive, of its files together; how many entries, how often a byte may be repeated in one; the hours
    after which it says too little of today. A download that has not begun after `head_seconds`, or falls below
    `bytes_per_second`, is given up.
    """

    archive_bytes: int = 2_000_000_000
    total_bytes: int = 20_000_000_000
    entries: int = 1000
    ratio: int = 200
    hours: int = 72
    head_seconds: float = 30.0
    bytes_per_second: int = 10_000
    seconds: float = 7200.0


class Habits(msgspec.Struct, frozen=True):
    """What a member does its own way in the conversation, beside what its documents have of their own (`dialect`).

    `interface` is the version its address names where that is not the contract's (2.6 is read as 2.4), `counts` says
    whether the numbers it announces are believed (RG_ALIM_019).
    """

    dialect: dict[str, str] = {}
    spelling: Spelling = PLAIN
    interface: str | None = None
    counts: bool = True


class Quirk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something about the solution that no option says, and since when it is known."""

    id: str
    since: date
    text: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is known of a solution without asking it.

    `options` are its habits, in the words of `adapters.options`; `habits` what they and those of a member amount to.
    """

    solution: str
    contracts: tuple[str, ...]
    transactions: frozenset[Transaction]
    addresses: dict[str, str]
    timeouts: Timeouts
    limits: Sizes
    options: dict[str, Habit] = {}
    search: Search | None = None
    extraction: Archives | None = None
    quirks: tuple[Quirk, ...] = ()
    habits: Habits = Habits()

    @property
    def capabilities(self) -> Capabilities:
        """What the plan may count on."""
        search = self.search
        if search is None:
            return Capabilities(self.transactions)
        return Capabilities(self.transactions, search.criteria, search.cap, search.maximum_readings)

    @property
    def transport_limits(self) -> Limits:
        """What the transport enforces."""
        return Limits(self.limits.connections, self.timeouts.connect_seconds, self.limits.answer_bytes)

    def address(self, name: str, target: Target, **values: str) -> str:
        """One of the solution's addresses at a member."""
        version = self.habits.interface or target.contract
        return self.addresses[name].format(endpoint=target.endpoint.rstrip("/"), version=version, **values)

    def dialect_of(self, target: Target) -> Dialect:
        """What the documents of a member have of their own."""
        return Dialect.from_options({"region": target.regions[0], **self.habits.dialect})


@cache
def load(folder: Path) -> Manifest:
    """The manifest of the solution whose adapter lies in `folder`."""
    return msgspec.toml.decode((folder / "manifest.toml").read_bytes(), type=Manifest)
