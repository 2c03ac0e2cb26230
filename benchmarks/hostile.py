"""What an attack costs the gateway: time beside a good small request, memory above the bytes that were sent.

The gateway is a process of its own, before the reference federation; its peak of memory is put back before each attack
and read after it. Attacks that wait or trickle are left out: their time is a deadline's.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import aiohttp

from benchmarks.attacked import CALLER, CORPORA, Attacked, attacked, reference, tls
from benchmarks.measures import Metric, metric
from conformance.attacks.corpus import Attack, Sending, read_corpora

MEGABYTE = 1024 * 1024
LIMIT = 16
ROUNDS = 3
_PUT_BACK_THE_PEAK = "5"
_GIVING_BACK = {"PYTHONMALLOC": "malloc", "MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_MMAP_THRESHOLD_": "65536"}
"""What is freed goes back to the system at once: kept for later, it would hide what the next attack takes."""


@contextmanager
def gateway(directory: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """A gateway as a process: its number, and its doors."""
    command = [sys.executable, "-m", "benchmarks.attacked", str(directory)]
    with subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | _GIVING_BACK,
    ) as process:
        assert process.stdout is not None
        doors = json.loads(process.stdout.readline())
        yield process.pid, doors
        process.communicate(timeout=30)


def measure(rounds: int = ROUNDS) -> list[Metric]:
    """Two metrics for each attack: time, and memory."""
    attacks = [one for one in read_corpora(CORPORA) if one.sending is Sending.WHOLE]
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with (
            socket.create_server(("127.0.0.1", 0)) as canary,
            reference(directory),
            gateway(directory) as (process, doors),
        ):

            async def measured() -> list[Metric]:
                connector = aiohttp.TCPConnector(ssl=tls(directory, CALLER), force_close=True)
                async with aiohttp.ClientSession(connector=connector) as session:
                    callers = await attacked(doors, directory, canary, session)
                    for _ in range(10):
                        await callers.good()
                    return [found for one in attacks for found in await _of(one, callers, process, rounds)]

            return asyncio.run(measured())


async def _of(one: Attack, callers: Attacked, process: int, rounds: int) -> tuple[Metric, Metric]:
    """The metrics of one attack, a good request before each of its rounds."""
    ratios, above, sent = [], [], 0
    for _ in range(rounds):
        data = callers.request(one)
        sent = len(data)
        started = time.perf_counter()
        await callers.good()
        good = time.perf_counter() - started
        held = _status(process, "VmRSS")
        _put_back_the_peak(process)
        started = time.perf_counter()
        await callers.attack(one, data)
        ratios.append(good / (time.perf_counter() - started))
        above.append(_status(process, "VmHWM") - held - sent)
    taken = max(*above, 0) / MEGABYTE
    return (
        metric(f"{one.name}: time", median(ratios), baseline="a good small reading"),
        metric(
            f"{one.name}: {taken:.1f} MB above the {sent / MEGABYTE:.1f} MB sent",
            LIMIT / max(taken, 0.1),
            baseline=f"{LIMIT} MB above what was sent",
            goal=1.0,
        ),
    )


def _put_back_the_peak(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text(_PUT_BACK_THE_PEAK, encoding="ascii")


def _status(process: int, field: str) -> int:
    """A figure of the kernel about a process, in bytes."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024
