"""The versions of the contract that the gateway speaks."""

from enum import StrEnum


class Version(StrEnum):
    """A version of the contract, under the name that stands in the address of the door (contract section 2)."""

    V1_5 = "1.5"
    V1_6 = "1.6"
    V2_4 = "2.4"
    V3_0 = "3.0"
    V2016 = "2016"


UP_TO_1_6 = frozenset({Version.V1_5, Version.V1_6})
"""The versions without levels of confidentiality and without a word for a sensitive unit (contract section 15.1)."""
