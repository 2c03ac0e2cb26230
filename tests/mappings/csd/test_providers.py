"""Professionals: one of the model for several of the wire, and back."""

from typing import Any

import pytest

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.namespaces import csd
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.values import Code
from mappings.loss import Ledger
from tests.documents import wire
from tests.documents.wire import RECORD

LEVEL = '<confidentialityLevel code="1" codingScheme="1.2.250.1.213.1.1.4.344"/>'
TELECOM = (
    '<contactPoint><codedType code="2" codingScheme="1.2.250.1.213.3.3.1"/><equipment>+33 1</equipment></contactPoint>'
)


def status(mode: str, *, telecom: str = "", visit: str = "") -> str:
    coded = f'<exerciceModeInUnit code="{mode}" codingScheme="1.2.250.1.213.1.6.1.18"/>'
    flag = f"<homeVisit>{visit}</homeVisit>" if visit else ""
    return (
        f'<extension type="a" urn="b"><operationalStatus>{coded}{telecom}{flag}{RECORD}</operationalStatus></extension>'
    )


def provider(entity: str, unit: str, *, name: str = "FICTIF", extension: str = "", person: str = "") -> str:
    return (
        f'<provider entityID="{entity}">'
        '<otherID code="810000000019" assigningAuthorityName="1.2.250.1.71.4.2.1"/>'
        '<codedType code="10" codingScheme="1.2.250.1.71.1.2.7"/>'
        f"<demographic><name><commonName>{name}</commonName></name>{person}</demographic>"
        f'<organizations><organization entityID="EG-1"/></organizations>'
        f'<facilities><facility entityID="{unit}"/></facilities>{extension}{RECORD}</provider>'
    )


def two_units(*providers: str, after: str = "<sensitiveUnit>false</sensitiveUnit>") -> Any:
    return wire.document(wire.facility("A", after=after), wire.facility("B", after=after), providers="".join(providers))


def read(document: Any, version: Version) -> tuple[Any, list[str]]:
    ledger = Ledger()
    repertoire = read_document(document, version=version, dialect=Dialect(), ledger=ledger)
    return repertoire, [loss.rule for loss in ledger.entries]


def write(repertoire: Any, version: Version) -> tuple[Any, list[str]]:
    ledger = Ledger()
    written = parse(write_document(repertoire, version=version, ledger=ledger))
    schema(version).assertValid(written)
    return written, [loss.rule for loss in ledger.entries]


@pytest.mark.parametrize("version", [Version.V2_4, Version.V3_0])
def test_one_professional_in_two_units_is_one_object_and_two_entries(version: Version) -> None:
    document = two_units(provider("X", "A", extension=status("L")), provider("Y", "B", extension=status("S")))

    repertoire, noted = read(document, version)
    written, _ = write(repertoire, version)

    (person,) = repertoire.professionnels
    assert noted == []
    assert person.offres == ("84/A", "84/B")
    assert [(one.mode_exercice.code, one.offres) for one in person.situations] == [("L", ("84/A",)), ("S", ("84/B",))]
    assert read(written, version)[0].professionnels == repertoire.professionnels
    assert [one.get("entityID") for one in written.iterfind(".//{*}provider")] == ["PS-1", "PS-2"]


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(["A", "B "], id="the second without situation"),
        pytest.param(["A ", "B"], id="the first without situation"),
        pytest.param(["A", "B", "C "], id="two situations, a third unit without"),
    ],
)
def test_a_unit_without_situation_stays_so(entries: list[str]) -> None:
    providers = (
        provider(name, name.strip(), extension="" if " " in name else status("L", telecom="")) for name in entries
    )
    document = wire.document(
        *(wire.facility(name, after="<sensitiveUnit>false</sensitiveUnit>") for name in "ABC"),
        providers="".join(providers),
    )

    repertoire, _ = read(document, Version.V3_0)
    back, _ = read(write(repertoire, Version.V3_0)[0], Version.V3_0)

    (person,), (again,) = repertoire.professionnels, back.professionnels
    assert {*again.offres} == {f"84/{name.strip()}" for name in entries}
    assert again.situations == person.situations


@pytest.mark.parametrize("second", ["", '<local xmlns="">a</local>'], ids=["on one entry", "on both"])
def test_an_addition_to_a_professional_is_one_whatever_the_entries(second: str) -> None:
    local = '<local xmlns="">a</local></extension>'
    document = two_units(
        provider("X", "A", extension=status("L").replace("</extension>", local)),
        provider("Y", "B", extension=status("S").replace("</extension>", f"{second}</extension>")),
    )

    repertoire, _ = read(document, Version.V3_0)
    back, _ = read(write(repertoire, Version.V3_0)[0], Version.V3_0)

    assert [ajout.contenu for ajout in repertoire.professionnels[0].ajouts] == ["<local>a</local>"]
    assert back.professionnels == repertoire.professionnels


def test_an_addition_that_an_entry_makes_twice_stays_two() -> None:
    address = "<address><addressLine/></address>"
    entries = (provider(name, unit, person=address * 2) for name, unit in (("X", "A"), ("Y", "B")))

    repertoire, _ = read(two_units(*entries, after=""), Version.V1_6)
    written, noted = write(repertoire, Version.V1_6)

    (person,) = repertoire.professionnels
    assert [ajout.chemin for ajout in person.ajouts] == ["demographic"] * 2
    assert {len(one.findall(f"{csd('demographic')}/{csd('address')}")) for one in written.iter(csd("provider"))} == {2}
    assert [rule for rule in noted if "addition" in rule] == []


def test_two_entries_that_disagree_on_the_person_are_noted() -> None:
    document = two_units(provider("X", "A"), provider("Y", "B", name="AUTRE"))

    repertoire, noted = read(document, Version.V2_4)

    assert repertoire.professionnels[0].noms_exercice[0].nom == "FICTIF"
    assert noted == ["csd-2.4.provider.joined"]


def test_a_unit_that_the_document_lacks_is_noted() -> None:
    repertoire, noted = read(two_units(provider("X", "NOWHERE")), Version.V2_4)

    assert repertoire.professionnels[0].offres == ()
    assert noted == ["csd-2.4.reference.dangling"]


def test_the_telecoms_of_a_person_of_1_6_are_those_of_the_situation() -> None:
    repertoire, _ = read(two_units(provider("X", "A", person=TELECOM), after=""), Version.V1_6)

    written, noted = write(repertoire, Version.V2_4)

    assert repertoire.professionnels[0].situations[0].telecommunications[0].adresse_telecom == "+33 1"
    assert written.findtext(".//{*}operationalStatus/{*}contactPoint/{*}equipment") == "+33 1"
    assert "csd-2.4.default.exerciceModeInUnit" in noted
    assert write(repertoire, Version.V1_6)[0].findtext(".//{*}person/../{*}contactPoint/{*}equipment") is None
    assert write(repertoire, Version.V1_6)[0].findtext(".//{*}demographic/{*}contactPoint/{*}equipment") == "+33 1"


def test_1_6_has_no_place_for_a_situation() -> None:
    repertoire, _ = read(two_units(provider("X", "A", extension=status("L"))), Version.V2_4)

    _, noted = write(repertoire, Version.V1_6)

    assert "csd-1.6.operationalStatus.mode_exercice" in noted


def test_home_visits_become_a_home_mode_of_the_unit() -> None:
    repertoire, _ = read(two_units(provider("X", "A", extension=status("L", visit="true"))), Version.V2_4)

    written, noted = write(repertoire, Version.V3_0)

    back, _ = read(written, Version.V3_0)
    assert [offre.modalites_accueil for offre in back.offres] == [(Code("R338", "05"),), ()]
    assert noted == ["csd-3.0.home-mode.home-visit"]


@pytest.mark.parametrize(
    ("other", "rules"),
    [(RECORD, []), (RECORD.replace("2025", "2026"), ["csd-3.0.provider.record"])],
    ids=["the same", "another"],
)
def test_the_record_of_a_second_entry_is_told_when_it_says_something_else(other: str, rules: list[str]) -> None:
    second = provider("Y", "B").replace(RECORD, other)

    repertoire, noted = read(two_units(provider("X", "A"), second), Version.V3_0)

    (found,) = repertoire.professionnels
    assert (found.metadonnee.date_mise_a_jour.year, found.offres) == (2025, ("84/A", "84/B"))
    assert noted == rules


@pytest.mark.parametrize("version", [Version.V1_6, Version.V2_4, Version.V3_0])
def test_a_professional_without_a_name_is_written_with_an_empty_one(version: Version) -> None:
    entry = provider("P1", "A").replace("<name><commonName>FICTIF</commonName></name>", "<name/>")

    repertoire, _ = read(two_units(entry), version)
    written, noted = write(repertoire, version)

    assert written.findtext(f".//{csd('demographic')}/{csd('name')}/{csd('commonName')}") == ""
    assert [rule for rule in noted if "name" in rule.lower()] == [
        f"csd-{version}.default.name",
        f"csd-{version}.default.commonName",
    ]
