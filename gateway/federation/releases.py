"""Which publication of the NOS each side of an answer works with, and its codes carried from one to the other.

A member's codes are those of its own publication, a caller gets those of its own: the federation document says which.
"""

from collections.abc import Mapping

import msgspec

from gateway.federation.exchange import Caller, Outcome
from mappings.loss import Ledger
from mappings.nomenclatures.catalogue import current
from mappings.nomenclatures.replacements import Acceptance, Pair
from mappings.nomenclatures.transposition import Transposition
from whitelist.document import FederationDocument


def reader_of(caller: Caller, document: FederationDocument) -> str:
    """The publication of a caller: that of its region, or of its client."""
    if caller.member is not None:
        return document.nomenclatures_of(document.member(caller.member))
    return document.nomenclatures_of(document.client(caller.id))


class Releases:
    """The passages between publications, each made once: it is asked for at every answer."""

    def __init__(self, accepted: Mapping[Pair, Acceptance]) -> None:
        self._accepted = accepted
        self._passages: dict[tuple[str, str], Transposition] = {}

    def carried(self, outcome: Outcome, reader: str) -> Outcome:
        """An outcome whose codes are those of its reader's publication, with what could not be carried."""
        source = outcome.nos if outcome.nos is not None else reader
        ledger = Ledger()
        repertoire = self._passage(source, reader).directory(outcome.repertoire, ledger)
        if not len(ledger):
            return outcome
        return msgspec.structs.replace(outcome, repertoire=repertoire, losses=outcome.losses + ledger.entries)

    def _passage(self, source: str, reader: str) -> Transposition:
        known = self._passages.get((source, reader))
        if known is None:
            days = current().day(source), current().day(reader)
            known = self._passages[source, reader] = Transposition(*days, self._accepted)
        return known
