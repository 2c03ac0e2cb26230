"""Every stack does every transaction over mutual TLS, in every version, and tells a refusal from a failure."""

import gzip
import hashlib
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.stacks.conftest import Served, Stack

Curl = Callable[..., subprocess.CompletedProcess[bytes]]

VERSIONS = ("1.5", "1.6", "2.4", "3.0")
LYON = "1690784137"
LYON_UNIT = "84/UE-690784137-26"
LYON_UNIT_NAME = "SMR gériatrique - HOPITAL LYON SUD - HCL"

CRAFTED = "1130000001"
CRAFTED_ORGANIZATIONS = ["Œuvre de la façade, Besançon", "Hôpital du Sacré-Cœur"]
CRAFTED_UNITS = ["Fœtus & garçons – « Été », Noël à 5 €"]

SINCE = "2020-01-01T00:00:00"
PSYCHIATRY = "172"

ARCHIVE = "{archives}/3.0/{place}/extraction/ExtractionOffresSante_Profil{profile}"


@pytest.mark.parametrize("address", ["1.5/84", "1.6/FR", "2.4/84", "3.0/FR"])
def test_an_establishment(stack: "Stack", address: str) -> None:
    answer = stack.ask("reading", address, LYON)

    assert answer["outcome"] == "answer", answer
    assert answer["number"] == 27
    assert "HOPITAL LYON SUD - HCL" in answer["organizations"]
    assert {LYON_UNIT_NAME, "Hépato-gastro-entérologie - HOPITAL LYON SUD - HCL"} <= set(answer["facilities"])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_accent_comes_back_as_it_was(stack: "Stack", version: str) -> None:
    answer = stack.ask("reading", f"{version}/93", CRAFTED)

    assert (answer["organizations"], answer["facilities"]) == (CRAFTED_ORGANIZATIONS, CRAFTED_UNITS), answer


# Version 1.x has no such level.
@pytest.mark.parametrize("version", ["2.4", "3.0"])
def test_the_confidentiality_of_a_telecom_reaches_the_solution(stack: "Stack", version: str) -> None:
    assert stack.ask("reading", f"{version}/93", CRAFTED)["telecom_level"] == "1"


@pytest.mark.parametrize("address", ["1.6/84", "2.4/FR", "3.0/84"])
def test_an_internal_organisation(stack: "Stack", address: str) -> None:
    answer = stack.ask("unit", address, LYON_UNIT)

    assert answer["outcome"] == "answer", answer
    assert LYON_UNIT_NAME in answer["facilities"]


@pytest.mark.parametrize("address", ["1.5/44", "2.4/03", "3.0/FR"])
def test_a_notification(stack: "Stack", address: str) -> None:
    answer = stack.ask("notification", address, SINCE)

    assert answer["outcome"] == "answer", answer
    assert answer["number"] == len(set(answer["establishments"])) > 0


@pytest.mark.parametrize("target", ["84", "FR"])
def test_the_search_of_2016(stack: "Stack", target: str) -> None:
    answer = stack.ask("search", f"2016/{target}", {"activity": PSYCHIATRY, "region": "84"})

    assert answer["outcome"] == "answer", answer
    assert answer["number"] == len(answer["facilities"]) > 0


ERRORS = {
    "unknown establishment": ("reading", "1.6/84", "1699999999", 404, "é"),
    "unknown unit": ("unit", "3.0/84", "84/UE-0", 404, "é"),
    "nothing found": ("search", "2016/11", {"activity": "999", "region": "11"}, 404, "Aucune"),
    "a member's error in HTTP 500": ("reading", "3.0/93", "1130000002", 405, "çà et là"),
    "a member's error in HTTP 200": ("reading", "2.4/93", "1130000003", 405, "çà et là"),
    "a member's bare number": ("reading", "1.5/93", "1130000005", 444, "Demande non prévue"),
}


@pytest.mark.parametrize(("operation", "address", "value", "code", "words"), ERRORS.values(), ids=ERRORS)
def test_a_refusal_of_the_contract_is_data(
    stack: "Stack", operation: str, address: str, value: Any, code: int, words: str
) -> None:
    error = stack.ask(operation, address, value)

    assert (error["outcome"], int(error["code"])) == ("error", code), error
    assert words in error["message"]


NOT_GRANTED = "La fédération n'accorde pas ce droit à l'appelant"
MEMBER_REFUSED = "Le membre interrogé a refusé la demande"
BAD_REQUEST = "La demande ne respecte pas le contrat"
FAULTS = {
    "right not granted": ("notification", "3.0/84", SINCE, "Sender", "not-permitted", NOT_GRANTED, "403"),
    "wrong dateRef": ("notification", "3.0/44", "hier", "Sender", "bad-request", BAD_REQUEST, None),
    "no identifier": ("reading", "3.0/44", "", "Sender", "bad-request", BAD_REQUEST, None),
    "a member's fault": ("reading", "3.0/93", "1130000004", "Receiver", "member-refused", MEMBER_REFUSED, None),
    "a member's refusal": ("notification", "3.0/93", SINCE, "Receiver", "member-refused", MEMBER_REFUSED, "444"),
}


@pytest.mark.parametrize(
    ("operation", "address", "value", "side", "stable", "words", "erreur"), FAULTS.values(), ids=FAULTS
)
def test_a_failure_is_the_fault_of_the_stack(
    stack: "Stack",
    operation: str,
    address: str,
    value: Any,
    side: str,
    stable: str,
    words: str,
    erreur: str | None,
) -> None:
    fault = stack.ask(operation, address, value)

    assert (fault["outcome"], fault["code"], fault["stable"]) == ("fault", side, stable), fault
    assert fault["reason"].startswith(words)
    assert erreur is None or fault["erreur"] == erreur


def test_an_error_in_http_500_is_data_for_the_stacks_that_read_it(stack_in_500: tuple[str, "Stack"]) -> None:
    name, stack = stack_in_500

    said = stack.ask("reading", "2.4/84", "1699999999")

    # zeep raises whatever HTTP 500 holds: a member that runs it keeps the other status.
    assert said["outcome"] == ("broken" if name == "zeep" else "error"), said


@pytest.fixture(scope="module")
def produced(stack_of: "Callable[[str, str], Stack]", served: "Served") -> str:
    """The address of the archive of a region, once it is made."""
    address = ARCHIVE.format(archives=served.archives, place="84", profile="0")
    limit = time.monotonic() + 90
    while stack_of("curl", "27").ask("archive", address, None).get("status") == 503 and time.monotonic() < limit:
        time.sleep(0.5)
    return address


def test_an_archive(stack: "Stack", served: "Served", produced: str) -> None:
    said = stack.ask("archive", produced, None)

    made = [*(served.directory / "archives").rglob("*.zip")]
    digests = {hashlib.sha256(archive.read_bytes()).hexdigest() for archive in made if "84" in str(archive)}
    assert said["outcome"] == "archive", said
    assert said["sha256"] in digests
    assert re.search(r"filename=\"?ExtractionOffresSante_Profil0_\d{12}\.zip", said["disposition"])


def test_a_profile_that_no_archive_has_is_refused(stack: "Stack", served: "Served") -> None:
    said = stack.ask("archive", ARCHIVE.format(archives=served.archives, place="84", profile="9"), None)

    assert (said["outcome"], said["status"]) == ("refused", 404), said
    assert said["text"].splitlines()[-1] == "unknown-extraction"


@pytest.mark.parametrize("name", ["php", "node"])
def test_soap_1_1_is_a_version_mismatch(stack_of: "Callable[[str, str], Stack]", name: str) -> None:
    fault = stack_of(name, "27").ask("reading", "3.0/84 over SOAP 1.1", LYON)

    assert (fault["outcome"], fault["code"], fault["stable"]) == ("fault", "VersionMismatch", "version-mismatch")


@pytest.mark.parametrize("name", ["zeep", "php", "node"])
def test_the_calls_of_a_stack_take_one_connection(
    stack_of: "Callable[[str, str], Stack]", served: "Served", name: str
) -> None:
    stack = stack_of(name, "27")
    stack.ask("reading", "3.0/93", CRAFTED)
    opened = served.relay.accepted

    again = [stack.ask("reading", "3.0/93", CRAFTED)["outcome"] for _ in range(2)]

    assert (again, served.relay.accepted) == (["answer", "answer"], opened)


READING = f"""<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:csd="urn:ihe:iti:csd:2013">
<soap:Body><csd:careServicesRequest>
<csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true">
<csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>
<csd:id_etablissement code="{CRAFTED}" assigningAuthorityName="1.2.250.1.71.4.2.2"/></csd:etablissementDemandeLecture>
</csd:TR_Lecture-OffresSanteEtablissement></csd:function></csd:careServicesRequest></soap:Body></soap:Envelope>""".encode()

CHUNKED = "Transfer-Encoding: chunked"
BODIES = {
    "gzip": (["Content-Encoding: gzip"], gzip.compress(READING)),
    "chunked": ([CHUNKED], READING),
    "gzip in chunks": (["Content-Encoding: gzip", CHUNKED], gzip.compress(READING)),
    "100-continue": (["Expect: 100-continue"], READING),
    "100-continue, then gzip in chunks": (
        ["Expect: 100-continue", "Content-Encoding: gzip", CHUNKED],
        gzip.compress(READING),
    ),
}


@pytest.mark.parametrize(("headers", "body"), BODIES.values(), ids=BODIES)
def test_a_body_sent_as_http_allows(curl: Curl, headers: list[str], body: bytes) -> None:
    sent = [part for header in ("Content-Type: application/soap+xml", *headers) for part in ("--header", header)]

    answer = curl("3.0/93", "--include", "--http1.1", *sent, "--data-binary", "@-", body=body).stdout.decode()

    assert answer.startswith("HTTP/1.1 100 Continue\r\n") is any(header.startswith("Expect") for header in headers)
    assert "HTTP/1.1 200 OK\r\n" in answer
    assert CRAFTED_UNITS[0].replace("&", "&amp;") in answer


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_an_answer_in_gzip_for_the_callers_that_accept_it(curl: Curl, accepted: str) -> None:
    headers = ("--header", "Content-Type: application/soap+xml", "--header", f"Accept-Encoding: {accepted}")

    head, _, body = curl("3.0/93", "--include", *headers, "--data-binary", "@-", body=READING).stdout.partition(
        b"\r\n\r\n"
    )

    assert (b"Content-Encoding: gzip" in head) is (accepted == "gzip")
    told = gzip.decompress(body) if accepted == "gzip" else body
    assert CRAFTED_ORGANIZATIONS[1].encode() in told


def test_two_addresses_take_one_connection_of_curl(curl: Curl, served: "Served") -> None:
    count = ("--output", "/dev/null", "--write-out", "%{http_code} %{num_connects}\n")

    said = curl("3.0/FR?wsdl", *count, *count, f"{served.url}/ROR/2016/FR?wsdl").stdout

    assert said == b"200 1\n200 0\n"


@pytest.mark.parametrize("version", [*VERSIONS, "2016"])
def test_gsoap_makes_a_client_of_what_is_published(
    curl: Curl, served: "Served", gsoap: Callable[[Path], None], version: str, tmp_path: Path
) -> None:
    # Its generators show no certificate: the documents are fetched beside, under the names that imports give them.
    (tmp_path / "service.wsdl").write_bytes(curl(f"{version}/FR?wsdl").stdout)
    for name in ("ror",) if version == "2016" else ("csd", "ror"):
        (tmp_path / f"?xsd={name}").write_bytes(curl(f"{version}/FR?xsd={name}").stdout)

    gsoap(tmp_path)

    assert f"{served.url}/ROR/{version}/FR" in (tmp_path / "soapClient.c").read_text(encoding="utf-8")


@pytest.mark.parametrize("version", [*VERSIONS, "2016"])
def test_the_description_names_the_public_address_whatever_host_the_caller_says(
    curl: Curl, served: "Served", version: str
) -> None:
    description = curl(f"{version}/FR?wsdl", "--header", "Host: elsewhere.example").stdout.decode()

    assert f'location="{served.url}/ROR/{version}/FR"' in description
    assert "elsewhere" not in description
