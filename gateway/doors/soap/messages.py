"""From the bytes of a SOAP call to what it asks: each refusal says what was wrong with the message."""

from lxml import etree

from gateway.doors.soap.addresses import Address
from gateway.errors import ErrorCode, RequesterError
from mappings.csd import forms, requests, search_2016, soap
from mappings.csd.namespaces import ror
from mappings.csd.version import Version
from mappings.csd.xml import XmlRefused, parse
from mappings.exposition.demandes import Demande, DemandeNotification

SEARCH = ror("careServicesRequest")
MAXIMUM_MARKS = 20_000
"""Tags and attributes of a message: the largest request of the contract, with a signed assertion, has some hundreds."""


BLOCKS_NAMED = 16
"""How many blocks that are not understood a fault names: a caller that must learn of more corrects these first."""


def read_message(body: bytes, *, limit: int, charset: str | None = None) -> soap.Envelope:
    """The envelope those bytes hold, with nothing in it that we must understand and do not."""
    try:
        envelope = soap.read_envelope(parse(body, maximum_size=limit, maximum_marks=MAXIMUM_MARKS, charset=charset))
    except XmlRefused as error:
        raise _xml_refusal(error, limit) from error
    except soap.VersionMismatch as error:
        raise RequesterError(ErrorCode.VERSION_MISMATCH, envelope=error.namespace) from error
    except soap.NotSoap as error:
        raise RequesterError(ErrorCode.NOT_SOAP) from error
    blocks = soap.not_understood(envelope)
    if blocks:
        raise RequesterError(ErrorCode.MUST_UNDERSTAND, blocks=" ".join(blocks[:BLOCKS_NAMED]))
    return envelope


def _xml_refusal(error: XmlRefused, limit: int) -> RequesterError:
    return RequesterError(ErrorCode(error.code), line=str(error.line), column=str(error.column), limit=str(limit))


def read_demande(body: etree._Element, address: Address) -> Demande:
    """What the body asks, at an address where it may be asked."""
    is_search = body.tag == SEARCH
    if is_search != (address.version is Version.V2016) and (is_search or body.tag in _CONTRACT):
        raise RequesterError(ErrorCode.WRONG_ADDRESS, version=address.version.value)
    try:
        return search_2016.read_request(body) if is_search else requests.read_request(body)
    except requests.UnknownRequest as error:
        raise RequesterError(ErrorCode.UNKNOWN_REQUEST) from error
    except forms.BadRequest as error:
        if error.code == ErrorCode.CRITERION_NOT_SERVED:
            raise RequesterError(ErrorCode.CRITERION_NOT_SERVED, criterion=error.place) from error
        raise RequesterError(ErrorCode.BAD_REQUEST, cause=f"{error.code}, {error.place}") from error


def is_action_of(action: str, demande: Demande) -> bool:
    """Whether an action is that of the message, or says nothing."""
    notification = isinstance(demande, DemandeNotification)
    return action in ("", requests.ACTION_NOTIFICATION if notification else requests.ACTION_READING)


_CONTRACT = frozenset({requests.READING, requests.NOTIFICATION})
