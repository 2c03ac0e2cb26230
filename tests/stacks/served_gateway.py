"""A gateway over the files of a reference federation, for the time that its standard input stays open.

`served_gateway.py DIR PORT PUBLIC_URL`: once its copies are full it says where its archives are, one line.
"""

import asyncio
import sys
from pathlib import Path

from gateway import telemetry
from gateway.app import running
from gateway.configuration import parse
from gateway.demo.environment import configuration


async def serve(directory: Path, port: int, public_url: str) -> None:
    settings = configuration(directory, extraction=False).model_dump()
    settings["listeners"]["soap"] = {"port": port, "public_url": public_url}
    settings["extraction"] = {
        "listener": {"port": 0},
        "directory": directory / "archives",
        "versions": ["3.0"],
        "profiles": ["0"],
    }
    with (directory / "gateway.log").open("w", encoding="utf-8") as log:
        telemetry.configure(log)
        async with running(parse(settings, base=directory)) as gateway:
            await gateway.filled()
            sys.stdout.write(f"{gateway.extraction}\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)


asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
