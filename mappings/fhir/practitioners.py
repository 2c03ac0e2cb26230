"""Professionals as Practitioner, their situations as PractitionerRole (FHIR digest, sections 7.4 and 7.5)."""

from collections.abc import Iterable, Iterator, Mapping

from mappings.csd.identifiers import IDNAT_PS, is_local
from mappings.exposition.exercice import is_told, tied
from mappings.exposition.professionnel import NomExercice, Professionnel, SavoirFaire, SituationOperationnelle
from mappings.exposition.values import Code, Identifiant, Metadonnee
from mappings.fhir import urls
from mappings.fhir.contacts import telecoms, telecoms_and_mailboxes
from mappings.fhir.datatypes import (
    added_extensions,
    code_extension,
    complex_extension,
    concept,
    concepts,
    extension,
    identifier,
    is_more_than_its_code,
    reference,
    top_level,
    unknown_concept,
)
from mappings.fhir.hours import available_time
from mappings.fhir.ids import fhir_id, situation_key
from mappings.fhir.metadata import META_COMMENT, meta, meta_extensions
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, compact
from mappings.fhir.structures import only_identifier, without_identifier
from mappings.loss import Ledger, LossKind, Severity

EXERCISE_MODE = urls.ror("ror-practitionerrole-unit-exercise-mode")
EXERCISE_NAME = urls.ror("ror-practitionerrole-name")

# The know-how slices of a role: the system of the values and the type of know-how (R04) each belongs to.
KNOW_HOW = {
    "R38": "S",
    "R39": "C",
    "R40": "CEX",
    "G13": "OP",
    "R43": "CAPA",
    "R44": "PAC",
    "R42": "DNQ",
    "R97": "DEC",
}
SPECIFIC_COMPETENCE = "R243"
TYPE_OF_KNOW_HOW = "R04"
HONORIFICS = "R81"


def offers_with_home_visits(professionnels: Iterable[Professionnel]) -> frozenset[str]:
    """The offers one of whose professionals visits patients at home (2.4)."""
    return frozenset(
        offre
        for professionnel in professionnels
        for offre, situation in _situations(professionnel)
        if situation is not None and situation.visite_domicile
    )


def _situations(professionnel: Professionnel) -> list[tuple[str, SituationOperationnelle | None]]:
    """Each offer with the situation in it: where nothing tells which, by place, then the first."""
    known = tied(professionnel)
    situations = known.situations
    if is_told(known) or not situations:
        return [
            (offre, next((one for one in situations if offre in one.offres), None)) for offre in professionnel.offres
        ]
    return [
        (offre, situations[place] if place < len(situations) else situations[0])
        for place, offre in enumerate(professionnel.offres)
    ]


def practitioner_and_roles(
    professionnel: Professionnel, sites_of_offers: Mapping[str, str | None], ledger: Ledger
) -> Iterator[Json]:
    """The Practitioner, then one PractitionerRole per offer. `sites_of_offers` gives the EG of each known offer."""
    notes = Notes(ledger, professionnel.cle)
    record = professionnel.metadonnee or Metadonnee()
    _note_what_has_no_slot(professionnel, sites_of_offers, notes)
    yield _practitioner(professionnel, record, notes)
    for offre, situation in _situations(professionnel):
        yield _role(
            professionnel,
            offre,
            situation=situation,
            site=sites_of_offers.get(offre),
            of_professional=record,
            ledger=ledger,
        )


def _note_what_has_no_slot(
    professionnel: Professionnel, sites_of_offers: Mapping[str, str | None], notes: Notes
) -> None:
    notes.additions(professionnel.ajouts)
    known, offers = tied(professionnel), professionnel.offres
    written = [situation for _, situation in _situations(professionnel)]
    guessed = len(known.situations) > 1 and not is_told(known)
    if guessed or (offers and any(one not in written for one in known.situations)):
        notes.note(LossKind.INCONSISTENT, "situations", "fhir.role.situation-of-offer", "object", Severity.ERROR)
    if not offers:
        notes.drop_present(
            "fhir.role.without-offer",
            "object",
            situations=professionnel.situations,
            professions=professionnel.professions,
            savoir_faire=professionnel.savoir_faire,
            **{
                "noms_exercice.civilite_exercice": next(
                    (name.civilite_exercice for name in professionnel.noms_exercice if name.civilite_exercice), None
                )
            },
        )
    said = {sites_of_offers.get(offre) for offre in professionnel.offres}
    if not set(professionnel.entites_geographiques) <= said:
        notes.dropped("entites_geographiques", "fhir.role.site-without-offer", "reference")
    if len(professionnel.professions) > 1:
        notes.dropped("professions", "fhir.role.one-profession", "code")
    if len(professionnel.noms_exercice) > 1:
        notes.dropped("noms_exercice", "fhir.role.one-name", "text")


def _practitioner(professionnel: Professionnel, record: Metadonnee, notes: Notes) -> Json:
    if record.commentaire is not None:
        notes.dropped("metadonnee.commentaire", "fhir.practitioner.record-comment", "text")
    name = professionnel.noms_exercice[0] if professionnel.noms_exercice else None
    if name is not None:
        notes.note(LossKind.DERIVED, "noms_exercice", "fhir.practitioner.name", "text", Severity.INFORMATION)
        if is_more_than_its_code(name.civilite, HONORIFICS):
            path, rule = "noms_exercice.civilite", "fhir.practitioner.honorific"
            notes.dropped(path, rule, "code", Severity.INFORMATION)
    written = compact(
        {
            "resourceType": "Practitioner",
            "id": fhir_id(professionnel.cle),
            "meta": meta("Practitioner", record, notes),
            "extension": [*meta_extensions("Practitioner", record, notes), *added_extensions(professionnel.ajouts)],
            "identifier": _identifiers(professionnel.cle, professionnel.identifiants, notes),
            "name": [_human_name(name)] if name is not None else None,
            "telecom": telecoms_and_mailboxes((), professionnel.boites_lettres_mss, notes),
            "communication": concepts(professionnel.langues),
        }
    )
    return top_level(professionnel.ajouts, written, notes)


def _identifiers(cle: str, identifiants: tuple[Identifiant, ...], notes: Notes) -> list[Json]:
    only_identifier(cle, IDNAT_PS, identifiants, notes, rule="fhir.practitioner.one-identifier", same=(cle[1:],))
    if is_local(cle):
        without_identifier(notes)
        return []
    return [identifier(cle, system=urls.ID_NAT_PS)]


def _human_name(name: NomExercice) -> Json:
    return compact(
        {
            "use": "usual",
            "family": name.nom,
            "given": [name.prenom] if name.prenom else None,
            "prefix": [name.civilite.code] if name.civilite is not None else None,
        }
    )


def _role(
    professionnel: Professionnel,
    offre: str,
    *,
    situation: SituationOperationnelle | None,
    site: str | None,
    of_professional: Metadonnee,
    ledger: Ledger,
) -> Json:
    cle = situation_key(professionnel.cle, offre)
    notes = Notes(ledger, cle)
    known = situation or SituationOperationnelle()
    record = _record(known, of_professional, notes)
    if any(code.systeme != SPECIFIC_COMPETENCE for code in known.competences_specifiques):
        notes.note(LossKind.UNMAPPED, "competences_specifiques", "fhir.role.know-how-system", "code")
    if len(known.telecommunications) > 1:
        notes.dropped("telecommunications", "fhir.role.one-telecom", "telecom")
    written = compact(
        {
            "resourceType": "PractitionerRole",
            "id": fhir_id(cle),
            "meta": meta("PractitionerRole", record, notes),
            "extension": [
                *meta_extensions("PractitionerRole", record, notes),
                *_exercise_mode(known.mode_exercice, notes),
                *_exercise_name(professionnel.noms_exercice),
                *code_extension(urls.CONTRACTED, known.secteur_conventionnement),
                *extension(urls.HAS_CAS, "Boolean", known.option_contrat_acces_aux_soins),
                *extension(urls.VITALE_ACCEPTED, "Boolean", known.carte_vitale_acceptee),
                *extension(META_COMMENT, "String", record.commentaire),
                *added_extensions(record.ajouts),
            ],
            "identifier": [identifier(known.identifiant)] if known.identifiant else None,
            "practitioner": reference("Practitioner", professionnel.cle),
            "organization": reference("Organization", site) if site in professionnel.entites_geographiques else None,
            "code": [_profession(professionnel.professions, notes)],
            "specialty": _know_how(professionnel.savoir_faire, notes) + concepts(known.competences_specifiques),
            "healthcareService": [reference("HealthcareService", offre)],
            "telecom": telecoms(known.telecommunications[:1], notes.at("telecommunications")),
            "availableTime": available_time(known.precisions_horaires, notes.at("precisions_horaires")),
        }
    )
    return top_level(record.ajouts, written, notes)


def _record(situation: SituationOperationnelle, of_professional: Metadonnee, notes: Notes) -> Metadonnee:
    if situation.visite_domicile is False:
        notes.dropped("visite_domicile", "fhir.role.no-home-visit", "boolean")
    elif situation.visite_domicile:
        notes.note(LossKind.WIDENED, "visite_domicile", "fhir.role.home-visit", "boolean")
    if situation.metadonnee is not None:
        return situation.metadonnee
    notes.note(LossKind.DERIVED, "metadonnee", "fhir.role.record-of-professional", "record", Severity.INFORMATION)
    return Metadonnee(
        date_creation=of_professional.date_creation,
        date_mise_a_jour=of_professional.date_mise_a_jour,
        region_source=of_professional.region_source,
    )


def _exercise_mode(mode: Code | None, notes: Notes) -> list[Json]:
    if mode is not None:
        return code_extension(EXERCISE_MODE, mode)
    notes.note(LossKind.DEFAULTED, "mode_exercice", "fhir.role.exercise-mode", "code")
    return [{"url": EXERCISE_MODE, "valueCodeableConcept": unknown_concept("R23")}]


def _exercise_name(names: tuple[NomExercice, ...]) -> list[Json]:
    return [
        complex_extension(
            EXERCISE_NAME,
            code_extension("exerciseTitle", name.civilite_exercice),
            extension("exerciseLastName", "String", name.nom),
            extension("exerciseFirstName", "String", name.prenom),
        )
        for name in names[:1]
    ]


def _profession(professions: tuple[Code, ...], notes: Notes) -> Json:
    if professions:
        return concept(professions[0])
    notes.note(LossKind.DEFAULTED, "professions", "fhir.role.profession", "code")
    return unknown_concept("G15")


def _know_how(savoir_faire: tuple[SavoirFaire, ...], notes: Notes) -> list[Json]:
    """The type of know-how, exactly one, and one value per slice; a further type is implied by the system of its
    value, a second value of one slice is dropped.
    """
    if not savoir_faire:
        notes.note(LossKind.DEFAULTED, "savoir_faire", "fhir.role.expertise-type", "code")
        return [unknown_concept("R04")]
    if len({skill.type_savoir_faire.code for skill in savoir_faire}) < len(savoir_faire):
        notes.note(
            LossKind.INCONSISTENT, "savoir_faire", "fhir.role.credentials-joined", "object", Severity.INFORMATION
        )
    kept: dict[str, Code] = {}
    for skill in savoir_faire:
        _note_credential(skill, notes)
        if skill.type_savoir_faire.systeme != TYPE_OF_KNOW_HOW:
            notes.note(LossKind.UNMAPPED, "savoir_faire.type_savoir_faire", "fhir.role.know-how-system", "code")
        for code in skill.valeurs:
            if code.systeme not in KNOW_HOW:
                notes.note(LossKind.UNMAPPED, "savoir_faire.valeurs", "fhir.role.know-how-system", "code")
            elif KNOW_HOW[code.systeme] != skill.type_savoir_faire.code:
                notes.note(LossKind.INCONSISTENT, "savoir_faire.type_savoir_faire", "fhir.role.type-of-value", "code")
            first = kept.setdefault(code.systeme, code)
            if first.cle != code.cle:
                notes.dropped("savoir_faire.valeurs", "fhir.role.one-value-per-slice", "code")
            elif first is not code:
                path, rule = "savoir_faire.valeurs", "fhir.role.repeated-value"
                notes.note(LossKind.DERIVED, path, rule, "code", Severity.INFORMATION)
    implied = {KNOW_HOW.get(system) for system in kept}
    if any(skill.type_savoir_faire.code not in implied for skill in savoir_faire[1:]):
        notes.dropped("savoir_faire.type_savoir_faire", "fhir.role.one-expertise-type", "code")
    return concepts([savoir_faire[0].type_savoir_faire, *kept.values()])


def _note_credential(skill: SavoirFaire, notes: Notes) -> None:
    notes.at("savoir_faire").record(skill.metadonnee)
    for name in ("numero", "autorite", "date_delivrance", "date_renouvellement"):
        if getattr(skill, name):
            notes.dropped(f"savoir_faire.{name}", "fhir.role.credential", "text")
