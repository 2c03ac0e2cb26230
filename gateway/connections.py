"""What HTTP itself refuses, before a door sees a request: told in fixed words, logged once, nothing echoed.

aiohttp answers a request it cannot parse by showing the bytes that broke it, under its own name and version. Here the
answer is that of the gateway, and the line of the log says which kind of mistake it was.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict, CIMultiDictProxy

from gateway import telemetry
from gateway.doors.frame import SERVER
from gateway.errors import ErrorCode, GatewayFault, RequesterError
from gateway.messages import Language, text

_FAULTS_OF_THE_OTHER_SIDE = (HttpProcessingError, web.RequestPayloadError, web.PayloadAccessError)


_CONTINUE = "100-continue"


class Connection(web.RequestHandler):
    """One connection of a caller.

    The head of a request must arrive within `head_seconds` of its first byte, and an answer must not wait longer than
    `reading_seconds` for its caller to read on.
    """

    def __init__(self, manager: web.Server, *, head_seconds: float, reading_seconds: float, **options: Any) -> None:
        super().__init__(manager, **options)
        self._head_seconds = head_seconds
        self._reading_seconds = reading_seconds
        self._head_timer: asyncio.TimerHandle | None = None
        self._reading_timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """What was written waits for the caller to read."""
        super().pause_writing()
        self._reading_timer = self._loop.call_later(self._reading_seconds, self._not_read)

    def resume_writing(self) -> None:
        """The caller has read on."""
        super().resume_writing()
        self._stop_reading_clock()

    def _stop_reading_clock(self) -> None:
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None

    def _not_read(self) -> None:
        """Let go of an answer that nobody reads: its line was written when it was ready, this one says its end."""
        telemetry.warning("answer_not_read", seconds=self._reading_seconds)
        if self.transport is not None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes of the caller; those that end no head start its clock, which bytes to come do not put back."""
        super().data_received(data)
        # Before the first head the library may not be waiting yet.
        idle = self._request_count == 0 or (self._waiter is not None and not self._waiter.done())
        if self._messages or not idle:
            self._stop_clock()
        elif self._head_timer is None:
            self._head_timer = self._loop.call_later(self._head_seconds, self._head_late)

    def eof_received(self) -> None:
        """The caller ended its side: over TLS what is written from there on would be dropped without an error."""
        super().eof_received()
        if self.transport is not None and self.transport.get_extra_info("sslcontext") is not None:
            self.transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The caller left; in the middle of a head there is no request to say it, nor anybody to answer."""
        if self._head_timer is not None:
            telemetry.refused(code=ErrorCode.BAD_HTTP.value, status=HTTPStatus.BAD_REQUEST, failure=None)
        self._stop_clock()
        self._stop_reading_clock()
        super().connection_lost(exc)

    def _stop_clock(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        """Tell it in the words of HTTP, since there is no request to answer, and hang up."""
        self._head_timer = None
        error = RequesterError(ErrorCode.HEAD_TIMED_OUT)
        telemetry.refused(code=error.code.value, status=error.status, failure=None)
        words = "".join(f"{text(error, language)}\n" for language in Language).encode()
        if self.transport is not None:
            head = f"HTTP/1.1 408 Request Timeout\r\nServer: {SERVER}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            self.transport.write(f"{head}Content-Length: {len(words)}\r\nConnection: close\r\n\r\n".encode() + words)
        self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no request. Nothing can be answered any more once bytes have left."""
        failure = None if exc is None else type(exc).__name__
        ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        error = GatewayFault(ErrorCode.INTERNAL) if ours else RequesterError(ErrorCode.BAD_HTTP)
        telemetry.refused(code=error.code.value, status=status, failure=failure)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun")
        words = "\n".join(text(error, language) for language in Language)
        response = web.Response(status=status, text=f"{words}\n", headers={"Server": SERVER})
        response.force_close()
        return response

    def log_exception(self, *args: Any, **facts: Any) -> None:
        """A body that breaks off or cannot be decompressed was already told by the line of its exchange."""
        if not isinstance(facts.get("exc_info"), _FAULTS_OF_THE_OTHER_SIDE):
            super().log_exception(*args, **facts)


class _Server(web.Server):
    def __call__(self) -> Connection:
        return Connection(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application whose connections are ours."""

    def __init__(
        self, application: web.Application, *, head_seconds: float, reading_seconds: float, **options: Any
    ) -> None:
        super().__init__(application, **options)
        self._patience = {"head_seconds": head_seconds, "reading_seconds": reading_seconds}

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        factory = _every_expectation(made.request_factory)
        options = {**made._kwargs, **self._patience}
        return _Server(made.request_handler, request_factory=factory, loop=made._loop, **options)


def _every_expectation(make: Callable[..., web.BaseRequest]) -> Callable[..., web.BaseRequest]:
    """Requests whose `Expect` the library would refuse by itself, without a line or a door: its sight is taken away.

    It stands in the raw headers, where the door reads and refuses it in its own words.
    """

    def request(message: RawRequestMessage, *others: Any) -> web.BaseRequest:
        # What stands in for a request that could not be read has no headers at all.
        if "Expect" in message.headers and any(v.lower() != _CONTINUE for v in message.headers.getall("Expect")):
            headers = CIMultiDict(message.headers)
            headers.popall("Expect")
            message = message._replace(headers=CIMultiDictProxy(headers))
        return make(message, *others)

    return request
