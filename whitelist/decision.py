"""May this caller ask this? Deny by default, and say why (security facts 4.2, W1; 3.2; 6.1; 6.4).

Pure: the certificate is already read, its revocation already looked up, the instant is an argument. A refusal names the
first reason only, in the order of the checks: the document, the certificate, the member, the right.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from mappings.exposition.demandes import ProfilAcces, Transaction
from whitelist.document import (
    ANY,
    CertificateUsage,
    FederationDocument,
    FederationMember,
    ListedCertificate,
    MemberStatus,
    OAuthClient,
    Right,
)
from whitelist.entitlement.table import soap_profile_containing
from whitelist.identity import PeerCertificate
from whitelist.names import same_name
from whitelist.revocation import Revocation

FEDERATION = "FR"
ROR_HEADERS = (
    "ror-profil-utilisateur-code",
    "ror-profil-utilisateur-system",
    "ror-role-metier-code",
    "ror-role-metier-system",
)

_TEST_PRODUCT = "83"
_CARDS = frozenset({"00", "80"})


class Reason(StrEnum):
    """Why the answer is no: a closed list, stable for logs, faults and the journal."""

    DOCUMENT_EXPIRED = "document-expired"
    DOCUMENT_NOT_YET_VALID = "document-not-yet-valid"
    NO_CERTIFICATE = "no-certificate"
    WRONG_ISSUER = "wrong-issuer"
    EXPIRED_CERTIFICATE = "expired-certificate"
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid"
    NOT_A_CLIENT_CERTIFICATE = "not-a-client-certificate"
    NOT_A_SIGNING_CERTIFICATE = "not-a-signing-certificate"
    WRONG_ENVIRONMENT = "wrong-environment"
    REVOKED = "revoked"
    REVOCATION_UNKNOWN = "revocation-unknown"
    UNLISTED_CERTIFICATE = "unlisted-certificate"
    SUBJECT_MISMATCH = "subject-mismatch"
    MEMBER_SUSPENDED = "member-suspended"
    MEMBER_MAINTENANCE = "member-maintenance"
    MEMBER_WITHDRAWN = "member-withdrawn"
    UNKNOWN_CLIENT = "unknown-client"
    UNKNOWN_TARGET = "unknown-target"
    OPERATION_NOT_GRANTED = "operation-not-granted"
    PROVIDER_NOT_GRANTED = "provider-not-granted"
    PROFILE_MISSING = "profile-missing"
    PROFILE_NOT_GRANTED = "profile-not-granted"
    HEADERS_NOT_HANDED_OUT = "headers-not-handed-out"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer and, when it is no, its reason. `providers` are the members that may be asked under `profil`."""

    allowed: bool
    reason: Reason | None = None
    member: FederationMember | None = None
    client: OAuthClient | None = None
    profil: ProfilAcces | None = None
    providers: frozenset[str] = frozenset()


class _Denied(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def decide(
    document: FederationDocument,
    peer: PeerCertificate | None,
    *,
    operation: Transaction,
    target: str,
    profil: ProfilAcces | None,
    revocation: Revocation,
    now: datetime,
) -> Decision:
    """Whether the member behind a certificate may ask that of that target, under that access profile.

    `target` is a member code or `FR`; `profil` is that of the assertion, None for a call without one.
    """
    member = None
    try:
        _check_document(document, now)
        present = _checked(document, peer, revocation, now)
        member = _member_of(document, present)
        _check_status(member)
        asserted = profil if profil is not None else member.profile_without_vihf
        providers = _providers(document, member.rights, operation, target, asserted)
    except _Denied as denied:
        return Decision(allowed=False, reason=denied.reason, member=member)
    return Decision(allowed=True, member=member, profil=asserted, providers=providers)


def identify(
    document: FederationDocument, peer: PeerCertificate | None, *, revocation: Revocation, now: datetime
) -> Decision:
    """Which member a certificate is, whatever it may ask."""
    member = None
    try:
        _check_document(document, now)
        member = _member_of(document, _checked(document, peer, revocation, now))
        _check_status(member)
    except _Denied as denied:
        return Decision(allowed=False, reason=denied.reason, member=member)
    return Decision(allowed=True, member=member)


def identify_client(
    document: FederationDocument,
    client_id: str,
    peer: PeerCertificate | None,
    *,
    revocation: Revocation,
    now: datetime,
) -> Decision:
    """Whether a certificate proves that OAuth client (RFC 8705); a client without a listed one is never proved so."""
    client = None
    try:
        _check_document(document, now)
        client = _client(document, client_id)
        present = _checked(document, peer, revocation, now)
        _check_listed(present, client.certificates)
    except _Denied as denied:
        return Decision(allowed=False, reason=denied.reason, client=client)
    return Decision(allowed=True, client=client, profil=client.access_profile)


def cannot_sign(
    document: FederationDocument,
    signer: PeerCertificate,
    *,
    member: FederationMember,
    peer: PeerCertificate,
    revocation: Revocation,
    now: datetime,
) -> Reason | None:
    """Why a certificate may not sign the assertions of a caller; None when it may (security facts 2.4; 6.3, V16).

    It is one that the entry of the member lists for signing, or the very certificate of the connection, whose key the
    caller has just shown to hold.
    """
    try:
        _check_dates(document, signer, now)
        if not {"digital_signature", "content_commitment"} & signer.key_usage or signer.category in _CARDS:
            raise _Denied(Reason.NOT_A_SIGNING_CERTIFICATE)
        _check_standing(document, signer, revocation)
        if signer.sha256 != peer.sha256:
            _check_listed(signer, member.certificates, CertificateUsage.SIGN)
    except _Denied as denied:
        return denied.reason
    return None


def decide_client(
    document: FederationDocument,
    client_id: str,
    *,
    operation: Transaction,
    headers: Mapping[str, str],
    profiles: Mapping[str, ProfilAcces],
    now: datetime,
) -> Decision:
    """Whether an OAuth client may ask that, under the profile fixed at its integration (digest sections 2.2 and 2.4).

    The four `Ror-*` headers must be those handed out with the identifier, and their code (`profiles` maps it) must not
    mean another profile; profiles 4 and 5 have no code, they use that of the SOAP profile that contains them. The
    capacity feed sends none of the four.
    """
    client = None
    try:
        _check_document(document, now)
        client = _client(document, client_id)
        if operation not in client.operations:
            raise _Denied(Reason.OPERATION_NOT_GRANTED)
        _check_headers(client, operation, {name.lower(): value for name, value in headers.items()}, profiles)
    except _Denied as denied:
        return Decision(allowed=False, reason=denied.reason, client=client)
    return Decision(allowed=True, client=client, profil=client.access_profile, providers=_known(document))


def _check_document(document: FederationDocument, now: datetime) -> None:
    if now < document.issued_at:
        raise _Denied(Reason.DOCUMENT_NOT_YET_VALID)
    if now >= document.expires_at:
        raise _Denied(Reason.DOCUMENT_EXPIRED)


def _checked(
    document: FederationDocument, peer: PeerCertificate | None, revocation: Revocation, now: datetime
) -> PeerCertificate:
    """The certificate, once everything that does not depend on the entry holds."""
    if peer is None:
        raise _Denied(Reason.NO_CERTIFICATE)
    _check_dates(document, peer, now)
    if "clientAuth" not in peer.purposes or "digital_signature" not in peer.key_usage or peer.category in _CARDS:
        raise _Denied(Reason.NOT_A_CLIENT_CERTIFICATE)
    _check_standing(document, peer, revocation)
    return peer


def _check_dates(document: FederationDocument, certificate: PeerCertificate, now: datetime) -> None:
    if certificate.issuer_sha256 not in document.trust.issuers:
        raise _Denied(Reason.WRONG_ISSUER)
    if now < certificate.not_before:
        raise _Denied(Reason.CERTIFICATE_NOT_YET_VALID)
    if now > certificate.not_after:
        raise _Denied(Reason.EXPIRED_CERTIFICATE)


def _check_standing(document: FederationDocument, certificate: PeerCertificate, revocation: Revocation) -> None:
    if certificate.category == _TEST_PRODUCT and document.environment == "production":
        raise _Denied(Reason.WRONG_ENVIRONMENT)
    if revocation is Revocation.REVOKED:
        raise _Denied(Reason.REVOKED)
    if revocation is not Revocation.GOOD:
        raise _Denied(Reason.REVOCATION_UNKNOWN)


def _member_of(document: FederationDocument, peer: PeerCertificate) -> FederationMember:
    """The member that lists the certificate; one withdrawn gives way to the one that took its certificate over."""
    holders = [member for member in document.members if _entry(member.certificates, peer) is not None]
    if not holders:
        raise _Denied(Reason.UNLISTED_CERTIFICATE)
    holder = min(holders, key=lambda member: member.status is MemberStatus.WITHDRAWN)
    _check_listed(peer, holder.certificates)
    return holder


def _entry(
    certificates: Iterable[ListedCertificate],
    peer: PeerCertificate,
    usage: CertificateUsage = CertificateUsage.CLIENT,
) -> ListedCertificate | None:
    """The entry that lists the certificate for that usage: what it may serve or sign opens no door."""
    return next((one for one in certificates if one.usage is usage and one.sha256 == peer.sha256), None)


def _check_listed(
    peer: PeerCertificate,
    certificates: Iterable[ListedCertificate],
    usage: CertificateUsage = CertificateUsage.CLIENT,
) -> None:
    """Fingerprint, exact subject and issuer, all of one entry."""
    entry = _entry(certificates, peer, usage)
    if entry is None:
        raise _Denied(Reason.UNLISTED_CERTIFICATE)
    if not same_name(entry.subject, peer.subject):
        raise _Denied(Reason.SUBJECT_MISMATCH)
    if entry.issuer != peer.issuer_cn:
        raise _Denied(Reason.WRONG_ISSUER)


_STATUS_REASONS = {
    MemberStatus.SUSPENDED: Reason.MEMBER_SUSPENDED,
    MemberStatus.MAINTENANCE: Reason.MEMBER_MAINTENANCE,
    MemberStatus.WITHDRAWN: Reason.MEMBER_WITHDRAWN,
}


def _check_status(member: FederationMember) -> None:
    if member.status is not MemberStatus.ACTIVE:
        raise _Denied(_STATUS_REASONS[member.status])


def _known(document: FederationDocument) -> frozenset[str]:
    return frozenset(member.code for member in document.members if member.status is not MemberStatus.WITHDRAWN)


def _providers(
    document: FederationDocument,
    rights: Iterable[Right],
    operation: Transaction,
    target: str,
    profil: ProfilAcces | None,
) -> frozenset[str]:
    """The members that may be asked: those one right grants for the operation and the profile together."""
    known = _known(document)
    if target != FEDERATION and target not in known:
        raise _Denied(Reason.UNKNOWN_TARGET)
    wanted = known if target == FEDERATION else frozenset({target})
    granted = [right for right in rights if right.operation is operation]
    if not granted:
        raise _Denied(Reason.OPERATION_NOT_GRANTED)
    reaching = [right for right in granted if _reached(right, wanted)]
    if not reaching:
        raise _Denied(Reason.PROVIDER_NOT_GRANTED)
    if profil is None:
        raise _Denied(Reason.PROFILE_MISSING)
    providers = frozenset[str]().union(*(_reached(right, wanted) for right in reaching if profil in right.profiles))
    if not providers:
        raise _Denied(Reason.PROFILE_NOT_GRANTED)
    return providers


def _reached(right: Right, wanted: frozenset[str]) -> frozenset[str]:
    return wanted if ANY in right.providers else wanted.intersection(right.providers)


def _client(document: FederationDocument, client_id: str) -> OAuthClient:
    client = document.client(client_id)
    if client is None:
        raise _Denied(Reason.UNKNOWN_CLIENT)
    return client


def _check_headers(
    client: OAuthClient, operation: Transaction, sent: Mapping[str, str], profiles: Mapping[str, ProfilAcces]
) -> None:
    given = {name: sent[name] for name in ROR_HEADERS if name in sent}
    if operation is Transaction.CAPACITE:
        handed_out: dict[str, str] = {}
    else:
        handed_out = {name.lower(): value for name, value in client.ror_headers.items()}
    if given != handed_out or (operation is not Transaction.CAPACITE and set(given) != set(ROR_HEADERS)):
        raise _Denied(Reason.HEADERS_NOT_HANDED_OUT)
    meant = profiles.get(given.get(ROR_HEADERS[0], ""), client.access_profile)
    if meant not in {client.access_profile, soap_profile_containing(client.access_profile)}:
        raise _Denied(Reason.PROFILE_NOT_GRANTED)
