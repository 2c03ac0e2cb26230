"""Validation in service, over real TLS: a gateway before the reference national ROR, which holds a bad resource."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from conformance.reference.clients import GATEWAY_CLIENT, Client
from conformance.reference.content import content
from conformance.reference.faults import Health
from conformance.reference.listener import Listener, server_context
from conformance.reference.national.server import BASE_PATH, ExpositionApi
from conformance.reference.national.store import Store
from conformance.reference.national.tokens import TOKEN_PATH, Issuer, token_application
from gateway.app import Gateway, running
from mappings.fhir.conforming import VALIDATION_SYSTEM
from mappings.fhir.validation.validator import validate
from mappings.loss import Severity

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World

Json = dict[str, Any]
PROFILE_2 = {
    "Ror-Profil-Utilisateur-Code": "CU20",
    "Ror-Profil-Utilisateur-System": "1.2.250.1.213.1.6.1.66",
    "Ror-Role-Metier-Code": "AUTOMATE",
    "Ror-Role-Metier-System": "1.2.250.1.213.1.1.4.6",
}
CLIENT = "client-profil-2"
MODE = "ror-healthcareservice/characteristic:careMode/binding"


def sound() -> Store:
    """Some offers of a region that break no rule, without the professionals who work there."""
    store = Store(islice(content("93").establishments(), 4))
    for reference, resource in list(store.resources.items()):
        broken = any(finding.severity is Severity.ERROR for finding in validate(resource))
        if broken or resource["resourceType"] == "PractitionerRole":
            del store.resources[reference]
    return store


def _offers(store: Store) -> list[Json]:
    return [one for one in store.resources.values() if one["resourceType"] == "HealthcareService"]


def with_unknown_care_mode(*, all_of_them: bool = False) -> Store:
    """The same, the first offer (or all) in a care mode that the value set does not hold."""
    store = sound()
    for offer in _offers(store)[: None if all_of_them else 1]:
        for concept in offer["characteristic"]:
            if "R213" in concept["coding"][0]["system"]:
                concept["coding"] = [{"system": concept["coding"][0]["system"], "code": "999"}]
    return store


@asynccontextmanager
async def national(world: "World", store: Store) -> AsyncIterator[tuple[str, str]]:
    """The reference national ROR holding that; its FHIR and token addresses."""
    issuer = Issuer((Client(GATEWAY_CLIENT, "1", sha256=world.pki.leaves["gateway-client"].sha256),))
    pem, key = world.pki.pem("national-server"), world.pki.key("national-server")

    def context(verify: ssl.VerifyMode) -> Callable[[object], ssl.SSLContext]:
        return lambda _: server_context(pem, key, ca=world.ca, clients=verify)

    fhir = Listener(ExpositionApi(store, issuer).application(), context(ssl.CERT_NONE), Health())
    token = Listener(token_application(issuer, world.pki.hierarchy.organisations), context(ssl.CERT_OPTIONAL), Health())
    for listener in (fhir, token):
        await listener.start()
    try:
        yield f"{fhir.origin}{BASE_PATH}", f"{token.origin}{TOKEN_PATH}"
    finally:
        for listener in (fhir, token):
            await listener.stop()


@pytest.fixture(name="federated")
def _federated(world: "World", tmp_path: Path, log: "Log") -> Callable[..., AbstractAsyncContextManager[Gateway]]:
    """A gateway whose member 93 is cut over to a national ROR that holds a store, with a mode of validation."""

    @asynccontextmanager
    async def start(store: Store, **validation: str) -> AsyncIterator[Gateway]:
        async with national(world, store) as (fhir, token):
            members = [
                {**member, "state": "national"} if member["code"] == "93" else member
                for member in world.document["members"]
            ]
            document = world.federation_with(
                tmp_path / "federation.json",
                {"members": members, "national": {**world.document["national"], "fhir": fhir, "token": token}},
            )
            federation = {"document": document, "crl": [world.crl]}
            async with running(world.configuration(tmp_path, federation=federation, validation=validation)) as gateway:
                yield gateway

    return start


async def asked(world: "World", gateway: Gateway, path: str, **headers: str) -> tuple[int, Any, Json]:
    form = {"grant_type": "client_credentials", "client_id": CLIENT}
    async with aiohttp.ClientSession() as session:
        certificate = world.client_context(f"client-{CLIENT}")
        async with session.post(gateway.token, data=form, ssl=certificate) as response:
            token = (await response.json())["access_token"]
        sent = {**PROFILE_2, "Authorization": f"Bearer {token}", **headers}
        async with session.get(f"{gateway.fhir}/{path}", headers=sent, ssl=world.client_context(None)) as response:
            return response.status, response.headers, await response.json(content_type=None)


SEARCH = "HealthcareService?_tag=93&_count=200"


def found(bundle: Json) -> list[Json]:
    return [one["resource"] for one in bundle["entry"] if one["search"]["mode"] == "match"]


def issues(resource: Json) -> dict[str, Json]:
    """The issues of the validation, by their code."""
    outcome = resource if resource["resourceType"] == "OperationOutcome" else resource["entry"][-1]["resource"]
    told = [one for one in outcome.get("issue", ()) if one["details"]["coding"][0]["system"] == VALIDATION_SYSTEM]
    return {one["details"]["coding"][0]["code"]: one for one in told}


def losses(headers: Any) -> int:
    """How many losses the coverage counts for the member."""
    (told,) = (one for one in headers["Ror-Coverage"].split(", ") if one.startswith("m93"))
    return int(next(fact for fact in told.split(";") if fact.startswith("l="))[2:])


@pytest.mark.parametrize("where", ["answers", "members"])
@pytest.mark.parametrize(
    ("mode", "left_out", "told", "severity"),
    [
        pytest.param("off", 0, set(), None, id="off"),
        pytest.param("report", 0, {MODE}, "warning", id="report"),
        pytest.param("refuse", 1, {MODE, "resource-refused"}, "warning", id="refuse"),
    ],
)
async def test_an_invalid_resource(
    world: "World",
    federated: Any,
    log: "Log",
    where: str,
    mode: str,
    left_out: int,
    told: set[str],
    severity: str | None,
) -> None:
    store = with_unknown_care_mode()
    offers = len(_offers(store))

    async with federated(store, **{where: mode}) as gateway:
        status, headers, bundle = await asked(world, gateway, SEARCH)

    assert status == 200
    assert len(found(bundle)) == offers - left_out
    said = issues(bundle)
    assert set(said) >= told
    assert bool(said) is bool(told)
    assert mode == "off" or (said[MODE]["severity"], said[MODE]["code"]) == (severity, "invariant")
    assert mode != "refuse" or said["resource-refused"]["severity"] == "error"
    (line,) = log.of(headers["X-Request-Id"])
    assert (f"invalid {MODE}" in line.get("profiles", {})) is bool(told)


async def test_what_is_found_is_counted_with_the_losses_of_the_member(world: "World", federated: Any) -> None:
    counts = []
    for mode in ("off", "report"):
        async with federated(with_unknown_care_mode(), answers=mode) as gateway:
            _, headers, bundle = await asked(world, gateway, SEARCH)
        counts.append(
            (
                losses(headers),
                sum(
                    int(one["diagnostics"].split()[0])
                    for one in issues(bundle).values()
                    if one["severity"] == "warning"
                ),
            )
        )

    (before, nothing), (after, told) = counts
    assert nothing == 0
    assert after - before == told > 0


async def test_what_is_sound_is_not_spoken_of(world: "World", federated: Any) -> None:
    async with federated(sound(), answers="refuse", members="refuse") as gateway:
        _, _, bundle = await asked(world, gateway, SEARCH)

    assert len(found(bundle)) == len(_offers(sound()))
    assert not [one for one in issues(bundle).values() if one["severity"] == "error"]


@pytest.mark.parametrize("where", ["answers", "members"])
async def test_nothing_left_is_a_failure_never_an_empty_success(world: "World", federated: Any, where: str) -> None:
    async with federated(with_unknown_care_mode(all_of_them=True), **{where: "refuse"}) as gateway:
        status, _, outcome = await asked(world, gateway, SEARCH)

    assert (status, outcome["resourceType"]) == (502, "OperationOutcome")
    assert outcome["issue"][0]["details"]["coding"][0]["code"] == "member-answer-invalid"


async def test_a_caller_who_wants_all_gets_an_error_when_one_is_left_out(world: "World", federated: Any) -> None:
    async with federated(with_unknown_care_mode(), answers="refuse") as gateway:
        status, _, outcome = await asked(world, gateway, SEARCH, Prefer="coverage=complete")

    assert status == 503
    assert "resource-refused" in issues(outcome)


async def test_the_reading_of_an_invalid_resource(world: "World", federated: Any) -> None:
    store = with_unknown_care_mode()
    (bad, good) = (one["identifier"][0]["value"].replace("/", ".") for one in _offers(store)[:2])

    async with federated(store, answers="refuse") as gateway:
        refused, _, outcome = await asked(world, gateway, f"HealthcareService/{bad}")
        served, _, resource = await asked(world, gateway, f"HealthcareService/{good}")

    assert (refused, served) == (502, 200)
    assert "resource-refused" in issues(outcome)
    assert resource["id"] == good
