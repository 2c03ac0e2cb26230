"""Anomalies as Task, both ways (FHIR digest, sections 7.6 and 12.3)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mappings.exposition.anomalie import Anomalie, CheminElement, Designation
from mappings.exposition.values import Code, Identifiant
from mappings.fhir import urls
from mappings.fhir.datatypes import (
    Extensions,
    added_extensions,
    added_members,
    addition,
    optional_concept,
    read_concept,
    top_level,
    unknown_concept,
)
from mappings.fhir.ids import fhir_id, key_of
from mappings.fhir.notes import Notes
from mappings.fhir.reading.source import unread
from mappings.fhir.shape import Json, MalformedResource, compact, instant, items, member, text
from mappings.loss import Ledger, LossKind

INPUTS = f"{urls.BASE}CodeSystem/input-task-ror-codesystem"
OUTPUTS = f"{urls.BASE}CodeSystem/output-task-ror-codesystem"
PROFILE = f"{urls.BASE}StructureDefinition/ror-task"

_CODES = (("statut_metier", "businessStatus", "R352"), ("thematique", "code", "R350"), ("action", "reasonCode", "R349"))
_READ = frozenset(
    {
        "identifier",
        "partOf",
        "status",
        "businessStatus",
        "intent",
        "code",
        "description",
        "focus",
        "executionPeriod",
        "authoredOn",
        "lastModified",
        "requester",
        "owner",
        "reasonCode",
        "input",
        "output",
    }
)


def write_task(anomalie: Anomalie, *, ledger: Ledger) -> Json:
    """The Task of an anomaly; what FHIR demands and the anomaly does not say is noted."""
    notes = Notes(ledger, anomalie.cle)
    notes.additions(anomalie.ajouts)
    written = compact(
        {
            "resourceType": "Task",
            "id": fhir_id(anomalie.cle),
            "meta": {"profile": [PROFILE]},
            "extension": added_extensions(anomalie.ajouts),
            "identifier": [_identifier(one) for one in anomalie.identifiants],
            "partOf": [_designation(one) for one in anomalie.anomalies_liees],
            "status": anomalie.statut,
            "intent": anomalie.intention,
            "description": anomalie.description,
            "focus": _designation(anomalie.objet),
            "executionPeriod": compact(
                {"start": _moment(anomalie.date_envoi_destinataire), "end": _moment(anomalie.date_cloture)}
            ),
            "authoredOn": _moment(anomalie.date_creation),
            "lastModified": _moment(_last_change(anomalie, notes)),
            "requester": anomalie.emetteur and _designation(anomalie.emetteur),
            "owner": anomalie.destinataire and _designation(anomalie.destinataire),
            "input": _inputs(anomalie, notes) + _kept(anomalie, "input"),
            "output": _outputs(anomalie) + _kept(anomalie, "output"),
            **{name: _mandatory(anomalie, field, system, notes) for field, name, system in _CODES},
        }
    )
    if anomalie.date_creation is None:
        notes.note(LossKind.UNRESOLVED, "date_creation", "fhir.task.authored", "date")
    return top_level(anomalie.ajouts, written, notes)


def _mandatory(anomalie: Anomalie, field: str, system: str, notes: Notes) -> Json:
    concept = optional_concept(getattr(anomalie, field))
    if concept is not None:
        return concept
    notes.note(LossKind.DEFAULTED, field, "fhir.task.code", "code")
    return unknown_concept(system)


def _last_change(anomalie: Anomalie, notes: Notes) -> datetime | None:
    if anomalie.date_mise_a_jour is None and anomalie.date_creation is not None:
        notes.note(LossKind.DERIVED, "date_mise_a_jour", "fhir.task.last-modified", "date")
        return anomalie.date_creation
    return anomalie.date_mise_a_jour


def _moment(instant_: datetime | None) -> str | None:
    return instant_.isoformat() if instant_ is not None else None


def _identifier(identifiant: Identifiant) -> Json:
    return compact({"system": identifiant.systeme, "value": identifiant.valeur})


def _designation(named: Designation) -> Json:
    return compact(
        {
            "reference": named.reference,
            "type": named.type_objet,
            "identifier": named.identifiant and _identifier(named.identifiant),
            "display": named.libelle,
        }
    )


def _parameter(system: str, code: str, kind: str, value: Any) -> Json:
    return {"type": {"coding": [{"system": system, "code": code}]}, f"value{kind}": value}


def _each(system: str, code: str, values: Iterable[str | None]) -> list[Json]:
    return [_parameter(system, code, "String", value) for value in values if value]


def _identified(system: str, code: str, identifiant: Identifiant | None) -> list[Json]:
    return [] if identifiant is None else [_parameter(system, code, "Identifier", _identifier(identifiant))]


def _inputs(anomalie: Anomalie, notes: Notes) -> list[Json]:
    if not anomalie.systeme_emetteur:
        notes.note(LossKind.UNRESOLVED, "systeme_emetteur", "fhir.task.system-requester", "text")
    path = anomalie.chemin_element
    located = path and compact({"language": path.langage, "expression": path.expression})
    return [
        *_each(INPUTS, "ruleErrorId", [anomalie.regle_enfreinte]),
        *_each(INPUTS, "errorValue", anomalie.valeurs_erronees),
        *_each(INPUTS, "proposedValue", anomalie.valeurs_proposees),
        *([_parameter(INPUTS, "pathElementError", "Expression", located)] if located else []),
        *_each(INPUTS, "systemRequester", [anomalie.systeme_emetteur]),
        *_identified(INPUTS, "identifierRequester", anomalie.identifiant_emetteur),
    ]


def _outputs(anomalie: Anomalie) -> list[Json]:
    return [
        *_each(OUTPUTS, "newValue", anomalie.valeurs_corrigees),
        *_identified(OUTPUTS, "identifierAnalyst", anomalie.identifiant_analyste),
    ]


def _kept(anomalie: Anomalie, name: str) -> list[Json]:
    return list(added_members(anomalie.ajouts).get(name, []))


def read_task(resource: Json, *, ledger: Ledger) -> Anomalie:
    """The anomaly of a Task; raises `MalformedResource` when a member has not the type that FHIR gives it."""
    identifier = text(resource, "id") or ""
    notes = Notes(ledger, identifier)
    status = text(resource, "status")
    if status is None:
        raise MalformedResource("status")
    inputs, other_inputs = _by_code(items(resource, "input"), INPUTS, _INPUT_TYPES)
    outputs, other_outputs = _by_code(items(resource, "output"), OUTPUTS, _OUTPUT_TYPES)
    period = member(resource, "executionPeriod")
    extensions = Extensions(resource)
    if set(member(resource, "meta")) - {"profile"}:
        notes.dropped("meta", "fhir-read.task.meta", "record")
    return Anomalie(
        cle=key_of(identifier) or identifier,
        statut=status,
        objet=_read_designation(member(resource, "focus")) or Designation(),
        **{field: read_concept(member(resource, name)) for field, name, _ in _CODES},
        intention=text(resource, "intent") or "order",
        identifiants=tuple(filter(None, map(_read_identifier, items(resource, "identifier")))),
        anomalies_liees=tuple(filter(None, map(_read_designation, items(resource, "partOf")))),
        description=text(resource, "description"),
        date_creation=instant(resource, "authoredOn"),
        date_mise_a_jour=instant(resource, "lastModified"),
        date_envoi_destinataire=instant(period, "start"),
        date_cloture=instant(period, "end"),
        emetteur=_read_designation(member(resource, "requester")),
        destinataire=_read_designation(member(resource, "owner")),
        systeme_emetteur=_first_text(inputs["systemRequester"]),
        identifiant_emetteur=_first_identifier(inputs["identifierRequester"]),
        regle_enfreinte=_first_text(inputs["ruleErrorId"]),
        valeurs_erronees=_texts(inputs["errorValue"]),
        valeurs_proposees=_texts(inputs["proposedValue"]),
        chemin_element=_read_path(inputs["pathElementError"]),
        valeurs_corrigees=_texts(outputs["newValue"]),
        identifiant_analyste=_first_identifier(outputs["identifierAnalyst"]),
        ajouts=(
            *extensions.left,
            *([addition("input", other_inputs)] if other_inputs else ()),
            *([addition("output", other_outputs)] if other_outputs else ()),
            *unread(resource, _READ, notes),
        ),
    )


_INPUT_TYPES = {
    "ruleErrorId": ("valueString", 1),
    "errorValue": ("valueString", None),
    "proposedValue": ("valueString", None),
    "pathElementError": ("valueExpression", 1),
    "systemRequester": ("valueString", 1),
    "identifierRequester": ("valueIdentifier", 1),
}
_OUTPUT_TYPES = {"newValue": ("valueString", None), "identifierAnalyst": ("valueIdentifier", 1)}


def _by_code(
    parameters: list[Json], system: str, types: dict[str, tuple[str, int | None]]
) -> tuple[dict[str, list[Json]], list[Json]]:
    """The parameters of each slice, and those that are in none: of another type, or one too many."""
    found: dict[str, list[Json]] = {code: [] for code in types}
    others = []
    for parameter in parameters:
        code = _code(parameter, system)
        kind, most = types.get(code or "", ("", 0))
        if code is not None and kind in parameter and (most is None or len(found[code]) < most):
            found[code].append(parameter)
        else:
            others.append(parameter)
    return found, others


def _code(parameter: Json, system: str) -> str | None:
    coded: Code | None = read_concept(member(parameter, "type"))
    return coded.code if coded is not None and coded.systeme == system else None


def _texts(parameters: list[Json]) -> tuple[str, ...]:
    return tuple(value for parameter in parameters if (value := text(parameter, "valueString")))


def _first_text(parameters: list[Json]) -> str | None:
    return next(iter(_texts(parameters)), None)


def _first_identifier(parameters: list[Json]) -> Identifiant | None:
    return next((_read_identifier(member(parameter, "valueIdentifier")) for parameter in parameters), None)


def _read_identifier(part: Json) -> Identifiant | None:
    value = text(part, "value")
    return Identifiant(text(part, "system") or "", value) if value else None


def _read_designation(reference: Json) -> Designation | None:
    if not reference:
        return None
    return Designation(
        type_objet=text(reference, "type"),
        reference=text(reference, "reference"),
        identifiant=_read_identifier(member(reference, "identifier")),
        libelle=text(reference, "display"),
    )


def _read_path(parameters: list[Json]) -> CheminElement | None:
    for parameter in parameters:
        expression = member(parameter, "valueExpression")
        language = text(expression, "language")
        if language is not None:
            return CheminElement(language, text(expression, "expression"))
    return None
