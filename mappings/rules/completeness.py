"""RG_EXP_002: an object that lacks a mandatory element is not sent, nor what hangs below; what stands above is.

Mandatory are the elements that the contract wants in every version and the national profiles too (contract sections
7.1 and 7.2): the name of each object, the type of an internal organisation, the field of activity and the care mode of
a unit. What only one format wants is the business of whoever writes that format.
"""

from typing import TypeVar

from mappings.exposition.exercice import within
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger
from mappings.rules.notes import not_sent

RULE = "RG_EXP_002"

Placed = TypeVar("Placed", EntiteJuridique, EntiteGeographique, OrganisationInterne, OffreOperationnelle)


def complete(repertoire: Repertoire, ledger: Ledger) -> Repertoire:
    """The directory without its incomplete objects and what hangs below them; itself when each object is complete."""
    legal = {one.cle for one in repertoire.entites_juridiques if not one.raison_sociale}
    lacking = {
        **{one.cle: "denomination" for one in repertoire.entites_geographiques if not one.denomination},
        **{one.cle: _of_level(one) for one in repertoire.organisations_internes if not (one.nom and one.type_oi)},
        **{
            one.cle: _of_unit(one)
            for one in repertoire.offres
            if not (one.nom and one.champs_activite and one.mode_prise_en_charge)
        },
    }
    return _without(repertoire, legal, lacking, ledger) if legal or lacking else repertoire


def _of_level(level: OrganisationInterne) -> str:
    return "type_oi" if level.nom else "nom"


def _of_unit(unit: OffreOperationnelle) -> str:
    if not unit.nom:
        return "nom"
    return "mode_prise_en_charge" if unit.champs_activite else "champs_activite"


def _without(repertoire: Repertoire, legal: set[str], lacking: dict[str, str], ledger: Ledger) -> Repertoire:
    """The directory without these legal entities, which may have the key of one of their sites, and these others."""
    gone = _with_what_hangs_below(repertoire, legal, set(lacking))
    for objet in repertoire.objets():
        if isinstance(objet, EntiteJuridique):
            if objet.cle in legal:
                not_sent(ledger, RULE, objet.cle, "raison_sociale")
        elif objet.cle in gone:
            not_sent(ledger, RULE, objet.cle, lacking.get(objet.cle, "above"))
    persons = []
    for person in repertoire.professionnels:
        kept = _elsewhere(person, gone)
        if kept is None:
            not_sent(ledger, RULE, person.cle, "above")
        else:
            persons.append(kept)
    return Repertoire(
        entites_juridiques=_kept(repertoire.entites_juridiques, legal),
        entites_geographiques=_kept(repertoire.entites_geographiques, gone),
        organisations_internes=_kept(repertoire.organisations_internes, gone),
        offres=_kept(repertoire.offres, gone),
        professionnels=tuple(persons),
    )


def _kept(objects: tuple[Placed, ...], gone: set[str]) -> tuple[Placed, ...]:
    return tuple(one for one in objects if one.cle not in gone)


def _with_what_hangs_below(repertoire: Repertoire, legal: set[str], gone: set[str]) -> set[str]:
    """Those keys, the sites of these legal entities, and every key below one of them, however deep."""
    gone |= {one.cle for one in repertoire.entites_geographiques if one.entite_juridique in legal}
    above = [
        *((one.cle, (one.parent, one.entite_geographique)) for one in repertoire.organisations_internes),
        *((one.cle, (one.organisation, one.entite_geographique)) for one in repertoire.offres),
    ]
    while reached := {key for key, owners in above if key not in gone and not gone.isdisjoint(owners)}:
        gone |= reached
    return gone


def _elsewhere(person: Professionnel, gone: set[str]) -> Professionnel | None:
    """The professional without the links to what is gone; None for one who works nowhere else."""
    places = person.offres or person.entites_geographiques
    if places and gone.issuperset(places):
        return None
    return within(person, {*person.offres, *person.entites_geographiques} - gone)
