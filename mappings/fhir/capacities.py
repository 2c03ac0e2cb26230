"""Capacity lines: `ror-location-supported-capacity` (FHIR digest, section 8)."""

from mappings.exposition.lieu import CapaciteAccueilOperationnelle, CapacitePriseCharge
from mappings.exposition.values import Code, Metadonnee
from mappings.fhir import urls
from mappings.fhir.datatypes import Extensions, absent_extension, coded
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, MalformedResource, instant, integer
from mappings.loss import LossKind, Severity

CAPACITY = urls.ror("ror-location-supported-capacity")

MANUAL_ENTRY = Code("R335", "01")
NO_ASSIGNMENT = Code("R337", "01")


def supported_capacities(groups: tuple[CapacitePriseCharge, ...], metadonnee: Metadonnee, notes: Notes) -> list[Json]:
    """One extension per line; the assignment of a group is repeated in each of its lines."""
    if not groups:
        return []
    assignments = [group.affectation_temporaire or NO_ASSIGNMENT for group in groups]
    if len({assignment.cle for assignment in assignments}) < len(assignments):
        notes.note(LossKind.DERIVED, "", "fhir.capacity.same-assignment", "object", Severity.INFORMATION)
    of_lines = notes.at("capacites")
    written = []
    for group in groups:
        notes.record(group.metadonnee)
        if not group.capacites:
            notes.dropped("", "fhir.capacity.empty-assignment", "code")
        for line in group.capacites:
            of_lines.record(line.metadonnee)
            written.append(_line(line, group.affectation_temporaire, metadonnee, notes))
    return written


def _line(line: CapaciteAccueilOperationnelle, assignment: Code | None, metadonnee: Metadonnee, notes: Notes) -> Json:
    if line.type_source_capacite is None:
        notes.note(LossKind.DEFAULTED, "capacites.type_source_capacite", "fhir.capacity.source-type", "code")
    if assignment is None:
        notes.note(LossKind.DEFAULTED, "affectation_temporaire", "fhir.capacity.assignment", "code")
    parts = [
        coded("capacityType", line.nature_capacite),
        coded("capacityStatus", line.statut_capacite),
        coded("temporalityCapacity", line.temporalite_capacite),
        {"url": "nbCapacity", "valueInteger": line.nombre_capacite},
        coded("capacitySourceType", line.type_source_capacite or MANUAL_ENTRY),
    ]
    if line.genre_capacite_dispo is not None:
        parts.append(coded("genderCapacityAvailable", line.genre_capacite_dispo))
    parts.append(_update_date(line, metadonnee, notes))
    if line.type_fermeture_capacite is not None:
        parts.append(coded("capacityClosingType", line.type_fermeture_capacite))
    if line.type_lits_supplementaire is not None:
        parts.append(coded("additionalBedType", line.type_lits_supplementaire))
    if line.type_crise is not None:
        parts.append(coded("crisisType", line.type_crise))
    parts.append(coded("temporaryAssignement", assignment or NO_ASSIGNMENT))
    if line.commentaire:
        parts.append({"url": "comment", "valueString": line.commentaire})
    return {"url": CAPACITY, "extension": parts}


def _update_date(line: CapaciteAccueilOperationnelle, metadonnee: Metadonnee, notes: Notes) -> Json:
    """The date of the figure, else that of the record that holds it."""
    dated = line.date_maj_capacite or metadonnee.date_mise_a_jour or metadonnee.date_creation
    if line.date_maj_capacite is None:
        kind = LossKind.DERIVED if dated else LossKind.DEFAULTED
        notes.note(kind, "capacites.date_maj_capacite", "fhir.capacity.update-date", "date")
    if dated is None:
        return absent_extension("capacityUpdateDate", "DateTime")
    return {"url": "capacityUpdateDate", "valueDateTime": dated.isoformat()}


def read_supported_capacities(extensions: Extensions) -> tuple[CapacitePriseCharge, ...]:
    """The lines, gathered by assignment in the order these first occur."""
    groups: dict[tuple[str, str] | None, tuple[Code | None, list[CapaciteAccueilOperationnelle]]] = {}
    for part in extensions.take_all(CAPACITY):
        assignment, line = _read_line(part)
        groups.setdefault(assignment.cle if assignment else None, (assignment, []))[1].append(line)
    return tuple(CapacitePriseCharge(assignment, tuple(lines)) for assignment, lines in groups.values())


def _read_line(json: Json) -> tuple[Code | None, CapaciteAccueilOperationnelle]:
    extensions = Extensions(json)
    nature, status, horizon = (
        extensions.code(url) for url in ("capacityType", "capacityStatus", "temporalityCapacity")
    )
    count = integer(extensions.take("nbCapacity"), "valueInteger")
    if nature is None or status is None or horizon is None or count is None:
        raise MalformedResource("extension.ror-location-supported-capacity")
    line = CapaciteAccueilOperationnelle(
        nature_capacite=nature,
        statut_capacite=status,
        temporalite_capacite=horizon,
        nombre_capacite=count,
        type_source_capacite=extensions.code("capacitySourceType"),
        date_maj_capacite=instant(extensions.take("capacityUpdateDate"), "valueDateTime"),
        genre_capacite_dispo=extensions.code("genderCapacityAvailable"),
        type_fermeture_capacite=extensions.code("capacityClosingType"),
        type_lits_supplementaire=extensions.code("additionalBedType"),
        type_crise=extensions.code("crisisType"),
        commentaire=extensions.string("comment"),
    )
    return extensions.code("temporaryAssignement"), line
