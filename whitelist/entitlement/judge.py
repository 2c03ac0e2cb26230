"""Says what an access profile may receive in one standard, and counts what it refuses."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from mappings.exposition.demandes import ProfilAcces
from whitelist.entitlement.facts import Facts, holds
from whitelist.entitlement.table import Element, Norme, condition

T = TypeVar("T")


class Judge:
    """The table for one profile and one standard. `withheld` counts the elements refused so far."""

    def __init__(self, profil: ProfilAcces, norme: Norme) -> None:
        self._profil = profil
        self.norme = norme
        self.withheld = 0

    def allows(self, element: Element, facts: Facts) -> bool:
        """Whether the element may leave; nothing is counted."""
        return holds(condition(element, self._profil, self.norme), facts)

    def kept(self, values: Iterable[T], allowed: Callable[[T], bool]) -> tuple[T, ...]:
        """The values that may leave."""
        given = tuple(values)
        left = tuple(value for value in given if allowed(value))
        self.withheld += len(given) - len(left)
        return left

    def many(self, element: Element, values: tuple[T, ...], facts: Facts) -> tuple[T, ...]:
        """All of the values or none of them."""
        return self.kept(values, lambda _: self.allows(element, facts))

    def one(self, element: Element, value: T | None, facts: Facts) -> T | None:
        """The value, or None."""
        if value is None or self.allows(element, facts):
            return value
        self.withheld += 1
        return None
