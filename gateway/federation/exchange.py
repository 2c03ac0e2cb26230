"""The values of one exchange: what the caller asked, what each member did, what is answered."""

from enum import StrEnum

import msgspec

from mappings.exposition.demandes import Demande, ErreurContrat, EtablissementModifie, ProfilAcces
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Loss

FEDERATION = "FR"


class Status(StrEnum):
    """What a member contributed (design section 4, Coverage)."""

    ANSWERED = "answered"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    NOT_ASKED = "not_asked"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    INVALID_ANSWER = "invalid_answer"


WHOLE = frozenset({Status.ANSWERED, Status.EMPTY})
CONTRIBUTED = WHOLE | {Status.TRUNCATED}


class Reason(StrEnum):
    """Why a member was not asked."""

    TERRITORY = "territory"
    CUTOVER = "cutover"
    RIGHT = "right"
    MAINTENANCE = "maintenance"
    CRITERIA = "criteria"


FIRST_FILL = "first_fill"
"""The cause of a member that only its copy could answer for, while that copy is still being made."""


class Source(StrEnum):
    """Where a member's answer came from."""

    LIVE = "live"
    REPLICA = "replica"
    NATIONAL = "national"


class Requirements(msgspec.Struct, frozen=True):
    """What the caller demands beyond best effort (`Prefer`, or the coverage header block).

    `maximum_age` in seconds is the age of replica data accepted in place of a live answer that failed.
    """

    complete: bool = False
    source: Source | None = None
    maximum_age: float | None = None


class Caller(msgspec.Struct, frozen=True):
    """Who asks, once authenticated: member code or OAuth client, and the access profile its assertion gives it."""

    id: str
    profil: ProfilAcces
    member: str | None = None


class Exchange(msgspec.Struct, frozen=True):
    """One question: `target` is a member code or `FR`."""

    id: str
    caller: Caller
    target: str
    demande: Demande
    requirements: Requirements = Requirements()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one member contributed, and why not more.

    `age` is that of the data in seconds, `elapsed` milliseconds, `contract` and `nos` the contract version and the
    nomenclature release of the source. `cause` is a stable token when it failed; `refusal` the member's own words.
    `count` is how many objects it holds for the whole question when the answer is one page of it; `entourage` what is
    known around its objects while entitlement judges them, empty once judged.
    """

    member: str
    status: Status
    reason: Reason | None = None
    source: Source | None = None
    age: float | None = None
    elapsed: float | None = None
    contract: str | None = None
    nos: str | None = None
    cause: str | None = None
    refusal: ErreurContrat | None = None
    repertoire: Repertoire = Repertoire()
    etablissements: tuple[EtablissementModifie, ...] = ()
    losses: tuple[Loss, ...] = ()
    withheld: int = 0
    count: int | None = None
    entourage: Repertoire = Repertoire()

    @property
    def objects(self) -> int:
        """How many objects it contributed: offers of a reading or a search, establishments of a notification."""
        if self.count is not None:
            return self.count
        return len(self.repertoire.offres) or len(self.repertoire) or len(self.etablissements)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The merged answer and the outcome of every member, in the order of their codes.

    `matches` are the keys of the objects a search looked for, in its order; the directory also holds what is around.
    """

    exchange: Exchange
    outcomes: tuple[Outcome, ...]
    repertoire: Repertoire = Repertoire()
    matches: tuple[str, ...] = ()
    etablissements: tuple[EtablissementModifie, ...] = ()
    losses: tuple[Loss, ...] = ()
    total: int | None = None
    next_cursor: str | None = None

    @property
    def complete(self) -> bool:
        """Whether every member that may hold an answer gave it whole."""
        return all(
            outcome.status in WHOLE or (outcome.status is Status.NOT_ASKED and outcome.reason in _HARMLESS)
            for outcome in self.outcomes
        )

    @property
    def withheld(self) -> int:
        """How many elements the profile of the caller may not receive, whatever gave them (RG_ALIM_050 to 053)."""
        return sum(outcome.withheld for outcome in self.outcomes)

    @property
    def failed(self) -> bool:
        """Whether no member at all contributed: such an answer is an error, never an empty success."""
        return not any(outcome.status in CONTRIBUTED for outcome in self.outcomes)


_HARMLESS = frozenset({Reason.TERRITORY})
