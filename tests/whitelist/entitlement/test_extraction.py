"""The archives of a member, each profile and version: the emitted bytes against the expectations."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from gateway.configuration import Extraction
from gateway.extraction.catalogue import PROFILES, VERSIONS, Catalogue, Key
from gateway.extraction.production import Production
from gateway.federation.releases import Releases
from gateway.replica.extracting import snapshot
from gateway.replica.store import Progress, Replica
from mappings.csd.answers import write_document
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger
from whitelist.document import FederationDocument, FederationMember, MemberState, Trust

DROP_ZONE = "dropZone>false<"


def document(*codes: str) -> FederationDocument:
    now = datetime.now(UTC)
    members = tuple(
        FederationMember(
            code=code, name=code, regions=(code,), solution="ir", contract="3.0", state=MemberState.REGIONAL
        )
        for code in codes
    )
    return FederationDocument(
        format="1.0",
        federation_id="test",
        environment="test",
        serial=1,
        issued_at=now,
        expires_at=now,
        nomenclatures="2026-09",
        trust=Trust(roots=frozenset(), issuers=frozenset()),
        members=members,
    )


async def copied(folder: Path, repertoire: Repertoire) -> str:
    url = f"sqlite:///{folder / 'replica.db'}"
    replica = await Replica.open(url)
    (site,) = repertoire.entites_geographiques
    await replica.store_establishment("84", site.cle, repertoire, seen_at=time.time())
    await replica.record(Progress(member="84", state="current", last_success=time.time(), contract="3.0"))
    await replica.close()
    return url


def produced(folder: Path, url: str) -> dict[tuple[str, str], tuple[str, Any]]:
    """The text of each archive of the member, and its manifest, by version and profile."""
    settings = Extraction.model_validate({"listener": {"port": 0}, "directory": folder / "archives"})
    with snapshot(url) as connection:
        list(Production(settings, document("84"), connection, {}, releases=Releases({}), fresh=0.0).run())
    catalogue = Catalogue(settings.directory)
    found = {}
    for version in VERSIONS:
        for profil in PROFILES:
            manifest = catalogue.current(Key(version, "84", profil.value))
            assert manifest is not None
            with ZipFile(catalogue.path(manifest)) as archive:
                text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
            found[version.value, profil.value] = (text, manifest)
    return found


@pytest.mark.parametrize("sensible", [False, True], ids=["plain", "sensitive"])
@pytest.mark.parametrize("champ", ["01", "04", "05"])
async def test_an_archive_holds_nothing_forbidden_and_loses_nothing_allowed(
    champ: str,
    sensible: bool,
    tmp_path: Path,
    witness: Callable[..., Repertoire],
    expectations: list[Any],
    mark_of: Callable[[str], str],
) -> None:
    """RG_ALIM_046, RG_ALIM_047, RG_ALIM_048 and RG_ALIM_049, an archive for each profile."""
    repertoire = witness(champ, sensible=sensible)
    archives = produced(tmp_path, await copied(tmp_path, repertoire))

    unfiltered = {
        version.value: write_document(repertoire, version=version, ledger=Ledger()).decode() for version in VERSIONS
    }
    wrong = {}
    for (version, profil), (text, _) in archives.items():
        # 1.5 writes what 1.6 writes
        rows = [row for row in expectations if row.standard == f"csd-{'1.6' if version == '1.5' else version}"]
        marks = {row.element: DROP_ZONE if row.element == "eg-drop-zone" else mark_of(row.element) for row in rows}
        allowed = {row.element for row in rows if row.sent(ProfilAcces(profil), champ, sensible=sensible)}
        leaked = {element for element, mark in marks.items() if mark in text} - allowed
        lost = {element for element in allowed if marks[element] in unfiltered[version] and marks[element] not in text}
        if leaked or lost:
            wrong[version, profil] = (leaked, lost)
    assert wrong == {}


async def test_a_sensitive_unit_stays_out_of_1_6_and_only_who_may_see_it_is_told(
    tmp_path: Path, witness: Callable[..., Repertoire]
) -> None:
    archives = produced(tmp_path, await copied(tmp_path, witness("01", sensible=True)))

    told = {
        key: manifest.losses.get(f"csd-{key[0]}.sensitive-unit.withheld error", 0)
        for key, (_, manifest) in archives.items()
    }
    assert {key for key, count in told.items() if count} == {("1.5", "1"), ("1.6", "1")}
    assert {key for key, (text, _) in archives.items() if "<csd:facility " in text and "UE-" in text} == {
        ("2.4", "1"), ("3.0", "1"),
    }  # fmt: skip
    assert archives["1.6", "1"][1].shares[0].losses > 0
