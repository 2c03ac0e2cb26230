"""What a search may tell its caller: what a profile may not see is no way to find an offer, or its value would be told.

A criterion on something that entitlement rules is judged on what is left for the profile. When some offers hide it, it
is never pushed to a member, whose own search may know more; when every offer does, no offer matches.
"""

import msgspec

from gateway.federation.codes import CODES
from gateway.federation.criteria import present
from mappings.exposition.demandes import ProfilAcces, Recherche
from whitelist.entitlement import Condition, Element, Norme, condition

_OBJECTS = (Element.UNIT, Element.PROFESSIONAL)


class Sight(msgspec.Struct, frozen=True):
    """An access profile in the standard of an answer; unless given, the one that sees everything."""

    profil: ProfilAcces = ProfilAcces.P1
    norme: Norme = Norme.FHIR

    def of(self, element: Element | None) -> Condition:
        """When the element is seen; what entitlement does not rule always is."""
        return Condition.ALWAYS if element is None else condition(element, self.profil, self.norme)

    @property
    def sees_every_object(self) -> bool:
        """Whether no unit and no professional is hidden."""
        return all(self.of(element) is Condition.ALWAYS for element in _OBJECTS)

    def partly_hidden(self, recherche: Recherche) -> frozenset[str]:
        """The criteria of a search on what some offers hide."""
        return frozenset(
            criterion
            for criterion in present(recherche) & CODES.keys()
            if any(self.of(group.element) is not Condition.ALWAYS for group in CODES[criterion])
        )

    def hides(self, recherche: Recherche) -> bool:
        """Whether the search names a criterion on what every offer hides: none can match."""
        return any(
            all(self.of(group.element) is Condition.NEVER for group in CODES[criterion])
            for criterion in present(recherche) & CODES.keys()
        )
