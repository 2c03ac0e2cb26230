"""From an establishment to the list of its offers and their real sizes, before any detail is made up."""

from dataclasses import dataclass

from conformance.reference.content import templates
from conformance.reference.content.rhythm import chance
from conformance.reference.content.source import Row
from conformance.reference.content.templates import Template

LARGE = 150  # beds from which a hospital holds cancer meetings
GUARDED = 250  # beds from which a hospital holds a unit whose existence is not public


@dataclass(frozen=True, slots=True)
class Planned:
    """One offer to build: its sort, and its beds or places (None: the source gives no figure)."""

    template: Template
    size: int | None = None


def shares(total: int, parts: int) -> list[int]:
    """A total in whole parts whose sum is the total."""
    return [total // parts + (1 if part < total % parts else 0) for part in range(parts)]


def _spread(total: int, sorts: tuple[Template, ...], per_unit: int, start: int = 0) -> list[Planned]:
    """As many units as the size calls for, starting at one sort of the list; nothing when there is no bed."""
    if total == 0:
        return []
    count = min(len(sorts), 1 + total // per_unit)
    turned = sorts[start:] + sorts[:start]
    return [Planned(sort, size) for sort, size in zip(turned[:count], shares(total, count), strict=True)]


def _acute(row: Row, turn: int) -> list[Planned]:
    beds, places = row.capacity.beds.get("MCO", 0), row.capacity.places.get("MCO", 0)
    sorts: tuple[Template, ...] = templates.MEDICINE
    if row.category == "131":
        sorts = templates.ONCOLOGY
    elif row.category == "128":
        sorts = templates.SURGERY
    elif row.category != "129":
        # a general hospital: one surgical ward for two medical ones
        sorts = templates.MEDICINE[:2] + templates.SURGERY[:2] + templates.MEDICINE[2:] + templates.SURGERY[2:]
    day = templates.MCO_PLACES[2:] if row.category == "131" else templates.MCO_PLACES[:2]
    planned = _spread(beds, sorts, 55) + _spread(places, day, 12)
    if planned:
        planned.append(Planned(templates.CONSULTATIONS[1 if row.category == "128" else turn % 2]))
    return planned


def _around_acute(row: Row, turn: int) -> list[Planned]:
    capacity = row.capacity
    sorts: list[Template] = []
    if capacity.emergency:
        sorts.extend(templates.EMERGENCY)
    if capacity.smur:
        sorts.append(templates.SMUR)
    if capacity.samu:
        sorts.append(templates.SAMU)
    if row.category == "131" or (row.category == "101" and capacity.beds.get("MCO", 0) >= LARGE):
        sorts.extend(templates.CANCER_MEETINGS)
    elif capacity.beds.get("MCO", 0) >= LARGE:
        sorts.append(templates.CANCER_MEETINGS[turn % 2])
    if row.category in {"355", "101"} and capacity.beds.get("MCO", 0) >= GUARDED:
        sorts.append(templates.PENITENTIARY)
    if capacity.had or "HAD" in row.fields or row.category == "127":
        sorts.append(templates.HOME_HOSPITAL)
    return [Planned(sort) for sort in sorts]


def _psychiatry(row: Row, turn: int) -> list[Planned]:
    beds, places = row.capacity.beds.get("PSY", 0), row.capacity.places.get("PSY", 0)
    planned = _spread(beds, templates.PSYCHIATRY, 80) + _spread(places, templates.PSYCHIATRY_DAY, 60)
    if planned and row.category in {"292", "101", "355"}:
        planned.extend(Planned(sort) for sort in templates.PSYCHIATRY_CLINICS[: 1 + turn % 2])
    if beds >= GUARDED:
        planned.append(Planned(templates.DIFFICULT_PATIENTS))
    return planned


def _hospital(row: Row) -> list[Planned]:
    turn = chance(0, row.finess, "turn").randrange(6)
    beds, places = row.capacity.beds, row.capacity.places
    planned = [
        *_acute(row, turn),
        *_around_acute(row, turn),
        *_spread(beds.get("SMR", 0), templates.REHABILITATION, 70, turn % 3),
        *_spread(places.get("SMR", 0), templates.REHABILITATION_DAY, 40),
        *_psychiatry(row, turn),
        *_spread(beds.get("USLD", 0), (templates.LONG_STAY,), 1000),
    ]
    if not planned and row.category == "362":
        return [Planned(templates.LONG_STAY)]
    # the source knows the hospital and gives no figure: its consultations at least
    return planned or [Planned(templates.CONSULTATIONS[0])]


def _sizes_of(row: Row, sorts: tuple[Template, ...]) -> list[Planned]:
    """Sizes of the medico-social offers: made up, because no source has them."""
    dice = chance(0, row.finess, "sizes")
    return [Planned(sort, dice.randrange(8, 60) if sort.nature else None) for sort in sorts]


def plan(row: Row) -> tuple[Planned, ...]:
    """The offers of one establishment, in order."""
    if row.kind == "hospital":
        return tuple(_hospital(row))
    if row.kind == "dialysis":
        return tuple(Planned(sort) for sort in templates.DIALYSIS)
    if row.kind in templates.CITY_OFFERS:
        return tuple(Planned(sort) for sort in templates.CITY_OFFERS[row.kind])
    return tuple(_sizes_of(row, templates.MEDICO_SOCIAL[row.kind]))
