"""What every adapter is: one folder per solution, three lines each, the same words."""

import ssl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from adapters.deadline import Deadline
from mappings.exposition.demandes import Demande, ProfilAcces, Reponse, Transaction
from mappings.exposition.repertoire import Objet
from mappings.fhir.conforming import Mode
from mappings.loss import Ledger, Loss
from mappings.shelf import Shelves


class Capabilities(msgspec.Struct, frozen=True):
    """What a solution can do. `criteria` names the fields of `Recherche` its own search understands; `search_cap` is
    the number of units at which its search stops; `maximum_readings` how many establishments a live search may read.
    """

    transactions: frozenset[Transaction]
    criteria: frozenset[str] = frozenset()
    search_cap: int | None = None
    maximum_readings: int = 0


CONTRACT_INTERFACE = "soap-csd"
SEARCH_INTERFACE = "search-2016"
"""Alone, it is a base that only searches, of the contract `2016`."""
EXTRACTION_INTERFACE = "extraction"
"""Its `version` is the segment of the address (contract section 9: `V1` by default)."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One member as its adapter sees it, from the federation document.

    `endpoint` is the base of its addresses, `server_name` the DNS name its certificate must carry, `server_sha256` the
    fingerprints of the server certificates listed for it (hex), `interfaces` those its entry lists, `options` the
    habits declared there (`adapters.options`), `extraction` the segment of its archives, `nomenclatures` the
    publication of the NOS by which its codes are judged (None: the newest held), `validation` what is done with
    resources that break the national profiles, when the member answers in FHIR.
    """

    code: str
    regions: tuple[str, ...]
    solution: str
    contract: str
    endpoint: str
    server_name: str
    server_sha256: frozenset[str]
    token_endpoint: str | None = None
    client_id: str | None = None
    interfaces: frozenset[str] = frozenset()
    options: dict[str, str] = {}
    extraction: str | None = None
    nomenclatures: str | None = None
    validation: Mode = Mode.OFF


class MemberAnswer(msgspec.Struct, frozen=True):
    """What a member answered, in the model: the answer, what could not be read of it, and whether a cap cut it."""

    reponse: Reponse
    losses: tuple[Loss, ...] = ()
    truncated: bool = False


class Extracted(Protocol):
    """The whole offer of a member as an archive gave it, verified before its first object is read.

    `stamp` is the instant it is of, at the earliest. An establishment stands whole in one of the `files`.
    """

    @property
    def stamp(self) -> datetime: ...

    @property
    def files(self) -> tuple[Path, ...]: ...

    def objects(self, file: Path, *, ledger: Ledger, shelves: Shelves) -> Iterator[Objet]:
        """Every object of one of the files; raises `MemberAnswerInvalid`."""
        ...


class Adapter(Protocol):
    """The conversation with one member in its solution's dialect."""

    @property
    def target(self) -> Target: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def ask(self, demande: Demande, *, profil: ProfilAcces, deadline: Deadline) -> MemberAnswer:
        """The member's answer. `profil` is the access profile the gateway asserts (contract section 11).

        Raises a `MemberFailure`; an `ErreurContrat` inside the answer is a functional refusal, not a failure.
        """
        ...

    async def extract(self, folder: Path, *, profil: ProfilAcces) -> Extracted:
        """The archive of a profile, downloaded to a folder and verified; raises a `MemberFailure`."""
        ...

    async def verify_contract(self, deadline: Deadline) -> str | None:
        """A stable token of what is wrong with the contract the member publishes, asked at the start; None when nothing
        is. A member that is down is such a finding, not a failure.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class Identity(msgspec.Struct, frozen=True):
    """Who the gateway is toward members: its TLS context (its client certificate, the pinned trust) and its DN."""

    context: ssl.SSLContext
    issuer_dn: str
    structure: str
