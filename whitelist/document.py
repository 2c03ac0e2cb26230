"""The federation document: members, addresses, certificates, rights (security facts, section 4.2).

This module holds its shape. Deny by default: what is not written here is refused.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from mappings.csd.dialect import Habit
from mappings.exposition.demandes import ProfilAcces, Transaction

ANY = "*"

Subject = tuple[tuple[str, str], ...]
"""A distinguished name as its (attribute, value) pairs in certificate order: C, ST, O, OU, CN."""


class MemberState(StrEnum):
    """Where a region stands on its way to the national ROR (design section 6); this release serves two states."""

    REGIONAL = "regional"
    NATIONAL = "national"


class MemberStatus(StrEnum):
    """Whether the federation serves the member at all."""

    ACTIVE = "active"
    MAINTENANCE = "maintenance"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class CertificateUsage(StrEnum):
    """What a listed certificate is for."""

    CLIENT = "client"
    SERVER = "server"
    SIGN = "sign"


class ListedCertificate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """One certificate of a member: the fingerprint of its DER (hex), its exact subject, the CN of its issuer."""

    usage: CertificateUsage
    sha256: str
    subject: Subject
    issuer: str


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a member may ask, of whom (`*` for all), under which access profiles (a set, not a ceiling)."""

    operation: Transaction
    providers: tuple[str, ...]
    profiles: frozenset[ProfilAcces]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One address of a member; `server_name` is the DNS name its certificate must carry."""

    interface: str
    version: str
    url: str
    server_name: str


class FederationMember(msgspec.Struct, frozen=True, kw_only=True):
    """One base of the federation. `code` is its region code (04 for La Réunion and Mayotte), `regions` what it holds.

    `options` declares its habits to its adapter, each with the day since when it is known. `unsigned_vihf` and
    `profile_without_vihf` are the policy for its calls: whether an unsigned assertion is accepted, and the profile of a
    call without one (None: refused).
    `reused_vihf` says whether one assertion may serve several calls within its life, `vihf_versions` which versions of
    it are read; a signature is verified wherever there is one.
    `shared_operator` says that its operator, hence its structure, is also that of another member.
    `contract_error_status` is the HTTP status in which it expects a functional error (contract section 6), where it
    differs from that of the gateway. `nomenclatures` is the publication of the NOS that it works with, where it
    differs from that of the federation.
    """

    code: str
    name: str
    regions: tuple[str, ...]
    solution: str
    contract: str
    state: MemberState
    status: MemberStatus = MemberStatus.ACTIVE
    structures: tuple[str, ...] = ()
    certificates: tuple[ListedCertificate, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    rights: tuple[Right, ...] = ()
    options: dict[str, Habit] = {}
    unsigned_vihf: bool = True
    reused_vihf: bool = False
    vihf_versions: frozenset[str] = frozenset({"2.0"})
    profile_without_vihf: ProfilAcces | None = ProfilAcces.P0
    shared_operator: bool = False
    contract_error_status: Literal[200, 500] | None = None
    nomenclatures: str | None = None


class OAuthClient(msgspec.Struct, frozen=True, kw_only=True):
    """A FHIR client: a secret (profile 0, as the SHA-256 of the secret) or a certificate subject (the others).

    `ror_headers` are the values of the four `Ror-*` headers handed out with the identifier, `nomenclatures` the
    publication of the NOS that it works with, where it differs from that of the federation.
    """

    client_id: str
    name: str
    access_profile: ProfilAcces
    secret_sha256: str | None = None
    certificates: tuple[ListedCertificate, ...] = ()
    ror_headers: dict[str, str] = {}
    operations: frozenset[Transaction] = frozenset({Transaction.RECHERCHE, Transaction.LECTURE_ETABLISSEMENT})
    nomenclatures: str | None = None


class NationalRor(msgspec.Struct, frozen=True, kw_only=True):
    """The national ROR: its FHIR base, its token endpoint, who the gateway is for it."""

    fhir: str
    token: str
    client_id: str
    server_name: str
    server_sha256: frozenset[str]
    ror_headers: dict[str, str] = {}


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """The pinned hierarchy: fingerprints (hex) of the root and of the only intermediates that may issue."""

    roots: frozenset[str]
    issuers: frozenset[str]


class FederationDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document; `nomenclatures` is the publication of the NOS the federation works with (`2026-09`)."""

    format: str
    federation_id: str
    environment: str
    serial: int
    issued_at: datetime
    expires_at: datetime
    nomenclatures: str
    trust: Trust
    members: tuple[FederationMember, ...]
    clients: tuple[OAuthClient, ...] = ()
    national: NationalRor | None = None

    def member(self, code: str) -> FederationMember | None:
        """The member of that code."""
        return next((member for member in self.members if member.code == code), None)

    def client(self, client_id: str) -> OAuthClient | None:
        """The client of that identifier."""
        return next((client for client in self.clients if client.client_id == client_id), None)

    def nomenclatures_of(self, party: FederationMember | OAuthClient | None) -> str:
        """The publication of the NOS that a member or a client works with: its own, else that of the federation."""
        return (party.nomenclatures if party is not None else None) or self.nomenclatures
