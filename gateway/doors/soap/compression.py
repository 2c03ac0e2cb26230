"""Answers in gzip, for callers that say they read it: an establishment's offer is twenty times smaller so.

gzip alone: stacks disagree on what `deflate` is. Faults stay as they are, small and readable in a trace.
"""

from aiohttp import web
from aiohttp.typedefs import Handler

SMALLEST = 2048
"""Bytes below which compressing gains nothing."""


@web.middleware
async def compressed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer of the door, in gzip when the caller accepts it."""
    response = await handler(request)
    if isinstance(response, web.Response) and isinstance(response.body, bytes) and len(response.body) >= SMALLEST:
        response.headers["Vary"] = "Accept-Encoding"
        if accepts_gzip(request.headers.getall("Accept-Encoding", [])):
            response.enable_compression(web.ContentCoding.gzip)
    return response


def accepts_gzip(headers: list[str]) -> bool:
    """Whether those `Accept-Encoding` headers name gzip and do not refuse it (RFC 9110 section 12.5.3)."""
    for coding in ",".join(headers).split(","):
        name, _, parameter = coding.partition(";")
        if name.strip().lower() in {"gzip", "x-gzip"}:
            return not _zero(parameter)
    return False


def _zero(parameter: str) -> bool:
    name, _, weight = parameter.partition("=")
    return name.strip().lower() == "q" and weight.strip().rstrip("0") in {"", "0", "0.", "."}
