"""The configuration of a gateway over the files of a federation: its document, its certificates, its CRL."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from gateway.configuration import Configuration, parse


def configuration(directory: Path, *, document: str = "federation.json", **sections: Any) -> Configuration:
    """A gateway on free ports over the federation written in a directory; a section given replaces a whole section."""
    pki = directory / "pki"
    settings: dict[str, Any] = {
        "listeners": {name: {"port": 0} for name in ("soap", "fhir", "token")},
        "certificates": {
            "server": pki / "gateway-server.pem",
            "server_key": pki / "gateway-server.key",
            "client": pki / "gateway-client.pem",
            "client_key": pki / "gateway-client.key",
            "ca": pki / "ca.pem",
        },
        "federation": {"document": directory / document, "crl": [pki / "crl.pem"]},
        "replica": {"url": f"sqlite:///{directory / 'replica.db'}", "period": 3600},
    }
    return parse({**settings, **sections}, base=directory)


def reduced(directory: Path, members: Collection[str], **sections: Any) -> Configuration:
    """A gateway over some members of that federation: the fewer, the sooner their copies are there."""
    document = json.loads((directory / "federation.json").read_bytes())
    document["members"] = [member for member in document["members"] if member["code"] in members]
    (directory / "few.json").write_text(json.dumps(document))
    return configuration(directory, document="few.json", **sections)
