"""Who calls the SOAP door: the certificate of the connection and the VIHF of the message, which must agree.

The assertion is a bearer: its only binding is the channel (security facts 2.4). So its issuer must be the holder of the
certificate, its structure one of the member's, its instants fresh, its audience ours. A signature is verified wherever
there is one, and then nothing else of the message is read; whether one is demanded is the policy of the member's entry
(docs/decisions/0035-signed-assertions.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from gateway.errors import ErrorCode, NotPermitted
from gateway.trust import Trust
from mappings.csd import vihf
from mappings.exposition.demandes import ProfilAcces
from whitelist import signature
from whitelist.document import FederationMember
from whitelist.identity import NotADistinguishedName, PeerCertificate, parse_dn, same_name, same_structure

OLDEST = timedelta(minutes=5)
SKEW = timedelta(seconds=60)
LONGEST_SESSION = timedelta(hours=12)

Headers = tuple[etree._Element, ...]


@dataclass(frozen=True, slots=True)
class Asserted:
    """An assertion that may be relied on. `once` is its identifier when it may serve one call only."""

    profil: ProfilAcces
    signed: bool
    once: str | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audience:
    """To whom an assertion may be addressed to be ours, and whether this gateway takes unsigned ones at all."""

    accepted: frozenset[str]
    unsigned: bool


def asserted(
    headers: Headers,
    *,
    peer: PeerCertificate,
    member: FederationMember,
    trust: Trust,
    audience: Audience,
    now: datetime,
) -> Asserted | None:
    """What the assertion of a message says, verified; None without assertion."""
    try:
        found = vihf.find(headers)
        if found is None:
            return None
        signed = signature.read(found)
        if signed is None and not (member.unsigned_vihf and audience.unsigned):
            raise _refused("signature-required")
        if signed is not None:
            trust.check_signer(signed.certificate, member=member, peer=peer, now=now)
            found = signed.verified()
        context, life = vihf.read(found, versions=member.vihf_versions), vihf.life(found)
        expiry = vihf.expiry(headers)
    except (vihf.VihfRefused, signature.SignatureRefused) as error:
        raise _refused(error.code) from error
    if not _issued_by(context.emetteur or "", peer):
        raise _refused("issuer-not-caller")
    if not _speaks_for(context.structure or "", peer, member):
        raise _refused("structure-not-caller")
    _check_life(life, now)
    if expiry is not None and now - SKEW >= expiry:
        raise _refused("timestamp-expired")
    if any(audience.accepted.isdisjoint(restriction) for restriction in life.publics):
        raise _refused("audience")
    return Asserted(
        vihf.PROFILES[context.profil_utilisateur.code],
        signed is not None,
        life.identifiant if life.usage_unique or not member.reused_vihf else None,
        vihf.remarks(found),
    )


def _refused(cause: str) -> NotPermitted:
    return NotPermitted(ErrorCode.ASSERTION_REFUSED, cause=cause)


def _issued_by(issuer: str, peer: PeerCertificate) -> bool:
    try:
        return same_name(parse_dn(issuer), peer.subject)
    except NotADistinguishedName:
        return False


def _speaks_for(structure: str, peer: PeerCertificate, member: FederationMember) -> bool:
    return any(same_structure(known, structure) for known in (peer.structure, *member.structures))


def _check_life(life: vihf.AssertionLife, now: datetime) -> None:
    if not now - OLDEST <= life.emission <= now + SKEW:
        raise _refused("not-fresh")
    if (life.debut is not None and now + SKEW < life.debut) or (life.fin is not None and now - SKEW >= life.fin):
        raise _refused("outside-conditions")
    authenticated = life.authentification
    if authenticated is not None and not life.emission - LONGEST_SESSION < authenticated <= life.emission:
        raise _refused("authentication-instant")
