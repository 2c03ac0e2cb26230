"""The tree EJ, EG, internal organisations, units: told where it is broken; nothing can be made up for the source."""

from collections.abc import Iterator

from mappings.exposition.organisation import EntiteJuridique, OrganisationInterne
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger
from mappings.rules.fields import Fields, below
from mappings.rules.notes import found


def judge_tree(repertoire: Repertoire, asked: str, ledger: Ledger) -> None:
    """RG_ALIM_018: a reading carries what was asked and its chain up to the EJ, which may have the key of its EG."""
    legal = {entity.cle for entity in repertoire.entites_juridiques}
    held = {objet.cle for objet in repertoire.objets() if not isinstance(objet, EntiteJuridique)}
    if asked not in held | legal:
        found(ledger, "RG_ALIM_018", asked, "", "object")
    for site in repertoire.entites_geographiques:
        if site.entite_juridique not in legal:
            found(ledger, "RG_ALIM_018", site.cle, "entite_juridique", "reference")
    for key, path, above in _upwards(repertoire):
        if above is None or above not in held:
            found(ledger, "RG_ALIM_018", key, path, "reference")


def _upwards(repertoire: Repertoire) -> Iterator[tuple[str, str, str | None]]:
    """Each object below an establishment, where it says what it stands below, and what it says."""
    for level in repertoire.organisations_internes:
        yield level.cle, "parent", level.parent or level.entite_geographique
    for offre in repertoire.offres:
        yield offre.cle, "organisation", offre.organisation or offre.entite_geographique


def judge_whole(repertoire: Repertoire, ledger: Ledger) -> None:
    """What only the reading of a whole establishment shows, every unit included.

    RG_EXP_001: an internal organisation goes down to a unit. RG_ALIM_006: a level names no field but those of its
    descendants. Neither is judged on an answer that was narrowed, or whose units are partly hidden, nor where the
    source hangs its units on the EG without saying under which level they are (contract section 7).
    """
    fields = below(repertoire, lambda _: True)
    if repertoire.offres and not fields:
        return
    for level in repertoire.organisations_internes:
        if level.cle not in fields:
            found(ledger, "RG_EXP_001", level.cle, "offres", "object")
        elif _names_more(level, fields[level.cle]):
            found(ledger, "RG_ALIM_006", level.cle, "champs_activite")


def _names_more(level: OrganisationInterne, fields: Fields) -> bool:
    return any(code.cle not in fields for code in level.champs_activite)
