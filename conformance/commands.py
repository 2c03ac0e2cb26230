"""`ror-conformance`: judge an implementation, list the requirements, serve a reference one, in French or English.

Exit codes: 0 conforms, 1 does not conform, 2 misuse, 3 the target could not be judged.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from conformance.checks.catalogue import CHECKS
from conformance.reference.csd.dialect import Contract
from conformance.reference.faults import FaultKind
from conformance.reference.single import SOLUTIONS, serve
from conformance.report.document import document
from conformance.report.terminal import lines
from conformance.requirements import read_requirements
from conformance.runner import judge
from conformance.target import BadTarget, read_target
from conformance.text import Language, Text
from conformance.verdict import Verdict

DONE, NO, MISUSE, OTHER_SIDE = 0, 1, 2, 3
EXIT_CODES = {Verdict.FAIL: NO, Verdict.ERROR: OTHER_SIDE}

PROGRAM = Text("Suite de conformité des ROR régionaux.", "Conformance suite of the regional directories.")
RUN = Text("Juge une implémentation.", "Judge one implementation.")
TARGET = Text("Fichier JSON de la cible.", "JSON file of the target.")
AS_JSON = Text("Écrit du JSON.", "Write JSON.")
REQUIREMENTS = Text("Liste les exigences et leurs contrôles.", "List the requirements and their checks.")
SERVE = Text("Sert une implémentation de référence.", "Serve a reference implementation.")
SOLUTION = Text("Solution imitée : ir, iess ou autre.", "Solution to imitate: ir, iess or autre.")
CONTRACT = Text("Version du contrat.", "Version of the contract.")
DIRECTORY = Text("Dossier où écrire target.json.", "Folder where target.json is written.")
FAULT = Text("Panne plantée.", "Planted fault.")
UNTESTED = Text("non contrôlée", "not tested")
LANGUAGES = Text("--lang accepte fr ou en", "--lang takes fr or en")


def main() -> None:
    """The program in the language it is asked for."""
    arguments, language = split_language(sys.argv[1:])
    program(language)(arguments, prog_name="ror-conformance")


def split_language(arguments: list[str]) -> tuple[list[str], Language]:
    """The arguments without `--lang`, wherever it stands, and the language it names."""
    kept: list[str] = []
    chosen = Language.FR.value
    rest = iter(arguments)
    for argument in rest:
        if argument == "--lang":
            chosen = next(rest, "")
        elif argument.startswith("--lang="):
            chosen = argument.removeprefix("--lang=")
        else:
            kept.append(argument)
    if chosen not in set(Language):
        complain(LANGUAGES.fr)
        raise SystemExit(MISUSE)
    return kept, Language(chosen)


def complain(line: str) -> None:
    """One line for whoever reads errors."""
    typer.echo(line, err=True)


def program(language: Language) -> typer.Typer:
    """Every command, its help in that language."""
    commands = typer.Typer(
        help=PROGRAM.said(language), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    commands.command("run", help=RUN.said(language))(_run(language))
    commands.command("requirements", help=REQUIREMENTS.said(language))(_requirements(language))
    commands.command("serve-reference", help=SERVE.said(language))(_serve(language))
    return commands


def _run(language: Language) -> Callable[..., None]:
    def command(
        target: Annotated[Path, typer.Option("--target", help=TARGET.said(language))],
        as_json: Annotated[bool, typer.Option("--json", help=AS_JSON.said(language))] = False,
    ) -> None:
        started = datetime.now(UTC)
        try:
            run = asyncio.run(judge(read_target(target), CHECKS))
        except BadTarget as error:
            complain(error.reason.said(language))
            raise typer.Exit(MISUSE) from error
        if as_json:
            typer.echo(json.dumps(document(run, started=started, language=language), ensure_ascii=False, indent=2))
        else:
            for line in lines(run, language):
                typer.echo(line)
        raise typer.Exit(EXIT_CODES.get(run.verdict, DONE))

    return command


def _requirements(language: Language) -> Callable[..., None]:
    def command(as_json: Annotated[bool, typer.Option("--json", help=AS_JSON.said(language))] = False) -> None:
        checked = {
            requirement.identifier: [one.identifier for one in CHECKS if requirement.identifier in one.requirements]
            for requirement in read_requirements()
        }
        listed = [row.columns | {"checks": checked[row.identifier]} for row in read_requirements()]
        if as_json:
            typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
            return
        for row in read_requirements():
            checks = ", ".join(checked[row.identifier]) or f"{UNTESTED.said(language)} : {row.not_tested}"
            typer.echo(f"{row.identifier:<50} {checks}")

    return command


def _serve(language: Language) -> Callable[..., None]:
    def command(
        solution: Annotated[str, typer.Option("--solution", help=SOLUTION.said(language))],
        contract: Annotated[Contract, typer.Option("--contract", help=CONTRACT.said(language))],
        directory: Annotated[Path, typer.Option("--dir", help=DIRECTORY.said(language))],
        fault: Annotated[FaultKind | None, typer.Option("--fault", help=FAULT.said(language))] = None,
    ) -> None:
        if solution not in SOLUTIONS:
            complain(SOLUTION.said(language))
            raise typer.Exit(MISUSE)
        asyncio.run(serve(directory.resolve(), solution=solution, contract=contract, fault=fault))

    return command
