"""The solution `autre`: `parentFacility`, fractions of seconds, refusals as a bare number, no search."""

from conformance.reference.csd.dialect import Addresses, CareModeAbove, Dates, Dialect, Hierarchy, Refusals, Structures

DIALECT = Dialect(
    name="autre",
    hierarchy=Hierarchy.PARENT_FACILITY,
    structures=Structures.DIGIT,
    dates=Dates.FRACTIONS,
    addresses=Addresses.ORGANIZATION,
    care_mode_above=CareModeAbove.EMPTY,
    refusals=Refusals.BARE_FAULT,
    labels=False,
    empty_identifiers=False,
    count_on_single_read=True,
    source_directory=False,
    recognation=False,
    dangling_equipment=True,
    search_cap=None,
    strips_zeros=False,
    boolean_words=True,
)
