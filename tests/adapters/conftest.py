"""A small PKI and real TLS servers on the loopback: members that behave, and members that do not."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from adapters.contract import Identity, Target

ISSUER_DN = "CN=passerelle, OU=10B0000000, O=PASSERELLE FICTIVE, C=FR"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """A root that issues leaves."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=False,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=True,
                    crl_sign=True,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
            .sign(self._key, hashes.SHA256())
        )
        self.pem = folder / f"{name}.pem"
        self.pem.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def leaf(self, name: str, *, host: str = "localhost", expired: bool = False) -> "Leaf":
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        end = now - timedelta(hours=1) if expired else now + timedelta(hours=12)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=12))
            .not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        pem, secret = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return Leaf(pem, secret, sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest())


@dataclass(frozen=True)
class Leaf:
    """A certificate and its key."""

    pem: Path
    key: Path
    sha256: str


@dataclass(frozen=True)
class Pki:
    """The root everybody trusts, the leaves in use, and those that should not be believed."""

    root: Authority
    leaves: dict[str, Leaf]

    def server_context(self, leaf: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.leaves[leaf].pem, self.leaves[leaf].key)
        context.load_verify_locations(self.root.pem)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def identity(self) -> Identity:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_cert_chain(self.leaves["gateway"].pem, self.leaves["gateway"].key)
        context.load_verify_locations(self.root.pem)
        return Identity(context, ISSUER_DN, "10B0000000")


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder = tmp_path_factory.mktemp("pki")
    root, stranger = Authority(folder, "root"), Authority(folder, "stranger")
    return Pki(
        root,
        {
            "server": root.leaf("server"),
            "other": root.leaf("other"),
            "gateway": root.leaf("gateway"),
            "elsewhere": root.leaf("elsewhere", host="elsewhere.invalid"),
            "expired": root.leaf("expired", expired=True),
            "stranger": stranger.leaf("stranger-leaf"),
        },
    )


@pytest.fixture
def identity(pki: Pki) -> Identity:
    return pki.identity()


@dataclass
class Servers:
    """Starts servers and stops them at the end of the test."""

    pki: Pki
    stack: AsyncExitStack
    received: list[bytes] = field(default_factory=list)

    async def web(self, handler: Handler, *, leaf: str = "server") -> str:
        """The origin of a server that answers every path through `handler`."""
        return await self.stack.enter_async_context(_web(handler, self.pki.server_context(leaf)))

    async def raw(self, behave: Raw, *, leaf: str = "server") -> str:
        """The origin of a server that gets the bytes of each connection; what it reads is in `received`."""

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await behave(_Recorded(reader, self.received), writer)  # type: ignore[arg-type]
            except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                return
            finally:
                writer.transport.abort()

        server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=self.pki.server_context(leaf))
        self.stack.push_async_callback(_stop, server)
        return f"https://localhost:{server.sockets[0].getsockname()[1]}"

    def target(self, origin: str, **changes: object) -> Target:
        """A member at an origin, with the certificate every server shows unless told otherwise."""
        values: dict[str, object] = {
            "code": "84",
            "regions": ("84",),
            "solution": "ir",
            "contract": "3.0",
            "endpoint": f"{origin}/ROR",
            "server_name": "localhost",
            "server_sha256": frozenset({self.pki.leaves["server"].sha256}),
        }
        return Target(**{**values, **changes})  # type: ignore[arg-type]


class _Recorded:
    """A reader that keeps what it reads."""

    def __init__(self, reader: asyncio.StreamReader, received: list[bytes]) -> None:
        self._reader = reader
        self._received = received

    async def request(self) -> bytes:
        head = await self._reader.readuntil(b"\r\n\r\n")
        self._received.append(head)
        return head

    async def anything(self) -> bytes:
        data = await self._reader.read(1)
        if data:
            self._received.append(data)
        return data


@asynccontextmanager
async def _web(handler: Handler, context: ssl.SSLContext) -> AsyncIterator[str]:
    application = web.Application(client_max_size=2**26)
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        yield f"https://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


@pytest.fixture
async def servers(pki: Pki) -> AsyncIterator[Servers]:
    async with AsyncExitStack() as stack:
        yield Servers(pki, stack)


def envelope(body: str) -> bytes:
    """A SOAP 1.2 message as a member writes it."""
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:c="urn:ihe:iti:csd:2013"'
        f' xmlns:r="urn:asip:ror:2015"><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


RECORD = '<c:record created="2024-03-01T08:00:00" updated="2025-12-02T10:15:00" status="Ok"/>'


def organization(entity: str, key: str, parent: str = "") -> str:
    """An EJ, or an EG under its parent."""
    link = f'<c:parent entityID="{parent}"/>' if parent else ""
    return (
        f'<c:organization entityID="{entity}"><c:otherID code="{key}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'
        f'<c:codedType code="109" codingScheme="1.2.250.1.213.1.6.1.8"/><c:primaryName>{entity}</c:primaryName>{link}'
        f"{RECORD}</c:organization>"
    )


def unit(key: str, site: str = "EG", extra: str = "") -> str:
    """An elementary unit."""
    return (
        f'<c:facility entityID="{key}"><c:otherID code="{key}" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>'
        f'<c:codedType code="4" codingScheme="1.2.250.1.213.3.3.8"/><c:primaryName>{key}</c:primaryName>'
        f'<c:organizations><c:organization entityID="{site}"/></c:organizations>'
        '<c:extension type="ror" urn="urn:fictif"><c:creationDate>2024-03-01</c:creationDate>'
        f'<c:typeActivity code="02" codingScheme="1.2.250.1.213.3.3.17"/>{extra}</c:extension>{RECORD}</c:facility>'
    )


def reading(site: str, *units: str, announced: int | None = None) -> bytes:
    """The answer of a reading of one establishment."""
    number = len(units) if announced is None else announced
    return envelope(
        f"<c:careServicesResponse><c:result><c:facilityNumber>{number}</c:facilityNumber><c:queryResult>"
        f"<c:organizationDirectory>{organization('EJ', '1019999983')}{organization('EG', site, 'EJ')}"
        "</c:organizationDirectory><c:serviceDirectory/>"
        f"<c:facilityDirectory>{''.join(units)}</c:facilityDirectory>"
        "<c:providerDirectory/><c:deviceDirectory/></c:queryResult></c:result></c:careServicesResponse>"
    )


def found(*units: tuple[str, str], announced: int | None = None) -> bytes:
    """The answer of the search of 2016: units, each with the establishment it belongs to."""
    sites = dict.fromkeys(site for _, site in units)
    organizations = "".join(
        f'<organization entityID="{site}"><otherID code="{site}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'
        f'<primaryName>{site}</primaryName><parent entityID="EJ"/></organization>'
        for site in sites
    )
    facilities = "".join(
        f'<facility entityID="{key}"><otherID code="{key}" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>'
        f'<organizations><organization entityID="{site}"/></organizations></facility>'
        for key, site in units
    )
    number = len(units) if announced is None else announced
    return envelope(
        f"<r:careServicesResponse><result><resultNumber><OInumber>{number}</OInumber></resultNumber>"
        '<organizationDirectory><organization entityID="EJ"><otherID code="1019999983"'
        f' assigningAuthorityName="1.2.250.1.71.4.2.2"/></organization>{organizations}</organizationDirectory>'
        f"<serviceDirectory/><facilityDirectory>{facilities}</facilityDirectory><deviceDirectory/></result>"
        "</r:careServicesResponse>"
    )


@pytest.fixture
def wire() -> SimpleNamespace:
    """The writers of messages."""
    return SimpleNamespace(
        envelope=envelope, reading=reading, unit=unit, found=found, organization=organization, record=RECORD
    )
