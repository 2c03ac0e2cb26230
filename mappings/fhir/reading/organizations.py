"""Organization resources as EJ, EG and internal organisations (FHIR digest, section 7.3)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from mappings.csd.identifiers import IDENTIFIANT_OI
from mappings.exposition.lieu import Adresse, DivisionTerritoriale, Lieu
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.values import Code, Identifiant
from mappings.fhir import organizations as written
from mappings.fhir import urls
from mappings.fhir.addresses import read_address, read_address_extensions
from mappings.fhir.contacts import read_organization_contacts, read_telecoms, split_mailboxes
from mappings.fhir.datatypes import Extensions, read_concepts
from mappings.fhir.metadata import META_COMMENT, read_meta
from mappings.fhir.notes import Notes
from mappings.fhir.prices import PRICE, read_price
from mappings.fhir.reading.source import Source, unread
from mappings.fhir.shape import Json, MalformedResource, day, flag, integer, items, member, text, texts
from mappings.fhir.structures import read_internal_key, read_structure_identifiers, read_structure_key

_READ = frozenset({"identifier", "type", "name", "_name", "alias", "contact", "telecom", "address", "partOf"})


class Level(StrEnum):
    """The three levels an Organization may stand for."""

    EJ = "ej"
    EG = "eg"
    OI = "oi"


def level(resource: Json) -> Level:
    """Which level: by the types and identifiers present, a link upwards deciding between EG and EJ."""
    systems = {text(part, "system") or "" for concept in items(resource, "type") for part in items(concept, "coding")}
    if any("R207" in system for system in systems) or read_internal_key(resource) is not None:
        return Level.OI
    if any("R66" in system for system in systems) or "partOf" in resource:
        return Level.EG
    return Level.EJ


def organization_key(resource: Json) -> str | None:
    """The key of the object; None when the resource carries no usable identifier."""
    return read_internal_key(resource) if level(resource) is Level.OI else read_structure_key(resource)


def read_territories(extensions: Extensions) -> tuple[DivisionTerritoriale, ...]:
    """The territorial divisions of a resource."""
    found = []
    for part in extensions.take_all(written.TERRITORY):
        parts = Extensions(part)
        kind, code = parts.code("typeTerritorialDivision"), parts.code("codeTerritorialDivision")
        if kind is None or code is None:
            raise MalformedResource("extension.ror-territorial-division")
        found.append(DivisionTerritoriale(kind, code))
    return tuple(found)


class _Types:
    """The types of an Organization, taken by code system."""

    def __init__(self, resource: Json) -> None:
        self.left = list(read_concepts(items(resource, "type")))

    def take(self, system: str) -> Code | None:
        found = next((code for code in self.left if code.systeme == system), None)
        if found is not None:
            self.left.remove(found)
        return found


def _life(extensions: Extensions) -> Json:
    return member(extensions.take(urls.ORGANIZATION_PERIOD), "valuePeriod")


def _additional_names(resource: Json) -> tuple[str, ...]:
    name = Extensions(member(resource, "_name")).string(written.ADDITIONAL_NAME)
    return (name,) if name else ()


def _place(resource: Json, notes: Notes) -> Lieu | None:
    addresses = items(resource, "address")
    if not addresses:
        return None
    if len(addresses) > 1:
        notes.dropped("address", "fhir-read.organization.one-address", "address")
    extensions = Extensions(addresses[0])
    commune, coordonnee = read_address_extensions(extensions)
    adresse: Adresse | None = read_address(addresses[0], extensions)
    if adresse is None and commune is None and coordonnee is None:
        return None
    return Lieu(adresse=adresse, commune_cog=commune, coordonnee=coordonnee)


def _common(resource: Json, cle: str, extensions: Extensions) -> dict[str, Any]:
    return {
        "cle": cle,
        "complements_nom": _additional_names(resource),
        "contacts": read_organization_contacts(resource),
        "type_fermeture": extensions.code(written.CLOSING_TYPE),
        "metadonnee": read_meta(resource, extensions, extensions.string(META_COMMENT)),
    }


def read_legal_entity(resource: Json, cle: str, notes: Notes) -> EntiteJuridique:
    """The EJ of an Organization."""
    extensions, types = Extensions(resource), _Types(resource)
    return EntiteJuridique(
        **_common(resource, cle, extensions),
        identifiants=read_structure_identifiers(resource, cle),
        statut_juridique=types.take("R72"),
        sous_ensemble_agregat_statut_juridique=types.take("R69"),
        autres_types=tuple(types.left),
        raison_sociale=text(resource, "name") or "",
        lieu=_place(resource, notes),
        telecommunications=read_telecoms(resource),
        date_creation=day(extensions.take(written.CREATION), "valueDate"),
        date_fermeture=day(_life(extensions), "end"),
        ajouts=extensions.left + unread(resource, _READ, notes),
    )


def read_site(resource: Json, cle: str, source: Source, notes: Notes) -> EntiteGeographique:
    """The EG of an Organization."""
    extensions, types = Extensions(resource), _Types(resource)
    aliases = [alias for alias in texts(resource, "alias") if alias]
    if len(aliases) > 1:
        notes.dropped("alias", "fhir-read.organization.one-alias", "text")
    life = _life(extensions)
    return EntiteGeographique(
        **_common(resource, cle, extensions),
        entite_juridique=source.key(member(resource, "partOf"), "partOf", notes),
        identifiants=read_structure_identifiers(resource, cle),
        categorie=types.take("R66"),
        modalite_participation_sph=types.take("R73"),
        autres_types=tuple(types.left),
        denomination=text(resource, "name") or "",
        nom_operationnel=aliases[0] if aliases else None,
        lieu=_place(resource, notes),
        telecommunications=read_telecoms(resource),
        territoires_sante=read_territories(extensions),
        tarifs=tuple(map(read_price, extensions.take_all(PRICE))),
        zone_poser=flag(extensions.take(written.DROP_ZONE), "valueBoolean"),
        aides_financieres=extensions.codes(written.FINANCIAL_HELP),
        hebergement_famille=flag(extensions.take(written.FAMILY_LODGING), "valueBoolean"),
        nb_place_aide_social_temporaire=integer(extensions.take(written.TEMPORARY_PLACES), "valueInteger"),
        nb_place_aide_social_permanent=integer(extensions.take(written.PERMANENT_PLACES), "valueInteger"),
        date_ouverture=day(life, "start"),
        date_fermeture=day(life, "end"),
        accessibilite_lieu=extensions.code(written.ACCESSIBILITY),
        niveau_recours_orsan=extensions.code(written.ORSAN),
        commentaire=extensions.string(written.COMMENT),
        ajouts=extensions.left + unread(resource, _READ, notes),
    )


def read_internal_organisation(
    resource: Json, cle: str, *, source: Source, sites: Mapping[str, str | None], notes: Notes
) -> OrganisationInterne:
    """The internal organisation of an Organization; `sites` gives the EG under which each known organisation is."""
    extensions, types = Extensions(resource), _Types(resource)
    telecommunications, boites = split_mailboxes(resource)
    life = _life(extensions)
    kind = types.take("R207")
    if types.left:
        notes.dropped("type", "fhir-read.internal-organisation.type", "code")
    return OrganisationInterne(
        **_common(resource, cle, extensions),
        type_oi=kind,
        identifiants=(Identifiant(IDENTIFIANT_OI, cle),),
        nom=text(resource, "name") or "",
        parent=source.key(member(resource, "partOf"), "partOf", notes),
        entite_geographique=sites.get(cle),
        telecommunications=telecommunications,
        boites_lettres_mss=boites,
        date_ouverture=day(life, "start"),
        date_fermeture=day(life, "end"),
        date_previsionnelle_reouverture=day(extensions.take(written.REOPENING), "valueDate"),
        ajouts=extensions.left + unread(resource, _READ - {"address", "alias"}, notes),
    )
