"""The archive of one access profile, as a solution hands it out: contract section 9. Written here from the content."""

import asyncio
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zipfile import ZIP_DEFLATED, ZipFile

from aiohttp import web
from lxml import etree

from conformance.reference.content.rhythm import PARIS
from conformance.reference.csd.document import DIRECTORIES, Document
from conformance.reference.csd.wire import CSD, Scribe
from conformance.reference.dataset import EstablishmentContent

SEGMENT = "V1"
PROFILES = (0, 1, 2, 3)
# Contract section 9: each XML file is smaller than 103,000,000 bytes.
FILE_SIZE = 100_000_000
BOMB = 64 * 1024 * 1024
STALE = timedelta(days=90)
EARLY = timedelta(hours=30)

_DECLARED = f' xmlns:csd="{CSD}"'.encode()
_OPENING = b"<?xml version='1.0' encoding='UTF-8'?>\n<csd:CSD" + _DECLARED + b">"
_CLOSING = b"</csd:CSD>\n"
_FRAME = len(_OPENING) + len(_CLOSING) + sum(2 * len(f"<csd:{name}>") + 1 for name in DIRECTORIES)


class ArchiveFault(StrEnum):
    """What can be wrong with an archive."""

    WRONG_HASH = "wrong-hash"
    NO_HASH = "no-hash"
    TRUNCATED_ZIP = "truncated-zip"
    NOT_A_ZIP = "not-a-zip"
    ZIP_BOMB = "zip-bomb"
    PATH_TRAVERSAL = "path-traversal"
    WRONG_ROOT = "wrong-root"
    WRONG_VERSION = "wrong-version"
    MALFORMED_XML = "malformed-xml"
    EMPTY_ARCHIVE = "empty-archive"
    STALE_STAMP = "stale-stamp"
    FUTURE_STAMP = "future-stamp"


def sound() -> ArchiveFault | None:
    """Nothing is wrong."""
    return None


class Extraction:
    """The archives of one member; `shown` gives what a profile may see, `fault` what is planted now.

    An archive is made at its first request, without the fault of the moment, and then kept.
    """

    def __init__(
        self,
        establishments: Callable[[], Iterable[EstablishmentContent]],
        shown: Callable[[EstablishmentContent, int], EstablishmentContent],
        scribe: Scribe,
        *,
        file_size: int = FILE_SIZE,
        fault: Callable[[], ArchiveFault | None] = sound,
    ) -> None:
        self._establishments = establishments
        self._shown = shown
        self._scribe = scribe
        self._file_size = file_size
        self._fault = fault
        self._made: dict[int, tuple[tuple[bytes, ...], datetime]] = {}
        self._making = asyncio.Lock()

    async def archive(self, request: web.Request) -> web.Response:
        """`GET …/extraction/ExtractionOffresSante_Profil{N}`."""
        profile = int(request.match_info["profile"])
        async with self._making:
            if profile not in self._made:
                files = await asyncio.to_thread(lambda: tuple(self._files(profile)))
                self._made[profile] = (files, datetime.now(UTC))
        files, produced = self._made[profile]
        fault = self._fault()
        # with the fault of the moment, in French legal time as every instant without offset
        stamp = _stamped(produced, fault).astimezone(PARIS).strftime("%Y%m%d%H%M")
        name = f"ExtractionOffresSante_Profil{profile}"
        content = await asyncio.to_thread(_zipped, files, name, fault)
        return web.Response(
            body=content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": f"attachment; filename={name}_{stamp}.zip"},
        )

    def _files(self, profile: int) -> Iterator[bytes]:
        gathered = _Gathered(self._scribe)
        for content in self._establishments():
            shown = self._shown(content, profile)
            if not gathered.add(shown, self._file_size):
                yield gathered.content()
                gathered = _Gathered(self._scribe)
                gathered.add(shown, FILE_SIZE)
        yield gathered.content()


class _Gathered:
    """The establishments of one file, already in bytes."""

    def __init__(self, scribe: Scribe) -> None:
        self._document = Document(scribe)
        self._entries: dict[str, list[bytes]] = {name: [] for name in DIRECTORIES}
        self._size = _FRAME

    def add(self, content: EstablishmentContent, limit: int) -> bool:
        """Add an establishment whole; False, and nothing added, when the file would pass the limit with it."""
        self._document.add(content)
        added: dict[str, list[bytes]] = {}
        for directory in self._document.query_result():
            name = etree.QName(directory).localname
            added[name] = [etree.tostring(entry, encoding="UTF-8").replace(_DECLARED, b"", 1) for entry in directory]
            for entry in list(directory):
                directory.remove(entry)
        weight = sum(len(entry) for some in added.values() for entry in some)
        if self._size > _FRAME and self._size + weight > limit:
            return False
        self._size += weight
        for name, some in added.items():
            self._entries[name] += some
        return True

    def content(self) -> bytes:
        """The document."""
        directories = (
            b"".join((f"<csd:{name}>".encode(), *self._entries[name], f"</csd:{name}>".encode()))
            for name in DIRECTORIES
        )
        return b"".join((_OPENING, *directories, _CLOSING))


def _stamped(produced: datetime, fault: ArchiveFault | None) -> datetime:
    match fault:
        case ArchiveFault.STALE_STAMP:
            return produced - STALE
        case ArchiveFault.FUTURE_STAMP:
            return produced + EARLY
        case _:
            return produced


def _zipped(files: tuple[bytes, ...], name: str, fault: ArchiveFault | None) -> bytes:
    if fault is ArchiveFault.NOT_A_ZIP:
        return b"<html><title>Maintenance</title></html>"
    kept = io.BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as archive:
        for rank, right in enumerate(files if fault is not ArchiveFault.EMPTY_ARCHIVE else (), start=1):
            content = _spoilt(right, fault)
            base = f"../../{name}" if fault is ArchiveFault.PATH_TRAVERSAL else f"{name}_{rank}"
            archive.writestr(f"{base}.xml", content)
            if fault is not ArchiveFault.NO_HASH:
                hashed = content + b" " if fault is ArchiveFault.WRONG_HASH else content
                archive.writestr(f"{base}.txt", hashlib.sha256(hashed).hexdigest().upper())
    content = kept.getvalue()
    return content[: len(content) // 2] if fault is ArchiveFault.TRUNCATED_ZIP else content


def _spoilt(content: bytes, fault: ArchiveFault | None) -> bytes:
    match fault:
        case ArchiveFault.ZIP_BOMB:
            return content.replace(_CLOSING, b" " * BOMB + _CLOSING)
        case ArchiveFault.WRONG_ROOT:
            return content.replace(b"csd:CSD", b"csd:careServicesResponse")
        case ArchiveFault.WRONG_VERSION:
            return content.replace(b"<csd:record ", b"<csd:functionLocation/><csd:openFlag/><csd:record ", 1)
        case ArchiveFault.MALFORMED_XML:
            return content.replace(_CLOSING, b"")
        case _:
            return content
