"""A small world for the doors: a PKI of its own, a federation document of two members and six clients, real TLS."""

import io
import json
import logging
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog
from cryptography.hazmat.primitives import serialization

from conformance.reference.clients import make_clients
from conformance.reference.document import Addresses, federation_document
from conformance.reference.federation_pki import CERTIFICATE_CLIENTS, FederationPki, make_federation_pki
from conformance.reference.members import read_members
from conformance.reference.pki import Family, issue, leaf_subject, make_hierarchy, revocation_list, write_leaf
from gateway import telemetry
from gateway.app import Gateway, running
from gateway.configuration import Configuration
from tests.gateway.settings import configuration

MEMBERS = ("84", "93")


@dataclass(frozen=True, slots=True)
class World:
    """The files of a federation, and certificates that are right and wrong in every way."""

    directory: Path
    pki: FederationPki
    document: dict[str, Any]

    @property
    def federation(self) -> Path:
        return self.directory / "federation.json"

    @property
    def crl(self) -> Path:
        return self.directory / "pki" / "crl.pem"

    @property
    def ca(self) -> Path:
        return self.directory / "pki" / "ca.pem"

    def client_context(self, name: str | None) -> ssl.SSLContext:
        """The TLS of a caller that shows that certificate; None shows none."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.ca)
        if name is not None:
            context.load_cert_chain(self.pki.pem(name), self.pki.key(name))
        return context

    def configuration(self, folder: Path, **changes: Any) -> Configuration:
        """The configuration of a gateway over these files; its database is in `folder`."""
        sections = {
            "replica": {"url": f"sqlite:///{folder / 'replica.db'}"},
            "deadlines": {"exchange": 2, "body": 1, "drain": 1},
        }
        return configuration(self.directory, **{**sections, **changes})

    def federation_with(self, path: Path, changes: Mapping[str, Any]) -> Path:
        """A document like this one but for those fields of it."""
        path.write_bytes(msgspec.json.encode({**self.document, **changes}))
        return path


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    directory = tmp_path_factory.mktemp("world")
    members = tuple(member for member in read_members() if member.code in MEMBERS)
    pki = make_federation_pki(directory / "pki", members=members, ca_key_size=2048)
    _spoilt(pki)
    clients = make_clients({name: pki.leaves[f"client-{name}"].sha256 for name in CERTIFICATE_CLIENTS})
    nowhere = dict.fromkeys(MEMBERS, "https://localhost:1")
    addresses = Addresses(
        members=nowhere,
        fhir="https://localhost:1/ws-diffusion-fhir",
        token="https://localhost:1/token",
    )
    document = federation_document(members, clients, pki, addresses, now=datetime.now(UTC) - timedelta(minutes=1))
    encoded = msgspec.json.encode(document)
    (directory / "federation.json").write_bytes(encoded)
    return World(directory, pki, msgspec.json.decode(encoded))


def _spoilt(pki: FederationPki) -> None:
    """`unlisted` is good but unknown; `expired`, `untrusted` and `revoked` are refused in the handshake."""
    issuer = pki.hierarchy.organisations
    now = datetime.now(UTC).replace(microsecond=0)
    subject = leaf_subject(department="Paris (75)", organisation="INCONNU", structure="11B0000999", name="INCONNU")
    revoked = issue(issuer, Family.AUTH_CLI, subject)
    leaves = {
        "unlisted": issue(issuer, Family.AUTH_CLI, subject),
        "revoked": revoked,
        "expired": issue(
            issuer, Family.AUTH_CLI, subject, not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
        ),
        "untrusted": issue(make_hierarchy(ca_key_size=2048).organisations, Family.AUTH_CLI, subject),
    }
    for name, leaf in leaves.items():
        write_leaf(pki.directory, name, leaf)
    lists = (revocation_list(pki.hierarchy.root), revocation_list(issuer, [revoked.certificate], number=2))
    (pki.directory / "crl.pem").write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in lists))


class Log:
    """What the gateway logged during a test."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def of(self, exchange: str) -> list[dict[str, Any]]:
        """The lines that carry that exchange id."""
        lines = (json.loads(line) for line in self.text.splitlines())
        return [line for line in lines if line.get("exchange") == exchange]


@pytest.fixture
def log() -> Iterator[Log]:
    stream = io.StringIO()
    telemetry.configure(stream)
    yield Log(stream)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.getLogger().handlers.clear()


@pytest.fixture
async def gateway(world: World, tmp_path: Path, log: Log) -> AsyncIterator[Gateway]:
    """A gateway whose two members cannot be reached."""
    async with running(world.configuration(tmp_path)) as started:
        yield started
