"""Who a certificate is: its exact name, its issuer by key, what it may be used for (security facts 1.2 to 1.4).

A name is never trusted alone: the issuer is the certificate whose key signed the leaf, not the one it names.
"""

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from whitelist.document import Subject
from whitelist.names import NotADistinguishedName, attribute, parse_dn, same_name, write_dn

__all__ = [
    "IdentityRefused",
    "NotADistinguishedName",
    "PeerCertificate",
    "load_certificates",
    "parse_dn",
    "same_name",
    "same_structure",
    "signer",
    "write_dn",
]


class IdentityRefused(Exception):
    """The certificate cannot be the identity of a system. `code` is a short stable token; no content of it is shown."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_SHORT = {
    NameOID.COUNTRY_NAME: "C",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.LOCALITY_NAME: "L",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COMMON_NAME: "CN",
    NameOID.SURNAME: "SN",
    NameOID.GIVEN_NAME: "GN",
    NameOID.TITLE: "TITLE",
    NameOID.SERIAL_NUMBER: "SERIALNUMBER",
    NameOID.EMAIL_ADDRESS: "EMAIL",
}
_OF_A_PERSON = frozenset({"SN", "GN", "TITLE"})
_PRINTABLE = re.compile(r"[!-~]+(?: [!-~]+)*")
_CATEGORY = ObjectIdentifier("1.2.250.1.71.1.2.5")
_PURPOSES = {ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth", ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth"}
_KEY_USAGES = ("digital_signature", "content_commitment", "key_encipherment", "key_cert_sign", "crl_sign")
_WEAK_HASHES = (hashes.SHA1, hashes.MD5)


class PeerCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """The certificate of the other side. `issuer_sha256` is the pinned certificate whose key signed it, None when
    none did; `category` is the product category of the national hierarchy (83: test software, 03: software).
    """

    subject: Subject
    sha256: str
    serial: int
    issuer: Subject
    issuer_sha256: str | None
    authority_key: str | None
    not_before: datetime
    not_after: datetime
    key_usage: frozenset[str]
    purposes: frozenset[str]
    dns_names: tuple[str, ...] = ()
    category: str | None = None

    @property
    def structure(self) -> str:
        """The structure identifier (idNat_Struct with its type digit), which is the only OU."""
        return next(value for name, value in self.subject if name == "OU")

    @property
    def issuer_cn(self) -> str:
        """The CN of the issuer's name."""
        return next((value for name, value in self.issuer if name == "CN"), "")

    @classmethod
    def from_der(cls, der: bytes, issuers: Iterable[x509.Certificate] = ()) -> "PeerCertificate":
        """The identity in a certificate; raises `IdentityRefused` when it is not that of a system."""
        try:
            certificate = x509.load_der_x509_certificate(der)
            subject, issuer = _pairs(certificate.subject), _pairs(certificate.issuer)
            extensions = certificate.extensions
        except (ValueError, x509.DuplicateExtension, UnsupportedAlgorithm) as error:
            raise IdentityRefused("unreadable") from error
        _refuse_what_is_not_a_system(certificate, subject)
        _refuse_weak_keys(certificate)
        return cls(
            subject=subject,
            sha256=certificate.fingerprint(hashes.SHA256()).hex(),
            serial=certificate.serial_number,
            issuer=issuer,
            issuer_sha256=signer(certificate, issuers),
            authority_key=_authority_key(extensions),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            key_usage=_key_usage(extensions),
            purposes=_purposes(extensions),
            dns_names=_dns_names(extensions),
            category=_category(extensions),
        )


def load_certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file, such as the pinned root and issuer."""
    return tuple(x509.load_pem_x509_certificates(pem))


def _pairs(name: x509.Name) -> Subject:
    return tuple(
        (_SHORT.get(part.oid, attribute(part.oid.dotted_string)), part.value)
        if isinstance(part.value, str)
        else (part.oid.dotted_string, part.value.hex())
        for part in name
    )


def _refuse_what_is_not_a_system(certificate: x509.Certificate, subject: Subject) -> None:
    names = [name for name, _ in subject]
    if _OF_A_PERSON.intersection(names) or any(len(list(rdn)) > 1 for rdn in certificate.subject.rdns):
        raise IdentityRefused("natural-person")
    units = [value for name, value in subject if name == "OU"]
    if len(units) != 1:
        raise IdentityRefused("one-structure-expected")
    if _PRINTABLE.fullmatch(units[0]) is None:
        raise IdentityRefused("structure-characters")


def _refuse_weak_keys(certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= 256
    )
    if not strong or isinstance(certificate.signature_hash_algorithm, _WEAK_HASHES):
        raise IdentityRefused("weak-key")


def signer(certificate: x509.Certificate, issuers: Iterable[x509.Certificate]) -> str | None:
    """The fingerprint of the one whose key signed the certificate, None when none did."""
    for issuer in issuers:
        try:
            certificate.verify_directly_issued_by(issuer)
        except (InvalidSignature, ValueError, TypeError):
            continue
        return issuer.fingerprint(hashes.SHA256()).hex()
    return None


def _authority_key(extensions: x509.Extensions) -> str | None:
    try:
        identifier = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        return None
    return identifier.hex() if identifier is not None else None


def _key_usage(extensions: x509.Extensions) -> frozenset[str]:
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(name for name in _KEY_USAGES if getattr(usage, name))


def _purposes(extensions: x509.Extensions) -> frozenset[str]:
    try:
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(_PURPOSES.get(purpose, purpose.dotted_string) for purpose in purposes)


def _dns_names(extensions: x509.Extensions) -> tuple[str, ...]:
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(names.get_values_for_type(x509.DNSName))


def _category(extensions: x509.Extensions) -> str | None:
    """The last byte of the private extension is its code in BCD."""
    try:
        extension = extensions.get_extension_for_oid(_CATEGORY).value
    except x509.ExtensionNotFound:
        return None
    return extension.value[-1:].hex() if isinstance(extension, x509.UnrecognizedExtension) else None


_WITH_DIGIT = re.compile(r"[012][0-9A-Z]{9}|[34][0-9]{14}")
_BARE = ((re.compile(r"[0-9A-Z]{9}"), "1"), (re.compile(r"[0-9]{14}"), "3"))


def same_structure(authenticated: str, claimed: str) -> bool:
    """Whether a claimed structure identifier is that of an authenticated certificate.

    The certificate carries the type digit; a claim may omit it (9 characters: FINESS, 14: SIRET). The digit is part
    of the key: a FINESS is never a SIREN of the same figures.
    """
    known = _typed(authenticated)
    return known is not None and known == (_typed(claimed) or _bare(claimed))


def _typed(text: str) -> tuple[str, str] | None:
    return (text[0], text[1:]) if _WITH_DIGIT.fullmatch(text) else None


def _bare(text: str) -> tuple[str, str] | None:
    return next(((digit, text) for form, digit in _BARE if form.fullmatch(text)), None)
