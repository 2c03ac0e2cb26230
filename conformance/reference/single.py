"""One reference implementation on a port, described in `target.json`: something for the suite to judge."""

import asyncio
import signal
import ssl
from dataclasses import replace
from pathlib import Path

from conformance.reference.document import write_atomically
from conformance.reference.faults import FaultKind, Health
from conformance.reference.federation import REGION_PATH, region_application, server_contexts
from conformance.reference.federation_pki import FederationPki, make_federation_pki
from conformance.reference.input import say
from conformance.reference.listener import Listener
from conformance.reference.members import read_members
from conformance.reference.pki import CA_KEY_SIZE
from conformance.reference.solutions.server import DIALECTS

SOLUTIONS = tuple(DIALECTS)
CONTENT = "53"


class SingleReference:
    """The content of one region behind the solution and the version asked for."""

    def __init__(
        self,
        directory: Path,
        *,
        solution: str,
        contract: str,
        fault: FaultKind | None = None,
        ca_key_size: int = CA_KEY_SIZE,
    ) -> None:
        self._directory = directory
        self._ca_key_size = ca_key_size
        region = next(one for one in read_members() if one.code == CONTENT)
        self._member = replace(region, solution=solution, contract=contract)
        self._health = Health(fault)

    async def start(self) -> Path:
        """Starts, and returns the file that describes the target."""
        pki = make_federation_pki(
            self._directory / "pki", members=(self._member,), clients=(), ca_key_size=self._ca_key_size
        )
        application = region_application(self._member, self._health, pki.hierarchy.organisations)
        contexts = server_contexts(pki, f"member-{CONTENT}-server", ssl.CERT_REQUIRED)
        self._listener = Listener(application, contexts, self._health)
        await self._listener.start()
        path = self._directory / "target.json"
        write_atomically(path, self._target(pki))
        return path

    def _target(self, pki: FederationPki) -> dict[str, str]:
        return {
            "endpoint": f"{self._listener.origin}{REGION_PATH}/{self._member.contract}",
            "ca": str(pki.directory / "ca.pem"),
            "cert": str(pki.pem("gateway-client")),
            "key": str(pki.key("gateway-client")),
            "solution": self._member.solution,
            "contract": self._member.contract,
        }

    async def stop(self) -> None:
        """Closes the listener."""
        await self._listener.stop()


async def serve(directory: Path, *, solution: str, contract: str, fault: FaultKind | None) -> None:
    """Serves until SIGTERM or SIGINT: whoever starts it in the background closes its standard input."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    reference = SingleReference(directory, solution=solution, contract=contract, fault=fault)
    say(f"ready {await reference.start()}")
    await stopping.wait()
    await reference.stop()
