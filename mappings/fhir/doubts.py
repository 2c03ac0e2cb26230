"""Codes that a value set of the guide may be without, as they are met by what writes.

To look for them in every resource costs a third of its writing. Whether any type of resource ties the nomenclature of a
code to a value set without it is known of the code alone, once: only a resource in whose writing such a code was met is
looked through (`codes.note_written`).
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from itertools import count

from mappings.exposition.values import Code
from mappings.nomenclatures.bindings import GUIDE, element_of_resource
from mappings.nomenclatures.catalogue import Catalogue
from mappings.nomenclatures.judgement import judge

IN_FORCE = date.max
"""The day of the value sets of what is written in FHIR: those of the last publication held."""

_RESOURCES = ("HealthcareService", "Location", "Organization", "Practitioner", "PractitionerRole")
# Advanced by each doubtful code, and by each who looks whether it was: what another thread meets is one look too many.
_met = count()


@lru_cache(maxsize=8192)
def _is_doubtful(catalogue: Catalogue, code: Code) -> bool:
    found = (judge(element_of_resource(one, code.systeme), code, GUIDE, IN_FORCE) for one in _RESOURCES)
    return any(judgement is not None and judgement.outside for judgement in found)


def doubtful(catalogue: Catalogue, code: Code) -> bool:
    """Whether a value set that the guide ties to the nomenclature of a code, in any type of resource, is without it."""
    return _is_doubtful(catalogue, Code(code.systeme, code.code))


def meet() -> None:
    """A doubtful code is being written."""
    next(_met)


def watch() -> Callable[[], bool]:
    """From now on; what is returned tells whether any doubtful code was met since."""
    start = next(_met)
    return lambda: next(_met) != start + 1
