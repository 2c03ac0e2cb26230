"""The documents that commands are given: CSD (envelope, answer or bare document), FHIR in JSON or XML."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from gateway.nomenclatures.occurrences import Occurrence, in_json, in_xml
from mappings.csd.answers import MalformedAnswer, read_answer, read_document
from mappings.csd.dialect import Dialect
from mappings.csd.soap import NotSoap, VersionMismatch, read_envelope
from mappings.csd.version import Version
from mappings.csd.xml import XmlRefused, parse
from mappings.exposition.demandes import ReponseOffres
from mappings.exposition.repertoire import Repertoire
from mappings.fhir.encoding import JsonRefused, decode
from mappings.fhir.read import read
from mappings.loss import Ledger

LARGEST = 512 * 1024 * 1024


class DocumentRefused(Exception):
    """A file that is not a document of the contract or of FHIR; `cause` says why."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"{path}: {cause}")
        self.path = path
        self.cause = cause


def occurrences(path: Path) -> Iterator[Occurrence]:
    """Every code of a file as it is written; raises `DocumentRefused`."""
    data = _bytes(path)
    if _is_json(data):
        try:
            return in_json(decode(data))
        except JsonRefused as refused:
            raise DocumentRefused(path, str(refused)) from refused
    return in_xml(_root(path, data))


def offers(path: Path, *, contract: Version, ledger: Ledger) -> Repertoire:
    """The directory that a file holds; raises `DocumentRefused`."""
    data = _bytes(path)
    if _is_json(data):
        return _of_bundle(path, data, ledger)
    root = _root(path, data)
    try:
        if etree.QName(root).localname == "Envelope":
            root = read_envelope(root).body
        return _of_csd(root, contract, ledger)
    except (NotSoap, VersionMismatch, MalformedAnswer) as refused:
        raise DocumentRefused(path, str(refused)) from refused


def _of_csd(root: etree._Element, contract: Version, ledger: Ledger) -> Repertoire:
    if etree.QName(root).localname == "CSD":
        return read_document(root, version=contract, dialect=Dialect(), ledger=ledger)
    answer = read_answer(root, version=contract, dialect=Dialect(), ledger=ledger)
    return answer.repertoire if isinstance(answer, ReponseOffres) else Repertoire()


def _of_bundle(path: Path, data: bytes, ledger: Ledger) -> Repertoire:
    try:
        document = decode(data)
    except JsonRefused as refused:
        raise DocumentRefused(path, str(refused)) from refused
    entries = document.get("entry", [{"resource": document}])
    found = [entry.get("resource") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    resources = {
        f"{one['resourceType']}/{one['id']}": one
        for one in found
        if isinstance(one, dict) and isinstance(one.get("resourceType"), str) and isinstance(one.get("id"), str)
    }
    return read(resources, ledger=ledger)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentRefused(path, error.strerror or "unreadable") from error


def _is_json(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def _root(path: Path, data: bytes) -> etree._Element:
    try:
        return parse(data, maximum_size=LARGEST)
    except XmlRefused as refused:
        raise DocumentRefused(path, str(refused)) from refused
