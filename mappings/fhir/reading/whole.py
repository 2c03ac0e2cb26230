"""What a reading knows and the profiles have one of: written all the same, so that the proof compares it too."""

from mappings.exposition.lieu import DivisionTerritoriale
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Objet
from mappings.fhir.contacts import telecoms
from mappings.fhir.datatypes import concepts
from mappings.fhir.hours import slots
from mappings.fhir.notes import Notes
from mappings.fhir.organizations import TERRITORY, territories
from mappings.fhir.reading.professionals import Role
from mappings.fhir.shape import Json
from mappings.loss import Ledger


def with_every_territory(objet: Objet, written: Json) -> Json:
    """The resource of an object with its divisions of all types."""
    divisions = _divisions(objet)
    if not divisions or written["resourceType"] == "Location":
        return written
    others = [one for one in written["extension"] if one["url"] != TERRITORY]
    unheard = Notes(Ledger(), objet.cle)
    types = dict.fromkeys(one.type_division.code for one in divisions)
    return {
        **written,
        "extension": others + [one for wanted in types for one in territories(divisions, wanted, "", unheard)],
    }


def _divisions(objet: Objet) -> tuple[DivisionTerritoriale, ...]:
    match objet:
        case EntiteGeographique():
            return objet.territoires_sante
        case OffreOperationnelle():
            return objet.zones_intervention
    return ()


def with_all_of_the_role(role: Role, written: Json) -> Json:
    """The resource of a role with all its professions, telecoms and slots."""
    unheard = Notes(Ledger(), "")
    every = {
        "code": concepts(role.professions) or written["code"],
        "telecom": telecoms(role.situation.telecommunications, unheard),
        "availableTime": slots(role.situation.precisions_horaires, unheard),
    }
    return {**written, **every}
