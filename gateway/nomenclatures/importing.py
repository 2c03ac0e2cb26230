"""`nomenclatures import`: the files of a publication become the folder of a release, or are refused with every reason.

Nothing is written unless everything is right; the folder appears whole.
"""

import csv
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec

from gateway.nomenclatures.files import opened, unread
from gateway.nomenclatures.lists import NotPublished, PublishedConcept, PublishedList
from gateway.nomenclatures.published import read_published
from mappings.nomenclatures.bindings import bindings
from mappings.nomenclatures.catalogue import INDEX, RELEASE_NAME, Catalogue, number
from mappings.nomenclatures.systems import system_id
from mappings.nomenclatures.tables import table

INDEX_COLUMNS = (
    "id", "kind", "title", "file", "canonical_url", "oid", "version", "resource_status", "concepts", "active", "ended",
    "note",
)  # fmt: skip
TABLE_COLUMNS = (
    "code",
    "display",
    "definition",
    "alt_label",
    "start",
    "updated",
    "end",
    "deprecated",
    "status",
    "parent",
)

LONGEST = csv.field_size_limit()
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile(r"[A-Z]\d{2,3}\Z")
_NAME = re.compile(r"(TRE|JDV)_[A-Z]\d{2,3}(-[A-Za-z0-9-]+)?\Z")
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+\Z")
_VERSION = re.compile(r"\d{14}\Z")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(\d{6}|T[0-9:.]+(Z|[+-]\d{2}:\d{2})?)?\Z")


class Finding(msgspec.Struct, frozen=True):
    """Something wrong, or worth a look, in one file; `code` is the key of its sentence."""

    file: str
    code: str
    detail: str = ""


class Prepared(msgspec.Struct, frozen=True):
    """What a publication would become: refused as long as there are problems; warnings leave it acceptable."""

    release: str
    lists: tuple[PublishedList, ...]
    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def prepare(release: str, files: Sequence[Path], catalogue: Catalogue) -> Prepared:
    """Read and judge the files of a publication against what is held already."""
    lists: list[PublishedList] = []
    problems: list[Finding] = []
    for path in files:
        try:
            lists += [read_published(file) for file in opened(path)]
        except NotPublished as refused:
            problems.append(Finding(refused.name, refused.code, refused.detail))
    if not RELEASE_NAME.match(release):
        problems.append(Finding("", "release-name", release))
    if not lists and not problems:
        problems.append(Finding("", "no-list"))
    problems += _told_twice(lists)
    for one in lists:
        problems += [Finding(one.source, code, detail) for code, detail in _problems(one, catalogue)]
    sound = [] if problems else lists
    warnings = [Finding(path.name, "ignored", name) for path in files if not problems for name in unread(path)]
    warnings += [Finding(one.source, *finding) for one in sound for finding in _warnings(one, release, catalogue)]
    return Prepared(release, tuple(lists), tuple(problems), tuple(warnings))


def _told_twice(lists: Sequence[PublishedList]) -> list[Finding]:
    """What two files say of one list, and the OID that two lists have."""
    first: dict[str, str] = {}
    owners: dict[str, str] = {}
    found = []
    for one in lists:
        short = number(one.name)
        if short in first:
            found.append(Finding(one.source, "list-twice", short))
        elif owners.setdefault(one.oid, short) != short:
            found.append(Finding(one.source, "oid-of-another", f"{one.oid} = {owners[one.oid]}"))
        first.setdefault(short, one.source)
    return found


def _problems(one: PublishedList, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if not one.kind or not _NAME.match(one.name) or not one.name.startswith(one.kind):
        yield "name", one.name
        return
    if not one.concepts:
        yield "no-code", one.name
    if not _VERSION.match(one.version) or _day(one.version) is None:
        yield "version", one.version
    if not _OID.match(one.oid):
        yield "oid", one.oid
    else:
        yield from _identity(one, catalogue)
    if any(_unfit(text) for text in (one.title, one.url, one.status)):
        yield "text", one.name
    yield from _rows(one)
    yield from _zeros(one)


def _identity(one: PublishedList, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """An OID is for ever that of one list; a list may change its name, never its number or its OID."""
    short = number(one.name)
    held = system_id(one.oid)
    if held not in {short, one.oid}:
        yield "oid-of-another", f"{one.oid} = {held}"
    versions = catalogue.versions(short)
    if held == one.oid and versions and versions[-1].oid:
        yield "other-oid", f"{short} = {versions[-1].oid}"
    if versions and _VERSION.match(one.version) and one.version < versions[-1].version:
        yield "older", f"{one.version} < {versions[-1].version}"


def _rows(one: PublishedList) -> Iterator[tuple[str, str]]:
    counted = Counter((concept.system, concept.code) for concept in one.concepts)
    for (_, code), times in counted.items():
        if times > 1:
            yield "code-twice", code
    for concept in one.concepts:
        if not concept.code or concept.code != concept.code.strip():
            yield "code-blank", repr(concept.code)
        if not concept.display.strip():
            yield "no-label", concept.code
        if one.kind == "JDV" and not _NUMBER.match(system_id(concept.system)):
            yield "unknown-system", f"{concept.code}: {concept.system}"
        if any(_unfit(text) for text in msgspec.structs.astuple(concept)):
            yield "text", repr(concept.code)
        yield from _dates(concept)


def _unfit(text: str) -> bool:
    """Whether a text could not be read again from the file that it is written in."""
    return len(text) > LONGEST or _CONTROL.search(text) is not None


def _dates(concept: PublishedConcept) -> Iterator[tuple[str, str]]:
    written = {name: getattr(concept, name) for name in ("start", "updated", "end", "deprecated")}
    days = {name: _day(text) for name, text in written.items() if text}
    for name, day in days.items():
        if day is None:
            yield "date", f"{concept.code}: {written[name]}"
    start, end = days.get("start"), days.get("end")
    if start is not None and end is not None and end < start:
        yield "end-before-start", concept.code


def _zeros(one: PublishedList) -> Iterator[tuple[str, str]]:
    """A spreadsheet that opened the file drops leading zeros: `37` where the table had `037`."""
    if one.kind != "TRE":
        return
    codes = {concept.code for concept in one.concepts}
    lost = [
        code
        for code in table(number(one.name)) or {}
        if code.startswith("0") and code not in codes and code.lstrip("0") in codes
    ]
    if lost:
        yield "zeros-lost", ", ".join(sorted(lost)[:5])


def _warnings(one: PublishedList, release: str, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    short = number(one.name)
    if one.version[:6] > release.replace("-", ""):
        yield "after-release", f"{one.version} > {release}"
    versions = catalogue.versions(short)
    if versions and versions[-1].name != one.name:
        yield "renamed", f"{versions[-1].name} -> {one.name}"
    if one.kind == "TRE":
        gone = set(table(short) or {}) - {concept.code for concept in one.concepts}
        if gone:
            yield "gone", str(len(gone))
        return
    bound = {system for binding in bindings() if binding.value_set == short for system in binding.systems}
    for concept in one.concepts:
        if bound and system_id(concept.system) not in bound:
            yield "other-table", f"{concept.code}: {system_id(concept.system)}"


def write(prepared: Prepared, directory: Path, catalogue: Catalogue) -> Path:
    """Write the folder of a release that has no problem; raises `FileExistsError` when it is there already."""
    folder = directory / prepared.release
    if folder.exists():
        raise FileExistsError(folder)
    directory.mkdir(parents=True, exist_ok=True)
    # A hidden folder is no release: what a crash leaves here is never read.
    making = Path(tempfile.mkdtemp(dir=directory, prefix=f".{prepared.release}."))
    try:
        making.chmod(0o755)
        for one in prepared.lists:
            _write_rows(making / f"{one.name}.csv", *_content(one, catalogue))
        _write_rows(making / INDEX, INDEX_COLUMNS, [_index_row(one) for one in prepared.lists])
        making.rename(folder)
    except OSError:
        shutil.rmtree(making)
        raise
    return folder


def _content(one: PublishedList, catalogue: Catalogue) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    if one.kind == "JDV":
        named = [(_table_name(system_id(concept.system), catalogue), concept) for concept in one.concepts]
        return ("system", "code", "display"), [(name, concept.code, concept.display) for name, concept in named]
    return TABLE_COLUMNS, [_table_row(concept, one) for concept in one.concepts]


def _table_row(concept: PublishedConcept, one: PublishedList) -> tuple[str, ...]:
    end = _iso(concept.end) or (_iso(one.version) if concept.status in {"retired", "ended"} else "")
    deprecated = _iso(concept.deprecated) or (_iso(one.version) if concept.status == "deprecated" else "")
    status = "ended" if end else "deprecated" if deprecated else "active"
    return (
        concept.code,
        concept.display,
        concept.definition,
        concept.alt_label,
        _iso(concept.start),
        _iso(concept.updated),
        end,
        deprecated,
        status,
        concept.parent,
    )


def _table_name(system: str, catalogue: Catalogue) -> str:
    versions = catalogue.versions(system)
    return versions[-1].name if versions else f"TRE_{system}"


def _index_row(one: PublishedList) -> tuple[str, ...]:
    ended = sum(1 for concept in one.concepts if concept.end or concept.status in {"retired", "ended"})
    counts = (str(len(one.concepts) - ended), str(ended)) if one.kind == "TRE" else ("", "")
    return (
        one.name,
        one.kind,
        one.title,
        f"{one.name}.csv",
        one.url,
        one.oid,
        one.version,
        one.status or "active",
        str(len(one.concepts)),
        *counts,
        "",
    )


def _write_rows(path: Path, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)
        out.flush()
        os.fsync(out.fileno())


def _iso(text: str) -> str:
    day = _day(text)
    return day.isoformat() if day is not None else ""


def _day(text: str) -> date | None:
    """A day in any of the spellings of the publications; None when it is none."""
    found = _DAY.match(text.strip())
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
