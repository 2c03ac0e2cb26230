"""A small hierarchy of the shape of the health PKI, made once, with hostile neighbours (security facts 1.6)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mappings.exposition.demandes import ProfilAcces, Transaction
from whitelist.document import (
    CertificateUsage,
    Endpoint,
    FederationDocument,
    FederationMember,
    ListedCertificate,
    MemberState,
    Right,
    Trust,
)
from whitelist.identity import PeerCertificate

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
CATEGORY = x509.ObjectIdentifier("1.2.250.1.71.1.2.5")
TEST_PRODUCT = b"\x04\x01\x83"

OIDS = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
    "SN": NameOID.SURNAME,
    "GN": NameOID.GIVEN_NAME,
    "TITLE": NameOID.TITLE,
}
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
MAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION

SUBJECT = (("C", "FR"), ("ST", "Paris (75)"), ("O", "ROR DE TEST"), ("OU", "11B0000840"), ("CN", "ROR_84_CLIENT"))


def dn(*pairs: tuple[str, str] | tuple[tuple[str, str], ...]) -> x509.Name:
    """A name; a tuple of pairs makes one part with several values."""
    groups = [pair if isinstance(pair[0], tuple) else (pair,) for pair in pairs]
    return x509.Name(
        [
            x509.RelativeDistinguishedName([x509.NameAttribute(OIDS[name], value) for name, value in group])
            for group in groups
        ]
    )


def key_usage(*uses: str) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in uses for name in names})


@dataclass(frozen=True)
class Authority:
    """A certificate authority with its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def sha256(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def sign_list(
        self,
        *revoked: int,
        number: int | None = 1,
        updated: datetime = NOW - DAY,
        expires: datetime = NOW + DAY,
        signed_by: "Authority | None" = None,
        critical: x509.ExtensionType | None = None,
    ) -> bytes:
        """A revocation list, PEM."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(updated)
            .next_update(expires)
        )
        for serial in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(updated).build()
            builder = builder.add_revoked_certificate(entry)
        if number is not None:
            builder = builder.add_extension(x509.CRLNumber(number), critical=False)
        if critical is not None:
            builder = builder.add_extension(critical, critical=True)
        signer = (signed_by or self).key
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class Leaf:
    """An end certificate with its key, and the one that issued it."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    issuer: Authority

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def write(self, directory: Path, *, chain: bool = True) -> tuple[Path, Path]:
        """The certificate file, followed by its issuer, and the key file."""
        name = secrets.token_hex(8)
        certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
        shown = [self.certificate, self.issuer.certificate] if chain else [self.certificate]
        certificate.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in shown))
        key.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, key


def make_authority(name: str, key: rsa.RSAPrivateKey, parent: Authority | None = None) -> Authority:
    subject = dn(("C", "FR"), ("O", "ASIP-SANTE"), ("OU", "0002 187512751"), ("OU", "IGC-SANTE TEST"), ("CN", name))
    above = Authority(None, key) if parent is None else parent  # type: ignore[arg-type]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if parent is None else parent.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 100 * DAY)
        .not_valid_after(NOW + 100 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None if parent is None else 0), critical=True)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()), critical=False)
        .sign(above.key, hashes.SHA256())
    )
    return Authority(certificate, key)


@dataclass(frozen=True)
class Pki:
    """The pinned hierarchy, and others that must not be taken for it."""

    root: Authority
    issuer: Authority
    persons: Authority
    hostile_root: Authority
    hostile_issuer: Authority
    leaf_key: rsa.RSAPrivateKey
    weak_key: rsa.RSAPrivateKey
    lists: list[bytes] = field(default_factory=list)

    def issue(
        self,
        *,
        subject: tuple = SUBJECT,
        issuer: Authority | None = None,
        key: rsa.RSAPrivateKey | None = None,
        usage: tuple[str, ...] = ("digital_signature",),
        purposes: tuple[x509.ObjectIdentifier, ...] | None = (CLIENT,),
        names: tuple[str, ...] = (),
        category: bytes | None = TEST_PRODUCT,
        valid: tuple[datetime, datetime] = (NOW - DAY, NOW + 30 * DAY),
    ) -> Leaf:
        """A leaf of the AUTH_CLI shape unless told otherwise."""
        signer, key = issuer or self.issuer, key or self.leaf_key
        builder = (
            x509.CertificateBuilder()
            .subject_name(dn(*subject))
            .issuer_name(signer.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(valid[0])
            .not_valid_after(valid[1])
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=False)
            .add_extension(key_usage(*usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
        )
        if purposes is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
            )
        if category is not None:
            builder = builder.add_extension(x509.UnrecognizedExtension(CATEGORY, category), critical=False)
        return Leaf(builder.sign(signer.key, hashes.SHA256()), key, signer)

    def server(self, *names: str) -> Leaf:
        """A leaf of the SSL_SERV shape."""
        return self.issue(
            subject=(*SUBJECT[:4], ("CN", "localhost")),
            usage=("digital_signature", "key_encipherment"),
            purposes=(SERVER, CLIENT),
            names=names or ("localhost",),
        )

    def peer(self, leaf: Leaf) -> PeerCertificate:
        """The identity of a leaf, as a door sees it."""
        return PeerCertificate.from_der(leaf.der, (self.issuer.certificate,))


@pytest.fixture(scope="session")
def pki() -> Pki:
    keys = [rsa.generate_private_key(65537, 2048) for _ in range(6)]
    root = make_authority("TEST AC RACINE IGC-SANTE ELEMENTAIRE", keys[0])
    hostile = make_authority("TEST AC RACINE IGC-SANTE ELEMENTAIRE", keys[3])
    return Pki(
        root=root,
        issuer=make_authority("TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS", keys[1], root),
        persons=make_authority("TEST AC IGC-SANTE ELEMENTAIRE PERSONNES", keys[2], root),
        hostile_root=hostile,
        hostile_issuer=make_authority("TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS", keys[4], hostile),
        leaf_key=keys[5],
        weak_key=rsa.generate_private_key(65537, 1024),  # noqa: S505 - the weak key of case C21
    )


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


def listed(peer: PeerCertificate, usage: CertificateUsage = CertificateUsage.CLIENT) -> ListedCertificate:
    """The entry of a certificate in the document."""
    return ListedCertificate(usage=usage, sha256=peer.sha256, subject=peer.subject, issuer=peer.issuer_cn)


@pytest.fixture(scope="session")
def entry() -> Callable[..., ListedCertificate]:
    return listed


@pytest.fixture(scope="session")
def peer(pki) -> PeerCertificate:
    """The certificate of member 84."""
    return pki.peer(pki.issue())


@pytest.fixture
def document(pki, peer) -> FederationDocument:
    """Members 84, which may search everywhere under profiles 1 and 2 and read 53 under profile 3, 53 and 94."""
    server = pki.peer(pki.server())
    rights = (
        Right(operation=Transaction.RECHERCHE, providers=("*",), profiles=frozenset({ProfilAcces.P1, ProfilAcces.P2})),
        Right(operation=Transaction.LECTURE_ETABLISSEMENT, providers=("53",), profiles=frozenset({ProfilAcces.P3})),
        Right(operation=Transaction.LECTURE_ETABLISSEMENT, providers=("94",), profiles=frozenset({ProfilAcces.P1})),
    )
    return FederationDocument(
        format="1.0",
        federation_id="inter-ror",
        environment="test",
        serial=1,
        issued_at=NOW - DAY,
        expires_at=NOW + 6 * DAY,
        nomenclatures="2026-09",
        trust=Trust(roots=frozenset({pki.root.sha256}), issuers=frozenset({pki.issuer.sha256})),
        members=(
            FederationMember(
                code="84",
                name="Auvergne-Rhône-Alpes",
                regions=("84",),
                solution="a",
                contract="3.0",
                state=MemberState.REGIONAL,
                certificates=(listed(peer), listed(server, CertificateUsage.SERVER)),
                endpoints=(
                    Endpoint(interface="soap-csd", version="3.0", url="https://localhost:1", server_name="localhost"),
                ),
                rights=rights,
            ),
            FederationMember(
                code="53", name="Bretagne", regions=("53",), solution="b", contract="2.4", state=MemberState.REGIONAL
            ),
            FederationMember(
                code="94", name="Corse", regions=("94",), solution="b", contract="1.6", state=MemberState.NATIONAL
            ),
        ),
    )
