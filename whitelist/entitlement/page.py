"""The table of the access profiles as a page of docs/, in French and in English."""

from mappings.exposition.demandes import ProfilAcces
from whitelist.entitlement.table import Condition, Norme, Row, rows

_WORDS = {
    Condition.ALWAYS: "oui / yes",
    Condition.NEVER: "–",
    Condition.LEVEL_1: "niveau 1 / level 1",
    Condition.LEVELS_1_2: "niveaux 1, 2 / levels 1, 2",
    Condition.MS_LEVELS_1_2_ELSE_1: "MS : 1, 2 ; sinon 1 / else 1",
    Condition.MS: "MS",
    Condition.AMB: "AMB",
    Condition.MS_OR_AMB: "MS, AMB",
    Condition.NOT_SENSITIVE: "non sensible / not sensitive",
    Condition.INSTALLED: "statut 01 / status 01",
    Condition.NOT_SUPPLEMENTARY: "statuts 01–05 / statuses 01–05",
    Condition.MS_NOT_SUPPLEMENTARY: "MS : 01–05",
    Condition.NO_ASSIGNMENT: "affectation 01 / assignment 01",
}
_PROFILES = " | ".join(ProfilAcces)
_HEAD = f"| Éléments / elements | Normes / standards | {_PROFILES} | Source |\n|---|---|{'---|' * len(ProfilAcces)}---|"


def render() -> str:
    """The table of the page, one line for each row of the filter's own."""
    return "\n".join((_HEAD, *map(_line, rows())))


def _line(row: Row) -> str:
    normes = "toutes / all" if set(row.normes) == set(Norme) else ", ".join(row.normes)
    cells = " | ".join(_WORDS[row.conditions[profil]] for profil in ProfilAcces)
    return f"| `{row.wire}` | {normes} | {cells} | {row.source} |"
