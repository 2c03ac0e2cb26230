"""The federation document and the description of the reference federation, as JSON values (security facts 4.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from conformance.reference.clients import ASSUMED_PROFILES, GATEWAY_CLIENT, Client
from conformance.reference.federation_pki import HOST, FederationPki
from conformance.reference.members import Member
from conformance.reference.pki import Leaf, fingerprint, subject_pairs
from conformance.reference.solutions.extraction import SEGMENT

Json = dict[str, Any]

OPERATIONS = (
    "recherche",
    "lecture_etablissement",
    "lecture_organisation_interne",
    "notification",
    "extraction",
    "capacite",
    "anomalie",
)
SOAP_PROFILES = ("0", "1", "2", "3")
NOMENCLATURES = "2026-09"
ASSUMPTION = "Code de profil utilisateur supposé : aucune source ne l'établit / assumed user profile code"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything listens: the base of each member, to which the version is added, and the national ROR."""

    members: Mapping[str, str]
    fhir: str
    token: str


def listed(leaf: Leaf, usage: str) -> Json:
    """A certificate as a federation document lists it."""
    return {
        "usage": usage,
        "sha256": leaf.sha256,
        "subject": subject_pairs(leaf.certificate.subject),
        "issuer": dict(subject_pairs(leaf.issuer.certificate.subject))["CN"],
    }


def federation_document(
    members: Iterable[Member], clients: Iterable[Client], pki: FederationPki, addresses: Addresses, *, now: datetime
) -> Json:
    """Every member with every right toward all, under the access profiles that SOAP knows."""
    hierarchy = pki.hierarchy
    gateway = Client(GATEWAY_CLIENT, "1")
    return {
        "format": "1.0",
        "federation_id": "inter-ror-reference",
        "environment": "test",
        "serial": 1,
        "issued_at": now,
        "expires_at": now + timedelta(days=7),
        "nomenclatures": NOMENCLATURES,
        "trust": {
            "roots": [fingerprint(hierarchy.root.certificate)],
            "issuers": [fingerprint(hierarchy.organisations.certificate)],
        },
        "members": [_member(member, pki, addresses) for member in members],
        "clients": [_oauth_client(client, pki) for client in clients],
        "national": {
            "fhir": addresses.fhir,
            "token": addresses.token,
            "client_id": gateway.client_id,
            "server_name": HOST,
            "server_sha256": [pki.leaves["national-server"].sha256],
            "ror_headers": gateway.ror_headers,
        },
    }


def _member(member: Member, pki: FederationPki, addresses: Addresses) -> Json:
    return {
        "code": member.code,
        "name": member.name,
        "regions": member.regions,
        "solution": member.solution,
        "contract": member.contract,
        "state": member.state,
        "structures": [member.structure],
        "certificates": [
            listed(pki.leaves[f"member-{member.code}-client"], "client"),
            listed(pki.leaves[f"member-{member.code}-server"], "server"),
        ],
        "endpoints": [
            {"interface": interface, "version": version, "url": addresses.members[member.code], "server_name": HOST}
            for interface, version in interfaces(member)
        ],
        "rights": [{"operation": one, "providers": ["*"], "profiles": SOAP_PROFILES} for one in OPERATIONS],
    }


def interfaces(member: Member) -> tuple[tuple[str, str], ...]:
    """The interfaces that the entry of a member lists, and their versions: all read and notify.

    All have archives; the solution without a search is the one whose archives others are told of.
    """
    other = ("extraction", SEGMENT) if member.solution == "autre" else ("search-2016", "2016")
    return (("soap-csd", member.contract), other)


def _oauth_client(client: Client, pki: FederationPki) -> Json:
    leaf = pki.leaves.get(f"client-{client.client_id}")
    return {
        "client_id": client.client_id,
        "name": f"Client de référence, profil d'accès {client.access_profile}",
        "access_profile": client.access_profile,
        "secret_sha256": None if client.secret is None else sha256(client.secret.encode()).hexdigest(),
        "certificates": [] if leaf is None else [listed(leaf, "client")],
        "ror_headers": client.ror_headers,
        **_comment(client),
    }


def _comment(client: Client) -> Json:
    return {"comment": ASSUMPTION} if client.access_profile in ASSUMED_PROFILES else {}


def description(
    members: Iterable[Member],
    clients: Iterable[Client],
    pki: FederationPki,
    addresses: Addresses,
    *,
    federation: Path,
) -> Json:
    """`reference.json`: what a caller of the federation needs to know."""
    ca = str(pki.directory / "ca.pem")
    return {
        "members": [
            {
                "code": member.code,
                "name": member.name,
                "solution": member.solution,
                "contract": member.contract,
                "endpoint": addresses.members[member.code],
                "state": member.state,
                "cert": str(pki.pem(f"member-{member.code}-client")),
                "key": str(pki.key(f"member-{member.code}-client")),
            }
            for member in members
        ],
        "clients": [_described(client, pki) for client in clients],
        "national": {"fhir": addresses.fhir, "token": addresses.token, "ca": ca},
        "ca": ca,
        "federation": str(federation),
    }


def _described(client: Client, pki: FederationPki) -> Json:
    certified = client.secret is None
    name = f"client-{client.client_id}"
    return {
        "client_id": client.client_id,
        "access_profile": client.access_profile,
        "cert": str(pki.pem(name)) if certified else None,
        "key": str(pki.key(name)) if certified else None,
        "secret": client.secret,
        "ror_headers": client.ror_headers,
        **_comment(client),
    }


def write_atomically(path: Path, value: Json) -> None:
    """The file appears whole or not at all."""
    waiting = path.with_suffix(".partial")
    waiting.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2))
    waiting.replace(path)
