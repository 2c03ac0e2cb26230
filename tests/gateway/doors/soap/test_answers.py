"""What is written in the body of a message, with a memory and without: the same bytes, the same losses."""

from datetime import date
from itertools import product

import pytest

from gateway.doors.soap.answers import NOTHING_FOUND, body_of
from mappings.csd.version import Version
from mappings.exposition.demandes import EtablissementModifie, Reponse, ReponseNotification, ReponseOffres
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger
from mappings.memory import FORGETFUL, Memory

SITE = "1019999991"
DAYS = (date(2019, 1, 1), date(2024, 1, 1), date(2026, 11, 1))


def offers(name: str) -> ReponseOffres:
    # The value sets of these codes changed: what is told of them depends on the day of the reader.
    offre = OffreOperationnelle(
        "84/UE-1",
        nom=name,
        entite_geographique=SITE,
        activites=(ActiviteOperationnelle(Code("R211", "048")),),
        actes_specifiques=(Code("R210", "048"),),
    )
    return ReponseOffres(Repertoire(entites_geographiques=(EntiteGeographique(SITE),), offres=(offre,)))


ANSWERS: dict[str, Reponse] = {
    "offers": offers("Unité"),
    "other offers": offers("unité"),
    "nothing": ReponseOffres(Repertoire()),
    "refusal": NOTHING_FOUND,
}
CONTRACT = [version for version in Version if version is not Version.V2016]


def test_what_is_remembered_is_what_is_written() -> None:
    memory = Memory(10_000_000)
    cases = list(product(ANSWERS.values(), Version, DAYS))

    for _ in range(2):
        for reponse, version, at in cases:
            cold, warm = Ledger(), Ledger()
            expected = body_of(reponse, version, at=at, ledger=cold, memory=FORGETFUL)
            assert body_of(reponse, version, at=at, ledger=warm, memory=memory) == expected
            assert warm.entries == cold.entries

    assert (memory.counts.misses, memory.counts.hits) == (len(cases), len(cases))


def test_the_day_of_the_reader_decides_of_what_is_told() -> None:
    told = set()
    for at in DAYS:
        ledger = Ledger()
        body_of(ANSWERS["offers"], Version.V3_0, at=at, ledger=ledger, memory=FORGETFUL)
        told.add((ledger.entries, ledger.unverifiable))

    assert len(told) > 1


@pytest.mark.parametrize("version", CONTRACT)
def test_a_notification_is_remembered_too(version: Version) -> None:
    memory = Memory(10_000_000)
    reponse = ReponseNotification((EtablissementModifie(SITE, (Code("R227", "02"),)),), 1)

    bodies = [body_of(reponse, version, at=date.max, ledger=Ledger(), memory=memory) for _ in range(2)]

    assert bodies[0] == bodies[1]
    assert SITE[1:].encode() in bodies[0]
    assert memory.counts.hits == 1
