"""The extraction door over mutual TLS: who gets which archive, how it is named, and how a refusal is told."""

import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.app import Gateway, running
from gateway.demo.coverage import read_coverage
from gateway.extraction.catalogue import Catalogue, Key, Manifest, Share
from gateway.federation.exchange import FEDERATION, Source, Status
from mappings.csd.version import Version

PRODUCED = datetime(2026, 3, 4, 5, 6, 59, tzinfo=UTC).timestamp()
BYTES = bytes(range(256)) * 4096
PATH = "3.0/84/extraction/ExtractionOffresSante_Profil0"

Open = Callable[..., AbstractAsyncContextManager["Caller"]]


class Caller:
    """Member 84, or whoever a certificate says, before the extraction door of a gateway."""

    def __init__(self, gateway: Gateway, world: Any, session: aiohttp.ClientSession) -> None:
        self.gateway = gateway
        self._world = world
        self._session = session

    async def ask(
        self, path: str = PATH, *, method: str = "GET", certificate: str | None = "member-84-client", **headers: str
    ) -> tuple[int, Any, bytes]:
        async with self._session.request(
            method,
            f"{self.gateway.extraction}/{path}",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            ssl=self._world.client_context(certificate),
        ) as response:
            return response.status, response.headers, await response.read()


def put(directory: Path, key: Key, content: bytes, *shares: Share, produced_at: float = PRODUCED) -> Manifest:
    catalogue = Catalogue(directory)
    path = catalogue.new(key)
    path.write_bytes(content)
    made = Manifest(
        key=key, file=path.name, produced_at=produced_at, files=1, bytes=len(content), shares=shares, losses={}
    )
    catalogue.commit(made)
    return made


def share(member: str, **facts: Any) -> Share:
    told = {"status": Status.ANSWERED, "source": Source.REPLICA, "offers": 3, "losses": 2, "contract": "2.4"}
    return Share(member=member, **{**told, "read_at": time.time() - 90, "nos": "2026-09", **facts})


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "extraction"


@pytest.fixture
def opened(world: Any, tmp_path: Path, directory: Path, log: Any) -> Open:
    @asynccontextmanager
    async def start(changes: dict[str, Any] | None = None, **settings: Any) -> AsyncIterator[Caller]:
        # the members cannot be reached, so that nothing is produced but what the test puts there
        extraction = {"listener": {"port": 0}, "directory": directory, "versions": ["2.4", "3.0"], **settings}
        document = world.federation_with(tmp_path / "federation.json", changes or {})
        configuration = world.configuration(
            tmp_path, extraction=extraction, federation={"document": document, "crl": [world.crl]}
        )
        async with running(configuration) as gateway, aiohttp.ClientSession() as session:
            yield Caller(gateway, world, session)

    return start


def rights(world: Any, member: str, given: list[dict[str, Any]]) -> dict[str, Any]:
    """The document in which a member has those rights only."""
    members = [{**one, "rights": given} if one["code"] == member else one for one in world.document["members"]]
    return {"members": members}


def right(operation: str = "extraction", providers: str = "*", profiles: str = "0123") -> dict[str, Any]:
    return {"operation": operation, "providers": providers.split(), "profiles": list(profiles)}


async def test_an_archive_is_served_as_the_contract_says(opened: Open, directory: Path, log: Any) -> None:
    put(directory, Key(Version.V3_0, "84", "0"), BYTES, share("84"))

    async with opened() as caller:
        status, headers, body = await caller.ask()

    assert (status, body) == (200, BYTES)
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment; filename=ExtractionOffresSante_Profil0_202603040506.zip"
    assert headers["Content-Length"] == str(len(BYTES))
    told = {row.code: row.facts for row in read_coverage(headers["Ror-Coverage"])}
    assert told["93"] == {"s": "not_asked", "r": "territory"}
    assert int(told["84"].pop("age")) in range(90, 120)
    assert told["84"] == {"s": "answered", "n": "3", "l": "2", "src": "replica", "v": "2.4", "nos": "2026-09"}
    (line,) = [one for one in log.of(headers["X-Request-Id"]) if one["event"] == "exchange_ended"]
    assert (line["door"], line["caller"], line["target"], line["code"]) == ("extraction", "84", "84", "ok")
    assert (line["profile"], line["version"], line["bytes"]) == ("0", "3.0", len(BYTES))


async def test_a_part_and_what_is_told_of_it(opened: Open, directory: Path) -> None:
    put(directory, Key(Version.V3_0, "84", "0"), BYTES, share("84"))

    async with opened() as caller:
        status, headers, body = await caller.ask(method="HEAD")
        assert (status, body, headers["Content-Length"]) == (200, b"", str(len(BYTES)))
        tag = headers["ETag"]
        status, headers, body = await caller.ask(Range="bytes=1000000-", If_Range=tag)
        assert (status, body) == (206, BYTES[1_000_000:])
        assert headers["Content-Range"] == f"bytes 1000000-{len(BYTES) - 1}/{len(BYTES)}"
        assert (await caller.ask(If_None_Match=tag))[0] == 304
        put(directory, Key(Version.V3_0, "84", "0"), BYTES + b"\0", share("84"))
        # of another archive, a part would be of neither
        status, _, body = await caller.ask(Range="bytes=1000000-", If_Range=tag)
        assert (status, body) == (200, BYTES + b"\0")


async def test_a_reader_ends_the_archive_it_began_whatever_replaces_it(opened: Open, directory: Path) -> None:
    key = Key(Version.V3_0, "84", "0")
    old = BYTES * 16
    put(directory, key, old, share("84"))

    async with opened() as caller:
        url = f"{caller.gateway.extraction}/{PATH}"
        async with caller._session.get(url, ssl=caller._world.client_context("member-84-client")) as response:
            first = await response.content.readexactly(1000)
            for _ in range(3):
                put(directory, key, b"new", share("84"))
            assert first + await response.read() == old
        assert (await caller.ask())[2] == b"new"


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        pytest.param("3.0/84/extraction/ExtractionOffresSante_Profil1", "GET", 503, "not-produced", id="not produced"),
        pytest.param("3.0/FR/extraction/ExtractionOffresSante_Profil0", "GET", 503, "not-produced", id="nor for all"),
        pytest.param("3.0/99/extraction/ExtractionOffresSante_Profil0", "GET", 404, "unknown-member", id="member"),
        pytest.param("1.6/84/extraction/ExtractionOffresSante_Profil0", "GET", 404, "unknown-version", id="version"),
        pytest.param("2016/84/extraction/ExtractionOffresSante_Profil0", "GET", 404, "unknown-version", id="search"),
        pytest.param("3.0/84/extraction/ExtractionOffresSante_Profil4", "GET", 404, "unknown-extraction", id="profile"),
        pytest.param("3.0/84/extraction/manifest.json", "GET", 404, "unknown-extraction", id="another file"),
        pytest.param("3.0/84/extraction/..%2f..%2fmanifest.json", "GET", 404, "unknown-extraction", id="climbing"),
        pytest.param("3.0/84/ExtractionOffresSante_Profil0", "GET", 404, "unknown-address", id="address"),
        pytest.param(PATH, "POST", 405, "method-not-allowed", id="post"),
        pytest.param(PATH, "DELETE", 405, "method-not-allowed", id="delete"),
    ],
)
async def test_what_is_not_served_is_told_in_both_languages(
    opened: Open, directory: Path, path: str, method: str, status: int, code: str
) -> None:
    put(directory, Key(Version.V3_0, "84", "0"), BYTES, share("84"))

    async with opened() as caller:
        answered, headers, body = await caller.ask(path, method=method)

    french, english, told = body.decode().splitlines()
    assert (answered, told) == (status, code)
    assert french != english
    assert ("Retry-After" in headers) is (status == 503)
    assert headers.get("Allow") == ("GET,HEAD" if status == 405 else None)


@pytest.mark.parametrize(
    ("given", "target", "profile", "status", "code"),
    [
        pytest.param([right()], "84", "1", 200, None, id="every right"),
        pytest.param([right(profiles="1")], "84", "1", 200, None, id="that profile alone"),
        pytest.param([right(profiles="023")], "84", "1", 403, "profile-not-granted", id="all profiles but that one"),
        pytest.param([right(profiles="1")], "84", "0", 403, "profile-not-granted", id="no order between profiles"),
        pytest.param([right("lecture_etablissement")], "84", "1", 403, "not-permitted", id="another operation"),
        pytest.param([right(providers="93")], "84", "1", 403, "not-permitted", id="another provider"),
        pytest.param([], "84", "1", 403, "not-permitted", id="no right at all"),
        pytest.param([right(providers="93 84")], "FR", "1", 200, None, id="every provider by name"),
        pytest.param([right(providers="93")], "FR", "1", 403, "not-permitted", id="one of the two that are in it"),
    ],
)
async def test_the_right_is_to_the_extraction_of_that_profile(
    opened: Open,
    world: Any,
    directory: Path,
    given: list[dict[str, Any]],
    target: str,
    profile: str,
    status: int,
    code: str | None,
) -> None:
    for one in "01":
        put(directory, Key(Version.V3_0, "84", one), BYTES, share("84"))
        put(directory, Key(Version.V3_0, FEDERATION, one), BYTES, share("84"), share("93"))

    async with opened(rights(world, "84", given)) as caller:
        answered, _, body = await caller.ask(f"3.0/{target}/extraction/ExtractionOffresSante_Profil{profile}")

    assert answered == status
    assert (body == BYTES) if code is None else (body.decode().splitlines()[-1] == code)


@pytest.mark.parametrize(
    ("target", "status", "code"), [("84", 503, "not-served"), ("FR", 503, "not-produced")], ids=["alone", "with all"]
)
async def test_the_data_of_a_member_that_is_suspended_stay(
    opened: Open, world: Any, directory: Path, target: str, status: int, code: str
) -> None:
    put(directory, Key(Version.V3_0, "84", "0"), BYTES, share("84"))
    put(directory, Key(Version.V3_0, FEDERATION, "0"), BYTES, share("84"), share("93"))
    suspended = [{**one, "status": "suspended"} if one["code"] == "84" else one for one in world.document["members"]]

    async with opened({"members": suspended}) as caller:
        answered, _, body = await caller.ask(
            f"3.0/{target}/extraction/ExtractionOffresSante_Profil0", certificate="member-93-client"
        )

    assert (answered, body.decode().splitlines()[-1]) == (status, code)


@pytest.mark.parametrize("certificate", [None, "expired", "revoked", "untrusted"])
async def test_no_door_without_a_good_certificate(opened: Open, directory: Path, certificate: str | None) -> None:
    put(directory, Key(Version.V3_0, "84", "0"), BYTES, share("84"))

    async with opened() as caller:
        with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
            await caller.ask(certificate=certificate)


async def test_a_certificate_that_nobody_listed_gets_nothing(opened: Open, directory: Path) -> None:
    put(directory, Key(Version.V3_0, "84", "0"), BYTES, share("84"))

    async with opened() as caller:
        status, _, body = await caller.ask(certificate="unlisted")

    assert (status, body.decode().splitlines()[-1]) == (403, "not-permitted")


async def test_a_caller_that_leaves_is_told_in_the_log(opened: Open, directory: Path, log: Any) -> None:
    put(directory, Key(Version.V3_0, "84", "0"), BYTES * 64, share("84"))

    async with opened() as caller:
        url = f"{caller.gateway.extraction}/{PATH}"
        async with caller._session.get(url, ssl=caller._world.client_context("member-84-client")) as response:
            await response.content.readexactly(1000)
            exchange = response.headers["X-Request-Id"]
            response.close()

    # what runs ends before the gateway has stopped
    assert [one["event"] for one in log.of(exchange)] == ["exchange_ended", "extraction_sent"]
    assert log.of(exchange)[-1]["whole"] is False


async def test_a_stamp_is_never_later_than_now(opened: Open, directory: Path) -> None:
    put(directory, Key(Version.V3_0, "84", "0"), BYTES, share("84"), produced_at=time.time())

    async with opened() as caller:
        _, headers, _ = await caller.ask()

    stamp = headers["Content-Disposition"].removesuffix(".zip").rpartition("_")[2]
    made = datetime.strptime(stamp, "%Y%m%d%H%M").replace(tzinfo=UTC)
    assert timedelta(0) <= datetime.now(UTC) - made < timedelta(minutes=2)
