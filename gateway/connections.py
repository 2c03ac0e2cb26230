"""What HTTP itself refuses, before a door sees a request: told in fixed words, logged once, nothing echoed.

aiohttp answers a request it cannot parse by showing the bytes that broke it, under its own name and version. Here the
answer is that of the gateway, and the line of the log says which kind of mistake it was.
"""

from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from gateway import telemetry
from gateway.doors.frame import SERVER
from gateway.errors import ErrorCode, GatewayFault, RequesterError
from gateway.messages import Language, text

_FAULTS_OF_THE_OTHER_SIDE = (HttpProcessingError, web.RequestPayloadError, web.PayloadAccessError)


class Connection(web.RequestHandler):
    """One connection of a caller."""

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

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory, loop=made._loop, **made._kwargs)
