import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from whitelist.identity import IdentityRefused, PeerCertificate, load_certificates, same_structure

SUBJECT = (("C", "FR"), ("ST", "Paris (75)"), ("O", "ROR DE TEST"), ("OU", "11B0000840"), ("CN", "ROR_84_CLIENT"))


def with_structure(value: str) -> tuple:
    return (*SUBJECT[:3], ("OU", value), SUBJECT[4])


def test_a_certificate_says_who_it_is(pki) -> None:
    leaf = pki.issue()

    peer = PeerCertificate.from_der(leaf.der, (pki.root.certificate, pki.issuer.certificate))

    assert peer.subject == SUBJECT
    assert (peer.structure, peer.issuer_cn) == ("11B0000840", "TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS")
    assert peer.issuer_sha256 == pki.issuer.sha256
    assert (peer.serial, peer.category) == (leaf.certificate.serial_number, "83")
    assert (peer.key_usage, peer.purposes, peer.dns_names) == ({"digital_signature"}, {"clientAuth"}, ())
    assert peer.not_before < peer.not_after
    assert peer.authority_key == x509.SubjectKeyIdentifier.from_public_key(pki.issuer.key.public_key()).digest.hex()


def test_a_server_leaf_carries_its_names(pki) -> None:
    peer = pki.peer(pki.server("localhost", "ror.example"))

    assert (peer.dns_names, peer.purposes) == (("localhost", "ror.example"), {"serverAuth", "clientAuth"})


def test_a_sign_leaf_says_it_is_not_for_clients(pki) -> None:
    usage = ("digital_signature", "content_commitment")
    peer = pki.peer(pki.issue(usage=usage, purposes=(ExtendedKeyUsageOID.EMAIL_PROTECTION,)))

    assert peer.purposes == {ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string}
    assert peer.key_usage == set(usage)


@pytest.mark.parametrize("signer", ["hostile_issuer", "persons"])
def test_the_issuer_is_the_key_that_signed_not_the_name(pki, signer) -> None:
    peer = pki.peer(pki.issue(issuer=getattr(pki, signer)))

    assert peer.issuer_sha256 is None


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        pytest.param((*SUBJECT[:4], ("CN", "1"), ("SN", "X"), ("GN", "Y")), "natural-person", id="surname"),
        pytest.param((*SUBJECT, ("TITLE", "Médecin")), "natural-person", id="title"),
        pytest.param((*SUBJECT[:3], (("OU", "11B0000840"), ("CN", "A"))), "natural-person", id="multi-valued"),
        pytest.param((SUBJECT[0], SUBJECT[4]), "one-structure-expected", id="no-ou"),
        pytest.param((*SUBJECT[:3], ("OU", "x"), *SUBJECT[3:]), "one-structure-expected", id="I08-good-one-second"),
        pytest.param(with_structure("11B0000840 "), "structure-characters", id="I10-trailing-blank"),
        pytest.param(with_structure(" 11B0000840"), "structure-characters", id="I10-leading-blank"),
        pytest.param(with_structure("11B0000840\0"), "structure-characters", id="I10-nul"),
        pytest.param(with_structure("11B0000840\n"), "structure-characters", id="I10-line-end"),
        pytest.param(with_structure("11B\u00a0000840"), "structure-characters", id="I10-non-breaking-space"),
        pytest.param(with_structure("11В0000840"), "structure-characters", id="I11-look-alike"),
        pytest.param(with_structure("１1B0000840"), "structure-characters", id="I11-full-width"),
    ],
)
def test_what_is_not_a_system_is_refused(pki, subject, code) -> None:
    with pytest.raises(IdentityRefused) as refused:
        pki.peer(pki.issue(subject=subject))

    assert refused.value.code == code


def test_a_common_name_that_imitates_a_structure_stays_a_value(pki) -> None:
    peer = pki.peer(pki.issue(subject=(*SUBJECT[:4], ("CN", "A,OU=318751275100020/OU=318751275100020"))))

    assert peer.structure == "11B0000840"


# self-signed for this test with SHA-1, which the library reads and does not write
SIGNED_WITH_SHA_1 = base64.b64decode(
    "MIIDVTCCAj2gAwIBAgIUFh2c/ed2ytk+rBUdoSzi7fTJI+MwDQYJKoZIhvcNAQEFBQAwOjELMAkGA1UEBhMCRlIxCjAIBgNVBAoM"
    "AVgxEzARBgNVBAsMCjExQjAwMDA4NDAxCjAIBgNVBAMMAUEwHhcNMjYxMTIxMjEzODE1WhcNMzYxMTE4MjEzODE1WjA6MQswCQYD"
    "VQQGEwJGUjEKMAgGA1UECgwBWDETMBEGA1UECwwKMTFCMDAwMDg0MDEKMAgGA1UEAwwBQTCCASIwDQYJKoZIhvcNAQEBBQADggEP"
    "ADCCAQoCggEBANRhf5uyfwYt5cQUWCueYGSi7KyFNbUPyPNQJOKhE1mpyggtr8Z+EyKvH5Qr19yCirg1xwiCaEni2ypUWcNklxmx"
    "/tv5NxMINWNtNejSSOg9PhEObWCngpxbqjy3Wd6qWRBjACypXltD317944RcD06NcPuy+sIyLfsBGSBQJGST0x5i76cMcrBHR6sp"
    "FYuVXEOPm5Mg1CNhQVQGm0FNmOI4vN5lrJrdtLnxFM0WEGX7FI9XaqXuSAa9yoHSJO3XUrW6Y94BRDHyAQcKUl/eV/CtA72PwGI7"
    "CYBzXxAnj+ZTBJ6tVtiylf6nLfdkmgUSOcOBGFNKSreeiY4UwVNV44kCAwEAAaNTMFEwHQYDVR0OBBYEFH9qBXfjPpojJk4KrXbz"
    "oub+g6M7MB8GA1UdIwQYMBaAFH9qBXfjPpojJk4KrXbzoub+g6M7MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQEFBQADggEB"
    "AMJebOJfJg/DMP+XvEf4nrH8i6etkBbYnXXkNryiAk+BAFiKC5mlaxFZn+Y9Xhj8bYjIcSqzETRnfaFTkoYmwHqx7kgpbZKdawB7"
    "TOZPE0XUmHuEqPJLwhH/nOYI6EYBsXak3e/DesFjOunUU6nCLgFhlqaqFOdRCZCfe8wimFo6z8mRKsynq5zQBGnBYkPiAHcUkZOS"
    "oW1v90i/WW+6PVYPLePwkTgRqI6T4DquE7bFB01M6eKQMxN45u7q8Z+rlCEj2DhNluqi3TIRvn2285qaui+RnfJ6mn8OfOxJKC0u"
    "kRzQaYOrhv+iXpKCMqL/ueMeM6R43jehugxQccqWBTU="
)


def test_a_weak_signature_is_refused() -> None:
    with pytest.raises(IdentityRefused, match="weak-key"):
        PeerCertificate.from_der(SIGNED_WITH_SHA_1)


def test_a_weak_key_is_refused(pki) -> None:
    with pytest.raises(IdentityRefused, match="weak-key"):
        pki.peer(pki.issue(key=pki.weak_key))


@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"not a certificate"], ids=["empty", "empty-sequence", "text"])
def test_bytes_that_are_no_certificate_are_refused(der) -> None:
    with pytest.raises(IdentityRefused, match="unreadable"):
        PeerCertificate.from_der(der)


def test_a_certificate_without_extensions_has_no_purpose(pki) -> None:
    peer = pki.peer(pki.issue(purposes=None, category=None))

    assert (peer.purposes, peer.category) == (frozenset(), None)


def test_the_pinned_files_are_read_in_order(pki) -> None:
    pem = b"".join(one.certificate.public_bytes(Encoding.PEM) for one in (pki.root, pki.issuer))

    assert load_certificates(pem) == (pki.root.certificate, pki.issuer.certificate)


@pytest.mark.parametrize(
    ("authenticated", "claimed", "same"),
    [
        pytest.param("318751275100020", "18751275100020", True, id="I01-siret-without-its-digit"),
        pytest.param("318751275100020", "318751275100020", True, id="siret"),
        pytest.param("1840000001", "840000001", True, id="finess-without-its-digit"),
        pytest.param("1840000001", "2840000001", False, id="I02-finess-versus-siren"),
        pytest.param("2840000001", "840000001", False, id="I02-nine-figures-are-a-finess"),
        pytest.param("499700343942006", "399700343942006", False, id="I03-rpps-and-rank-is-no-siret"),
        pytest.param("499700343942006", "99700343942006", False, id="I03-nor-without-its-digit"),
        pytest.param("118751275100020", "18751275100020", False, id="I04-one-and-fourteen-is-no-structure"),
        pytest.param("12A0000001", "2A0000001", True, id="I13-corsica"),
        pytest.param("12A0000001", "2a0000001", False, id="I13-lower-case"),
        pytest.param("840000001", "840000001", False, id="a-certificate-carries-its-digit"),
        pytest.param("0840000001", "0840000001", True, id="adeli"),
        pytest.param("1840000001", "1840000001 ", False, id="blank"),
        pytest.param("1840000001", "١٨٤٠٠٠٠٠٠١", False, id="other-figures"),
    ],
)
def test_a_claimed_structure_is_compared_with_its_type(authenticated, claimed, same) -> None:
    assert same_structure(authenticated, claimed) is same
