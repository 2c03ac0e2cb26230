"""The adapter of every solution that differs by its declaration alone: `manifest.toml` says what it can do and how it
speaks, README.md says it in prose. A solution whose behaviour is new has an adapter of its own in its folder.
"""

from pathlib import Path

import msgspec

from adapters.contract import Capabilities, Identity, MemberAnswer, Target
from adapters.deadline import Deadline
from adapters.extraction import Archive, extract
from adapters.live_search import live_search
from adapters.manifest import Manifest
from adapters.soap_client import SoapClient
from adapters.wsdl import verify
from mappings.exposition.demandes import Demande, ProfilAcces, Recherche, Transaction
from mappings.memory import FORGETFUL, Memory


class DeclaredAdapter:
    """The conversation with one member as its manifest declares it."""

    def __init__(self, target: Target, identity: Identity, manifest: Manifest, memory: Memory = FORGETFUL) -> None:
        self._client = SoapClient(target, identity, manifest, memory)

    @property
    def target(self) -> Target:
        """The member."""
        return self._client.target

    @property
    def capabilities(self) -> Capabilities:
        """What the solution can do, and the member offers."""
        able = self._client.manifest.capabilities
        if self.target.extraction is None:
            return msgspec.structs.replace(able, transactions=able.transactions - {Transaction.EXTRACTION})
        return able

    async def ask(self, demande: Demande, *, profil: ProfilAcces, deadline: Deadline) -> MemberAnswer:
        """The member's answer; raises a `MemberFailure`."""
        if isinstance(demande, Recherche):
            return await live_search(self._client, demande, profil=profil, deadline=deadline)
        return await self._client.ask(demande, profil=profil, deadline=deadline)

    async def extract(self, folder: Path, *, profil: ProfilAcces) -> Archive:
        """The archive of the member, verified; raises a `MemberFailure`."""
        client = self._client
        return await extract(client.transport, client.manifest, client.target, folder, profil=profil, at=client.at)

    async def verify_contract(self, deadline: Deadline) -> str | None:
        """What is wrong with the contract the member publishes; None when nothing is."""
        return await verify(self._client, deadline)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
