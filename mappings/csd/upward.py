"""An offer of the versions up to 2.4, brought to what 3.0 says (contract section 15.1): places, lines, home modes."""

from typing import Any

import msgspec

from mappings.csd.capacities import AVAILABLE, BEDS, CURRENT, INSTALLED, NO_ASSIGNMENT, PLACES
from mappings.csd.contexts import Writing
from mappings.exposition.lieu import (
    CapaciteAccueil,
    CapaciteAccueilOperationnelle,
    CapacitePriseCharge,
    Comptage,
    Lieu,
    LieuRealisationOffre,
)
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.values import Code
from mappings.loss import LossKind, Severity

SEQUENTIAL = Code("R338", "01")
HOME_VISIT = Code("R338", "05")


def to_3_0(offre: OffreOperationnelle, writing: Writing) -> OffreOperationnelle:
    """The offer as 3.0 says it; every move is noted."""
    changes: dict[str, Any] = {}
    _skills(offre, changes, writing)
    _expertise(offre, changes, writing)
    _home_mode(offre, changes, writing)
    _place(offre, changes, writing)
    return msgspec.structs.replace(offre, **changes) if changes else offre


def _moved(writing: Writing, path: str, rule: str, kind: LossKind = LossKind.DERIVED) -> None:
    writing.note(kind, path, rule, value_kind="code", severity=Severity.INFORMATION)


def _skills(offre: OffreOperationnelle, changes: dict[str, Any], writing: Writing) -> None:
    """Competences of the unit stand alone in 3.0; professions change nomenclature, specialities have no place."""
    skills = offre.competence_ressource
    if skills is None:
        return
    path = "extension/resourcesSkills"
    changes["competence_ressource"] = None
    if skills.metadonnee is not None:
        writing.note(
            LossKind.DROPPED, f"{path}/record", "skills.record", value_kind="record", severity=Severity.INFORMATION
        )
    if skills.competences_specifiques:
        _moved(writing, f"{path}/specificSkills", "skills.split", LossKind.SPLIT)
        changes["competences_specifiques"] = tuple(
            dict.fromkeys((*offre.competences_specifiques, *skills.competences_specifiques))
        )
    for _ in skills.professions:
        writing.note(
            LossKind.UNMAPPED, f"{path}/profession", "skills.profession", value_kind="code", severity=Severity.ERROR
        )
    for _ in skills.specialites_ordinales:
        writing.note(
            LossKind.DROPPED,
            f"{path}/medicalSpeciality",
            "skills.speciality",
            value_kind="code",
            severity=Severity.ERROR,
        )


def _expertise(offre: OffreOperationnelle, changes: dict[str, Any], writing: Writing) -> None:
    if offre.type_maternite is None:
        return
    _moved(writing, "extension/maternityHospitalType", "expertise.maternity")
    changes["type_maternite"] = None
    changes["niveaux_expertise"] = (*offre.niveaux_expertise, offre.type_maternite)


def _home_mode(offre: OffreOperationnelle, changes: dict[str, Any], writing: Writing) -> None:
    """`receptionMode` true is the home mode 01; false, which is more than the absence of it, has no place."""
    if offre.accueil_sequentiel_accepte is None:
        return
    changes["accueil_sequentiel_accepte"] = None
    if offre.accueil_sequentiel_accepte:
        _moved(writing, "extension/receptionMode", "home-mode.sequential")
        changes["modalites_accueil"] = tuple(dict.fromkeys((*offre.modalites_accueil, SEQUENTIAL)))
    else:
        writing.note(LossKind.DROPPED, "extension/receptionMode", "home-mode.not-sequential", value_kind="boolean")


def _place(offre: OffreOperationnelle, changes: dict[str, Any], writing: Writing) -> None:
    """Place, equipment, dwellings and capacity of the unit become its first place."""
    if offre.capacite_accueil_crise is not None:
        # A line of 3.0 without its type of crisis would pass for ordinary capacity.
        writing.note(
            LossKind.DROPPED,
            "extension/crisisAccomodationCapacity",
            "capacity.crisis",
            value_kind="capacity",
            severity=Severity.ERROR,
        )
        changes["capacite_accueil_crise"] = None
    if not (offre.lieu_unite or offre.capacite_accueil or offre.capacites_habitation_unite or offre.equipements_unite):
        return
    lieu = offre.lieu_unite or _place_of_site(offre, writing)
    _moved(writing, "extension/location", "place.unit")
    _moved(writing, "extension/locationRealizedOffer/externalNameSynchronization", "place.external-name")
    place = LieuRealisationOffre(
        cle=f"{offre.cle}/L1",
        lieu=lieu,
        nom_externe_synchro=lieu.nom or offre.nom,
        equipements=offre.equipements_unite,
        capacites_habitation=offre.capacites_habitation_unite,
        capacites_prise_charge=_lines(offre.capacite_accueil, writing),
        metadonnee=lieu.metadonnee,
    )
    changes |= {
        "lieux": (place, *offre.lieux),
        "lieu_unite": None,
        "capacite_accueil": None,
        "capacites_habitation_unite": (),
        "equipements_unite": (),
    }


def _place_of_site(offre: OffreOperationnelle, writing: Writing) -> Lieu:
    """A unit without a place is somewhere in the commune of its EG."""
    writing.note(LossKind.DERIVED, "extension/location", "place.from-site", value_kind="place")
    site = writing.sites.get(offre.entite_geographique or "")
    commune = site.lieu.commune_cog if site is not None and site.lieu is not None else None
    return Lieu(commune_cog=commune)


def _lines(capacity: CapaciteAccueil | None, writing: Writing) -> tuple[CapacitePriseCharge, ...]:
    """Totals become installed capacity (status 01), available figures available capacity (status 02)."""
    if capacity is None:
        return ()
    lines = [
        CapaciteAccueilOperationnelle(
            nature_capacite=nature,
            statut_capacite=status,
            temporalite_capacite=CURRENT,
            nombre_capacite=number,
            date_maj_capacite=count.date_maj,
            metadonnee=capacity.metadonnee,
        )
        for nature, count in ((BEDS, capacity.lits), (PLACES, capacity.places))
        if count is not None
        for status, number in _figures(count)
    ]
    writing.note(
        LossKind.DERIVED,
        "extension/accommodationCapacity",
        "capacity.lines",
        value_kind="capacity",
        severity=Severity.INFORMATION,
    )
    if not lines or any(one is not None and not _figures(one) for one in (capacity.lits, capacity.places)):
        writing.note(
            LossKind.DROPPED,
            "extension/accommodationCapacity",
            "capacity.without-figure",
            value_kind="instant",
            severity=Severity.ERROR,
        )
    if not lines:
        return ()
    return (CapacitePriseCharge(NO_ASSIGNMENT, tuple(lines), capacity.metadonnee),)


def _figures(count: Comptage) -> list[tuple[Code, int]]:
    figures = ((INSTALLED, count.total), (AVAILABLE, count.disponible))
    return [(status, number) for status, number in figures if number is not None]
