"""`ror-gateway replica`: what operators read of the copies, beside the gateway that keeps them."""

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from sqlalchemy.exc import SQLAlchemyError

from gateway.command_texts import said
from gateway.configuration import Configuration
from gateway.messages import Language
from gateway.nomenclatures import screen
from gateway.replica.engines import ReplicaUnreadable, engine, refuse_missing
from gateway.replica.findings import Finding, findings
from mappings.rules.table import rules

MISUSE, OTHER_SIDE = 2, 3

_COLUMNS = (
    ("membre", "member"),
    ("règle", "rule"),
    ("objet", "object"),
    ("où", "where"),
    ("établissement", "establishment"),
    ("sorte", "kind"),
    ("gravité", "severity"),
    ("vu", "observed"),
    ("depuis", "since"),
    ("dernier", "last"),
    ("fois", "times"),
)


def add_replica(commands: typer.Typer, language: Language, loaded: Callable[[Path], Configuration]) -> None:
    """Add the `replica` commands; `loaded` reads the configuration, or leaves with its problems."""
    group = typer.Typer(help=said("replica", language), no_args_is_help=True)
    _add_findings(group, language, loaded)
    commands.add_typer(group, name="replica")


def _add_findings(group: typer.Typer, language: Language, loaded: Callable[[Path], Configuration]) -> None:
    @group.command("findings", help=said("replica_findings", language))
    def command(
        *,
        config: Annotated[Path, typer.Option("--config", help=said("config_option", language))],
        member: Annotated[str | None, typer.Option(help=said("replica_member_option", language))] = None,
        rule: Annotated[str | None, typer.Option(help=said("replica_rule_option", language))] = None,
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        if rule is not None and rule not in {one.id for one in rules()}:
            sys.stderr.write(said("replica_unknown_rule", language, value=rule) + "\n")
            raise typer.Exit(MISUSE)
        url = loaded(config).replica.url.get_secret_value()
        try:
            found = asyncio.run(read(url, member, rule))
        except ReplicaUnreadable as failure:
            sys.stderr.write(said("nomenclatures_replica_unreadable", language, cause=failure) + "\n")
            raise typer.Exit(OTHER_SIDE) from failure
        if json:
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
        else:
            screen.lines(_COLUMNS, map(_cells, found), language)
            sys.stdout.write(said("replica_findings_total", language, number=len(found)) + "\n")


async def read(url: str, member: str | None = None, rule: str | None = None) -> tuple[Finding, ...]:
    """What is kept; the schema is left as it is. Raises `ReplicaUnreadable`."""
    refuse_missing(url)
    reader = engine(url, begin="DEFERRED")
    try:
        async with reader.connect() as connection:
            return await connection.run_sync(lambda one: findings(one, member, rule))
    except SQLAlchemyError as error:
        raise ReplicaUnreadable(type(error).__name__) from error
    finally:
        await reader.dispose()


def _cells(found: Finding) -> tuple[object, ...]:
    return (
        found.member,
        found.rule,
        found.object,
        found.path,
        found.eg,
        found.kind.value,
        found.severity.value,
        found.observed.value,
        _day(found.first_at),
        _day(found.last_at),
        found.times,
    )


def _day(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="seconds")
