"""The profiles' rules worth an automatic check, on every resource the server holds (digest sections 7, 9 and 15)."""

import re

import pytest

from conformance.reference.content import content
from conformance.reference.national.elements import CANONICAL, SYSTEMS, Json
from conformance.reference.national.resources import write
from conformance.reference.national.store import Store

REGIONS = {"94", "02"}


def of_kind(store: Store, kind: str) -> list[Json]:
    found = [resource for resource in store.resources.values() if resource["resourceType"] == kind]
    assert found
    return found


def slugs(resource: Json) -> list[str]:
    return [one["url"].removeprefix(f"{CANONICAL}/") for one in resource["extension"]]


def table(coding: Json) -> str:
    found = re.search(r"TRE_([A-Z]\d+)-", coding["system"])
    return found[1] if found else coding["system"]


def codings(concepts: list[Json], name: str) -> list[str]:
    return [coding["code"] for concept in concepts for coding in concept["coding"] if table(coding) == name]


def part(extension: Json, name: str) -> Json:
    return next(one for one in extension["extension"] if one["url"].rpartition("/")[2] == name)


def everywhere(value: object, name: str) -> list[Json]:
    """Every element of that name anywhere below."""
    if isinstance(value, list):
        return [found for one in value for found in everywhere(one, name)]
    if not isinstance(value, dict):
        return []
    own = value.get(name, [])
    return (own if isinstance(own, list) else [own]) + [
        found for one in value.values() for found in everywhere(one, name)
    ]


def test_every_resource_has_dates_profile_and_region(store: Store) -> None:
    for resource in store.resources.values():
        assert slugs(resource).count("ror-meta-creation-date") == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", resource["meta"]["lastUpdated"])
        assert resource["meta"]["profile"] == [f"{CANONICAL}/ror-{resource['resourceType'].lower()}"]
        assert {tag["code"] for tag in resource["meta"]["tag"]} <= REGIONS


def test_every_system_is_a_published_url_or_a_local_list_of_a_region(store: Store) -> None:
    used = {one["system"] for resource in store.resources.values() for one in everywhere(resource, "coding")}

    local = {one for one in used if one.startswith("urn:oid:1.2.250.1.213.99.99.")}
    assert used - local <= set(SYSTEMS.values())


def test_every_telecom_has_a_channel_and_a_level(store: Store) -> None:
    met = 0
    for resource in store.resources.values():
        for telecom in everywhere(resource, "telecom"):
            met += 1
            assert telecom["value"]
            assert slugs(telecom).count("ror-telecom-communication-channel") == 1
            assert slugs(telecom).count("ror-telecom-confidentiality-level") == 1

    assert met


def test_every_offer_obeys_its_profile(store: Store) -> None:
    for offer in of_kind(store, "HealthcareService"):
        assert slugs(offer).count("ror-healthcareservice-sensitive-unit") == 1
        assert slugs(offer).count("ror-healthcareservice-patient-type") == 1
        assert len(offer["identifier"]) == 1
        assert re.fullmatch(r"(94|02)/.+", offer["identifier"][0]["value"])
        assert codings([offer["identifier"][0]["type"]], "R355") == ["35"]
        assert len(codings(offer["type"], "R227")) == 1
        assert codings(offer["specialty"], "R211")
        assert len(codings(offer["characteristic"], "R213")) == 1
        assert offer["name"]
        ages = part(next(one for one in offer["extension"] if one["url"].endswith("-patient-type")), "ageRange")[
            "valueRange"
        ]
        assert ages["low"]["value"] <= ages["high"]["value"]


def test_acts_alone_say_which_kind_of_act_they_are(store: Store) -> None:
    for offer in of_kind(store, "HealthcareService"):
        for one in offer["characteristic"]:
            kinds = [extension["valueCode"] for extension in one.get("extension", [])]
            assert bool(kinds) == (table(one["coding"][0]) == "R210")
            assert set(kinds) <= {"specificAct", "outsideOfficeAct"}


def test_every_opening_slot_has_one_day_said_twice(store: Store) -> None:
    slots = [slot for offer in of_kind(store, "HealthcareService") for slot in offer.get("availableTime", [])]

    assert slots
    for slot in slots:
        number = next(one["valueInteger"] for one in slot["extension"] if one["url"].endswith("days-of-week"))
        assert slot["daysOfWeek"] == [("mon", "tue", "wed", "thu", "fri", "sat", "sun")[number - 1]]
        assert all(re.fullmatch(r"\d\d:\d\d:\d\d", slot[key]) for key in slot if key.startswith("available"))


def test_every_place_has_a_commune_and_whole_capacity_rows(store: Store) -> None:
    mandatory = {
        "capacityType",
        "capacityStatus",
        "temporalityCapacity",
        "nbCapacity",
        "capacitySourceType",
        "capacityUpdateDate",
        "temporaryAssignement",
    }
    rows = 0
    for place in of_kind(store, "Location"):
        assert slugs(place).count("ror-commune-cog") == 1
        for one in place["extension"]:
            if one["url"].endswith("supported-capacity"):
                rows += 1
                assert mandatory <= {inner["url"] for inner in one["extension"]}

    assert rows


def test_organisations_are_told_by_their_identifiers_and_types(store: Store) -> None:
    levels = {"R72": "EJ", "R66": "EG", "R02": "EG", "R207": "OI"}
    chain = set()
    for organization in of_kind(store, "Organization"):
        kinds = {
            levels[table(coding)] for one in organization["type"] for coding in one["coding"] if table(coding) in levels
        }
        assert len(kinds) == 1
        kind = kinds.pop()
        types = [one["type"]["coding"][0]["code"] for one in organization["identifier"]]
        assert types[:2] == (["42"] if kind == "OI" else ["40", "1"])
        if kind != "OI":
            national, finess = (one["value"] for one in organization["identifier"][:2])
            assert national == f"1{finess}"
        above = store.resources[organization["partOf"]["reference"]] if "partOf" in organization else None
        above_tables = {table(coding) for one in above["type"] for coding in one["coding"]} if above else set()
        chain.add((kind, next((levels[one] for one in above_tables if one in levels), None)))

    assert chain == {("EJ", None), ("EG", "EJ"), ("OI", "EG"), ("OI", "OI")}


def test_every_role_links_a_person_to_an_offer(store: Store) -> None:
    for role in of_kind(store, "PractitionerRole"):
        assert store.resources[role["practitioner"]["reference"]]["resourceType"] == "Practitioner"
        assert [store.resources[one["reference"]]["resourceType"] for one in role["healthcareService"]] == [
            "HealthcareService"
        ]
        assert len(codings(role["code"], "G15")) == 1
        assert slugs(role).count("ror-practitionerrole-unit-exercise-mode") == 1
        assert slugs(role).count("ror-practitionerrole-name") == 1


@pytest.mark.parametrize("member", ["84", "93"])
def test_prices_and_territories_of_an_establishment_are_written(member: str) -> None:
    established = [
        (one.establishment, written.body)
        for one in content(member).establishments()
        for written in write(one)
        if written.key == f"1{one.establishment.finess}"
    ]

    assert any(establishment.prices for establishment, _ in established)
    for establishment, body in established:
        prices = [one for one in body["extension"] if one["url"].endswith("organization-price")]
        amounts = [part(one, "amount")["valueMoney"]["value"] for one in prices]
        assert amounts == [price.amount for price in establishment.prices]
        territories = [one for one in body["extension"] if one["url"].endswith("territorial-division")]
        assert len(territories) == len(establishment.territories)
