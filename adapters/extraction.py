"""The archive of a member: downloaded to disk, verified as hostile, then read file by file (contract section 9).

Nothing of it is believed before all of it is: its name and its stamp, the names and the sizes of its entries, the hash
of each file, its root, its schema. Bytes are counted as they come out, whatever the archive says of itself. The cause
of a refusal names what was wrong, never what was in it.
"""

import asyncio
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from adapters.contract import Target
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberCannot
from adapters.manifest import Archives, Manifest
from adapters.transport import MemberTransport, Pace, Reply, expect
from mappings.csd.answers import MalformedAnswer
from mappings.csd.dialect import Dialect
from mappings.csd.stream import Stream, check_document
from mappings.csd.version import Version
from mappings.csd.xml import XmlRefused
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.repertoire import Objet
from mappings.loss import Ledger
from mappings.shelf import Shelves

LARGEST_FILE = 103_000_000
SKEW = timedelta(minutes=10)
MEDIA_TYPES = frozenset({"application/octet-stream", "application/zip"})

_CHUNK = 256 * 1024
_PARIS = ZoneInfo("Europe/Paris")
_NAME = re.compile(r'filename="?ExtractionOffresSante_Profil(?P<profil>[0-3])_(?P<stamp>\d{12})\.zip"?\s*(;|$)')
_ENTRY = re.compile(r"(?P<base>\w[\w.-]{0,200})\.(?P<kind>xml|txt)", re.ASCII)
_HASH = re.compile(rb"\s*([0-9A-Fa-f]{64})\s*")
_HASH_BYTES = 256
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Archive:
    """A verified archive; its files are in the folder it was downloaded to."""

    stamp: datetime
    files: tuple[Path, ...]
    version: Version
    dialect: Dialect
    at: date

    def objects(self, file: Path, *, ledger: Ledger, shelves: Shelves) -> Iterator[Objet]:
        """Every object of one of the files."""
        with file.open("rb") as source:
            stream = Stream(
                source, version=self.version, dialect=self.dialect, ledger=ledger, at=self.at, shelves=shelves
            )
            try:
                yield from stream.objects()
            except (XmlRefused, MalformedAnswer) as failure:
                raise MemberAnswerInvalid("extraction-malformed") from failure


async def extract(
    transport: MemberTransport, manifest: Manifest, target: Target, folder: Path, *, profil: ProfilAcces, at: date
) -> Archive:
    """The archive that a member has of a profile; raises a `MemberFailure`."""
    limits = manifest.extraction
    if limits is None or target.extraction is None:
        raise MemberCannot("transaction")
    archive = folder / "archive.zip"
    url = manifest.address("extraction", target, segment=target.extraction, profil=profil.value)
    pace = Pace(limits.head_seconds, limits.bytes_per_second, limits.archive_bytes)
    reply = await transport.download(url, archive, deadline=Deadline.after(limits.seconds), pace=pace)
    expect(reply, MEDIA_TYPES if reply.status == 200 else frozenset())
    stamp = stamp_of(reply, profil, limits, datetime.now(UTC))
    version = Version(target.contract)
    files = await asyncio.to_thread(unpacked, archive, folder, limits, version)
    return Archive(stamp, files, version, manifest.dialect_of(target), at)


def stamp_of(reply: Reply, profil: ProfilAcces, limits: Archives, now: datetime) -> datetime:
    """The instant of the archive, from its name.

    The contract gives no offset: French legal time, as every instant of it, is also the earlier of the readings.
    """
    found = _NAME.search(reply.headers.get("Content-Disposition", ""))
    if found is None or found["profil"] != profil.value:
        raise MemberAnswerInvalid("extraction-name")
    try:
        stamp = datetime.strptime(found["stamp"], "%Y%m%d%H%M").replace(tzinfo=_PARIS).astimezone(UTC)
    except ValueError as failure:
        raise MemberAnswerInvalid("extraction-name") from failure
    if stamp > now + SKEW:
        raise MemberAnswerInvalid("extraction-stamp-in-the-future")
    if stamp < now - timedelta(hours=limits.hours):
        raise MemberAnswerInvalid("extraction-too-old")
    return stamp


def unpacked(archive: Path, folder: Path, limits: Archives, version: Version) -> tuple[Path, ...]:
    """The XML files of an archive, each written to the folder once it is known to be what it says."""
    try:
        with ZipFile(archive) as held:
            entries = _checked(held.infolist(), limits)
            return tuple(
                _file(held, entries[name], entries.get(f"{name.removesuffix('.xml')}.txt"), folder, version)
                for name in sorted(entries)
                if name.endswith(".xml")
            )
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError) as failure:
        raise MemberAnswerInvalid("extraction-not-a-zip") from failure


def _checked(listed: list[ZipInfo], limits: Archives) -> dict[str, ZipInfo]:
    """The entries by name, when what the archive says of them may be true and bearable."""
    if len(listed) > limits.entries:
        raise MemberAnswerInvalid("extraction-too-many-entries")
    if sum(entry.file_size for entry in listed) > limits.total_bytes:
        raise MemberAnswerInvalid("extraction-too-large")
    for entry in listed:
        _check(entry, limits)
    entries = {entry.filename: entry for entry in listed}
    if len(entries) < len(listed):
        raise MemberAnswerInvalid("extraction-entry-name")
    xml = {name.removesuffix(".xml") for name in entries if name.endswith(".xml")}
    if not xml:
        raise MemberAnswerInvalid("extraction-empty")
    if {f"{base}.{kind}" for base in xml for kind in ("xml", "txt")} != set(entries):
        raise MemberAnswerInvalid("extraction-hash-missing")
    return entries


def _check(entry: ZipInfo, limits: Archives) -> None:
    named = _ENTRY.fullmatch(entry.filename)
    # `orig_filename` is what the archive holds: a name cut at a null byte is another name
    if named is None or entry.orig_filename != entry.filename:
        raise MemberAnswerInvalid("extraction-entry-name")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise MemberAnswerInvalid("extraction-not-a-zip")
    if entry.file_size >= LARGEST_FILE or (named["kind"] == "txt" and entry.file_size > _HASH_BYTES):
        raise MemberAnswerInvalid("extraction-too-large")
    if entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise MemberAnswerInvalid("extraction-ratio")


def _file(archive: ZipFile, entry: ZipInfo, hashed: ZipInfo | None, folder: Path, version: Version) -> Path:
    assert hashed is not None  # noqa: S101 - each has its own: it was checked
    said = _HASH.fullmatch(archive.read(hashed))
    path = folder / entry.filename
    digest = hashlib.sha256()
    with archive.open(entry) as source, path.open("wb") as target:
        while piece := source.read(_CHUNK):
            digest.update(piece)
            target.write(piece)
    if said is None or said[1].decode().lower() != digest.hexdigest():
        raise MemberAnswerInvalid("extraction-hash")
    _check_document(path, version)
    return path


def _check_document(path: Path, version: Version) -> None:
    with path.open("rb") as source:
        try:
            check_document(source, version)
        except XmlRefused as failure:
            cause = "extraction-schema" if failure.code == "schema" else "extraction-malformed"
            raise MemberAnswerInvalid(cause, detail=f"line {failure.line}") from failure
        except MalformedAnswer as failure:
            raise MemberAnswerInvalid("extraction-root") from failure
