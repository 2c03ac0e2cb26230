"""What tells one reference solution from another on the wire: contract section 15.2."""

from dataclasses import dataclass
from enum import StrEnum


class Contract(StrEnum):
    """The versions of the contract the reference solutions speak."""

    V1_5 = "1.5"
    V1_6 = "1.6"
    V2_4 = "2.4"
    V3_0 = "3.0"

    @property
    def before_levels(self) -> bool:
        """Whether contacts are CSD persons without level, and titles plain text: up to 1.6 (section 15.1)."""
        return self in {Contract.V1_5, Contract.V1_6}


class Hierarchy(StrEnum):
    """How an internal organisation says where it hangs."""

    CHAIN = "chain"
    FLAT = "flat"
    PARENT_FACILITY = "parent_facility"


class Structures(StrEnum):
    """How the identifier of a structure is written."""

    DIGIT = "digit"
    BOTH = "both"
    BARE = "bare"
    DIGIT_UNDER_TYPES = "digit_under_types"
    BARE_UNDER_IDNAT = "bare_under_idnat"


class Dates(StrEnum):
    """How an instant is written."""

    OFFSET = "offset"
    PLAIN = "plain"
    FRACTIONS = "fractions"


class Addresses(StrEnum):
    """Where the address of an EJ or EG stands."""

    LOCATION = "location"
    ORGANIZATION = "organization"
    BOTH = "both"


class CareModeAbove(StrEnum):
    """What stands in `careMode` above the elementary unit."""

    REAL = "real"
    NULL = "null"
    EMPTY = "empty"


class Refusals(StrEnum):
    """How a functional refusal of a reading is told."""

    ERROR_500 = "error_500"
    ERROR_200 = "error_200"
    BARE_FAULT = "bare_fault"
    ERREUR_FAULT = "erreur_fault"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The habits of one solution. `search_cap` is None for one that has no search.

    `strict` says that a request in another spelling than its own is refused, `counts_wrong` that it announces one unit
    too many, `contacts` that it has any.
    """

    name: str
    hierarchy: Hierarchy
    structures: Structures
    dates: Dates
    addresses: Addresses
    care_mode_above: CareModeAbove
    refusals: Refusals
    labels: bool
    empty_identifiers: bool
    count_on_single_read: bool
    source_directory: bool
    recognation: bool
    dangling_equipment: bool
    search_cap: int | None
    strips_zeros: bool
    boolean_words: bool
    strict: bool = False
    counts_wrong: bool = False
    contacts: bool = True
