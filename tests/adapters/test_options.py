"""What may be declared of a member: every row of section 15.2, each value understood, a mistyped one refused."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

import adapters
from adapters.manifest import Manifest, load
from adapters.options import OPTIONS, ROWS, OptionRefused, adapted
from mappings.csd.identifiers import IDNAT_STRUCT, TYPES_OF_STRUCT
from mappings.csd.requests import Spelling

GENERIC = load(Path(adapters.__file__).parent / "generic")


def test_every_row_of_section_15_2_has_an_option() -> None:
    assert {option.row for option in OPTIONS.values()} >= ROWS
    assert len(ROWS) == 15


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, option in OPTIONS.items() for value in option.values]
)
def test_every_value_shown_can_be_declared(name: str, value: str) -> None:
    assert isinstance(adapted(GENERIC, {name: value}), Manifest)


def test_an_option_that_tells_nothing_changes_nothing() -> None:
    silent = {name: option.values[0] for name, option in OPTIONS.items() if not option.english}

    assert len(silent) == 9
    assert adapted(GENERIC, silent) == adapted(GENERIC, {})


CHANGES: list[tuple[str, str, Any, Any]] = [
    ("interface-version", "2.6", lambda made: made.habits.interface, "2.6"),
    ("hierarchy", "chain", lambda made: made.habits.dialect, {"hierarchy": "chain"}),
    ("structures", "digit", lambda made: made.habits.spelling, Spelling()),
    ("structures", "bare", lambda made: made.habits.spelling, Spelling(False, IDNAT_STRUCT)),
    ("structures", "digit-under-types", lambda made: made.habits.spelling, Spelling(True, TYPES_OF_STRUCT)),
    ("structures", "bare-under-types", lambda made: made.habits.spelling, Spelling(False, TYPES_OF_STRUCT)),
    ("restricted-organisation", "words", lambda made: made.habits.spelling, Spelling(words=True)),
    ("search-codes", "bare", lambda made: made.search.padded_codes, False),
    ("search-cap", "70", lambda made: made.search.cap, 70),
    ("search-no-result", "406", lambda made: made.search.no_result_codes, {406}),
    ("facility-number", "wrong", lambda made: made.habits.counts, False),
    ("facility-number", "right", lambda made: made.habits.counts, True),
    ("connections", "2", lambda made: made.limits.connections, 2),
    ("timezone", "Indian/Reunion", lambda made: made.habits.dialect, {"timezone": "Indian/Reunion"}),
]


@pytest.mark.parametrize(("name", "value", "seen", "expected"), CHANGES, ids=[f"{one[0]}={one[1]}" for one in CHANGES])
def test_what_an_option_changes(name: str, value: str, seen: Any, expected: Any) -> None:
    assert seen(adapted(GENERIC, {name: value})) == expected


def test_a_habit_of_the_member_prevails_over_that_of_its_solution() -> None:
    ir = load(Path(adapters.__file__).parent / "ir")

    assert adapted(ir, {}).habits.dialect == {"hierarchy": "chain"}
    assert adapted(ir, {"hierarchy": "flat"}).habits.dialect == {"hierarchy": "flat"}


def test_a_solution_without_a_search_has_no_habits_of_one() -> None:
    silent = msgspec.structs.replace(GENERIC, search=None)

    assert adapted(silent, {"search-codes": "bare", "search-cap": "50"}).search is None


REFUSED = [
    ("hierarchie", "chain", None, "hierarchy"),
    ("hierarchy", "chian", "chian", "chain"),
    ("structures", "Digit", "Digit", "digit"),
    ("search-cap", "0", "0", None),
    ("search-cap", "many", "many", None),
    ("search-no-result", "none", "none", None),
    ("interface-version", "two", "two", None),
    ("timezone", "Europe/Pari", "Europe/Pari", None),
    ("connections", "-1", "-1", None),
]


@pytest.mark.parametrize(
    ("name", "value", "told", "nearest"), REFUSED, ids=[re.sub(r"\W", "-", f"{one[0]} {one[1]}") for one in REFUSED]
)
def test_what_cannot_be_declared_is_refused_with_the_nearest_spelling(
    name: str, value: str, told: str | None, nearest: str | None
) -> None:
    with pytest.raises(OptionRefused) as refusal:
        adapted(GENERIC, {name: value})

    assert (refusal.value.name, refusal.value.value, refusal.value.nearest) == (name, told, nearest)
