"""Location resources as places of offers (FHIR digest, section 7.2)."""

from mappings.exposition.lieu import (
    CapaciteHabitation,
    EquipementSpecifique,
    Lieu,
    LieuRealisationOffre,
    LimiteCaracteristique,
)
from mappings.fhir import locations as written
from mappings.fhir.addresses import read_address, read_position
from mappings.fhir.capacities import read_supported_capacities
from mappings.fhir.contacts import read_telecoms
from mappings.fhir.datatypes import Extensions, read_coding, read_concept, read_concepts, read_quantity
from mappings.fhir.metadata import read_meta
from mappings.fhir.notes import Notes
from mappings.fhir.reading.source import unread
from mappings.fhir.shape import Json, MalformedResource, integer, items, member, text, texts

_READ = frozenset(
    {
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


def read_place_key(resource: Json) -> str | None:
    """The functional identifier of a Location; None when it carries none."""
    for part in items(resource, "identifier"):
        kind = read_concept(member(part, "type"))
        if kind is None or kind.code != written.SYNCHRONISATION_ID.code:
            return text(part, "value")
    return None


def read_place(resource: Json, cle: str, notes: Notes) -> LieuRealisationOffre:
    """The place of a Location."""
    extensions = Extensions(resource)
    identified = [(read_concept(member(part, "type")), text(part, "value")) for part in items(resource, "identifier")]
    synchro = [value for kind, value in identified if kind is not None and kind.code == written.SYNCHRONISATION_ID.code]
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
        commune_cog=extensions.code(written.COMMUNE),
        telecommunications=read_telecoms(resource),
        commentaire=extensions.string(written.COMMENT),
    )
    return LieuRealisationOffre(
        cle=cle,
        lieu=lieu,
        id_externe_synchro=synchro[0] if synchro else None,
        nom_externe_synchro=next((alias for alias in texts(resource, "alias") if alias), None),
        equipements=tuple(map(_read_equipment, extensions.take_all(written.EQUIPMENT))),
        capacites_habitation=tuple(map(_read_residential, extensions.take_all(written.RESIDENTIAL))),
        capacites_prise_charge=read_supported_capacities(extensions),
        metadonnee=read_meta(resource, extensions),
        ajouts=extensions.left + unread(resource, _READ, notes),
    )


def _read_equipment(json: Json) -> EquipementSpecifique:
    extensions = Extensions(json)
    kind = extensions.code("equipmentType")
    if kind is None:
        raise MalformedResource("extension.ror-location-equipment")
    return EquipementSpecifique(
        type_equipement=kind,
        nb_en_service=integer(extensions.take("nbInService"), "valueInteger"),
        limites=tuple(map(_read_limit, extensions.take_all(written.EQUIPMENT_LIMIT))),
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
