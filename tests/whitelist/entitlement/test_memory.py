"""What a profile is given does not depend on who asked before: what is remembered was written for the same content."""

from collections.abc import Callable
from itertools import permutations

import pytest

from mappings.csd.answers import write_document
from mappings.csd.version import Version
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.repertoire import Repertoire
from mappings.fhir.encoding import encode
from mappings.fhir.write import write
from mappings.loss import Ledger
from mappings.memory import FORGETFUL, Memory, of_value
from whitelist.entitlement import Norme, filter_repertoire


def in_fhir(whole: Repertoire, profil: ProfilAcces, memory: Memory) -> tuple[bytes, object]:
    allowed = filter_repertoire(whole, profil=profil, norme=Norme.FHIR).repertoire
    ledger = Ledger()
    return encode(write(allowed, ledger=ledger, memory=memory)), ledger.entries


def in_csd(whole: Repertoire, profil: ProfilAcces, memory: Memory) -> tuple[bytes, object]:
    allowed = filter_repertoire(whole, profil=profil, norme=Norme.CSD_3_0).repertoire
    ledger = Ledger()
    body = memory.of(
        lambda: (of_value(allowed), Version.V3_0),
        lambda apart: write_document(allowed, version=Version.V3_0, ledger=apart),
        owner="soap",
        ledger=ledger,
    )
    return body, ledger.entries


@pytest.mark.parametrize("written", [in_fhir, in_csd])
@pytest.mark.parametrize("sensible", [False, True], ids=["ordinary", "sensitive"])
@pytest.mark.parametrize("champ", ["01", "04"])
def test_every_profile_after_every_other_gets_what_it_gets_cold(
    witness: Callable[..., Repertoire],
    champ: str,
    sensible: bool,
    written: Callable[[Repertoire, ProfilAcces, Memory], tuple[bytes, object]],
) -> None:
    whole = witness(champ, sensible=sensible)
    cold = {profil: written(whole, profil, FORGETFUL) for profil in ProfilAcces}
    assert cold[ProfilAcces.P0] != cold[ProfilAcces.P1]

    for before, after in permutations(ProfilAcces, 2):
        memory = Memory(20_000_000)
        written(whole, before, memory)
        assert written(whole, after, memory) == cold[after]
        assert written(whole, before, memory) == cold[before]
