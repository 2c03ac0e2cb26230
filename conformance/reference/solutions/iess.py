"""The solution `iess`: flat, bare FINESS numbers, no labels, a search cut at fifty units without a word."""

from conformance.reference.csd.dialect import Addresses, CareModeAbove, Dates, Dialect, Hierarchy, Refusals, Structures

DIALECT = Dialect(
    name="iess",
    hierarchy=Hierarchy.FLAT,
    structures=Structures.BARE,
    dates=Dates.PLAIN,
    addresses=Addresses.BOTH,
    care_mode_above=CareModeAbove.NULL,
    refusals=Refusals.ERROR_200,
    labels=False,
    empty_identifiers=True,
    count_on_single_read=False,
    source_directory=False,
    recognation=True,
    dangling_equipment=False,
    search_cap=50,
    strips_zeros=True,
    boolean_words=False,
)
