"""The archives on disk: one in force for each version, target and profile, and what is told of it.

An archive is written beside the one in force under a name of its own; replacing the manifest, which names it, puts it
in force at once and whole. The archive it replaces stays until the next production, so that whoever was about to open
it still finds it; a reader that has it open keeps it to the end whatever happens to its name.
"""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec

from gateway.federation.exchange import Reason, Source, Status
from mappings.csd.version import Version
from mappings.exposition.demandes import ProfilAcces

NAME = "ExtractionOffresSante_Profil"
PROFILES = (ProfilAcces.P0, ProfilAcces.P1, ProfilAcces.P2, ProfilAcces.P3)
"""The access profiles of an extraction; 4 and 5 are not of SOAP (contract section 11)."""

VERSIONS = tuple(version for version in Version if version is not Version.V2016)
_MANIFEST = "manifest.json"


class Key(msgspec.Struct, frozen=True, order=True):
    """Which archive: the version of the contract, a member code or `FR`, the access profile."""

    version: Version
    target: str
    profil: str


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What a member gave to an archive: the facts of its coverage. `read_at` is the instant of its data."""

    member: str
    status: Status
    reason: Reason | None = None
    source: Source | None = None
    offers: int = 0
    losses: int = 0
    read_at: float | None = None
    contract: str | None = None
    nos: str | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """An archive in force. `losses` counts what could not be carried, by rule and severity."""

    key: Key
    file: str
    produced_at: float
    files: int
    bytes: int
    shares: tuple[Share, ...]
    losses: dict[str, int] = {}

    @property
    def download_name(self) -> str:
        """The name it is downloaded under, with the minute of its production in UTC (docs/decisions/0033)."""
        minute = datetime.fromtimestamp(self.produced_at, UTC).strftime("%Y%m%d%H%M")
        return f"{NAME}{self.key.profil}_{minute}.zip"


class Catalogue:
    """The archives under a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def _folder(self, key: Key) -> Path:
        return self._directory / key.version / key.target / f"profil-{key.profil}"

    def current(self, key: Key) -> Manifest | None:
        """The archive in force; None before the first production."""
        try:
            return msgspec.json.decode((self._folder(key) / _MANIFEST).read_bytes(), type=Manifest)
        except FileNotFoundError:
            return None

    def all(self) -> list[Manifest]:
        """Every archive in force, by version, target and profile."""
        found = self._directory.glob(f"*/*/*/{_MANIFEST}")
        held = [msgspec.json.decode(path.read_bytes(), type=Manifest) for path in found]
        return sorted(held, key=lambda one: one.key)

    def path(self, manifest: Manifest) -> Path:
        """Where an archive lies."""
        return self._folder(manifest.key) / manifest.file

    def new(self, key: Key) -> Path:
        """Where to write the next archive; what is neither in force nor being written goes."""
        folder = self._folder(key)
        folder.mkdir(parents=True, exist_ok=True)
        current = self.current(key)
        for stale in folder.iterdir():
            if stale.name not in {_MANIFEST, current.file if current is not None else ""}:
                stale.unlink()
        return folder / f"{uuid4().hex}.zip"

    def commit(self, manifest: Manifest) -> None:
        """Put an archive in force."""
        folder = self._folder(manifest.key)
        waiting = folder / f"{manifest.file}.json"
        waiting.write_bytes(msgspec.json.encode(manifest))
        waiting.replace(folder / _MANIFEST)
