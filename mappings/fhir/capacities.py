"""Capacity lines: `ror-location-supported-capacity` (FHIR digest, section 8)."""

from mappings.exposition.lieu import CapaciteAccueilOperationnelle, CapacitePriseCharge
from mappings.exposition.values import Code, Metadonnee
from mappings.fhir import urls
from mappings.fhir.datatypes import Extensions, absent_extension, code_extension, complex_extension, extension
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, MalformedResource, instant, integer
from mappings.loss import LossKind, Severity

CAPACITY = urls.ror("ror-location-supported-capacity")

MANUAL_ENTRY = Code("R335", "01")
NO_ASSIGNMENT = Code("R337", "01")


def supported_capacities(groups: tuple[CapacitePriseCharge, ...], metadonnee: Metadonnee, notes: Notes) -> list[Json]:
    """One extension per line; the assignment of a group is repeated in each of its lines."""
    assignments = [group.affectation_temporaire or NO_ASSIGNMENT for group in groups]
    if len({assignment.cle for assignment in assignments}) < len(assignments):
        notes.note(LossKind.DERIVED, "", "fhir.capacity.same-assignment", "object", Severity.INFORMATION)
    written = []
    for group in groups:
        notes.record(group.metadonnee)
        if not group.capacites:
            notes.dropped("", "fhir.capacity.empty-assignment", "code")
        written += [_line(line, group.affectation_temporaire, metadonnee, notes) for line in group.capacites]
    return written


def _line(line: CapaciteAccueilOperationnelle, assignment: Code | None, metadonnee: Metadonnee, notes: Notes) -> Json:
    notes.at("capacites").record(line.metadonnee)
    if line.type_source_capacite is None:
        notes.note(LossKind.DEFAULTED, "capacites.type_source_capacite", "fhir.capacity.source-type", "code")
    if assignment is None:
        notes.note(LossKind.DEFAULTED, "affectation_temporaire", "fhir.capacity.assignment", "code")
    return complex_extension(
        CAPACITY,
        code_extension("capacityType", line.nature_capacite),
        code_extension("capacityStatus", line.statut_capacite),
        code_extension("temporalityCapacity", line.temporalite_capacite),
        extension("nbCapacity", "Integer", line.nombre_capacite),
        code_extension("capacitySourceType", line.type_source_capacite or MANUAL_ENTRY),
        code_extension("genderCapacityAvailable", line.genre_capacite_dispo),
        _update_date(line, metadonnee, notes),
        code_extension("capacityClosingType", line.type_fermeture_capacite),
        code_extension("additionalBedType", line.type_lits_supplementaire),
        code_extension("crisisType", line.type_crise),
        code_extension("temporaryAssignement", assignment or NO_ASSIGNMENT),
        extension("comment", "String", line.commentaire),
    )


def _update_date(line: CapaciteAccueilOperationnelle, metadonnee: Metadonnee, notes: Notes) -> list[Json]:
    """The date of the figure, else that of the record that holds it."""
    dated = line.date_maj_capacite or metadonnee.date_mise_a_jour or metadonnee.date_creation
    if line.date_maj_capacite is None:
        kind = LossKind.DERIVED if dated else LossKind.DEFAULTED
        notes.note(kind, "capacites.date_maj_capacite", "fhir.capacity.update-date", "date")
    if dated is None:
        return [absent_extension("capacityUpdateDate", "DateTime")]
    return extension("capacityUpdateDate", "DateTime", dated.isoformat())


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
