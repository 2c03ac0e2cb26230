"""Who calls the SOAP door: the certificate of the connection and the VIHF of the message, which must agree.

The assertion is a bearer: its only binding is the channel (security facts 2.4). So its issuer must be the holder of the
certificate, its structure one of the member's, its instants fresh. Signatures are not verified in this release: a
member whose entry demands one is refused.
"""

from datetime import datetime, timedelta

from lxml import etree

from gateway.errors import ErrorCode, NotPermitted
from mappings.csd import vihf
from mappings.exposition.demandes import ProfilAcces
from whitelist.document import FederationMember
from whitelist.identity import NotADistinguishedName, PeerCertificate, parse_dn, same_name, same_structure

OLDEST = timedelta(minutes=5)
SKEW = timedelta(seconds=60)
LONGEST_SESSION = timedelta(hours=12)

Headers = tuple[etree._Element, ...]


def asserted_profile(
    headers: Headers, *, peer: PeerCertificate, member: FederationMember, now: datetime
) -> ProfilAcces | None:
    """The access profile the assertion gives; None without assertion."""
    try:
        context, life = vihf.read(headers), vihf.life(headers)
    except vihf.VihfRefused as error:
        raise _refused(error.code) from error
    if context is None or life is None:
        return None
    if not _issued_by(context.emetteur or "", peer):
        raise _refused("issuer-not-caller")
    if not _speaks_for(context.structure or "", peer, member):
        raise _refused("structure-not-caller")
    _check_life(life, now)
    if not member.unsigned_vihf:
        raise _refused("signature-required")
    return vihf.PROFILES[context.profil_utilisateur.code]


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
    if (life.debut is not None and now < life.debut - SKEW) or (life.fin is not None and now >= life.fin + SKEW):
        raise _refused("outside-conditions")
    authenticated = life.authentification
    if authenticated is not None and not life.emission - LONGEST_SESSION < authenticated <= life.emission:
        raise _refused("authentication-instant")
