"""The one hardened parser: every byte of XML that enters goes through `parse`.

What is refused is decided by a real parse, not by searching the bytes, so that no encoding hides it. Nothing is
resolved: no entity, no external subset, no network. A document type or an entity is refused even when harmless: the
contract uses none. Comments and processing instructions are dropped, so that a text is whole in one node and a
comment cannot cut an identifier in two.
"""

from lxml import etree

MEGABYTE = 1024 * 1024
MAXIMUM_SIZE = 32 * MEGABYTE
MAXIMUM_DEPTH = 200

# The encodings that read the same in every parser; the others (UTF-7…) only serve to hide markup.
ENCODINGS = frozenset({"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "US-ASCII", "ASCII", "ISO-8859-1", "ISO-8859-15"})

_ENCODING_ERRORS = frozenset(
    {
        etree.ErrorTypes.ERR_INVALID_ENCODING,
        etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
        etree.ErrorTypes.ERR_ENCODING_NAME,
    }
)
_ENTITY_ERRORS = frozenset({etree.ErrorTypes.ERR_UNDECLARED_ENTITY, etree.ErrorTypes.ERR_ENTITY_LOOP})
_RESOURCE_LIMIT = 114

_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAXIMUM_DEPTH + 1)})")


class XmlRefused(Exception):
    """The bytes are not XML that may enter.

    `code` is one of not-well-formed, doctype, entity, too-deep, too-large, encoding; `line` and `column` say where
    when the parser knows, else 0. The text of the document is never repeated.
    """

    def __init__(self, code: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"{code} (line {line}, column {column})")
        self.code = code
        self.line = line
        self.column = column


def parse(data: bytes, *, maximum_size: int = MAXIMUM_SIZE) -> etree._Element:
    """The root element of a document that may enter; raises `XmlRefused` for all others."""
    if len(data) > maximum_size:
        raise XmlRefused("too-large")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)  # noqa: TID251 - this is the one place
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from None
    document = root.getroottree().docinfo
    if document.internalDTD is not None or document.doctype:
        raise XmlRefused("doctype", 1)
    if (document.encoding or "UTF-8").upper() not in ENCODINGS:
        raise XmlRefused("encoding", 1)
    if _TOO_DEEP(root):
        raise XmlRefused("too-deep")
    return root


def _refusal(error: etree.XMLSyntaxError) -> XmlRefused:
    line, column = error.position
    code: int = error.code  # type: ignore[attr-defined]  # missing from the stubs
    return XmlRefused(_token(code, error.msg or ""), line or 0, column or 0)


def _token(code: int, message: str) -> str:
    if code in _ENCODING_ERRORS:
        return "encoding"
    if code in _ENTITY_ERRORS:
        return "entity"
    if code == etree.ErrorTypes.ERR_DOCTYPE_NOT_FINISHED:
        return "doctype"
    if code == _RESOURCE_LIMIT:
        # The parser tells its limits apart in its message only.
        return "too-deep" if "depth" in message else "entity" if "amplification" in message else "too-large"
    return "not-well-formed"


def serialize(element: etree._Element) -> bytes:
    """The document of an element, in UTF-8 with its declaration."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")
