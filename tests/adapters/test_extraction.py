"""The archive of a member, taken as hostile: what each attack is refused for, before anything of it is read."""

import asyncio
import hashlib
import io
import random
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from aiohttp import web

from adapters.contract import Identity
from adapters.deadline import Deadline
from adapters.errors import MemberAnswerInvalid, MemberCannot, MemberFailure, MemberRefused, MemberTimedOut
from adapters.extraction import stamp_of, unpacked
from adapters.manifest import Archives
from adapters.registry import adapter_for
from adapters.transport import MemberTransport, Pace, Reply
from mappings.csd.version import Version
from mappings.exposition.demandes import ProfilAcces, Transaction
from mappings.loss import Ledger
from mappings.shelf import in_memory

Servers = Any
NOW = datetime(2026, 7, 14, 10, 0, tzinfo=UTC)
MADE = datetime(2026, 7, 14, 9, 30, tzinfo=UTC)
NAME = "ExtractionOffresSante_Profil1"
EMPTY = (
    b'<c:CSD xmlns:c="urn:ihe:iti:csd:2013"><c:organizationDirectory/><c:serviceDirectory/><c:facilityDirectory/>'
    b"<c:providerDirectory/><c:deviceDirectory/></c:CSD>"
)
NOISE = random.Random(1).randbytes(300_000)  # noqa: S311 - incompressible, and the same each time
Files = dict[str, bytes]


def hashed(content: bytes = EMPTY, base: str = "a") -> Files:
    return {f"{base}.xml": content, f"{base}.txt": hashlib.sha256(content).hexdigest().encode()}


def zipped(files: Files, *, compression: int = ZIP_DEFLATED) -> bytes:
    kept = io.BytesIO()
    with ZipFile(kept, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return kept.getvalue()


def lying(said: int) -> bytes:
    """An archive whose directory says another size than the one its file has."""
    right = zipped(hashed(EMPTY + b" " * 5000))
    return right.replace(struct.pack("<I", len(EMPTY) + 5000), struct.pack("<I", said))


def with_flag(bit: int) -> bytes:
    right = bytearray(zipped(hashed()))
    start = right.find(b"PK\x01\x02")
    while start >= 0:
        right[start + 8] |= bit
        start = right.find(b"PK\x01\x02", start + 1)
    return bytes(right)


def twice() -> bytes:
    return zipped(hashed() | hashed(base="b")).replace(b"b.xml", b"a.xml").replace(b"b.txt", b"a.txt")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        pytest.param(b"", "not-a-zip", id="nothing"),
        pytest.param(b"<html/>", "not-a-zip", id="a page"),
        pytest.param(zipped(hashed())[:-30], "not-a-zip", id="cut"),
        pytest.param(zipped({}), "empty", id="empty"),
        pytest.param(zipped({"a.txt": b"0" * 64}), "empty", id="hash alone"),
        pytest.param(zipped({"a.xml": EMPTY}), "hash-missing", id="no hash"),
        pytest.param(zipped(hashed() | {"b.txt": b"0" * 64}), "hash-missing", id="hash of nothing"),
        pytest.param(zipped(hashed() | {"a.txt": b"0" * 64}), "hash", id="wrong hash"),
        pytest.param(zipped(hashed() | {"a.txt": b"deadbeef"}), "hash", id="short hash"),
        pytest.param(zipped(hashed() | {"a.txt": b" " * 5000}), "too-large", id="hash of 5000 bytes"),
        pytest.param(zipped(hashed(base="../a")), "entry-name", id="climbing"),
        pytest.param(zipped(hashed(base="/etc/a")), "entry-name", id="absolute"),
        pytest.param(zipped(hashed(base="b/a")), "entry-name", id="folder"),
        pytest.param(zipped(hashed(base="b\\a")), "entry-name", id="backslash"),
        pytest.param(zipped(hashed(base=".a")), "entry-name", id="hidden"),
        pytest.param(zipped(hashed(base="x\u202elmx")), "entry-name", id="right to left"),
        pytest.param(zipped(hashed()).replace(b"a.xml", b"a\0xml"), "entry-name", id="null byte"),
        pytest.param(zipped(hashed() | {"a.exe": b"MZ"}), "entry-name", id="another kind"),
        pytest.param(zipped({"a.xml/": b""}), "entry-name", id="directory"),
        pytest.param(twice(), "entry-name", id="one name twice"),
        pytest.param(zipped(hashed(), compression=ZIP_BZIP2), "not-a-zip", id="another compression"),
        pytest.param(with_flag(0x1), "not-a-zip", id="encrypted"),
        pytest.param(zipped(hashed(EMPTY + b" " * 900_000)), "ratio", id="bomb"),
        pytest.param(lying(103_000_000), "too-large", id="a size at the limit of the contract"),
        pytest.param(lying(10), "not-a-zip", id="a size said smaller"),
        pytest.param(zipped({f"{rank}.txt": b"" for rank in range(51)}), "too-many-entries", id="entries"),
        pytest.param(
            zipped({key: one for rank in range(4) for key, one in hashed(NOISE, f"f{rank}").items()}),
            "too-large",
            id="too much in all",
        ),
        pytest.param(zipped(hashed(b"<c:other xmlns:c='urn:ihe:iti:csd:2013'/>")), "root", id="another root"),
        pytest.param(zipped(hashed(EMPTY.replace(b"<c:serviceDirectory/>", b""))), "schema", id="not of the schema"),
        pytest.param(zipped(hashed(EMPTY[:-5])), "malformed", id="not well formed"),
        pytest.param(zipped(hashed(b"<!DOCTYPE x [<!ENTITY e 'e'>]>" + EMPTY)), "malformed", id="entity"),
    ],
)
def test_a_hostile_archive_is_refused_and_nothing_leaves_its_folder(tmp_path: Path, content: bytes, cause: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    archive = folder / "archive.zip"
    archive.write_bytes(content)

    with pytest.raises(MemberAnswerInvalid) as refused:
        unpacked(archive, folder, Archives(entries=50, total_bytes=1_000_000), Version.V3_0)

    assert refused.value.cause == f"extraction-{cause}"
    assert [one.name for one in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("compression", [ZIP_STORED, ZIP_DEFLATED], ids=["stored", "deflated"])
def test_a_right_archive_gives_its_files_in_their_order(tmp_path: Path, compression: int) -> None:
    archive = tmp_path / "archive.zip"
    files = hashed(base="b") | {"a.xml": EMPTY, "a.txt": hashlib.sha256(EMPTY).hexdigest().upper().encode() + b"\r\n"}
    archive.write_bytes(zipped(files, compression=compression))

    found = unpacked(archive, tmp_path, Archives(), Version.V3_0)

    assert [one.name for one in found] == ["a.xml", "b.xml"]
    assert {one.read_bytes() for one in found} == {EMPTY}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(f"attachment; filename={NAME}_202607141130.zip", MADE, id="summer"),
        pytest.param(f'attachment; filename="{NAME}_202607141130.zip"; x=1', MADE, id="quoted"),
        pytest.param(f"filename={NAME}_202607141230.zip", "stamp-in-the-future", id="later than now"),
        pytest.param(f"filename={NAME}_202607101130.zip", "too-old", id="old"),
        pytest.param(f"filename={NAME}_202613141130.zip", "name", id="no month"),
        pytest.param("filename=ExtractionOffresSante_Profil0_202607141130.zip", "name", id="another profile"),
        pytest.param(f"filename=../{NAME}_202607141130.zip", "name", id="path"),
        pytest.param(f"filename={NAME}_202607141130.zip.exe", "name", id="another kind"),
        pytest.param("", "name", id="nothing"),
    ],
)
def test_the_stamp_is_the_instant_in_legal_time(said: str, expected: datetime | str) -> None:
    reply = Reply(200, "application/octet-stream", b"", {"Content-Disposition": said})
    if isinstance(expected, datetime):
        assert stamp_of(reply, ProfilAcces.P1, Archives(), NOW) == expected
        return

    with pytest.raises(MemberAnswerInvalid) as refused:
        stamp_of(reply, ProfilAcces.P1, Archives(), NOW)
    assert refused.value.cause == f"extraction-{expected}"


async def test_an_archive_is_asked_for_at_its_address_and_read_file_by_file(
    servers: Servers, identity: Identity, tmp_path: Path
) -> None:
    asked: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path}")
        stamp = datetime.now(UTC).strftime("%Y%m%d%H%M")
        return web.Response(
            body=zipped(hashed()),
            content_type="application/octet-stream",
            headers={"Content-Disposition": f"attachment; filename={NAME}_{stamp}.zip"},
        )

    origin = await servers.web(serve)
    adapter = adapter_for(servers.target(origin, extraction="V7"), identity)

    extracted = await adapter.extract(tmp_path, profil=ProfilAcces.P1)
    await adapter.close()

    assert asked == ["GET /ROR/V7/extraction/ExtractionOffresSante_Profil1"]
    assert list(extracted.objects(extracted.files[0], ledger=Ledger(), shelves=in_memory)) == []


@pytest.mark.parametrize("segment", ["V1", None])
async def test_a_member_offers_what_its_entry_lists(
    servers: Servers, identity: Identity, tmp_path: Path, segment: str | None
) -> None:
    adapter = adapter_for(servers.target("https://localhost:1", extraction=segment), identity)

    assert (Transaction.EXTRACTION in adapter.capabilities.transactions) is (segment is not None)
    with pytest.raises(MemberFailure if segment else MemberCannot):
        await adapter.extract(tmp_path, profil=ProfilAcces.P1)
    await adapter.close()


PACE = Pace(head_seconds=0.3, bytes_per_second=1_000_000, limit=100_000)


async def silent(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response()


async def stalled(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"x")
    await asyncio.sleep(5)
    return response


async def trickling(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(200):
        await response.write(b"x")
        await asyncio.sleep(0.05)
    return response


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 60_000)


async def announced(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"x" * 200_000)


async def absent(request: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound


Handler = Callable[[web.Request], Any]


@pytest.mark.parametrize(
    ("serve", "failure", "cause"),
    [
        pytest.param(silent, MemberTimedOut, "deadline", id="never begins"),
        pytest.param(stalled, MemberTimedOut, "deadline", id="stops"),
        pytest.param(trickling, MemberTimedOut, "too-slow", id="trickles"),
        pytest.param(endless, MemberAnswerInvalid, "too-large", id="never ends"),
        pytest.param(announced, MemberAnswerInvalid, "too-large", id="says it is too large"),
    ],
)
async def test_a_download_is_given_up_long_before_its_two_hours(
    servers: Servers, identity: Identity, tmp_path: Path, serve: Handler, failure: type[MemberFailure], cause: str
) -> None:
    origin = await servers.web(serve)
    transport = MemberTransport(servers.target(origin), identity)

    with pytest.raises(failure) as given_up:
        await transport.download(f"{origin}/x", tmp_path / "x", deadline=Deadline.after(7200), pace=PACE)
    await transport.close()

    assert given_up.value.cause == cause


async def test_a_member_without_archive_refuses(servers: Servers, identity: Identity, tmp_path: Path) -> None:
    adapter = adapter_for(servers.target(await servers.web(absent), extraction="V1"), identity)

    with pytest.raises(MemberRefused) as refused:
        await adapter.extract(tmp_path, profil=ProfilAcces.P1)
    await adapter.close()

    assert refused.value.cause == "http-404"
