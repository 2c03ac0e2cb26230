"""What changed between two releases, against the differences compiled from the lists themselves."""

import csv
from collections import Counter

import pytest

from mappings.nomenclatures.catalogue import DATA, UnknownRelease
from mappings.nomenclatures.differences import Change, CodeChange, Difference, difference


@pytest.fixture(scope="module")
def since_2023() -> Difference:
    return difference("2023-09", "2026-09")


def compiled(listing: str, change: str, *, to: str) -> set[str]:
    """The codes that changes.csv names."""
    with (DATA / "changes.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]
            for row in csv.DictReader(lines)
            if row["nomenclature"].startswith(listing) and row["change"] == change and row["to_version"].startswith(to)
        }


def codes(found: Difference, listing: str, change: Change) -> set[str]:
    return {one.code for one in found.codes if one.listing == listing and one.change is change}


@pytest.mark.parametrize(
    ("listing", "change", "compiled_as", "to", "count"),
    [
        ("R211", Change.ADDED, ("TRE_R211", "added"), "2026", 101),
        ("R211", Change.RELABELLED, ("TRE_R211", "label_changed"), "2026", 109),
        ("J17", Change.LEFT, ("TRE_R211", "left_value_set"), "2026", 5),
        ("R338", Change.ADDED, ("TRE_R338", "added"), "2026", 15),
        ("R338", Change.RELABELLED, ("TRE_R338", "label_changed"), "2026", 2),
        ("R344", Change.ADDED, ("TRE_R344", "added"), "2026", 30),
        ("R344", Change.RELABELLED, ("TRE_R344", "label_changed"), "2026", 13),
        ("R239", Change.ADDED, ("TRE_R239", "added"), "2026", 3),
        ("R239", Change.RELABELLED, ("TRE_R239", "label_changed"), "2026", 3),
        ("R283", Change.RELABELLED, ("TRE_R283", "label_changed"), "2026", 3),
        ("R329", Change.ADDED, ("TRE_R329", "added"), "2026", 2),
        ("J190", Change.LEFT, ("TRE_R332", "left_value_set"), "2025", 1),
    ],
)
def test_the_changes_since_2023(
    listing: str, change: Change, compiled_as: tuple[str, str], to: str, count: int, since_2023: Difference
) -> None:
    found = codes(since_2023, listing, change)
    if change is Change.RELABELLED:
        found |= codes(since_2023, listing, Change.REWORDED)

    assert found == compiled(*compiled_as, to=to)
    assert len(found) == count


@pytest.mark.parametrize(
    ("listing", "change", "compiled_as", "count"),
    [
        ("R210", Change.ADDED, ("TRE_R210", "added"), 307),
        ("R210", Change.ENDED, ("TRE_R210", "ended"), 7),
        ("R211", Change.ADDED, ("TRE_R211", "added"), 88),
        ("R211", Change.RELABELLED, ("TRE_R211", "label_changed"), 35),
        ("R212", Change.ADDED, ("TRE_R212", "added"), 10),
        ("R212", Change.ENDED, ("TRE_R212", "ended"), 1),
        ("R245", Change.ADDED, ("TRE_R245", "added"), 35),
        ("R66", Change.ADDED, ("TRE_R66", "added"), 8),
    ],
)
def test_the_changes_from_2021_to_2023(listing: str, change: Change, compiled_as: tuple[str, str], count: int) -> None:
    found = codes(difference("2021-10", "2023-09"), listing, change)

    assert found == compiled(*compiled_as, to="2023")
    assert len(found) == count


def test_a_deprecation_is_no_end(since_2023: Difference) -> None:
    assert codes(since_2023, "R338", Change.DEPRECATED) == {"12"}
    assert codes(since_2023, "R338", Change.ENDED) == set()


def test_a_change_of_meaning_shows_both_labels(since_2023: Difference) -> None:
    change = CodeChange("R211", "R211", "040", Change.RELABELLED, "Diététique et Nutrition", "Médecine nutritionnelle")

    assert change in since_2023.codes


def test_the_bindings_that_change(since_2023: Difference) -> None:
    found = {(one.element, one.value_set): (one.entered, one.left, one.replaces) for one in since_2023.bindings}

    assert found["service/codedType", "J17"] == (101, 5, None)
    assert found["HealthcareService.specialty:operationalActivity", "J17"] == (101, 5, None)
    assert found["capacityGenderAvailability", "J190"] == (0, 1, None)
    assert found["facilityType", "J238"] == (0, 0, "J34")
    assert ("specificAct", "J16") not in found


def test_what_only_the_newer_release_holds_is_told(since_2023: Difference) -> None:
    assert {"J17", "R369"} <= set(since_2023.first_held)
    assert not {"R211", "J16"} & set(since_2023.first_held)


def test_a_new_code_asks_nothing_of_those_who_hold_the_others(since_2023: Difference) -> None:
    touching = since_2023.touching()

    assert touching["R211", "048"] == (Change.LEFT,)
    assert touching["R338", "12"] == (Change.DEPRECATED,)
    assert ("R211", "594") not in touching


def test_nothing_changes_from_a_release_to_itself() -> None:
    found = difference("2026-09", "2026-09")

    assert (found.codes, found.bindings, found.first_held) == ((), (), ())


def test_backwards_what_was_added_is_gone_from_the_value_sets_only() -> None:
    found = difference("2026-09", "2023-09")

    assert Counter(one.change for one in found.codes)[Change.ADDED] == 0


def test_an_unknown_release_is_told() -> None:
    with pytest.raises(UnknownRelease):
        difference("2023-09", "2030-01")
