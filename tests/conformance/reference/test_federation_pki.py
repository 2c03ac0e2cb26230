"""The files of the reference federation's certificates."""

from pathlib import Path

from cryptography import x509

from conformance.reference.federation_pki import make_federation_pki
from conformance.reference.members import read_members
from conformance.reference.pki import subject_pairs


def test_every_agreed_file_is_written(tmp_path: Path) -> None:
    pki = make_federation_pki(tmp_path, ca_key_size=2048)

    codes = [member.code for member in read_members()]
    leaves = [
        "gateway-server",
        "gateway-client",
        "national-server",
        *(f"member-{code}-{usage}" for code in codes for usage in ("client", "server")),
        *(f"client-client-profil-{profile}" for profile in "12345"),
    ]
    assert {path.name for path in tmp_path.iterdir()} == {
        "root.pem",
        "issuer.pem",
        "ca.pem",
        "crl.pem",
        *(f"{leaf}.pem" for leaf in leaves),
        *(f"{leaf}.key" for leaf in leaves),
    }
    assert pki.pem("member-84-client").exists()


def test_no_two_certificates_share_a_subject_or_a_key(tmp_path: Path) -> None:
    leaves = make_federation_pki(tmp_path, ca_key_size=2048).leaves.values()

    assert len({subject_pairs(leaf.certificate.subject) for leaf in leaves}) == len(leaves)
    assert len({leaf.certificate.public_key().public_numbers().n for leaf in leaves}) == len(leaves)


def test_the_lists_are_those_of_the_root_and_of_the_issuer(tmp_path: Path) -> None:
    hierarchy = make_federation_pki(tmp_path, ca_key_size=2048).hierarchy
    blocks = (tmp_path / "crl.pem").read_bytes().split(b"-----END X509 CRL-----\n")[:-1]
    lists = [x509.load_pem_x509_crl(block + b"-----END X509 CRL-----\n") for block in blocks]

    assert [crl.issuer for crl in lists] == [
        hierarchy.root.certificate.subject,
        hierarchy.organisations.certificate.subject,
    ]
