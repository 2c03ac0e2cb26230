"""The body of a request, received whole within a deadline and a size, or refused.

It is decompressed here and not by the library, which takes a compressed body that is cut for a whole one: the
parameters of a search that are cut away would widen its answer in silence.
"""

import asyncio
import ssl
import zlib
from typing import Protocol

from aiohttp import web

from gateway.errors import ErrorCode, RequesterError

_GZIP = 16 + zlib.MAX_WBITS
_DEFLATE_METHOD = 8


async def read(request: web.Request, *, limit: int, seconds: float) -> bytes:
    """The bytes of the body, decompressed; a half-sent body would otherwise hold its connection for ever."""
    expansion = _expansion(request)
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    received = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                received += expansion.of(chunk, limit + 1 - len(received))
                if len(received) > limit:
                    raise _too_large(limit)
        expansion.end()
    except TimeoutError as error:
        raise RequesterError(ErrorCode.BODY_TIMED_OUT) from error
    except (web.PayloadAccessError, web.RequestPayloadError, ConnectionError, ssl.SSLError, zlib.error) as error:
        raise RequesterError(ErrorCode.BAD_HTTP) from error
    return bytes(received)


def _too_large(limit: int) -> RequesterError:
    return RequesterError(ErrorCode.TOO_LARGE, limit=str(limit))


class _Expansion(Protocol):
    """How the bytes of a body are had from those of the wire; raises `zlib.error`."""

    def of(self, chunk: bytes, most: int) -> bytes:
        """What the next bytes are, but for what goes beyond that many."""

    def end(self) -> None:
        """Refuse a body that has not ended."""


class _Plain:
    """Bytes as they are."""

    def of(self, chunk: bytes, most: int) -> bytes:
        return chunk

    def end(self) -> None:
        return


class _Inflated:
    """One stream of gzip or deflate, never expanded beyond what is asked, and nothing behind it."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._stream: zlib._Decompress | None = None

    def of(self, chunk: bytes, most: int) -> bytes:
        if self._stream is None:
            self._stream = zlib.decompressobj(self._window(chunk))
        if self._stream.eof:
            raise zlib.error("bytes behind the stream")
        expanded = self._stream.decompress(chunk, most)
        if self._stream.unused_data:
            raise zlib.error("bytes behind the stream")
        return expanded

    def end(self) -> None:
        if self._stream is None or not self._stream.eof:
            raise zlib.error("no whole stream")

    def _window(self, chunk: bytes) -> int:
        """Deflate is said of a zlib stream (RFC 9110 section 8.4.1.2), and sent bare by some."""
        if self._coding == "gzip":
            return _GZIP
        return zlib.MAX_WBITS if chunk[0] & 0x0F == _DEFLATE_METHOD else -zlib.MAX_WBITS


def _expansion(request: web.Request) -> _Expansion:
    """By the encoding said; bytes in any other, or in several, would be taken for what they are not."""
    said = [encoding.strip().lower() for encoding in request.headers.getall("Content-Encoding", [])]
    match [encoding for encoding in said if encoding != "identity"]:
        case []:
            return _Plain()
        case ["gzip" | "deflate" as coding]:
            return _Inflated(coding)
        case _:
            raise RequesterError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
