"""The include set, directive by directive (digest section 6)."""

import pytest

from conformance.reference.national.includes import included
from conformance.reference.national.search import BadSearch
from conformance.reference.national.store import Store, ancestors, references


@pytest.fixture(scope="module")
def role(store: Store) -> str:
    """A role whose offer hangs on an internal organisation."""
    for reference, resource in store.resources.items():
        if resource["resourceType"] == "PractitionerRole":
            offer = store.resources[references(resource, "healthcareService")[0]]
            if len(list(ancestors(store.resources, offer))) > 2:
                return reference
    raise AssertionError("no role under an internal organisation")


@pytest.fixture(scope="module")
def offer(store: Store, role: str) -> str:
    return references(store.resources[role], "healthcareService")[0]


def test_the_provider_alone_or_with_its_ancestors(store: Store, offer: str) -> None:
    chain = list(ancestors(store.resources, store.resources[offer]))
    provider = ("_include", "HealthcareService:organization")

    assert included(store.resources, [offer], [provider]) == chain[:1]
    assert included(store.resources, [offer], [provider, ("_include", "Organization:partof")]) == chain[:1]
    assert included(store.resources, [offer], [provider, ("_include:iterate", "Organization:partof")]) == chain


def test_the_places_of_an_offer_and_the_offers_of_a_place(store: Store, offer: str) -> None:
    places = references(store.resources[offer], "location")

    assert included(store.resources, [offer], [("_include", "HealthcareService:location")]) == places
    assert offer in included(store.resources, places[:1], [("_revinclude", "HealthcareService:location")])


def test_the_people_of_roles_that_were_themselves_included(store: Store, offer: str, role: str) -> None:
    directives = [("_revinclude", "PractitionerRole:service"), ("_include", "PractitionerRole:practitioner")]
    people = references(store.resources[role], "practitioner")

    assert {role, *people} <= set(included(store.resources, [offer], directives))


def test_a_match_is_never_included_twice(store: Store, offer: str) -> None:
    places = references(store.resources[offer], "location")
    directives = [("_include", "HealthcareService:location"), ("_revinclude:iterate", "HealthcareService:location")]
    found = included(store.resources, [offer], directives)

    assert len(found) == len(set(found))
    assert offer not in found
    assert set(places) <= set(found)


def test_what_the_profile_does_not_see_is_not_included(store: Store, offer: str) -> None:
    places = references(store.resources[offer], "location")
    view = {reference: one for reference, one in store.resources.items() if reference not in places}

    assert included(view, [offer], [("_include", "HealthcareService:location")]) == []


@pytest.mark.parametrize("name", ["_include", "_include:iterate", "_revinclude"])
def test_an_unknown_directive_is_refused(store: Store, offer: str, name: str) -> None:
    with pytest.raises(BadSearch):
        included(store.resources, [offer], [(name, "Patient:link")])
