"""Fields of activity and care modes: one of each on a unit (RG_EXP_010, RG_EXP_011, told); on a level the fields of its
descendants (RG_ALIM_006, added).
"""

import re
from collections.abc import Callable

import msgspec

from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import OrganisationInterne
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Ajout, Code
from mappings.loss import Ledger
from mappings.rules.notes import found, repaired

Fields = dict[tuple[str, str], Code]

_replace = msgspec.structs.replace
_PATH = "champs_activite"
_MODE = {"csd": re.compile(r"\A<(\w+:)?careMode\b"), "fhir": re.compile(r"TRE_R213-ModePriseEnCharge\b")}


def judge_unit(offre: OffreOperationnelle, ledger: Ledger) -> None:
    """RG_EXP_010, RG_EXP_011: one field, one care mode. Which of several is the right one only the source knows."""
    if len(offre.champs_activite) > 1 and len({code.cle for code in offre.champs_activite}) > 1:
        found(ledger, "RG_EXP_010", offre.cle, _PATH)
    if offre.ajouts and any(map(_another_mode, offre.ajouts)):
        found(ledger, "RG_EXP_011", offre.cle, "mode_prise_en_charge")


def _another_mode(ajout: Ajout) -> bool:
    """Whether an addition is a care mode: the model holds one, readers keep the others beside the object."""
    return _MODE[ajout.format].search(ajout.contenu) is not None


def below(repertoire: Repertoire, shown: Callable[[OffreOperationnelle], bool]) -> dict[str, Fields]:
    """The fields of the units shown below each internal organisation that has any, by key."""
    parents = {one.cle: one.parent for one in repertoire.organisations_internes}
    fields: dict[str, Fields] = {}
    for offre in repertoire.offres:
        above = offre.organisation
        if above not in parents or not shown(offre):
            continue
        codes = {code.cle: code for code in offre.champs_activite}
        climbed: set[str] = set()
        while above in parents and above not in climbed:
            climbed.add(above)
            fields.setdefault(above, {}).update(codes)
            above = parents[above]
    return fields


def completed(
    repertoire: Repertoire, shown: Callable[[OffreOperationnelle], bool], ledger: Ledger
) -> tuple[OrganisationInterne, ...]:
    """The internal organisations, each with the fields of the units shown below it.

    A level that names no field is left to whoever writes it: only the contract has a place for it (`csd.field`).
    """
    levels = repertoire.organisations_internes
    if not levels:
        return levels
    fields = below(repertoire, shown)
    kept = tuple(_completed(level, fields.get(level.cle, {}), ledger) for level in levels)
    return levels if all(new is old for new, old in zip(kept, levels, strict=True)) else kept


def _completed(level: OrganisationInterne, fields: Fields, ledger: Ledger) -> OrganisationInterne:
    if not level.champs_activite:
        return level
    said = {code.cle for code in level.champs_activite}
    missing = tuple(code for cle, code in fields.items() if cle not in said)
    if not missing:
        return level
    repaired(ledger, "RG_ALIM_006", level.cle, _PATH)
    return _replace(level, champs_activite=level.champs_activite + missing)
