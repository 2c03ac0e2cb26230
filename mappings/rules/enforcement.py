"""One pass over a directory on its way out: repairs where a rule says how, findings elsewhere.

A directory that obeys comes back as it is, at the price of looking at it.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger
from mappings.rules import contacts, establishments, fields

H = TypeVar("H", EntiteJuridique, EntiteGeographique, OrganisationInterne, OffreOperationnelle)

_replace = msgspec.structs.replace


def enforce(repertoire: Repertoire, ledger: Ledger, *, shown: Callable[[OffreOperationnelle], bool]) -> Repertoire:
    """The directory as the rules want it; the same value when nothing had to be repaired.

    `shown` says which units the caller may see: a field of activity is never added above a unit for a caller from whom
    the unit is hidden, or the addition would tell that it exists.
    """
    for entite in repertoire.entites_juridiques:
        establishments.judge_structure(entite, ledger)
    for site in repertoire.entites_geographiques:
        establishments.judge_structure(site, ledger)
        establishments.judge_site(site, ledger)
    for offre in repertoire.offres:
        fields.judge_unit(offre, ledger)
    ruled = Repertoire(
        entites_juridiques=_with_contacts(repertoire.entites_juridiques, ledger),
        entites_geographiques=_with_contacts(repertoire.entites_geographiques, ledger),
        organisations_internes=_with_contacts(fields.completed(repertoire, shown, ledger), ledger),
        offres=_with_contacts(repertoire.offres, ledger),
        professionnels=repertoire.professionnels,
    )
    return repertoire if _same(ruled, repertoire) else ruled


def _with_contacts(objects: tuple[H, ...], ledger: Ledger) -> tuple[H, ...]:
    changed: dict[int, H] = {}
    for place, one in enumerate(objects):
        if one.contacts:
            sensitive = isinstance(one, OffreOperationnelle) and bool(one.unite_sensible)
            kept = contacts.ruled(one.contacts, one.cle, ledger, sensitive=sensitive)
            if kept is not one.contacts:
                changed[place] = _replace(one, contacts=kept)
    return tuple(changed.get(place, one) for place, one in enumerate(objects)) if changed else objects


def _same(first: Repertoire, second: Repertoire) -> bool:
    return all(getattr(first, name) is getattr(second, name) for name in Repertoire.__struct_fields__)
