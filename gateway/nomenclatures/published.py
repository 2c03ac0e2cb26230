"""The files in which the NOS are published, as values: `.tabs`, IHE SVS XML, FHIR in JSON and in XML, and our own CSV.

Facts on the formats: nomenclatures, section 2. What a format says of a list is kept as it says it; judging it is for
`gateway.nomenclatures.importing`.
"""

import csv
import io
import re
import unicodedata
from pathlib import PurePath

from lxml import etree

from gateway.nomenclatures.files import LARGEST, File
from gateway.nomenclatures.lists import NotPublished, PublishedList, concept
from gateway.nomenclatures.resources import FHIR, from_xml, of_resource
from mappings.csd.xml import XmlRefused, parse
from mappings.fhir.encoding import JsonRefused, decode
from mappings.nomenclatures.catalogue import INDEX, INDEX_COLUMNS


def read_published(file: File) -> PublishedList:
    """The list of a file; raises `NotPublished`."""
    reader = _READERS.get(PurePath(file.name).suffix.lower())
    if reader is None:
        raise NotPublished(file.name, "format", PurePath(file.name).suffix)
    try:
        return reader(file)
    except UnicodeDecodeError as error:
        raise NotPublished(file.name, "encoding") from error
    except csv.Error as error:
        raise NotPublished(file.name, "lines", str(error)) from error


# .tabs: one line on the list, one that names the columns, then the codes, between tabulations

_LIST_COLUMNS = ("oid", "type", "file", "description", "url", "valid", "end", "update")
_CONCEPT_COLUMNS = {
    "code": "code",
    "libelle": "display",
    "libellelong": "display",
    "display": "display",
    "libellecourt": "alt_label",
    "libelleadapte": "alt_label",
    "definition": "definition",
    "oid": "system",
    "oidtre": "system",
    "codesystem": "system",
    "datevalid": "start",
    "datedebut": "start",
    "datedebutvalidite": "start",
    "datemaj": "updated",
    "datefin": "end",
    "datefinvalidite": "end",
    "deprecationdate": "deprecated",
    "status": "status",
    "statut": "status",
    "codeparent": "parent",
    "parent": "parent",
}


def _read_tabs(file: File) -> PublishedList:
    lines = list(csv.reader(io.StringIO(file.text), delimiter="\t", quoting=csv.QUOTE_NONE))
    if len(lines) < 2 or len(lines[0]) < len(_LIST_COLUMNS):
        raise NotPublished(file.name, "first-line", ", ".join(_LIST_COLUMNS))
    about = dict(zip(_LIST_COLUMNS, (cell.strip() for cell in lines[0]), strict=False))
    columns = [_CONCEPT_COLUMNS.get(_plain(cell), "") for cell in lines[1]]
    missing = {"code", "display"} - set(columns)
    if missing:
        raise NotPublished(file.name, "columns", ", ".join(sorted(missing)))
    for number, line in enumerate(lines[2:], start=3):
        if any(line) and len(line) != len(columns):
            # A file that was cut, or a tabulation inside a label: the cells are no longer those of their columns.
            raise NotPublished(file.name, "cells", str(number))
    name = about["file"].removesuffix(".tabs")
    return PublishedList(
        source=file.name,
        kind=_kind(about["type"]) or _kind(name),
        name=name,
        title=about["description"],
        oid=about["oid"],
        url=about["url"],
        version=about["update"] or about["valid"],
        status="retired" if about["end"] else "active",
        concepts=tuple(concept(dict(zip(columns, line, strict=False))) for line in lines[2:] if any(line)),
    )


def _plain(text: str) -> str:
    """A column name without accents, blanks or case."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z]", "", letters)


# IHE SVS extended


def _read_xml(file: File) -> PublishedList:
    try:
        root = parse(file.data, maximum_size=LARGEST)
    except XmlRefused as refused:
        raise NotPublished(file.name, refused.code) from refused
    if etree.QName(root).namespace == FHIR:
        return of_resource(file.name, from_xml(file.name, root))
    return _of_svs_list(file, root)


def _of_svs_list(file: File, root: etree._Element) -> PublishedList:
    found = [one for one in root.iter(etree.Element) if etree.QName(one).localname == "ValueSet"]
    if len(found) != 1:
        raise NotPublished(file.name, "value-set", str(len(found)))
    about = _attributes(found[0])
    name = about.get("name") or about.get("displayname", "")
    return PublishedList(
        source=file.name,
        kind=_kind(name) or _kind(file.name),
        name=name if _kind(name) else PurePath(file.name).stem,
        title=about.get("description") or about.get("displayname", ""),
        oid=about.get("id", ""),
        url=about.get("url") or about.get("urlfichier", ""),
        version=about.get("version") or about.get("datemaj") or about.get("datevalid", ""),
        status="retired" if about.get("datefin") else "active",
        concepts=tuple(concept(_of_svs(one)) for one in found[0].iter(etree.Element) if _is_concept(one)),
    )


def _is_concept(element: etree._Element) -> bool:
    return etree.QName(element).localname == "Concept"


def _of_svs(element: etree._Element) -> dict[str, str]:
    about = _attributes(element)
    return {
        **{_CONCEPT_COLUMNS[name]: text for name, text in about.items() if name in _CONCEPT_COLUMNS},
        "display": about.get("displayname", ""),
    }


def _attributes(element: etree._Element) -> dict[str, str]:
    return {_plain(etree.QName(str(name)).localname): str(text) for name, text in element.attrib.items()}


# our own CSV, described by the index beside it


def _read_csv(file: File) -> PublishedList:
    about = next((row for row in _table(file.index) if row.get("file") == PurePath(file.name).name), None)
    if about is None or not set(about) >= INDEX_COLUMNS or None in about.values():
        raise NotPublished(file.name, "index", INDEX)
    lines = _table(file.text)
    if not lines or not {"code", "display"} <= set(lines[0]):
        raise NotPublished(file.name, "columns", "code, display")
    for number, line in enumerate(lines, start=2):
        if None in line or None in line.values():
            raise NotPublished(file.name, "cells", str(number))
    return PublishedList(
        source=file.name,
        kind=about["kind"],
        name=about["id"],
        title=about["title"],
        oid=about["oid"],
        url=about["canonical_url"],
        version=about["version"],
        status=about["resource_status"],
        concepts=tuple(concept({name: value or "" for name, value in line.items() if name}) for line in lines),
    )


def _table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _read_json(file: File) -> PublishedList:
    try:
        return of_resource(file.name, decode(file.data))
    except JsonRefused as refused:
        raise NotPublished(file.name, refused.code) from refused


_READERS = {".tabs": _read_tabs, ".xml": _read_xml, ".json": _read_json, ".csv": _read_csv}


def _kind(text: str) -> str:
    """`TRE` or `JDV` when a text says it, else nothing."""
    return next((kind for kind in ("TRE", "JDV") if kind in text.upper()), "")
