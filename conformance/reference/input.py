"""How the reference programs are told what to do: lines on standard input, answers on standard output."""

import asyncio
import signal
import sys
import threading


def standard_input() -> asyncio.Queue[str | None]:
    """The lines of standard input, then None; a signal to stop counts as its end.

    A thread reads, because the input may be a file or a closed descriptor, which the event loop cannot watch.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lines.put_nowait, None)
    threading.Thread(target=read, daemon=True).start()
    return lines


def say(line: str) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
