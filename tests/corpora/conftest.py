"""The gateway that the corpora attack, its log, and a canary that nothing may ever call."""

import io
import json
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import structlog

from benchmarks.attacked import CALLER, Attacked, addresses, attacked, reference, settings, tls
from gateway import telemetry
from gateway.app import running


@dataclass(frozen=True, slots=True)
class Besieged:
    """The callers of the gateway, and what can be seen of it from outside."""

    callers: Attacked
    canary: socket.socket
    stream: io.StringIO

    def lines(self, since: int) -> list[dict[str, Any]]:
        """What was logged after so many characters."""
        return [json.loads(line) for line in self.stream.getvalue()[since:].splitlines()]

    def called(self) -> bool:
        """Whether anything tried to reach the canary."""
        try:
            self.canary.accept()
        except BlockingIOError:
            return False
        return True


@pytest.fixture(scope="module")
def canary() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def besieged(canary: socket.socket, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Besieged]:
    directory = tmp_path_factory.mktemp("besieged")
    stream = io.StringIO()
    with reference(directory):
        telemetry.configure(stream)
        async with running(settings(directory)) as gateway:
            await gateway.filled()
            await gateway.verified()
            connector = aiohttp.TCPConnector(ssl=tls(directory, CALLER))
            async with aiohttp.ClientSession(connector=connector) as session:
                yield Besieged(await attacked(addresses(gateway), directory, canary, session), canary, stream)
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
        logging.getLogger().handlers.clear()
