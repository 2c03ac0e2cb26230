"""The FHIR door over real TLS: each bad input has its exact answer, and one log line carries its exchange id."""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from yarl import URL

from gateway.app import Gateway, running
from gateway.doors.access_token import AccessTokens, signing_key
from gateway.replica.store import Progress
from mappings.exposition.contact import Telecommunication
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Metadonnee
from mappings.fhir.xml import from_xml

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World

PROFILE_2 = {
    "Ror-Profil-Utilisateur-Code": "CU20",
    "Ror-Profil-Utilisateur-System": "1.2.250.1.213.1.6.1.66",
    "Ror-Role-Metier-Code": "AUTOMATE",
    "Ror-Role-Metier-System": "1.2.250.1.213.1.1.4.6",
}
CLIENT = "client-profil-2"


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: Any
    resource: dict[str, Any]

    @property
    def code(self) -> str:
        """The stable code of the outcome."""
        return str(self.resource["issue"][0]["details"]["coding"][0]["code"])

    @property
    def text(self) -> str:
        return str(self.resource["issue"][0]["diagnostics"])


async def token(world: "World", gateway: Gateway, client: str = CLIENT) -> str:
    form = {"grant_type": "client_credentials", "client_id": client}
    async with (
        aiohttp.ClientSession() as session,
        session.post(gateway.token, data=form, ssl=world.client_context(f"client-{client}")) as response,
    ):
        return str((await response.json())["access_token"])


async def asked(
    world: "World", gateway: Gateway, path: str, *, method: str = "GET", data: Any = None, **headers: str | None
) -> Answered:
    """`headers` are added to those of a good call, or taken away with None; underscores stand for hyphens."""
    sent: dict[str, str | None] = {**PROFILE_2, "Authorization": f"Bearer {await token(world, gateway)}"}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    kept = {name: value for name, value in sent.items() if value is not None}
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method, f"{gateway.fhir}/{path}", headers=kept, data=data, ssl=world.client_context(None)
        ) as response,
    ):
        return Answered(response.status, response.headers, await response.json(content_type=None))


BAD: dict[str, tuple[str, dict[str, str | None], int, str]] = {
    "unknown-type": ("Patient", {}, 404, "unknown-type"),
    "unknown-type-read": ("Patient/1", {}, 404, "unknown-type"),
    "unknown-address": ("HealthcareService/1/2/3", {}, 404, "unknown-address"),
    "strict": ("HealthcareService?foo=bar", {"Prefer": "handling=strict"}, 400, "unknown-parameter"),
    "strict-quoted": ("HealthcareService?foo=bar", {"Prefer": 'a, handling="strict"'}, 400, "unknown-parameter"),
    "strict-preference": ("HealthcareService", {"Prefer": "handling=strict, max-age=soon"}, 400, "bad-preference"),
    "strict-no-preference": ("Location/84.L", {"Prefer": "handling=strict, ,max age"}, 400, "bad-preference"),
    "count-negative": ("HealthcareService?_count=-1", {}, 400, "bad-count"),
    "count-text": ("HealthcareService?_count=abc", {}, 400, "bad-count"),
    "bad-date": ("HealthcareService?_lastUpdated=ge2026-13-01", {}, 400, "bad-parameter"),
    "cursor": ("HealthcareService?_cursor=AAAA", {}, 400, "bad-cursor"),
    "turtle": ("HealthcareService", {"Accept": "text/turtle"}, 406, "not-acceptable"),
    "turtle-format": ("HealthcareService?_format=ttl", {}, 406, "not-acceptable"),
    "no-token": ("HealthcareService", {"Authorization": None}, 401, "no-token"),
    "not-bearer": ("HealthcareService", {"Authorization": "Basic YTpi"}, 400, "bad-authorization"),
    "token-in-address": ("HealthcareService?access_token=x", {}, 400, "bad-authorization"),
    "bad-token": ("HealthcareService", {"Authorization": "Bearer a.b.c"}, 401, "invalid-token"),
    "missing-header": ("HealthcareService", {"Ror_Role_Metier_Code": None}, 400, "missing-header"),
    "unknown-profile": ("HealthcareService", {"Ror_Profil_Utilisateur_Code": "CU99"}, 400, "unknown-profile"),
    "not-granted": ("HealthcareService", {"Ror_Profil_Utilisateur_Code": "CU22"}, 403, "profile-not-granted"),
}


@pytest.mark.parametrize(("path", "headers", "status", "code"), BAD.values(), ids=BAD)
async def test_refused(
    world: "World", gateway: Gateway, log: "Log", path: str, headers: dict[str, str | None], status: int, code: str
) -> None:
    answer = await asked(world, gateway, path, **headers)

    assert (answer.status, answer.resource["resourceType"], answer.code) == (status, "OperationOutcome", code)
    assert answer.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert answer.headers["Server"] == "inter-ror"
    (line,) = log.of(answer.headers["X-Request-Id"])
    assert (line["event"], line["door"], line["code"], line["status"]) == ("exchange_ended", "fhir", code, status)


async def test_the_known_types_are_named(world: "World", gateway: Gateway) -> None:
    answer = await asked(world, gateway, "Patient", Accept_Language="en")

    types = "HealthcareService, Location, Organization, Practitioner, PractitionerRole"
    assert answer.text == f"Unknown resource type. Types served: {types}."


async def test_the_language_is_french_unless_asked(world: "World", gateway: Gateway) -> None:
    answer = await asked(world, gateway, "HealthcareService?_count=abc")

    assert answer.resource["language"] == "fr"
    assert answer.text == "_count doit être un nombre entier positif ou nul."


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, 'Bearer realm="ror"'),
        ("Bearer a.b.c", 'Bearer realm="ror", error="invalid_token"'),
        ("Digest x", 'Bearer realm="ror", error="invalid_request"'),
    ],
    ids=["none", "bad", "other"],
)
async def test_the_challenge(world: "World", gateway: Gateway, authorization: str | None, challenge: str) -> None:
    answer = await asked(world, gateway, "HealthcareService", Authorization=authorization)

    assert answer.headers["WWW-Authenticate"] == challenge


async def test_a_token_of_another_issuer_or_out_of_date(world: "World", gateway: Gateway, log: "Log") -> None:
    issuer = gateway.token.removesuffix("/protocol/openid-connect/token")
    foreign = AccessTokens(signing_key(None), issuer, gateway.fhir, 300, 60)
    now = int(time.time())

    for made in (foreign.issue(CLIENT, now=now, identifier="a"), foreign.issue(CLIENT, now=now - 999, identifier="b")):
        answer = await asked(world, gateway, "HealthcareService", Authorization=f"Bearer {made}")

        assert (answer.status, answer.code) == (401, "invalid-token")
        assert made not in log.text


async def test_metadata_needs_no_token(world: "World", gateway: Gateway) -> None:
    nothing = dict.fromkeys(name.replace("-", "_") for name in PROFILE_2)
    answer = await asked(world, gateway, "metadata", Authorization=None, **nothing)

    assert (answer.status, answer.resource["resourceType"]) == (200, "CapabilityStatement")
    assert answer.resource["fhirVersion"] == "4.0.1"
    assert answer.resource["implementation"]["url"] == gateway.fhir


@pytest.mark.parametrize(
    ("path", "accept", "status", "resource_type"),
    [
        ("metadata", "application/fhir+xml", 200, "CapabilityStatement"),
        ("metadata?_format=xml", "application/json", 200, "CapabilityStatement"),
        ("HealthcareService", "application/fhir+xml", 401, "OperationOutcome"),
        ("HealthcareService/1/2/3", "application/xml", 404, "OperationOutcome"),
    ],
    ids=["accept", "format", "refusal", "no-such-address"],
)
async def test_the_same_in_xml(
    world: "World", gateway: Gateway, path: str, accept: str, status: int, resource_type: str
) -> None:
    json = await asked(world, gateway, path.partition("?")[0], Accept="application/fhir+json", Authorization=None)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{gateway.fhir}/{path}", headers={"Accept": accept}, ssl=world.client_context(None)) as response,
    ):
        resource = from_xml(await response.read())

    assert (response.status, resource["resourceType"]) == (status, resource_type)
    assert response.headers["Content-Type"] == "application/fhir+xml; charset=utf-8"
    assert resource == json.resource


async def test_a_form_is_a_form(world: "World", gateway: Gateway) -> None:
    json = await asked(world, gateway, "HealthcareService/_search", method="POST", data=b"{}", Content_Type="text/json")
    other = await asked(world, gateway, "HealthcareService", method="POST", data={"_count": "1"})
    strict = await asked(
        world, gateway, "HealthcareService/_search", method="POST", data={"foo": "1"}, Prefer="handling=strict"
    )

    assert (json.status, json.code) == (415, "unsupported-media-type")
    assert (other.status, other.code) == (405, "method-not-allowed")
    assert (strict.status, strict.code) == (400, "unknown-parameter")


async def test_total_failure_is_not_an_empty_bundle(world: "World", gateway: Gateway, log: "Log") -> None:
    answer = await asked(world, gateway, "HealthcareService?_tag=84", Prefer="source=live")

    assert answer.status in {502, 503, 504}
    assert answer.resource["resourceType"] == "OperationOutcome"
    assert "m84;s=" in answer.headers["Ror-Coverage"]
    (line,) = log.of(answer.headers["X-Request-Id"])
    assert set(line["members"]) == {"84", "93"}


async def test_a_member_that_could_never_be_copied_is_told_as_unreachable(world: "World", gateway: Gateway) -> None:
    async with asyncio.timeout(20):
        await gateway.filled()

    answer = await asked(world, gateway, "Organization?_tag=84", Accept_Language="en")

    assert (answer.status, answer.code) == (502, "members-unavailable")
    assert "m84;s=unreachable;ms=" in answer.headers["Ror-Coverage"]
    assert "m93;s=not_asked;r=territory" in answer.headers["Ror-Coverage"]
    told = next(one for one in answer.resource["issue"] if one["diagnostics"].startswith("member=84"))
    assert told["details"]["text"] == "ROR 84 cannot be reached."
    assert told["diagnostics"].startswith("member=84 cause=")


async def test_a_preference_that_is_not_applied_is_told(world: "World", gateway: Gateway) -> None:
    answer = await asked(
        world, gateway, "HealthcareService", Prefer="coverage=yes, source=live, return=minimal", Accept_Language="en"
    )

    told = [issue for issue in answer.resource["issue"] if issue["details"]["coding"][0]["code"] == "bad-preference"]
    assert answer.headers["Preference-Applied"] == "source=live"
    assert [(issue["severity"], issue["diagnostics"]) for issue in told] == [
        ("warning", f'The preference "{preference}" is not understood: it is not applied.')
        for preference in ("coverage=yes", "return=minimal")
    ]


PROFILE_1 = "client-profil-1"


@pytest.mark.parametrize(
    ("certificate", "status", "code"),
    [
        pytest.param(f"client-{CLIENT}", 502, "members-unavailable", id="its own"),
        pytest.param("member-84-client", 502, "members-unavailable", id="of no client"),
        pytest.param(f"client-{PROFILE_1}", 401, "invalid-token", id="of another client"),
    ],
)
async def test_a_token_shown_with_a_certificate(
    world: "World", gateway: Gateway, certificate: str, status: int, code: str
) -> None:
    async with asyncio.timeout(20):
        await gateway.filled()
    headers = {**PROFILE_2, "Authorization": f"Bearer {await token(world, gateway)}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{gateway.fhir}/Organization", headers=headers, ssl=world.client_context(certificate)) as response,
    ):
        answer = Answered(response.status, response.headers, await response.json(content_type=None))

    assert (answer.status, answer.code) == (status, code)


FORGED: dict[str, dict[str, str]] = {
    "another-code": {"Ror-Profil-Utilisateur-Code": "CU22"},
    "two-codes": {"Ror-Profil-Utilisateur-Code": "CU20, CU22"},
    "another-system": {"Ror-Profil-Utilisateur-System": "1.2.3"},
    "another-role": {"Ror-Role-Metier-Code": "MEDECIN"},
    "blank": {"Ror-Role-Metier-System": " "},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
async def test_forged_headers(world: "World", gateway: Gateway, log: "Log", forged: dict[str, str]) -> None:
    answer = await asked(world, gateway, "HealthcareService", **{**PROFILE_2, **forged})

    assert answer.status in {400, 403}
    assert answer.code in {"profile-not-granted", "unknown-profile", "missing-header"}
    assert len(log.of(answer.headers["X-Request-Id"])) == 1


@pytest.mark.parametrize("name", ["Authorization", "Ror-Profil-Utilisateur-Code"])
async def test_a_header_sent_twice(world: "World", gateway: Gateway, name: str) -> None:
    good = {**PROFILE_2, "Authorization": f"Bearer {await token(world, gateway)}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            f"{gateway.fhir}/HealthcareService",
            headers=[*good.items(), (name, good[name])],
            ssl=world.client_context(None),
        ) as response,
    ):
        answer = Answered(response.status, response.headers, await response.json(content_type=None))

    expected = "bad-authorization" if name == "Authorization" else "missing-header"
    assert (answer.status, answer.code) == (400, expected)


@pytest.mark.parametrize("query", ["%00=1", "name=a%01", "_tag=84%ef%bf%bf", "%1b[31m=x"])
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_characters_that_no_answer_can_tell_back_are_refused(
    world: "World", gateway: Gateway, log: "Log", query: str, form: str
) -> None:
    headers = {**PROFILE_2, "Authorization": f"Bearer {await token(world, gateway)}", "Prefer": "handling=strict"}
    url = URL(f"{gateway.fhir}/HealthcareService?_format={form}&{query}", encoded=True)
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers=headers, ssl=world.client_context(None)) as response,
    ):
        content = await response.text()

    assert (response.status, "bad-parameter" in content) == (400, True)
    assert len(log.of(response.headers["X-Request-Id"])) == 1


# A site under the identifier of its legal entity, decision 0025 ----------------------------------------------------

SHARED = "1590053955"


async def _hold_a_site_under_the_identifier_of_its_legal_entity(gateway: Gateway) -> None:
    await gateway.filled()
    now = datetime.now(UTC)
    record = Metadonnee(date_mise_a_jour=now, region_source="84")
    repertoire = Repertoire(
        (EntiteJuridique(SHARED, raison_sociale="La société", metadonnee=record),),
        (EntiteGeographique(SHARED, SHARED, denomination="La maison", metadonnee=record),),
        offres=(
            OffreOperationnelle(
                "84/UE-1",
                nom="Unité",
                organisation=SHARED,
                entite_geographique=SHARED,
                champs_activite=(Code("R227", "01"),),
                mode_prise_en_charge=Code("R213", "28"),
            ),
        ),
    )
    await gateway.replica.store_establishment("84", SHARED, repertoire, seen_at=now.timestamp())
    await gateway.replica.record(
        Progress(member="84", state="current", last_success=now.timestamp(), contract="3.0", nos="2026-09")
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("Organization?identifier=590053955", ["La maison", "La société"], id="by the identifier"),
        pytest.param(f"Organization?_id={SHARED}", ["La maison"], id="by the id of the site"),
        pytest.param(f"Organization?_id={SHARED}.EJ", ["La société"], id="by the id of the legal entity"),
        pytest.param(f"Organization?_id={SHARED},{SHARED}.EJ", ["La maison", "La société"], id="by both ids"),
        pytest.param(
            "HealthcareService?_include=HealthcareService:organization&_include:iterate=Organization:partof",
            ["Unité", "La maison", "La société"],
            id="above an offer",
        ),
    ],
)
async def test_a_site_and_its_legal_entity_of_one_identifier_are_both_served(
    world: "World", gateway: Gateway, query: str, names: list[str]
) -> None:
    await _hold_a_site_under_the_identifier_of_its_legal_entity(gateway)

    answer = await asked(world, gateway, query, Prefer="source=replica")

    entries = [entry for entry in answer.resource["entry"] if entry["search"]["mode"] != "outcome"]
    assert [entry["resource"]["name"] for entry in entries] == names
    assert answer.resource["total"] == sum(entry["search"]["mode"] == "match" for entry in entries)


@pytest.mark.parametrize(("identifier", "name"), [(SHARED, "La maison"), (f"{SHARED}.EJ", "La société")])
async def test_each_of_the_two_is_read_by_its_id(world: "World", gateway: Gateway, identifier: str, name: str) -> None:
    await _hold_a_site_under_the_identifier_of_its_legal_entity(gateway)

    answer = await asked(world, gateway, f"Organization/{identifier}", Prefer="source=replica")

    assert (answer.status, answer.resource["id"], answer.resource["name"]) == (200, identifier, name)


LEVELS = ("1", "2", "3")
# Profile 1 asks first: what is remembered of it is more than the others may see.
ASKING = [("client-profil-1", "CU22"), ("client-profil-3", "CU19"), ("client-profil-2", "CU20")] * 2


async def _hold_telecoms_of_every_level(gateway: Gateway) -> None:
    await gateway.filled()
    now = datetime.now(UTC)
    telecoms = tuple(
        Telecommunication(Code("R200", "1"), f"0400{level}", niveau_confidentialite=Code("R283", level))
        for level in LEVELS
    )
    site = EntiteGeographique(SHARED, denomination="La maison", telecommunications=telecoms)
    await gateway.replica.store_establishment(
        "84", SHARED, Repertoire(entites_geographiques=(site,)), seen_at=now.timestamp()
    )
    await gateway.replica.record(
        Progress(member="84", state="current", last_success=now.timestamp(), contract="3.0", nos="2026-09")
    )


async def test_a_caller_gets_what_it_gets_cold_whoever_asked_before(world: "World", tmp_path: Path, log: "Log") -> None:
    told: dict[int, list[Any]] = {}
    for room in (0, 10_000_000):
        folder = tmp_path / str(room)
        folder.mkdir()
        async with running(world.configuration(folder, limits={"memory": room})) as gateway:
            await _hold_telecoms_of_every_level(gateway)
            told[room] = []
            for client, profile in ASKING:
                bearer = f"Bearer {await token(world, gateway, client)}"
                answer = await asked(
                    world,
                    gateway,
                    f"Organization?_id={SHARED}",
                    Prefer="source=replica",
                    Authorization=bearer,
                    Ror_Profil_Utilisateur_Code=profile,
                )
                told[room].append((answer.resource["entry"][0]["resource"], answer.headers["Ror-Coverage"].count("l=")))
            counts = gateway.memory.counts

    seen = [sorted({level for level in LEVELS if f"0400{level}" in str(resource)}) for resource, _ in told[0]]
    assert told[0] == told[10_000_000]
    assert seen[0] == ["1", "2", "3"]
    assert seen[1] == ["1"]
    assert counts.hits > 0
    stopped = [line for line in map(json.loads, log.text.splitlines()) if line["event"] == "gateway_stopped"]
    assert [line["hits"] > 0 for line in stopped] == [False, True]
