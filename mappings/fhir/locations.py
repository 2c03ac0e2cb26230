"""Places where offers are carried out, as Location (FHIR digest, section 7.2)."""

from mappings.exposition.lieu import (
    CapaciteHabitation,
    EquipementSpecifique,
    LieuRealisationOffre,
)
from mappings.exposition.values import Code, Metadonnee
from mappings.fhir import urls
from mappings.fhir.addresses import address, position
from mappings.fhir.capacities import supported_capacities
from mappings.fhir.contacts import telecoms
from mappings.fhir.datatypes import (
    added_extensions,
    code_extension,
    coded,
    coding,
    complex_extension,
    concept,
    extension,
    identifier,
    quantity,
    top_level,
    unknown_concept,
)
from mappings.fhir.ids import fhir_id
from mappings.fhir.metadata import meta, meta_extensions
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, compact
from mappings.loss import Ledger, LossKind, Severity

COMMUNE = urls.ror("ror-commune-cog")
COMMENT = urls.ror("ror-comment")
EQUIPMENT = urls.ror("ror-location-equipment")
EQUIPMENT_LIMIT = urls.ror("ror-location-equipment-limit")
RESIDENTIAL = urls.ror("ror-location-residential-capacity")

FUNCTIONAL_ID = Code("R354", "25")
SYNCHRONISATION_ID = Code("R354", "26")


def place(source: LieuRealisationOffre, *, commune: Code | None, metadonnee: Metadonnee | None, ledger: Ledger) -> Json:
    """The Location of a place. `commune` is that of the establishment and `metadonnee` that of the offer, for a place
    that has none of its own.
    """
    notes = Notes(ledger, source.cle)
    record = _record(source, metadonnee, notes)
    lieu = source.lieu
    of_lieu = notes.at("lieu")
    if source.ajouts:
        notes.additions(source.ajouts)
    if lieu.ajouts:
        of_lieu.additions(lieu.ajouts, extensible=False)
    if lieu.distance_calculee is not None:
        notes.dropped("lieu.distance_calculee", "fhir.place.distance", "decimal", Severity.INFORMATION)
    if record.commentaire is not None:
        notes.dropped("metadonnee.commentaire", "fhir.place.record-comment", "text")
    written = compact(
        {
            "resourceType": "Location",
            "id": fhir_id(source.cle),
            "meta": meta("Location", record, notes),
            "extension": _extensions(source, record, commune, notes),
            "identifier": _identifiers(source),
            "operationalStatus": None if lieu.statut is None else coding(lieu.statut),
            "name": lieu.nom,
            "alias": [source.nom_externe_synchro] if source.nom_externe_synchro else None,
            "description": lieu.description,
            "type": None if lieu.fonction_lieu is None else [concept(lieu.fonction_lieu)],
            "telecom": telecoms(lieu.telecommunications, of_lieu.at("telecommunications")),
            "address": address(lieu.adresse, of_lieu.at("adresse")),
            "physicalType": {"text": lieu.type_physique} if lieu.type_physique else None,
            "position": position(lieu.coordonnee, of_lieu.at("coordonnee")),
        }
    )
    return top_level(source.ajouts, written, notes)


def _extensions(source: LieuRealisationOffre, record: Metadonnee, commune: Code | None, notes: Notes) -> list[Json]:
    written = meta_extensions("Location", record, notes)
    written.append(_commune(source.lieu.commune_cog, commune, notes))
    if source.capacites_prise_charge:
        written += supported_capacities(source.capacites_prise_charge, record, notes.at("capacites_prise_charge"))
    if source.equipements:
        of_equipment = notes.at("equipements")
        written += [_equipment(equipement, of_equipment) for equipement in source.equipements]
    if source.capacites_habitation:
        of_dwellings = notes.at("capacites_habitation")
        written += [_residential(capacity, of_dwellings) for capacity in source.capacites_habitation]
    return written + extension(COMMENT, "String", source.lieu.commentaire) + added_extensions(source.ajouts)


def _record(source: LieuRealisationOffre, offer: Metadonnee | None, notes: Notes) -> Metadonnee:
    if source.metadonnee is not None:
        if source.lieu.metadonnee is not None:
            notes.at("lieu").record(source.lieu.metadonnee)
        return source.metadonnee
    if source.lieu.metadonnee is not None:
        return source.lieu.metadonnee
    notes.note(LossKind.DERIVED, "metadonnee", "fhir.place.record-of-offer", "record", Severity.INFORMATION)
    inherited = offer or Metadonnee()
    return Metadonnee(
        date_creation=inherited.date_creation,
        date_mise_a_jour=inherited.date_mise_a_jour,
        region_source=inherited.region_source,
    )


def _commune(own: Code | None, of_establishment: Code | None, notes: Notes) -> Json:
    if own is not None:
        return coded(COMMUNE, own)
    if of_establishment is not None:
        notes.note(LossKind.DERIVED, "lieu.commune_cog", "fhir.place.commune", "code")
        return coded(COMMUNE, of_establishment)
    notes.note(LossKind.DEFAULTED, "lieu.commune_cog", "fhir.place.commune", "code")
    return {"url": COMMUNE, "valueCodeableConcept": unknown_concept("R13")}


def _identifiers(source: LieuRealisationOffre) -> list[Json]:
    written = []
    if source.lieu.identifiant:
        written.append(identifier(source.lieu.identifiant, kind=FUNCTIONAL_ID))
    if source.id_externe_synchro:
        written.append(identifier(source.id_externe_synchro, kind=SYNCHRONISATION_ID))
    return written


def _equipment(equipement: EquipementSpecifique, notes: Notes) -> Json:
    notes.record(equipement.metadonnee)
    if equipement.ajouts:
        notes.additions(equipement.ajouts)
    if equipement.identifiants:
        notes.dropped("identifiants", "fhir.equipment.identifier", "identifier")
    return complex_extension(
        EQUIPMENT,
        code_extension("equipmentType", equipement.type_equipement),
        extension("nbInService", "Integer", equipement.nb_en_service),
        [
            complex_extension(
                EQUIPMENT_LIMIT,
                code_extension("equipmentFeature", limite.type_caracteristique),
                extension("limitValue", "Quantity", quantity(limite.valeur_limite)),
            )
            for limite in equipement.limites
        ],
        added_extensions(equipement.ajouts),
    )


def _residential(capacity: CapaciteHabitation, notes: Notes) -> Json:
    notes.record(capacity.metadonnee)
    return complex_extension(
        RESIDENTIAL,
        code_extension("residentialType", capacity.type_habitation),
        extension("residentialNumber", "Integer", capacity.nb_habitation),
    )
