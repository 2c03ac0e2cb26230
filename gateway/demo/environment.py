"""The embedded federation: the reference regions, and a gateway in front of them configured from their files."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from gateway import telemetry
from gateway.app import Gateway, running
from gateway.configuration import Configuration, parse
from gateway.demo.reference import ReferenceDescription, ReferenceFederation, reference_federation
from gateway.demo.story import Addresses


class Embedded(msgspec.Struct, frozen=True):
    """The reference federation and the gateway, both running."""

    reference: ReferenceFederation
    gateway: Gateway
    addresses: Addresses


@asynccontextmanager
async def embedded_federation(
    directory: Path, *, scale: int, faults: Mapping[str, str], extraction: bool
) -> AsyncIterator[Embedded]:
    """Everything of the demo under `directory`, stopped at the end; the gateway's log is `gateway.log` there."""
    with (directory / "gateway.log").open("w", encoding="utf-8") as log:
        telemetry.configure(log)
        async with (
            reference_federation(directory, scale=scale, faults=faults) as reference,
            running(configuration(directory, extraction=extraction)) as gateway,
        ):
            addresses = Addresses(gateway.soap, gateway.fhir, gateway.token, gateway.extraction)
            yield Embedded(reference, gateway, addresses)


def configuration(directory: Path, *, extraction: bool) -> Configuration:
    """The gateway's configuration over the files that the reference federation wrote."""
    pki = directory / "pki"
    listener = {"host": "127.0.0.1", "port": 0}
    settings: dict[str, Any] = {
        "listeners": {"soap": listener, "fhir": listener, "token": listener},
        "certificates": {
            "server": pki / "gateway-server.pem",
            "server_key": pki / "gateway-server.key",
            "client": pki / "gateway-client.pem",
            "client_key": pki / "gateway-client.key",
            "ca": pki / "ca.pem",
        },
        "federation": {
            "document": directory / "federation.json",
            "crl": [pki / "crl.pem"],
        },
        "replica": {"url": f"sqlite:///{directory / 'replica.sqlite'}"},
        "extraction": {"listener": listener, "directory": directory / "extraction"} if extraction else None,
    }
    return parse(settings, base=directory)


def describe(directory: Path, reference: ReferenceDescription, addresses: Addresses) -> Path:
    """Write `demo.json`, atomically and last: by it outside parties drive the demo (design of the file: docs/demo.md).

    A door that this release does not open is null.
    """
    description = {
        "soap": addresses.soap,
        "fhir": addresses.fhir,
        "token": addresses.token,
        "capacity": None,
        "extraction": addresses.extraction,
        "console": None,
        "metrics": None,
        "ca": reference.ca,
        "members": [msgspec.to_builtins(member) for member in reference.members],
        "clients": [msgspec.to_builtins(client) for client in reference.clients],
        "national": msgspec.to_builtins(reference.national),
    }
    path = directory / "demo.json"
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(description), indent=2))
    unfinished.replace(path)
    return path
