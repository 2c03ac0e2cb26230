"""What leaves for a caller: one table of elements, access profiles and standards, and the sieve that applies it."""

from whitelist.entitlement.sieve import Filtered, filter_repertoire
from whitelist.entitlement.table import Condition, Element, Norme, Row, condition, rows, soap_profile_containing

__all__ = [
    "Condition",
    "Element",
    "Filtered",
    "Norme",
    "Row",
    "condition",
    "filter_repertoire",
    "rows",
    "soap_profile_containing",
]
