"""The body of a request, received whole within a deadline and a size, or refused."""

import asyncio

from aiohttp import web

from gateway.errors import ErrorCode, RequesterError

DECOMPRESSED = frozenset({"gzip", "deflate", "identity"})
"""The encodings read; bytes in any other would be taken for what they are not."""


async def read(request: web.Request, *, limit: int, seconds: float) -> bytes:
    """The bytes of the body, decompressed; a half-sent body would otherwise hold its connection for ever."""
    encodings = {encoding.strip().lower() for encoding in request.headers.getall("Content-Encoding", [])}
    if not encodings <= DECOMPRESSED:
        raise RequesterError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
    if (request.content_length or 0) > limit:
        raise RequesterError(ErrorCode.TOO_LARGE, limit=str(limit))
    received = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                received += chunk
                if len(received) > limit:
                    raise RequesterError(ErrorCode.TOO_LARGE, limit=str(limit))
    except TimeoutError as error:
        raise RequesterError(ErrorCode.BODY_TIMED_OUT) from error
    except (web.PayloadAccessError, web.RequestPayloadError) as error:
        raise RequesterError(ErrorCode.BAD_HTTP) from error
    return bytes(received)
