"""The access table of the digest's section 10, transcribed row by row and read on the resources."""

from collections import Counter

import pytest

from conformance.reference.national.elements import Json
from conformance.reference.national.entitlement import visible
from conformance.reference.national.store import Standing, Store, is_sensitive

ALL = "012345"


@pytest.fixture(scope="module")
def views(store: Store) -> dict[str, dict[str, Json]]:
    return {profile: visible(store, profile) for profile in ALL}


def profiles_that_see(views: dict[str, dict[str, Json]], reference: str) -> str:
    return "".join(profile for profile in ALL if reference in views[profile])


def of_kind(store: Store, kind: str) -> list[tuple[str, Json, Standing]]:
    return [
        (reference, resource, store.standing(reference))
        for reference, resource in store.resources.items()
        if resource["resourceType"] == kind
    ]


def expected_professionals(standing: Standing) -> str:
    if standing.sensitive:
        return "14"
    seen = (
        {"1", "2", "4", "5"}
        | ({"0"} if "05" in standing.fields else set())
        | ({"3"} if "04" in standing.fields else set())
    )
    return "".join(sorted(seen))


def slug(url: str) -> str:
    return url.rpartition("/")[2]


def test_a_sensitive_offer_and_its_places_are_seen_by_1_and_4_only(store: Store, views) -> None:
    sensitive = [reference for reference, offer, _ in of_kind(store, "HealthcareService") if is_sensitive(offer)]

    assert sensitive
    for reference, _, standing in of_kind(store, "HealthcareService") + of_kind(store, "Location"):
        assert profiles_that_see(views, reference) == ("14" if standing.sensitive else ALL)


def test_organisations_are_seen_by_all(store: Store, views) -> None:
    assert {profiles_that_see(views, reference) for reference, _, _ in of_kind(store, "Organization")} == {ALL}


@pytest.mark.parametrize("kind", ["Practitioner", "PractitionerRole"])
def test_professionals_depend_on_the_field_of_their_offer(store: Store, views, kind: str) -> None:
    cases = Counter()
    for reference, _, standing in of_kind(store, kind):
        assert profiles_that_see(views, reference) == expected_professionals(standing)
        cases[expected_professionals(standing)] += 1

    assert len(cases) >= 2


@pytest.mark.parametrize("table", ["R210", "R245", "R356", "R243"])
def test_advanced_characteristics(store: Store, views, table: str) -> None:
    def held(offer: Json) -> bool:
        return any(f"TRE_{table}-" in one["coding"][0]["system"] for one in offer["characteristic"])

    offers = [(one, standing) for one, offer, standing in of_kind(store, "HealthcareService") if held(offer)]
    for reference, standing in offers:
        seeing = "".join(profile for profile in ALL if reference in views[profile] and held(views[profile][reference]))
        plain = "12345" if "04" in standing.fields else "1245"
        assert seeing == ("14" if standing.sensitive else plain)


def test_capacity_rows(store: Store, views) -> None:
    def statuses(place: Json) -> Counter[str]:
        return Counter(
            part["valueCodeableConcept"]["coding"][0]["code"]
            for one in place["extension"]
            if slug(one["url"]) == "ror-location-supported-capacity"
            for part in one["extension"]
            if part["url"] == "capacityStatus"
        )

    met = Counter()
    for reference, place, standing in of_kind(store, "Location"):
        held = statuses(place)
        met += held
        if standing.sensitive:
            continue
        without_supplementary = Counter({status: count for status, count in held.items() if status != "06"})
        installed = Counter({status: count for status, count in held.items() if status == "01"})
        expected = {
            "0": Counter(),
            "1": held,
            "2": without_supplementary,
            "3": without_supplementary if "04" in standing.fields else Counter(),
            "4": held,
            "5": installed,
        }
        assert {profile: statuses(views[profile][reference]) for profile in ALL} == expected

    assert met["01"]
    assert met["02"]


@pytest.mark.parametrize("extension", ["ror-organization-drop-zone", "ror-organization-level-recours-orsan"])
def test_regulation_data_is_seen_by_1_and_4_only(store: Store, views, extension: str) -> None:
    def held(organization: Json) -> bool:
        return extension in {slug(one["url"]) for one in organization["extension"]}

    holding = [reference for reference, one, _ in of_kind(store, "Organization") if held(one)]

    assert holding
    for reference in holding:
        assert "".join(profile for profile in ALL if held(views[profile][reference])) == "14"


LEVELS = {"0": 1, "1": 3, "2": 2, "4": 1, "5": 2}


def levels(value: object) -> list[int]:
    """Every confidentiality level anywhere in a resource."""
    if isinstance(value, list):
        return [level for one in value for level in levels(one)]
    if not isinstance(value, dict):
        return []
    own = (
        [int(value["valueCodeableConcept"]["coding"][0]["code"])]
        if str(value.get("url", "")).endswith("confidentiality-level")
        else []
    )
    return own + [level for one in value.values() for level in levels(one)]


def test_no_contact_or_telecom_is_above_what_the_profile_may_see(store: Store, views) -> None:
    hidden = Counter()
    for profile in ALL:
        for reference, seen in views[profile].items():
            standing = store.standing(reference)
            highest = LEVELS.get(profile, 2 if "04" in standing.fields else 1)
            before, after = Counter(levels(store.resources[reference])), Counter(levels(seen))
            assert max(after, default=0) <= highest
            hidden[profile] += before.total() - after.total()

    assert hidden["1"] == 0
    assert all(hidden[profile] for profile in "02345")


def test_a_free_contact_keeps_its_free_telecoms(store: Store, views) -> None:
    for reference, offer, standing in of_kind(store, "HealthcareService"):
        if standing.sensitive:
            continue
        free = [one for one in offer["extension"] if slug(one["url"]).endswith("-contact") and set(levels(one)) == {1}]
        for profile in ALL:
            assert [one for one in views[profile][reference]["extension"] if one in free] == free


def test_filtering_leaves_the_stored_resources_whole(store: Store, views) -> None:
    assert views["1"] == store.resources
