"""The search parameters served, per resource type: what each is, and which criterion of the model it states.

One table feeds the reading of requests and the CapabilityStatement, so that what is announced is what is served
(FHIR digest, section 5).
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from mappings.csd.identifiers import (
    IDNAT_PS,
    IDNAT_STRUCT,
    NotAnIdentifier,
    normalise_professional,
    normalise_structure,
)
from mappings.exposition.demandes import Territoire, TypeObjet, TypeTerritoire
from mappings.exposition.values import Code
from mappings.fhir.grammar import (
    SearchRefused,
    age_in_years,
    decimal,
    instants,
    kilometres,
    prefixed,
    tokens,
    values,
)
from mappings.fhir.ids import key_of, organisation_key
from mappings.fhir.urls import FINESS, SIRENE

Criteria = dict[str, Any]


class Parameter(msgspec.Struct, frozen=True):
    """One parameter: its FHIR type, the modifiers understood (an empty one: without), what it means in words.

    `read` turns one value into fields of `Recherche`; it is given the value and the whole name with its modifier.
    `criterion` is the field it states when that is always the same one and may not be judged.
    """

    type: str
    read: Callable[[str, str], Criteria]
    documentation: str
    modifiers: frozenset[str] = frozenset({""})
    criterion: str | None = None

    @property
    def served(self) -> bool:
        """Whether the one criterion it always states is judged."""
        return self.criterion is None or self.criterion in JUDGED


JUDGED = frozenset(
    {
        "cles",
        "activites",
        "modes_prise_en_charge",
        "champs_activite",
        "types_offre",
        "actes_specifiques",
        "equipements",
        "territoires",
        "regions",
        "offres",
        "organisations",
        "age",
        "nom_contient",
        "nom_commence",
        "codes_postaux",
        "publics",
        "zones_intervention",
        "caracteristiques",
        "modifie_depuis",
        "modifie_avant",
        "classes_age",
        "specialites",
    }
)
"""The fields of `Recherche` that whoever judges offers applies, all of them today. A parameter that states another one
is not applied: answering as if it were would be a wrong answer.
"""

PARTS_OF_AGE = frozenset({"age_low", "age_high"})


def _codes(field: str) -> Callable[[str, str], Criteria]:
    return lambda value, parameter: {field: tokens(value, parameter)}


def _activities(value: str, parameter: str) -> Criteria:
    codes = tokens(value, parameter)
    if any(code.systeme in ("R265", "R266") for code in codes):
        raise SearchRefused("not-supported", parameter)
    return {"activites": codes}


_CHARACTERISTIC_FIELDS = {"R213": "modes_prise_en_charge", "R210": "actes_specifiques"}


def _characteristics(value: str, parameter: str) -> Criteria:
    """One parameter for many notions: the code system tells which (FHIR digest, section 7.1)."""
    codes = tokens(value, parameter)
    if any(not code.systeme for code in codes):
        raise SearchRefused("system-required", parameter)
    fields = {_CHARACTERISTIC_FIELDS.get(code.systeme, "caracteristiques") for code in codes}
    if len(fields) > 1:
        raise SearchRefused("not-supported", parameter)
    return {fields.pop(): codes}


def _ids(value: str, parameter: str) -> Criteria:
    return {"cles": _some([key_of(text) or text for text in values(value)], parameter)}


def _organisation_ids(value: str, parameter: str) -> Criteria:
    return {"cles": _some([organisation_key(text) or text for text in values(value)], parameter)}


def _some(found: list[str], parameter: str) -> tuple[str, ...]:
    if not found:
        raise SearchRefused("value-empty", parameter)
    return tuple(dict.fromkeys(found))


def _offer_identifiers(value: str, parameter: str) -> Criteria:
    return {"offres": tuple(code.code for code in tokens(value, parameter))}


def _place_identifiers(value: str, parameter: str) -> Criteria:
    codes = tokens(value, parameter)
    # `<idNat_Struct>/<code>` is the identifier of the bed feed, which no criterion of the model knows.
    if any(len(code.code.partition("/")[0]) > 3 for code in codes):
        raise SearchRefused("not-supported", parameter)
    return {"cles": tuple(code.code for code in codes)}


def structure_keys(code: Code) -> tuple[str, ...]:
    """The keys an identifier of an organisation may stand for; nine digits without a system are a FINESS or a SIREN."""
    value = code.code
    if "/" in value:
        return (value,)
    system = code.systeme.replace("http://", "https://")
    if system == FINESS:
        return (f"1{value}",)
    if system == SIRENE:
        return (f"{'3' if len(value) == 14 else '2'}{value}",)
    try:
        known = normalise_structure(code.systeme or IDNAT_STRUCT, value)
    except NotAnIdentifier:
        return (value,)
    return (known, f"2{value}") if not code.systeme and value.isdigit() and len(value) == 9 else (known,)


def _structure_identifiers(field: str) -> Callable[[str, str], Criteria]:
    def read(value: str, parameter: str) -> Criteria:
        codes = tokens(value, parameter)
        return {field: _some([key for code in codes for key in structure_keys(code)], parameter)}

    return read


def _professional_identifiers(value: str, parameter: str) -> Criteria:
    return {"cles": _some([_professional_key(code) for code in tokens(value, parameter)], parameter)}


def _professional_key(code: Code) -> str:
    try:
        return normalise_professional(code.systeme or IDNAT_PS, code.code)
    except NotAnIdentifier:
        return code.code


def _organisations(value: str, parameter: str) -> Criteria:
    ids = [text.rstrip("/").rpartition("/")[2] for text in values(value)]
    return {"organisations": _some([organisation_key(text) or text for text in ids], parameter)}


def _name(value: str, parameter: str) -> Criteria:
    found = values(value)
    if len(found) != 1:
        raise SearchRefused("not-supported", parameter)
    return {"nom_contient" if parameter.endswith(":contains") else "nom_commence": found[0]}


def _regions(value: str, parameter: str) -> Criteria:
    return {"regions": tuple(code.code for code in tokens(value, parameter))}


_CORSICA = {"20": ("2A", "2B"), "200": ("2A",), "201": ("2A",), "202": ("2B",), "206": ("2B",)}


def _postal_codes(value: str, parameter: str) -> Criteria:
    """A postal code is a string search, hence a prefix: `71` is a department (FHIR digest, section 4)."""
    codes = values(value)
    if not codes or not all(re.fullmatch(r"[0-9]{1,5}", code) for code in codes):
        raise SearchRefused("value-invalid", parameter)
    departments = [department for code in codes for department in _departments(code)]
    if not all(_departments(code) for code in codes):
        return {"codes_postaux": tuple(dict.fromkeys(codes))}
    return {"territoires": tuple(Territoire(TypeTerritoire.DEPARTEMENT, code) for code in dict.fromkeys(departments))}


def _departments(code: str) -> tuple[str, ...]:
    """The departments whose postal codes begin so, when they are whole departments."""
    if code in _CORSICA:
        return _CORSICA[code]
    overseas = code.startswith(("97", "98"))
    return (code,) if len(code) == (3 if overseas else 2) and code not in {"97", "98"} else ()


def _communes(value: str, parameter: str) -> Criteria:
    codes = tokens(value, parameter)
    return {"territoires": tuple(Territoire(TypeTerritoire.COMMUNE, code.code) for code in codes)}


def _near_commune(value: str, parameter: str) -> Criteria:
    commune, distance, unit, *others = [*value.split("|"), "", ""]
    if not commune or not distance or any(others):
        raise SearchRefused("value-invalid", parameter)
    return {"territoires": (Territoire(TypeTerritoire.COMMUNE, commune, kilometres(distance, unit, parameter)),)}


def _age(name: str, wanted: str) -> Callable[[str, str], Criteria]:
    def read(value: str, parameter: str) -> Criteria:
        compared = age_in_years(value, parameter)
        if compared.prefix != wanted:
            raise SearchRefused("prefix-unsupported", parameter)
        return {name: decimal(compared.text, parameter)}

    return read


def _last_updated(value: str, parameter: str) -> Criteria:
    compared = prefixed(value)
    start, end = instants(compared.text, parameter)
    match compared.prefix:
        case "ge":
            return {"modifie_depuis": start}
        case "gt" | "sa":
            return {"modifie_depuis": end}
        case "le":
            return {"modifie_avant": end}
        case "lt" | "eb":
            return {"modifie_avant": start}
        case "eq":
            return {"modifie_depuis": start, "modifie_avant": end}
    raise SearchRefused("prefix-unsupported", parameter)


_COMMON = {
    "_id": Parameter("token", _ids, "identifiant technique"),
    "_tag": Parameter("token", _regions, "région source (TRE_R30)"),
    "_lastUpdated": Parameter("date", _last_updated, "date de mise à jour ; préfixes ge, gt, sa, le, lt, eb, eq"),
}

TYPES: dict[str, TypeObjet] = {
    "HealthcareService": TypeObjet.OFFRE,
    "Location": TypeObjet.LIEU,
    "Organization": TypeObjet.ORGANISATION,
    "Practitioner": TypeObjet.PROFESSIONNEL,
    "PractitionerRole": TypeObjet.SITUATION,
}

PARAMETERS: dict[str, dict[str, Parameter]] = {
    "HealthcareService": {
        **_COMMON,
        "identifier": Parameter("token", _offer_identifiers, "identifiant de l'offre"),
        "name": Parameter(
            "string", _name, "partie du nom avec :contains, début du nom sinon", frozenset({"", "contains"})
        ),
        "service-category": Parameter("token", _codes("types_offre"), "type d'offre (TRE_R244)"),
        "service-type": Parameter("token", _codes("champs_activite"), "champ d'activité (TRE_R227)"),
        "specialty": Parameter("token", _activities, "activité opérationnelle (TRE_R211)"),
        "characteristic": Parameter(
            "token", _characteristics, "caractéristique : le système du code dit laquelle, il est obligatoire"
        ),
        "patient-type": Parameter("token", _codes("publics"), "public pris en charge (TRE_R239)", criterion="publics"),
        "intervention-zone": Parameter(
            "token", _codes("zones_intervention"), "zone d'intervention (TRE_R13)", criterion="zones_intervention"
        ),
        "age-range-low": Parameter("quantity", _age("age_low", "le"), "avec age-range-high, même âge, préfixe le"),
        "age-range-high": Parameter("quantity", _age("age_high", "ge"), "avec age-range-low, même âge, préfixe ge"),
        "organization": Parameter(
            "reference", _organisations, "organisation, elle-même ou au-dessus de l'offre", frozenset({"", "above"})
        ),
        "organization.identifier": Parameter(
            "token",
            _structure_identifiers("organisations"),
            "identifiant d'une organisation au-dessus de l'offre",
            frozenset({"above"}),
        ),
        "location.address-postalcode": Parameter("string", _postal_codes, "début du code postal du lieu"),
        "location.commune-cog": Parameter("token", _communes, "commune du lieu (code INSEE)"),
        "location.near-insee-code": Parameter("special", _near_commune, "commune|distance|unité (km ou m)"),
        "location.equipment-type": Parameter("token", _codes("equipements"), "équipement du lieu (TRE_R212)"),
    },
    "Location": {**_COMMON, "identifier": Parameter("token", _place_identifiers, "identifiant fonctionnel du lieu")},
    "Organization": {
        **_COMMON,
        "_id": Parameter("token", _organisation_ids, "identifiant technique"),
        "identifier": Parameter("token", _structure_identifiers("cles"), "idNat_Struct, FINESS, SIREN, SIRET ou OI"),
    },
    "Practitioner": {**_COMMON, "identifier": Parameter("token", _professional_identifiers, "idNat_PS ou RPPS")},
    "PractitionerRole": _COMMON,
}
