"""An offer of 3.0, brought to what the versions up to 2.4 say (contract section 15.1): one place, totals, flags."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from mappings.csd.capacities import AVAILABLE, BEDS, CURRENT, INSTALLED, NO_ASSIGNMENT, PLACES
from mappings.csd.contexts import Writing
from mappings.csd.facilities import FINAL
from mappings.csd.upward import SEQUENTIAL
from mappings.csd.version import UP_TO_1_6
from mappings.exposition.lieu import (
    CapaciteAccueil,
    CapaciteAccueilOperationnelle,
    CapacitePriseCharge,
    Comptage,
    LieuRealisationOffre,
)
from mappings.exposition.offre import CompetenceRessource, OffreOperationnelle
from mappings.exposition.values import Code, Metadonnee
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.tables import display

PROVISIONAL = "PRO"
MATERNITY = "R253"
PROFESSIONS = "G15"

# What a line of 3.0 says beside its figure and its date, and a total has no place for.
_DETAILS = (
    ("capacitySourceType", "type_source_capacite"),
    ("capacityGenderAvailability", "genre_capacite_dispo"),
    ("capacityClosingType", "type_fermeture_capacite"),
    ("capacityExtraBed", "type_lits_supplementaire"),
    ("comment", "commentaire"),
)


def to_2_4(offre: OffreOperationnelle, writing: Writing) -> OffreOperationnelle:
    """The offer as the versions up to 2.4 say it; every move and every loss is noted."""
    changes: dict[str, Any] = {}
    if offre.lieux:
        _first_place(offre, changes, writing)
    _skills(offre, changes, writing)
    _expertise(offre, changes, writing)
    _home_mode(offre, changes, writing)
    _closing(offre, changes, writing)
    if writing.version in UP_TO_1_6 and offre.unite_sensible is not None:
        changes["unite_sensible"] = None  # a sensitive unit has been withheld: false is what the version means
    return msgspec.structs.replace(offre, **changes) if changes else offre


def _lost(writing: Writing, path: str, rule: str, *, kind: LossKind = LossKind.DROPPED, what: str = "code") -> None:
    writing.note(kind, f"extension/{path}", rule, value_kind=what, severity=Severity.ERROR)


def _moved(writing: Writing, path: str, rule: str) -> None:
    writing.note(LossKind.DERIVED, f"extension/{path}", rule, value_kind="code", severity=Severity.INFORMATION)


def _first_place(offre: OffreOperationnelle, changes: dict[str, Any], writing: Writing) -> None:
    """The first place is that of the unit; the others, with all that hangs below them, have no place."""
    first, *others = offre.lieux
    for rank, _ in enumerate(others, start=2):
        _lost(writing, f"locationRealizedOffer[{rank}]", "place.first", what="place")
    _moved(writing, "locationRealizedOffer", "place.unit")
    _unsaid(first, writing)
    if offre.lieu_unite is None:
        changes["lieu_unite"] = first.lieu
    else:
        _lost(writing, "locationRealizedOffer/location", "place.first", what="place")
    changes["lieux"] = ()
    changes["equipements_unite"] = (*offre.equipements_unite, *first.equipements)
    changes["capacites_habitation_unite"] = (*offre.capacites_habitation_unite, *first.capacites_habitation)
    if first.capacites_prise_charge and offre.capacite_accueil is None:
        changes["capacite_accueil"] = _totals(first.capacites_prise_charge, writing)


def _unsaid(place: LieuRealisationOffre, writing: Writing) -> None:
    for name, value in (
        ("externalidSynchronization", place.id_externe_synchro),
        ("externalNameSynchronization", place.nom_externe_synchro),
    ):
        if value is not None and value != place.lieu.nom:
            _lost(writing, f"locationRealizedOffer/{name}", f"place.{name}", what="text")
    if place.metadonnee not in (None, place.lieu.metadonnee):
        _record_lost(writing, "locationRealizedOffer/record")
    for ajout in place.ajouts:
        _lost(writing, f"locationRealizedOffer/{ajout.chemin}", "addition.place", what="fragment")


def _record_lost(writing: Writing, path: str) -> None:
    writing.note(
        LossKind.DROPPED, f"extension/{path}", "place.record", value_kind="record", severity=Severity.INFORMATION
    )


def _totals(supported: Iterable[CapacitePriseCharge], writing: Writing) -> CapaciteAccueil | None:
    """Installed lines are totals, available lines available figures; lines of the same kind add up."""
    figures: dict[tuple[str, str], list[CapaciteAccueilOperationnelle]] = {}
    path = "locationRealizedOffer/capacitySupported/operationalAccommodationCapacity"
    for group in supported:
        for line in group.capacites:
            if _carried(group, line):
                figures.setdefault((line.nature_capacite.code, line.statut_capacite.code), []).append(line)
            else:
                _lost(writing, path, "capacity.line", what="capacity")
    if not figures:
        return None
    for lines in figures.values():
        if len(lines) > 1:
            writing.note(
                LossKind.WIDENED, f"extension/{path}", "capacity.sum", value_kind="capacity", severity=Severity.WARNING
            )
    _moved(writing, path, "capacity.totals")
    carried = [line for lines in figures.values() for line in lines]
    beds, places = _count(figures, BEDS), _count(figures, PLACES)
    for line in carried:
        _details_lost(line, beds if line.nature_capacite.code == BEDS.code else places, path, writing)
    metadonnee = carried[0].metadonnee
    if any(record not in (None, metadonnee) for record in _records(supported)):
        _record_lost(writing, "locationRealizedOffer/capacitySupported/record")
    return CapaciteAccueil(beds, places, metadonnee)


def _details_lost(line: CapaciteAccueilOperationnelle, count: Comptage | None, path: str, writing: Writing) -> None:
    for name, attribute in _DETAILS:
        if getattr(line, attribute) is not None:
            _lost(writing, f"{path}/{name}", "capacity.detail")
    if count is not None and line.date_maj_capacite not in (None, count.date_maj):
        _lost(writing, f"{path}/cpacityUpdateDate", "capacity.detail", what="instant")


def _records(supported: Iterable[CapacitePriseCharge]) -> Iterator[Metadonnee | None]:
    for group in supported:
        yield group.metadonnee
        yield from (line.metadonnee for line in group.capacites)


def _carried(group: CapacitePriseCharge, line: CapaciteAccueilOperationnelle) -> bool:
    """Whether a line is a total or an available figure of the moment, outside any crisis or assignment."""
    return (
        line.nature_capacite.code in {BEDS.code, PLACES.code}
        and line.statut_capacite.code in {INSTALLED.code, AVAILABLE.code}
        and line.temporalite_capacite.code == CURRENT.code
        and line.type_crise is None
        and (group.affectation_temporaire is None or group.affectation_temporaire.code == NO_ASSIGNMENT.code)
    )


def _count(figures: dict[tuple[str, str], list[CapaciteAccueilOperationnelle]], nature: Code) -> Comptage | None:
    total = figures.get((nature.code, INSTALLED.code), [])
    available = figures.get((nature.code, AVAILABLE.code), [])
    if not total and not available:
        return None
    dates = [line.date_maj_capacite for line in available or total if line.date_maj_capacite is not None]
    return Comptage(
        total=sum(line.nombre_capacite for line in total) if total else None,
        disponible=sum(line.nombre_capacite for line in available) if available else None,
        # The oldest of the figures added: the sum is not fresher than its oldest term.
        date_maj=min(dates) if dates else None,
    )


def _skills(offre: OffreOperationnelle, changes: dict[str, Any], writing: Writing) -> None:
    """Skills are gathered; of the professions only those of the table of then have a place (correspondence, 4)."""
    older = tuple(code for code in offre.professions_ressource if code.systeme == PROFESSIONS)
    for code in offre.professions_ressource:
        if code.systeme != PROFESSIONS:
            _lost(writing, "professionalResource", "skills.profession", kind=LossKind.UNMAPPED)
    changes["professions_ressource"] = ()
    if older or offre.competences_specifiques:
        skills = offre.competence_ressource or CompetenceRessource()
        _moved(writing, "specificSkill", "skills.joined")
        changes["competences_specifiques"] = ()
        changes["competence_ressource"] = msgspec.structs.replace(
            skills,
            professions=tuple(dict.fromkeys((*skills.professions, *older))),
            competences_specifiques=tuple(
                dict.fromkeys((*skills.competences_specifiques, *offre.competences_specifiques))
            ),
        )


def _expertise(offre: OffreOperationnelle, changes: dict[str, Any], writing: Writing) -> None:
    """The level of expertise of a maternity is its type; no other level has a place."""
    maternity = offre.type_maternite
    for level in offre.niveaux_expertise:
        if level.systeme == MATERNITY and maternity is None:
            maternity = level
            _moved(writing, "expertLevel", "expertise.maternity")
        else:
            _lost(writing, "expertLevel", "expertise.level")
    changes["niveaux_expertise"] = ()
    changes["type_maternite"] = maternity


def _home_mode(offre: OffreOperationnelle, changes: dict[str, Any], writing: Writing) -> None:
    """The home mode 01 is `receptionMode`; no other mode has a place."""
    for mode in offre.modalites_accueil:
        if mode.cle == SEQUENTIAL.cle:
            changes["accueil_sequentiel_accepte"] = True
            _moved(writing, "homeMode", "home-mode.sequential")
        else:
            _lost(writing, "homeMode", "home-mode.other")
    changes["modalites_accueil"] = ()


def _closing(offre: OffreOperationnelle, changes: dict[str, Any], writing: Writing) -> None:
    """Only a final closing has a place: a provisional one written as final would close the unit for good. One of which
    the source does not say what it is, is written so, and told.
    """
    reason = offre.type_fermeture
    if reason is None:
        if offre.date_fermeture is not None:
            writing.note(LossKind.DERIVED, "extension/closingReason", "closing.supposed", value_kind="code")
        return
    changes["type_fermeture"] = None
    plain = reason.libelle in (None, display(*FINAL.cle))
    if reason.cle == FINAL.cle and plain and offre.date_fermeture is not None:
        # The element itself says that it is final; a label of the source's own it cannot.
        return
    _lost(writing, "closingReason", "closing.reason")
    if reason.code == PROVISIONAL and offre.date_fermeture is not None:
        changes["date_fermeture"] = None
        _lost(writing, "closingDate", "closing.provisional", what="date")
