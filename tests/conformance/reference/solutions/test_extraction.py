"""The archives of the reference solutions: right by default, wrong on command (contract section 9)."""

import hashlib
import io
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zipfile import BadZipFile, ZipFile

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from lxml import etree

from conformance.reference.content import content
from conformance.reference.content.rhythm import PARIS
from conformance.reference.solutions import application
from conformance.reference.solutions.extraction import ArchiveFault
from mappings.csd.schemas import schema
from mappings.csd.version import Version

CSD = "{urn:ihe:iti:csd:2013}"
SOLUTIONS = [("53", "ir", "2.4"), ("03", "autre", "1.5"), ("94", "iess", "3.0")]

Ask = Callable[..., Awaitable[tuple[datetime, bytes]]]


@pytest.fixture
def ask() -> Ask:
    async def get(
        member: str, solution: str, contract: str, profile: int = 1, **settings: Any
    ) -> tuple[datetime, bytes]:
        app = application(content(member), solution=solution, contract=contract, **settings)
        url = f"/V1/extraction/ExtractionOffresSante_Profil{profile}"
        async with TestServer(app) as server, ClientSession() as session, session.get(server.make_url(url)) as answer:
            assert (answer.status, answer.content_type) == (200, "application/octet-stream")
            said = answer.headers["Content-Disposition"]
            found = re.search(rf"filename=ExtractionOffresSante_Profil{profile}_(\d{{12}})\.zip$", said)
            assert found is not None
            return datetime.strptime(found[1], "%Y%m%d%H%M").replace(tzinfo=PARIS), await answer.read()

    return get


def files(body: bytes) -> list[bytes]:
    with ZipFile(io.BytesIO(body)) as archive:
        xml = [name for name in archive.namelist() if name.endswith(".xml")]
        for name in xml:
            hashed = archive.read(name.replace(".xml", ".txt")).decode()
            assert hashed.lower() == hashlib.sha256(archive.read(name)).hexdigest()
        return [archive.read(name) for name in xml]


@pytest.mark.parametrize(("member", "solution", "contract"), SOLUTIONS, ids=[one[1] for one in SOLUTIONS])
async def test_every_establishment_is_in_one_of_the_files(ask: Ask, member: str, solution: str, contract: str) -> None:
    stamp, body = await ask(member, solution, contract, file_size=400_000)

    units: list[str] = []
    for one in files(body):
        assert len(one) <= 400_000
        root = etree.XML(one)
        assert root.tag == f"{CSD}CSD"
        schema(Version(contract)).assertValid(root)
        units += [
            facility.find(f"{CSD}otherID").get("code")
            for facility in root.iter(f"{CSD}facility")
            if facility.find(f"{CSD}codedType") is not None and facility.find(f"{CSD}codedType").get("code") == "4"
        ]
    assert len(files(body)) > 1
    assert sorted(units) == sorted(offer.identifier for one in content(member).establishments() for offer in one.offers)
    assert stamp <= datetime.now(PARIS)


async def test_a_profile_receives_its_own(ask: Ask) -> None:
    sizes = [sum(map(len, files((await ask("53", "ir", "2.4", profile))[1]))) for profile in (0, 1)]

    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("fault", ArchiveFault)
async def test_each_fault_is_in_the_archive(ask: Ask, fault: ArchiveFault) -> None:
    stamp, body = await ask("03", "autre", "1.5", archive_fault=lambda: fault)

    assert spoilt(fault, stamp, body)


def spoilt(fault: ArchiveFault, stamp: datetime, body: bytes) -> bool:
    if fault in {ArchiveFault.TRUNCATED_ZIP, ArchiveFault.NOT_A_ZIP}:
        with pytest.raises(BadZipFile):
            ZipFile(io.BytesIO(body))
        return True
    if fault is ArchiveFault.FUTURE_STAMP:
        return stamp > datetime.now(PARIS)
    if fault is ArchiveFault.STALE_STAMP:
        return (datetime.now(PARIS) - stamp).days > 80
    with ZipFile(io.BytesIO(body)) as archive:
        names = archive.namelist()
        xml = b"".join(archive.read(name) for name in names if name.endswith(".xml"))
        hashes = [archive.read(name).decode().lower() for name in names if name.endswith(".txt")]
    match fault:
        case ArchiveFault.EMPTY_ARCHIVE:
            return names == []
        case ArchiveFault.NO_HASH:
            return bool(names) and hashes == []
        case ArchiveFault.WRONG_HASH:
            return hashes != [hashlib.sha256(xml).hexdigest()]
        case ArchiveFault.PATH_TRAVERSAL:
            return names[0].startswith("../")
        case ArchiveFault.ZIP_BOMB:
            return len(xml) > 50 * len(body)
        case ArchiveFault.WRONG_ROOT:
            return b"<csd:CSD" not in xml
        case ArchiveFault.WRONG_VERSION:
            return b"functionLocation" in xml
        case ArchiveFault.MALFORMED_XML:
            return not xml.rstrip().endswith(b"</csd:CSD>")
    return False
