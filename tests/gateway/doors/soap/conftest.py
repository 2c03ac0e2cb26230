"""A gateway whose members have signing certificates, and a signer that shares nothing with our verifier."""

import io
import json
import logging
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
import structlog
from cryptography.hazmat.primitives import serialization
from lxml import etree

from conformance.attacks.assertion import signature
from conformance.reference.document import listed
from conformance.reference.pki import (
    Family,
    Leaf,
    issue,
    key_usage,
    leaf_subject,
    make_hierarchy,
    revocation_list,
    write_leaf,
)
from gateway import telemetry
from gateway.app import Gateway, running
from mappings.csd import vihf
from mappings.csd.xml import parse
from mappings.exposition.demandes import ContexteAppelant
from mappings.exposition.values import Code
from whitelist.names import write_dn

if TYPE_CHECKING:
    from tests.gateway.conftest import World

SOAP = "http://www.w3.org/2003/05/soap-envelope"
NAMES = {"s": SOAP, "e": "urn:inter-ror:error"}
READING = """<csd:careServicesRequest xmlns:csd="urn:ihe:iti:csd:2013">
<csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true">
<csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>
<csd:id_etablissement code="1690000001" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
</csd:etablissementDemandeLecture></csd:TR_Lecture-OffresSanteEtablissement></csd:function></csd:careServicesRequest>"""
STRANGE = 'L\'HÔPITAL, "A"; <B>+#1 \\ /OU=318751275100020 x'
SIRET = "318751275100020"


@dataclass(frozen=True, slots=True)
class Told:
    """What the gateway answered to a call: `ok` when the assertion was accepted, else its cause."""

    status: int
    cause: str
    security: str
    line: dict[str, Any]


class Federation:
    """A running gateway, the certificates of its callers, and its log."""

    def __init__(self, gateway: Gateway, world: "World", leaves: dict[str, Leaf], log: io.StringIO) -> None:
        self.gateway = gateway
        self.world = world
        self.leaves = leaves
        self.log = log

    def subject(self, name: str) -> str:
        return write_dn(tuple(pair for pair in listed(self.leaves[name], "client")["subject"]))

    def assertion(self, holder: str = "member-93-client", *, code: str = "CU20", **made: Any) -> str:
        """A fresh `wsse:Security` of that caller; `made` replaces its issuer, its structure, its age."""
        names = dict(listed(self.leaves[holder], "client")["subject"])
        context = ContexteAppelant(
            Code("R78", code), vihf.AUTOMATE, structure=made.get("structure", names["OU"]), nom="essai"
        )
        element = vihf.write(
            context,
            issuer=made.get("issuer", self.subject(holder)),
            now=datetime.now(UTC) - made.get("age", timedelta()),
            identifier=f"_{uuid.uuid4()}",
        )
        return etree.tostring(element, encoding="unicode")

    async def call(self, message: str, certificate: str = "member-93-client", *, address: str = "3.0/84") -> Told:
        """A reading with that header, or that whole envelope."""
        data = message if "<s:Envelope" in message else enveloped(message)
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{self.gateway.soap}/ROR/{address}",
                data=data.encode(),
                ssl=self.world.client_context(certificate),
                headers={"Content-Type": "application/soap+xml"},
            ) as response,
        ):
            body = parse(await response.read())
            exchange = response.headers["X-Request-Id"]
        lines = [line for line in map(json.loads, self.log.getvalue().splitlines()) if line.get("exchange") == exchange]
        (line,) = lines
        code = str(body.findtext(".//s:Detail/e:error", "", NAMES))
        security = str(body.findtext(".//s:Subcode/s:Subcode/s:Value", "", NAMES))
        # No member can be reached here: to be told so is to have been let in.
        cause = {"members-unavailable": "ok", "assertion-refused": line.get("cause", "")}.get(code, code)
        return Told(response.status, cause, security, line)


def enveloped(header: str, body: str = READING) -> str:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'


def sign(security: str, leaf: Leaf) -> str:
    """The same header with its assertion signed."""
    opening, inside, closing = opened(security)
    return (
        opening
        + inside.replace("</saml:Issuer>", f"</saml:Issuer>{signature(inside, leaf.key, leaf.certificate)}", 1)
        + closing
    )


def opened(security: str) -> tuple[str, str, str]:
    """The header before its assertion, the assertion, and the header after it."""
    before, _, rest = security.partition("<saml:Assertion")
    inside, _, after = rest.partition("</saml:Assertion>")
    return before, f"<saml:Assertion{inside}</saml:Assertion>", after


def _leaves(world: "World") -> dict[str, Leaf]:
    """The leaves of the world, and those this folder needs: for signing, and with names that are hard to write."""
    issuer = world.pki.hierarchy.organisations

    def made(family: Family, structure: str, name: str, **departures: Any) -> Leaf:
        authority = departures.pop("authority", issuer)
        subject = leaf_subject(department="Paris (75)", organisation="ROR ESSAI", structure=structure, name=name)
        return issue(authority, family, subject, **departures)

    structures = {member["code"]: member["structures"][0] for member in world.document["members"]}
    own, other = structures["93"], structures["84"]
    now = datetime.now(UTC).replace(microsecond=0)
    hostile = make_hierarchy(ca_key_size=2048).organisations
    return {
        **world.pki.leaves,
        "sign-93": made(Family.SIGN, own, "SIGN_93"),
        "sign-84": made(Family.SIGN, other, "SIGN_84"),
        "sign-unlisted": made(Family.SIGN, own, "SIGN_93_BIS"),
        "sign-revoked": made(Family.SIGN, own, "SIGN_93_REVOQUE"),
        "sign-old": made(
            Family.SIGN, own, "SIGN_93_VIEUX", not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
        ),
        "sign-hostile": made(Family.SIGN, own, "SIGN_93_HOSTILE", authority=hostile),
        "sign-cipher": made(Family.SIGN, own, "SIGN_93_CONF", usage=key_usage("key_encipherment")),
        "strange": made(Family.AUTH_CLI, own, STRANGE),
        "siret": made(Family.AUTH_CLI, SIRET, "SIRET"),
    }


LISTED_FOR_93 = (
    ("sign-93", "sign"),
    ("sign-revoked", "sign"),
    ("sign-old", "sign"),
    ("sign-hostile", "sign"),
    ("sign-cipher", "sign"),
    ("strange", "client"),
    ("siret", "client"),
)
PROFILES = ["0", "2", "3"]


def _document(world: "World", leaves: dict[str, Leaf]) -> dict[str, Any]:
    """93 may read under the profiles 0, 2 and 3; 84 must sign, may use an assertion again, and writes VIHF 3.0."""
    right = {"operation": "lecture_etablissement", "providers": ["*"], "profiles": PROFILES}
    policies = {
        "93": {"rights": [right]},
        "84": {"unsigned_vihf": False, "reused_vihf": True, "vihf_versions": ["2.0", "3.0"]},
    }
    added = {"93": LISTED_FOR_93, "84": (("sign-84", "sign"),)}
    return {
        "members": [
            {
                **member,
                **policies[member["code"]],
                "certificates": [
                    *member["certificates"],
                    *(listed(leaves[name], usage) for name, usage in added[member["code"]]),
                ],
            }
            for member in world.document["members"]
        ]
    }


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def federation(world: "World", tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Federation]:
    """The gateway of this folder, for a module."""
    folder = tmp_path_factory.mktemp("callers")
    leaves = _leaves(world)
    for name in ("strange", "siret"):
        write_leaf(world.pki.directory, name, leaves[name])
    hierarchy = world.pki.hierarchy
    lists = (
        revocation_list(hierarchy.root),
        revocation_list(hierarchy.organisations, [leaves["sign-revoked"].certificate], number=3),
    )
    crl = folder / "crl.pem"
    crl.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in lists))
    document = world.federation_with(folder / "federation.json", _document(world, leaves))
    stream = io.StringIO()
    telemetry.configure(stream)
    files = {"document": document, "crl": [crl]}
    async with running(world.configuration(folder, federation=files)) as gateway:
        yield Federation(gateway, world, leaves, stream)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.getLogger().handlers.clear()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def strict(
    federation: Federation, world: "World", tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Federation]:
    """The same callers at a gateway that takes no unsigned assertion, and has a name; 93 must present one."""
    folder = tmp_path_factory.mktemp("strict")
    held = _document(world, federation.leaves)
    members = [
        {**member, "profile_without_vihf": None} if member["code"] == "93" else member for member in held["members"]
    ]
    document = world.federation_with(folder / "federation.json", {"members": members})
    settings = world.configuration(
        folder,
        federation={"document": document, "crl": [world.crl]},
        soap={"unsigned_assertions": "refuse", "audiences": ["urn:passerelle"]},
    )
    async with running(settings) as gateway:
        yield Federation(gateway, world, federation.leaves, federation.log)


@pytest.fixture(scope="session")
def signed() -> Callable[[str, Leaf], str]:
    return sign


@pytest.fixture(scope="session")
def parts() -> Callable[[str], tuple[str, str, str]]:
    return opened


@pytest.fixture(scope="session")
def envelope_of() -> Callable[..., str]:
    return enveloped
