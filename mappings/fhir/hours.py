"""Opening hours: `availableTime`, one entry per day and slot (FHIR digest, section 7.1)."""

from collections.abc import Iterable
from itertools import pairwise

import msgspec

from mappings.exposition.contact import Horaire
from mappings.exposition.values import Code
from mappings.fhir import urls
from mappings.fhir.datatypes import Extensions, added_extensions, coded, period
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json, compact, day, hour, integer, items, member, texts
from mappings.loss import LossKind, Severity

TYPE_OF_TIME = urls.ror("ror-available-time-type-of-time")
EFFECTIVE_DATES = urls.ror("ror-available-time-effective-opening-closing-date")
DAY_NUMBER = urls.ror("ror-available-time-number-days-of-week")

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = Code("R252", "08")


def available_times(horaires: Iterable[Horaire], notes: Notes) -> list[Json]:
    """One entry per day of each slot, days counted from Monday; a slot without a day is one entry without one."""
    horaires = tuple(horaires)
    if any(one.jours and other.jours and _same_but_days(one, other) for one, other in pairwise(horaires)):
        notes.note(LossKind.DERIVED, "", "fhir.hours.same-but-days", "hours", Severity.INFORMATION)
    return [_entry(horaire, days, notes) for horaire in horaires for days in _one_by_one(_week_days(horaire, notes))]


def _one_by_one(days: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [(jour,) for jour in days] if days else [()]


def available_time(horaires: tuple[Horaire, ...], notes: Notes) -> list[Json]:
    """The single entry a situation may have: the first slot with all its days."""
    if len(horaires) > 1:
        notes.dropped("", "fhir.role.one-slot", "hours")
    return slots(horaires[:1], notes)


def slots(horaires: tuple[Horaire, ...], notes: Notes) -> list[Json]:
    """One entry for each slot, with all its days."""
    return [_entry(horaire, _week_days(horaire, notes), notes) for horaire in horaires]


def _week_days(horaire: Horaire, notes: Notes) -> tuple[int, ...]:
    known = tuple(jour for jour in horaire.jours if 1 <= jour <= len(DAYS))
    if known != horaire.jours:
        notes.note(LossKind.UNMAPPED, "jours", "fhir.hours.day", "integer")
    return known


def _entry(horaire: Horaire, days: tuple[int, ...], notes: Notes) -> Json:
    notes.record(horaire.metadonnee)
    if horaire.ajouts:
        notes.additions(horaire.ajouts)
    kind = horaire.type_plage_horaire
    if horaire.ouvert is not None:
        closing = not horaire.ouvert and kind is None
        kind = CLOSED if closing else kind
        notes.note(LossKind.DERIVED if closing else LossKind.DROPPED, "ouvert", "fhir.hours.open-flag")
    dates = period(horaire.debut_date_effective, horaire.fin_date_effective)
    extensions: list[Json] = [{"url": DAY_NUMBER, "valueInteger": days[0]}] if len(days) == 1 else []
    if dates:
        extensions.append({"url": EFFECTIVE_DATES, "valuePeriod": dates})
    if kind is not None:
        extensions.append(coded(TYPE_OF_TIME, kind))
    return compact(
        {
            "extension": [*extensions, *added_extensions(horaire.ajouts)],
            "daysOfWeek": [DAYS[jour - 1] for jour in days],
            "availableStartTime": horaire.heure_debut and horaire.heure_debut.isoformat(),
            "availableEndTime": horaire.heure_fin and horaire.heure_fin.isoformat(),
        }
    )


def read_available_times(resource: Json) -> tuple[Horaire, ...]:
    """The slots, consecutive days of the same hours gathered into one."""
    gathered: list[Horaire] = []
    for horaire in map(_read_entry, items(resource, "availableTime")):
        last = gathered[-1] if gathered else None
        if last is not None and horaire.jours and last.jours and _same_but_days(last, horaire):
            gathered[-1] = msgspec.structs.replace(last, jours=last.jours + horaire.jours)
        else:
            gathered.append(horaire)
    return tuple(gathered)


def _same_but_days(one: Horaire, other: Horaire) -> bool:
    return msgspec.structs.replace(one, jours=()) == msgspec.structs.replace(other, jours=())


def _read_entry(json: Json) -> Horaire:
    extensions = Extensions(json)
    number = integer(extensions.take(DAY_NUMBER), "valueInteger")
    named = tuple(DAYS.index(name) + 1 for name in texts(json, "daysOfWeek") if name in DAYS)
    dates = member(extensions.take(EFFECTIVE_DATES), "valuePeriod")
    return Horaire(
        jours=named if len(named) > 1 or number is None else (number,),
        heure_debut=hour(json, "availableStartTime"),
        heure_fin=hour(json, "availableEndTime"),
        debut_date_effective=day(dates, "start"),
        fin_date_effective=day(dates, "end"),
        type_plage_horaire=extensions.code(TYPE_OF_TIME),
        ajouts=extensions.left,
    )
