"""The federation in small: members, adapters that are plain values at the seam, questions."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adapters.contract import Capabilities, MemberAnswer, Target
from adapters.deadline import Deadline
from adapters.errors import MemberFailure
from gateway.federation.exchange import Caller, Exchange, Requirements
from mappings.exposition.demandes import Demande, ProfilAcces, Recherche, Reponse, Transaction
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Metadonnee
from whitelist.document import FederationMember, MemberState

CONTRACT = frozenset(
    {Transaction.LECTURE_ETABLISSEMENT, Transaction.LECTURE_ORGANISATION_INTERNE, Transaction.NOTIFICATION}
)
READS = Capabilities(CONTRACT)
SEARCHES = Capabilities(
    CONTRACT | {Transaction.RECHERCHE}, criteria=frozenset({"activites", "territoires", "equipements"})
)


class Member(msgspec.Struct, frozen=True):
    """An adapter that gives one answer after a while, or fails; it keeps what it was asked."""

    code: str
    answer: Reponse | MemberFailure | Exception | Callable[[Demande], Reponse]
    after: float = 0.0
    truncated: bool = False
    capabilities: Capabilities = SEARCHES
    nomenclatures: str = "2026-09"
    asked: list[tuple[Demande, ProfilAcces]] = msgspec.field(default_factory=list)

    @property
    def target(self) -> Target:
        return Target(
            code=self.code,
            regions=(self.code,),
            solution="test",
            contract="2.4",
            endpoint="https://localhost",
            server_name="localhost",
            server_sha256=frozenset(),
            nomenclatures=self.nomenclatures,
        )

    async def ask(self, demande: Demande, *, profil: ProfilAcces, deadline: Deadline) -> MemberAnswer:
        self.asked.append((demande, profil))
        await asyncio.sleep(self.after)
        if isinstance(self.answer, Exception):
            raise self.answer
        reponse = self.answer(demande) if callable(self.answer) else self.answer
        return MemberAnswer(reponse, truncated=self.truncated)

    async def close(self) -> None:
        """Nothing is open."""


def federated(code: str, **changes: Any) -> FederationMember:
    """A regional, active member; 04 holds 06 too."""
    given = {
        "code": code,
        "name": code,
        "regions": ("04", "06") if code == "04" else (code,),
        "solution": "test",
        "contract": "2.4",
        "state": MemberState.REGIONAL,
    }
    return FederationMember(**{**given, **changes})


def exchange(demande: Demande, target: str = "FR", profil: ProfilAcces = ProfilAcces.P1, **demands: Any) -> Exchange:
    """A question of member 84."""
    return Exchange("x1", Caller("84", profil, "84"), target, demande, Requirements(**demands))


def offer(key: str, activity: str = "037", day: int = 1, **changes: Any) -> OffreOperationnelle:
    """An offer with one activity, changed on a day of January."""
    region = key.partition("/")[0]
    given = {
        "nom": key,
        "entite_geographique": f"1{region}0000001",
        "organisation": f"1{region}0000001",
        "champs_activite": (Code("R227", "02"),),
        "mode_prise_en_charge": Code("R213", "28"),
        "activites": (ActiviteOperationnelle(Code("R211", activity)),),
        "metadonnee": Metadonnee(date_mise_a_jour=datetime(2026, 1, day, tzinfo=UTC)),
    }
    return OffreOperationnelle(key, **{**given, **changes})


def directory(*offres: OffreOperationnelle) -> Repertoire:
    """Those offers and their sites."""
    sites = sorted({str(offre.entite_geographique) for offre in offres})
    return Repertoire(
        entites_geographiques=tuple(EntiteGeographique(site, denomination=site) for site in sites), offres=offres
    )


CARDIOLOGY = Recherche(activites=(Code("R211", "037"),))


class Kit:
    """The builders above, for the tests."""

    Member = Member
    READS, SEARCHES, CARDIOLOGY = READS, SEARCHES, CARDIOLOGY
    federated = staticmethod(federated)
    exchange = staticmethod(exchange)
    offer = staticmethod(offer)
    directory = staticmethod(directory)


@pytest.fixture
def kit() -> Any:
    return Kit
