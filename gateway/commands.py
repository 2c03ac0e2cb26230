"""The command line: `ror-gateway demo`, `serve`, `check`, `search`, in French, or in English on demand.

Exit codes: 0 done, 1 the answer is no, 2 misuse, 3 the other side failed.
"""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from gateway import material, members, telemetry
from gateway.app import serve
from gateway.command_texts import said
from gateway.configuration import Configuration, environment, load
from gateway.demo.command import add_demo
from gateway.demo.coverage import Row, read_coverage
from gateway.demo.screen import Screen
from gateway.errors import ConfigurationRefused
from gateway.extraction.commands import add_extraction
from gateway.language import of_environment
from gateway.messages import Language
from gateway.nomenclatures.commands import add_nomenclatures
from gateway.replica.commands import add_replica
from gateway.search_client import Client, NoAnswer, Refused
from gateway.translation.command import add_translate

DONE, NO, MISUSE, OTHER_SIDE = 0, 1, 2, 3

CLIENT_CODE = "CU23"


def main() -> None:
    """Run the command line in the language it is asked in."""
    arguments, language = split_language(sys.argv[1:], of_environment(environment()))
    program(language)(arguments, prog_name="ror-gateway")


def split_language(arguments: list[str], default: Language) -> tuple[list[str], Language]:
    """The arguments without `--lang`, wherever it stands, and the language it names."""
    kept: list[str] = []
    chosen = default.value
    rest = iter(arguments)
    for argument in rest:
        if argument == "--lang":
            chosen = next(rest, "")
        elif argument.startswith("--lang="):
            chosen = argument.removeprefix("--lang=")
        else:
            kept.append(argument)
    if chosen not in set(Language):
        sys.stderr.write(said("unknown_language", default, value=chosen) + "\n")
        raise SystemExit(MISUSE)
    return kept, Language(chosen)


def program(language: Language) -> typer.Typer:
    """Every command, its help in that language."""
    commands = typer.Typer(
        help=said("program", language), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    add_demo(commands, language)
    _add_serve(commands, language)
    _add_check(commands, language)
    _add_search(commands, language)
    add_nomenclatures(commands, language)
    add_translate(commands, language)
    loaded = partial(_loaded, language=language, refused=MISUSE)
    add_replica(commands, language, loaded)
    add_extraction(commands, language, loaded, partial(_refused, language=language, code=MISUSE))
    return commands


def _add_serve(commands: typer.Typer, language: Language) -> None:
    @commands.command("serve", help=said("serve", language))
    def command(
        config: Annotated[Path, typer.Option("--config", help=said("config_option", language))],
    ) -> None:
        configuration = _loaded(config, language, refused=MISUSE)
        telemetry.configure()
        try:
            asyncio.run(serve(configuration))
        except ConfigurationRefused as error:
            raise _refused(error, language, code=MISUSE) from error


def _add_check(commands: typer.Typer, language: Language) -> None:
    @commands.command("check", help=said("check", language))
    def command(
        config: Annotated[Path, typer.Option("--config", help=said("config_option", language))],
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        configuration = _loaded(config, language, refused=NO)
        try:
            members.refuse_unusable(material.trust(configuration).document)
        except ConfigurationRefused as error:
            raise _refused(error, language, code=NO) from error
        settings = configuration.effective()
        if json:
            _write_json(settings)
            return
        for key, value in _flat(settings):
            sys.stdout.write(f"{key} = {_shown(value)}\n")
        sys.stderr.write(said("configuration_good", language) + "\n")


def _add_search(commands: typer.Typer, language: Language) -> None:
    @commands.command("search", help=said("search", language))
    def command(
        *,
        fhir: Annotated[str, typer.Option("--fhir", help=said("fhir_option", language))],
        token: Annotated[str, typer.Option("--token", help=said("token_option", language))],
        client_id: Annotated[str, typer.Option("--client-id", help=said("client_option", language))],
        ca: Annotated[Path, typer.Option("--ca", help=said("ca_option", language), exists=True)],
        parameters: Annotated[list[str] | None, typer.Argument(help=said("parameters_argument", language))] = None,
        cert: Annotated[Path | None, typer.Option("--cert", help=said("cert_option", language), exists=True)] = None,
        key: Annotated[Path | None, typer.Option("--key", help=said("key_option", language), exists=True)] = None,
        secret: Annotated[str | None, typer.Option("--secret", help=said("secret_option", language))] = None,
        profile: Annotated[str, typer.Option("--profile", help=said("profile_option", language))] = CLIENT_CODE,
        resource: Annotated[str, typer.Option("--type", help=said("type_option", language))] = "HealthcareService",
        complete: Annotated[bool, typer.Option("--complete", help=said("complete_option", language))] = False,
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        client = Client(token, fhir.rstrip("/"), client_id, profile, ca, cert, key, secret)
        criteria = [_pair(parameter, language) for parameter in parameters or []]
        search = client.search(resource, criteria, complete=complete, language=language.value)
        try:
            bundle, coverage = asyncio.run(search)
        except Refused as refused:
            _print_coverage(refused.coverage, language)
            _complain(said("refused", language, status=refused.status, cause=refused.cause))
            raise typer.Exit(OTHER_SIDE if refused.status >= 500 else NO) from refused
        except NoAnswer as failure:
            _complain(said("no_answer", language, cause=failure))
            raise typer.Exit(OTHER_SIDE) from failure
        _print_answer(bundle, coverage, language, json=json)


def _loaded(path: Path, language: Language, *, refused: int) -> Configuration:
    try:
        return load(path)
    except ConfigurationRefused as error:
        raise _refused(error, language, code=refused) from error


def _refused(error: ConfigurationRefused, language: Language, *, code: int) -> typer.Exit:
    """Tell every problem of a configuration; the exit to end with."""
    _complain(said("configuration_refused", language))
    for key, french, english in error.problems:
        problem = f"{key} : {french}" if language is Language.FR else f"{key}: {english}"
        _complain(f"  {problem.removeprefix(' : ').removeprefix(': ')}")
    return typer.Exit(code)


def _print_answer(bundle: dict[str, Any], coverage: str, language: Language, *, json: bool) -> None:
    if json:
        _write_json({"coverage": {row.code: row.facts for row in read_coverage(coverage)}, "bundle": bundle})
        return
    matches = [entry for entry in bundle.get("entry", []) if entry.get("search", {}).get("mode") == "match"]
    for entry in matches:
        resource = entry["resource"]
        sys.stdout.write(f"{resource['resourceType']}/{resource['id']}  {_name(resource)}\n")
    sys.stdout.write(said("total", language, total=bundle.get("total", "?"), shown=len(matches)) + "\n")
    _print_coverage(coverage, language)


def _name(resource: dict[str, Any]) -> str:
    name = resource.get("name", "")
    return name if isinstance(name, str) else ""


def _print_coverage(header: str, language: Language) -> None:
    rows: tuple[Row, ...] = read_coverage(header)
    if rows:
        Screen(Console(file=sys.stdout), language).coverage(rows, {})


def _pair(parameter: str, language: Language) -> tuple[str, str]:
    name, separator, value = parameter.partition("=")
    if not separator or not name:
        _complain(said("bad_parameter", language, value=parameter))
        raise typer.Exit(MISUSE)
    return name, value


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in table.items():
        inner = isinstance(value, dict) and bool(value)
        flat += _flat(value, f"{prefix}{key}.") if inner else [(f"{prefix}{key}", value)]
    return flat


def _shown(value: object) -> str:
    return "-" if value is None else msgspec.json.encode(value).decode()


def _write_json(value: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def _complain(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
