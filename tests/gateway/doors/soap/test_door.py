"""The SOAP door over real TLS: each bad input has its exact answer, and one log line carries its exchange id."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from lxml import etree

from gateway.app import Gateway, running
from mappings.csd.xml import parse

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World

SOAP = "http://www.w3.org/2003/05/soap-envelope"
NAMES = {"s": SOAP, "e": "urn:inter-ror:error", "ror": "urn:asip:ror:2015", "csd": "urn:ihe:iti:csd:2013"}
UNREACHED = "1690000001"

FUNCTION = 'urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true"'
READING = f"""<csd:careServicesRequest xmlns:csd="urn:ihe:iti:csd:2013"><csd:function {FUNCTION}>
<csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>
<csd:id_etablissement code="{UNREACHED}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
</csd:etablissementDemandeLecture></csd:TR_Lecture-OffresSanteEtablissement></csd:function></csd:careServicesRequest>"""
NOTIFICATION = """<ror:TR-Notif-ListeEtablissementsMajApresDate_Demande xmlns:ror="urn:asip:ror:2015"
xmlns:csd="urn:ihe:iti:csd:2013"><csd:params><csd:dateRef>2026-01-01T00:00:00</csd:dateRef></csd:params>
</ror:TR-Notif-ListeEtablissementsMajApresDate_Demande>"""
SEARCH = """<ror:careServicesRequest xmlns:ror="urn:asip:ror:2015"><function><requestParams><organization/>
<facility/><service><codedType code="172" codingScheme="1.2.250.1.213.3.3.12"/></service>
<otherParams><destination><type code="1"/><code code="84"/></destination></otherParams>
</requestParams></function></ror:careServicesRequest>"""


def envelope(body: str, header: str = "", namespace: str = SOAP) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{namespace}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'.encode()
    )


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: Any
    body: etree._Element

    @property
    def code(self) -> str | None:
        """The stable code of the fault."""
        return self._attribute("code")

    @property
    def exchange(self) -> str | None:
        return self._attribute("exchange")

    def _attribute(self, name: str) -> str | None:
        found = self.body.find(".//s:Detail/e:error", NAMES)
        return None if found is None else found.get(name)

    def text(self, path: str) -> str:
        return str(self.body.findtext(path, "", NAMES))


async def posted(
    world: "World",
    gateway: Gateway,
    data: Any,
    *,
    address: str = "3.0/84",
    certificate: str | None = "member-93-client",
    **headers: str,
) -> Answered:
    sent = {"Content-Type": "application/soap+xml", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{gateway.soap}/ROR/{address}", data=data, ssl=world.client_context(certificate), headers=sent
        ) as response,
    ):
        return Answered(response.status, response.headers, parse(await response.read()))


MALFORMED = {
    "not-well-formed": (b"<a><b></a>", 400, "Sender", "not-well-formed"),
    "empty": (b"", 400, "Sender", "not-well-formed"),
    "html": (b"<html><body>no</body></html>", 400, "Sender", "not-soap"),
    "soap-1.3": (envelope(READING, namespace="urn:soap:1.3"), 500, "VersionMismatch", "version-mismatch"),
    "no-namespace": (b"<Envelope><Body><x/></Body></Envelope>", 500, "VersionMismatch", "version-mismatch"),
    "empty-body": (envelope(""), 400, "Sender", "not-soap"),
    "two-elements": (envelope(READING + READING), 400, "Sender", "not-soap"),
    "unknown-element": (envelope("<x/>"), 400, "Sender", "unknown-request"),
    "must-understand": (
        envelope(READING, '<x:a xmlns:x="urn:x" s:mustUnderstand="1"/>'),
        500,
        "MustUnderstand",
        "must-understand",
    ),
    "search-elsewhere": (envelope(SEARCH), 400, "Sender", "wrong-address"),
    "no-identifier": (
        envelope(READING.replace(f'code="{UNREACHED}"', 'code=""')),
        400,
        "Sender",
        "bad-request",
    ),
}


@pytest.mark.parametrize(("data", "status", "side", "code"), MALFORMED.values(), ids=MALFORMED)
async def test_a_message_that_is_not_one(
    world: "World", gateway: Gateway, log: "Log", data: bytes, status: int, side: str, code: str
) -> None:
    answer = await posted(world, gateway, data)

    assert (answer.status, answer.code) == (status, code)
    assert answer.text(".//s:Code/s:Value") == f"soap:{side}"
    assert answer.headers["Content-Type"] == "application/soap+xml; charset=utf-8"
    assert [
        reason.get("{http://www.w3.org/XML/1998/namespace}lang") for reason in answer.body.iterfind(".//s:Text", NAMES)
    ] == [
        "fr",
        "en",
    ]
    assert answer.exchange == answer.headers["X-Request-Id"]
    (line,) = log.of(answer.headers["X-Request-Id"])
    assert (line["event"], line["caller"], line["code"], line["status"]) == ("exchange_ended", "93", code, status)


ADDRESSES = {
    "unknown-version": ("1.7/84", 404, "unknown-version"),
    "unknown-member": ("3.0/99", 404, "unknown-member"),
    "reading-at-2016": ("2016/84", 400, "wrong-address"),
    "elsewhere": ("3.0/84/x", 404, "unknown-address"),
}


@pytest.mark.parametrize(("address", "status", "code"), ADDRESSES.values(), ids=ADDRESSES)
async def test_an_address_that_is_not_one(
    world: "World", gateway: Gateway, log: "Log", address: str, status: int, code: str
) -> None:
    answer = await posted(world, gateway, envelope(READING), address=address)

    assert (answer.status, answer.code) == (status, code)
    assert len(log.of(answer.headers["X-Request-Id"])) == 1


async def test_other_media_types(world: "World", gateway: Gateway) -> None:
    refused = await posted(world, gateway, b"{}", **{"Content-Type": "application/json"})
    tolerated = await posted(world, gateway, b"<a/>", **{"Content-Type": "text/xml"})

    assert (refused.status, refused.code) == (415, "unsupported-media-type")
    assert (tolerated.status, tolerated.code) == (400, "not-soap")


async def test_a_body_that_never_ends(world: "World", gateway: Gateway) -> None:
    async def slow() -> Any:
        yield b"<a>"
        await asyncio.sleep(1.5)
        yield b"</a>"

    answer = await posted(world, gateway, slow())

    assert (answer.status, answer.code) == (408, "body-timed-out")


async def test_a_declared_encoding_is_read(world: "World", gateway: Gateway) -> None:
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>' + envelope(READING, '<x:a xmlns:x="urn:x">à Évry</x:a>').decode()
    )

    answer = await posted(world, gateway, text.encode("iso-8859-1"))
    wrong = await posted(world, gateway, text.replace("ISO-8859-1", "UTF-8").encode("iso-8859-1"))

    assert answer.code == "members-unavailable"
    assert wrong.code in {"encoding", "not-well-formed"}


@pytest.mark.parametrize("certificate", [None, "untrusted", "expired", "revoked"], ids=str)
async def test_a_bad_certificate_is_a_refused_handshake(
    world: "World", gateway: Gateway, certificate: str | None
) -> None:
    with pytest.raises((aiohttp.ClientConnectionError, ssl.SSLError)):
        await posted(world, gateway, envelope(READING), certificate=certificate)


@pytest.mark.parametrize("certificate", ["unlisted", "client-client-profil-1", "gateway-client"])
async def test_a_good_certificate_without_entry(world: "World", gateway: Gateway, log: "Log", certificate: str) -> None:
    answer = await posted(world, gateway, envelope(READING), certificate=certificate)

    assert (answer.status, answer.code) == (403, "not-permitted")
    assert "unlisted-certificate" in answer.text(".//s:Text")
    (line,) = log.of(answer.headers["X-Request-Id"])
    assert "caller" not in line


async def test_a_member_without_the_right(world: "World", log: "Log", tmp_path: Path) -> None:
    right = {"operation": "notification", "providers": ["84"], "profiles": ["0"]}
    members = [{**member, "rights": [right]} for member in world.document["members"]]
    document = world.federation_with(tmp_path / "federation.json", {"members": members})
    settings = world.configuration(tmp_path, federation={"document": document, "crl": [world.crl]})
    async with running(settings) as gateway:
        reading = await posted(world, gateway, envelope(READING))
        notification = await posted(world, gateway, envelope(NOTIFICATION), address="3.0/93")

    assert (reading.status, reading.code) == (403, "not-permitted")
    assert "operation-not-granted" in reading.text(".//s:Text")
    assert (notification.status, notification.code) == (403, "not-permitted")
    erreur = notification.body.find(".//s:Detail/ror:erreur", NAMES)
    assert erreur is not None
    assert erreur.get("code") == "403"
    assert log.of(reading.headers["X-Request-Id"])[0]["transaction"] == "lecture_etablissement"


async def test_an_expired_federation_document(world: "World", log: "Log", tmp_path: Path) -> None:
    now = datetime.now(UTC)
    changes = {"issued_at": now - timedelta(days=2), "expires_at": now - timedelta(days=1)}
    document = world.federation_with(tmp_path / "federation.json", changes)
    settings = world.configuration(tmp_path, federation={"document": document, "crl": [world.crl]})
    async with running(settings) as gateway:
        answer = await posted(world, gateway, envelope(READING))

    assert (answer.status, answer.code) == (500, "federation-expired")


async def test_members_that_cannot_be_reached_are_a_fault(world: "World", gateway: Gateway, log: "Log") -> None:
    answer = await posted(world, gateway, envelope(READING))

    assert (answer.status, answer.code) == (500, "members-unavailable")
    assert "m84;s=unreachable" in answer.headers["Ror-Coverage"]
    assert answer.body.find("s:Header/{urn:inter-ror:coverage:1}Coverage", NAMES) is not None
    (line,) = log.of(answer.headers["X-Request-Id"])
    assert (line["target"], line["members"]["84"]) == ("84", "unreachable")


async def test_a_notification_says_its_failure_with_erreur(world: "World", gateway: Gateway) -> None:
    answer = await posted(world, gateway, envelope(NOTIFICATION))

    erreur = answer.body.find(".//s:Detail/ror:erreur", NAMES)
    assert (answer.status, answer.code) == (500, "members-unavailable")
    assert erreur is not None
    assert erreur.get("message") == "Aucun membre interrogé n'a pu être joint."


async def test_a_header_that_speaks_of_a_certificate_is_not_read(world: "World", gateway: Gateway) -> None:
    answer = await posted(
        world,
        gateway,
        envelope(READING),
        certificate="unlisted",
        **{"X-SSL-Client-Cert": "member-84", "SSL_CLIENT_S_DN": "CN=ROR_84_CLIENT"},
    )

    assert answer.code == "not-permitted"


COVERAGE = '<c:Coverage xmlns:c="urn:inter-ror:coverage:1" {attributes}/>'


@pytest.mark.parametrize(
    ("attributes", "part"),
    [('complete="yes"', "complete"), ('source="other"', "source"), ('max-age="-1"', "max-age"), ('x="1"', "x")],
)
async def test_a_demand_on_coverage_that_cannot_be_read_is_refused(
    world: "World", gateway: Gateway, log: "Log", attributes: str, part: str
) -> None:
    answer = await posted(world, gateway, envelope(READING, COVERAGE.format(attributes=attributes)))

    assert (answer.status, answer.code) == (400, "bad-coverage-demand")
    assert answer.text(".//s:Code/s:Value") == "soap:Sender"
    assert answer.text(".//s:Text").endswith(f"({part}).")
    (line,) = log.of(answer.headers["X-Request-Id"])
    assert (line["code"], line["transaction"]) == ("bad-coverage-demand", "lecture_etablissement")


async def test_a_notification_is_told_it_with_erreur(world: "World", gateway: Gateway) -> None:
    answer = await posted(world, gateway, envelope(NOTIFICATION, COVERAGE.format(attributes='complete="yes"')))

    erreur = answer.body.find(".//s:Detail/ror:erreur", NAMES)
    assert (answer.status, answer.code) == (400, "bad-coverage-demand")
    assert erreur is not None
    assert erreur.get("code") == "400"


UNSERVED = {
    "radius-of-a-region": ("</destination>", '<distance value="5"/></destination>', "distance"),
}


@pytest.mark.parametrize(("place", "element", "name"), UNSERVED.values(), ids=UNSERVED)
async def test_a_criterion_of_2016_that_no_version_serves_is_refused(
    world: "World", gateway: Gateway, log: "Log", place: str, element: str, name: str
) -> None:
    answer = await posted(world, gateway, envelope(SEARCH.replace(place, element)), address="2016/84")

    words = {
        text.get("{http://www.w3.org/XML/1998/namespace}lang"): text.text
        for text in answer.body.iterfind(".//s:Reason/s:Text", NAMES)
    }
    assert (answer.status, answer.code) == (400, "criterion-not-served")
    assert answer.text(".//s:Code/s:Value") == "soap:Sender"
    assert answer.text(".//s:Subcode/s:Value").endswith("criterion-not-served")
    assert words == {
        "fr": f"Le critère {name} n'est pas servi : la recherche ne peut pas être faite sans lui.",
        "en": f"The criterion {name} is not served: the search cannot be made without it.",
    }
    assert [line["code"] for line in log.of(answer.headers["X-Request-Id"])] == ["criterion-not-served"]


SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"


@pytest.mark.parametrize("body", [READING, "", "<x/>"], ids=["reading", "empty", "unknown"])
async def test_a_1_1_envelope_is_refused_in_1_1(world: "World", gateway: Gateway, log: "Log", body: str) -> None:
    """SOAP 1.2 part 1, appendix A: a sender of 1.1 reads nothing else."""
    answer = await posted(
        world, gateway, envelope(body, namespace=SOAP11), **{"Content-Type": "text/xml", "SOAPAction": '""'}
    )

    fault = answer.body.find(f"{{{SOAP11}}}Body/{{{SOAP11}}}Fault")
    upgrade = answer.body.find(f"{{{SOAP11}}}Header/{{{SOAP}}}Upgrade/{{{SOAP}}}SupportedEnvelope")
    assert (answer.status, answer.headers["Content-Type"]) == (500, "text/xml; charset=utf-8")
    assert answer.body.tag == f"{{{SOAP11}}}Envelope"
    assert fault is not None
    assert upgrade is not None
    prefix, _, local = (fault.findtext("faultcode") or "").partition(":")
    assert (fault.nsmap[prefix], local) == (SOAP11, "VersionMismatch")
    prefix, _, local = (upgrade.get("qname") or "").partition(":")
    assert (upgrade.nsmap[prefix], local) == (SOAP, "Envelope")
    assert fault.findtext("faultstring") == (
        "Seule la version 1.2 de SOAP est acceptée (contrat, section 3). / "
        "Only SOAP 1.2 is accepted (contract, section 3)."
    )
    told = fault.find("detail/e:error", NAMES)
    assert told is not None
    assert (told.get("code"), told.get("exchange")) == ("version-mismatch", answer.headers["X-Request-Id"])
    (line,) = log.of(answer.headers["X-Request-Id"])
    assert (line["code"], line["status"]) == ("version-mismatch", 500)


def not_understood(answer: Answered) -> list[str]:
    """The names the fault gives, resolved."""
    found = []
    for block in answer.body.iterfind("s:Header/s:NotUnderstood", NAMES):
        prefix, _, local = (block.get("qname") or "").rpartition(":")
        found.append(f"{{{block.nsmap.get(prefix or None, '')}}}{local}")
    return found


ROLE = "http://www.w3.org/2003/05/soap-envelope/role"
MANDATORY = {
    "one": ('<x:a xmlns:x="urn:x" s:mustUnderstand="1"/>', ["{urn:x}a"]),
    "each": (
        '<x:a xmlns:x="urn:x" s:mustUnderstand="true"/><x:b xmlns:x="urn:x"/>'
        '<y:a xmlns:y="urn:y" s:mustUnderstand="1"/>',
        ["{urn:x}a", "{urn:y}a"],
    ),
    "next": (f'<x:a xmlns:x="urn:x" s:mustUnderstand="1" s:role="{ROLE}/next"/>', ["{urn:x}a"]),
    "receiver": (f'<x:a xmlns:x="urn:x" s:mustUnderstand="1" s:role="{ROLE}/ultimateReceiver"/>', ["{urn:x}a"]),
    "another-role": ('<x:a xmlns:x="urn:x" s:mustUnderstand="1" s:role="urn:other"/>', []),
    "none": (f'<x:a xmlns:x="urn:x" s:mustUnderstand="1" s:role="{ROLE}/none"/>', []),
    "twenty": (
        "".join(f'<x:a{n} xmlns:x="urn:x" s:mustUnderstand="1"/>' for n in range(20)),
        [f"{{urn:x}}a{n}" for n in range(16)],
    ),
    "not-mandatory": ('<x:a xmlns:x="urn:x" s:mustUnderstand="false"/><x:b xmlns:x="urn:x" s:mustUnderstand="0"/>', []),
}


@pytest.mark.parametrize(("blocks", "names"), MANDATORY.values(), ids=MANDATORY)
async def test_each_header_that_is_not_understood_is_named(
    world: "World", gateway: Gateway, blocks: str, names: list[str]
) -> None:
    answer = await posted(world, gateway, envelope(READING, blocks))

    assert answer.code == ("must-understand" if names else "members-unavailable")
    assert not_understood(answer) == names


ACCENTED = envelope(READING, '<x:a xmlns:x="urn:x">à Évry</x:a>').decode()


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>{ACCENTED}'


CHARSETS: dict[str, tuple[bytes, str, str]] = {
    "utf-8": (ACCENTED.encode(), "; charset=utf-8", "ok"),
    "utf-8-quoted": (declared("utf-8").encode(), '; charset="UTF-8"', "ok"),
    "latin-1-said-by-http": (ACCENTED.encode("latin-1"), "; charset=iso-8859-1", "ok"),
    "latin-1-said-by-both": (declared("ISO-8859-1").encode("latin-1"), "; charset=iso-8859-1", "ok"),
    "latin-1-said-by-nobody": (ACCENTED.encode("latin-1"), "", "refused"),
    "latin-1-in-a-utf-8-envelope": (declared("ISO-8859-1").encode("latin-1"), "; charset=utf-8", "encoding"),
    "utf-8-in-a-latin-1-envelope": (declared("UTF-8").encode(), "; charset=iso-8859-1", "encoding"),
    "byte-order-mark": (b"\xef\xbb\xbf" + ACCENTED.encode(), "; charset=utf-8", "ok"),
    "byte-order-mark-of-another": (b"\xef\xbb\xbf" + ACCENTED.encode(), "; charset=iso-8859-1", "encoding"),
    "utf-16": (declared("UTF-16").encode("utf-16"), "; charset=utf-16", "ok"),
    "utf-16-without-charset": (declared("UTF-16").encode("utf-16"), "", "ok"),
    "utf-16-big": (b"\xfe\xff" + ACCENTED.encode("utf-16-be"), "; charset=utf-16", "ok"),
    "utf-16-without-mark": (ACCENTED.encode("utf-16-le"), "; charset=utf-16le", "ok"),
    "utf-16-said-utf-8": (declared("UTF-16").encode("utf-16"), "; charset=utf-8", "encoding"),
    "utf-8-said-utf-16": (ACCENTED.encode(), "; charset=utf-16", "refused"),
    "utf-7": (b"+ADw-a/+AD4-", "; charset=utf-7", "encoding"),
    "unknown": (ACCENTED.encode(), "; charset=x-none", "encoding"),
}


@pytest.mark.parametrize(("data", "charset", "expected"), CHARSETS.values(), ids=CHARSETS)
async def test_the_charset_of_http_and_that_of_the_document(
    world: "World", gateway: Gateway, log: "Log", data: bytes, charset: str, expected: str
) -> None:
    answer = await posted(world, gateway, data, **{"Content-Type": f"application/soap+xml{charset}"})

    codes = {"ok": {"members-unavailable"}, "refused": {"encoding", "not-well-formed"}, "encoding": {"encoding"}}
    assert answer.code in codes[expected]
    assert len(log.of(answer.headers["X-Request-Id"])) == 1


ACTIONS = {
    "of-the-message": "urn:asip:ror:2015:stored-function:ror-search",
    "of-another": "urn:asip:ror:2015:stored-function:ror-update",
    "unknown": "urn:x",
    "empty": "",
}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
async def test_what_is_asked_is_the_body_whatever_the_action(
    world: "World", gateway: Gateway, log: "Log", action: str
) -> None:
    answer = await posted(
        world, gateway, envelope(READING), **{"Content-Type": f'application/soap+xml; action="{action}"'}
    )

    (line,) = log.of(answer.headers["X-Request-Id"])
    assert (answer.code, line["transaction"]) == ("members-unavailable", "lecture_etablissement")
    assert line.get("action") == (None if action.endswith("ror-search") or not action else "other")


@pytest.mark.parametrize(
    ("method", "query", "allowed"),
    [
        ("GET", "", "POST"),
        ("PUT", "", "GET,HEAD,POST"),
        ("GET", "?singleWsdl", "POST"),
        ("DELETE", "?wsdl", "GET,HEAD,POST"),
    ],
    ids=["get", "put", "other-document", "delete"],
)
async def test_another_method_is_told_those_that_are_served(
    world: "World", gateway: Gateway, log: "Log", method: str, query: str, allowed: str
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method, f"{gateway.soap}/ROR/3.0/84{query}", ssl=world.client_context("member-93-client")
        ) as response,
    ):
        body = parse(await response.read())

    assert (response.status, response.headers["Allow"]) == (405, allowed)
    assert body.find(".//s:Detail/e:error[@code='method-not-allowed']", NAMES) is not None
    assert len(log.of(response.headers["X-Request-Id"])) == 1


async def test_two_content_types_are_none(world: "World", gateway: Gateway) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{gateway.soap}/ROR/3.0/84",
            data=envelope(READING),
            ssl=world.client_context("member-93-client"),
            headers=[("Content-Type", "application/soap+xml"), ("Content-Type", "application/json")],
        ) as response,
    ):
        assert response.status in {400, 415}
