import json

from fhirclient.models.bundle import Bundle

from mappings.exposition.repertoire import Repertoire
from mappings.fhir.bundle import collection, resources_of, searchset
from mappings.fhir.encoding import encode
from mappings.fhir.outcome import ignored_issues, issue, operation_outcome
from mappings.fhir.search import read_search
from mappings.fhir.write import write
from mappings.loss import Ledger

BASE = "https://passerelle.exemple.fr/ws-diffusion-fhir"
OFFER, PLACE = "HealthcareService/84.UE-0001", "Location/84.L-1"


def test_a_searchset_is_absolute_and_says_what_each_entry_is(region: Repertoire) -> None:
    resources = write(region, ledger=Ledger())
    request = read_search(
        "HealthcareService",
        [("_tag", "R30|84"), ("_sort", "name"), ("_count", "500"), ("_cursor", "first page")],
        strict=False,
    )
    outcome = operation_outcome(ignored_issues(request.ignored, "fr"))

    bundle = searchset(
        base=BASE,
        request=request,
        matches={OFFER: resources[OFFER]},
        included={PLACE: resources[PLACE]},
        total=41,
        next_cursor="a+b/c=",
        outcome=outcome,
    )

    assert bundle["total"] == 41
    assert bundle["link"] == [
        {"relation": "self", "url": f"{BASE}/HealthcareService?_tag=R30%7C84&_count=200&_cursor=first%20page"},
        {"relation": "next", "url": f"{BASE}/HealthcareService?_tag=R30%7C84&_count=200&_cursor=a%2Bb/c%3D"},
    ]
    assert [(entry.get("fullUrl"), entry["search"]["mode"]) for entry in bundle["entry"]] == [
        (f"{BASE}/{OFFER}", "match"),
        (f"{BASE}/{PLACE}", "include"),
        (None, "outcome"),
    ]
    assert Bundle(json.loads(encode(bundle)), strict=True).total == 41


def test_no_hit_is_a_bundle_without_entries() -> None:
    request = read_search("Location", [], strict=False)

    bundle = searchset(base=BASE, request=request, matches={}, included={}, total=0)

    assert bundle == {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
        "link": [{"relation": "self", "url": f"{BASE}/Location"}],
    }


def test_the_resources_of_a_bundle_are_found_by_relative_reference(region: Repertoire) -> None:
    resources = write(region, ledger=Ledger())
    request = read_search("HealthcareService", [], strict=False)
    outcome = operation_outcome([issue("processing", "x", "y")])
    bundle = searchset(base=BASE, request=request, matches=resources, included={}, total=1, outcome=outcome)

    assert resources_of(bundle) == resources
    assert resources_of(collection(resources.values())) == resources
