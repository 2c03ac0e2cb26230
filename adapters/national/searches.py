"""The questions of the model as searches of the national API (FHIR digest, sections 4, 6 and 11)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from mappings.exposition.demandes import (
    DemandeNotification,
    LectureEtablissement,
    LectureOrganisationInterne,
    Recherche,
    TypeObjet,
)
from mappings.exposition.values import Code
from mappings.nomenclatures.systems import url

Parameters = tuple[tuple[str, str], ...]

ANCESTORS: Parameters = (("_include", "Organization:partof"), ("_include:iterate", "Organization:partof"))
FULL_OFFER: Parameters = (
    ("_include", "HealthcareService:organization"),
    ("_include:iterate", "Organization:partof"),
    ("_include", "HealthcareService:location"),
    ("_revinclude", "PractitionerRole:service"),
    ("_include:iterate", "PractitionerRole:practitioner"),
)

_IN_OFFERS: Parameters = (
    ("_include:iterate", "HealthcareService:organization"),
    ("_include:iterate", "Organization:partof"),
    ("_include:iterate", "HealthcareService:location"),
)
_OF_ROLES: Parameters = (
    ("_include", "PractitionerRole:practitioner"),
    ("_include", "PractitionerRole:service"),
    *_IN_OFFERS,
)

# A professional is read through the situations: the national API includes from a role, not from a practitioner. The
# keys are then left to the filter.
_TARGETS: dict[TypeObjet, tuple[str, tuple[str, ...], Parameters]] = {
    TypeObjet.ORGANISATION: ("Organization", ("cles",), ANCESTORS),
    TypeObjet.LIEU: ("Location", ("cles",), (("_revinclude", "HealthcareService:location"), *_IN_OFFERS)),
    TypeObjet.PROFESSIONNEL: ("PractitionerRole", (), _OF_ROLES),
    TypeObjet.SITUATION: ("PractitionerRole", (), _OF_ROLES),
}

_CODES = {
    "activites": "specialty",
    "champs_activite": "service-type",
    "types_offre": "service-category",
    "modes_prise_en_charge": "characteristic",
    "actes_specifiques": "characteristic",
    "caracteristiques": "characteristic",
}
_KEYS = {"cles": "identifier", "offres": "identifier", "organisations": "organization.identifier:above"}


class NationalSearch(msgspec.Struct, frozen=True):
    """One search: the resource type and its parameters, in order."""

    kind: str
    parameters: Parameters


def of_search(recherche: Recherche, regions: Iterable[str]) -> NationalSearch:
    """The search of a `Recherche`, inside the regions of the member."""
    since = (changed_since(recherche.modifie_depuis),) if recherche.modifie_depuis is not None else ()
    before = (changed_before(recherche.modifie_avant),) if recherche.modifie_avant is not None else ()
    scope = (*since, *before, tagged(recherche.regions or regions))
    if recherche.objet is TypeObjet.OFFRE:
        return NationalSearch("HealthcareService", (*_criteria(recherche), *scope, *FULL_OFFER))
    kind, keys, includes = _TARGETS[recherche.objet]
    return NationalSearch(kind, (*_keys(recherche, keys), *scope, *includes))


def _criteria(recherche: Recherche) -> Iterator[tuple[str, str]]:
    for field, parameter in _CODES.items():
        codes: tuple[Code, ...] = getattr(recherche, field)
        if codes:
            yield parameter, ",".join(token(code) for code in codes)
    yield from _keys(recherche, _KEYS)
    if recherche.nom_contient is not None:
        yield "name:contains", escaped(recherche.nom_contient)
    if recherche.nom_commence is not None:
        yield "name", escaped(recherche.nom_commence)


def _keys(recherche: Recherche, fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    for field in fields:
        keys: tuple[str, ...] = getattr(recherche, field)
        if keys:
            yield _KEYS[field], ",".join(escaped(key) for key in keys)


def of_establishment(lecture: LectureEtablissement, regions: Iterable[str]) -> tuple[NationalSearch, NationalSearch]:
    """The offers under an establishment; and the establishment itself, for one that has none."""
    narrowed = tuple(_narrowed(lecture.champs_activite, lecture.date_ref))
    identifier = escaped(lecture.identifiant)
    return (
        NationalSearch(
            "HealthcareService",
            (("organization.identifier:above", identifier), *narrowed, tagged(regions), *FULL_OFFER),
        ),
        NationalSearch("Organization", (("identifier", identifier), tagged(regions), *ANCESTORS)),
    )


def of_internal_organisation(
    lecture: LectureOrganisationInterne, regions: Iterable[str]
) -> tuple[NationalSearch, NationalSearch]:
    """An offer by its identifier; and an organisation, for a level above the offer."""
    identifier = ("identifier", escaped(lecture.identifiant))
    return (
        NationalSearch("HealthcareService", (identifier, tagged(regions), *FULL_OFFER)),
        NationalSearch("Organization", (identifier, tagged(regions), *ANCESTORS)),
    )


def of_notification(demande: DemandeNotification, regions: Iterable[str]) -> NationalSearch:
    """The offers changed since an instant, with what they hang from."""
    includes = (("_include", "HealthcareService:organization"), ("_include:iterate", "Organization:partof"))
    narrowed = tuple(_narrowed(demande.champs_activite, demande.date_ref))
    return NationalSearch("HealthcareService", (*narrowed, tagged(regions), *includes))


def _narrowed(champs: tuple[Code, ...], since: datetime | None) -> Iterator[tuple[str, str]]:
    if champs:
        yield "service-type", ",".join(token(code) for code in champs)
    if since is not None:
        yield changed_since(since)


def tagged(regions: Iterable[str]) -> tuple[str, str]:
    """The source regions."""
    return "_tag", ",".join(regions)


def changed_since(instant: datetime) -> tuple[str, str]:
    """At or after an instant, rounded down to the second."""
    return "_lastUpdated", "ge" + instant.replace(microsecond=0).isoformat()


def changed_before(instant: datetime) -> tuple[str, str]:
    """Before an instant, rounded up to the second."""
    whole = instant.replace(microsecond=0)
    return "_lastUpdated", "lt" + (whole if whole == instant else whole + timedelta(seconds=1)).isoformat()


def token(code: Code) -> str:
    """A token in its system; the code alone when the question names no system."""
    return f"{url(code.systeme)}|{escaped(code.code)}" if code.systeme else escaped(code.code)


def escaped(value: str) -> str:
    """A value in which the separators of the grammar are plain characters."""
    for separator in ("\\", "|", ",", "$"):
        value = value.replace(separator, f"\\{separator}")
    return value
