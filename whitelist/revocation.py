"""Revocation lists: fresh until their next update, stale during a grace, then blind (security facts 1.5).

Every list is verified with the key of the pinned authority it claims to come from, and its number never goes back.
A list that does not pass is left aside with an alarm: the previous good one of that authority stays.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from whitelist.identity import PeerCertificate, signer

GRACE = timedelta(hours=24)

_PEM_BEGIN = b"-----BEGIN X509 CRL-----"
_PEM_END = b"-----END X509 CRL-----"


class Revocation(StrEnum):
    """What the lists say of a certificate; `unknown` is a refusal: they are missing or too old to say."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class Freshness(StrEnum):
    """`stale` is served with an alarm, `blind` is not served."""

    FRESH = "fresh"
    STALE = "stale"
    BLIND = "blind"


class ListAlarm(StrEnum):
    """Why a list was left aside."""

    UNREADABLE = "unreadable"
    UNKNOWN_ISSUER = "unknown-issuer"
    WRONG_SIGNATURE = "wrong-signature"
    PARTIAL = "partial"
    WITHOUT_NUMBER = "without-number"
    WITHOUT_NEXT_UPDATE = "without-next-update"
    OLDER = "older"


class RevocationList(msgspec.Struct, frozen=True, kw_only=True):
    """One verified list of one authority, its serial numbers as a set."""

    number: int
    this_update: datetime
    next_update: datetime
    serials: frozenset[int]

    def freshness(self, now: datetime, grace: timedelta) -> Freshness:
        """How far the list can be believed."""
        if now < self.this_update or now >= self.next_update + grace:
            return Freshness.BLIND
        return Freshness.FRESH if now < self.next_update else Freshness.STALE


class Authority(msgspec.Struct, frozen=True):
    """One pinned authority: its serial number and the authority above it; a root has none."""

    serial: int
    parent: str | None


class RevocationLists(msgspec.Struct, frozen=True, kw_only=True):
    """The newest good list of each pinned authority, by the fingerprint of the authority."""

    authorities: dict[str, Authority]
    lists: dict[str, RevocationList]
    alarms: tuple[ListAlarm, ...] = ()
    grace: timedelta = GRACE

    @classmethod
    def load(
        cls,
        paths: Iterable[Path],
        *,
        authorities: Sequence[x509.Certificate],
        previous: Self | None = None,
        grace: timedelta = GRACE,
    ) -> Self:
        """The lists of these files (PEM, several per file, or DER), over those already held.

        Raises `OSError` when a file cannot be read: keep what is held, its freshness tells when to stop.
        """
        blocks = [block for path in paths for block in _blocks(path.read_bytes())]
        return cls.from_bytes(blocks, authorities=authorities, previous=previous, grace=grace)

    @classmethod
    def from_bytes(
        cls,
        blocks: Iterable[bytes],
        *,
        authorities: Sequence[x509.Certificate],
        previous: Self | None = None,
        grace: timedelta = GRACE,
    ) -> Self:
        """The lists in these blocks, one each."""
        pinned = {_fingerprint(certificate): certificate for certificate in authorities}
        held = {key: one for key, one in (previous.lists if previous is not None else {}).items() if key in pinned}
        alarms = []
        for block in blocks:
            try:
                issuer, read = _read(block, pinned)
                _refuse_rollback(read, held.get(issuer))
            except _LeftAside as error:
                alarms.append(error.alarm)
            else:
                held[issuer] = read
        return cls(authorities=_chain(pinned), lists=held, alarms=tuple(alarms), grace=grace)

    def freshness(self, now: datetime) -> Freshness:
        """How far revocation can be told at that instant: the worst of all authorities."""
        states = {self._freshness(authority, now) for authority in self.authorities}
        return next((state for state in (Freshness.BLIND, Freshness.STALE) if state in states), Freshness.FRESH)

    def check(self, peer: PeerCertificate, now: datetime) -> Revocation:
        """Whether the certificate, or an authority above it, is revoked. A definite `revoked` wins over old lists."""
        serial, issuer = peer.serial, peer.issuer_sha256
        believed = issuer is not None
        while issuer is not None:
            listed, authority = self.lists.get(issuer), self.authorities.get(issuer)
            if listed is not None and serial in listed.serials:
                return Revocation.REVOKED
            if authority is None or self._freshness(issuer, now) is Freshness.BLIND:
                believed = False
            serial, issuer = (authority.serial, authority.parent) if authority is not None else (0, None)
        return Revocation.GOOD if believed else Revocation.UNKNOWN

    def _freshness(self, authority: str, now: datetime) -> Freshness:
        listed = self.lists.get(authority)
        return Freshness.BLIND if listed is None else listed.freshness(now, self.grace)


class _LeftAside(Exception):
    def __init__(self, alarm: ListAlarm) -> None:
        super().__init__(alarm)
        self.alarm = alarm


def _blocks(data: bytes) -> Iterable[bytes]:
    if _PEM_BEGIN not in data:
        return (data,)
    return (_PEM_BEGIN + rest.partition(_PEM_END)[0] + _PEM_END + b"\n" for rest in data.split(_PEM_BEGIN)[1:])


def _read(block: bytes, pinned: dict[str, x509.Certificate]) -> tuple[str, RevocationList]:
    try:
        load = x509.load_pem_x509_crl if block.startswith(_PEM_BEGIN) else x509.load_der_x509_crl
        parsed = load(block)
        number, extensions = _number(parsed), parsed.extensions
    except (ValueError, x509.DuplicateExtension, UnsupportedAlgorithm) as error:
        raise _LeftAside(ListAlarm.UNREADABLE) from error
    if any(extension.critical for extension in extensions):
        # a delta or a list of some certificates only: absence from it would prove nothing
        raise _LeftAside(ListAlarm.PARTIAL)
    if number is None:
        raise _LeftAside(ListAlarm.WITHOUT_NUMBER)
    if parsed.next_update_utc is None:
        raise _LeftAside(ListAlarm.WITHOUT_NEXT_UPDATE)
    return _issuer(parsed, pinned), RevocationList(
        number=number,
        this_update=parsed.last_update_utc,
        next_update=parsed.next_update_utc,
        serials=frozenset(revoked.serial_number for revoked in parsed),
    )


def _number(parsed: x509.CertificateRevocationList) -> int | None:
    try:
        return parsed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return None


def _issuer(parsed: x509.CertificateRevocationList, pinned: dict[str, x509.Certificate]) -> str:
    """The pinned authority whose key signed the list: a name alone proves nothing."""
    named = {key: one for key, one in pinned.items() if one.subject == parsed.issuer}
    if not named:
        raise _LeftAside(ListAlarm.UNKNOWN_ISSUER)
    for fingerprint, certificate in named.items():
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and parsed.is_signature_valid(key):
            return fingerprint
    raise _LeftAside(ListAlarm.WRONG_SIGNATURE)


def _refuse_rollback(read: RevocationList, held: RevocationList | None) -> None:
    if held is not None and read.number < held.number:
        raise _LeftAside(ListAlarm.OLDER)


def _chain(pinned: dict[str, x509.Certificate]) -> dict[str, Authority]:
    return {
        fingerprint: Authority(certificate.serial_number, _parent(certificate, pinned))
        for fingerprint, certificate in pinned.items()
    }


def _parent(certificate: x509.Certificate, pinned: dict[str, x509.Certificate]) -> str | None:
    if certificate.subject == certificate.issuer:
        return None
    # an authority above that is not pinned has no list: revocation cannot be told
    return signer(certificate, pinned.values()) or "unpinned"


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()
