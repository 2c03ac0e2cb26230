"""Capacity, in both its forms: either is judged as what it becomes in the answer's standard (contract section 11)."""

from typing import TypeVar

import msgspec

from mappings.exposition.lieu import CapaciteAccueil, CapaciteAccueilOperationnelle, CapacitePriseCharge, Comptage
from whitelist.entitlement import facts as gathered
from whitelist.entitlement.facts import Facts
from whitelist.entitlement.judge import Judge
from whitelist.entitlement.table import UP_TO_2_4, Element

T = TypeVar("T")

_replace = msgspec.structs.replace


def figure(judge: Judge, value: T | None, status: str, facts: Facts) -> T | None:
    """The value of a capacity in that status (R330), or None when the profile may not know it."""
    if judge.norme not in UP_TO_2_4:
        element = Element.CAPACITY_LINE
    elif status == gathered.INSTALLED:
        element = Element.TOTAL_CAPACITY
    else:
        element = Element.AVAILABLE_CAPACITY if status in gathered.ORDINARY else Element.CRISIS_CAPACITY
    return judge.one(element, value, _replace(facts, status=status))


def prise_charge(judge: Judge, group: CapacitePriseCharge, facts: Facts) -> CapacitePriseCharge | None:
    """The lines of one temporary assignment that may leave; None when none may."""
    assigned = _replace(facts, assignment=gathered.assignment(group.affectation_temporaire))
    if judge.one(Element.TEMPORARY_ASSIGNMENT, group, assigned) is None:
        return None
    lines = (_line(judge, line, facts) for line in group.capacites)
    kept = tuple(line for line in lines if line is not None)
    # a group without a line is not a group in the contract (section 7.3: 1..*)
    return _replace(group, capacites=kept) if kept or not group.capacites else None


def _line(judge: Judge, line: CapaciteAccueilOperationnelle, facts: Facts) -> CapaciteAccueilOperationnelle | None:
    status = gathered.status(line.statut_capacite)
    old = judge.norme in UP_TO_2_4
    if old and line.type_crise is not None:
        status = gathered.SUPPLEMENTARY  # there a crisis has its own element
    if figure(judge, line, status, facts) is None:
        return None
    date = line.date_maj_capacite
    return _replace(
        line,
        # up to 2.4 the only date on the wire is that of the available figure
        date_maj_capacite=figure(judge, date, gathered.AVAILABLE, facts) if old else date,
        type_source_capacite=judge.one(Element.CAPACITY_DETAIL, line.type_source_capacite, facts),
        genre_capacite_dispo=judge.one(Element.CAPACITY_DETAIL, line.genre_capacite_dispo, facts),
        type_lits_supplementaire=judge.one(Element.CAPACITY_DETAIL, line.type_lits_supplementaire, facts),
        type_crise=judge.one(Element.CAPACITY_DETAIL, line.type_crise, facts),
    )


def capacite_accueil(judge: Judge, capacite: CapaciteAccueil | None, facts: Facts) -> CapaciteAccueil | None:
    """The counts of a unit that may leave; None when none may."""
    if capacite is None:
        return None
    lits, places = _comptage(judge, capacite.lits, facts), _comptage(judge, capacite.places, facts)
    return _replace(capacite, lits=lits, places=places) if lits or places else None


def _comptage(judge: Judge, comptage: Comptage | None, facts: Facts) -> Comptage | None:
    if comptage is None:
        return None
    sifted = Comptage(
        total=figure(judge, comptage.total, gathered.INSTALLED, facts),
        disponible=figure(judge, comptage.disponible, gathered.AVAILABLE, facts),
        date_maj=figure(judge, comptage.date_maj, gathered.AVAILABLE, facts),
    )
    return None if sifted == Comptage() else sifted
