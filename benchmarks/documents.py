"""The documents that are measured: the reference content, written by the reference writer, never by a mapping."""

from functools import cache
from itertools import chain

from lxml import etree

from conformance.reference.content import content
from conformance.reference.csd.dialect import Contract
from conformance.reference.csd.document import Document, answer
from conformance.reference.csd.wire import Scribe
from conformance.reference.dataset import MEMBERS
from conformance.reference.solutions import ir

SOURCE = "https://ror.example"


@cache
def offers(number: int, contract: Contract) -> bytes:
    """A `careServicesResponse` of whole establishments of every region, until `number` offers are there."""
    document = Document(Scribe(ir.DIALECT, contract, SOURCE))
    scale = 1 + number // 6000
    for made in chain.from_iterable(content(member, scale=scale).establishments() for member in MEMBERS):
        if document.offers >= number:
            break
        document.add(made)
    return etree.tostring(answer(document, count=document.offers), xml_declaration=True, encoding="UTF-8")
