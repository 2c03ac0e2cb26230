"""The exposition API over real TLS: headers, pages, refusals (digest sections 2.4, 3 and 6)."""

from itertools import pairwise

import pytest

SUFFIX = {
    "_include": ["HealthcareService:organization", "HealthcareService:location", "PractitionerRole:practitioner"],
    "_include:iterate": "Organization:partof",
    "_revinclude": "PractitionerRole:service",
}


async def status_and_issue(national, headers, path="HealthcareService"):
    async with national.session.get(f"{national.fhir}/{path}", headers=headers, ssl=national.tls(None)) as answer:
        body = await answer.json()
        assert body["resourceType"] == "OperationOutcome"
        return answer.status, body["issue"][0]["code"], answer.headers.get("WWW-Authenticate")


@pytest.mark.parametrize("path", ["metadata", "HealthcareService", "HealthcareService/1"])
async def test_every_read_demands_a_token(national, path: str) -> None:
    headers = national.headers("1")
    del headers["Authorization"]

    assert await status_and_issue(national, headers, path) == (401, "login", 'Bearer realm="ror"')


@pytest.mark.parametrize("token", ["faux", "", "a.b.c"])
async def test_a_wrong_token_is_refused(national, token: str) -> None:
    headers = national.headers("1") | {"Authorization": f"Bearer {token}"}

    assert (await status_and_issue(national, headers))[:2] == (401, "login")


async def test_an_expired_token_is_refused(national) -> None:
    token = national.issuer.issue(national.clients["1"], issuer="https://ror.example", now=800)

    headers = national.headers("1") | {"Authorization": f"Bearer {token}"}
    assert (await status_and_issue(national, headers))[0] == 401


@pytest.mark.parametrize(
    "name",
    [
        "Ror-Profil-Utilisateur-Code",
        "Ror-Profil-Utilisateur-System",
        "Ror-Role-Metier-Code",
        "Ror-Role-Metier-System",
    ],
)
async def test_each_of_the_four_headers_is_demanded(national, name: str) -> None:
    headers = national.headers("1")
    del headers[name]

    assert (await status_and_issue(national, headers))[:2] == (400, "required")


async def test_a_wrong_code_system_is_refused(national) -> None:
    headers = national.headers("1") | {"Ror-Role-Metier-System": "1.2.3"}

    assert (await status_and_issue(national, headers))[:2] == (400, "value")


async def test_a_profile_code_of_another_client_is_refused(national) -> None:
    headers = national.headers("0") | {"Ror-Profil-Utilisateur-Code": "CU22"}

    assert (await status_and_issue(national, headers))[:2] == (403, "forbidden")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("Patient", 404, "not-supported"),
        ("HealthcareService/1", 404, "not-found"),
        ("HealthcareService?inconnu=1", 400, "invalid"),
        ("HealthcareService?specialty:contains=1", 400, "invalid"),
        ("HealthcareService?specialty=", 400, "invalid"),
        ("HealthcareService?_lastUpdated=hier", 400, "invalid"),
        ("HealthcareService?_count=0", 400, "invalid"),
        ("HealthcareService?_count=beaucoup", 400, "invalid"),
        ("HealthcareService?_include=Patient:link", 400, "invalid"),
        ("HealthcareService?organization.identifier=1", 400, "invalid"),
        ("?_getpages=faux", 410, "expired"),
        ("ailleurs/et/encore", 404, "not-found"),
    ],
)
async def test_a_request_that_cannot_be_served_is_an_outcome(national, path: str, status: int, code: str) -> None:
    assert (await status_and_issue(national, national.headers("1"), path))[:2] == (status, code)


async def test_no_hit_is_an_empty_success(national) -> None:
    status, bundle = await national.get("HealthcareService", identifier="84/INCONNU")

    assert (status, bundle["type"], bundle["total"], bundle["entry"]) == (200, "searchset", 0, [])


async def test_a_page_holds_at_most_200_matches(national) -> None:
    _, bundle = await national.get("HealthcareService", _count=1000)

    assert len(bundle["entry"]) == 200
    assert bundle["total"] > 200


async def test_following_the_links_gives_each_match_once(national) -> None:
    _, bundle = await national.get("HealthcareService", _count=90)
    total, seen, sizes = bundle["total"], [], []
    while True:
        sizes.append(len(bundle["entry"]))
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        if "next" not in links:
            break
        assert links["next"].startswith(f"{national.fhir}?_getpages=")
        _, bundle = await national.get(links["next"])

    assert len(seen) == len(set(seen)) == total
    assert set(sizes[:-1]) == {90}
    assert all(int(first) < int(second) for first, second in pairwise(seen))


async def test_a_search_stops_at_the_cap(serve) -> None:
    national = await serve(page=20, cap=50)
    _, bundle = await national.get("HealthcareService")
    sizes = [len(bundle["entry"])]
    while following := [link["url"] for link in bundle["link"] if link["relation"] == "next"]:
        _, bundle = await national.get(following[0])
        sizes.append(len(bundle["entry"]))

    assert sizes == [20, 20, 10]
    assert bundle["total"] > 50


async def test_the_full_offer_brings_everything_around_the_offers(national) -> None:
    _, bundle = await national.get("HealthcareService", _tag="94", **SUFFIX)
    resources = {entry["fullUrl"].removeprefix(f"{national.fhir}/"): entry for entry in bundle["entry"]}
    offers = [entry["resource"] for entry in bundle["entry"] if entry["search"]["mode"] == "match"]

    assert {entry["resource"]["resourceType"] for entry in resources.values()} == {
        "HealthcareService",
        "Location",
        "Organization",
        "Practitioner",
        "PractitionerRole",
    }
    assert all(offer["resourceType"] == "HealthcareService" for offer in offers)
    for entry in resources.values():
        resource = entry["resource"]
        pointed = [
            *([resource["providedBy"]] if "providedBy" in resource else []),
            *([resource["partOf"]] if "partOf" in resource else []),
            *resource.get("location", []),
            *([resource["practitioner"]] if "practitioner" in resource else []),
        ]
        assert all(one["reference"] in resources for one in pointed)


async def test_a_search_may_be_posted(national) -> None:
    async with national.session.post(
        f"{national.fhir}/HealthcareService/_search",
        data={"_tag": "94", "_count": "3"},
        headers=national.headers("1"),
        ssl=national.tls(None),
    ) as answer:
        bundle = await answer.json()

    assert (answer.status, len(bundle["entry"])) == (200, 3)


async def test_a_read_gives_what_a_search_found(national) -> None:
    _, bundle = await national.get("Organization", _count=1)
    found = bundle["entry"][0]["resource"]

    assert await national.get(f"Organization/{found['id']}") == (200, found)


async def test_the_statement_lists_what_the_server_does(national) -> None:
    status, statement = await national.get("metadata")
    resources = {one["type"]: one for one in statement["rest"][0]["resource"]}

    assert (status, statement["fhirVersion"]) == (200, "4.0.1")
    assert set(resources) == {"HealthcareService", "Location", "Organization", "Practitioner", "PractitionerRole"}
    names = {one["name"]: one["type"] for one in resources["HealthcareService"]["searchParam"]}
    assert names["organization.identifier:above"] == "token"
    assert names["location.address-postalcode"] == "string"
    assert names["_lastUpdated"] == "date"
    for kind, one in resources.items():
        for parameter in one["searchParam"]:
            value = "2026-01-01" if parameter["type"] == "date" else "1"
            assert (await national.get(kind, **{parameter["name"]: value}))[0] == 200
