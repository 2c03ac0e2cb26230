"""Ctrl-C, the end of a session, a stop that the system asks for: a translation ends as it does on a failure, and the
files that it was writing, which hold personal data, go with it.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What a shell gives for a program that a signal ended.
_EXIT = 128


class Interrupted(BaseException):
    """A signal came; the message is its name."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = _EXIT + number


@contextmanager
def interruptible() -> Iterator[None]:
    """The signals that end a program raise `Interrupted` meanwhile; one that is ignored (nohup) stays so."""
    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _interrupt) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)
