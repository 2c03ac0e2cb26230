"""The reference federation in one event loop: who is served, where, and what its files say."""

import json
import ssl
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from cryptography import x509

from conformance.reference.faults import FaultKind
from conformance.reference.federation import ReferenceFederation, UnknownMember
from conformance.reference.pki import Family, fingerprint, issue, leaf_subject, write_leaf

NOTIFICATION = b"""<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body>
<ror:TR-Notif-ListeEtablissementsMajApresDate_Demande xmlns:ror="urn:asip:ror:2015" xmlns:csd="urn:ihe:iti:csd:2013">
<csd:params><csd:dateRef>2000-01-01T00:00:00</csd:dateRef></csd:params>
</ror:TR-Notif-ListeEtablissementsMajApresDate_Demande></soap:Body></soap:Envelope>"""
SOAP = {"Content-Type": "application/soap+xml"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def federation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ReferenceFederation]:
    async with ReferenceFederation(tmp_path_factory.mktemp("federation"), faults={"27": FaultKind.HTML}) as made:
        yield made


@pytest.fixture(scope="module")
def described(federation: ReferenceFederation) -> dict:
    return json.loads((federation.directory / "reference.json").read_text())


@pytest.fixture(scope="module")
def document(described: dict) -> dict:
    return json.loads(Path(described["federation"]).read_text())


def member(described: dict, code: str) -> dict:
    return next(one for one in described["members"] if one["code"] == code)


def client_context(ca: str, cert: str | Path | None, key: str | Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    if cert:
        context.load_cert_chain(cert, key)
    return context


async def notify(described: dict, code: str, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:
    one = member(described, code)
    tls = context or client_context(described["ca"], one["cert"], one["key"])
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session,
        session.post(f"{one['endpoint']}/{one['contract']}", data=NOTIFICATION, headers=SOAP) as answer,
    ):
        return answer.status, await answer.read()


def certificates(path: str | Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(Path(path).read_bytes())


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_region_answers_in_its_contract(described: dict) -> None:
    answers = {one["code"]: await notify(described, one["code"]) for one in described["members"]}

    assert len(answers) == 17
    for code, (status, body) in answers.items():
        assert status == 200
        assert (b"TR-Notif-ListeEtablissementMajApresDate_Reponse" in body) == (code != "27")


async def test_a_fault_may_be_planted_at_the_start_and_healed(federation: ReferenceFederation, described: dict) -> None:
    assert b"Maintenance" in (await notify(described, "27"))[1]
    await federation.plant("27", None)
    assert b"_Reponse" in (await notify(described, "27"))[1]
    await federation.plant("27", FaultKind.HTML)


async def test_a_wrong_certificate_is_of_identical_names_but_no_trusted_key(
    federation: ReferenceFederation, described: dict
) -> None:
    await federation.plant("53", FaultKind.WRONG_CERT)
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await notify(described, "53")
    await federation.plant("53", None)

    assert (await notify(described, "53"))[0] == 200
    folder = federation.directory / "pki"
    hostile, right = (certificates(folder / f"member-53-server{end}.pem") for end in ("-wrong-cert", ""))
    assert hostile[0].subject == right[0].subject
    assert hostile[1].subject == right[1].subject
    assert fingerprint(hostile[1]) != fingerprint(right[1])


async def test_an_expired_certificate_is_refused_for_its_date(federation: ReferenceFederation, described: dict) -> None:
    await federation.plant("53", FaultKind.EXPIRED_CERT)
    with pytest.raises(aiohttp.ClientConnectorCertificateError, match="expired"):
        await notify(described, "53")
    await federation.plant("53", None)


async def test_a_dead_national_server_is_a_dead_member(federation: ReferenceFederation, described: dict) -> None:
    await federation.plant("national", FaultKind.DEAD)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(described["national"]["fhir"], ssl=client_context(described["ca"], None))
    await federation.plant("national", None)


async def test_only_certificates_of_the_organisations_branch_are_served(
    federation: ReferenceFederation, described: dict, tmp_path: Path
) -> None:
    persons = federation.pki.hierarchy.personnes
    subject = leaf_subject(department="Paris (75)", organisation="x", structure="11B0000084", name="intrus")
    write_leaf(tmp_path, "intruder", issue(persons, Family.AUTH_CLI, subject))
    context = client_context(described["ca"], tmp_path / "intruder.pem", tmp_path / "intruder.key")

    assert (await notify(described, "84", context))[0] == 403


async def test_a_caller_without_certificate_is_not_served(described: dict) -> None:
    with pytest.raises(aiohttp.ClientError):
        await notify(described, "84", client_context(described["ca"], None))


async def test_a_described_client_gets_a_token_and_searches(described: dict) -> None:
    national = described["national"]
    for client in described["clients"]:
        context = client_context(described["ca"], client["cert"], client["key"])
        form = {"grant_type": "client_credentials", "client_id": client["client_id"]}
        form |= {"client_secret": client["secret"]} if client["secret"] else {}
        async with aiohttp.ClientSession() as session:
            async with session.post(national["token"], data=form, ssl=context) as answer:
                token = (await answer.json())["access_token"]
            headers = {"Authorization": f"Bearer {token}", **client["ror_headers"]}
            plain = client_context(national["ca"], None)
            address = f"{national['fhir']}/HealthcareService?_tag=94&_count=1"
            async with session.get(address, headers=headers, ssl=plain) as answer:
                assert (answer.status, (await answer.json())["total"] > 0) == (200, True)


async def test_the_national_server_holds_the_regions_cut_over_and_no_other(described: dict) -> None:
    client = described["clients"][0]
    form = {
        "grant_type": "client_credentials",
        "client_id": client["client_id"],
        "client_secret": client["secret"],
    }
    plain = client_context(described["ca"], None)
    totals = {}
    async with aiohttp.ClientSession() as session:
        async with session.post(described["national"]["token"], data=form, ssl=plain) as answer:
            token = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}", **client["ror_headers"]}
        for tag in ("02", "94", "84"):
            address = f"{described['national']['fhir']}/HealthcareService?_tag={tag}&_count=1"
            async with session.get(address, headers=headers, ssl=plain) as answer:
                totals[tag] = (await answer.json())["total"]

    assert totals["02"] > 0
    assert totals["94"] > 0
    assert totals["84"] == 0


async def test_the_document_lists_the_certificates_that_are_used(described: dict, document: dict) -> None:
    for one, entry in zip(described["members"], document["members"], strict=True):
        by_usage = {listed["usage"]: listed for listed in entry["certificates"]}
        leaf = certificates(one["cert"])[0]
        assert by_usage["client"]["sha256"] == fingerprint(leaf)
        assert [key for key, _ in by_usage["client"]["subject"]] == ["C", "ST", "O", "OU", "CN"]
        assert by_usage["client"]["issuer"] == "TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS"
        assert by_usage["client"]["subject"][3][1] == entry["structures"][0]
        server = one["cert"].replace("-client", "-server")
        assert by_usage["server"]["sha256"] == fingerprint(certificates(server)[0])


async def test_the_document_pins_the_hierarchy(described: dict, document: dict) -> None:
    root, issuer = certificates(described["ca"])

    assert document["trust"] == {"roots": [fingerprint(root)], "issuers": [fingerprint(issuer)]}
    assert document["environment"] == "test"


async def test_every_member_has_every_right_under_the_profiles_of_soap(document: dict) -> None:
    for entry in document["members"]:
        assert len(entry["rights"]) == 7
        assert all(right["providers"] == ["*"] for right in entry["rights"])
        assert all(right["profiles"] == ["0", "1", "2", "3"] for right in entry["rights"])


async def test_each_entry_lists_the_search_of_2016_or_the_extraction(described: dict, document: dict) -> None:
    for entry in document["members"]:
        interfaces = {one["interface"]: one["version"] for one in entry["endpoints"]}
        other = {"extraction": "V1"} if entry["solution"] == "autre" else {"search-2016": "2016"}
        offered = {"soap-csd": entry["contract"]} | other
        assert interfaces == offered
        assert {one["url"] for one in entry["endpoints"]} == {member(described, entry["code"])["endpoint"]}


async def test_assumed_profile_codes_say_so(described: dict, document: dict) -> None:
    for clients in (described["clients"], document["clients"]):
        assert [one["access_profile"] for one in clients] == ["0", "1", "2", "3", "4", "5"]
        assert [one["access_profile"] for one in clients if "comment" in one] == ["4", "5"]


async def test_the_secret_is_in_the_document_by_its_digest_only(described: dict, document: dict) -> None:
    secret = described["clients"][0]["secret"]

    assert document["clients"][0]["secret_sha256"] == sha256(secret.encode()).hexdigest()
    assert secret not in json.dumps(document)
    assert all(one["secret_sha256"] is None for one in document["clients"][1:])


async def test_a_fault_for_an_unknown_member_is_refused(federation: ReferenceFederation, tmp_path: Path) -> None:
    with pytest.raises(UnknownMember):
        await federation.plant("99", FaultKind.DEAD)
    with pytest.raises(UnknownMember):
        async with ReferenceFederation(tmp_path, faults={"00": FaultKind.DEAD}):
            pass
