"""The versions of the contract that the gateway speaks."""

from enum import StrEnum


class Version(StrEnum):
    """A version of the contract, under the name that stands in the address of the door (contract section 2)."""

    V1_6 = "1.6"
    V2_4 = "2.4"
    V3_0 = "3.0"
    V2016 = "2016"
