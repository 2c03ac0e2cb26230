"""Producing the archives again and again, beside the service: a process for each, killed when it must end."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from gateway import telemetry
from gateway.configuration import Configuration, Extraction
from gateway.extraction.catalogue import Catalogue, Key
from gateway.extraction.production import Event
from gateway.extraction.worker import BUSY
from gateway.federation.exchange import FEDERATION
from whitelist.document import FederationDocument, MemberStatus

RETRY_SECONDS = 300.0
COMMAND = (sys.executable, "-m", "gateway.extraction.worker")


async def keep(
    configuration: Configuration, settings: Extraction, document: FederationDocument, produced: asyncio.Event
) -> None:
    """Produce when the archives are as old as the period, until cancelled; `produced` is set after the first time."""
    await asyncio.sleep(await asyncio.to_thread(due, settings, document, time.time()))
    while True:
        whole = await produce(configuration, settings)
        produced.set()
        await asyncio.sleep(settings.period if whole else min(settings.period, RETRY_SECONDS))


def due(settings: Extraction, document: FederationDocument, now: float) -> float:
    """In how many seconds the oldest archive will be as old as the period; at once when one is missing."""
    catalogue = Catalogue(settings.directory)
    targets = [*(one.code for one in document.members if one.status is MemberStatus.ACTIVE), FEDERATION]
    instants = []
    for target in targets:
        for version in settings.versions:
            for profil in settings.profiles:
                manifest = catalogue.current(Key(version, target, profil))
                instants.append(0.0 if manifest is None else manifest.produced_at)
    return max(0.0, min(instants) + settings.period - now)


async def produce(configuration: Configuration, settings: Extraction) -> bool:
    """One production within its limit; whether every archive is new. What it could not do is in the log."""
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    whole = True
    try:
        async with asyncio.timeout(settings.limit):
            async for event in _events(process, configuration):
                whole = whole and event.event == "produced"
                _tell(event)
            code = await process.wait()
    except TimeoutError:
        code, whole = -1, False
        telemetry.warning("extraction_out_of_time", seconds=settings.limit)
    finally:
        await _ended(process)
    if code:
        telemetry.warning("extraction_production_failed", code=code, busy=code == BUSY)
    telemetry.event("extraction_production_ended", whole=whole and code == 0, seconds=time.monotonic() - started)
    return whole and code == 0


async def _events(process: asyncio.subprocess.Process, configuration: Configuration) -> AsyncIterator[Event]:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
    process.stdin.write(msgspec.json.encode(_settings(configuration)) + b"\n")
    await process.stdin.drain()
    async for line in process.stdout:
        yield msgspec.json.decode(line, type=Event)


def _settings(configuration: Configuration) -> dict[str, Any]:
    """The configuration as the other process reads it, without the keys of the service."""
    table = configuration.model_dump(mode="json", exclude={"secrets"})
    table["replica"]["url"] = configuration.replica.url.get_secret_value()
    return table


def _tell(event: Event) -> None:
    facts = msgspec.structs.asdict(event)
    name = f"extraction_{facts.pop('event')}"
    tell = telemetry.event if event.event == "produced" else telemetry.warning
    tell(name, **{key: value for key, value in facts.items() if value is not None})


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
