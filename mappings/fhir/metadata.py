"""The life of an object: `meta` and the extensions every profile has (FHIR digest, section 7, common table)."""

from mappings.exposition.values import Ajout, Code, Metadonnee
from mappings.fhir import urls
from mappings.fhir.datatypes import Extensions, absent_extension, added_members, addition, extension
from mappings.fhir.doubts import doubtful, meet
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, compact, instant, items, member, text
from mappings.loss import LossKind, Severity
from mappings.nomenclatures.catalogue import current
from mappings.nomenclatures.systems import system_id

CREATION_DATE = urls.ror("ror-meta-creation-date")
QUESTIONNAIRE = urls.ror("ror-meta-questionnaire-used-as-a-template")
META_COMMENT = urls.ror("ror-meta-comment")

_TEMPLATED = frozenset({"Organization", "HealthcareService", "Location"})


def meta(resource_type: str, metadonnee: Metadonnee, notes: Notes) -> Json:
    """`meta`: date of the last change, profile, source region. Never `meta.source`: it would name a host."""
    updated = metadonnee.date_mise_a_jour or metadonnee.date_creation
    if updated is None:
        notes.note(LossKind.UNRESOLVED, "metadonnee.date_mise_a_jour", "fhir.meta.last-updated", "date")
    elif metadonnee.date_mise_a_jour is None:
        notes.note(LossKind.DERIVED, "metadonnee.date_mise_a_jour", "fhir.meta.last-updated", "date")
    _note_what_meta_cannot_say(metadonnee, notes)
    written: Json = {} if updated is None else {"lastUpdated": updated.isoformat()}
    written["profile"] = [urls.PROFILES[resource_type]]
    region = metadonnee.region_source
    if region:
        written["tag"] = [_tag(region)]
    return _with_what_was_kept(written, metadonnee.ajouts) if metadonnee.ajouts else written


def _tag(region: str) -> Json:
    if doubtful(current(), Code("R30", region)):
        meet()
    return {"system": urls.REGION, "code": region}


def _with_what_was_kept(written: Json, ajouts: tuple[Ajout, ...]) -> Json:
    """The `meta` with what an earlier reading kept of it."""
    kept = added_members(ajouts)
    tags = [*written.get("tag", []), *kept.get("meta.tag", [])]
    return compact({**written, "tag": tags, "security": kept.get("meta.security")})


def _note_what_meta_cannot_say(metadonnee: Metadonnee, notes: Notes) -> None:
    if metadonnee.statut is not None:
        notes.dropped("metadonnee.statut", "fhir.meta.record", "text", Severity.INFORMATION)
    if metadonnee.source is not None:
        notes.dropped("metadonnee.source", "fhir.meta.record", "text", Severity.INFORMATION)
    if metadonnee.identifiant is not None:
        notes.dropped("metadonnee.identifiant", "fhir.meta.record", "text", Severity.INFORMATION)
    if metadonnee.ajouts:
        notes.at("metadonnee").additions(metadonnee.ajouts)


def meta_extensions(resource_type: str, metadonnee: Metadonnee, notes: Notes) -> list[Json]:
    """The creation date of the record, mandatory, and the model of entry where the profile allows it."""
    created = metadonnee.date_creation or metadonnee.date_mise_a_jour
    if metadonnee.date_creation is None:
        kind = LossKind.DERIVED if created else LossKind.DEFAULTED
        notes.note(kind, "metadonnee.date_creation", "fhir.meta.creation-date", "date")
    written = (
        extension(CREATION_DATE, "DateTime", created.isoformat())
        if created
        else [absent_extension(CREATION_DATE, "DateTime")]
    )
    if metadonnee.modele_saisie is None:
        return written
    if resource_type not in _TEMPLATED:
        notes.dropped("metadonnee.modele_saisie", "fhir.meta.questionnaire", "address")
        return written
    return written + extension(QUESTIONNAIRE, "Canonical", metadonnee.modele_saisie)


def read_meta(resource: Json, extensions: Extensions, commentaire: str | None = None) -> Metadonnee:
    """The record of a resource; what `meta` holds besides is kept as an addition."""
    json = member(resource, "meta")
    tags = items(json, "tag")
    region = next((tag for tag in tags if system_id(text(tag, "system") or "") == "R30"), {})
    others = {"tag": [tag for tag in tags if tag is not region], "security": json.get("security")}
    return Metadonnee(
        date_creation=instant(extensions.take(CREATION_DATE), "valueDateTime"),
        date_mise_a_jour=instant(json, "lastUpdated"),
        commentaire=commentaire,
        region_source=text(region, "code"),
        modele_saisie=text(extensions.take(QUESTIONNAIRE), "valueCanonical"),
        ajouts=tuple(_kept(others)),
    )


def _kept(others: Json) -> list[Ajout]:
    return [addition(f"meta.{name}", value) for name, value in compact(others).items()]
