"""A file that cannot be used stops the start, and is named."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from adapters.options import OPTIONS
from conformance.reference.pki import make_hierarchy, revocation_list
from gateway import members
from gateway.app import running
from gateway.errors import ConfigurationRefused
from whitelist import loading

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


SINCE = "2026-01-15"
KNOWN = "autre, generic, iess, ir, national"
UNKNOWN = 'another one declares its dialect in options, "hierarchy" at least'


def habit(name: str, value: str) -> dict[str, Any]:
    return {"options": {name: {"value": value, "since": SINCE}}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"endpoints": []}, '"interface soap-csd" is missing'),
        ({"solution": "unheard-of"}, f'unknown solution "unheard-of" (known: {KNOWN}); {UNKNOWN}'),
        (
            {"solution": "ies", **habit("labels", "text")},
            f'unknown solution "ies" (known: {KNOWN}), is "iess" meant?; {UNKNOWN}',
        ),
        ({"contract": "2.5"}, 'contract "2.5" unknown to its solution (known: 1.5, 1.6, 2.4, 3.0)'),
        (
            habit("hierarchy", "chian"),
            'options.hierarchy cannot be "chian", is "chain" meant? (values: chain, flat, parent-facility)',
        ),
        (habit("search-cap", "none"), 'options.search-cap cannot be "none" (examples: 50, 200)'),
        (
            habit("label", "text"),
            f'options.label does not exist, is "labels" meant? (options: {", ".join(OPTIONS)})',
        ),
    ],
    ids=[
        "no-endpoint",
        "no-adapter",
        "misspelt-solution",
        "no-contract",
        "misspelt-value",
        "no-number",
        "misspelt-option",
    ],
)
async def test_a_member_that_cannot_be_asked(
    world: "World", log: "Log", tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    first, *others = world.document["members"]
    document = world.federation_with(tmp_path / "federation.json", {"members": [{**first, **change}, *others]})

    key, english = await refused(world, tmp_path, federation={"document": document, "crl": [world.crl]})

    assert key == "federation.document"
    assert english == f"member {first['code']}: {told}"


def test_every_member_that_cannot_be_asked_is_told_at_once_and_in_both_languages(world: "World") -> None:
    first, second = world.document["members"]
    wrong = [{**first, **habit("dates", "plian")}, {**second, **habit("hierarchy", "tree")}]
    document = loading.load(msgspec.json.encode({**world.document, "members": wrong}))

    with pytest.raises(ConfigurationRefused) as error:
        members.refuse_unusable(document)

    assert [problem[1:] for problem in error.value.problems] == [
        (
            f"membre {first['code']} : options.dates ne peut valoir « plian », voulait-on « plain » ?"
            " (valeurs : plain, offset, fractions)",
            f'member {first["code"]}: options.dates cannot be "plian", is "plain" meant?'
            " (values: plain, offset, fractions)",
        ),
        (
            f"membre {second['code']} : options.hierarchy ne peut valoir « tree »"
            " (valeurs : chain, flat, parent-facility)",
            f'member {second["code"]}: options.hierarchy cannot be "tree" (values: chain, flat, parent-facility)',
        ),
    ]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ({"hierarchy": "flat"}, "wrong-shape"),
        ({"hierarchy": {"value": "flat"}}, "wrong-shape"),
        ({"hierarchy": {"value": "flat", "since": "2026-01-15", "until": "2026-02-01"}}, "wrong-shape"),
        ({"hierarchy": {"value": "flat", "since": "2099-01-01"}}, "habit-to-come"),
    ],
    ids=["without a date", "date left out", "unknown field", "not observed yet"],
)
def test_a_habit_is_declared_with_the_day_since_when_it_is_known(
    world: "World", written: dict[str, Any], code: str
) -> None:
    first, *others = world.document["members"]
    document = {**world.document, "members": [{**first, "options": written}, *others]}

    with pytest.raises(loading.DocumentRefused) as refusal:
        loading.load(msgspec.json.encode(document))

    assert refusal.value.code == code
    assert refusal.value.path.startswith("$.members[0].options")


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
