"""The reference federation as a child process: 17 regions, the national ROR, and faults planted on command."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

START_SECONDS = 60.0
ACKNOWLEDGE_SECONDS = 10.0


class ReferenceMember(msgspec.Struct, frozen=True):
    """One reference region, and the certificate it calls the gateway with."""

    code: str
    name: str
    solution: str
    contract: str
    endpoint: str
    state: str
    cert: str
    key: str


class ReferenceClient(msgspec.Struct, frozen=True):
    """One FHIR client: a certificate, or for profile 0 a secret."""

    client_id: str
    access_profile: int | str
    cert: str | None
    key: str | None
    secret: str | None
    ror_headers: dict[str, str]


class ReferenceNational(msgspec.Struct, frozen=True):
    """The addresses of the reference national ROR."""

    fhir: str
    token: str


class ReferenceDescription(msgspec.Struct, frozen=True):
    """`reference.json`, as the reference federation wrote it once ready."""

    members: tuple[ReferenceMember, ...]
    clients: tuple[ReferenceClient, ...]
    national: ReferenceNational
    ca: str
    federation: str


class ReferenceFailed(Exception):
    """The reference federation did not start, or did not obey; the text says what it wrote."""


class ReferenceFederation:
    """A running reference federation."""

    def __init__(self, process: asyncio.subprocess.Process, description: ReferenceDescription) -> None:
        self._process = process
        self.description = description

    async def fault(self, code: str, kind: str) -> None:
        """Plant a fault on the listener of a member and wait until it is in force."""
        await self._command(f"fault {code} {kind}")

    async def heal(self, code: str) -> None:
        """Take a member's fault away."""
        await self._command(f"heal {code}")

    async def _command(self, line: str) -> None:
        if self._process.stdin is None or self._process.stdout is None:
            raise ReferenceFailed("the reference federation has no standard input")
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()
        async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
            acknowledged = await self._process.stdout.readline()
        if not acknowledged.strip():
            raise ReferenceFailed(f"the reference federation stopped at {line!r}")


@asynccontextmanager
async def reference_federation(
    directory: Path, *, scale: int, faults: Mapping[str, str]
) -> AsyncIterator[ReferenceFederation]:
    """Start the reference federation under `directory`, stop it at the end.

    Raises `ReferenceFailed` when it is not ready within a minute.
    """
    arguments = ["--dir", str(directory), "--scale", str(scale)]
    for code, kind in faults.items():
        arguments += ["--fault", f"{code}={kind}"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "conformance.reference",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        description = await _ready(process, directory / "reference.json")
        yield ReferenceFederation(process, description)
    finally:
        await _stop(process)


async def _ready(process: asyncio.subprocess.Process, path: Path) -> ReferenceDescription:
    loop = asyncio.get_running_loop()
    end = loop.time() + START_SECONDS
    while not await asyncio.to_thread(path.exists):
        if process.returncode is not None or loop.time() > end:
            raise ReferenceFailed("the reference federation did not start")
        await asyncio.sleep(0.05)
    return msgspec.json.decode(await asyncio.to_thread(path.read_bytes), type=ReferenceDescription)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(10):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
