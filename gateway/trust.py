"""What every decision rests on, as loaded at start: the federation document, the pinned authorities, the lists.

Asked on every request: connections outlive revocations. A refusal of the whitelist becomes an error of ours here,
once, with its reason as cause.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NoReturn

from aiohttp import web
from cryptography import x509

from gateway.errors import ErrorCode, GatewayFault, NotPermitted, RequesterError
from mappings.csd.vihf import PROFILES
from mappings.exposition.demandes import ProfilAcces, Transaction
from whitelist.decision import Decision, Reason, cannot_sign, decide, decide_client, identify, identify_client
from whitelist.document import FederationDocument, FederationMember, OAuthClient
from whitelist.identity import IdentityRefused, PeerCertificate
from whitelist.revocation import Revocation, RevocationLists

_CODES = {
    Reason.DOCUMENT_EXPIRED: ErrorCode.FEDERATION_EXPIRED,
    Reason.DOCUMENT_NOT_YET_VALID: ErrorCode.FEDERATION_EXPIRED,
    Reason.NO_CERTIFICATE: ErrorCode.CERTIFICATE_REFUSED,
    Reason.WRONG_ISSUER: ErrorCode.CERTIFICATE_REFUSED,
    Reason.EXPIRED_CERTIFICATE: ErrorCode.CERTIFICATE_REFUSED,
    Reason.CERTIFICATE_NOT_YET_VALID: ErrorCode.CERTIFICATE_REFUSED,
    Reason.NOT_A_CLIENT_CERTIFICATE: ErrorCode.CERTIFICATE_REFUSED,
    Reason.WRONG_ENVIRONMENT: ErrorCode.CERTIFICATE_REFUSED,
    Reason.REVOKED: ErrorCode.CERTIFICATE_REVOKED,
    Reason.REVOCATION_UNKNOWN: ErrorCode.CERTIFICATE_REVOKED,
    Reason.UNKNOWN_CLIENT: ErrorCode.CLIENT_NOT_LISTED,
    Reason.UNKNOWN_TARGET: ErrorCode.UNKNOWN_MEMBER,
    Reason.PROFILE_MISSING: ErrorCode.ASSERTION_REQUIRED,
    Reason.PROFILE_NOT_GRANTED: ErrorCode.PROFILE_NOT_GRANTED,
    Reason.HEADERS_NOT_HANDED_OUT: ErrorCode.PROFILE_NOT_GRANTED,
}


@dataclass(frozen=True, slots=True)
class Trust:
    """The document in force, the authorities it pins, the revocation lists."""

    document: FederationDocument
    authorities: tuple[x509.Certificate, ...]
    revocation: RevocationLists

    def member(self, peer: PeerCertificate | None, now: datetime) -> FederationMember:
        """The member behind a certificate, whatever it may ask."""
        decision = identify(self.document, peer, revocation=self._revocation(peer, now), now=now)
        if decision.member is None or not decision.allowed:
            _refuse(decision)
        return decision.member

    def profile(
        self,
        peer: PeerCertificate | None,
        *,
        operation: Transaction,
        target: str,
        asserted: ProfilAcces | None,
        now: datetime,
    ) -> ProfilAcces:
        """The access profile under which the member may ask that of that target."""
        return _granted(self._decision(peer, operation=operation, target=target, asserted=asserted, now=now))

    def providers(
        self, peer: PeerCertificate | None, *, operation: Transaction, target: str, asserted: ProfilAcces, now: datetime
    ) -> frozenset[str]:
        """The members of that target of which the member may ask that under that access profile; one at least."""
        decision = self._decision(peer, operation=operation, target=target, asserted=asserted, now=now)
        _granted(decision)
        return decision.providers

    def _decision(
        self,
        peer: PeerCertificate | None,
        *,
        operation: Transaction,
        target: str,
        asserted: ProfilAcces | None,
        now: datetime,
    ) -> Decision:
        return decide(
            self.document,
            peer,
            operation=operation,
            target=target,
            profil=asserted,
            revocation=self._revocation(peer, now),
            now=now,
        )

    def check_signer(self, der: bytes, *, member: FederationMember, peer: PeerCertificate, now: datetime) -> None:
        """Nothing when assertions of that member may be signed with that certificate; raises `NotPermitted`."""
        try:
            signer = _read_certificate(der, self.authorities)
        except IdentityRefused as error:
            raise NotPermitted(ErrorCode.ASSERTION_REFUSED, cause=f"signer-{error.code}") from error
        reason = cannot_sign(
            self.document, signer, member=member, peer=peer, revocation=self._revocation(signer, now), now=now
        )
        if reason is not None:
            raise NotPermitted(ErrorCode.ASSERTION_REFUSED, cause=f"signer-{reason.value}")

    def client_profile(
        self, client_id: str, *, operation: Transaction, headers: Mapping[str, str], now: datetime
    ) -> ProfilAcces:
        """The access profile under which an OAuth client may ask that."""
        decision = decide_client(
            self.document, client_id, operation=operation, headers=headers, profiles=PROFILES, now=now
        )
        return _granted(decision)

    def client(self, client_id: str) -> OAuthClient | None:
        """The client of that identifier."""
        return self.document.client(client_id)

    def proves(self, peer: PeerCertificate | None, client_id: str, now: datetime) -> bool:
        """Whether a certificate proves that OAuth client."""
        revocation = self._revocation(peer, now)
        return identify_client(self.document, client_id, peer, revocation=revocation, now=now).allowed

    def of_another_client(self, peer: PeerCertificate | None, client_id: str) -> bool:
        """Whether a certificate is listed for OAuth clients, and not for that one: it does not use its own token."""
        listed = {
            client.client_id
            for client in self.document.clients
            if peer is not None and any(one.sha256 == peer.sha256 for one in client.certificates)
        }
        return bool(listed) and client_id not in listed

    def _revocation(self, peer: PeerCertificate | None, now: datetime) -> Revocation:
        return Revocation.UNKNOWN if peer is None else self.revocation.check(peer, now)

    def peer(self, request: web.Request) -> PeerCertificate | None:
        """The certificate of the other side; None when it presented none.

        It comes from the connection and from nowhere else: headers that speak of a certificate are never read.
        """
        transport = request.transport
        tls = None if transport is None else transport.get_extra_info("ssl_object")
        der: bytes | None = None if tls is None else tls.getpeercert(binary_form=True)
        if der is None:
            return None
        try:
            return _read_certificate(der, self.authorities)
        except IdentityRefused as error:
            raise NotPermitted(ErrorCode.CERTIFICATE_REFUSED, cause=error.code) from error


class TrustInForce:
    """The trust that doors ask on every request; a reload swaps it whole, and an exchange under way keeps its own."""

    def __init__(self, current: Trust) -> None:
        self.current = current


@lru_cache(maxsize=1024)
def _read_certificate(der: bytes, authorities: tuple[x509.Certificate, ...]) -> PeerCertificate:
    return PeerCertificate.from_der(der, authorities)


def _granted(decision: Decision) -> ProfilAcces:
    if decision.profil is None or not decision.allowed:
        _refuse(decision)
    return decision.profil


def _refuse(decision: Decision) -> NoReturn:
    reason = decision.reason or Reason.OPERATION_NOT_GRANTED
    code = _CODES.get(reason, ErrorCode.NOT_PERMITTED)
    if code is ErrorCode.FEDERATION_EXPIRED:
        raise GatewayFault(code)
    if code is ErrorCode.UNKNOWN_MEMBER:
        raise RequesterError(code)
    raise NotPermitted(code, cause=reason.value)
