"""The documents that commands are given: CSD (envelope, answer or bare document), FHIR in JSON or XML, and the
exposition model in JSON.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from lxml import etree

from gateway.nomenclatures.occurrences import Occurrence, in_directory, in_json, in_xml
from mappings.csd.answers import MalformedAnswer, read_answer, read_document
from mappings.csd.dialect import Dialect
from mappings.csd.namespaces import CSD, ROR, SOAP11, SOAP12
from mappings.csd.soap import NotSoap, VersionMismatch, read_envelope
from mappings.csd.version import Version
from mappings.csd.xml import XmlRefused, parse
from mappings.exposition.demandes import ReponseOffres
from mappings.exposition.repertoire import Repertoire
from mappings.fhir.bundle import collection, resources_of
from mappings.fhir.encoding import JsonRefused, decode
from mappings.fhir.r4 import RESOURCES
from mappings.fhir.read import read
from mappings.fhir.shape import Json, MalformedResource
from mappings.fhir.xml import FHIR, ResourceRefused, read_resource
from mappings.loss import Ledger

_OF_CSD = frozenset({SOAP12, SOAP11, CSD, ROR})
_BOM = b"\xef\xbb\xbf"
LARGEST = 512 * 1024 * 1024


class DocumentRefused(Exception):
    """A file that is not a document of the contract or of FHIR; `cause` says why."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"{path}: {cause}")
        self.path = path
        self.cause = cause


def occurrences(path: Path) -> Iterator[Occurrence]:
    """Every code of a file as it is written; raises `DocumentRefused`, for a document of another sort too: none of its
    codes would be seen, and that would pass for a document without fault.
    """
    data = _bytes(path)
    if not _is_json(data):
        root = _root(path, data)
        name = etree.QName(root)
        if name.namespace not in _OF_CSD and (name.namespace != FHIR or name.localname not in RESOURCES):
            raise DocumentRefused(path, f"unknown-type {name.localname}")
        return in_xml(root)
    document = _object(path, data)
    if "resourceType" in document:
        kind = document["resourceType"]
        if not isinstance(kind, str) or kind not in RESOURCES:
            raise DocumentRefused(path, f"unknown-type {kind}")
        return in_json(document)
    return in_directory(_exposition(path, data, document))


def offers(path: Path, *, contract: Version, ledger: Ledger) -> Repertoire:
    """The directory that a file holds; raises `DocumentRefused`."""
    data = _bytes(path)
    if _is_json(data):
        document = _object(path, data)
        return _of_fhir(path, document, ledger) if "resourceType" in document else _exposition(path, data, document)
    root = _root(path, data)
    try:
        if etree.QName(root).namespace == FHIR:
            return _of_fhir(path, read_resource(root), ledger)
        if etree.QName(root).localname == "Envelope":
            root = read_envelope(root).body
        return _of_csd(path, root, contract, ledger)
    except (NotSoap, VersionMismatch, MalformedAnswer, ResourceRefused) as refused:
        raise DocumentRefused(path, str(refused)) from refused


def _of_csd(path: Path, root: etree._Element, contract: Version, ledger: Ledger) -> Repertoire:
    if etree.QName(root).localname == "CSD":
        return read_document(root, version=contract, dialect=Dialect(), ledger=ledger)
    answer = read_answer(root, version=contract, dialect=Dialect(), ledger=ledger)
    if not isinstance(answer, ReponseOffres):
        # A refusal or a notification: no offer of it is touched, which is not to say that none is.
        raise DocumentRefused(path, "no-offers")
    return answer.repertoire


def _object(path: Path, data: bytes) -> Json:
    try:
        return decode(data)
    except JsonRefused as refused:
        raise DocumentRefused(path, str(refused)) from refused


def _of_fhir(path: Path, document: Json, ledger: Ledger) -> Repertoire:
    bundle = document if document["resourceType"] == "Bundle" else collection([document])
    try:
        return read(resources_of(bundle), ledger=ledger)
    except MalformedResource as refused:
        raise DocumentRefused(path, str(refused)) from refused


def _exposition(path: Path, data: bytes, document: Json) -> Repertoire:
    """The directory that the exposition model writes in JSON; nothing in it is left aside."""
    strangers = sorted(set(document) - set(Repertoire.__struct_fields__))
    if strangers or not document:
        raise DocumentRefused(path, f"not-exposition {', '.join(strangers)}".rstrip())
    try:
        return msgspec.json.decode(data.removeprefix(_BOM), type=Repertoire)
    except msgspec.ValidationError as error:
        raise DocumentRefused(path, str(error)) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentRefused(path, error.strerror or "unreadable") from error


def _is_json(data: bytes) -> bool:
    return data.removeprefix(_BOM).lstrip(b" \t\r\n")[:1] == b"{"


def _root(path: Path, data: bytes) -> etree._Element:
    try:
        return parse(data, maximum_size=LARGEST)
    except XmlRefused as refused:
        raise DocumentRefused(path, str(refused)) from refused
