"""The log: one JSON line per event on the standard error, one event per exchange.

What is known of an exchange is bound to its context as soon as it is known; the line is written when it ends. A line
holds identifiers, codes, counts and times; never a payload, a token, a person, a search value or a path of a file.
"""

import logging
import sys
import traceback
from typing import Any, TextIO

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.typing import Processor

_LOG: structlog.typing.FilteringBoundLogger = structlog.get_logger()
_OURS = ("adapters", "gateway", "mappings", "whitelist")


class LibraryRecords(logging.Handler):
    """What libraries log, as our events: the template of their message without its values, which may be anything."""

    def emit(self, record: logging.LogRecord) -> None:
        _LOG.log(record.levelno, "library_message", logger=record.name, message=str(record.msg))


def configure(stream: TextIO | None = None) -> None:
    """Write the log on that stream (the standard error): for people on a terminal, as JSON otherwise."""
    output = sys.stderr if stream is None else stream
    renderer: Processor = structlog.dev.ConsoleRenderer() if output.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=output),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[LibraryRecords()], level=logging.WARNING, force=True)


def begin(exchange: str, *, door: str) -> None:
    """From here every event of this task carries the exchange id."""
    clear_contextvars()
    bind_contextvars(exchange=exchange, door=door)


def learn(**facts: Any) -> None:
    """Facts of the exchange, told by the line that ends it: `caller`, `transaction`, `target`, `members`."""
    bind_contextvars(**facts)


def ended(*, code: str, status: int, elapsed_ms: float, failure: BaseException | None = None) -> None:
    """The one line of an exchange. `code` is `ok` or the code of the error answered."""
    facts: dict[str, Any] = {"code": code, "status": status, "elapsed_ms": round(elapsed_ms, 1)}
    if failure is None:
        _LOG.info("exchange_ended", **facts)
    else:
        _LOG.error("exchange_ended", **facts, failure=type(failure).__name__, at=places(failure))
    clear_contextvars()


def refused(*, code: str, status: int, failure: str | None) -> None:
    """The one line of what HTTP itself refuses: it never became an exchange."""
    clear_contextvars()
    _LOG.info("request_refused", code=code, status=status, failure=failure)


def event(name: str, **facts: Any) -> None:
    """Something that happened outside any exchange."""
    _LOG.info(name, **facts)


def warning(name: str, **facts: Any) -> None:
    """Something an operator must look at."""
    _LOG.warning(name, **facts)


def places(failure: BaseException) -> list[str]:
    """Where in our code it happened, outermost first: module and line, without messages, which may hold data."""
    return [
        f"{frame.f_globals['__name__']}:{line}"
        for frame, line in traceback.walk_tb(failure.__traceback__)
        if str(frame.f_globals.get("__name__", "")).split(".", maxsplit=1)[0] in _OURS
    ]
