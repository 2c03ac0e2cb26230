"""Documents that nobody wrote, translated with a memory: what comes out, and what is told, is what comes out cold."""

import os
from collections.abc import Iterator
from datetime import date
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.lieu import Lieu, LieuRealisationOffre
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.professionnel import Professionnel, SituationOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.fhir.bundle import searchset
from mappings.fhir.conforming import Mode, Passage, held
from mappings.fhir.encoding import decode, encode
from mappings.fhir.includes import select
from mappings.fhir.read import read
from mappings.fhir.search import read_search
from mappings.fhir.write import encoded, write
from mappings.fhir.xml import to_xml
from mappings.loss import Ledger
from mappings.memory import FORGETFUL, Memory, of_bytes, of_value
from tests.documents.builder import drawn, rich_document

VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
DAYS = (date(2024, 1, 1), date.max)
PROFILE = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "short")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
_replace = msgspec.structs.replace

Told = tuple[Any, ...]


def ledger_of(ledger: Ledger) -> Told:
    return ledger.entries, ledger.unverifiable


def entered(data: bytes, version: Version, at: date, memory: Memory) -> tuple[Repertoire, Told]:
    """The directory of a document and what was told, as the conversation with a member reads it."""
    ledger = Ledger()
    found = memory.of(
        lambda: (of_bytes(data), version, Dialect(), at),
        lambda apart: read_document(parse(data), version=version, dialect=Dialect(), ledger=apart, at=at),
        owner="84",
        ledger=ledger,
    )
    return found, ledger_of(ledger)


def left(repertoire: Repertoire, memory: Memory) -> Iterator[tuple[bytes, Told]]:
    """The directory in FHIR and in every version, and what was told, as the doors write it."""
    ledger = Ledger()
    resources = write(repertoire, ledger=ledger, memory=memory, finish=encoded)
    yield b"".join(one.body for one in resources.values()), ledger_of(ledger)
    for version in VERSIONS:
        for at in DAYS:
            yield _written(repertoire, version, at, memory)


def _written(repertoire: Repertoire, version: Version, at: date, memory: Memory) -> tuple[bytes, Told]:
    ledger = Ledger()
    body = memory.of(
        lambda: (of_value(repertoire), version, at),
        lambda apart: write_document(repertoire, version=version, ledger=apart, at=at),
        owner="soap",
        ledger=ledger,
    )
    return body, ledger_of(ledger)


def translated(data: bytes, version: Version, memory: Memory) -> list[Told]:
    """Everything that can be made of a document."""
    made: list[Told] = []
    for at in DAYS:
        repertoire, told = entered(data, version, at, memory)
        made += [(told,), *left(repertoire, memory)]
    return made


@pytest.mark.parametrize("version", VERSIONS)
@PROFILE
@given(data=st.data())
def test_what_is_remembered_is_what_is_made(version: Version, data: st.DataObject) -> None:
    document = etree.tostring(data.draw(drawn(version)))
    memory, narrow = Memory(50_000_000), Memory(200_000)

    cold = translated(document, version, FORGETFUL)

    assert translated(document, version, memory) == cold
    misses = memory.counts.misses
    assert translated(document, version, memory) == cold
    assert memory.counts.misses == misses
    # One that forgets all the time: some there, some not.
    assert translated(document, version, narrow) == cold
    assert translated(document, version, narrow) == cold
    assert narrow.counts.weight <= 200_000


@pytest.mark.parametrize("version", VERSIONS)
def test_what_changed_is_made_and_nothing_else(version: Version) -> None:
    """Of an offer, of what stands above it, of who works in it: the resources of all that depends on it."""
    memory = Memory(50_000_000)
    whole, _ = entered(etree.tostring(rich_document(version)), version, date.max, FORGETFUL)
    write(whole, ledger=Ledger(), memory=memory)

    for changed in changes(whole):
        cold, warm = Ledger(), Ledger()
        expected = encode(write(changed, ledger=cold))
        assert encode(write(changed, ledger=warm, memory=memory)) == expected
        assert ledger_of(warm) == ledger_of(cold)
    assert memory.counts.hits > 0


def changes(whole: Repertoire) -> Iterator[Repertoire]:
    """The directory with one thing otherwise, here or beside what is written."""
    first, *others = whole.offres
    yield _replace(whole, offres=(_replace(first, nom="autrement"), *others))
    yield _replace(whole, offres=tuple(others))
    yield _replace(whole, offres=tuple(_moved(offre) for offre in whole.offres))
    yield _replace(whole, entites_geographiques=())
    yield _replace(whole, entites_juridiques=())
    yield _replace(whole, organisations_internes=())
    yield _replace(
        whole,
        entites_geographiques=tuple(
            _replace(site, habilitation_soins_sans_consentement=True, lieu=None) for site in whole.entites_geographiques
        ),
    )
    # A key that was that of a site is that of a legal entity only.
    yield _replace(
        whole,
        entites_juridiques=tuple(
            _replace(whole.entites_juridiques[0], cle=site.cle) for site in whole.entites_geographiques
        ),
        entites_geographiques=(),
    )
    yield _replace(
        whole,
        professionnels=tuple(
            _replace(
                person,
                situations=tuple(_replace(situation, visite_domicile=True) for situation in person.situations),
            )
            for person in whole.professionnels
        ),
    )
    yield _replace(whole, professionnels=tuple(_replace(person, offres=()) for person in whole.professionnels))


def _moved(offre: OffreOperationnelle) -> OffreOperationnelle:
    return _replace(offre, entite_geographique="1999999999", organisation=None)


def test_no_later_step_changes_what_is_shared() -> None:
    """What was kept of resources goes the whole way of the door, in JSON and in XML, and is read again."""
    memory = Memory(50_000_000)
    data = etree.tostring(rich_document(Version.V3_0))
    repertoire, _ = entered(data, Version.V3_0, date.max, memory)
    kept = write(repertoire, ledger=Ledger(), memory=memory, finish=encoded)
    before = encode(kept)

    resources = {reference: decode(one.body) for reference, one in kept.items()}
    read(resources, ledger=Ledger())
    sent = held(resources, Mode.REPORT, Passage.OUT, ledger=Ledger())
    asked = read_search("HealthcareService", [("_include", "*"), ("_revinclude", "*")], strict=False)
    matches = [reference for reference in sent if reference.startswith("HealthcareService/")]
    included = select({reference: one.links for reference, one in kept.items()}, matches, asked.directives)
    others = [reference for reference in sent if reference not in matches]
    bundle = searchset(
        base="https://ror.example",
        request=asked,
        matches={one: sent[one] for one in matches},
        included={one: sent[one] for one in others},
        total=len(matches),
    )
    assert included
    assert len(bundle["entry"]) == len(resources)
    encode(bundle)
    to_xml(bundle)
    again = write(repertoire, ledger=Ledger(), memory=memory, finish=encoded)

    assert all(again[reference] is one for reference, one in kept.items())
    assert encode(again) == encode(kept) == before


KEY = "1999999999"
BARE = OffreOperationnelle(
    cle="84/UE-0001",
    organisation=KEY,
    entite_geographique=KEY,
    champs_activite=(Code("R227", "03"),),
    lieux=(LieuRealisationOffre(cle="84/L-1", lieu=Lieu()),),
)
SITE = EntiteGeographique(cle=KEY)
BESIDE = {
    "a site that is not known": Repertoire(offres=(BARE,)),
    "a site": Repertoire(offres=(BARE,), entites_geographiques=(SITE,)),
    "its commune": Repertoire(
        offres=(BARE,), entites_geographiques=(_replace(SITE, lieu=Lieu(commune_cog=Code("R13", "69381"))),)
    ),
    "its habilitation": Repertoire(
        offres=(BARE,), entites_geographiques=(_replace(SITE, habilitation_soins_sans_consentement=True),)
    ),
    "a legal entity": Repertoire(offres=(BARE,), entites_juridiques=(EntiteJuridique(cle=KEY),)),
    "a legal entity of the same key": Repertoire(
        offres=(BARE,), entites_juridiques=(EntiteJuridique(cle=KEY),), entites_geographiques=(SITE,)
    ),
    "a professional who visits": Repertoire(
        offres=(BARE,),
        professionnels=(
            Professionnel(
                cle="810000000001",
                offres=(BARE.cle,),
                situations=(SituationOperationnelle(visite_domicile=True, offres=(BARE.cle,)),),
            ),
        ),
    ),
}


@pytest.mark.parametrize(("before", "after"), tuple(permutations(BESIDE, 2)))
def test_an_offer_is_written_again_when_what_stands_beside_it_is_not_the_same(before: str, after: str) -> None:
    memory = Memory(50_000_000)
    cold, warm = Ledger(), Ledger()
    expected = encode(write(BESIDE[after], ledger=cold))

    write(BESIDE[before], ledger=Ledger(), memory=memory)

    assert encode(write(BESIDE[after], ledger=warm, memory=memory)) == expected
    assert ledger_of(warm) == ledger_of(cold)
