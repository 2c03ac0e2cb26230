"""`python -m gateway.extraction.worker`: one production, in a process that takes nothing from the service.

The configuration comes on standard input, one line of JSON; each event leaves as one line on standard output. It ends
with its parent: the end of its input is the end of the process, which leaves the archives in force as they were.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gateway import material, members
from gateway.configuration import Configuration, Extraction, parse
from gateway.extraction.production import Busy, Event, Production
from gateway.federation.releases import Releases
from gateway.replica.extracting import snapshot
from whitelist.document import FederationDocument, MemberState, MemberStatus

NICE = 10
BUSY = 3


def main() -> int:
    """Run one production; 3 when another is at work."""
    table = msgspec.json.decode(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(NICE)
    configuration = parse(table, base=Path.cwd())
    try:
        for event in produce(configuration, everything=False):
            sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
            sys.stdout.buffer.flush()
    except Busy:
        return BUSY
    return 0


def produce(configuration: Configuration, *, everything: bool) -> Iterator[Event]:
    """One production as the configuration wants it, of what is as old as its period or of everything.

    Raises `ConfigurationRefused` and `Busy`.
    """
    settings = of_configuration(configuration)
    fresh = 0.0 if everything else settings.period
    releases = Releases(material.nomenclatures(configuration))
    document = material.trust(configuration).document
    national = members.adapters(_cut_over(document), material.identity(configuration))
    with snapshot(configuration.replica.url.get_secret_value()) as connection:
        yield from Production(settings, document, connection, national, releases=releases, fresh=fresh).run()


def of_configuration(configuration: Configuration) -> Extraction:
    """The settings of the archives; raises `ConfigurationRefused` when there are none."""
    if configuration.extraction is None:
        raise material.refused("extraction", "réglage obligatoire absent", "mandatory setting missing")
    return configuration.extraction


def _cut_over(document: FederationDocument) -> FederationDocument:
    """The document with the members that the national ROR answers for."""
    kept = tuple(
        member
        for member in document.members
        if member.state is MemberState.NATIONAL and member.status is MemberStatus.ACTIVE
    )
    return msgspec.structs.replace(document, members=kept)


def _end_with_parent() -> None:
    while os.read(0, 1):  # below the buffer, whose lock would outlive this thread at the end
        pass
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
