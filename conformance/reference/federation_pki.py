"""The certificates of the reference federation, one pair for each member, written under agreed names."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from conformance.reference.members import Member, read_members
from conformance.reference.pki import (
    CA_KEY_SIZE,
    Authority,
    Family,
    Hierarchy,
    Leaf,
    Subject,
    certificate_pem,
    issue,
    leaf_subject,
    make_hierarchy,
    new_keys,
    revocation_list,
    write_leaf,
)

HOST = "localhost"
GATEWAY_STRUCTURE = "11B0000900"
NATIONAL_STRUCTURE = "11B0000901"
CLIENT_STRUCTURE = "11B0000910"
CERTIFICATE_CLIENTS = ("client-profil-1", "client-profil-2", "client-profil-3", "client-profil-4", "client-profil-5")


@dataclass(frozen=True, slots=True)
class FederationPki:
    """The hierarchy and every leaf under the name of its files, `member-84-client` for instance."""

    directory: Path
    hierarchy: Hierarchy
    leaves: dict[str, Leaf]

    def pem(self, name: str) -> Path:
        """The file of a certificate and its issuer."""
        return self.directory / f"{name}.pem"

    def key(self, name: str) -> Path:
        """The file of its key."""
        return self.directory / f"{name}.key"


def make_federation_pki(
    directory: Path,
    *,
    members: tuple[Member, ...] | None = None,
    clients: Iterable[str] = CERTIFICATE_CLIENTS,
    ca_key_size: int = CA_KEY_SIZE,
) -> FederationPki:
    """Makes the hierarchy and all leaves, and writes them in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    hierarchy = make_hierarchy(ca_key_size=ca_key_size)
    wanted = _wanted(read_members() if members is None else members, clients)
    keys = new_keys(len(wanted))
    leaves = {
        name: issue(hierarchy.organisations, family, subject, host_names=host_names(family), key=key)
        for (name, (family, subject)), key in zip(wanted.items(), keys, strict=True)
    }
    write_authorities(directory, hierarchy)
    for name, leaf in leaves.items():
        write_leaf(directory, name, leaf)
    return FederationPki(directory, hierarchy, leaves)


def host_names(family: Family) -> tuple[str, ...]:
    """Servers carry the loopback's name; the other families have no SAN at all."""
    return (HOST,) if family is Family.SSL_SERV else ()


def _wanted(members: tuple[Member, ...], clients: Iterable[str]) -> dict[str, tuple[Family, Subject]]:
    gateway = ("PASSERELLE INTER-ROR", GATEWAY_STRUCTURE)
    wanted = {
        "gateway-client": (Family.AUTH_CLI, _subject(*gateway, "passerelle-inter-ror")),
        "gateway-server": (Family.SSL_SERV, _subject(*gateway, HOST)),
        "national-server": (Family.SSL_SERV, _subject("ROR NATIONAL", NATIONAL_STRUCTURE, HOST)),
    }
    for member in members:
        owner = (f"ROR {member.name}", member.structure)
        wanted[f"member-{member.code}-client"] = (Family.AUTH_CLI, _subject(*owner, f"ROR_{member.code}_CLIENT"))
        wanted[f"member-{member.code}-server"] = (Family.SSL_SERV, _subject(*owner, HOST))
    for client in clients:
        subject = _subject("SERVICES NUMERIQUES FICTIFS", CLIENT_STRUCTURE, client)
        wanted[f"client-{client}"] = (Family.AUTH_CLI, subject)
    return wanted


def _subject(organisation: str, structure: str, name: str) -> Subject:
    return leaf_subject(department="Paris (75)", organisation=organisation, structure=structure, name=name)


def write_authorities(directory: Path, hierarchy: Hierarchy) -> None:
    """`root.pem`, `issuer.pem`, `ca.pem` (both) and `crl.pem` (the lists of both, empty)."""
    root, issuer = hierarchy.root, hierarchy.organisations
    (directory / "root.pem").write_bytes(certificate_pem(root.certificate))
    (directory / "issuer.pem").write_bytes(certificate_pem(issuer.certificate))
    (directory / "ca.pem").write_bytes(certificate_pem(root.certificate, issuer.certificate))
    (directory / "crl.pem").write_bytes(_lists(root, issuer))


def _lists(*authorities: Authority) -> bytes:
    return b"".join(revocation_list(one).public_bytes(serialization.Encoding.PEM) for one in authorities)
