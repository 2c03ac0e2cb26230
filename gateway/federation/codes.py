"""The codes of an offer under the name of the criterion each answers, and what entitlement calls them.

A criterion may gather notions that entitlement tells apart: each has its own group, kept apart in the index of the
replica too, so that a search finds an offer by no code that its caller may not see.
"""

from collections.abc import Callable

import msgspec

from mappings.exposition.offre import CompetenceRessource, OffreOperationnelle
from mappings.exposition.values import Code
from whitelist.entitlement import Element

SEQUENTIAL_RECEPTION = Code("R338", "01")


class Group(msgspec.Struct, frozen=True):
    """Codes of an offer; `element` rules who may see them, None when every profile may."""

    name: str
    of: Callable[[OffreOperationnelle], tuple[Code, ...]]
    element: Element | None = None


def _given(code: Code | None) -> tuple[Code, ...]:
    return (code,) if code is not None else ()


def _equipment(offre: OffreOperationnelle) -> tuple[Code, ...]:
    equipements = [*offre.equipements_unite, *(one for lieu in offre.lieux for one in lieu.equipements)]
    return tuple(equipement.type_equipement for equipement in equipements)


def _characteristics(offre: OffreOperationnelle) -> tuple[Code, ...]:
    """Reception, management, opening, expertise and closing; what versions up to 2.4 say of them otherwise too."""
    return (
        *offre.modalites_accueil,
        *((SEQUENTIAL_RECEPTION,) if offre.accueil_sequentiel_accepte else ()),
        *_given(offre.temporalite_accueil),
        *offre.modes_gestion,
        *_given(offre.ouverture_annuelle),
        *offre.niveaux_expertise,
        *_given(offre.type_maternite),
        *_given(offre.type_fermeture),
    )


def _resources(offre: OffreOperationnelle) -> tuple[Code, ...]:
    older = offre.competence_ressource or CompetenceRessource()
    return (
        *offre.professions_ressource,
        *offre.competences_specifiques,
        *older.professions,
        *older.competences_specifiques,
    )


def _specialities(offre: OffreOperationnelle) -> tuple[Code, ...]:
    return offre.competence_ressource.specialites_ordinales if offre.competence_ressource is not None else ()


CODES: dict[str, tuple[Group, ...]] = {
    "activites": (Group("activites", lambda offre: tuple(activite.activite for activite in offre.activites)),),
    "modes_prise_en_charge": (Group("modes_prise_en_charge", lambda offre: _given(offre.mode_prise_en_charge)),),
    "champs_activite": (Group("champs_activite", lambda offre: offre.champs_activite),),
    "types_offre": (Group("types_offre", lambda offre: _given(offre.type_offre)),),
    "publics": (Group("publics", lambda offre: offre.patientele.publics if offre.patientele is not None else ()),),
    "zones_intervention": (
        Group("zones_intervention", lambda offre: tuple(zone.division for zone in offre.zones_intervention)),
    ),
    "actes_specifiques": (Group("actes_specifiques", lambda offre: offre.actes_specifiques, Element.ACT),),
    "equipements": (Group("equipements", _equipment, Element.EQUIPMENT),),
    "specialites": (Group("specialites", _specialities, Element.RESOURCES),),
    "caracteristiques": (
        Group("caracteristiques", _characteristics),
        Group("specialisations", lambda offre: offre.specialisations_prise_en_charge, Element.SPECIALISATION),
        Group("ressources", _resources, Element.RESOURCES),
    ),
}


def codes_of(offre: OffreOperationnelle, criterion: str) -> tuple[Code, ...]:
    """Every code of an offer that answers a criterion."""
    return tuple(code for group in CODES[criterion] for code in group.of(offre))
