"""HealthcareService resources as offers (FHIR digest, section 7.1)."""

from collections.abc import Mapping
from typing import Any

from mappings.csd.identifiers import IDENTIFIANT_OI
from mappings.exposition.lieu import LieuRealisationOffre
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import Patientele
from mappings.exposition.values import Ajout, Code, Identifiant
from mappings.fhir import healthcareservices as written
from mappings.fhir.contacts import read_offer_contacts, split_mailboxes
from mappings.fhir.datatypes import Extensions, addition, read_concept, read_concepts, read_quantity
from mappings.fhir.hours import read_available_times
from mappings.fhir.metadata import read_meta
from mappings.fhir.notes import Notes
from mappings.fhir.reading.organizations import read_territories
from mappings.fhir.reading.source import Source, identifier_value, unread
from mappings.fhir.shape import Json, day, flag, items, member, text
from mappings.loss import LossKind, Severity

_READ = frozenset(
    {
        "identifier",
        "providedBy",
        "category",
        "type",
        "specialty",
        "location",
        "name",
        "comment",
        "telecom",
        "characteristic",
        "availableTime",
        "notAvailable",
    }
)
_SINGLE = frozenset({"temporalite_accueil", "mode_prise_en_charge", "ouverture_annuelle", "type_fermeture"})


def offer_key(resource: Json) -> str | None:
    """The identifier of the offer."""
    return identifier_value(resource, *written.OFFER_IDENTIFIER.cle)


def read_offer(
    resource: Json,
    cle: str,
    *,
    source: Source,
    sites: Mapping[str, str | None],
    places: tuple[LieuRealisationOffre, ...],
    notes: Notes,
) -> OffreOperationnelle:
    """The offer of a HealthcareService; `sites` gives the EG under which each known organisation is."""
    extensions = Extensions(resource)
    provider = source.key(member(resource, "providedBy"), "providedBy", notes)
    activites, other_specialties = _read_specialties(resource, notes)
    characteristics, other_characteristics = _read_characteristics(resource)
    closing, other_closings = _read_closing(resource)
    telecommunications, boites = split_mailboxes(resource)
    comment = text(resource, "comment")
    return OffreOperationnelle(
        cle=cle,
        identifiants=(Identifiant(IDENTIFIANT_OI, cle),),
        nom=text(resource, "name") or "",
        organisation=provider,
        entite_geographique=sites.get(provider or "", provider if provider and "/" not in provider else None),
        type_offre=_first(resource, "category", notes),
        champs_activite=read_concepts(items(resource, "type")),
        activites=activites,
        patientele=_read_patients(extensions),
        secteurs_psychiatriques=tuple(
            sector for part in extensions.take_all(written.PSYCHIATRIC_SECTOR) if (sector := text(part, "valueString"))
        ),
        zones_intervention=read_territories(extensions),
        horaires=read_available_times(resource),
        contacts=read_offer_contacts(extensions),
        telecommunications=telecommunications,
        boites_lettres_mss=boites,
        unite_sensible=_read_sensitive(extensions, notes),
        habilitation_soins_sans_consentement=flag(extensions.take(written.NO_CONSENT), "valueBoolean"),
        date_fermeture=day(closing, "start"),
        date_previsionnelle_reouverture=day(closing, "end"),
        **characteristics,
        lieux=places,
        metadonnee=read_meta(resource, extensions, comment),
        ajouts=(
            *extensions.left,
            *_kept("specialty", other_specialties),
            *_kept("characteristic", other_characteristics),
            *_kept("notAvailable", other_closings),
            *unread(resource, _READ, notes),
        ),
    )


def _kept(name: str, fragments: list[Json]) -> list[Ajout]:
    return [addition(name, fragments)] if fragments else []


def _first(resource: Json, name: str, notes: Notes) -> Code | None:
    codes = read_concepts(items(resource, name))
    if len(codes) > 1:
        notes.dropped(name, "fhir-read.offer.one-value", "code")
    return codes[0] if codes else None


def _read_sensitive(extensions: Extensions, notes: Notes) -> bool | None:
    sensitive = flag(extensions.take(written.SENSITIVE), "valueBoolean")
    if sensitive is None:
        notes.note(LossKind.UNRESOLVED, "unite_sensible", "fhir-read.offer.sensitive-unit", "boolean")
    return sensitive


def _read_specialties(resource: Json, notes: Notes) -> tuple[tuple[ActiviteOperationnelle, ...], list[Json]]:
    """The activities; which family goes with which of several activities is not said: the first has them."""
    activities: list[Code] = []
    families: list[Code] = []
    others = []
    for concept in items(resource, "specialty"):
        code = read_concept(concept)
        if code is None:
            continue
        if code.systeme == written.ACTIVITIES:
            activities.append(code)
        elif code.systeme in written.FAMILIES:
            families.append(code)
        else:
            others.append(concept)
    if len(activities) > 1 and families:
        notes.note(LossKind.INCONSISTENT, "specialty", "fhir-read.offer.family-of-activity", "link")
    if families and not activities:
        notes.dropped("specialty", "fhir-read.offer.family-without-activity", "code")
    return (
        tuple(
            ActiviteOperationnelle(activity, tuple(families) if place == 0 else ())
            for place, activity in enumerate(activities)
        ),
        others,
    )


def _read_characteristics(resource: Json) -> tuple[dict[str, Any], list[Json]]:
    """The fields of the slices, told apart by code system, acts by their type; then what is in none of them."""
    fields: dict[str, list[Code]] = {}
    others = []
    for concept in items(resource, "characteristic"):
        code = read_concept(concept)
        if code is None:
            continue
        name = _slice(concept, code)
        if name is None or (name in _SINGLE and fields.get(name)):
            others.append(concept)
        else:
            fields.setdefault(name, []).append(code)
    return {name: codes[0] if name in _SINGLE else tuple(codes) for name, codes in fields.items()}, others


def _slice(concept: Json, code: Code) -> str | None:
    if code.systeme == written.ACTS:
        kind = text(Extensions(concept).take(written.ACT_TYPE), "valueCode")
        return "actes_realises_hors_cabinet" if kind == written.OUTSIDE_OFFICE_ACT else "actes_specifiques"
    return next((name for name, systems in written.CHARACTERISTICS if code.systeme in systems), None)


def _read_patients(extensions: Extensions) -> Patientele | None:
    parts = Extensions(extensions.take(written.PATIENT_TYPE))
    ages = member(parts.take("ageRange"), "valueRange")
    patientele = Patientele(
        publics=parts.codes("supportedPatientInfo"),
        age_min=read_quantity(member(ages, "low")),
        age_max=read_quantity(member(ages, "high")),
    )
    return None if patientele == Patientele() else patientele


def _read_closing(resource: Json) -> tuple[Json, list[Json]]:
    """The closing period, and the other entries."""
    entries = items(resource, "notAvailable")
    closing = [
        entry
        for entry in entries
        if text(entry, "id") == written.CLOSING_ID or text(entry, "description") == written.CLOSING_TEXT
    ][:1]
    others = [entry for entry in entries if entry not in closing]
    return member(closing[0], "during") if closing else {}, others


def place_references(resource: Json, source: Source, notes: Notes) -> list[str]:
    """The relative references of the places in the set; a place that is not in it is noted."""
    found = []
    for reference in items(resource, "location"):
        held = source.holds(reference)
        if held is None:
            notes.note(LossKind.UNRESOLVED, "location", "fhir-read.offer.place", "reference", Severity.ERROR)
        else:
            found.append(held)
    return found
