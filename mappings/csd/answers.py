"""The answers of the contract, both ways: a reading or its refusal (section 6), a notification (section 8)."""

from datetime import date

from lxml import etree

from mappings.csd.contexts import local_name
from mappings.csd.dialect import Dialect
from mappings.csd.documents import MalformedAnswer, malformed, read_repertoire, write_repertoire
from mappings.csd.markup import ATTRIBUTE, DECLARED
from mappings.csd.namespaces import csd
from mappings.csd.notification import NOTIFICATION_ANSWER, read_notification, write_notification
from mappings.csd.scalars import number_of, read_integer
from mappings.csd.strays import has_text, note_frame, said
from mappings.csd.version import Version
from mappings.exposition.demandes import ErreurContrat, Reponse, ReponseNotification, ReponseOffres
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger, LossKind, Severity
from mappings.pauses import without_collection

READING_ANSWER = csd("careServicesResponse")
DOCUMENT = csd("CSD")
_CHOICE = frozenset({csd("error"), csd("result")})
_NUMBER = csd("facilityNumber")
_IN_RESULT = frozenset({_NUMBER, csd("queryResult")})
_OF_ERROR = frozenset({"code", "message"})
_PATHS = {
    READING_ANSWER: "careServicesResponse",
    csd("result"): "careServicesResponse/result",
    _NUMBER: "careServicesResponse/result/facilityNumber",
}

__all__ = ["MalformedAnswer", "read_answer", "read_document", "write_answer", "write_document"]


@without_collection
def read_answer(
    element: etree._Element, *, version: Version, dialect: Dialect, ledger: Ledger, at: date = date.max
) -> Reponse:
    """What a source answered; raises `MalformedAnswer` when the element is no answer of the contract, or holds
    both the detail and an error (RG_ALIM_023).

    `at` is the day on which the codes are judged. `nombre_annonce` is what the source says it sent: whether it is true
    is for the caller to judge (RG_ALIM_019).
    """
    if element.tag == NOTIFICATION_ANSWER:
        return read_notification(element, version=version, dialect=dialect, ledger=ledger, at=at)
    if element.tag != READING_ANSWER:
        raise malformed(local_name(element), element)
    error, result = element.find(csd("error")), element.find(csd("result"))
    if sum(child.tag in _CHOICE for child in element) != 1:
        raise malformed("careServicesResponse/error|result", element)
    if error is not None:
        note_frame(element, version, ledger, spoken=has_text(element))
        return _read_error(error, version, ledger)
    assert result is not None  # noqa: S101 - one of the two is there
    return _read_result(result, version=version, dialect=dialect, ledger=ledger, at=at)


def _read_error(element: etree._Element, version: Version, ledger: Ledger) -> ErreurContrat:
    """A refusal; a code that is no number is left aside and told, the message is kept, an attribute or a text."""
    code = (element.get("code") or "").strip()
    message = element.get("message")
    note_frame(
        element, version, ledger, known=_OF_ERROR, spoken=len(element) > 0 or bool(message and said(element.text))
    )
    number = number_of(code)
    if code and number is None:
        ledger.note(
            LossKind.DROPPED,
            object="",
            path="error@code",
            rule=f"csd-{version}.value.unreadable",
            value_kind="integer",
            severity=Severity.ERROR,
        )
    return ErreurContrat(number, message or (element.text or "").strip())


def _read_result(
    element: etree._Element, *, version: Version, dialect: Dialect, ledger: Ledger, at: date
) -> ReponseOffres:
    document = element.find(csd("queryResult"))
    if document is None:
        raise malformed("careServicesResponse/result/queryResult", element)
    announced = element.findtext(_NUMBER)
    try:
        number = read_integer(announced) if announced and announced.strip() else None
    except ValueError:
        raise malformed("careServicesResponse/result/facilityNumber", element) from None
    if number is None and version is Version.V1_5:
        ledger.note(
            LossKind.INCONSISTENT,
            object="",
            path="facilityNumber",
            rule=f"csd-{version}.facility-number.missing",
            value_kind="integer",
        )
    count = element.find(_NUMBER)
    for path, child in (
        *_unknown(element.getparent(), _CHOICE),
        *_unknown(element, _IN_RESULT),
        *_unknown(count, frozenset()),
    ):
        ledger.note(
            LossKind.DROPPED,
            object="",
            path=f"{path}/{local_name(child)}",
            rule=f"csd-{version}.document.unknown",
            value_kind="fragment",
            severity=Severity.ERROR,
        )
    for around in (element.getparent(), element):
        if around is not None:
            note_frame(around, version, ledger, spoken=has_text(around))
    if count is not None:
        note_frame(count, version, ledger, spoken=False)
    repertoire = read_repertoire(document, version=version, dialect=dialect, ledger=ledger, at=at)
    return ReponseOffres(repertoire, number)


def note_number(version: Version, ledger: Ledger) -> None:
    """Say that an answer, or a notification, does not hold the number of objects that it announces (RG_ALIM_019)."""
    ledger.note(
        LossKind.INCONSISTENT,
        object="",
        path="facilityNumber",
        rule=f"csd-{version}.facility-number.wrong",
        value_kind="integer",
    )


def _unknown(element: etree._Element | None, known: frozenset[str]) -> list[tuple[str, etree._Element]]:
    """The children of an element around the document that the contract does not know."""
    if element is None:
        return []
    return [(_path(element), child) for child in element if child.tag not in known]


def _path(element: etree._Element) -> str:
    return _PATHS[str(element.tag)]


@without_collection
def write_answer(reponse: Reponse, *, version: Version, ledger: Ledger, at: date = date.max) -> bytes:
    """The answer in a version, in UTF-8 and without declaration; `facilityNumber` counts the elementary units that are
    written (RG_ALIM_019).

    `at` is the day of the reader, on which value sets are those in force.
    A reading that announced no number is given its own: an answer of a door always counts.
    """
    if isinstance(reponse, ReponseNotification):
        return etree.tostring(write_notification(reponse, version=version, ledger=ledger), encoding="UTF-8")
    if isinstance(reponse, ErreurContrat):
        code = "" if reponse.code is None else f' code="{reponse.code}"'
        return _element("careServicesResponse", f'<csd:error{code} message="{ATTRIBUTE[reponse.message]}"/>'.encode())
    directories, units = write_repertoire(reponse.repertoire, version=version, ledger=ledger, at=at)
    number = b"<csd:facilityNumber>%d</csd:facilityNumber>" % units
    around = b"<csd:result>%s<csd:queryResult>" % number, b"</csd:queryResult></csd:result>"
    return _element("careServicesResponse", around[0], *directories, around[1])


def _element(name: str, *content: bytes) -> bytes:
    """The namespace has a prefix: a default one would swallow the names that have none."""
    return b"".join((f"<csd:{name}{DECLARED}>".encode(), *content, f"</csd:{name}>".encode()))


@without_collection
def read_document(
    element: etree._Element, *, version: Version, dialect: Dialect, ledger: Ledger, at: date = date.max
) -> Repertoire:
    """The directory of a bare `CSD` document, as the extraction gives it (contract section 9)."""
    if element.tag != DOCUMENT:
        raise malformed(local_name(element), element)
    return read_repertoire(element, version=version, dialect=dialect, ledger=ledger, at=at)


@without_collection
def write_document(repertoire: Repertoire, *, version: Version, ledger: Ledger, at: date = date.max) -> bytes:
    """A bare `CSD` document, in UTF-8 and without declaration."""
    directories, _ = write_repertoire(repertoire, version=version, ledger=ledger, at=at)
    return _element("CSD", *directories)
