"""`python -m conformance.reference --dir DIR [--scale N] [--fault CODE=KIND]…`: the reference federation.

Obeys lines on standard input, `fault CODE KIND` and `heal CODE`, each answered by one line; ends with it or on SIGTERM.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from conformance.reference.faults import FaultKind
from conformance.reference.federation import ReferenceFederation, UnknownMember
from conformance.reference.input import say, standard_input

MISUSE = 2


def main() -> int:
    """Runs the federation until its input ends."""
    parser = argparse.ArgumentParser(prog="python -m conformance.reference", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--fault", action="append", default=[], metavar="CODE=KIND", type=planted)
    options = parser.parse_args()
    try:
        return asyncio.run(serve(options.dir.resolve(), options.scale, dict(options.fault)))
    except UnknownMember as error:
        parser.error(str(error))


def planted(text: str) -> tuple[str, FaultKind]:
    """`CODE=KIND` as its two halves."""
    code, _, kind = text.partition("=")
    return code, FaultKind(kind)


async def serve(directory: Path, scale: int, faults: dict[str, FaultKind]) -> int:
    """Starts, says so on standard output, obeys, stops."""
    lines = standard_input()
    async with ReferenceFederation(directory, scale=scale, faults=faults) as federation:
        say(f"ready {directory / 'reference.json'}")
        while (line := await lines.get()) is not None:
            if line.split():
                say(await obey(federation, line.split()))
    return 0


async def obey(federation: ReferenceFederation, words: list[str]) -> str:
    """Does what one line of input asks; the answer begins with `ok` or `error`."""
    try:
        match words:
            case ["fault", code, kind]:
                await federation.plant(code, FaultKind(kind))
            case ["heal", code]:
                await federation.plant(code, None)
            case _:
                return f"error unknown command: {' '.join(words)}"
    except ValueError as error:
        return f"error {error}"
    return f"ok {' '.join(words)}"


if __name__ == "__main__":
    sys.exit(main())
