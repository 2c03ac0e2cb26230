"""Two outside callers, who know the wire only: a regional solution in SOAP, a national client in FHIR."""

import ssl
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from lxml import etree

from gateway.demo.reference import ReferenceClient, ReferenceMember
from mappings.csd.xml import parse

SOAP = "http://www.w3.org/2003/05/soap-envelope"
CSD = "urn:ihe:iti:csd:2013"
CALL_SECONDS = 30.0

READING = """<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:csd="urn:ihe:iti:csd:2013">
  <soap:Header/>
  <soap:Body>
    <csd:careServicesRequest>
      <csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true">
        <csd:TR_Lecture-OffresSanteEtablissement>
          <csd:etablissementDemandeLecture>
            <csd:id_etablissement code="{establishment}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
          </csd:etablissementDemandeLecture>
        </csd:TR_Lecture-OffresSanteEtablissement>
      </csd:function>
    </csd:careServicesRequest>
  </soap:Body>
</soap:Envelope>"""

SEARCH_2016 = """<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:ror="urn:asip:ror:2015">
  <soap:Header/>
  <soap:Body>
    <ror:careServicesRequest>
      <function><requestParams>
        <organization/>
        <facility><typeOfCare code="{care_mode}" codingScheme="1.2.250.1.213.3.3.13"/></facility>
        <service>{activities}</service>
        <otherParams>{destinations}</otherParams>
      </requestParams></function>
    </ror:careServicesRequest>
  </soap:Body>
</soap:Envelope>"""


class Heard(msgspec.Struct, frozen=True):
    """What came back: HTTP status, the coverage header, the body, and the seconds it took."""

    status: int
    coverage: str
    body: bytes
    seconds: float


def search_2016(activities: tuple[str, ...], care_mode: str, departments: tuple[str, ...]) -> str:
    """The envelope of a search of 2016 (contract section 16)."""
    return SEARCH_2016.format(
        care_mode=care_mode,
        activities="".join(f'<codedType code="{code}" codingScheme="1.2.250.1.213.3.3.12"/>' for code in activities),
        destinations="".join(
            f'<destination><type code="2"/><code code="{code}"/></destination>' for code in departments
        ),
    )


def caller_context(ca: str, certificate: str | None, key: str | None) -> ssl.SSLContext:
    """A client TLS context that trusts the demo's authority only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


class RegionalCaller:
    """A region that calls the gateway as if it were its peer."""

    def __init__(self, member: ReferenceMember, *, soap: str, ca: str) -> None:
        self._base = soap
        self._context = caller_context(ca, member.cert, member.key)

    async def call(self, address: str, envelope: str) -> Heard:
        """Send one envelope to `/ROR/{address}`."""
        started = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(
                f"{self._base}/ROR/{address}",
                data=envelope.encode(),
                headers={"Content-Type": "application/soap+xml; charset=utf-8"},
                ssl=self._context,
            ) as response,
        ):
            body = await response.read()
            coverage = response.headers.get("Ror-Coverage", "")
            return Heard(response.status, coverage, body, time.monotonic() - started)


class NationalCaller:
    """A national client: a token with its certificate, then searches with the four headers."""

    def __init__(self, client: ReferenceClient, *, fhir: str, token: str, ca: str) -> None:
        self._client = client
        self._fhir = fhir
        self._token = token
        self._certified = caller_context(ca, client.cert, client.key)
        self._plain = caller_context(ca, None, None)

    async def token(self) -> str:
        """An access token, by client credentials over mutual TLS (RFC 8705). Raises on any answer but 200."""
        form = {"grant_type": "client_credentials", "client_id": self._client.client_id}
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.post(self._token, data=form, ssl=self._certified) as response,
        ):
            answer: dict[str, Any] = await response.json()
            return str(answer["access_token"])

    async def search(self, token: str, parameters: list[tuple[str, str]], **headers: str) -> Heard:
        """A search on HealthcareService."""
        started = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(
                f"{self._fhir}/HealthcareService",
                params=parameters,
                headers=self._headers(token) | headers,
                ssl=self._plain,
            ) as response,
        ):
            body = await response.read()
            coverage = response.headers.get("Ror-Coverage", "")
            return Heard(response.status, coverage, body, time.monotonic() - started)

    def _headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json", **self._client.ror_headers}


def body_element(heard: Heard) -> etree._Element:
    """The only element of the SOAP body."""
    body = parse(heard.body).find(f"{{{SOAP}}}Body")
    if body is None or len(body) != 1:
        raise ValueError("not a SOAP answer")
    return body[0]


def bundle_counts(heard: Heard) -> Mapping[str, int]:
    """How many entries of each type and mode a Bundle holds, under `HealthcareService match` and so on."""
    bundle = msgspec.json.decode(heard.body)
    counts: dict[str, int] = {}
    for entry in bundle.get("entry", []):
        label = f"{entry['resource']['resourceType']} {entry['search']['mode']}"
        counts[label] = counts.get(label, 0) + 1
    return counts
