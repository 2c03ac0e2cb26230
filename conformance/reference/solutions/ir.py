"""The solution `ir`: a chain of organisations, labels everywhere, a search that sends one unit too many when cut."""

from conformance.reference.csd.dialect import Addresses, CareModeAbove, Dates, Dialect, Hierarchy, Refusals, Structures

DIALECT = Dialect(
    name="ir",
    hierarchy=Hierarchy.CHAIN,
    structures=Structures.BOTH,
    dates=Dates.OFFSET,
    addresses=Addresses.LOCATION,
    care_mode_above=CareModeAbove.REAL,
    refusals=Refusals.ERROR_500,
    labels=True,
    empty_identifiers=False,
    count_on_single_read=True,
    source_directory=True,
    recognation=False,
    dangling_equipment=False,
    # one more than the contract allows (section 16): the answer was cut
    search_cap=200,
    strips_zeros=False,
    boolean_words=False,
)
