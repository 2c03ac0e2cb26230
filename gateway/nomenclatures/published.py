"""The files in which the NOS are published, as values: `.tabs`, IHE SVS XML, FHIR JSON, and our own CSV.

Facts on the formats: nomenclatures, section 2. What a format says of a list is kept as it says it; judging it is for
`gateway.nomenclatures.importing`.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree

from mappings.csd.xml import XmlRefused, parse
from mappings.fhir.encoding import JsonRefused, decode
from mappings.nomenclatures.catalogue import INDEX, rows


class PublishedConcept(msgspec.Struct, frozen=True, kw_only=True):
    """One row; `system` is the address of its table as the file writes it, empty in a table itself. Days are as
    written.
    """

    code: str
    display: str
    system: str = ""
    definition: str = ""
    alt_label: str = ""
    start: str = ""
    updated: str = ""
    end: str = ""
    deprecated: str = ""
    status: str = ""
    parent: str = ""


class PublishedList(msgspec.Struct, frozen=True, kw_only=True):
    """One list as its file says it."""

    source: Path
    kind: str
    name: str
    title: str
    oid: str
    url: str
    version: str
    status: str
    concepts: tuple[PublishedConcept, ...]


class NotPublished(Exception):
    """A file that is in none of the formats; `code` says what is missing."""

    def __init__(self, path: Path, code: str, detail: str = "") -> None:
        super().__init__(f"{path}: {code} {detail}".rstrip())
        self.path = path
        self.code = code
        self.detail = detail


def read_published(path: Path) -> PublishedList:
    """The list of a file; raises `NotPublished`."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise NotPublished(path, "format", path.suffix)
    try:
        return reader(path)
    except OSError as error:
        raise NotPublished(path, "unreadable", error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise NotPublished(path, "encoding") from error


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


def _read_tabs(path: Path) -> PublishedList:
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter="\t", quoting=csv.QUOTE_NONE))
    if len(lines) < 2 or len(lines[0]) < len(_LIST_COLUMNS):
        raise NotPublished(path, "first-line", ", ".join(_LIST_COLUMNS))
    about = dict(zip(_LIST_COLUMNS, (cell.strip() for cell in lines[0]), strict=False))
    columns = [_CONCEPT_COLUMNS.get(_plain(cell), "") for cell in lines[1]]
    missing = {"code", "display"} - set(columns)
    if missing:
        raise NotPublished(path, "columns", ", ".join(sorted(missing)))
    name = about["file"].removesuffix(".tabs")
    return PublishedList(
        source=path,
        kind=_kind(about["type"]) or _kind(name),
        name=name,
        title=about["description"],
        oid=about["oid"],
        url=about["url"],
        version=about["update"] or about["valid"],
        status="retired" if about["end"] else "active",
        concepts=tuple(_concept(dict(zip(columns, line, strict=False))) for line in lines[2:] if any(line)),
    )


def _plain(text: str) -> str:
    """A column name without accents, blanks or case."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z]", "", letters)


# IHE SVS extended


def _read_svs(path: Path) -> PublishedList:
    try:
        root = parse(path.read_bytes())
    except XmlRefused as refused:
        raise NotPublished(path, refused.code) from refused
    found = [one for one in root.iter(etree.Element) if etree.QName(one).localname == "ValueSet"]
    if len(found) != 1:
        raise NotPublished(path, "value-set", str(len(found)))
    about = _attributes(found[0])
    name = about.get("name") or about.get("displayname", "")
    return PublishedList(
        source=path,
        kind=_kind(name) or _kind(path.name),
        name=name if _kind(name) else path.stem,
        title=about.get("description") or about.get("displayname", ""),
        oid=about.get("id", ""),
        url=about.get("url") or about.get("urlfichier", ""),
        version=about.get("version") or about.get("datemaj") or about.get("datevalid", ""),
        status="retired" if about.get("datefin") else "active",
        concepts=tuple(_concept(_of_svs(one)) for one in found[0].iter(etree.Element) if _is_concept(one)),
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


# FHIR


def _read_fhir(path: Path) -> PublishedList:
    try:
        resource = decode(path.read_bytes())
    except JsonRefused as refused:
        raise NotPublished(path, refused.code) from refused
    kind = {"CodeSystem": "TRE", "ValueSet": "JDV"}.get(str(resource.get("resourceType")))
    if kind is None:
        raise NotPublished(path, "resource", str(resource.get("resourceType")))
    try:
        return _of_resource(path, kind, resource)
    except (KeyError, TypeError, AttributeError) as error:
        raise NotPublished(path, "shape", str(error)) from error


def _of_resource(path: Path, kind: str, resource: dict[str, Any]) -> PublishedList:
    identifiers = [str(one.get("value", "")) for one in resource.get("identifier", [])]
    oid = next((one for one in identifiers if one.startswith("urn:oid:")), "")
    concepts = _of_code_system(resource) if kind == "TRE" else _of_value_set(resource)
    return PublishedList(
        source=path,
        kind=kind,
        name=_name_in(resource["url"]) or _name_in(str(resource.get("name", ""))) or path.stem,
        title=resource.get("title") or resource.get("description", ""),
        oid=oid.removeprefix("urn:oid:"),
        url=resource["url"],
        version=str(resource.get("version", "")),
        status=str(resource.get("status", "")),
        concepts=tuple(concepts),
    )


_NOS_NAME = re.compile(r"((?:TRE|JDV)_[A-Z]\d{2,3}-[A-Za-z0-9-]+)")
_SMT_NAME = re.compile(r"/(tre|jdv)-([a-z]\d{2,3})-([a-z0-9-]+)\Z")


def _name_in(text: str) -> str:
    """The name of a list as its address says it: that of the NOS, or that of the SMT in lower case and hyphens."""
    found = _NOS_NAME.search(text)
    if found is not None:
        return found[1]
    found = _SMT_NAME.search(text)
    if found is None:
        return ""
    words = "".join(word.capitalize() for word in found[3].split("-"))
    return f"{found[1].upper()}_{found[2].upper()}-{words}"


def _of_code_system(resource: dict[str, Any]) -> Iterable[PublishedConcept]:
    waiting = [(concept, "") for concept in reversed(resource.get("concept", []))]
    while waiting:
        concept, parent = waiting.pop()
        waiting += [(child, concept["code"]) for child in reversed(concept.get("concept", []))]
        properties = {one["code"]: _value(one) for one in concept.get("property", [])}
        yield _concept(
            {
                "code": concept["code"],
                "display": concept.get("display", ""),
                "definition": concept.get("definition", ""),
                "start": properties.get("dateValid", ""),
                "updated": properties.get("dateMaj", ""),
                "end": properties.get("dateFin") or properties.get("retirementDate", ""),
                "deprecated": properties.get("deprecationDate", ""),
                "status": properties.get("status", ""),
                "parent": properties.get("parent") or parent,
            }
        )


def _value(item: dict[str, Any]) -> str:
    return next((str(value) for name, value in item.items() if name.startswith("value")), "")


def _of_value_set(resource: dict[str, Any]) -> Iterable[PublishedConcept]:
    for group in resource.get("compose", {}).get("include", []):
        for concept in group["concept"]:
            yield _concept({**_texts(concept, ("code", "display")), "system": group["system"]})
    if "compose" not in resource:
        for concept in resource["expansion"]["contains"]:
            yield _concept(_texts(concept, ("code", "display", "system")))


def _texts(item: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: str(item.get(name, "")) for name in names}


# our own CSV, described by the index beside it


def _read_csv(path: Path) -> PublishedList:
    index = path.parent / INDEX
    about = next((row for row in rows(index) if row["file"] == path.name), None) if index.is_file() else None
    if about is None:
        raise NotPublished(path, "index", INDEX)
    lines = rows(path)
    if not lines or not {"code", "display"} <= set(lines[0]):
        raise NotPublished(path, "columns", "code, display")
    return PublishedList(
        source=path,
        kind=about["kind"],
        name=about["id"],
        title=about["title"],
        oid=about["oid"],
        url=about["canonical_url"],
        version=about["version"],
        status=about["resource_status"],
        concepts=tuple(_concept({name: value or "" for name, value in line.items() if name}) for line in lines),
    )


_READERS = {".tabs": _read_tabs, ".xml": _read_svs, ".json": _read_fhir, ".csv": _read_csv}
_FIELDS = PublishedConcept.__struct_fields__


def _concept(cells: Mapping[str, str]) -> PublishedConcept:
    return PublishedConcept(**{"code": "", "display": "", **{name: cells[name] for name in _FIELDS if name in cells}})


def _kind(text: str) -> str:
    """`TRE` or `JDV` when a text says it, else nothing."""
    return next((kind for kind in ("TRE", "JDV") if kind in text.upper()), "")
