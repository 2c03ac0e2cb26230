"""Who stands above whom, in every style a source may write (contract section 15.2)."""

from typing import Any

import pytest

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect, Hierarchie
from mappings.csd.namespaces import csd
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.repertoire import Repertoire
from mappings.loss import Ledger
from tests.documents import wire

EG = "1019999991"


def read(document: Any, style: Hierarchie | None = None) -> tuple[Repertoire, Ledger]:
    ledger = Ledger()
    dialect = Dialect(hierarchie=style, region="84")
    return read_document(document, version=Version.V2_4, dialect=dialect, ledger=ledger), ledger


def rules(ledger: Ledger) -> list[str]:
    return [loss.rule for loss in ledger.entries]


PARENT = '<parentFacility entityID="{}"/><sensitiveUnit>false</sensitiveUnit>'
STYLES = {
    "chain": [
        ("POLE", "1", ("EG-1",), None),
        ("SERVICE", "2", ("POLE",), None),
        ("UE", "4", ("SERVICE",), None),
    ],
    "flat with parentFacility": [
        ("POLE", "1", ("EG-1",), None),
        ("SERVICE", "2", ("EG-1",), "POLE"),
        ("UE", "4", ("EG-1",), "SERVICE"),
    ],
    "parentFacility without link to the EG": [
        ("POLE", "1", ("EG-1",), None),
        ("SERVICE", "2", ("POLE",), None),
        ("UE", "4", ("POLE",), "SERVICE"),
    ],
    "chain in any order": [
        ("UE", "4", ("SERVICE",), None),
        ("SERVICE", "2", ("POLE",), None),
        ("POLE", "1", ("EG-1",), None),
    ],
}


@pytest.mark.parametrize("facilities", STYLES.values(), ids=STYLES)
def test_every_style_gives_the_same_tree(facilities: list[Any]) -> None:
    document = wire.document(
        *(
            wire.facility(
                entity,
                level=level,
                links=links,
                after=PARENT.format(parent) if parent else "<sensitiveUnit>false</sensitiveUnit>",
            )
            for entity, level, links, parent in facilities
        )
    )

    repertoire, ledger = read(document)

    assert {found.cle: found.parent for found in repertoire.organisations_internes} == {
        "84/POLE": EG,
        "84/SERVICE": "84/POLE",
    }
    (unit,) = repertoire.offres
    assert (unit.organisation, unit.entite_geographique) == ("84/SERVICE", EG)
    assert {found.entite_geographique for found in repertoire.organisations_internes} == {EG}
    assert rules(ledger) == []


def test_a_flat_source_hangs_everything_from_the_site() -> None:
    repertoire, ledger = read(wire.document(wire.facility("POLE", level="1"), wire.facility("UE")))

    assert repertoire.offres[0].organisation == EG
    assert repertoire.organisations_internes[0].parent == EG
    assert rules(ledger) == []


def test_the_canonical_form_names_the_site_and_the_parent() -> None:
    document = wire.document(
        wire.facility("POLE", level="1"),
        wire.facility("SERVICE", level="2", links=("POLE",)),
        wire.facility("UE", links=("SERVICE",)),
    )
    repertoire, _ = read(document)

    written = parse(write_document(repertoire, version=Version.V2_4, ledger=Ledger()))

    links = f"{csd('organizations')}/{csd('organization')}"
    parent = f"{csd('extension')}/{csd('parentFacility')}"
    found = {
        facility.get("entityID"): (
            facility.find(links).get("entityID"),
            facility.find(parent).get("entityID") if facility.find(parent) is not None else None,
        )
        for facility in written.iter(csd("facility"))
    }
    assert found == {"OI-1": ("EG-1", None), "OI-2": ("EG-1", "OI-1"), "UE-1": ("EG-1", "OI-2")}


@pytest.mark.parametrize(
    ("style", "noted"),
    [
        pytest.param(Hierarchie.CHAIN, [], id="as declared"),
        pytest.param(Hierarchie.FLAT, ["csd-2.4.hierarchy.style"], id="not as declared"),
    ],
)
def test_a_source_that_leaves_its_declared_style_is_noted(style: Hierarchie, noted: list[str]) -> None:
    _, ledger = read(wire.document(wire.facility("POLE", level="1"), wire.facility("UE", links=("POLE",))), style)

    assert rules(ledger) == noted


def test_a_link_to_nothing_is_noted_and_leads_nowhere() -> None:
    repertoire, ledger = read(wire.document(wire.facility("UE", links=("NOBODY",))))

    assert (repertoire.offres[0].organisation, repertoire.offres[0].entite_geographique) == (None, None)
    assert rules(ledger) == ["csd-2.4.reference.dangling"]


def test_a_reference_that_names_nothing_leads_to_no_object_without_a_key() -> None:
    organizations = (
        wire.organization("", "1019999983"),
        wire.organization("", "1019999991", parent="EJ").replace('<parent entityID="EJ"/>', "<parent/>"),
    )
    unit = wire.facility("UE", links=("",), services=("",), before='<equipment entityID=""/>')
    services = '<service><codedType code="037" codingScheme="1.2.250.1.213.3.3.12"/></service>'
    devices = '<device><codedType code="099" codingScheme="1.2.250.1.213.3.3.10"/></device>'

    repertoire, ledger = read(wire.document(unit, organizations=organizations, services=services, devices=devices))

    (site,), (offre,) = repertoire.entites_geographiques, repertoire.offres
    assert (site.cle, site.entite_juridique) == (EG, None)
    assert (offre.entite_geographique, offre.activites, offre.equipements_unite) == (None, (), ())
    assert [loss.path for loss in ledger.entries if loss.rule == "csd-2.4.reference.dangling"] == [
        "parent",
        "",
        "organizations/organization/service",
        "extension/equipment",
    ]
    assert {"csd-2.4.service.unused", "csd-2.4.device.unused"} <= set(rules(ledger))


def test_a_loop_of_parents_ends() -> None:
    repertoire, _ = read(
        wire.document(wire.facility("A", level="1", links=("B",)), wire.facility("B", level="1", links=("A",)))
    )

    assert [found.entite_geographique for found in repertoire.organisations_internes] == [None, None]


def upwards(*links: tuple[str, tuple[str, ...]]) -> Any:
    """A document of facilities, each under those it names, in that order."""
    return wire.document(*(wire.facility(entity, level="1", links=named) for entity, named in links))


DEEP = 3000
MANY = {
    "a chain": [(f"F{rank}", (f"F{rank + 1}",)) for rank in range(DEEP)],
    "a loop": [(f"F{rank}", (f"F{(rank + 1) % DEEP}",)) for rank in range(DEEP)],
    "two ways at each level": [
        *((f"F{rank}{way}", (f"F{rank + 1}a", f"F{rank + 1}b")) for rank in range(99) for way in "ab"),
        ("F99a", ("F99b",)),
        ("F99b", ()),
    ],
    "each under the two that follow": [(f"F{rank}", (f"F{rank + 1}", f"F{rank + 2}")) for rank in range(DEEP)],
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("facilities", MANY.values(), ids=MANY)
@pytest.mark.parametrize("found", [True, False], ids=["to a site", "to nothing"])
def test_levels_and_ways_without_number_are_followed_once(facilities: list[Any], *, found: bool) -> None:
    last, ways = facilities[-1]
    document = upwards(*facilities[:-1], (last, (*ways, "EG-1") if found else ways))

    repertoire, _ = read(document)

    assert {one.entite_geographique for one in repertoire.organisations_internes} == {EG if found else None}
    assert len(repertoire.organisations_internes) == len(facilities)


LOOPS: dict[str, tuple[list[tuple[str, tuple[str, ...]]], list[str | None], list[str]]] = {
    "a way out, after the loop": ([("A", ("B",)), ("B", ("A", "C")), ("C", ("EG-1",))], [EG, EG, EG], ["A", "B"]),
    "no way out": ([("A", ("B", "C")), ("B", ("A",)), ("C", ())], [None, None, None], ["A", "B"]),
    "below a loop": ([("A", ("B",)), ("B", ("C",)), ("C", ("B",))], [None, None, None], ["A", "B", "C"]),
    "two ways to one that leads nowhere": (
        [("A", ("B", "C")), ("B", ("D",)), ("C", ("D",)), ("D", ())],
        [None] * 4,
        [],
    ),
    "itself, beside a site": ([("A", ("A", "EG-1")), ("B", ("EG-1",))], [EG, EG], ["A"]),
    "one under the other, beside a site": ([("A", ("EG-1", "B")), ("B", ("EG-1", "A"))], [EG, EG], ["A", "B"]),
    "a key of two, one under the other": ([("A", ("A",)), ("B", ("A",)), ("A", ("EG-1",))], [None, EG], ["A"]),
}


@pytest.mark.parametrize(("facilities", "sites", "looped"), LOOPS.values(), ids=LOOPS)
def test_a_loop_is_told_of_those_from_which_it_is_met(
    facilities: list[tuple[str, tuple[str, ...]]], sites: list[str | None], looped: list[str]
) -> None:
    repertoire, ledger = read(upwards(*facilities))

    assert [one.entite_geographique for one in repertoire.organisations_internes] == sites
    told = [loss.object for loss in ledger.entries if loss.rule == "csd-2.4.hierarchy.loop"]
    assert told == [f"84/{entity}" for entity in looped]


def test_a_loop_of_parents_below_a_site_is_told() -> None:
    units = [("A", "B"), ("B", "C"), ("C", "B"), ("D", "D"), ("E", "")]
    made = (
        wire.facility(entity, level="1", after=PARENT.format(above) if above else PARENT.partition(">")[2])
        for entity, above in units
    )

    repertoire, ledger = read(wire.document(*made))

    assert {one.entite_geographique for one in repertoire.organisations_internes} == {EG}
    told = [loss.object for loss in ledger.entries if loss.rule == "csd-2.4.hierarchy.loop"]
    assert told == ["84/A", "84/B", "84/C", "84/D"]


def test_a_link_to_the_legal_entity_is_noted() -> None:
    repertoire, ledger = read(wire.document(wire.facility("UE", links=("EJ-1",))))

    assert repertoire.offres[0].organisation == "1019999983"
    assert rules(ledger) == ["csd-2.4.hierarchy.legal-entity"]


TWO_SITES = ("EG-1", "EG-2")
SEVERAL: dict[str, tuple[list[Any], list[str]]] = {
    "two sites": ([("UE", "4", TWO_SITES, None)], ["84/UE"]),
    "two units": ([("A", "1", (), None), ("B", "1", (), None), ("UE", "4", ("A", "B"), None)], ["84/UE"]),
    "a parent and another unit": (
        [("A", "1", (), None), ("B", "1", (), None), ("UE", "4", ("A",), "B")],
        ["84/UE"],
    ),
    "a unit and the one above it": (
        [("A", "1", (), None), ("B", "1", ("A",), None), ("UE", "4", ("B", "A"), None)],
        [],
    ),
    "a unit that is only above by way of the one below": (
        [("A", "1", ("EG-1",), None), ("UE", "1", ("A",), "B"), ("B", "2", ("UE",), None)],
        ["84/UE"],
    ),
    "one site twice": ([("UE", "4", ("EG-1", "EG-1"), None)], []),
}


@pytest.mark.parametrize(("facilities", "told"), SEVERAL.values(), ids=SEVERAL)
def test_another_site_or_unit_above_a_facility_is_told(facilities: list[Any], told: list[str]) -> None:
    organizations = (
        wire.organization("EJ-1", "1019999983"),
        wire.organization("EG-1", "1019999991", parent="EJ-1"),
        wire.organization("EG-2", "1019999975", parent="EJ-1"),
    )
    made = [
        wire.facility(
            key, level=level, links=links, after=PARENT.format(parent) if parent else PARENT.partition(">")[2]
        )
        for key, level, links, parent in facilities
    ]

    _, ledger = read(wire.document(*made, organizations=organizations))

    assert [loss.object for loss in ledger.entries if loss.rule == "csd-2.4.hierarchy.several"] == told


def test_an_object_without_national_identifier_gets_a_local_key_that_is_never_written() -> None:
    facility = wire.facility("UE").replace('code="84/UE"', 'code=""')
    repertoire, ledger = read(wire.document(facility))

    assert repertoire.offres[0].cle == "LOCAL-84-UE"
    assert rules(ledger) == ["csd-2.4.identifier.local", "csd-2.4.identifier.empty"]
    written = parse(write_document(repertoire, version=Version.V2_4, ledger=Ledger()))
    assert written.find(f".//{csd('facility')}/{csd('otherID')}") is None


def test_the_key_of_the_source_is_preferred_to_that_of_the_document() -> None:
    record = wire.RECORD.replace(
        "/>", '><extension type="ror" urn="u"><recognation>SRC-9</recognation></extension></record>'
    )
    facility = (
        wire.facility("UE")
        .replace('code="84/UE"', 'code="UE"')
        .replace(f"{wire.RECORD}</facility>", f"{record}</facility>")
    )

    repertoire, _ = read(wire.document(facility))

    assert repertoire.offres[0].cle == "LOCAL-84-SRC-9"


def test_a_repeated_object_is_kept_once_and_noted() -> None:
    twin = wire.facility("UE").replace('entityID="UE"', 'entityID="UE-BIS"')

    repertoire, ledger = read(wire.document(wire.facility("UE"), twin))

    assert [offre.cle for offre in repertoire.offres] == ["84/UE"]
    assert rules(ledger) == ["csd-2.4.object.repeated"]


IDENTIFIERS = {
    "FINESS alone": ('<otherID code="019999991" assigningAuthorityName="1.2.250.1.213.3.2"/>', EG),
    "under the table of types, without digit": (
        '<otherID code="019999991" assigningAuthorityName="1.2.250.1.71.1.2.14"/>',
        EG,
    ),
    "empty one first": (
        '<otherID code="" assigningAuthorityName=""/><otherID code="019999991" '
        'assigningAuthorityName="1.2.250.1.213.3.2"/>',
        EG,
    ),
    "practice under the OID of persons": (
        '<otherID code="" assigningAuthorityName=""/><otherID code="41000000001901" '
        'assigningAuthorityName="1.2.250.1.71.4.2.1"/>',
        "41000000001901",
    ),
    "SIRET": ('<otherID code="39999999900011" assigningAuthorityName="1.3.2"/>', "339999999900011"),
}


@pytest.mark.parametrize(("identifiers", "key"), IDENTIFIERS.values(), ids=IDENTIFIERS)
def test_the_key_of_a_site_comes_from_whatever_identifies_it(identifiers: str, key: str) -> None:
    written = '<otherID code="1019999991" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'
    site = wire.organization("EG-1", EG, parent="EJ-1").replace(written, identifiers)
    document = wire.document(wire.facility("UE"), organizations=(wire.organization("EJ-1", "1019999983"), site))

    repertoire, _ = read(document)

    assert repertoire.entites_geographiques[0].cle == key
    assert repertoire.offres[0].entite_geographique == key


def test_an_odd_spelling_is_emitted_right() -> None:
    site = wire.organization("EG-1", EG, parent="EJ-1").replace(
        'code="1019999991" assigningAuthorityName="1.2.250.1.71.4.2.2"',
        'code="019999991" assigningAuthorityName="1.2.250.1.71.1.2.14"',
    )
    repertoire, ledger = read(wire.document(organizations=(wire.organization("EJ-1", "1019999983"), site)))

    written = parse(write_document(repertoire, version=Version.V2_4, ledger=Ledger()))

    found = [
        (one.get("code"), one.get("assigningAuthorityName"))
        for one in written.iterfind(f".//{csd('organization')}[2]/{csd('otherID')}")
    ]
    assert found == [(EG, "1.2.250.1.71.4.2.2")]
    assert rules(ledger) == ["csd-2.4.identifier.spelling"]


def test_a_structure_known_by_its_finess_alone_is_given_its_identity() -> None:
    site = wire.organization("EG-1", EG, parent="EJ-1").replace(
        'code="1019999991" assigningAuthorityName="1.2.250.1.71.4.2.2"',
        'code="019999991" assigningAuthorityName="1.2.250.1.213.3.2"',
    )
    repertoire, _ = read(wire.document(organizations=(wire.organization("EJ-1", "1019999983"), site)))
    ledger = Ledger()

    written = parse(write_document(repertoire, version=Version.V2_4, ledger=ledger))

    found = [one.get("code") for one in written.iterfind(f".//{csd('organization')}[2]/{csd('otherID')}")]
    assert found == [EG, "019999991"]
    assert rules(ledger) == ["csd-2.4.identifier.identity"]
