"""`ror-gateway demo`: the main job, or the same federation left running."""

import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from gateway.command_texts import said
from gateway.demo.environment import Embedded, describe, embedded_federation
from gateway.demo.reference import ReferenceFailed
from gateway.demo.screen import Screen
from gateway.demo.story import Story, Unexpected
from gateway.messages import Language

FAULTS = (
    "dead",
    "blackhole",
    "slow",
    "trickle",
    "reset",
    "html",
    "truncated",
    "wrong-cert",
    "expired-cert",
    "lying-count",
    "broken-rules",
)
CODES = frozenset("01 02 03 04 11 24 27 28 32 44 52 53 75 76 84 93 94".split())
DONE, NO, MISUSE, OTHER_SIDE = 0, 1, 2, 3
SCALE_LIMIT = 1000
LINE = 120
FILLING_SECONDS = 25.0


class FaultRefused(Exception):
    """A `--fault` that is not CODE=KIND with a member's code and a known kind."""


def read_faults(options: list[str]) -> dict[str, str]:
    """The planted faults by member code; raises `FaultRefused` with the option that is wrong."""
    faults = {}
    for option in options:
        code, _, kind = option.partition("=")
        if code not in CODES or kind not in FAULTS:
            raise FaultRefused(option)
        faults[code] = kind
    return faults


def add_demo(commands: typer.Typer, language: Language) -> None:
    """Add the `demo` command."""

    @commands.command("demo", help=said("demo", language))
    def command(
        *,
        serve_option: Annotated[bool, typer.Option("--serve", help=said("serve_option", language))] = False,
        directory: Annotated[Path | None, typer.Option("--dir", help=said("directory_option", language))] = None,
        scale: Annotated[int, typer.Option("--scale", min=1, max=SCALE_LIMIT, help=said("scale_option", language))] = 1,
        fault: Annotated[list[str] | None, typer.Option("--fault", help=said("fault_option", language))] = None,
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        try:
            faults = read_faults(fault or [])
        except FaultRefused as refused:
            sys.stderr.write(said("bad_fault", language, value=refused, kinds=", ".join(FAULTS)) + "\n")
            raise typer.Exit(MISUSE) from refused
        if serve_option and directory is None:
            sys.stderr.write(said("directory_needed", language) + "\n")
            raise typer.Exit(MISUSE)
        shown = Screen(Console(width=None if sys.stdout.isatty() else LINE, quiet=json), language)
        if directory is not None and serve_option:
            run = serve(shown, directory=directory, scale=scale, faults=faults)
        else:
            run = tell(shown, scale=scale, faults=faults)
        code = asyncio.run(run)
        if json:
            sys.stdout.write(msgspec.json.encode({"code": code, "told": shown.told}).decode() + "\n")
        raise typer.Exit(code)


async def tell(screen: Screen, *, scale: int, faults: Mapping[str, str]) -> int:
    """Run the main job; the exit code."""
    with tempfile.TemporaryDirectory(prefix="ror-demo-") as name:
        screen.say("starting")
        try:
            async with embedded_federation(Path(name), scale=scale, faults=faults, extraction=False) as embedded:
                await _fill(embedded, screen)
                await Story(embedded.reference, embedded.addresses, screen).tell()
        except Unexpected as unexpected:
            screen.say("unexpected", fact=unexpected)
            return NO
        except ReferenceFailed as failed:
            screen.say("unexpected", fact=failed)
            return OTHER_SIDE
    screen.say("ok")
    return DONE


async def serve(screen: Screen, *, directory: Path, scale: int, faults: Mapping[str, str]) -> int:
    """Leave the federation running until SIGINT or SIGTERM; the exit code."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    directory = await asyncio.to_thread(_emptied, directory)
    screen.say("starting")
    try:
        async with embedded_federation(directory, scale=scale, faults=faults, extraction=True) as embedded:
            with suppress(TimeoutError):  # a slow region, or a large scale, goes on filling behind
                async with asyncio.timeout(FILLING_SECONDS):
                    await embedded.gateway.filled()
            path = describe(directory, embedded.reference.description, embedded.addresses)
            screen.say("serving", file=path)
            await stopping.wait()
    except ReferenceFailed as failed:
        screen.say("unexpected", fact=failed)
        return OTHER_SIDE
    return DONE


def _emptied(directory: Path) -> Path:
    """The directory, made, without what an earlier run left that could be taken for this one's."""
    directory.mkdir(parents=True, exist_ok=True)
    for stale in ("demo.json", "reference.json", *(f"replica.sqlite{suffix}" for suffix in ("", "-wal", "-shm"))):
        (directory / stale).unlink(missing_ok=True)
    shutil.rmtree(directory / "extraction", ignore_errors=True)
    return directory.absolute()


async def _fill(embedded: Embedded, screen: Screen) -> None:
    screen.say("filling")
    loop = asyncio.get_running_loop()
    started = loop.time()
    await embedded.gateway.filled()
    held = (await embedded.gateway.replica.contents()).values()
    screen.say(
        "filled",
        seconds=loop.time() - started,
        establishments=sum(contents.establishments for contents in held),
        offers=sum(contents.offers for contents in held),
    )
