"""One production: every archive of every member, then those of the federation (contract section 9).

A member is read once, establishment by establishment, and each goes to all the archives in turn: one per version and
profile, filtered as a reading of that establishment would be (RG_ALIM_046, RG_ALIM_047, RG_ALIM_048, RG_ALIM_049). The
archive of the federation holds the files of the archives of its members. A member that cannot be taken keeps the
archive it has, and its age tells it.
"""

import fcntl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from adapters.contract import Adapter
from gateway.configuration import Extraction
from gateway.extraction.archive import ArchiveWriter, FileTooLarge, concatenate
from gateway.extraction.catalogue import NAME, Catalogue, Key, Manifest, Share
from gateway.extraction.sources import CopiedOffer, NationalOffer, NotHeld, Offer
from gateway.federation.exchange import FEDERATION, Caller, Exchange, Outcome, Reason, Status
from gateway.federation.plan import Step
from gateway.federation.releases import Releases
from gateway.federation.settlement import settle
from gateway.replica.reading import Found
from mappings.exposition.demandes import LectureEtablissement, ProfilAcces
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger, Loss, Severity
from whitelist.document import FederationDocument, FederationMember, MemberState, MemberStatus
from whitelist.entitlement import Norme

_LOCK = ".producing"


class Busy(Exception):
    """Another production is at work in the same directory."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a target: its archives were `produced`, or `kept` as they were and why."""

    target: str
    event: str
    cause: str | None = None
    archives: int = 0
    offers: int = 0
    losses: int = 0
    bytes: int = 0


class Production:
    """One production over a snapshot of the replica; `national` are the adapters of the members cut over.

    A member whose archives are all younger than `fresh` seconds keeps them.
    """

    def __init__(
        self,
        settings: Extraction,
        document: FederationDocument,
        connection: Connection,
        national: Mapping[str, Adapter],
        *,
        releases: Releases,
        fresh: float,
    ) -> None:
        self._catalogue = Catalogue(settings.directory)
        self._settings = settings
        self._document = document
        self._connection = connection
        self._national = national
        self._now = datetime.now(UTC).timestamp()
        self._releases = releases
        self._fresh = fresh
        self._failures: dict[str, NotHeld] = {}

    def run(self) -> Iterator[Event]:
        """Produce everything, telling what becomes of each target; raises `Busy`."""
        with _alone(self._settings.directory):
            for member in sorted(self._document.members, key=lambda one: one.code):
                if member.status is MemberStatus.ACTIVE and not self._young(member.code):
                    yield self._of_member(member)
            federation = self._of_federation()
            if federation is not None:
                yield federation

    def _young(self, target: str) -> bool:
        return all(self._is_young(self._catalogue.current(key)) for key in self._keys(target))

    def _is_young(self, manifest: Manifest | None) -> bool:
        return manifest is not None and self._now - manifest.produced_at < self._fresh

    def _keys(self, target: str) -> list[Key]:
        return [
            Key(version, target, profil) for version in self._settings.versions for profil in self._settings.profiles
        ]

    def _of_member(self, member: FederationMember) -> Event:
        try:
            with self._offer(member) as offer:
                return self._written(member.code, offer)
        except NotHeld as failure:
            self._failures[member.code] = failure
            return Event(target=member.code, event="kept", cause=failure.cause)

    @contextmanager
    def _offer(self, member: FederationMember) -> Iterator[Offer]:
        if member.state is not MemberState.NATIONAL:
            yield CopiedOffer(self._connection, member.code)
            return
        with NationalOffer(self._national[member.code]) as offer:
            yield offer

    def _written(self, member: str, offer: Offer) -> Event:
        with ExitStack() as stack:
            writings = [
                stack.enter_context(_Writing(key, self._catalogue, self._settings.file_size))
                for key in self._keys(member)
            ]
            for found in offer.establishments():
                read = _answered(member, offer, found)
                for writing in writings:
                    writing.add(read, self._carried)
            manifests = [writing.end(member, offer, self._now) for writing in writings]
        for manifest in manifests:
            self._catalogue.commit(manifest)
        return _produced(member, manifests)

    def _carried(self, outcome: Outcome) -> Outcome:
        """The same with the codes of the publication that the federation works with."""
        return self._releases.carried(outcome, self._document.nomenclatures)

    def _of_federation(self) -> Event | None:
        """The archives of the federation; None when they are young and say of each member what they would say again."""
        manifests = []
        for key in self._keys(FEDERATION):
            held = [self._held(key, member) for member in self._document.members]
            shares = tuple(share for share, _ in held)
            sources = [path for _, path in held if path is not None]
            if not sources:
                return Event(target=FEDERATION, event="kept", cause="no-member")
            current = self._catalogue.current(key)
            if current is not None and current.shares == shares and self._is_young(current):
                continue
            path = self._catalogue.new(key)
            files = concatenate(sources, path)
            losses: Counter[str] = Counter()
            for manifest in filter(None, (self._catalogue.current(_of(key, share.member)) for share in shares)):
                losses.update(manifest.losses)
            made = Manifest(
                key=key,
                file=path.name,
                produced_at=self._now,
                files=files,
                bytes=path.stat().st_size,
                shares=shares,
                losses=dict(losses),
            )
            self._catalogue.commit(made)
            manifests.append(made)
        return _produced(FEDERATION, manifests) if manifests else None

    def _held(self, key: Key, member: FederationMember) -> tuple[Share, Path | None]:
        """What a member gives to the archive of the federation, and the archive it is taken from."""
        if member.status is not MemberStatus.ACTIVE:
            return Share(member=member.code, status=Status.NOT_ASKED, reason=Reason.MAINTENANCE), None
        manifest = self._catalogue.current(_of(key, member.code))
        if manifest is not None:
            return manifest.shares[0], self._catalogue.path(manifest)
        failure = self._failures[member.code]
        reason = Reason.CRITERIA if failure.status is Status.NOT_ASKED else None
        return Share(member=member.code, status=failure.status, reason=reason), None


def _answered(member: str, offer: Offer, found: Found) -> Outcome:
    """An establishment as a member's answer to a reading of it."""
    return Outcome(
        member=member,
        status=Status.ANSWERED,
        source=offer.origin.source,
        nos=offer.origin.nos,
        repertoire=found.repertoire,
        losses=found.losses,
        entourage=found.entourage,
    )


def _of(key: Key, member: str) -> Key:
    return msgspec.structs.replace(key, target=member)


def _produced(target: str, manifests: list[Manifest]) -> Event:
    return Event(
        target=target,
        event="produced",
        archives=len(manifests),
        offers=max((sum(share.offers for share in one.shares) for one in manifests), default=0),
        losses=sum(sum(share.losses for share in one.shares) for one in manifests),
        bytes=sum(one.bytes for one in manifests),
    )


class _Writing:
    """One archive of a member while it is written; left without `end`, nothing of it stays."""

    def __init__(self, key: Key, catalogue: Catalogue, size: int) -> None:
        self._key = key
        self._norme = Norme(f"csd-{key.version}")
        self._profil = ProfilAcces(key.profil)
        self._path = catalogue.new(key)
        name = f"{NAME}{key.profil}_{key.target}"
        self._archive = ArchiveWriter(self._path, name, version=key.version, size=size)
        self._offers = 0
        self._losses: Counter[str] = Counter()
        self._ended = False

    def __enter__(self) -> "_Writing":
        return self

    def __exit__(self, *_: object) -> None:
        if not self._ended:
            self._archive.close()
            self._path.unlink()

    def add(self, read: Outcome, carried: Callable[[Outcome], Outcome]) -> None:
        """Write what the profile may receive of an establishment, as a reading of it would be answered."""
        site = next((one.cle for one in read.repertoire.entites_geographiques), "")
        exchange = Exchange("extraction", Caller(read.member, self._profil), read.member, LectureEtablissement(site))
        settled = carried(settle(read, Step(member=read.member, source=read.source), exchange, self._norme, {}).outcome)
        ledger = Ledger()
        self._write(settled.repertoire, ledger)
        self._offers += len(settled.repertoire.offres)
        self._losses.update(map(_rule, (*settled.losses, *ledger.entries)))

    def _write(self, repertoire: Repertoire, ledger: Ledger) -> None:
        try:
            self._archive.add(repertoire, ledger)
        except FileTooLarge as error:
            raise NotHeld(Status.INVALID_ANSWER, "establishment-too-large") from error

    def end(self, member: str, offer: Offer, now: float) -> Manifest:
        """The archive whole, not yet in force."""
        self._archive.finish()
        self._ended = True
        origin = offer.origin
        told = sum(count for rule, count in self._losses.items() if not rule.endswith(f" {Severity.INFORMATION}"))
        status = Status.ANSWERED if self._offers else Status.EMPTY
        share = Share(
            member=member,
            status=Status.TRUNCATED if origin.lacking else status,
            source=origin.source,
            offers=self._offers,
            losses=told,
            read_at=origin.read_at,
            contract=origin.contract,
            nos=origin.nos,
        )
        return Manifest(
            key=self._key,
            file=self._path.name,
            produced_at=now,
            files=self._archive.files,
            bytes=self._path.stat().st_size,
            shares=(share,),
            losses=dict(self._losses),
        )


def _rule(loss: Loss) -> str:
    return f"{loss.rule} {loss.severity}"


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold the directory for one production; the lock goes with the process, however it ends."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy from error
        yield
