"""Practitioner and PractitionerRole resources as professionals (FHIR digest, sections 7.4 and 7.5)."""

from collections.abc import Iterable

import msgspec

from mappings.csd.identifiers import IDNAT_PS, NotAnIdentifier, normalise_professional
from mappings.exposition.professionnel import NomExercice, Professionnel, SavoirFaire, SituationOperationnelle
from mappings.exposition.values import Ajout, Code, Identifiant
from mappings.fhir import practitioners as written
from mappings.fhir import urls
from mappings.fhir.contacts import read_telecoms, split_mailboxes
from mappings.fhir.datatypes import Extensions, addition, read_concepts
from mappings.fhir.hours import read_available_times
from mappings.fhir.metadata import META_COMMENT, read_meta
from mappings.fhir.notes import Notes
from mappings.fhir.reading.source import Source, unread
from mappings.fhir.shape import Json, flag, items, member, text, texts
from mappings.loss import LossKind, Severity

_READ = frozenset({"identifier", "name", "telecom", "communication"})
_READ_OF_ROLE = frozenset(
    {
        "identifier",
        "practitioner",
        "organization",
        "code",
        "specialty",
        "healthcareService",
        "telecom",
        "availableTime",
    }
)
_TYPES_OF_VALUES = written.KNOW_HOW


def professional_key(resource: Json) -> str | None:
    """The idNat_PS; None when the resource carries none."""
    for part in items(resource, "identifier"):
        try:
            return normalise_professional(text(part, "system") or "", text(part, "value") or "")
        except NotAnIdentifier:
            continue
    return None


def professional_of(role: Json, source: Source, notes: Notes) -> str | None:
    """The key of the professional of a role: a Practitioner of the set, or the idNat_PS that the reference states.

    An id alone, however long, makes no professional.
    """
    link = member(role, "practitioner")
    if not link or source.holds(link) is not None:
        return source.key(link, "practitioner", notes)
    stated = professional_key({"identifier": [member(link, "identifier")]})
    if stated is None:
        notes.note(LossKind.UNRESOLVED, "practitioner", "fhir-read.reference.unresolved", "reference", Severity.ERROR)
    return stated


class Role(msgspec.Struct, frozen=True):
    """One PractitionerRole read: what is the situation's, and what it repeats of the professional."""

    situation: SituationOperationnelle
    offre: str
    entite_geographique: str | None
    professions: tuple[Code, ...]
    nom: NomExercice | None
    savoir_faire: tuple[SavoirFaire, ...]


def read_role(resource: Json, source: Source, notes: Notes) -> Role | None:
    """The role; None when its offer cannot be told."""
    extensions = Extensions(resource)
    services = items(resource, "healthcareService")
    if len(services) != 1:
        notes.note(LossKind.INCONSISTENT, "healthcareService", "fhir-read.role.one-offer", "reference", Severity.ERROR)
    offre = source.key(services[0], "healthcareService", notes) if services else None
    if offre is None:
        return None
    name = extensions.take(written.EXERCISE_NAME) or extensions.take("RORPractitionerRoleName")
    specialties = read_concepts(items(resource, "specialty"))
    return Role(
        situation=_read_situation(resource, extensions, specialties, notes),
        offre=offre,
        entite_geographique=source.key(member(resource, "organization"), "organization", notes),
        professions=read_concepts(items(resource, "code")),
        nom=_read_exercise_name(name),
        savoir_faire=_read_know_how(specialties),
    )


def _read_situation(
    resource: Json, extensions: Extensions, specialties: tuple[Code, ...], notes: Notes
) -> SituationOperationnelle:
    identifiers = [value for part in items(resource, "identifier") if (value := text(part, "value"))]
    situation = SituationOperationnelle(
        mode_exercice=extensions.code(written.EXERCISE_MODE),
        telecommunications=read_telecoms(resource),
        competences_specifiques=tuple(code for code in specialties if code.systeme == written.SPECIFIC_COMPETENCE),
        precisions_horaires=read_available_times(resource),
        secteur_conventionnement=extensions.code(urls.CONTRACTED),
        option_contrat_acces_aux_soins=flag(extensions.take(urls.HAS_CAS), "valueBoolean"),
        carte_vitale_acceptee=flag(extensions.take(urls.VITALE_ACCEPTED), "valueBoolean"),
        identifiant=identifiers[0] if identifiers else None,
    )
    record = read_meta(resource, extensions, extensions.string(META_COMMENT))
    kept = record.ajouts + extensions.left + unread(resource, _READ_OF_ROLE, notes)
    return msgspec.structs.replace(situation, metadonnee=msgspec.structs.replace(record, ajouts=kept))


def _read_exercise_name(json: Json) -> NomExercice | None:
    parts = Extensions(json)
    last_name = parts.string("exerciseLastName")
    if last_name is None:
        return None
    return NomExercice(last_name, parts.string("exerciseFirstName"), parts.code("exerciseTitle"))


def _read_know_how(specialties: tuple[Code, ...]) -> tuple[SavoirFaire, ...]:
    """Each value under the type its system implies; the type that is written alone stands for itself."""
    told = [code for code in specialties if code.systeme == "R04"]
    values = [code for code in specialties if code.systeme not in ("R04", written.SPECIFIC_COMPETENCE)]
    by_type: dict[str, list[Code]] = {code.code: [] for code in told}
    for value in values:
        kind = _TYPES_OF_VALUES.get(value.systeme) or (told[0].code if told else "S")
        by_type.setdefault(kind, []).append(value)
    labels = {code.code: code for code in told}
    return tuple(SavoirFaire(labels.get(kind, Code("R04", kind)), tuple(codes)) for kind, codes in by_type.items())


def read_professional(resource: Json, cle: str, roles: Iterable[Role], notes: Notes) -> Professionnel:
    """The professional of a Practitioner and of the roles that name it."""
    extensions = Extensions(resource)
    roles = tuple(roles)
    telecommunications, boites = split_mailboxes(resource)
    if telecommunications:
        notes.dropped("telecom", "fhir-read.practitioner.telecom", "telecom")
    names, other_names = _names(resource, roles)
    placed = _placed(roles, notes)
    record = read_meta(resource, extensions)
    return Professionnel(
        cle=cle,
        identifiants=(Identifiant(IDNAT_PS, cle),),
        professions=_once([code for role in roles for code in role.professions]),
        noms_exercice=names,
        langues=read_concepts(items(resource, "communication")),
        savoir_faire=tuple(dict.fromkeys(skill for role in roles for skill in role.savoir_faire)),
        situations=_situations(placed),
        boites_lettres_mss=boites,
        offres=tuple(role.offre for role in placed),
        entites_geographiques=tuple(
            dict.fromkeys(role.entite_geographique for role in roles if role.entite_geographique)
        ),
        metadonnee=record,
        ajouts=extensions.left + other_names + unread(resource, _READ, notes),
    )


def _placed(roles: tuple[Role, ...], notes: Notes) -> tuple[Role, ...]:
    """One role for each offer, where the model has one situation; what a second one says of the person is kept."""
    first: dict[str, Role] = {}
    for role in roles:
        known = first.setdefault(role.offre, role)
        if known is not role and known.situation != role.situation:
            notes.dropped("situations", "fhir-read.role.repeated", "object")
        elif known is not role:
            notes.note(LossKind.INCONSISTENT, "situations", "fhir-read.role.repeated", "object", Severity.INFORMATION)
    return tuple(first.values())


def _once(codes: list[Code]) -> tuple[Code, ...]:
    return tuple({code.cle: code for code in codes}.values())


def _situations(roles: tuple[Role, ...]) -> tuple[SituationOperationnelle, ...]:
    """One per offer, in their order; a single one when all the offers share it."""
    situations = tuple(role.situation for role in roles)
    return situations[:1] if situations and all(one == situations[0] for one in situations) else situations


def _names(resource: Json, roles: tuple[Role, ...]) -> tuple[tuple[NomExercice, ...], tuple[Ajout, ...]]:
    """The names used in practice; the civil one when no role says another, else kept aside when it differs."""
    name = next(iter(items(resource, "name")), {})
    prefix = next((part for part in texts(name, "prefix") if part), None)
    civility = Code("R81", prefix) if prefix else None
    first = next((part for part in texts(name, "given") if part), None)
    family = text(name, "family")
    used = tuple(
        msgspec.structs.replace(role_name, civilite=civility)
        for role_name in dict.fromkeys(role.nom for role in roles if role.nom is not None)
    )
    if not used:
        return ((NomExercice(family, first, civilite=civility),) if family else ()), ()
    restated = family is None or any((one.nom, one.prenom) == (family, first) for one in used)
    return used, () if restated else (addition("name", resource["name"]),)
