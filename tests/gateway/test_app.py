"""The whole gateway in front of the reference federation, over real sockets: answers, coverage, failures."""

import asyncio
import io
import json
import logging
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
import structlog
from lxml import etree
from pydantic import SecretStr
from typer.testing import CliRunner

from conformance.reference.clients import OPEN_SECRET
from conformance.reference.content import content
from gateway import telemetry
from gateway.app import Gateway, running
from gateway.commands import program
from gateway.configuration import Deadlines
from gateway.messages import Language
from mappings.csd import vihf
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse as parse_xml
from mappings.exposition.demandes import ContexteAppelant
from mappings.exposition.values import Code
from tests.gateway.settings import reduced
from whitelist.names import write_dn

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEMBERS = ("03", "53", "84", "94")
"""One of each solution and version, and one cut over."""

NAMES = {"s": "http://www.w3.org/2003/05/soap-envelope", "csd": "urn:ihe:iti:csd:2013", "e": "urn:inter-ror:error"}
LYON = "1690000245"
READING = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:csd="urn:ihe:iti:csd:2013">
<s:Header>{header}</s:Header><s:Body><csd:careServicesRequest>
<csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true">
<csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>
<csd:id_etablissement code="{code}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
</csd:etablissementDemandeLecture></csd:TR_Lecture-OffresSanteEtablissement></csd:function>
</csd:careServicesRequest></s:Body></s:Envelope>"""
NOTIFICATION = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>
<ror:TR-Notif-ListeEtablissementsMajApresDate_Demande xmlns:ror="urn:asip:ror:2015" xmlns:csd="urn:ihe:iti:csd:2013">
<csd:params><csd:dateRef>2001-01-01T00:00:00</csd:dateRef></csd:params>
</ror:TR-Notif-ListeEtablissementsMajApresDate_Demande></s:Body></s:Envelope>"""
SEARCH = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>
<ror:careServicesRequest xmlns:ror="urn:asip:ror:2015"><function><requestParams><organization/><facility/>
<service><codedType code="{activity}" codingScheme="1.2.250.1.213.3.3.12"/></service>
<otherParams>{destinations}</otherParams></requestParams></function></ror:careServicesRequest></s:Body></s:Envelope>"""
COMPLETE = '<c:Coverage xmlns:c="urn:inter-ror:coverage:1" complete="true"/>'


class Reference:
    """The reference federation as a child process."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        command = [sys.executable, "-m", "conformance.reference", "--dir", str(directory)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._read().startswith("ready")

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def order(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        assert self._read().startswith("ok")

    def stop(self) -> None:
        self._process.communicate(timeout=20)

    def context(self, name: str | None) -> ssl.SSLContext:
        pki = self.directory / "pki"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(pki / "ca.pem")
        if name is not None:
            context.load_cert_chain(pki / f"{name}.pem", pki / f"{name}.key")
        return context


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    started = Reference(tmp_path_factory.mktemp("reference"))
    yield started
    started.stop()


@dataclass(frozen=True, slots=True)
class World:
    """The gateway, what stands behind it, and a caller's session."""

    gateway: Gateway
    reference: Reference
    session: aiohttp.ClientSession
    token: str

    async def soap(self, address: str, body: str, **values: str) -> tuple[int, Any, etree._Element]:
        data = body.format(**{"header": "", "code": LYON, **values}).encode()
        async with self.session.post(
            f"{self.gateway.soap}/ROR/{address}",
            data=data,
            headers={"Content-Type": "application/soap+xml"},
            ssl=self.reference.context("member-53-client"),
        ) as response:
            return response.status, response.headers, parse_xml(await response.read())

    async def fhir(
        self, address: str, *, form: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, Any, dict[str, Any]]:
        url = address if address.startswith("https:") else f"{self.gateway.fhir}/{address}"
        sent = {
            "Authorization": f"Bearer {self.token}",
            "Ror-Profil-Utilisateur-Code": "CU22",
            "Ror-Profil-Utilisateur-System": "1.2.250.1.213.1.6.1.66",
            "Ror-Role-Metier-Code": "AUTOMATE",
            "Ror-Role-Metier-System": "1.2.250.1.213.1.1.4.6",
            **headers,
        }
        method = "GET" if form is None else "POST"
        async with self.session.request(
            method, url, data=form, headers=sent, ssl=self.reference.context(None)
        ) as response:
            return response.status, response.headers, await response.json(content_type=None)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(reference: Reference) -> AsyncIterator[World]:
    telemetry.configure(io.StringIO())
    async with running(reduced(reference.directory, MEMBERS)) as gateway, aiohttp.ClientSession() as session:
        await gateway.filled()
        form = {"grant_type": "client_credentials", "client_id": "client-profil-1"}
        async with session.post(gateway.token, data=form, ssl=reference.context("client-client-profil-1")) as response:
            token = (await response.json())["access_token"]
        yield World(gateway, reference, session, token)
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


def statuses(headers: Any) -> dict[str, str]:
    """The status of each member, from the header."""
    parts = (part.split(";") for part in headers["Ror-Coverage"].split(", "))
    return {code.removeprefix("m"): status.removeprefix("s=") for code, status, *_ in parts}


@pytest.mark.parametrize("version", [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0])
@pytest.mark.parametrize("target", ["84", "FR"])
async def test_a_reading_is_answered_in_the_version_of_the_address(world: World, version: Version, target: str) -> None:
    _, _, found = await world.fhir("Organization?_tag=84&_count=200")
    code = next(
        identifier["value"]
        for entry in found["entry"]
        for identifier in entry["resource"].get("identifier", ())
        if identifier.get("system", "").endswith("1.2.250.1.71.4.2.2") and len(identifier["value"]) == 10
    )

    status, headers, body = await world.soap(f"{version}/{target}", READING, code=code)

    assert status == 200
    assert statuses(headers)["84"] == "answered"
    answer = body.find("s:Body/csd:careServicesResponse", NAMES)
    assert answer is not None
    assert answer.find("csd:result", NAMES) is not None
    schema(version).assertValid(parse_xml(etree.tostring(answer)))


def asserted(reference: Reference, use: str, holder: str = "53") -> str:
    """The token of a member's call, for one use."""
    document = json.loads((reference.directory / "federation.json").read_bytes())
    member = next(one for one in document["members"] if one["code"] == holder)
    issuer = write_dn(tuple((name, value) for name, value in member["certificates"][0]["subject"]))
    caller = ContexteAppelant(Code("R78", use), vihf.AUTOMATE, structure=member["structures"][0], nom="test")
    return etree.tostring(vihf.write(caller, issuer=issuer, now=datetime.now(UTC), identifier=f"_{uuid4()}")).decode()


@pytest.mark.parametrize("use", ["CU22", "CU20"])
@pytest.mark.parametrize("version", [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0])
async def test_a_sensitive_unit_never_goes_to_a_1_x_reader_and_who_may_see_it_is_told(
    world: World, version: Version, use: str
) -> None:
    region = content("84")
    held = next(
        found
        for key in region.keys
        if (found := region.establishment(key.finess)) is not None and any(offer.sensitive for offer in found.offers)
    )
    sensitive = {offer.identifier for offer in held.offers if offer.sensitive}

    status, headers, body = await world.soap(
        f"{version}/84", READING, code=f"1{held.establishment.finess}", header=asserted(world.reference, use)
    )

    units = {found.get("code") for found in body.iterfind(".//csd:facility/csd:otherID", NAMES)}
    told = next(part for part in headers["Ror-Coverage"].split(", ") if part.startswith("m84;"))
    lost = int(dict(fact.split("=") for fact in told.split(";")[1:])["l"])
    marks = version in {Version.V2_4, Version.V3_0}
    assert status == 200
    assert units & {offer.identifier for offer in held.offers} != set()
    assert units & sensitive == (sensitive if marks and use == "CU22" else set())
    assert use != "CU22" or marks or lost >= len(sensitive)


async def test_an_unknown_establishment_is_a_functional_error(world: World) -> None:
    status, headers, body = await world.soap("3.0/84", READING, code="1699999999")

    error = body.find("s:Body/csd:careServicesResponse/csd:error", NAMES)
    assert status == 200
    assert error is not None
    assert body.find(".//s:Fault", NAMES) is None
    assert statuses(headers)["84"] in {"refused", "empty"}


async def test_notifications_of_every_region(world: World) -> None:
    status, headers, body = await world.soap("2.4/FR", NOTIFICATION)

    answer = body.find("s:Body", NAMES)
    assert status == 200
    assert answer is not None
    assert etree.QName(answer[0]).localname == "TR-Notif-ListeEtablissementMajApresDate_Reponse"
    assert set(statuses(headers)) == set(MEMBERS)
    assert statuses(headers)["53"] == "answered"


def region(code: str) -> str:
    return f'<destination><type code="1"/><code code="{code}"/></destination>'


async def test_the_search_of_2016_stops_at_199_and_says_so(world: World) -> None:
    activity = '<codedType code="{activity}" codingScheme="1.2.250.1.213.3.3.12"/>'
    destinations = region("03") + region("53") + region("84")

    status, headers, body = await world.soap("2016/FR", SEARCH.replace(activity, ""), destinations=destinations)

    number = body.findtext(".//resultNumber/OInumber")
    assert (status, number) == (200, "199")
    assert "truncated" in statuses(headers).values()


async def test_a_search_of_2016_without_result_is_a_functional_error(world: World) -> None:
    status, headers, body = await world.soap("2016/03", SEARCH, activity="999", destinations=region("03"))

    error = body.find("s:Body/{urn:asip:ror:2015}careServicesResponse/error", NAMES)
    assert status == 200
    assert error is not None
    assert error.get("code") == "404"
    assert statuses(headers)["03"] == "empty"


async def test_a_national_search_and_its_pages(world: World) -> None:
    suffix = "_include=HealthcareService:organization&_include=HealthcareService:location"
    status, headers, bundle = await world.fhir(f"HealthcareService?_tag=03&_count=60&{suffix}")
    pages, seen = [bundle], []
    while (following := [link["url"] for link in pages[-1]["link"] if link["relation"] == "next"]) != []:
        status, _, page = await world.fhir(following[0])
        assert status == 200
        pages.append(page)
    for page in pages:
        seen += [one["fullUrl"] for one in page["entry"] if one["search"]["mode"] == "match"]

    assert statuses(headers)["03"] == "answered"
    assert following == []
    assert bundle["link"][1]["url"].startswith(f"{world.gateway.fhir}/HealthcareService?")
    assert len(seen) == len(set(seen)) == bundle["total"] > 60
    assert {one["resource"]["resourceType"] for one in bundle["entry"] if one["search"]["mode"] == "include"} == {
        "Organization",
        "Location",
    }


async def test_a_form_asks_what_an_address_asks(world: World) -> None:
    by_get = await world.fhir("HealthcareService?_tag=03&_count=5")
    by_post = await world.fhir("HealthcareService/_search", form={"_tag": "03", "_count": "5"})
    by_both = await world.fhir("HealthcareService/_search?_tag=03", form={"_count": "5"})

    keys = [
        [entry["resource"]["id"] for entry in answer[2]["entry"] if "fullUrl" in entry]
        for answer in (by_get, by_post, by_both)
    ]
    assert keys[0] == keys[1] == keys[2]


async def test_self_tells_what_was_applied(world: World) -> None:
    status, _, bundle = await world.fhir("HealthcareService?_tag=03&_count=500&foo=bar")

    (link,) = [link["url"] for link in bundle["link"] if link["relation"] == "self"]
    assert status == 200
    assert link == f"{world.gateway.fhir}/HealthcareService?_tag=03&_count=200"
    last = bundle["entry"][-1]
    assert last["search"]["mode"] == "outcome"
    assert last["resource"]["issue"][0]["details"]["coding"][0]["code"] == "unknown-parameter"
    assert "foo" in last["resource"]["issue"][0]["diagnostics"]


async def test_a_resource_is_read_and_an_unknown_one_is_not_there(world: World) -> None:
    _, _, bundle = await world.fhir("Location?_tag=03&_count=1")
    address = bundle["entry"][0]["fullUrl"]

    found = await world.fhir(address)
    absent = await world.fhir("HealthcareService/03.UE-nowhere")

    assert (found[0], found[2]) == (200, bundle["entry"][0]["resource"])
    assert absent[0] == 404
    assert absent[2]["issue"][0]["details"]["coding"][0]["code"] == "unknown-resource"


async def test_the_open_client_sees_less(world: World) -> None:
    form = {"grant_type": "client_credentials", "client_id": "client-profil-0", "client_secret": OPEN_SECRET}
    async with world.session.post(world.gateway.token, data=form, ssl=world.reference.context(None)) as response:
        token = (await response.json())["access_token"]
    everything = await world.fhir("HealthcareService?_count=0")
    opened = await world.fhir(
        "HealthcareService?_count=0",
        **{"Authorization": f"Bearer {token}", "Ror-Profil-Utilisateur-Code": "CU23"},
    )

    assert opened[0] == 200
    assert 0 < opened[2]["total"] < everything[2]["total"]


async def test_each_criterion_of_the_national_api_narrows_what_every_member_answers(world: World) -> None:
    _, _, everything = await world.fhir("HealthcareService?_tag=03,94&_count=0")
    _, _, sample = await world.fhir("HealthcareService?_tag=03&_count=1&_include=HealthcareService:location")
    offer = sample["entry"][0]["resource"]
    codings = [concept["coding"][0] for concept in offer["characteristic"]]
    asked = [
        f"characteristic={quote(codings[0]['system'])}|{codings[0]['code']}",
        f"name={quote(offer['name'][:5])}",
        f"_lastUpdated=le{quote(offer['meta']['lastUpdated'])}",
    ]

    for criterion in asked:
        status, headers, found = await world.fhir(f"HealthcareService?_tag=03,94&_count=200&{criterion}")

        assert (status, statuses(headers)["03"]) == (200, "answered"), criterion
        assert 0 < found["total"] < everything["total"] or criterion == asked[-1], criterion
        assert any("fullUrl" in entry and entry["resource"]["id"] == offer["id"] for entry in found["entry"]), criterion
        assert not [issue for issue in issues(found) if "not applied" in issue or "pas appliqué" in issue], criterion


def issues(bundle: dict[str, Any]) -> list[str]:
    last = bundle["entry"][-1]
    return [issue.get("diagnostics", "") for issue in last["resource"].get("issue", ())] if "entry" in bundle else []


async def test_a_preference_that_is_not_understood_is_told_in_the_bundle(world: World) -> None:
    status, headers, bundle = await world.fhir(
        "HealthcareService?_tag=03&_count=1", Prefer="source=copy, max-age=99999"
    )

    assert (status, headers["Preference-Applied"]) == (200, "max-age=99999")
    assert "La préférence « source=copy » n'est pas comprise : elle n'est pas appliquée." in issues(bundle)


async def test_the_open_client_finds_nothing_by_what_it_may_not_see(world: World) -> None:
    form = {"grant_type": "client_credentials", "client_id": "client-profil-0", "client_secret": OPEN_SECRET}
    async with world.session.post(world.gateway.token, data=form, ssl=world.reference.context(None)) as response:
        opened = {"Authorization": f"Bearer {(await response.json())['access_token']}"}
    opened["Ror-Profil-Utilisateur-Code"] = "CU23"
    _, _, bundle = await world.fhir("HealthcareService?_count=200")
    acts = {
        f"{coding['system']}|{coding['code']}"
        for entry in bundle["entry"]
        for concept in entry["resource"].get("characteristic", ())
        for coding in concept["coding"]
        if "R210" in coding["system"]
    }
    act = quote(sorted(acts)[0])

    everyone = await world.fhir(f"HealthcareService?characteristic={act}&_count=0")
    hidden = await world.fhir(f"HealthcareService?characteristic={act}&_count=0", **opened)

    assert everyone[2]["total"] > 0
    assert (hidden[0], hidden[2]["total"]) == (200, 0)
    assert set(statuses(hidden[1]).values()) == {"empty"}


async def test_every_regional_member_publishes_its_declared_contract(world: World) -> None:
    await world.gateway.verified()

    assert {code: finding.differs for code, finding in world.gateway.contracts.items()} == dict.fromkeys(
        ("03", "53", "84")
    )


async def test_a_dead_member_is_said_and_its_copy_serves(world: World) -> None:
    world.reference.order("fault 53 dead")
    try:
        alone = await world.soap("2.4/53", READING, code="1530000001")
        demanded = await world.fhir("HealthcareService?_count=1", Prefer="source=live, coverage=complete")
        copied = await world.fhir("HealthcareService?_tag=53&_count=1", Prefer="source=replica")
    finally:
        world.reference.order("heal 53")

    assert alone[0] == 500
    assert alone[2].find(".//e:error", NAMES) is not None
    assert demanded[0] in {502, 503}
    assert demanded[2]["issue"][0]["severity"] == "error"
    assert (copied[0], statuses(copied[1])["53"]) == (200, "answered")
    assert copied[2]["total"] > 0


async def test_completeness_demanded_in_soap(world: World) -> None:
    world.reference.order("fault 53 blackhole")
    try:
        started = time.monotonic()
        best_effort = await world.soap("2.4/FR", NOTIFICATION)
        elapsed = time.monotonic() - started
        demanded = await world.soap(
            "2.4/FR", NOTIFICATION.replace("<s:Body>", f"<s:Header>{COMPLETE}</s:Header><s:Body>", 1)
        )
    finally:
        world.reference.order("heal 53")

    assert best_effort[0] == 200
    assert elapsed < 6
    assert statuses(best_effort[1])["53"] in {"timed_out", "unreachable"}
    assert demanded[0] == 500
    assert demanded[2].find(".//e:error", NAMES).get("code") == "incomplete"
    assert demanded[2].find("s:Header/{urn:inter-ror:coverage:1}Coverage", NAMES) is not None


# All below the three seconds that an adapter gives to a connection.
HURRY = {
    "exchange": 1.9,
    "transactions": {"lecture_etablissement": 1.7},
    "callers": {"53": {"transactions": {"notification": 1.4}}},
}


async def test_an_exchange_ends_at_its_deadline_whatever_a_member_does(world: World, tmp_path: Path) -> None:
    """The notification of this caller has 1.4 seconds, its reading a little more; one slow member delays no other."""
    settings = reduced(world.reference.directory, MEMBERS)
    hurried = settings.model_copy(
        update={
            "deadlines": Deadlines.model_validate(HURRY),
            "replica": settings.replica.model_copy(update={"url": SecretStr(f"sqlite:///{tmp_path / 'hurried.db'}")}),
        }
    )
    async with running(hurried) as gateway:
        quick = replace(world, gateway=gateway)
        await gateway.filled()
        for fault in ("slow", "trickle", "blackhole"):
            world.reference.order(f"fault 53 {fault}")
            try:
                await ends_in_time(quick)
            finally:
                world.reference.order("heal 53")
            healed, _ = await timed(quick.soap("2.4/53", NOTIFICATION))
            assert (fault, healed[0]) == (fault, 200)


async def ends_in_time(quick: World) -> None:
    whole, alone, beside = await asyncio.gather(
        timed(quick.soap("2.4/FR", NOTIFICATION)),
        timed(quick.soap("2.4/53", READING, code="1530000001")),
        timed(quick.soap("2.4/84", NOTIFICATION)),
    )

    (status, headers, body), elapsed = whole
    assert 1.4 <= elapsed < 3.4
    assert status == 200
    assert statuses(headers) == {**statuses(headers), "53": "timed_out", "84": "answered", "03": "answered"}
    assert body.find(".//csd:etablissementReponseNotif", NAMES) is not None
    assert alone[0][0] == 500
    assert 1.7 <= alone[1] < 3.7
    assert (beside[0][0], statuses(beside[0][1])["84"]) == (200, "answered")
    assert beside[1] < elapsed


async def timed(asked: Awaitable[Any]) -> tuple[Any, float]:
    started = time.monotonic()
    return await asked, time.monotonic() - started


async def test_a_search_from_the_command_line(world: World) -> None:
    pki = world.reference.directory / "pki"
    arguments = ["search", "--fhir", world.gateway.fhir, "--token", world.gateway.token, "--ca", str(pki / "ca.pem")]
    arguments += ["--client-id", "client-profil-1", "--profile", "CU22", "_tag=03", "_count=2"]
    certificate = ["--cert", str(pki / "client-client-profil-1.pem"), "--key", str(pki / "client-client-profil-1.key")]
    run, commands = CliRunner().invoke, program(Language.EN)

    shown = await asyncio.to_thread(run, commands, [*arguments, *certificate])
    as_json = await asyncio.to_thread(run, commands, [*arguments, *certificate, "--json"])
    refused = await asyncio.to_thread(run, commands, [*arguments, *certificate, "_lastUpdated=never"])
    unproved = await asyncio.to_thread(run, commands, arguments)

    assert (shown.exit_code, as_json.exit_code, refused.exit_code, unproved.exit_code) == (0, 0, 1, 1)
    assert "2 on this page." in shown.stdout
    assert "HealthcareService/03." in shown.stdout
    assert json.loads(as_json.stdout)["coverage"]["03"]["s"] == "answered"
    assert "HTTP 400" in refused.stderr
    assert "HTTP 401" in unproved.stderr
