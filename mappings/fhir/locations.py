"""Places where offers are carried out, as Location (FHIR digest, section 7.2)."""

from mappings.exposition.lieu import (
    CapaciteHabitation,
    EquipementSpecifique,
    Lieu,
    LieuRealisationOffre,
    LimiteCaracteristique,
)
from mappings.exposition.values import Code, Metadonnee
from mappings.fhir import urls
from mappings.fhir.addresses import address, position, read_address, read_position
from mappings.fhir.capacities import read_supported_capacities, supported_capacities
from mappings.fhir.contacts import read_telecoms, telecoms
from mappings.fhir.datatypes import (
    Extensions,
    added_extensions,
    added_members,
    code_extension,
    coding,
    complex_extension,
    concept,
    extension,
    identifier,
    quantity,
    read_coding,
    read_concept,
    read_concepts,
    read_quantity,
    unknown_concept,
    unread_members,
)
from mappings.fhir.ids import fhir_id
from mappings.fhir.metadata import meta, meta_extensions, read_meta
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, MalformedResource, compact, integer, items, member, text, texts
from mappings.loss import Ledger, LossKind, Severity

COMMUNE = urls.ror("ror-commune-cog")
COMMENT = urls.ror("ror-comment")
EQUIPMENT = urls.ror("ror-location-equipment")
EQUIPMENT_LIMIT = urls.ror("ror-location-equipment-limit")
RESIDENTIAL = urls.ror("ror-location-residential-capacity")

FUNCTIONAL_ID = Code("R354", "25")
SYNCHRONISATION_ID = Code("R354", "26")

_READ = frozenset(
    {
        "resourceType",
        "id",
        "meta",
        "text",
        "extension",
        "identifier",
        "operationalStatus",
        "name",
        "alias",
        "description",
        "type",
        "physicalType",
        "telecom",
        "address",
        "position",
    }
)


def place(source: LieuRealisationOffre, *, commune: Code | None, metadonnee: Metadonnee | None, ledger: Ledger) -> Json:
    """The Location of a place. `commune` is that of the establishment and `metadonnee` that of the offer, for a place
    that has none of its own.
    """
    notes = Notes(ledger, source.cle)
    record = _record(source, metadonnee, notes)
    lieu = source.lieu
    notes.additions(source.ajouts + lieu.ajouts)
    if lieu.distance_calculee is not None:
        notes.dropped("lieu.distance_calculee", "fhir.distance", "decimal", Severity.INFORMATION)
    if record.commentaire is not None:
        notes.dropped("metadonnee.commentaire", "fhir.place.record-comment", "text")
    return compact(
        {
            **added_members(source.ajouts),
            "resourceType": "Location",
            "id": fhir_id(source.cle),
            "meta": meta("Location", record, notes),
            "extension": [
                *meta_extensions("Location", record, notes),
                *_commune(lieu.commune_cog, commune, notes),
                *supported_capacities(source.capacites_prise_charge, record, notes),
                *(_equipment(equipement, notes) for equipement in source.equipements),
                *(_residential(capacity, notes) for capacity in source.capacites_habitation),
                *extension(COMMENT, "String", lieu.commentaire),
                *added_extensions(source.ajouts),
            ],
            "identifier": _identifiers(source),
            "operationalStatus": coding(lieu.statut) if lieu.statut is not None else None,
            "name": lieu.nom,
            "alias": [source.nom_externe_synchro] if source.nom_externe_synchro else None,
            "description": lieu.description,
            "type": [concept(lieu.fonction_lieu)] if lieu.fonction_lieu is not None else None,
            "telecom": telecoms(lieu.telecommunications, notes),
            "address": address(lieu.adresse, notes),
            "physicalType": {"text": lieu.type_physique} if lieu.type_physique else None,
            "position": position(lieu.coordonnee, notes),
        }
    )


def _record(source: LieuRealisationOffre, offer: Metadonnee | None, notes: Notes) -> Metadonnee:
    notes.record(source.lieu.metadonnee if source.metadonnee is not None else None)
    if source.metadonnee is not None:
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


def _commune(own: Code | None, of_establishment: Code | None, notes: Notes) -> list[Json]:
    if own is not None:
        return code_extension(COMMUNE, own)
    known = of_establishment is not None
    notes.note(LossKind.DERIVED if known else LossKind.DEFAULTED, "lieu.commune_cog", "fhir.place.commune", "code")
    if known:
        return code_extension(COMMUNE, of_establishment)
    return [{"url": COMMUNE, "valueCodeableConcept": unknown_concept("R13")}]


def _identifiers(source: LieuRealisationOffre) -> list[Json]:
    written = []
    if source.lieu.identifiant:
        written.append(identifier(source.lieu.identifiant, kind=FUNCTIONAL_ID))
    if source.id_externe_synchro:
        written.append(identifier(source.id_externe_synchro, kind=SYNCHRONISATION_ID))
    return written


def _equipment(equipement: EquipementSpecifique, notes: Notes) -> Json:
    notes.record(equipement.metadonnee)
    notes.additions(equipement.ajouts)
    if equipement.identifiants:
        notes.dropped("equipements.identifiants", "fhir.equipment.identifier", "identifier")
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


def read_place_key(resource: Json) -> str | None:
    """The functional identifier of a Location; None when it carries none."""
    for part in items(resource, "identifier"):
        kind = read_concept(member(part, "type"))
        if kind is None or kind.code != SYNCHRONISATION_ID.code:
            return text(part, "value")
    return None


def read_place(resource: Json, cle: str) -> LieuRealisationOffre:
    """The place of a Location."""
    extensions = Extensions(resource)
    identified = [(read_concept(member(part, "type")), text(part, "value")) for part in items(resource, "identifier")]
    synchro = [value for kind, value in identified if kind is not None and kind.code == SYNCHRONISATION_ID.code]
    postal = member(resource, "address")
    lieu = Lieu(
        identifiant=read_place_key(resource),
        nom=text(resource, "name"),
        description=text(resource, "description"),
        type_physique=text(member(resource, "physicalType"), "text"),
        statut=read_coding(member(resource, "operationalStatus")),
        adresse=read_address(postal, Extensions(postal)),
        coordonnee=read_position(member(resource, "position")),
        fonction_lieu=next(iter(read_concepts(items(resource, "type"))), None),
        commune_cog=extensions.code(COMMUNE),
        telecommunications=read_telecoms(resource),
        commentaire=extensions.string(COMMENT),
    )
    return LieuRealisationOffre(
        cle=cle,
        lieu=lieu,
        id_externe_synchro=synchro[0] if synchro else None,
        nom_externe_synchro=next((alias for alias in texts(resource, "alias") if alias), None),
        equipements=tuple(map(_read_equipment, extensions.take_all(EQUIPMENT))),
        capacites_habitation=tuple(map(_read_residential, extensions.take_all(RESIDENTIAL))),
        capacites_prise_charge=read_supported_capacities(extensions),
        metadonnee=read_meta(resource, extensions),
        ajouts=extensions.left + unread_members(resource, _READ),
    )


def _read_equipment(json: Json) -> EquipementSpecifique:
    extensions = Extensions(json)
    kind = extensions.code("equipmentType")
    if kind is None:
        raise MalformedResource("extension.ror-location-equipment")
    return EquipementSpecifique(
        type_equipement=kind,
        nb_en_service=integer(extensions.take("nbInService"), "valueInteger"),
        limites=tuple(map(_read_limit, extensions.take_all(EQUIPMENT_LIMIT))),
        ajouts=extensions.left,
    )


def _read_limit(json: Json) -> LimiteCaracteristique:
    extensions = Extensions(json)
    feature = extensions.code("equipmentFeature")
    value = read_quantity(member(extensions.take("limitValue"), "valueQuantity"))
    if feature is None or value is None:
        raise MalformedResource("extension.ror-location-equipment-limit")
    return LimiteCaracteristique(feature, value)


def _read_residential(json: Json) -> CapaciteHabitation:
    extensions = Extensions(json)
    kind = extensions.code("residentialType")
    if kind is None:
        raise MalformedResource("extension.ror-location-residential-capacity")
    return CapaciteHabitation(kind, integer(extensions.take("residentialNumber"), "valueInteger"))
