"""`ror-gateway translate`: one document, offline.

Exit codes: 0 done, 1 the input is refused or the output could not be written whole, 2 misuse; 128 and the number of the
signal that interrupted it.
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from adapters.registry import dialects
from gateway.messages import Language
from gateway.nomenclatures import options
from gateway.translation.files import FileRefused, one_file, opened, whole
from gateway.translation.formats import FORMATS, VERSIONS, InputRefused, Task
from gateway.translation.interruption import Interrupted, interruptible
from gateway.translation.ledger import WrittenLedger
from gateway.translation.texts import reason, said
from gateway.translation.translate import translate
from mappings.csd.dialect import OPTIONS, Dialect, DialectRefused
from mappings.loss import Severity
from mappings.nomenclatures.replacements import NOTHING_ACCEPTED, Acceptance, Pair
from mappings.nomenclatures.territory import REGIONS

DONE, NO, MISUSE = 0, 1, 2
RULES_SHOWN = 20
_STANDARD = "-"


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
        at: Annotated[str | None, typer.Option("--at", metavar="DATE", help=said("at", language))] = None,
        source_at: Annotated[
            str | None, typer.Option("--source-at", metavar="DATE", help=said("source_at", language))
        ] = None,
        accepted: Annotated[Path | None, typer.Option("--accepted", help=said("accepted", language))] = None,
        directory: Annotated[Path | None, typer.Option("--directory", help=said("directory", language))] = None,
    ) -> None:
        options.use(directory, language)
        day = options.day(at, language)
        source_day = options.day(source_at, language) if source_at is not None else day
        known = Known(source_day, day, options.acceptances(accepted, language))
        task = task_of(source, target, region=region, dialect=dialect or [], known=known, language=language)
        files = Files(None if input_ == _STANDARD else Path(input_), output, losses)
        if losses is not None and any(one_file(losses, other) for other in files[:2] if other is not None):
            options.stop(said("losses_over", language, path=losses), MISUSE)
        raise typer.Exit(_run(files, task, language))


class Files(NamedTuple):
    """The files of a translation; without one, a standard stream, and no losses."""

    source: Path | None
    output: Path | None
    losses: Path | None


class Known(NamedTuple):
    """The days of the codes, at the source and for the reader, and the replacements that experts accepted."""

    source_at: date
    at: date
    accepted: Mapping[Pair, Acceptance] = NOTHING_ACCEPTED


def task_of(
    source: str, target: str, *, region: str | None, dialect: list[str], known: Known, language: Language
) -> Task:
    """What is asked; leaves with the exit code of misuse when it cannot be."""
    for value in (source, target):
        if value not in FORMATS:
            nearest = get_close_matches(value.lower(), FORMATS, n=1, cutoff=0)[0]
            formats = ", ".join(FORMATS)
            options.stop(said("unknown_format", language, value=value, nearest=nearest, formats=formats), MISUSE)
    if source not in VERSIONS and (region is not None or dialect):
        options.stop(said("csd_only", language), MISUSE)
    habits = {} if region is None else {"region": region}
    for text in dialect:
        habits |= _habits(text, language)
    if "region" in habits and habits["region"] not in REGIONS:
        regions = ", ".join(sorted(REGIONS))
        options.stop(said("unknown_region", language, value=habits["region"], known=regions), MISUSE)
    try:
        return Task(source, target, Dialect.from_options(habits), *known)
    except DialectRefused as refused:
        options.stop(_unknown_dialect(str(refused), language), MISUSE)


def _habits(text: str, language: Language) -> dict[str, str]:
    """The habits that a pair, or the name of a solution, stands for."""
    key, separator, value = text.partition("=")
    if separator:
        return {key: value}
    if text not in dialects():
        options.stop(_unknown_dialect(text, language), MISUSE)
    return dialects()[text]


def _unknown_dialect(value: str, language: Language) -> str:
    return said("unknown_dialect", language, value=value, names=", ".join(dialects()), keys=", ".join(OPTIONS))


def _run(files: Files, task: Task, language: Language) -> int:
    try:
        with interruptible():
            objects, ledger = _translated(files, task, language)
    except FileRefused as refused:
        _say(said(refused.code, language, path=refused.path, cause=refused.cause))
        return MISUSE
    except InputRefused as refused:
        why = reason(refused.code, refused.path, language)
        _say(said("refused", language, line=refused.line, column=refused.column, reason=why))
        return NO
    except Interrupted as interrupted:
        _say(said("cut", language, cause=interrupted))
        return interrupted.exit_code
    except OSError as error:
        _say(said("cut", language, cause=error))
        return NO
    _summarise(objects, ledger, language)
    return DONE


def _translated(files: Files, task: Task, language: Language) -> tuple[int, WrittenLedger]:
    with ExitStack() as open_files:
        source = open_files.enter_context(opened(files.source))
        told = open_files.enter_context(whole(files.losses)) if files.losses is not None else None
        target = open_files.enter_context(whole(files.output))
        ledger = WrittenLedger(told)
        objects = translate(source, target, task, ledger=ledger, progress=_progress(language))
        target.flush()
        if told is not None:
            # Before either takes its name: a document whose losses are not on disk is not whole.
            told.flush()
    return objects, ledger


def _say(sentence: str) -> None:
    """A line of its own; on a terminal, over the progress that stands there."""
    sys.stderr.write(("\r\x1b[K" if sys.stderr.isatty() else "") + sentence + "\n")


def _progress(language: Language) -> Callable[[int], None]:
    """Tells how far the reading is, on a terminal only."""
    if not sys.stderr.isatty():
        return lambda _: None

    def told(count: int) -> None:
        sys.stderr.write("\r" + said("progress", language, count=count))

    return told


def _summarise(objects: int, ledger: WrittenLedger, language: Language) -> None:
    counts = {severity.value: ledger.severities[severity] for severity in Severity}
    _say(said("done", language, objects=objects, **counts))
    if ledger.unverifiable:
        _say(said("unverifiable", language, count=ledger.unverifiable))
    rules = ledger.rules.most_common()
    for (rule, severity), count in rules[:RULES_SHOWN]:
        _say(said("rule", language, count=count, rule=rule, severity=severity.value))
    if len(rules) > RULES_SHOWN:
        _say(said("other_rules", language, count=len(rules) - RULES_SHOWN))
