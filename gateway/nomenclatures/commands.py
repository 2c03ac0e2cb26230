"""`ror-gateway nomenclatures`: what is held, what changes, what documents hold, and how a new release comes in."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gateway.command_texts import said
from gateway.messages import Language
from gateway.nomenclatures import options, screen
from gateway.nomenclatures.checking import Report, check
from gateway.nomenclatures.documents import DocumentRefused, occurrences, offers
from gateway.nomenclatures.importing import Prepared, prepare, write
from gateway.nomenclatures.touched import Touched, Touching, changed_codes, touched, touched_in_replica
from gateway.replica.engines import ReplicaUnreadable
from mappings.csd.entries import FORMATS
from mappings.csd.version import Version
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind
from mappings.nomenclatures import inventory
from mappings.nomenclatures.catalogue import RELEASES, UnknownRelease, current
from mappings.nomenclatures.differences import difference
from mappings.nomenclatures.systems import system_id
from mappings.nomenclatures.tables import State

DONE, NO, MISUSE, OTHER_SIDE = 0, 1, 2, 3
_FACTS = {
    "system": ("table", "table"),
    "code": ("code", "code"),
    "at": ("le", "on"),
    "state": ("état", "state"),
    "display": ("libellé", "label"),
    "release": ("publication", "release"),
    "later": ("à venir ce jour-là", "yet to come on that day"),
    "normalised": ("normalisé", "normalised"),
    "start": ("début", "start"),
    "end": ("fin", "end"),
    "deprecated": ("déprécié", "deprecated"),
    "value_sets": ("jeux de valeurs", "value sets"),
    "replacements": ("remplacements", "replacements"),
}
CHECKOUT = Path(__file__).parents[2]
COUNTS = ("active", "ended", "deprecated", "unknown", "unverifiable", "normalised", "later", "outside")


def add_nomenclatures(commands: typer.Typer, language: Language) -> None:
    """Add the `nomenclatures` commands."""
    group = typer.Typer(help=said("nomenclatures", language), no_args_is_help=True)
    _add_list(group, language)
    _add_show(group, language)
    _add_diff(group, language)
    _add_check(group, language)
    _add_import(group, language)
    commands.add_typer(group, name="nomenclatures")


def _add_list(group: typer.Typer, language: Language) -> None:
    @group.command("list", help=said("nomenclatures_list", language))
    def command(
        directory: Annotated[Path | None, typer.Option(help=said("nomenclatures_directory_option", language))] = None,
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        options.use(directory, language)
        held = inventory.held()
        missing = inventory.unverifiable()
        if json:
            _write_json({"releases": inventory.releases(), "lists": held, "unverifiable": missing})
            return
        columns = (("publication", "release"), ("en vigueur", "in force"), ("listes", "lists"))
        screen.lines(columns, [(one.id, one.date, one.lists) for one in inventory.releases()], language)
        names = (("liste", "list"), ("nom", "name"), ("versions", "versions"), ("codes", "codes"), ("actifs", "active"))
        rows = [(one.number, one.name, " ".join(one.releases), one.codes, one.active) for one in held]
        screen.lines(names, rows, language)
        absent = (("invérifiable", "unverifiable"), ("éléments", "elements"))
        screen.lines(absent, [(one.number, ", ".join(one.elements)) for one in missing], language)


def _add_show(group: typer.Typer, language: Language) -> None:
    @group.command("show", help=said("nomenclatures_show", language))
    def command(
        system: Annotated[str, typer.Argument(help=said("nomenclatures_system_argument", language))],
        code: Annotated[str | None, typer.Argument(help=said("nomenclatures_code_argument", language))] = None,
        *,
        at: Annotated[str | None, typer.Option(help=said("nomenclatures_at_option", language))] = None,
        directory: Annotated[Path | None, typer.Option(help=said("nomenclatures_directory_option", language))] = None,
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        options.use(directory, language)
        day = options.day(at, language)
        short = _number(system)
        if code is not None:
            _refuse_value_set(short, language)
            _show_code(inventory.described(Code(short, code), day), language, json=json)
        else:
            _show_list(short, day, language, json=json)


def _refuse_value_set(short: str, language: Language) -> None:
    """A code belongs to a table: a value set may draw on two tables that both have it."""
    versions = current().versions(short)
    if versions and versions[-1].kind == "JDV":
        tables = {row.system for row in inventory.content(short, date.max) or ()}
        options.stop(said("nomenclatures_value_set", language, value=short, tables=", ".join(sorted(tables))), MISUSE)


def _show_list(short: str, day: date, language: Language, *, json: bool) -> None:
    rows = inventory.content(short, day)
    if rows is None:
        held = current().versions(short)
        key = "nomenclatures_not_held_then" if held else "nomenclatures_not_held"
        options.stop(said(key, language, value=short, day=day, since=held[0].since if held else ""), NO)
    if json:
        _write_json({"list": short, "at": day, "codes": rows})
        return
    columns = (
        ("table", "table"),
        ("code", "code"),
        ("état", "state"),
        ("libellé", "label"),
        ("début", "start"),
        ("fin", "end"),
    )
    screen.lines(
        columns, [(row.system, row.code, row.state, row.display, row.start, row.end) for row in rows], language
    )


def _show_code(found: inventory.Description, language: Language, *, json: bool) -> None:
    if json:
        _write_json(found)
    else:
        facts = msgspec.to_builtins(found)
        named = [(_FACTS[name][language is Language.EN], screen.flat(value)) for name, value in facts.items()]
        screen.lines((("", ""), ("", "")), named, language)
    if found.state in {State.UNKNOWN, State.UNVERIFIABLE}:
        raise typer.Exit(NO)


def _add_diff(group: typer.Typer, language: Language) -> None:
    @group.command("diff", help=said("nomenclatures_diff", language))
    def command(
        before: Annotated[str, typer.Argument(help=said("nomenclatures_release_argument", language))],
        after: Annotated[str, typer.Argument(help=said("nomenclatures_release_argument", language))],
        *,
        files: Annotated[
            list[Path] | None, typer.Option("--offers", help=said("nomenclatures_offers_option", language))
        ] = None,
        replica: Annotated[str | None, typer.Option(help=said("nomenclatures_replica_option", language))] = None,
        contract: Annotated[str, typer.Option(help=said("nomenclatures_contract_option", language))] = Version.V3_0,
        accepted: Annotated[Path | None, typer.Option(help=said("nomenclatures_accepted_option", language))] = None,
        directory: Annotated[Path | None, typer.Option(help=said("nomenclatures_directory_option", language))] = None,
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        options.use(directory, language)
        version, acceptances = _version(contract, FORMATS, language), options.acceptances(accepted, language)
        try:
            found = difference(before, after)
        except UnknownRelease as unknown:
            known = ", ".join(release.id for release in current().releases)
            options.stop(said("nomenclatures_unknown_release", language, value=unknown, known=known), MISUSE)
        touching = changed_codes(found, current().release(after).date, acceptances)
        held = list(_in_files(files or [], touching, version, language))
        held += _in_replica(replica, touching, language) if replica is not None else []
        if json:
            _write_json({**msgspec.to_builtins(found), "touched": held})
        else:
            screen.changes(found, held, language)


def _in_files(files: list[Path], touching: Touching, contract: Version, language: Language) -> Iterator[Touched]:
    for path in files:
        ledger = Ledger()
        try:
            repertoire = offers(path, contract=contract, ledger=ledger)
        except DocumentRefused as refused:
            options.stop(said("nomenclatures_document_refused", language, file=path, cause=refused.cause), NO)
        unread = sum(1 for loss in ledger.entries if loss.kind is LossKind.DROPPED)
        if unread:
            _complain(said("nomenclatures_unread", language, file=path, number=unread, contract=contract))
        yield from touched(path.name, repertoire.objets(), touching)


def _in_replica(url: str, touching: Touching, language: Language) -> list[Touched]:
    async def gather() -> list[Touched]:
        return [one async for one in touched_in_replica(url, touching)]

    try:
        return asyncio.run(gather())
    except ReplicaUnreadable as failure:
        options.stop(said("nomenclatures_replica_unreadable", language, cause=failure), OTHER_SIDE)


def _add_check(group: typer.Typer, language: Language) -> None:
    @group.command("check", help=said("nomenclatures_check", language))
    def command(
        files: Annotated[list[Path], typer.Argument(help=said("nomenclatures_files_argument", language))],
        *,
        contract: Annotated[str, typer.Option(help=said("nomenclatures_contract_option", language))] = Version.V3_0,
        at: Annotated[str | None, typer.Option(help=said("nomenclatures_at_option", language))] = None,
        directory: Annotated[Path | None, typer.Option(help=said("nomenclatures_directory_option", language))] = None,
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        options.use(directory, language)
        version, day = _version(contract, Version, language), options.day(at, language)
        try:
            found = chain.from_iterable(occurrences(path) for path in files)
            report = check(found, contract=version, at=day)
        except DocumentRefused as refused:
            options.stop(said("nomenclatures_document_refused", language, file=refused.path, cause=refused.cause), NO)
        _print_report(report, language, json=json)
        if report.total("unknown"):
            raise typer.Exit(NO)


def _print_report(report: Report, language: Language, *, json: bool) -> None:
    totals = {name: report.total(name) for name in COUNTS}
    if json:
        _write_json({**msgspec.to_builtins(report), "totals": totals})
        return
    columns = (
        ("place", "place"),
        ("table", "table"),
        ("actifs", "active"),
        ("finis", "ended"),
        ("dépréciés", "deprecated"),
        ("inconnus", "unknown"),
        ("invérifiables", "unverifiable"),
        ("normalisés", "normalised"),
        ("à venir", "later"),
        ("hors liste", "outside"),
    )
    rows: list[tuple[object, ...]] = [
        (place.path, place.system, *(getattr(place, name) or "" for name in COUNTS)) for place in report.places
    ]
    screen.lines(columns, [*rows, ("=", "", *totals.values())], language)


def _add_import(group: typer.Typer, language: Language) -> None:
    @group.command("import", help=said("nomenclatures_import", language))
    def command(
        release: Annotated[str, typer.Argument(help=said("nomenclatures_release_argument", language))],
        files: Annotated[list[Path], typer.Argument(help=said("nomenclatures_files_argument", language))],
        *,
        to: Annotated[Path | None, typer.Option(help=said("nomenclatures_to_option", language))] = None,
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        directory = to or (RELEASES if (CHECKOUT / "pyproject.toml").is_file() else None)
        if directory is None:
            options.stop(said("nomenclatures_to_needed", language), MISUSE)
        if directory.exists() and not directory.is_dir():
            options.stop(said("no_directory", language, value=directory), MISUSE)
        options.install_releases([directory] if directory != RELEASES and directory.is_dir() else [], language)
        prepared = prepare(release, files, current())
        folder = None if prepared.problems else _written(prepared, directory, language)
        if json:
            _write_json(_outcome(prepared, folder))
        else:
            _print_import(prepared, folder, language)
        if folder is None:
            raise typer.Exit(NO)


def _written(prepared: Prepared, directory: Path, language: Language) -> Path:
    try:
        return write(prepared, directory, current())
    except FileExistsError:
        options.stop(said("nomenclatures_exists", language, value=prepared.release), NO)
    except OSError as error:
        options.stop(said("nomenclatures_not_written", language, cause=error.strerror), OTHER_SIDE)


def _outcome(prepared: Prepared, folder: Path | None) -> dict[str, Any]:
    return {
        "release": prepared.release,
        "folder": str(folder) if folder is not None else None,
        "lists": [{"name": one.name, "version": one.version, "codes": len(one.concepts)} for one in prepared.lists],
        "problems": prepared.problems,
        "warnings": prepared.warnings,
    }


def _print_import(prepared: Prepared, folder: Path | None, language: Language) -> None:
    for finding in prepared.problems + prepared.warnings:
        sentence = said(f"import_{finding.code}", language, detail=finding.detail)
        _complain(f"{finding.file}: {sentence}" if finding.file else sentence)
    if folder is not None:
        sys.stdout.write(said("nomenclatures_written", language, number=len(prepared.lists), folder=folder) + "\n")


def _number(system: str) -> str:
    """The number an address names; a number alone may be written in lower case."""
    found = system_id(system)
    return found.upper() if found.upper() in current().numbers() else found


def _version(text: str, known: Iterable[Version], language: Language) -> Version:
    found = next((version for version in known if version == text), None)
    if found is None:
        options.stop(said("nomenclatures_bad_contract", language, value=text, known=", ".join(known)), MISUSE)
    return found


def _write_json(value: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def _complain(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
