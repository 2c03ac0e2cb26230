"""The extraction door: `GET /{version}/{member or FR}/extraction/ExtractionOffresSante_Profil{N}` (contract section 9).

The way, in order: certificate, member, address, right for that profile, archive in force, bytes. Nothing is made here:
an archive is what the last production left, and says in `Ror-Coverage` how old the data of each member is.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from gateway import telemetry
from gateway.doors.frame import EXCHANGE, frame
from gateway.doors.soap import addresses
from gateway.errors import ErrorCode, GatewayError, GatewayFault, MembersFailed, NotPermitted, RequesterError
from gateway.extraction.catalogue import NAME, Catalogue, Key, Manifest, Share
from gateway.federation.coverage import dictionary
from gateway.federation.exchange import CONTRIBUTED, FEDERATION, Reason, Status
from gateway.messages import Language, text
from gateway.trust import Trust, TrustInForce
from mappings.csd.version import Version
from mappings.exposition.demandes import ProfilAcces, Transaction
from whitelist.decision import Reason as Refusal
from whitelist.document import MemberStatus

PATH = "/{version}/{target}/extraction/{document}"
RETRY_SECONDS = "60"

Facts = Iterator[tuple[str, str | int]]


@dataclass(frozen=True, slots=True)
class ExtractionSettings:
    """What the configuration decides for this door."""

    versions: tuple[Version, ...]
    profiles: tuple[ProfilAcces, ...]
    transfer_seconds: float
    concurrent: int


class ExtractionDoor:
    """Hands out the archives in force."""

    def __init__(self, catalogue: Catalogue, trust: TrustInForce, settings: ExtractionSettings) -> None:
        self._catalogue = catalogue
        self._trust = trust
        self._settings = settings

    def application(self) -> web.Application:
        """The aiohttp application of the door."""
        application = web.Application(middlewares=[frame("extraction", render, concurrent=self._settings.concurrent)])
        application.router.add_get(PATH, self.archive)
        return application

    async def archive(self, request: web.Request) -> web.StreamResponse:
        """The archive asked for, whole or in part (`Range`), or what is told of it (`HEAD`)."""
        now = datetime.now(UTC)
        trust = self._trust.current
        peer = trust.peer(request)
        member = trust.member(peer, now)
        telemetry.learn(caller=member.code, transaction=Transaction.EXTRACTION.value)
        key = self._key(request, trust)
        telemetry.learn(target=key.target, version=key.version.value, profile=key.profil)
        providers = trust.providers(
            peer, operation=Transaction.EXTRACTION, target=key.target, asserted=ProfilAcces(key.profil), now=now
        )
        manifest = await asyncio.to_thread(self._catalogue.current, key)
        _refuse_unserved(trust, key, manifest)
        if manifest is None:
            raise GatewayFault(ErrorCode.NOT_PRODUCED)
        _refuse_ungranted(manifest, providers)
        return self._sent(request, manifest, trust)

    def _key(self, request: web.Request, trust: Trust) -> Key:
        asked = request.match_info
        if asked["version"] not in self._settings.versions:
            raise RequesterError(ErrorCode.UNKNOWN_VERSION, known=", ".join(self._settings.versions))
        address = addresses.read(asked["version"], asked["target"], trust.document)
        known = {f"{NAME}{profil.value}": profil for profil in self._settings.profiles}
        if asked["document"] not in known:
            raise RequesterError(ErrorCode.UNKNOWN_EXTRACTION, known=", ".join(known))
        return Key(address.version, address.target, known[asked["document"]].value)

    def _sent(self, request: web.Request, manifest: Manifest, trust: Trust) -> web.StreamResponse:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename={manifest.download_name}",
            "Ror-Coverage": coverage(manifest, trust, time.time()),
        }
        telemetry.learn(produced=manifest.download_name, bytes=manifest.bytes)
        path = self._catalogue.path(manifest)
        return _Transfer(path, headers, exchange=request[EXCHANGE], seconds=self._settings.transfer_seconds)


SETTLING_SECONDS = 0.05


class _Transfer(web.FileResponse):
    """The bytes of an archive, within a time; how the transfer ended is told once the exchange has been."""

    def __init__(self, path: Path, headers: dict[str, str], *, exchange: str, seconds: float) -> None:
        super().__init__(path, headers=headers)
        self._exchange = exchange
        self._seconds = seconds

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send the headers and the file."""
        started = time.monotonic()
        whole = False
        try:
            async with asyncio.timeout(self._seconds):
                writer = await super().prepare(await asyncio.to_thread(self._whole_if_changed, request))
            # What is written while TLS learns that the caller has left is dropped without an error.
            await asyncio.sleep(SETTLING_SECONDS)
            whole = request.transport is not None and not request.transport.is_closing()
        except TimeoutError as error:
            raise ConnectionAbortedError from error
        finally:
            elapsed = round((time.monotonic() - started) * 1000, 1)
            telemetry.event("extraction_sent", exchange=self._exchange, whole=whole, elapsed_ms=elapsed)
            if not whole and request.transport is not None:
                request.transport.abort()
        return writer

    def _whole_if_changed(self, request: web.BaseRequest) -> web.BaseRequest:
        """The request, without its `Range` when `If-Range` names another archive, whose rest would not fit this one.

        The library compares dates only.
        """
        said = request.headers.get("If-Range", "")
        found = self._path.stat()
        if not said.endswith('"') or said == f'"{found.st_mtime_ns:x}-{found.st_size:x}"':
            return request
        kept = request.headers.copy()
        kept.popall("Range", None)
        return request.clone(headers=kept)


def _refuse_unserved(trust: Trust, key: Key, manifest: Manifest | None) -> None:
    """Refuse what holds data of a member that the federation no longer serves."""
    active = {member.code for member in trust.document.members if member.status is MemberStatus.ACTIVE}
    if key.target != FEDERATION and key.target not in active:
        raise MembersFailed(ErrorCode.NOT_SERVED)
    if manifest is not None and not _given(manifest) <= active:
        raise GatewayFault(ErrorCode.NOT_PRODUCED)


def _refuse_ungranted(manifest: Manifest, providers: frozenset[str]) -> None:
    """An archive of the federation is one file: it is for those who may have all of it."""
    if not _given(manifest) <= providers:
        raise NotPermitted(ErrorCode.NOT_PERMITTED, cause=Refusal.PROVIDER_NOT_GRANTED.value)


def _given(manifest: Manifest) -> set[str]:
    return {share.member for share in manifest.shares if share.status in CONTRIBUTED}


def coverage(manifest: Manifest, trust: Trust, now: float) -> str:
    """`Ror-Coverage` of an archive: every member of the federation, those it is not about as out of its territory."""
    shares = {share.member: share for share in manifest.shares}
    codes = sorted({*shares, *(member.code for member in trust.document.members)})
    return dictionary((code, _facts(shares.get(code), now)) for code in codes)


def _facts(share: Share | None, now: float) -> Facts:
    if share is None:
        yield from (("s", Status.NOT_ASKED.value), ("r", Reason.TERRITORY.value))
        return
    yield "s", share.status.value
    if share.reason is not None:
        yield "r", share.reason.value
    if share.status not in CONTRIBUTED:
        return
    yield from (("n", share.offers), ("l", share.losses))
    if share.source is not None:
        yield "src", share.source.value
    if share.read_at is not None:
        yield "age", max(0, int(now - share.read_at))
    if share.contract is not None:
        yield "v", share.contract
    if share.nos is not None:
        yield "nos", share.nos


def render(request: web.Request, error: GatewayError) -> web.StreamResponse:
    """A refusal in both languages, then its code."""
    words = [*(text(error, language) for language in Language), error.code.value]
    response = web.Response(status=error.status, text="\n".join(words) + "\n")
    if error.code is ErrorCode.NOT_PRODUCED:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response
