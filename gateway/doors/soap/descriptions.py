"""The contract of an address, as every stack asks for it: `?wsdl`, `?xsd=name`, in any case."""

from aiohttp import web

from gateway.doors.soap.addresses import Address
from gateway.errors import ErrorCode, RequesterError
from mappings.csd import schemas


def respond(request: web.Request, address: Address, *, public_url: str) -> web.Response:
    """The document asked for; anything else by GET is not served."""
    asked = {name.lower(): value for name, value in request.query.items()}
    if not asked.keys() & {"wsdl", "xsd"}:
        # GET is served here for the contract only.
        raise RequesterError(ErrorCode.METHOD_NOT_ALLOWED, allow="POST")
    if "wsdl" in asked:
        return _document(schemas.wsdl(address.version, f"{public_url}{request.path}"))
    try:
        return _document(schemas.xsd(address.version, asked["xsd"]))
    except schemas.UnknownSchema as error:
        raise RequesterError(ErrorCode.UNKNOWN_DOCUMENT) from error


def _document(content: bytes) -> web.Response:
    return web.Response(body=content, content_type="text/xml", charset="utf-8")
