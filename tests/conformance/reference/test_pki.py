"""The test PKI field by field, against the table of the real certificates (security facts 1.2 to 1.6)."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from conformance.reference.pki import (
    Authority,
    Family,
    Gamme,
    Hierarchy,
    Leaf,
    certificate_pem,
    issue,
    key_usage,
    leaf_subject,
    make_hierarchy,
    new_keys,
    revocation_list,
    subject_pairs,
    three_years,
    write_leaf,
)

SUBJECT = leaf_subject(
    department="Paris (75)",
    organisation="Agence des systèmes d'information partagés de santé",
    structure="318751275100020",
    name="CLIENT_WS_ROR",
)


@pytest.fixture(scope="module")
def hierarchy() -> Hierarchy:
    return make_hierarchy(ca_key_size=2048)


def uris(points: x509.CRLDistributionPoints | x509.FreshestCRL) -> list[str]:
    return [name.value for point in points for name in point.full_name or ()]


def critical(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> bool:
    return certificate.extensions.get_extension_for_class(kind).critical


def uses(certificate: x509.Certificate) -> set[str]:
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    names = ("digital_signature", "content_commitment", "key_encipherment", "key_cert_sign", "crl_sign")
    return {name for name in names if getattr(usage, name)}


def test_the_real_size_of_authority_keys_is_the_default() -> None:
    assert make_hierarchy().root.certificate.public_key().key_size == 4096


@pytest.mark.parametrize(
    ("member", "name", "pathlen", "end"),
    [
        ("root", "TEST AC RACINE IGC-SANTE ELEMENTAIRE", None, datetime(2033, 6, 25, tzinfo=UTC)),
        ("organisations", "TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS", 0, datetime(2033, 6, 24, tzinfo=UTC)),
        ("personnes", "TEST AC IGC-SANTE ELEMENTAIRE PERSONNES", 0, datetime(2033, 6, 24, tzinfo=UTC)),
    ],
    ids=["root", "organisations", "personnes"],
)
def test_an_authority_has_the_fields_of_the_real_ones(
    hierarchy: Hierarchy, member: str, name: str, pathlen: int | None, end: datetime
) -> None:
    certificate = getattr(hierarchy, member).certificate
    extensions = certificate.extensions

    assert subject_pairs(certificate.subject) == (
        ("C", "FR"),
        ("O", "ASIP-SANTE"),
        ("OU", "0002 187512751"),
        ("OU", "IGC-SANTE TEST"),
        ("CN", name),
    )
    assert [attribute._type for attribute in certificate.subject] == [
        _ASN1Type.PrintableString,
        *[_ASN1Type.UTF8String] * 4,
    ]
    serial = certificate.serial_number.to_bytes(18)
    assert serial[:2] == b"\x11\x20"
    assert (certificate.not_valid_before_utc, certificate.not_valid_after_utc) == (
        datetime(2013, 6, 25, tzinfo=UTC),
        end,
    )
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, pathlen)
    assert uses(certificate) == {"key_cert_sign", "crl_sign"}
    assert critical(certificate, x509.KeyUsage)
    policies = extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert [(one.policy_identifier.dotted_string, one.policy_qualifiers) for one in policies] == [
        ("2.5.29.32.0", ["http://igc-sante.esante.gouv.fr/PC%20TEST"])
    ]
    issuer_key = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    root_key = hierarchy.root.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert issuer_key == root_key


def test_only_intermediates_have_revocation_points(hierarchy: Hierarchy) -> None:
    points = hierarchy.organisations.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value

    assert uris(points)[0] == "http://igc-sante.esante.gouv.fr/CRL/ACR-EL-TEST.crl"
    assert uris(points)[1].startswith("ldap://annuaire-igc.esante.gouv.fr/CN=TEST%20AC%20RACINE")
    assert uris(points)[1].endswith("?certificaterevocationlist;binary?base?objectclass=pkiCa")
    with pytest.raises(x509.ExtensionNotFound):
        hierarchy.root.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)


@pytest.mark.parametrize(
    ("family", "hosts", "usages", "purposes"),
    [
        (Family.AUTH_CLI, (), {"digital_signature"}, [ExtendedKeyUsageOID.CLIENT_AUTH]),
        (Family.SIGN, (), {"digital_signature", "content_commitment"}, [ExtendedKeyUsageOID.EMAIL_PROTECTION]),
        (
            Family.SSL_SERV,
            ("localhost",),
            {"digital_signature", "key_encipherment"},
            [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
        ),
    ],
    ids=["AUTH_CLI", "SIGN", "SSL_SERV"],
)
def test_a_leaf_has_the_fields_of_its_family(
    hierarchy: Hierarchy, family: Family, hosts: tuple[str, ...], usages: set[str], purposes: list[object]
) -> None:
    certificate = issue(hierarchy.organisations, family, SUBJECT, host_names=hosts).certificate
    extensions = certificate.extensions

    assert subject_pairs(certificate.subject) == (
        ("C", "FR"),
        ("ST", "Paris (75)"),
        ("O", "AGENCE DES SYSTEMES D'INFORMATION PARTAG"),
        ("OU", "318751275100020"),
        ("CN", "CLIENT_WS_ROR"),
    )
    assert certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0]._type is _ASN1Type.PrintableString
    assert len(certificate.serial_number.to_bytes(16)) == 16
    assert certificate.public_key().key_size == 2048
    assert certificate.not_valid_after_utc == three_years(certificate.not_valid_before_utc)
    assert uses(certificate) == usages
    assert critical(certificate, x509.KeyUsage)
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == purposes
    assert not critical(certificate, x509.ExtendedKeyUsage)
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (False, False)
    policy = next(iter(extensions.get_extension_for_class(x509.CertificatePolicies).value))
    assert policy.policy_identifier.dotted_string == "1.2.250.1.213.1.7.2.1.1.1.1"
    names = [one.value for one in extensions if isinstance(one.value, x509.SubjectAlternativeName)]
    assert [list(one.get_values_for_type(x509.DNSName)) for one in names] == ([list(hosts)] if hosts else [])
    assert [isinstance(one.value, x509.PrivateKeyUsagePeriod) for one in extensions].count(True) == (
        1 if family is Family.SIGN else 0
    )


def test_a_leaf_says_where_its_authority_publishes(hierarchy: Hierarchy) -> None:
    extensions = issue(hierarchy.organisations, Family.AUTH_CLI, SUBJECT).certificate.extensions
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value

    assert [(one.access_method, one.access_location.value) for one in access] == [
        (AuthorityInformationAccessOID.OCSP, "http://ocsp.esante.gouv.fr"),
        (
            AuthorityInformationAccessOID.CA_ISSUERS,
            "http://igc-sante.esante.gouv.fr/AC%20TEST/ACI-EL-ORG-TEST.cer",
        ),
    ]
    points = uris(extensions.get_extension_for_class(x509.CRLDistributionPoints).value)
    assert points[0] == "http://igc-sante.esante.gouv.fr/CRL/ACI-EL-ORG-TEST.crl"
    assert [uri.partition(":")[0] for uri in points] == ["http", "ldap"]
    delta = uris(extensions.get_extension_for_class(x509.FreshestCRL).value)
    assert [uri.partition(":")[0] for uri in delta] == ["ldap"]


@pytest.mark.parametrize("category", [b"\x04\x01\x83", b"\x04\x01\x03", b"\x04\x01\x80", None])
def test_a_leaf_carries_its_product_category(hierarchy: Hierarchy, category: bytes | None) -> None:
    certificate = issue(hierarchy.organisations, Family.AUTH_CLI, SUBJECT, category=category).certificate

    held = [one for one in certificate.extensions if one.oid.dotted_string == "1.2.250.1.71.1.2.5"]
    assert [(one.value.value, one.critical) for one in held] == ([(category, False)] if category else [])


def test_two_hierarchies_share_names_but_no_key() -> None:
    first, second = make_hierarchy(ca_key_size=2048), make_hierarchy(ca_key_size=2048)
    leaf = issue(second.organisations, Family.AUTH_CLI, SUBJECT)

    assert first.organisations.certificate.subject == leaf.certificate.issuer
    with pytest.raises(InvalidSignature):
        leaf.certificate.verify_directly_issued_by(first.organisations.certificate)


def test_the_other_ranges_have_their_own_names() -> None:
    standard = make_hierarchy(Gamme.STANDARD, ca_key_size=2048)

    assert dict(subject_pairs(standard.organisations.certificate.subject))["CN"] == (
        "TEST AC IGC-SANTE STANDARD ORGANISATIONS"
    )
    assert standard.organisations.code == "ACI-ST-ORG-TEST"


def test_every_override_departs_from_the_profile(hierarchy: Hierarchy) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = issue(
        hierarchy.personnes,
        Family.AUTH_CLI,
        (("C", "FR"), ("OU", "1"), ("OU", "2")),
        not_before=start,
        not_after=start + timedelta(days=1),
        usage=key_usage("key_encipherment"),
        purposes=(ExtendedKeyUsageOID.EMAIL_PROTECTION,),
        unknown_critical=True,
        key_size=3072,
        digest=hashes.SHA384(),
    ).certificate

    assert subject_pairs(certificate.subject) == (("C", "FR"), ("OU", "1"), ("OU", "2"))
    assert certificate.issuer == hierarchy.personnes.certificate.subject
    assert certificate.not_valid_after_utc == start + timedelta(days=1)
    assert uses(certificate) == {"key_encipherment"}
    assert certificate.public_key().key_size == 3072
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA384)
    unknown = [
        one for one in certificate.extensions if one.critical and isinstance(one.value, x509.UnrecognizedExtension)
    ]
    assert len(unknown) == 1


def test_three_years_after_a_leap_day_is_the_first_of_march() -> None:
    assert three_years(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2031, 3, 1, tzinfo=UTC)


def test_a_revocation_list_names_what_it_revokes(hierarchy: Hierarchy) -> None:
    revoked, kept = (issue(hierarchy.organisations, Family.AUTH_CLI, SUBJECT) for _ in range(2))
    crl = revocation_list(hierarchy.organisations, [revoked.certificate], number=7)

    assert crl.is_signature_valid(hierarchy.organisations.key.public_key())
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7
    entry = crl.get_revoked_certificate_by_serial_number(revoked.certificate.serial_number)
    assert entry is not None
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.key_compromise
    assert crl.get_revoked_certificate_by_serial_number(kept.certificate.serial_number) is None


def test_a_revocation_list_can_be_forged_and_expired(hierarchy: Hierarchy) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    hostile = make_hierarchy(ca_key_size=2048).organisations
    forged = revocation_list(hierarchy.organisations, signer=hostile)
    expired = revocation_list(hierarchy.organisations, this_update=yesterday - timedelta(days=7), next_update=yesterday)

    assert forged.issuer == hierarchy.organisations.certificate.subject
    assert not forged.is_signature_valid(hierarchy.organisations.key.public_key())
    assert expired.next_update_utc is not None
    assert expired.next_update_utc < datetime.now(UTC)


def test_keys_are_distinct() -> None:
    numbers = {key.public_key().public_numbers().n for key in new_keys(3, 2048)}

    assert len(numbers) == 3


def handshake(directory: Path, hierarchy: Hierarchy, client: Leaf, *, crls: bytes = b"") -> bytes | None:
    """The certificate of a client that OpenSSL authenticated, both ends in memory."""
    server = issue(hierarchy.organisations, Family.SSL_SERV, SUBJECT, host_names=("localhost",))
    write_leaf(directory, "server", server)
    write_leaf(directory, "client", client)
    roots = directory / "roots.pem"
    roots.write_bytes(certificate_pem(hierarchy.root.certificate, hierarchy.organisations.certificate) + crls)
    listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    listening.maximum_version = ssl.TLSVersion.TLSv1_2
    listening.load_cert_chain(directory / "server.pem", directory / "server.key")
    listening.load_verify_locations(roots)
    listening.verify_mode = ssl.CERT_REQUIRED
    if crls:
        listening.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
    calling = ssl.create_default_context(cafile=str(directory / "roots.pem"))
    calling.load_cert_chain(directory / "client.pem", directory / "client.key")
    pipes = [ssl.MemoryBIO() for _ in range(2)]
    ends = [
        calling.wrap_bio(pipes[0], pipes[1], server_hostname="localhost"),
        listening.wrap_bio(pipes[1], pipes[0], server_side=True),
    ]
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return ends[1].getpeercert(binary_form=True)


def both_lists(hierarchy: Hierarchy, leaf: Leaf | None, authority: Authority | None) -> bytes:
    revoked = [leaf.certificate] if leaf else []
    intermediates = [authority.certificate] if authority else []
    return b"".join(
        one.public_bytes(Encoding.PEM)
        for one in (
            revocation_list(hierarchy.root, intermediates),
            revocation_list(hierarchy.organisations, revoked),
        )
    )


def test_openssl_accepts_an_organisation_that_is_not_revoked(hierarchy: Hierarchy, tmp_path: Path) -> None:
    leaf = issue(hierarchy.organisations, Family.AUTH_CLI, SUBJECT)

    shown = handshake(tmp_path, hierarchy, leaf, crls=both_lists(hierarchy, None, None))

    assert shown == leaf.certificate.public_bytes(Encoding.DER)


# The X509_V_ERR_ of each: 23 CERT_REVOKED, 10 CERT_HAS_EXPIRED, 26 INVALID_PURPOSE, 20 the issuer is not known.
REFUSALS = {"revoked": 23, "revoked-intermediate": 23, "expired": 10, "sign": 26, "hostile": 20, "standard": 20}


@pytest.mark.parametrize(("case", "reason"), REFUSALS.items(), ids=REFUSALS)
def test_openssl_refuses_the_hostile_cases(hierarchy: Hierarchy, tmp_path: Path, case: str, reason: int) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    good = issue(hierarchy.organisations, Family.AUTH_CLI, SUBJECT)
    leaf, crls = {
        "revoked": lambda: (good, both_lists(hierarchy, good, None)),
        "revoked-intermediate": lambda: (good, both_lists(hierarchy, None, hierarchy.organisations)),
        "expired": lambda: (
            issue(
                hierarchy.organisations,
                Family.AUTH_CLI,
                SUBJECT,
                not_after=yesterday,
                not_before=yesterday - timedelta(days=9),
            ),
            b"",
        ),
        "sign": lambda: (issue(hierarchy.organisations, Family.SIGN, SUBJECT), b""),
        "hostile": lambda: (issue(make_hierarchy(ca_key_size=2048).organisations, Family.AUTH_CLI, SUBJECT), b""),
        "standard": lambda: (
            issue(make_hierarchy(Gamme.STANDARD, ca_key_size=2048).organisations, Family.AUTH_CLI, SUBJECT),
            b"",
        ),
    }[case]()

    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        handshake(tmp_path, hierarchy, leaf, crls=crls)

    assert refused.value.verify_code == reason


def test_a_written_key_is_its_owners_only(hierarchy: Hierarchy, tmp_path: Path) -> None:
    leaf = issue(hierarchy.organisations, Family.AUTH_CLI, SUBJECT)
    write_leaf(tmp_path, "leaf", leaf)

    assert (tmp_path / "leaf.key").stat().st_mode & 0o777 == 0o600
    written = x509.load_pem_x509_certificates((tmp_path / "leaf.pem").read_bytes())
    assert written == [leaf.certificate, hierarchy.organisations.certificate]


def test_a_key_can_be_kept_across_certificates(hierarchy: Hierarchy) -> None:
    key = rsa.generate_private_key(65537, 2048)

    renewed = [issue(hierarchy.organisations, Family.AUTH_CLI, SUBJECT, key=key) for _ in range(2)]

    assert renewed[0].sha256 != renewed[1].sha256
    assert renewed[0].certificate.public_key() == renewed[1].certificate.public_key()
