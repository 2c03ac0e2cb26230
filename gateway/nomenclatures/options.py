"""What several commands are told of the nomenclatures: a day, added releases, accepted replacements.

Each function leaves with the exit code of misuse, and says why, when the value cannot be used.
"""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

import typer

from gateway.command_texts import said
from gateway.messages import Language
from gateway.nomenclatures.acceptances import AcceptancesRefused, load_acceptances
from mappings.csd.dialect import PARIS
from mappings.nomenclatures.catalogue import ReleaseRefused, install
from mappings.nomenclatures.replacements import Acceptance, Pair

_MISUSE = 2


def use(directory: Path | None, language: Language) -> None:
    """Put the releases of a directory, when there is one, beside those of the package."""
    if directory is not None and not directory.is_dir():
        stop(said("no_directory", language, value=directory), _MISUSE)
    install_releases([directory] if directory is not None else [], language)


def install_releases(directories: list[Path], language: Language) -> None:
    """Put the releases of some directories beside those of the package."""
    try:
        install(*directories)
    except ReleaseRefused as refused:
        stop(said("release_refused", language, value=refused), _MISUSE)


def day(text: str | None, language: Language) -> date:
    """The day that a text says; that of France now without one."""
    if text is None:
        return datetime.now(UTC).astimezone(PARIS).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(said("bad_date", language, value=text), _MISUSE)


def acceptances(path: Path | None, language: Language) -> dict[Pair, Acceptance]:
    """The replacements that experts accepted."""
    try:
        return load_acceptances(path) if path is not None else {}
    except AcceptancesRefused as refused:
        stop(said("acceptances_refused", language, file=path, cause=refused), _MISUSE)


def stop(sentence: str, code: int) -> NoReturn:
    """Say why, and leave with that exit code."""
    sys.stderr.write(sentence + "\n")
    raise typer.Exit(code)
