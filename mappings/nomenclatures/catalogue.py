"""The releases held, side by side: one folder per publication, each with its `index.csv` and a file per list.

A list changes only when its own version does (nomenclatures facts, section 2), so what is in force on a day is decided
list by list, by the date in its version; a release is the set of lists of one publication.
"""

import csv
import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

DATA = Path(__file__).parent / "data"
RELEASES = DATA / "releases"
INDEX = "index.csv"

RELEASE_NAME = re.compile(r"([12]\d{3})-(0[1-9]|1[0-2])\Z")

_NAME = re.compile(r"(?:TRE|JDV)_([A-Z]\d{2,3})(?![0-9])")


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One list (TRE or JDV) as a release publishes it; `short` is its number, `R211` or `J17`."""

    short: str
    name: str
    kind: str
    title: str
    oid: str
    url: str
    version: str
    status: str
    note: str
    release: str
    path: Path

    @property
    def since(self) -> date:
        """The day its version came into force."""
        return date(int(self.version[:4]), int(self.version[4:6]), int(self.version[6:8]))


class Release(msgspec.Struct, frozen=True):
    """One publication; `id` is its month (`2026-09`)."""

    id: str
    listings: tuple[Listing, ...]

    @property
    def date(self) -> date:
        """The day from which everything it holds is in force."""
        return max(listing.since for listing in self.listings)


class UnknownRelease(Exception):
    """No release of that name is held, or what is held is too old to stand for it."""


class ReleaseRefused(Exception):
    """A file of a folder of releases that is not as an import made it: an index of nothing, a list that was cut."""


class Catalogue:
    """Every release of some directories; read once, never changed. Raises `ReleaseRefused` with the file at fault."""

    def __init__(self, directories: Sequence[Path]) -> None:
        self.releases = _releases(directories)
        by_number: dict[str, dict[str, Listing]] = {}
        for release in self.releases:
            for listing in release.listings:
                by_number.setdefault(listing.short, {})[listing.version] = listing
        self._versions = {
            short: tuple(listing for _, listing in sorted(found.items())) for short, found in by_number.items()
        }

    def release(self, name: str) -> Release:
        """The release of that name; raises `UnknownRelease`."""
        for release in self.releases:
            if release.id == name:
                return release
        raise UnknownRelease(name)

    def day(self, name: str) -> date:
        """The day on which whoever works with a publication stands; raises `UnknownRelease`.

        Lists are dated one by one, so a publication that is not held (`2022-06`) is known by its last day. One that is
        younger than all that is held cannot be: its codes would be called unknown.
        """
        held = {release.id: release.date for release in self.releases}
        if name in held:
            return held[name]
        found = RELEASE_NAME.match(name)
        if found is None or name > max(held):
            raise UnknownRelease(name)
        year, month = int(found[1]), int(found[2])
        return date(year, month, monthrange(year, month)[1])

    def numbers(self) -> tuple[str, ...]:
        """The number of every list held."""
        return tuple(sorted(self._versions))

    def versions(self, short: str) -> tuple[Listing, ...]:
        """Every version held of a list, oldest first; none when it is not held."""
        return self._versions.get(short, ())

    def in_force(self, short: str, at: date) -> Listing | None:
        """The newest version of a list in force on a day; None when none held is as old as that."""
        return next((listing for listing in reversed(self.versions(short)) if listing.since <= at), None)


@cache
def _of_package() -> Catalogue:
    return Catalogue((RELEASES,))


class _Installed:
    """The catalogue that every lookup of the process uses; None until that of the package is looked for."""

    catalogue: Catalogue | None = None


def install(*directories: Path) -> None:
    """Use the releases of these directories beside those of the package; called once, before anything is read."""
    _Installed.catalogue = Catalogue((RELEASES, *directories)) if directories else None


def current() -> Catalogue:
    """The catalogue in use: that of the package unless another was installed."""
    found = _Installed.catalogue
    if found is None:
        found = _Installed.catalogue = _of_package()
    return found


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a data file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _releases(directories: Sequence[Path]) -> tuple[Release, ...]:
    """Every release, oldest first; one that stands in two directories is the union, the later directory first."""
    found: dict[str, dict[str, Listing]] = {}
    for directory in directories:
        for index in sorted(directory.glob(f"[!.]*/{INDEX}")):
            listings = found.setdefault(index.parent.name, {})
            listings.update({listing.short: listing for listing in _listings(index)})
    return tuple(Release(name, tuple(listings.values())) for name, listings in sorted(found.items()))


INDEX_COLUMNS = frozenset("id kind title file canonical_url oid version resource_status note".split())
_COLUMNS = {"TRE": {"code", "display"}, "JDV": {"system", "code", "display"}}
_VERSION = re.compile(r"\d{14}\Z")


def _listings(index: Path) -> list[Listing]:
    """The lists of a release, each whole: a table that was cut would make unknown codes of those it lost."""
    lines = _whole(index)
    if not lines or not set(lines[0]) >= INDEX_COLUMNS:
        raise ReleaseRefused(index)
    return [_listing(row, index) for row in lines]


def _listing(row: dict[str, str], index: Path) -> Listing:
    path = index.parent / row["file"]
    if row["kind"] not in _COLUMNS or not _is_version(row["version"]):
        raise ReleaseRefused(index)
    concepts = _whole(path)
    if not concepts or str(len(concepts)) != row["concepts"] or not set(concepts[0]) >= _COLUMNS[row["kind"]]:
        raise ReleaseRefused(path)
    return Listing(
        short=number(row["id"]),
        name=row["id"],
        kind=row["kind"],
        title=row["title"],
        oid=row["oid"],
        url=row["canonical_url"],
        version=row["version"],
        status=row["resource_status"],
        note=row["note"],
        release=index.parent.name,
        path=path,
    )


def _whole(path: Path) -> list[dict[str, str]]:
    """The rows of a file of a release, the last one with all its cells."""
    try:
        lines = rows(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReleaseRefused(path) from error
    if lines and None in lines[-1].values():
        raise ReleaseRefused(path)
    return lines


def _is_version(text: str) -> bool:
    try:
        date.fromisoformat(text[:8])
    except ValueError:
        return False
    return _VERSION.match(text) is not None


def number(name: str) -> str:
    """The number in the name of a list: `R211` of `TRE_R211-ActiviteOperationnelle`."""
    found = _NAME.match(name)
    return found[1] if found is not None else name
