"""`ror-gateway extraction`: what operators do with the archives, beside the gateway that serves them."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from sqlalchemy.exc import SQLAlchemyError

from gateway.command_texts import said
from gateway.configuration import Configuration
from gateway.errors import ConfigurationRefused
from gateway.extraction.catalogue import Catalogue, Manifest
from gateway.extraction.production import Busy, Event
from gateway.extraction.worker import of_configuration, produce
from gateway.messages import Language
from gateway.nomenclatures import screen
from gateway.replica.engines import ReplicaUnreadable, refuse_missing

NO, OTHER_SIDE = 1, 3

Loaded = Callable[[Path], Configuration]
Refused = Callable[[ConfigurationRefused], typer.Exit]

_ARCHIVES = (
    ("version", "version"),
    ("membre", "member"),
    ("profil", "profile"),
    ("nom", "name"),
    ("produite", "produced"),
    ("fichiers", "files"),
    ("octets", "bytes"),
    ("offres", "offers"),
    ("pertes", "losses"),
)


class Held(msgspec.Struct, frozen=True):
    """An archive in force, as it is told: where it lies, and what it holds."""

    version: str
    member: str
    profile: str
    name: str
    produced: str
    files: int
    bytes: int
    offers: int
    losses: int
    path: str


def add_extraction(commands: typer.Typer, language: Language, loaded: Loaded, refused: Refused) -> None:
    """Add the `extraction` commands; `loaded` reads the configuration, `refused` tells what it lacks."""
    group = typer.Typer(help=said("extraction", language), no_args_is_help=True)
    _add_list(group, language, loaded, refused)
    _add_produce(group, language, loaded, refused)
    commands.add_typer(group, name="extraction")


def _add_list(group: typer.Typer, language: Language, loaded: Loaded, refused: Refused) -> None:
    @group.command("list", help=said("extraction_list", language))
    def command(
        config: Annotated[Path, typer.Option("--config", help=said("config_option", language))],
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        try:
            catalogue = Catalogue(of_configuration(loaded(config)).directory)
        except ConfigurationRefused as error:
            raise refused(error) from error
        held = [_held(catalogue, manifest) for manifest in catalogue.all()]
        if json:
            _write_json(held)
            return
        screen.lines(_ARCHIVES, [msgspec.structs.astuple(one)[:-1] for one in held], language)
        sys.stdout.write(said("extraction_list_total", language, number=len(held)) + "\n")


def _held(catalogue: Catalogue, manifest: Manifest) -> Held:
    return Held(
        version=manifest.key.version.value,
        member=manifest.key.target,
        profile=manifest.key.profil,
        name=manifest.download_name,
        produced=datetime.fromtimestamp(manifest.produced_at, UTC).isoformat(timespec="seconds"),
        files=manifest.files,
        bytes=manifest.bytes,
        offers=sum(share.offers for share in manifest.shares),
        losses=sum(share.losses for share in manifest.shares),
        path=str(catalogue.path(manifest)),
    )


def _add_produce(group: typer.Typer, language: Language, loaded: Loaded, refused: Refused) -> None:
    @group.command("produce", help=said("extraction_produce", language))
    def command(
        config: Annotated[Path, typer.Option("--config", help=said("config_option", language))],
        due: Annotated[bool, typer.Option("--due", help=said("extraction_due_option", language))] = False,
        json: Annotated[bool, typer.Option("--json", help=said("json_option", language))] = False,
    ) -> None:
        events = []
        try:
            for event in _produced(loaded(config), everything=not due):
                events.append(event)
                if not json:
                    _tell(event, language)
        except ConfigurationRefused as error:
            raise refused(error) from error
        except Busy:
            _leave(said("extraction_busy", language))
        except ReplicaUnreadable as failure:
            _leave(said("nomenclatures_replica_unreadable", language, cause=failure))
        except SQLAlchemyError as failure:
            _leave(said("nomenclatures_replica_unreadable", language, cause=type(failure).__name__))
        if json:
            _write_json(events)
        if any(event.event == "kept" for event in events):
            raise typer.Exit(NO)


def _produced(configuration: Configuration, *, everything: bool) -> Iterator[Event]:
    refuse_missing(configuration.replica.url.get_secret_value())
    yield from produce(configuration, everything=everything)


def _tell(event: Event, language: Language) -> None:
    facts = {name: getattr(event, name) for name in event.__struct_fields__}
    sys.stdout.write(said(f"extraction_{event.event}", language, **facts) + "\n")
    sys.stdout.flush()


def _leave(sentence: str) -> NoReturn:
    sys.stderr.write(sentence + "\n")
    raise typer.Exit(OTHER_SIDE)


def _write_json(value: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")
