"""`ror-gateway translate`: one document, offline.

Exit codes: 0 done, 1 the input is refused or the output could not be written whole, 2 misuse.
"""

import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, BinaryIO, NamedTuple

import typer

from adapters.registry import dialects
from gateway.messages import Language
from gateway.nomenclatures.acceptances import AcceptancesRefused, load_acceptances
from gateway.translation.files import opened, whole
from gateway.translation.formats import FORMATS, VERSIONS, InputRefused, Task
from gateway.translation.ledger import WrittenLedger
from gateway.translation.texts import reason, said
from gateway.translation.translate import translate
from mappings.csd.dialect import OPTIONS, PARIS, Dialect, DialectRefused
from mappings.loss import Severity
from mappings.nomenclatures.catalogue import ReleaseRefused, install
from mappings.nomenclatures.replacements import NOTHING_ACCEPTED, Acceptance, Pair

DONE, NO, MISUSE = 0, 1, 2
RULES_SHOWN = 20
_STANDARD = "-"


class Misused(Exception):
    """The command was not asked in a way that it understands; the message is for the person who typed it."""


def add_translate(commands: typer.Typer, language: Language) -> None:
    """Add the `translate` command."""
    formats = ", ".join(FORMATS)

    @commands.command("translate", help=said("help", language))
    def command(
        *,
        source: Annotated[str, typer.Option("--from", help=said("from", language, formats=formats))],
        target: Annotated[str, typer.Option("--to", help=said("to", language, formats=formats))],
        input_: Annotated[str, typer.Argument(metavar="INPUT", help=said("input", language))] = _STANDARD,
        losses: Annotated[Path | None, typer.Option("--losses", help=said("losses", language))] = None,
        output: Annotated[Path | None, typer.Option("--output", help=said("output", language))] = None,
        region: Annotated[str | None, typer.Option("--region", help=said("region", language))] = None,
        dialect: Annotated[list[str] | None, typer.Option("--dialect", help=said("dialect", language))] = None,
        at: Annotated[datetime | None, typer.Option("--at", formats=["%Y-%m-%d"], help=said("at", language))] = None,
        source_at: Annotated[
            datetime | None, typer.Option("--source-at", formats=["%Y-%m-%d"], help=said("source_at", language))
        ] = None,
        accepted: Annotated[Path | None, typer.Option("--accepted", help=said("accepted", language))] = None,
        directory: Annotated[Path | None, typer.Option("--directory", help=said("directory", language))] = None,
    ) -> None:
        try:
            _use(directory, language)
            days = _day(source_at or at), _day(at)
            known = Known(days[0], days[1], _acceptances(accepted, language))
            task = task_of(source, target, region=region, dialect=dialect or [], known=known, language=language)
        except Misused as misused:
            raise _ended(str(misused), MISUSE) from None
        path = None if input_ == _STANDARD else Path(input_)
        raise typer.Exit(_run(path, output, losses, task=task, language=language))


def _day(at: datetime | None) -> date:
    return (at or datetime.now(UTC).astimezone(PARIS)).date()


def _ended(sentence: str, code: int) -> typer.Exit:
    sys.stderr.write(sentence + "\n")
    return typer.Exit(code)


class Known(NamedTuple):
    """The days of the codes, at the source and for the reader, and the replacements that experts accepted."""

    source_at: date
    at: date
    accepted: Mapping[Pair, Acceptance] = NOTHING_ACCEPTED


def _use(directory: Path | None, language: Language) -> None:
    """Put the releases of a directory beside those of the package."""
    if directory is None:
        return
    if not directory.is_dir():
        raise Misused(said("no_directory", language, value=directory))
    try:
        install(directory)
    except ReleaseRefused as refused:
        raise Misused(said("release_refused", language, value=refused)) from None


def _acceptances(path: Path | None, language: Language) -> Mapping[Pair, Acceptance]:
    try:
        return load_acceptances(path) if path is not None else NOTHING_ACCEPTED
    except AcceptancesRefused as refused:
        raise Misused(said("acceptances_refused", language, file=path, cause=refused)) from None


def task_of(
    source: str, target: str, *, region: str | None, dialect: list[str], known: Known, language: Language
) -> Task:
    """What is asked; raises `Misused`."""
    for value in (source, target):
        if value not in FORMATS:
            nearest = get_close_matches(value.lower(), FORMATS, n=1, cutoff=0)[0]
            formats = ", ".join(FORMATS)
            raise Misused(said("unknown_format", language, value=value, nearest=nearest, formats=formats))
    if source not in VERSIONS and (region is not None or dialect):
        raise Misused(said("csd_only", language))
    options = {} if region is None else {"region": region}
    for text in dialect:
        options |= _options(text, language)
    try:
        return Task(source, target, Dialect.from_options(options), *known)
    except DialectRefused as refused:
        raise Misused(_unknown_dialect(str(refused), language)) from None


def _options(text: str, language: Language) -> dict[str, str]:
    """The options that a pair, or the name of a solution, stands for."""
    key, separator, value = text.partition("=")
    if separator:
        return {key: value}
    if text not in dialects():
        raise Misused(_unknown_dialect(text, language))
    return dialects()[text]


def _unknown_dialect(value: str, language: Language) -> str:
    return said("unknown_dialect", language, value=value, names=", ".join(dialects()), keys=", ".join(OPTIONS))


def _run(path: Path | None, output: Path | None, losses: Path | None, *, task: Task, language: Language) -> int:
    with ExitStack() as files:
        try:
            source = files.enter_context(opened(path))
        except OSError as error:
            sys.stderr.write(said("unreadable", language, path=path, cause=error.strerror) + "\n")
            return MISUSE
        return _translated(source, output, losses, task=task, language=language)


def _translated(source: BinaryIO, output: Path | None, losses: Path | None, *, task: Task, language: Language) -> int:
    try:
        with ExitStack() as files:
            told = files.enter_context(whole(losses)) if losses is not None else None
            target = files.enter_context(whole(output)) if output is not None else sys.stdout.buffer
            ledger = WrittenLedger(told)
            objects = translate(source, target, task, ledger=ledger, progress=_progress(language))
            target.flush()
    except InputRefused as refused:
        why = reason(refused.code, refused.path, language)
        sentence = said("refused", language, line=refused.line, column=refused.column, reason=why)
        sys.stderr.write(sentence + "\n")
        return NO
    except (OSError, sqlite3.OperationalError) as error:
        sys.stderr.write(said("cut", language, cause=error) + "\n")
        return NO
    _summarise(objects, ledger, language)
    return DONE


def _progress(language: Language) -> Callable[[int], None]:
    """Tells how far the reading is, on a terminal only."""
    if not sys.stderr.isatty():
        return lambda _: None

    def told(count: int) -> None:
        sys.stderr.write("\r" + said("progress", language, count=count))

    return told


def _summarise(objects: int, ledger: WrittenLedger, language: Language) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    counts = {severity.value: ledger.severities[severity] for severity in Severity}
    sys.stderr.write(said("done", language, objects=objects, **counts) + "\n")
    if ledger.unverifiable:
        sys.stderr.write(said("unverifiable", language, count=ledger.unverifiable) + "\n")
    rules = ledger.rules.most_common()
    for (rule, severity), count in rules[:RULES_SHOWN]:
        sys.stderr.write(said("rule", language, count=count, rule=rule, severity=severity.value) + "\n")
    if len(rules) > RULES_SHOWN:
        sys.stderr.write(said("other_rules", language, count=len(rules) - RULES_SHOWN) + "\n")
