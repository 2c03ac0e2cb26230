"""What sources up to 2.4 say of a unit and FHIR says of a place: one place made for the unit."""

import msgspec

from mappings.exposition.lieu import (
    CapaciteAccueilOperationnelle,
    CapacitePriseCharge,
    Comptage,
    Lieu,
    LieuRealisationOffre,
)
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.values import Code, Metadonnee
from mappings.fhir.capacities import NO_ASSIGNMENT
from mappings.fhir.notes import Notes
from mappings.loss import LossKind, Severity

SUFFIX = "/lieu"
_OF_UNIT = ("lieu_unite", "capacite_accueil", "capacites_habitation_unite", "equipements_unite")

BED = Code("R329", "01")
PLACE = Code("R329", "02")
INSTALLED = Code("R330", "01")
AVAILABLE = Code("R330", "02")
CURRENT = Code("R331", "01")


def places(offre: OffreOperationnelle, notes: Notes) -> tuple[LieuRealisationOffre, ...]:
    """The places of an offer, the one made from what the source says of the unit included."""
    if offre.capacite_accueil_crise is not None:
        # Its lines would need a crisis type, which the source does not give.
        notes.dropped("capacite_accueil_crise", "fhir.offer.crisis-capacity", "integer")
    told = [name for name in _OF_UNIT if getattr(offre, name)]
    if not told:
        return offre.lieux
    for name in told:
        notes.note(LossKind.DERIVED, name, "fhir.place.of-unit", "place", Severity.INFORMATION)
    if len(offre.lieux) == 1 and offre.lieu_unite is None:
        return (_completed(offre.lieux[0], offre, notes),)
    made = LieuRealisationOffre(
        cle=_key(offre), lieu=offre.lieu_unite or Lieu(), metadonnee=_dates_only(offre.metadonnee)
    )
    return (*offre.lieux, _completed(made, offre, notes))


def _key(offre: OffreOperationnelle) -> str:
    identified = offre.lieu_unite.identifiant if offre.lieu_unite is not None else None
    return identified or f"{offre.cle}{SUFFIX}"


def _dates_only(metadonnee: Metadonnee | None) -> Metadonnee | None:
    if metadonnee is None:
        return None
    return msgspec.structs.replace(metadonnee, commentaire=None, modele_saisie=None, ajouts=())


def _completed(place: LieuRealisationOffre, offre: OffreOperationnelle, notes: Notes) -> LieuRealisationOffre:
    lines = _capacity_lines(offre, notes)
    return msgspec.structs.replace(
        place,
        equipements=place.equipements + offre.equipements_unite,
        capacites_habitation=place.capacites_habitation + offre.capacites_habitation_unite,
        capacites_prise_charge=place.capacites_prise_charge
        + ((CapacitePriseCharge(NO_ASSIGNMENT, lines),) if lines else ()),
    )


def _capacity_lines(offre: OffreOperationnelle, notes: Notes) -> tuple[CapaciteAccueilOperationnelle, ...]:
    """Total and available beds and places as capacity lines."""
    capacity = offre.capacite_accueil
    if capacity is None:
        return ()
    notes.at("capacite_accueil").record(capacity.metadonnee)
    notes.note(LossKind.DERIVED, "capacite_accueil", "fhir.capacity.from-totals", "integer")
    if any(one is not None and (one.total, one.disponible) == (None, None) for one in (capacity.lits, capacity.places)):
        notes.dropped("capacite_accueil", "fhir.capacity.without-figure", "date")
    return tuple(
        line
        for nature, comptage in ((BED, capacity.lits), (PLACE, capacity.places))
        if comptage is not None
        for line in _lines(nature, comptage)
    )


def _lines(nature: Code, comptage: Comptage) -> list[CapaciteAccueilOperationnelle]:
    # The date is that of the availability; without one, all that it can be of is the total.
    of_total = comptage.date_maj if comptage.disponible is None else None
    figures = ((INSTALLED, comptage.total, of_total), (AVAILABLE, comptage.disponible, comptage.date_maj))
    return [
        CapaciteAccueilOperationnelle(nature, status, CURRENT, number, date_maj_capacite=dated)
        for status, number, dated in figures
        if number is not None
    ]
