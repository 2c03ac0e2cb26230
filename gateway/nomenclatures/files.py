"""The files of a publication, alone or in a zip archive, read whole into memory under a bound."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePath

import msgspec

from gateway.nomenclatures.lists import NotPublished
from mappings.nomenclatures.catalogue import INDEX

MEGABYTE = 1024 * 1024
# The largest list known, that of communes, weighs some twenty megabytes in FHIR.
LARGEST = 128 * MEGABYTE
LARGEST_ARCHIVE = 512 * MEGABYTE
MOST_MEMBERS = 5000

ARCHIVE = ".zip"
FORMATS = frozenset({".tabs", ".xml", ".json", ".csv"})
_ENCRYPTED = 0x1


class File(msgspec.Struct, frozen=True):
    """A file by its name; `index` is the text of the `index.csv` beside it, empty when there is none."""

    name: str
    data: bytes
    index: str = ""

    @property
    def text(self) -> str:
        """Its content; raises `UnicodeDecodeError` when it is not UTF-8."""
        return self.data.decode("utf-8-sig")


def opened(path: Path) -> Iterator[File]:
    """The file of a path, or those of an archive; raises `NotPublished`. An index describes files: it is not one."""
    try:
        if path.suffix.lower() == ARCHIVE:
            yield from _in_archive(path)
        elif path.name != INDEX:
            yield File(path.name, _read(path), _beside(path))
    except OSError as error:
        raise NotPublished(path.name, "unreadable", error.strerror or "") from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
        raise NotPublished(path.name, "archive", str(error)) from error


def unread(path: Path) -> list[str]:
    """The members of an archive that are in no format, so that they are told."""
    if path.suffix.lower() != ARCHIVE:
        return []
    with zipfile.ZipFile(path) as archive:
        return [one.filename for one in archive.infolist() if not one.is_dir() and _suffix(one) not in FORMATS]


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return _bounded(path.name, file.read(LARGEST + 1), LARGEST)


def _bounded(name: str, data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise NotPublished(name, "too-large")
    return data


def _beside(path: Path) -> str:
    index = path.with_name(INDEX)
    if path.suffix.lower() != ".csv" or not index.is_file():
        return ""
    return _decoded(index.name, _read(index))


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotPublished(name, "encoding") from error


def _suffix(member: zipfile.ZipInfo) -> str:
    return PurePath(member.filename).suffix.lower()


def _in_archive(path: Path) -> Iterator[File]:
    """Nothing is written to the disk, so where a member says that it stands does not matter."""
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if not one.is_dir() and _suffix(one) in FORMATS]
        if len(members) > MOST_MEMBERS:
            raise NotPublished(path.name, "too-large")
        left = LARGEST_ARCHIVE
        indexes: dict[str, str] = {}
        for member in sorted(members, key=lambda one: PurePath(one.filename).name != INDEX):
            if member.flag_bits & _ENCRYPTED:
                raise NotPublished(member.filename, "encrypted")
            data = _member(archive, member, min(LARGEST, left))
            left -= len(data)
            place = PurePath(member.filename)
            if place.name == INDEX:
                indexes[str(place.parent)] = _decoded(member.filename, data)
            else:
                yield File(f"{path.name}/{member.filename}", data, indexes.get(str(place.parent), ""))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """The bytes of a member, as they are and not as the archive announces them."""
    with archive.open(member) as file:
        return _bounded(member.filename, file.read(limit + 1), limit)
