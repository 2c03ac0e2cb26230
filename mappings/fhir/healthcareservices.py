"""Offers as HealthcareService (FHIR digest, section 7.1)."""

from collections.abc import Container, Iterable

from mappings.csd.identifiers import IDENTIFIANT_OI, is_local
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, Patientele
from mappings.exposition.values import Code, Mesure, Metadonnee
from mappings.fhir import urls
from mappings.fhir.contacts import offer_contacts, telecoms_and_mailboxes
from mappings.fhir.datatypes import (
    added_extensions,
    added_members,
    coded,
    concept,
    concepts,
    extension,
    identifier,
    period,
    quantity,
    reference,
    top_level,
    unknown_concept,
)
from mappings.fhir.hours import available_times
from mappings.fhir.ids import fhir_id
from mappings.fhir.metadata import meta, meta_extensions
from mappings.fhir.notes import Notes
from mappings.fhir.organizations import owner_reference, territories
from mappings.fhir.shape import Json, compact
from mappings.fhir.structures import only_identifier, without_identifier
from mappings.loss import Ledger, LossKind, Severity

SENSITIVE = urls.ror("ror-healthcareservice-sensitive-unit")
NO_CONSENT = urls.ror("ror-healthcareservice-no-consent-habilitation")
PSYCHIATRIC_SECTOR = urls.ror("ror-healthcareservice-psychiatric-sector")
PATIENT_TYPE = urls.ror("ror-healthcareservice-patient-type")
ACT_TYPE = urls.ror("ror-act-type")

SPECIFIC_ACT = "specificAct"
OUTSIDE_OFFICE_ACT = "outsideOfficeAct"
CLOSING_ID = "closingReopeningDate"
CLOSING_TEXT = "Période de fermeture et de réouverture prévisionnelle"
OFFER_IDENTIFIER = Code("R355", "35")
COMMUNE = "3"
PSYCHIATRY = Code("R227", "03")
SEQUENTIAL_RECEPTION = Code("R338", "01")
HOME_VISIT = Code("R338", "05")

# The slices of `characteristic` told apart by their code system: the field of the model, the systems of its codes.
CHARACTERISTICS: tuple[tuple[str, frozenset[str]], ...] = (
    ("temporalite_accueil", frozenset({"R240"})),
    ("mode_prise_en_charge", frozenset({"R213"})),
    ("modalites_accueil", frozenset({"R338"})),
    ("modes_gestion", frozenset({"R236"})),
    ("specialisations_prise_en_charge", frozenset({"R245"})),
    ("ouverture_annuelle", frozenset({"R238"})),
    ("professions_ressource", frozenset({"R356", "G15", "R94", "R95", "R291"})),
    ("competences_specifiques", frozenset({"R243"})),
    ("niveaux_expertise", frozenset({"R344", "R253"})),
    ("type_fermeture", frozenset({"R286"})),
)
ACTS = "R210"
ACTIVITIES = "R211"
FAMILIES = frozenset({"R265", "R266"})


def offer(
    offre: OffreOperationnelle,
    *,
    site: EntiteGeographique | None,
    places: Iterable[str],
    legal: Container[str],
    home_visit: bool,
    ledger: Ledger,
) -> Json:
    """The HealthcareService of an offer. `places` are the keys of its places, `site` its EG when it is known, `legal`
    the keys that only an EJ has, `home_visit` whether one of its professionals goes to patients (2.4 says it of the
    professional).
    """
    notes = Notes(ledger, offre.cle)
    record = offre.metadonnee or Metadonnee()
    _note_what_has_no_slot(offre, notes)
    written = compact(
        {
            "resourceType": "HealthcareService",
            "id": fhir_id(offre.cle),
            "meta": meta("HealthcareService", record, notes),
            "extension": [
                *meta_extensions("HealthcareService", record, notes),
                _sensitive(offre.unite_sensible, notes),
                *_no_consent(offre, site, notes),
                _patient_type(offre.patientele, notes),
                *territories(offre.zones_intervention, COMMUNE, "zones_intervention", notes),
                *[{"url": PSYCHIATRIC_SECTOR, "valueString": one} for one in offre.secteurs_psychiatriques if one],
                *offer_contacts(offre.contacts, notes),
                *added_extensions(offre.ajouts),
            ],
            "identifier": _identifiers(offre, notes),
            "providedBy": _provider(offre, legal, notes),
            "category": None if offre.type_offre is None else [concept(offre.type_offre)],
            "type": [_field_of_activity(offre.champs_activite, notes)],
            "specialty": _specialties(offre.activites, notes) + _kept(offre, "specialty"),
            "location": [reference("Location", cle) for cle in places],
            "name": offre.nom,
            "comment": record.commentaire,
            "telecom": telecoms_and_mailboxes(offre.telecommunications, offre.boites_lettres_mss, notes),
            "characteristic": _characteristics(offre, home_visit, notes) + _kept(offre, "characteristic"),
            "availableTime": available_times(offre.horaires, notes.at("horaires")) if offre.horaires else None,
            "notAvailable": _closing(offre),
        }
    )
    return top_level(offre.ajouts, written, notes)


def _note_what_has_no_slot(offre: OffreOperationnelle, notes: Notes) -> None:
    if offre.ajouts:
        notes.additions(offre.ajouts)
    if offre.date_ouverture is not None:
        notes.dropped("date_ouverture", "fhir.offer.opening-date", "date")
    if offre.complements_nom:
        notes.dropped("complements_nom", "fhir.offer.additional-name", "text")
    skills = offre.competence_ressource
    if skills is not None:
        notes.at("competence_ressource").record(skills.metadonnee)
        notes.drop_present(
            "fhir.offer.ordinal-specialities",
            "code",
            **{"competence_ressource.specialites_ordinales": skills.specialites_ordinales},
        )


def _identifiers(offre: OffreOperationnelle, notes: Notes) -> list[Json]:
    only_identifier(offre.cle, IDENTIFIANT_OI, offre.identifiants, notes, rule="fhir.offer.one-identifier")
    if is_local(offre.cle):
        without_identifier(notes)
        return []
    return [identifier(offre.cle, kind=OFFER_IDENTIFIER)]


def _sensitive(sensitive: bool | None, notes: Notes) -> Json:
    """Mandatory. A source without the element predates it and never sent a sensitive unit."""
    if sensitive is None:
        notes.note(LossKind.DEFAULTED, "unite_sensible", "fhir.offer.sensitive-unit", "boolean")
    return {"url": SENSITIVE, "valueBoolean": bool(sensitive)}


def _no_consent(offre: OffreOperationnelle, site: EntiteGeographique | None, notes: Notes) -> list[Json]:
    """Care without consent: up to 2.4 the establishment says it, for its psychiatric units."""
    said = offre.habilitation_soins_sans_consentement
    of_site = site.habilitation_soins_sans_consentement if site is not None else None
    if said is None and of_site is not None and is_psychiatric(offre):
        notes.note(LossKind.DERIVED, "habilitation_soins_sans_consentement", "fhir.offer.no-consent", "boolean")
        said = of_site
    return extension(NO_CONSENT, "Boolean", said)


def is_psychiatric(offre: OffreOperationnelle) -> bool:
    """Whether psychiatry is a field of activity of an offer."""
    return any(code.code == PSYCHIATRY.code and code.systeme == PSYCHIATRY.systeme for code in offre.champs_activite)


def _patient_type(patientele: Patientele | None, notes: Notes) -> Json:
    """Mandatory, with both ages: an age the source does not give is said to be unknown."""
    known = patientele or Patientele()
    if known.metadonnee is not None:
        notes.at("patientele").record(known.metadonnee)
    ages = {"low": _age(known.age_min, "age_min", notes), "high": _age(known.age_max, "age_max", notes)}
    parts = [coded("supportedPatientInfo", code) for code in known.publics]
    return {"url": PATIENT_TYPE, "extension": [*parts, {"url": "ageRange", "valueRange": ages}]}


def _age(age: Mesure | None, name: str, notes: Notes) -> Json:
    if age is not None:
        return quantity(age)
    notes.note(LossKind.DEFAULTED, f"patientele.{name}", "fhir.offer.age", "quantity")
    return {"extension": [{"url": urls.DATA_ABSENT, "valueCode": "unknown"}]}


def _provider(offre: OffreOperationnelle, legal: Container[str], notes: Notes) -> Json | None:
    above = offre.organisation or offre.entite_geographique
    if above is None:
        notes.note(LossKind.UNRESOLVED, "organisation", "fhir.offer.provider", "reference")
        return None
    return owner_reference(above, legal)


def _field_of_activity(champs: tuple[Code, ...], notes: Notes) -> Json:
    """Exactly one: several on a unit are a fault of the source (RG_EXP_010)."""
    if not champs:
        notes.note(LossKind.DEFAULTED, "champs_activite", "fhir.offer.field-of-activity", "code")
        return unknown_concept("R227")
    if len(champs) > 1:
        notes.dropped("champs_activite", "fhir.offer.one-field-of-activity", "code")
    return concept(champs[0])


def _specialties(activites: tuple[ActiviteOperationnelle, ...], notes: Notes) -> list[Json]:
    """The activities, then their families. The profile wants one activity, its own examples hold several: none is
    dropped, but which family goes with which activity is no longer said.
    """
    if not activites:
        notes.note(LossKind.DEFAULTED, "activites", "fhir.offer.activity", "code")
        return [unknown_concept("R211")]
    of_activity = notes.at("activites")
    for activite in activites:
        of_activity.record(activite.metadonnee)
        of_activity.additions(activite.ajouts, extensible=False)
    families = [famille for activite in activites for famille in activite.familles]
    for activite in activites:
        if activite.activite.systeme != ACTIVITIES:
            of_activity.note(LossKind.UNMAPPED, "activite", "fhir.offer.activity-system", "code")
    for famille in families:
        if famille.systeme not in FAMILIES:
            of_activity.note(LossKind.UNMAPPED, "familles", "fhir.offer.activity-system", "code")
    if len(activites) > 1:
        notes.note(LossKind.INCONSISTENT, "activites", "fhir.offer.several-activities", "code")
    if len(activites) > 1 and families:
        notes.note(LossKind.DROPPED, "activites.familles", "fhir.offer.family-of-activity", "link")
    once = _once(families)
    if len(once) < len(families):
        notes.note(LossKind.DERIVED, "activites.familles", "fhir.offer.repeated-family", "code", Severity.INFORMATION)
    return concepts([*(activite.activite for activite in activites), *once])


def _once(codes: Iterable[Code]) -> list[Code]:
    return list({code.cle: code for code in codes}.values())


def _characteristics(offre: OffreOperationnelle, home_visit: bool, notes: Notes) -> list[Json]:
    told = {name: _codes(getattr(offre, name)) for name, _ in CHARACTERISTICS}
    _add_older_elements(told, offre, home_visit, notes)
    written: list[Json] = []
    if not told["mode_prise_en_charge"]:
        notes.note(LossKind.DEFAULTED, "mode_prise_en_charge", "fhir.offer.care-mode", "code")
        written.append(unknown_concept("R213"))
    for name, known in CHARACTERISTICS:
        for code in told[name]:
            if code.systeme not in known:
                notes.note(LossKind.UNMAPPED, name, "fhir.offer.characteristic-system", "code")
            written.append(concept(code))
    for name, kind in (("actes_specifiques", SPECIFIC_ACT), ("actes_realises_hors_cabinet", OUTSIDE_OFFICE_ACT)):
        for code in getattr(offre, name):
            if code.systeme != ACTS:
                notes.note(LossKind.UNMAPPED, name, "fhir.offer.characteristic-system", "code")
            written.append(_act(code, kind))
    return written


def _codes(value: Code | tuple[Code, ...] | None) -> tuple[Code, ...]:
    if not value:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _add_older_elements(
    told: dict[str, tuple[Code, ...]], offre: OffreOperationnelle, home_visit: bool, notes: Notes
) -> None:
    """What versions up to 2.4 say elsewhere or otherwise, under the slice that says it now."""

    def add(field: str, path: str, codes: tuple[Code, ...]) -> None:
        known = {code.cle for code in told[field]}
        new = tuple(code for code in codes if code.cle not in known)
        if new:
            notes.note(LossKind.DERIVED, path, "fhir.offer.older-element", "code")
            told[field] += new

    if offre.accueil_sequentiel_accepte:
        add("modalites_accueil", "accueil_sequentiel_accepte", (SEQUENTIAL_RECEPTION,))
    if home_visit:
        add("modalites_accueil", "situations.visite_domicile", (HOME_VISIT,))
    if offre.type_maternite is not None:
        add("niveaux_expertise", "type_maternite", (offre.type_maternite,))
    skills = offre.competence_ressource
    if skills is not None:
        add("professions_ressource", "competence_ressource.professions", skills.professions)
        path = "competence_ressource.competences_specifiques"
        add("competences_specifiques", path, skills.competences_specifiques)
    if offre.accueil_sequentiel_accepte is False:
        notes.dropped("accueil_sequentiel_accepte", "fhir.offer.no-sequential-reception", "boolean")


def _act(code: Code, kind: str) -> Json:
    return {"extension": [{"url": ACT_TYPE, "valueCode": kind}], **concept(code)}


def _kept(offre: OffreOperationnelle, name: str) -> list[Json]:
    """The entries of a list that an earlier reading could not place in the model."""
    if not offre.ajouts:
        return []
    return list(added_members(offre.ajouts).get(name, []))


def _closing(offre: OffreOperationnelle) -> list[Json]:
    """The closing period, in its slice; other unavailability is kept as the source wrote it."""
    during = period(offre.date_fermeture, offre.date_previsionnelle_reouverture)
    closing = [{"id": CLOSING_ID, "description": CLOSING_TEXT, "during": during}] if during else []
    return closing + _kept(offre, "notAvailable")
