"""Every archive of a federation of real servers: what is produced, downloaded over TLS, verified and counted."""

import asyncio
import hashlib
import io
import json
import logging
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import aiohttp
import pytest
import pytest_asyncio
import structlog
from lxml import etree

from conformance.reference.content import content
from conformance.reference.federation import ReferenceFederation
from gateway import telemetry
from gateway.app import running
from gateway.configuration import Configuration
from gateway.demo.coverage import read_coverage
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse as parse_xml
from tests.gateway.settings import reduced

pytestmark = pytest.mark.asyncio(loop_scope="module")

NATIONAL = "94"
MEMBERS = ("03", "53", NATIONAL)
"""A base without confidentiality, one with, and one cut over; the fewer, the sooner the archives are there."""

VERSIONS = ("1.6", "3.0")
PROFILES = ("0", "1", "2", "3")
FILE_SIZE = 300_000
PLACES = ("{urn:ihe:iti:csd:2013}identifier", "{urn:ihe:iti:csd:2013}externalidSynchronization")
NAMES = {"csd": "urn:ihe:iti:csd:2013"}


class Archive:
    """An archive as a caller received it."""

    def __init__(self, headers: Any, body: bytes, version: str) -> None:
        self.headers = headers
        self.version = Version(version)
        self._zip = ZipFile(io.BytesIO(body))

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The XML files, unpacked one after the other: all of them at once, and their trees, would fill 700 MB."""
        return ((name, self._zip.read(name)) for name in self._zip.namelist() if name.endswith(".xml"))

    def roots(self) -> Iterator[etree._Element]:
        return (parse_xml(one) for _, one in self.files())

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The hash of each XML file, compared with the one that stands beside it."""
        found = {name: hashlib.sha256(one).hexdigest() for name, one in self.files()}
        said = {name.replace(".xml", ".txt"): one for name, one in found.items()}
        assert sorted(self._zip.namelist()) == sorted([*found, *said])
        assert {name: self._zip.read(name).decode() for name in said} == said
        return found

    @cached_property
    def units(self) -> list[str]:
        """The identifiers of the elementary units, in their order."""
        found = (root.iterfind("csd:facilityDirectory/csd:facility[csd:codedType]", NAMES) for root in self.roots())
        return [
            str(facility.find("csd:otherID", NAMES).get("code"))  # type: ignore[union-attr]
            for some in found
            for facility in some
            if facility.find("csd:codedType", NAMES).get("code") == "4"  # type: ignore[union-attr]
        ]

    @cached_property
    def coverage(self) -> dict[str, dict[str, str]]:
        return {row.code: row.facts for row in read_coverage(self.headers["Ror-Coverage"])}


@dataclass(frozen=True, slots=True)
class World:
    """What each caller of member 53 receives, by version, target and profile."""

    archives: dict[tuple[str, str, str], Archive]
    ended: dict[str, Any]

    def each(self) -> Iterator[tuple[tuple[str, str, str], Archive]]:
        yield from self.archives.items()


def configuration(directory: Path) -> Configuration:
    extraction = {
        "listener": {"port": 0},
        "directory": directory / "archives",
        "versions": VERSIONS,
        "file_size": FILE_SIZE,
    }
    return reduced(directory, MEMBERS, extraction=extraction)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    directory = tmp_path_factory.mktemp("federation")
    log = io.StringIO()
    telemetry.configure(log)
    async with ReferenceFederation(directory), running(configuration(directory)) as gateway:
        context = ssl.create_default_context(cafile=directory / "pki" / "ca.pem")
        context.load_cert_chain(directory / "pki" / "member-53-client.pem", directory / "pki" / "member-53-client.key")
        async with asyncio.timeout(60):
            await gateway.produced()
        archives = {}
        async with aiohttp.ClientSession() as session:
            for version in VERSIONS:
                for target in (*MEMBERS, "FR"):
                    for profile in PROFILES:
                        name = f"ExtractionOffresSante_Profil{profile}"
                        url = f"{gateway.extraction}/{version}/{target}/extraction/{name}"
                        async with session.get(url, ssl=context) as response:
                            assert response.status == 200, await response.text()
                            archives[version, target, profile] = Archive(
                                response.headers, await response.read(), version
                            )
        ended = [line for line in log.getvalue().splitlines() if "extraction_production_ended" in line]
        yield World(archives, json.loads(ended[0]))
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


async def test_each_file_is_hashed_valid_small_enough_and_whole(world: World) -> None:
    for _, archive in world.each():
        assert archive.hashes
        for _, written in archive.files():
            root = parse_xml(written)
            # one that is larger holds one establishment
            assert len(written) <= FILE_SIZE or len(root.findall(".//csd:organization/csd:parent", NAMES)) == 1
            assert root.tag == "{urn:ihe:iti:csd:2013}CSD"
            schema(archive.version).assertValid(root)
            given = [entry.get("entityID") for directory in root for entry in directory]
            named = {one.get("entityID") for one in root.iter() if one.get("entityID") is not None}
            # a place bears its own identifier there
            named -= {one.get("entityID") for one in root.iter(*PLACES)}
            assert (len(given), named) == (len(set(given)), set(given))


async def test_the_production_ended_well(world: World) -> None:
    assert world.ended["whole"] is True


async def test_a_large_member_comes_in_several_files(world: World) -> None:
    assert len(world.archives["3.0", "53", "1"].hashes) > 1


async def test_each_is_named_after_its_profile_and_the_minute_of_its_production(world: World) -> None:
    for (_, _, profile), archive in world.each():
        name = archive.headers["Content-Disposition"].partition("filename=")[2]
        found = re.fullmatch(rf"ExtractionOffresSante_Profil{profile}_(\d{{12}})\.zip", name)
        assert found is not None
        assert datetime.strptime(found[1], "%Y%m%d%H%M").replace(tzinfo=UTC) <= datetime.now(UTC)


@pytest.mark.parametrize("target", MEMBERS)
async def test_everything_a_member_has_is_in_its_archive(world: World, target: str) -> None:
    offers = [offer for one in content(target).establishments() for offer in one.offers]

    everything = sorted(offer.identifier for offer in offers)
    public = sorted(offer.identifier for offer in offers if not offer.sensitive)

    assert sorted(world.archives["3.0", target, "1"].units) == everything
    assert len(everything) > len(public) > 0
    coverage = world.archives["3.0", target, "1"].coverage
    assert coverage[target]["n"] == str(len(everything))
    assert coverage[target]["src"] == ("national" if target == NATIONAL else "replica")
    assert {facts["s"] for code, facts in coverage.items() if code != target} == {"not_asked"}


async def test_a_place_keeps_its_identifier(world: World) -> None:
    places = {place.key for one in content(NATIONAL).establishments() for offer in one.offers for place in offer.places}

    roots = world.archives["3.0", NATIONAL, "1"].roots()
    written = {one.get("entityID") for root in roots for one in root.iter(*PLACES)}
    assert written
    assert written <= places


async def test_the_archive_of_the_federation_is_the_union_of_those_of_its_members(world: World) -> None:
    for version in VERSIONS:
        for profile in PROFILES:
            whole = world.archives[version, "FR", profile]
            parts = [world.archives[version, member, profile] for member in MEMBERS]
            assert whole.hashes == {name: one for part in parts for name, one in part.hashes.items()}
            assert whole.units == [unit for part in parts for unit in part.units]
            assert len(whole.units) == len(set(whole.units))
            assert sum(int(facts["n"]) for facts in whole.coverage.values()) == len(whole.units)


async def test_no_profile_but_1_sees_a_sensitive_unit_and_1_6_shows_none(world: World) -> None:
    marked = {
        offer.identifier
        for member in MEMBERS
        for one in content(member).establishments()
        for offer in one.offers
        if offer.sensitive
    }
    # a base that speaks 1.5 or 1.6 has no word for it
    known = marked & set(units_marked(world.archives["3.0", "FR", "1"]))

    assert known
    for (version, target, profile), archive in world.each():
        shown = known & set(archive.units)
        assert bool(shown) is (version == "3.0" and profile == "1" and target in {"FR", *owners(known)})
    lost = world.archives["1.6", "FR", "1"].coverage
    assert all(int(lost[member]["l"]) > 0 for member in owners(known))


def units_marked(archive: Archive) -> list[str]:
    path = "csd:facilityDirectory/csd:facility[csd:extension/csd:sensitiveUnit='true']/csd:otherID/@code"
    return [str(code) for root in archive.roots() for code in root.xpath(path, namespaces=NAMES)]  # type: ignore[union-attr]


def owners(units: set[str]) -> set[str]:
    return {
        member
        for member in MEMBERS
        for one in content(member).establishments()
        for offer in one.offers
        if offer.identifier in units
    }
