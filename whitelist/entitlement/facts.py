"""What a condition of the table is judged on, gathered from the objects around the element."""

from collections.abc import Iterable

import msgspec

from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from whitelist.entitlement.table import Condition

# each table under its own number and under that of the value set the national API writes
FIELDS = frozenset({"R227", "J20"})
_LEVELS = frozenset({"R283", "J222"})
_STATUSES = frozenset({"R330", "J188"})
_ASSIGNMENTS = frozenset({"R337", "J195"})

MEDICO_SOCIAL = "04"
AMBULATORY = "05"
VERY_RESTRICTED = 3
INSTALLED = "01"
AVAILABLE = "02"
SUPPLEMENTARY = "06"
ORDINARY = frozenset({"01", "02", "03", "04", "05"})


class Facts(msgspec.Struct, frozen=True):
    """The field of activity around an element, and its own confidentiality, sensitivity, status or assignment."""

    medico_social: bool = False
    ambulatory: bool = False
    level: int = VERY_RESTRICTED
    sensitive: bool = False
    status: str = ""
    assignment: str = ""


UNKNOWN_UNIT = Facts(sensitive=True)
"""A unit that is not at hand may be sensitive, and nothing opens what is attached to it."""


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the element is sent."""
    match condition:
        case Condition.ALWAYS:
            return True
        case Condition.NEVER:
            return False
        case Condition.LEVEL_1:
            return facts.level == 1
        case Condition.LEVELS_1_2:
            return facts.level in {1, 2}
        case Condition.MS_LEVELS_1_2_ELSE_1:
            return facts.level == 1 or (facts.medico_social and facts.level == 2)
        case Condition.MS:
            return facts.medico_social
        case Condition.AMB:
            return facts.ambulatory
        case Condition.MS_OR_AMB:
            return facts.medico_social or facts.ambulatory
        case Condition.NOT_SENSITIVE:
            return not facts.sensitive
        case Condition.INSTALLED:
            return facts.status == INSTALLED
        case Condition.NOT_SUPPLEMENTARY:
            return facts.status in ORDINARY
        case Condition.MS_NOT_SUPPLEMENTARY:
            return facts.medico_social and facts.status in ORDINARY
        case Condition.NO_ASSIGNMENT:
            return facts.assignment == "01"


def level(code: Code | None) -> int:
    """A confidentiality level; one that is missing or unknown counts as very restricted."""
    if code is None or code.systeme not in _LEVELS or code.code not in {"1", "2"}:
        return VERY_RESTRICTED
    return int(code.code)


def status(code: Code) -> str:
    """A capacity status of R330; any other table says nothing that opens a line."""
    return code.code if code.systeme in _STATUSES else ""


def assignment(code: Code | None) -> str:
    """A temporary assignment of R337."""
    return code.code if code is not None and code.systeme in _ASSIGNMENTS else ""


def fields(champs: Iterable[Code]) -> frozenset[str]:
    """The fields of activity, by their codes."""
    return frozenset(champ.code for champ in champs if champ.systeme in FIELDS)


def of_fields(codes: frozenset[str], *, sensitive: bool = False) -> Facts:
    """The facts of something whose fields of activity are known."""
    return Facts(medico_social=MEDICO_SOCIAL in codes, ambulatory=AMBULATORY in codes, sensitive=sensitive)


def of_unit(offre: OffreOperationnelle) -> Facts:
    """The facts of a unit. A version without the mark (up to 1.6) says nothing: not sensitive."""
    return of_fields(fields(offre.champs_activite), sensitive=bool(offre.unite_sensible))


def fields_below(repertoire: Repertoire, offres: Iterable[OffreOperationnelle]) -> dict[str, frozenset[str]]:
    """Fields of activity of the units below each EJ, EG and internal organisation, by key (contract section 11)."""
    above = {organisation.cle: organisation for organisation in repertoire.organisations_internes}
    entites = {entite.cle: entite.entite_juridique for entite in repertoire.entites_geographiques}
    below: dict[str, frozenset[str]] = {}
    for offre in offres:
        owners = {offre.organisation, offre.entite_geographique}
        parent = above.get(offre.organisation or "")
        climbed: set[str] = set()
        while parent is not None and parent.cle not in climbed:
            climbed.add(parent.cle)
            owners |= {parent.cle, parent.parent, parent.entite_geographique}
            parent = above.get(parent.parent or "")
        owners |= {entites.get(owner) for owner in tuple(owners) if owner is not None}
        codes = fields(offre.champs_activite)
        for owner in owners - {None}:
            below[str(owner)] = below.get(str(owner), frozenset()) | codes
    return below
