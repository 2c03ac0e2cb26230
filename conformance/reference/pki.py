"""A test PKI in the shape of the health PKI (security facts 1.2 to 1.6), TEST branch only.

Names, order and string types of the subjects, policies, addresses and extensions are those of the real certificates.
The keys are ours: pin certificates by SHA-256, never by name. CA keys are RSA 4096 as the real ones (about 0.2 s each);
`ca_key_size` makes them smaller where a test needs many hierarchies. SHA-1 signatures cannot be made with the library.
"""

import secrets
import unicodedata
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from cryptography.x509.oid import NameOID

CA_KEY_SIZE = 4096
LEAF_KEY_SIZE = 2048
ROOT_VALIDITY = (datetime(2013, 6, 25, tzinfo=UTC), datetime(2033, 6, 25, tzinfo=UTC))
INTERMEDIATE_VALIDITY = (ROOT_VALIDITY[0], datetime(2033, 6, 24, tzinfo=UTC))
PUBLISHED = "http://igc-sante.esante.gouv.fr"
CPS = f"{PUBLISHED}/PC%20TEST"
ANY_POLICY = ObjectIdentifier("2.5.29.32.0")
LEAF_POLICY = ObjectIdentifier("1.2.250.1.213.1.7.2.1.1.1.1")
CATEGORY = ObjectIdentifier("1.2.250.1.71.1.2.5")
TEST_SOFTWARE = b"\x04\x01\x83"
SHORT_NAMES = {
    NameOID.COUNTRY_NAME: "C",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COMMON_NAME: "CN",
}
NAME_OIDS = {short: oid for oid, short in SHORT_NAMES.items()}
ORGANISATION_CUT = 40

Subject = tuple[tuple[str, str], ...]


class Gamme(StrEnum):
    """The three ranges; the ROR uses ELEMENTAIRE only."""

    ELEMENTAIRE = "EL"
    STANDARD = "ST"
    FORT = "FO"


class Domain(StrEnum):
    """The two intermediates under each root."""

    ORGANISATIONS = "ORG"
    PERSONNES = "PP"


class Family(StrEnum):
    """Families of legal persons, told by key usages, never by the policy (security facts 1.3)."""

    AUTH_CLI = "AUTH_CLI"
    SIGN = "SIGN"
    SSL_SERV = "SSL_SERV"


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA; `code` is the name of its published files, such as ACI-EL-ORG-TEST."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    code: str


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """One root and its two intermediates."""

    root: Authority
    organisations: Authority
    personnes: Authority


@dataclass(frozen=True, slots=True)
class Leaf:
    """An end certificate and its key, with the CA that issued it."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    issuer: Authority

    @property
    def sha256(self) -> str:
        """The fingerprint of the DER in lower hex: what a federation document pins."""
        return fingerprint(self.certificate)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER in lower hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def subject_pairs(name: x509.Name) -> Subject:
    """The (attribute, value) pairs of a name in certificate order."""
    return tuple((SHORT_NAMES[attribute.oid], str(attribute.value)) for attribute in name)


def distinguished_name(pairs: Subject) -> x509.Name:
    """One value per RDN in the given order: PrintableString for the country, UTF8String for the rest."""
    return x509.Name(
        x509.NameAttribute(NAME_OIDS[key], value, _ASN1Type.PrintableString if key == "C" else _ASN1Type.UTF8String)
        for key, value in pairs
    )


def leaf_subject(*, department: str, organisation: str, structure: str, name: str) -> Subject:
    """The subject of a legal person's certificate: C, ST, O (plain capitals, cut at 40), OU = idNat_Struct, CN."""
    plain = unicodedata.normalize("NFKD", organisation.upper()).encode("ascii", "ignore").decode()
    return (
        ("C", "FR"),
        ("ST", department),
        ("O", plain[:ORGANISATION_CUT]),
        ("OU", structure),
        ("CN", name),
    )


def authority_subject(name: str) -> Subject:
    """The subject of a TEST CA: the old name of the agency, its SIREN, the branch."""
    return (("C", "FR"), ("O", "ASIP-SANTE"), ("OU", "0002 187512751"), ("OU", "IGC-SANTE TEST"), ("CN", name))


def new_keys(count: int, size: int = LEAF_KEY_SIZE) -> list[rsa.RSAPrivateKey]:
    """Distinct keys; the library generates them outside the interpreter lock, so threads use every core."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda _: rsa.generate_private_key(65537, size), range(count)))


def make_hierarchy(gamme: Gamme = Gamme.ELEMENTAIRE, *, ca_key_size: int = CA_KEY_SIZE) -> Hierarchy:
    """A fresh hierarchy of that range: called twice, it gives identical names under other keys (case C10)."""
    root_key, organisations_key, personnes_key = new_keys(3, ca_key_size)
    root = _root(gamme, root_key)
    return Hierarchy(
        root,
        _intermediate(gamme, Domain.ORGANISATIONS, organisations_key, root),
        _intermediate(gamme, Domain.PERSONNES, personnes_key, root),
    )


def _root(gamme: Gamme, key: rsa.RSAPrivateKey) -> Authority:
    name = distinguished_name(authority_subject(f"TEST AC RACINE IGC-SANTE {gamme.name}"))
    builder = _authority_builder(name, name, key.public_key(), key.public_key(), ROOT_VALIDITY, pathlen=None)
    return Authority(builder.sign(key, hashes.SHA256()), key, f"ACR-{gamme}-TEST")


def _intermediate(gamme: Gamme, domain: Domain, key: rsa.RSAPrivateKey, root: Authority) -> Authority:
    name = distinguished_name(authority_subject(f"TEST AC IGC-SANTE {gamme.name} {domain.name}"))
    builder = _authority_builder(
        name, root.certificate.subject, key.public_key(), root.key.public_key(), INTERMEDIATE_VALIDITY, pathlen=0
    ).add_extension(_crl_points(root), critical=False)
    return Authority(builder.sign(root.key, hashes.SHA256()), key, f"ACI-{gamme}-{domain}-TEST")


def _authority_builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPublicKey,
    issuer_key: rsa.RSAPublicKey,
    validity: tuple[datetime, datetime],
    *,
    pathlen: int | None,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(int.from_bytes(b"\x11\x20" + secrets.token_bytes(16)))
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.BasicConstraints(ca=True, path_length=pathlen), critical=True)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(_policy(ANY_POLICY), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def key_usage(*uses: str) -> x509.KeyUsage:
    """A key usage with only those bits, under the names of the library."""
    bits = (
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
    return x509.KeyUsage(**{bit: bit in uses for bit in bits})


USAGES = {
    Family.AUTH_CLI: (key_usage("digital_signature"), (Purpose.CLIENT_AUTH,)),
    Family.SIGN: (key_usage("digital_signature", "content_commitment"), (Purpose.EMAIL_PROTECTION,)),
    Family.SSL_SERV: (
        key_usage("digital_signature", "key_encipherment"),
        (Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH),
    ),
}


def _policy(policy: ObjectIdentifier) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(policy, [CPS])])


def _ldap(authority: Authority, attribute: str) -> str:
    pairs = reversed(subject_pairs(authority.certificate.subject))
    name = ",".join(f"{key}={quote(value)}" for key, value in pairs)
    return f"ldap://annuaire-igc.esante.gouv.fr/{name}?{attribute};binary?base?objectclass=pkiCa"


def _points(addresses: Iterable[str]) -> list[x509.DistributionPoint]:
    return [
        x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None) for address in addresses
    ]


def _crl_points(authority: Authority) -> x509.CRLDistributionPoints:
    file = f"{PUBLISHED}/CRL/{authority.code}.crl"
    return x509.CRLDistributionPoints(_points([file, _ldap(authority, "certificaterevocationlist")]))


def _access(authority: Authority) -> x509.AuthorityInformationAccess:
    responder = x509.UniformResourceIdentifier("http://ocsp.esante.gouv.fr")
    issuer = x509.UniformResourceIdentifier(f"{PUBLISHED}/AC%20TEST/{authority.code}.cer")
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(Access.OCSP, responder), x509.AccessDescription(Access.CA_ISSUERS, issuer)]
    )


def three_years(start: datetime) -> datetime:
    """The same second three years later (a 29 February becomes 1 March)."""
    try:
        return start.replace(year=start.year + 3)
    except ValueError:
        return start.replace(year=start.year + 3, month=3, day=1)


def issue(
    issuer: Authority,
    family: Family,
    subject: Subject,
    *,
    host_names: tuple[str, ...] = (),
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    usage: x509.KeyUsage | None = None,
    purposes: tuple[ObjectIdentifier, ...] | None = None,
    category: bytes | None = TEST_SOFTWARE,
    unknown_critical: bool = False,
    key_size: int = LEAF_KEY_SIZE,
    key: rsa.RSAPrivateKey | None = None,
    digest: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None = None,
) -> Leaf:
    """A leaf of that family; each keyword departs from the family's profile to make the hostile cases."""
    start = not_before or datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    end = not_after or three_years(start)
    key = key or rsa.generate_private_key(65537, key_size)
    usual_usage, usual_purposes = USAGES[family]
    builder = _leaf_builder(issuer, subject, key.public_key(), start, end)
    builder = builder.add_extension(usage or usual_usage, critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes or usual_purposes), critical=False)
    if family is Family.SIGN:
        builder = builder.add_extension(x509.PrivateKeyUsagePeriod(start, end), critical=False)
    if host_names:
        names = x509.SubjectAlternativeName([x509.DNSName(name) for name in host_names])
        builder = builder.add_extension(names, critical=False)
    if category is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(CATEGORY, category), critical=False)
    if unknown_critical:
        unknown = x509.UnrecognizedExtension(ObjectIdentifier("1.2.250.1.213.99.1"), b"\x05\x00")
        builder = builder.add_extension(unknown, critical=True)
    return Leaf(builder.sign(issuer.key, digest or hashes.SHA256()), key, issuer)


def _leaf_builder(
    issuer: Authority, subject: Subject, key: rsa.RSAPublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    delta = x509.FreshestCRL(_points([_ldap(issuer, "deltarevocationlist")]))
    return (
        x509.CertificateBuilder()
        .subject_name(distinguished_name(subject))
        .issuer_name(issuer.certificate.subject)
        .public_key(key)
        .serial_number(int.from_bytes(bytes([secrets.randbelow(0x7F) + 1]) + secrets.token_bytes(15)))
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        .add_extension(_policy(LEAF_POLICY), critical=False)
        .add_extension(_access(issuer), critical=False)
        .add_extension(_crl_points(issuer), critical=False)
        .add_extension(delta, critical=False)
    )


def revocation_list(
    authority: Authority,
    revoked: Iterable[x509.Certificate] = (),
    *,
    number: int = 1,
    this_update: datetime | None = None,
    next_update: datetime | None = None,
    signer: Authority | None = None,
) -> x509.CertificateRevocationList:
    """The CRL of a CA; `signer` signs in its place, which makes a forgery under the same name.

    The validity of the real lists is not established: seven days here.
    """
    start = this_update or datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    signing = (signer or authority).key
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(start)
        .next_update(next_update or start + timedelta(days=7))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    for certificate in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(start)
        reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
        builder = builder.add_revoked_certificate(entry.add_extension(reason, critical=False).build())
    return builder.sign(signing, hashes.SHA256())


def certificate_pem(*certificates: x509.Certificate) -> bytes:
    """The certificates one after the other."""
    return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)


def write_leaf(directory: Path, name: str, leaf: Leaf) -> None:
    """`name.pem` (the leaf, then its issuer) and `name.key`, readable by its owner only."""
    (directory / f"{name}.pem").write_bytes(certificate_pem(leaf.certificate, leaf.issuer.certificate))
    key = directory / f"{name}.key"
    key.touch(mode=0o600)
    key.write_bytes(
        leaf.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
