"""Which offers hold a code that a release ended, relabelled or took out of a value set."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from gateway.nomenclatures.occurrences import in_model
from gateway.replica.engines import ReplicaUnreadable, engine, refuse_missing
from gateway.replica.payload import directory
from gateway.replica.tables import object_
from mappings.exposition.repertoire import Objet
from mappings.exposition.values import Code
from mappings.nomenclatures.differences import Change, Difference
from mappings.nomenclatures.replacements import Acceptance, Pair, replace


class Changed(msgspec.Struct, frozen=True):
    """What a release did to a code; `replacement` is the one that may be applied (`R30 44`), if any."""

    changes: tuple[Change, ...]
    replacement: str | None


Touching = dict[tuple[str, str], Changed]


class Touched(msgspec.Struct, frozen=True):
    """One code of one object that changed; `source` is the file, or the member of the replica, that holds it."""

    source: str
    kind: str
    key: str
    path: str
    system: str
    code: str
    changes: tuple[Change, ...]
    replacement: str | None


def changed_codes(found: Difference, at: date, accepted: Mapping[Pair, Acceptance]) -> Touching:
    """The codes that someone may hold and that changed, with the replacement that may be applied on a day."""
    return {
        (system, code): Changed(changes, _replacement(Code(system, code), at, accepted))
        for (system, code), changes in found.touching().items()
    }


def _replacement(code: Code, at: date, accepted: Mapping[Pair, Acceptance]) -> str | None:
    applied = replace(code, at, accepted=accepted)
    return f"{applied.new.systeme} {applied.new.code}" if applied is not None else None


def touched(source: str, objets: Iterable[Objet], touching: Touching) -> Iterator[Touched]:
    """The codes of these objects that changed, each place once."""
    for objet in objets:
        found = {(path, code.cle): touching[code.cle] for path, code in in_model(objet) if code.cle in touching}
        for (path, (system, code)), changed in found.items():
            place = (source, type(objet).__name__, objet.cle, path)
            yield Touched(*place, system, code, changed.changes, changed.replacement)


async def touched_in_replica(url: str, touching: Touching) -> AsyncIterator[Touched]:
    """The codes that changed in every copy, object by object; raises `ReplicaUnreadable`.

    The schema is left as it is: a replica of another version is not readable, and that is told.
    """
    refuse_missing(url)
    reader = engine(url, begin="DEFERRED")
    wanted = select(object_.c.member, object_.c.kind, object_.c.key, object_.c.payload).order_by(
        object_.c.member, object_.c.kind, object_.c.key, object_.c.eg
    )
    seen = None
    try:
        async with reader.connect() as connection, connection.stream(wanted) as rows:
            async for row in rows:
                if (row.member, row.kind, row.key) == seen:
                    continue
                seen = (row.member, row.kind, row.key)
                for one in touched(row.member, directory([(row.kind, row.payload)]).objets(), touching):
                    yield one
    except SQLAlchemyError as error:
        raise ReplicaUnreadable(type(error).__name__) from error
    finally:
        await reader.dispose()
