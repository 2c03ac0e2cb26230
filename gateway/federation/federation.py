"""The whole way of a question: plan, fan-out, selection and entitlement per member, merge, page."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from adapters.contract import Adapter
from adapters.deadline import Deadline
from gateway.federation.breaker import BreakerState
from gateway.federation.criteria import Centres, radius_communes
from gateway.federation.exchange import Answer, Exchange
from gateway.federation.fanout import Copy, FanOut, Limits, Window
from gateway.federation.merge import merge
from gateway.federation.paging import PageRequest, Position, seal, unseal
from gateway.federation.plan import Facts, Step, keys_to_locate, plan
from gateway.federation.releases import Releases, reader_of
from gateway.federation.rights import permitted
from gateway.federation.selection import around
from gateway.federation.settlement import Settled, settle
from gateway.federation.sight import Sight
from mappings.exposition.demandes import Recherche
from mappings.fhir.ids import is_hash
from mappings.nomenclatures.replacements import NOTHING_ACCEPTED, Acceptance, Pair
from whitelist.document import FederationDocument
from whitelist.entitlement import Norme, soap_profile_containing

_replace = msgspec.structs.replace


class Replicated(Copy, Protocol):
    """The replica as the federation sees it."""

    async def ages(self) -> dict[str, float]:
        """The age in seconds of each member's copy, for members wholly copied."""
        ...

    async def owners_of(self, keys: Sequence[str], sight: Sight) -> frozenset[str]:
        """The members that hold an object of one of those keys, of a kind that the caller always sees."""
        ...

    async def keys_of(self, fhir_ids: Sequence[str]) -> dict[str, str]:
        """The keys behind FHIR ids that do not read back, of the objects held there."""
        ...

    async def centres(self, communes: Sequence[str]) -> Centres:
        """Where those communes are, as far as the places held there say."""
        ...


class Federation:
    """The members behind one question.

    `adapters` has one entry per member code, the national adapter for a member cut over. `rights` says whether the
    caller of an exchange may ask a provider; unless given, the federation document does. `accepted` are the
    replacements of codes that experts accepted.
    """

    def __init__(
        self,
        document: FederationDocument,
        adapters: Mapping[str, Adapter],
        replica: Replicated,
        *,
        cursor_key: bytes,
        limits: Limits | None = None,
        accepted: Mapping[Pair, Acceptance] = NOTHING_ACCEPTED,
        rights: Callable[[FederationDocument, Exchange, str], bool] = permitted,
    ) -> None:
        self._document = document
        self._adapters = dict(adapters)
        self._replica = replica
        self._cursor_key = cursor_key
        self._rights = rights
        self._fanout = FanOut(replica, limits or Limits())
        self._releases = Releases(accepted)

    def serve(self, document: FederationDocument, adapters: Mapping[str, Adapter]) -> None:
        """Serve another document from the next exchange on; those under way end with the one they began with."""
        self._document, self._adapters = document, dict(adapters)

    @property
    def document(self) -> FederationDocument:
        """The federation document in force."""
        return self._document

    def breaker_states(self) -> dict[str, BreakerState]:
        """The state of each member's breaker, for operators."""
        return self._fanout.breaker_states()

    async def plan(self, exchange: Exchange, *, norme: Norme) -> tuple[Step, ...]:
        """What would be done with every member; nothing is sent to any."""
        sight = Sight(exchange.caller.profil, norme)
        facts = Facts(
            ages=await self._replica.ages(),
            owners=await self._replica.owners_of(keys_to_locate(exchange.demande), sight),
        )
        document, rights = self._document, self._rights
        return plan(
            exchange,
            document.members,
            {code: adapter.capabilities for code, adapter in self._adapters.items()},
            lambda provider: rights(document, exchange, provider),
            facts,
            sight=sight,
        )

    async def ask(
        self, exchange: Exchange, *, norme: Norme, deadline: Deadline, page: PageRequest | None = None
    ) -> Answer:
        """The answer of the federation in that standard, at the latest at the deadline.

        A page that cannot be resumed raises `CursorRefused`. Whether the answer may be served is told by `failed` and
        `complete`: a failure of members raises nothing.
        """
        document, adapters = self._document, self._adapters
        exchange = await self._resolved(exchange)
        after = unseal(page.cursor, exchange, key=self._cursor_key, now=time.time()) if page and page.cursor else None
        steps = await self.plan(exchange, norme=norme)
        centres = await self._centres(exchange)
        outcomes = await self._fanout.ask(
            exchange,
            steps,
            adapters,
            profil=soap_profile_containing(exchange.caller.profil),
            window=Window(after, page.limit + 1 if page else None, Sight(exchange.caller.profil, norme), centres),
            deadline=deadline,
        )
        reader = reader_of(exchange.caller, document)

        def answered() -> Answer:
            settled = [
                settle(outcome, step, exchange, norme, centres) for outcome, step in zip(outcomes, steps, strict=True)
            ]
            return self._answer(exchange, settled, page, after, reader)

        # What is only computed leaves the loop to the other exchanges.
        return await asyncio.to_thread(answered)

    async def _resolved(self, exchange: Exchange) -> Exchange:
        """The exchange with the keys behind the ids that only who holds the objects can read (decision 6)."""
        demande = exchange.demande
        if not isinstance(demande, Recherche):
            return exchange
        hashes = [key for key in (*demande.cles, *demande.organisations) if is_hash(key)]
        if not hashes:
            return exchange
        keys = await self._replica.keys_of(hashes)
        named = _replace(
            demande,
            cles=tuple(keys.get(key, key) for key in demande.cles),
            organisations=tuple(keys.get(key, key) for key in demande.organisations),
        )
        return _replace(exchange, demande=named)

    async def _centres(self, exchange: Exchange) -> Centres:
        if not isinstance(exchange.demande, Recherche):
            return {}
        communes = tuple(radius_communes(exchange.demande))
        return await self._replica.centres(communes) if communes else {}

    def _answer(
        self,
        exchange: Exchange,
        settled: Sequence[Settled],
        page: PageRequest | None,
        after: Position | None,
        reader: str,
    ) -> Answer:
        total = following = None
        if isinstance(exchange.demande, Recherche):
            total = sum(one.outcome.objects for one in settled) - _shared(settled)
            settled, last = cut(settled, exchange.demande, page, after)
            if last is not None:
                following = seal(last, exchange, key=self._cursor_key, now=time.time())
        carried = (self._releases.carried(one.outcome, reader) for one in settled)
        outcomes = tuple(sorted(carried, key=lambda outcome: outcome.member))
        merged = merge(outcomes)
        ordered = sorted(settled, key=lambda one: one.outcome.member)
        return Answer(
            exchange=exchange,
            outcomes=outcomes,
            repertoire=merged.repertoire,
            matches=tuple(dict.fromkeys(key for one in ordered for key in one.keys)),
            etablissements=merged.etablissements,
            losses=tuple(loss for outcome in outcomes for loss in outcome.losses) + merged.losses,
            total=total,
            next_cursor=following,
        )


def _shared(settled: Sequence[Settled]) -> int:
    """How many matches more than one member holds: they are one object each."""
    keys = [key for one in settled for key in one.keys]
    return len(keys) - len(set(keys))


def cut(
    settled: Sequence[Settled], recherche: Recherche, page: PageRequest | None, after: Position | None
) -> tuple[list[Settled], Position | None]:
    """The outcomes reduced to one page of their matches, and the position to resume after when more follow."""
    first: dict[str, Position] = {}
    for one in settled:
        for key in one.keys:
            here = Position(one.outcome.member, key)
            first[key] = min(first.get(key, here), here)
    waiting = sorted(position for position in first.values() if after is None or position > after)
    chosen = waiting[: page.limit] if page is not None else waiting
    keys = {position.key for position in chosen}
    paged = [
        Settled(
            _replace(one.outcome, repertoire=around(one.outcome.repertoire, keys & set(one.keys), recherche.objet)),
            tuple(key for key in one.keys if key in keys),
        )
        for one in settled
    ]
    return paged, chosen[-1] if chosen and len(waiting) > len(chosen) else None
