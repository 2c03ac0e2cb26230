"""EJ, EG and internal organisations as Organization, linked upwards by `partOf` (FHIR digest, section 7.3)."""

from collections.abc import Container
from datetime import date

from mappings.csd.identifiers import IDENTIFIANT_OI
from mappings.exposition.lieu import Adresse, DivisionTerritoriale, Lieu
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.values import Ajout, Code, Metadonnee
from mappings.fhir import urls
from mappings.fhir.addresses import address, address_extensions
from mappings.fhir.contacts import organization_contacts, telecoms, telecoms_and_mailboxes
from mappings.fhir.datatypes import (
    added_extensions,
    code_extension,
    coded,
    concept,
    concepts,
    extension,
    period,
    reference,
    top_level,
    unknown_concept,
)
from mappings.fhir.ids import fhir_id, legal_entity_id
from mappings.fhir.metadata import META_COMMENT, meta, meta_extensions
from mappings.fhir.notes import Notes
from mappings.fhir.prices import prices
from mappings.fhir.shape import Json, compact
from mappings.fhir.structures import internal_identifiers, only_identifier, structure_identifiers
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.tables import table

TERRITORY = urls.ror("ror-territorial-division")
FINANCIAL_HELP = urls.ror("ror-organization-financial-help-type")
FAMILY_LODGING = urls.ror("ror-organization-accomodation-family")
PERMANENT_PLACES = urls.ror("ror-organization-nb-permanent-social-help-place")
TEMPORARY_PLACES = urls.ror("ror-organization-nb-temporary-social-help-place")
ACCESSIBILITY = urls.ror("ror-organization-accessibility-location")
ORSAN = urls.ror("ror-organization-level-recours-orsan")
DROP_ZONE = urls.ror("ror-organization-drop-zone")
REOPENING = urls.ror("ror-organization-reopening-date")
CREATION = urls.ror("ror-organization-creation-date")
CLOSING_TYPE = urls.ror("ror-organization-closing-type")
COMMENT = urls.ror("ror-organization-comment")
ADDITIONAL_NAME = urls.ror("ror-organization-additional-name")

HEALTH_TERRITORY = "4"


def territories(divisions: tuple[DivisionTerritoriale, ...], wanted: str, part: str, above: Notes) -> list[Json]:
    """The divisions of the type the profile fixes; the others cannot be said."""
    if not divisions:
        return []
    notes = above.at(part)
    for division in divisions:
        notes.record(division.metadonnee)
        if division.type_division.code != wanted:
            notes.dropped("", "fhir.territory.type", "code")
    return [
        {
            "url": TERRITORY,
            "extension": [
                coded("typeTerritorialDivision", division.type_division),
                coded("codeTerritorialDivision", division.division),
            ],
        }
        for division in divisions
        if division.type_division.code == wanted
    ]


def _names(nom: str, complements: tuple[str, ...], notes: Notes) -> Json:
    if not complements:
        return {"name": nom}
    if len(complements) > 1:
        notes.dropped("complements_nom", "fhir.organization.one-additional-name", "text")
    added = extension(ADDITIONAL_NAME, "String", complements[0])
    return {"name": nom, "_name": {"extension": added} if added else None}


def _closing_type(code: Code | None, notes: Notes) -> list[Json]:
    """The type of closing under R286: the tables of EJ and EG up to 2.4 (R232, R233) share its letters."""
    if code is not None and code.systeme in ("R232", "R233") and code.code in (table("R286") or {}):
        notes.note(LossKind.WIDENED, "type_fermeture", "fhir.organization.closing-type", "code", Severity.INFORMATION)
        code = Code("R286", code.code, code.libelle)
    return code_extension(CLOSING_TYPE, code)


def _place(adresse: Adresse | None, lieu: Lieu | None, notes: Notes) -> Json | None:
    """The address: that of the place, else the object's own; what else the place says has no slot."""
    of_place = lieu.adresse if lieu is not None else None
    if adresse is not None and of_place not in (None, adresse):
        notes.dropped("adresse", "fhir.organization.one-address", "address", Severity.WARNING)
    elif adresse is not None:
        notes.note(LossKind.DERIVED, "adresse", "fhir.organization.address", "address", Severity.INFORMATION)
    if lieu is None:
        return address(adresse, notes.at("adresse"))
    of_lieu = notes.at("lieu")
    of_lieu.record(lieu.metadonnee)
    of_lieu.additions(lieu.ajouts, extensible=False)
    for name in ("identifiant", "nom", "description", "type_physique", "statut", "fonction_lieu", "commentaire"):
        if getattr(lieu, name) is not None:
            notes.dropped(f"lieu.{name}", "fhir.organization.place", "text")
    if lieu.telecommunications:
        notes.dropped("lieu.telecommunications", "fhir.organization.place", "telecom")
    if lieu.distance_calculee is not None:
        notes.dropped("lieu.distance_calculee", "fhir.place.distance", "decimal", Severity.INFORMATION)
    position = address_extensions(lieu.commune_cog, lieu.coordonnee, of_lieu.at("coordonnee"))
    if lieu.adresse is None:
        return address(adresse, notes.at("adresse"), position)
    return address(lieu.adresse, of_lieu.at("adresse"), position)


def _resource(
    identifier: str,
    metadonnee: Metadonnee | None,
    ajouts: tuple[Ajout, ...],
    notes: Notes,
    *,
    extensions: list[Json],
    content: Json,
) -> Json:
    record = metadonnee or Metadonnee()
    if ajouts:
        notes.additions(ajouts)
    written = compact(
        {
            "resourceType": "Organization",
            "id": identifier,
            "meta": meta("Organization", record, notes),
            "extension": [
                *meta_extensions("Organization", record, notes),
                *extension(META_COMMENT, "String", record.commentaire),
                *extensions,
                *added_extensions(ajouts),
            ],
            **content,
        }
    )
    return top_level(ajouts, written, notes)


def _life(start: date | None, end: date | None) -> list[Json]:
    return extension(urls.ORGANIZATION_PERIOD, "Period", period(start, end))


# The table that tells each type of an Organization from the others.
_TABLES = {
    "statut_juridique": "R72",
    "sous_ensemble_agregat_statut_juridique": "R69",
    "categorie": "R66",
    "modalite_participation_sph": "R73",
    "type_oi": "R207",
}
_OF_LEVELS = frozenset({"R66", "R207"})


def _note_tables(objet: EntiteJuridique | EntiteGeographique | OrganisationInterne, notes: Notes, *names: str) -> None:
    """Note the types that are read back as something else: only their tables tell what they are."""
    free = set(_OF_LEVELS)
    for name in names:
        code, table_of_name = getattr(objet, name), _TABLES[name]
        if code is None:
            free.add(table_of_name)
        else:
            free.discard(table_of_name)
            if code.systeme != table_of_name:
                notes.note(LossKind.UNMAPPED, name, "fhir.organization.type-system", "code")
    if any(code.systeme in free for code in getattr(objet, "autres_types", ())):
        notes.note(LossKind.UNMAPPED, "autres_types", "fhir.organization.type-system", "code")


def _types(*codes: Code | None, others: tuple[Code, ...] = ()) -> list[Json]:
    return concepts([*(code for code in codes if code is not None), *others])


def legal_entity(ej: EntiteJuridique, ledger: Ledger) -> Json:
    """The Organization of an EJ."""
    notes = Notes(ledger, ej.cle)
    _note_tables(ej, notes, "statut_juridique", "sous_ensemble_agregat_statut_juridique")
    created = ej.date_creation
    return _resource(
        legal_entity_id(ej.cle),
        ej.metadonnee,
        ej.ajouts,
        notes,
        extensions=[
            *extension(CREATION, "Date", created and created.isoformat()),
            *_closing_type(ej.type_fermeture, notes),
            *_life(None, ej.date_fermeture),
        ],
        content={
            "identifier": structure_identifiers(ej.cle, ej.identifiants, notes),
            "type": _types(ej.statut_juridique, ej.sous_ensemble_agregat_statut_juridique, others=ej.autres_types),
            **_names(ej.raison_sociale, ej.complements_nom, notes),
            "contact": organization_contacts(ej.contacts, notes),
            "telecom": telecoms(ej.telecommunications, notes.at("telecommunications")),
            "address": _addresses(_place(ej.adresse, ej.lieu, notes)),
        },
    )


def legal_entity_reference(cle: str) -> Json:
    """The reference to the Organization of an EJ."""
    return {"reference": f"Organization/{legal_entity_id(cle)}"}


def owner_reference(cle: str, legal: Container[str]) -> Json:
    """The reference to whatever organisation an object hangs on; `legal` are the keys that only an EJ has."""
    return legal_entity_reference(cle) if cle in legal else reference("Organization", cle)


def _addresses(written: Json | None) -> list[Json]:
    return [] if written is None else [written]


def site(eg: EntiteGeographique, ledger: Ledger) -> Json:
    """The Organization of an EG."""
    notes = Notes(ledger, eg.cle)
    _note_tables(eg, notes, "categorie", "modalite_participation_sph")
    types = _types(eg.categorie, eg.modalite_participation_sph, others=eg.autres_types)
    if eg.categorie is None:
        # Nothing else tells an EG from an EJ once the link upwards is missing too.
        notes.note(LossKind.DEFAULTED, "categorie", "fhir.organization.category", "code")
        types.insert(0, unknown_concept("R66"))
    return _resource(
        fhir_id(eg.cle),
        eg.metadonnee,
        eg.ajouts,
        notes,
        extensions=[
            *prices(eg.tarifs, notes.at("tarifs")),
            *territories(eg.territoires_sante, HEALTH_TERRITORY, "territoires_sante", notes),
            *(part for code in eg.aides_financieres for part in code_extension(FINANCIAL_HELP, code)),
            *extension(FAMILY_LODGING, "Boolean", eg.hebergement_famille),
            *extension(PERMANENT_PLACES, "Integer", eg.nb_place_aide_social_permanent),
            *extension(TEMPORARY_PLACES, "Integer", eg.nb_place_aide_social_temporaire),
            *code_extension(ACCESSIBILITY, eg.accessibilite_lieu),
            *code_extension(ORSAN, eg.niveau_recours_orsan),
            *extension(DROP_ZONE, "Boolean", eg.zone_poser),
            *_closing_type(eg.type_fermeture, notes),
            *_life(eg.date_ouverture, eg.date_fermeture),
            *extension(COMMENT, "String", eg.commentaire),
        ],
        content={
            "identifier": structure_identifiers(eg.cle, eg.identifiants, notes),
            "type": types,
            **_names(eg.denomination, eg.complements_nom, notes),
            "alias": [eg.nom_operationnel] if eg.nom_operationnel else None,
            "contact": organization_contacts(eg.contacts, notes),
            "telecom": telecoms(eg.telecommunications, notes.at("telecommunications")),
            "address": _addresses(_place(eg.adresse, eg.lieu, notes)),
            "partOf": legal_entity_reference(eg.entite_juridique) if eg.entite_juridique else None,
        },
    )


def internal_organisation(oi: OrganisationInterne, legal: Container[str], ledger: Ledger) -> Json:
    """The Organization of an internal organisation; what it aggregates from its descendants is theirs to say."""
    notes = Notes(ledger, oi.cle)
    _note_tables(oi, notes, "type_oi")
    _note_aggregates(oi, notes)
    only_identifier(oi.cle, IDENTIFIANT_OI, oi.identifiants, notes, rule="fhir.internal-organisation.identifier")
    above = oi.parent or oi.entite_geographique
    reopening = oi.date_previsionnelle_reouverture
    return _resource(
        fhir_id(oi.cle),
        oi.metadonnee,
        oi.ajouts,
        notes,
        extensions=[
            *extension(REOPENING, "Date", reopening and reopening.isoformat()),
            *_closing_type(oi.type_fermeture, notes),
            *_life(oi.date_ouverture, oi.date_fermeture),
        ],
        content={
            "identifier": internal_identifiers(oi.cle, notes),
            "type": [concept(oi.type_oi) if oi.type_oi is not None else unknown_concept("R207")],
            **_names(oi.nom, oi.complements_nom, notes),
            "contact": organization_contacts(oi.contacts, notes),
            "telecom": telecoms_and_mailboxes(oi.telecommunications, oi.boites_lettres_mss, notes),
            "partOf": owner_reference(above, legal) if above else None,
        },
    )


def _note_aggregates(oi: OrganisationInterne, notes: Notes) -> None:
    for name in ("champs_activite", "mode_prise_en_charge", "activites", "patientele"):
        if getattr(oi, name):
            notes.dropped(name, "fhir.internal-organisation.aggregate", "code", Severity.INFORMATION)
    if oi.type_oi is None:
        notes.note(LossKind.DEFAULTED, "type_oi", "fhir.internal-organisation.type", "code")
