"""A file that cannot be used stops the start, and is named."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from conformance.reference.pki import make_hierarchy, revocation_list
from gateway.app import running
from gateway.errors import ConfigurationRefused

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World


def other_authorities(folder: Path) -> dict[str, Any]:
    """An authority file and lists of a hierarchy the document does not pin."""
    hierarchy = make_hierarchy(ca_key_size=2048)
    pem = serialization.Encoding.PEM
    certificates: tuple[x509.Certificate, ...] = (hierarchy.root.certificate, hierarchy.organisations.certificate)
    (folder / "ca.pem").write_bytes(b"".join(one.public_bytes(pem) for one in certificates))
    lists = (revocation_list(hierarchy.root), revocation_list(hierarchy.organisations))
    (folder / "crl.pem").write_bytes(b"".join(one.public_bytes(pem) for one in lists))
    return {"ca": folder / "ca.pem", "crl": folder / "crl.pem"}


async def refused(world: "World", folder: Path, **changes: Any) -> tuple[str, str]:
    """The first problem, in English."""
    with pytest.raises(ConfigurationRefused) as stopped:
        async with running(world.configuration(folder, **changes)):
            pass
    key, _, english = stopped.value.problems[0]
    return key, english


def certificates(world: "World", **changes: Path) -> dict[str, Path]:
    files = {
        "server": world.pki.pem("gateway-server"),
        "server_key": world.pki.key("gateway-server"),
        "client": world.pki.pem("gateway-client"),
        "client_key": world.pki.key("gateway-client"),
        "ca": world.ca,
    }
    return {**files, **changes}


async def test_a_key_of_another_certificate(world: "World", log: "Log", tmp_path: Path) -> None:
    key, english = await refused(
        world, tmp_path, certificates=certificates(world, server_key=world.pki.key("gateway-client"))
    )

    assert key == "certificates"
    assert english.startswith(f"{world.pki.pem('gateway-server')} cannot be used")


async def test_authorities_that_are_not_those_pinned(world: "World", log: "Log", tmp_path: Path) -> None:
    other = other_authorities(tmp_path)

    ca = await refused(world, tmp_path, certificates=certificates(world, ca=other["ca"]))
    crl = await refused(world, tmp_path, federation={"document": world.federation, "crl": [other["crl"]]})

    assert ca == ("certificates.ca", "an authority pinned by the federation document is missing")
    assert crl == ("federation.crl", "revocation list refused (wrong-signature)")


async def test_a_port_that_is_taken(world: "World", log: "Log", tmp_path: Path) -> None:
    async with running(world.configuration(tmp_path)) as gateway:
        port = int(gateway.soap.rpartition(":")[2])
        listeners = {"soap": {"port": port}, "fhir": {"port": 0}, "token": {"port": 0}}

        assert await refused(world, tmp_path, listeners=listeners) == (
            "listeners.soap",
            f"port {port} is not available",
        )


async def test_a_database_that_cannot_be_used(world: "World", log: "Log", tmp_path: Path) -> None:
    key, english = await refused(world, tmp_path, replica={"url": "sqlite:////nowhere/secret/replica.db"})

    assert (key, english) == ("replica.url", "the database cannot be used")


async def test_a_signing_key_that_is_not_one(world: "World", log: "Log", tmp_path: Path) -> None:
    key, _ = await refused(world, tmp_path, secrets={"token_signing_key": "not a key"})

    assert key == "secrets.token_signing_key"


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"endpoints": []}, "interface soap-csd"),
        ({"solution": "unheard-of"}, "solution unheard-of"),
    ],
    ids=["no-endpoint", "no-adapter"],
)
async def test_a_member_that_cannot_be_asked(
    world: "World", log: "Log", tmp_path: Path, change: dict[str, Any], missing: str
) -> None:
    first, *others = world.document["members"]
    document = world.federation_with(tmp_path / "federation.json", {"members": [{**first, **change}, *others]})

    key, english = await refused(world, tmp_path, federation={"document": document, "crl": [world.crl]})

    assert key == "federation.document"
    assert english == f'member {first["code"]}: "{missing}" is missing'


@pytest.mark.parametrize("holder", ["federation", "member", "client"])
async def test_a_publication_that_is_not_held(holder: str, world: "World", log: "Log", tmp_path: Path) -> None:
    given: dict[str, Any] = {"nomenclatures": "2031-02"}
    if holder != "federation":
        first, *others = world.document[f"{holder}s"]
        given = {f"{holder}s": [{**first, **given}, *others]}
    document = world.federation_with(tmp_path / "federation.json", given)

    key, english = await refused(world, tmp_path, federation={"document": document, "crl": [world.crl]})

    assert key == "federation.document"
    assert english.startswith("publication of the nomenclatures 2031-02 not held (newest: 2026-09)")


@pytest.mark.parametrize(
    ("setting", "file"), [("accepted", "acceptes.csv"), ("directory", "publications")], ids=["accepted", "directory"]
)
async def test_nomenclatures_that_cannot_be_used(
    setting: str, file: str, world: "World", log: "Log", tmp_path: Path
) -> None:
    (tmp_path / "acceptes.csv").write_text("a,b\n")
    (tmp_path / "publications" / "2026-12").mkdir(parents=True)
    (tmp_path / "publications" / "2026-12" / "index.csv").write_text("a,b\n1,2\n")

    key, _ = await refused(world, tmp_path, nomenclatures={setting: tmp_path / file})

    assert key == f"nomenclatures.{setting}"


async def test_a_deadline_of_a_caller_that_does_not_exist(world: "World", tmp_path: Path) -> None:
    key, english = await refused(world, tmp_path, deadlines={"callers": {"99": {"exchange": 3}}})

    assert (key, english) == ("deadlines.callers.99", "neither a member nor a client of the federation document")
