"""A region of an unknown solution joins by the federation document alone, whatever of section 15.2 it does.

Each member below is a reference server with habits of its own under a name that no folder has. Several refuse what is
not spelt their way, so that a habit left undeclared would show. Every transaction goes through the gateway.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from conformance.reference.csd.dialect import Addresses, CareModeAbove, Dates, Dialect, Hierarchy, Refusals, Structures
from mappings.csd.schemas import schema
from mappings.csd.version import Version

if TYPE_CHECKING:
    from tests.scenarios.conftest import Federated, Told

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLAIN = Dialect(
    name="sans-dossier",
    hierarchy=Hierarchy.FLAT,
    structures=Structures.DIGIT,
    dates=Dates.PLAIN,
    addresses=Addresses.ORGANIZATION,
    care_mode_above=CareModeAbove.EMPTY,
    refusals=Refusals.ERROR_500,
    labels=False,
    empty_identifiers=False,
    count_on_single_read=True,
    source_directory=False,
    recognation=False,
    dangling_equipment=False,
    search_cap=200,
    strips_zeros=False,
    boolean_words=False,
    strict=True,
)
CALLER = "53"
CAPPED = 2
ALONE = "2016"

# code: contract, what the member does, what its entry declares beside its hierarchy, the version its address names
CASES: dict[str, tuple[str, dict[str, Any], dict[str, str], str | None]] = {
    "01": ("2.4", {}, {"interface-version": "2.3"}, "2.3"),
    "02": ("2.4", {}, {"interface-version": "2.6"}, "2.6"),
    "03": (ALONE, {}, {"search-cap": "199"}, None),
    "04": ("3.0", {"hierarchy": Hierarchy.CHAIN}, {"hierarchy": "chain"}, None),
    "11": ("3.0", {"hierarchy": Hierarchy.PARENT_FACILITY}, {"hierarchy": "parent-facility"}, None),
    "24": ("2.4", {"structures": Structures.BARE}, {"structures": "bare-under-types"}, None),
    "27": ("2.4", {"structures": Structures.BARE_UNDER_IDNAT}, {"structures": "bare"}, None),
    "28": ("1.6", {"structures": Structures.DIGIT_UNDER_TYPES}, {"structures": "digit-under-types"}, None),
    "32": (
        "1.5",
        {"contacts": False, "addresses": Addresses.BOTH, "labels": True},
        {"contacts": "none", "addresses": "both", "labels": "text"},
        None,
    ),
    "44": ("3.0", {"dates": Dates.FRACTIONS, "boolean_words": True}, {"restricted-organisation": "words"}, None),
    "52": ("2.4", {"strips_zeros": True, "search_cap": CAPPED}, {"search-codes": "bare", "search-cap": "2"}, None),
    "75": (
        "3.0",
        {"care_mode_above": CareModeAbove.REAL, "refusals": Refusals.ERREUR_FAULT},
        {"care-mode-above": "real", "errors": "fault-erreur"},
        None,
    ),
    "76": ("2.4", {"refusals": Refusals.BARE_FAULT, "counts_wrong": True}, {"facility-number": "wrong"}, None),
    "84": (
        "1.6",
        {"empty_identifiers": True, "recognation": True, "dangling_equipment": True, "count_on_single_read": False},
        {
            "empty-identifiers": "present",
            "provenance": "recognation",
            "unused-shapes": "child-and-dangling",
            "facility-number": "absent-on-single-readings",
        },
        None,
    ),
    "93": (
        "2.4",
        {
            "hierarchy": Hierarchy.CHAIN,
            "structures": Structures.BARE_UNDER_IDNAT,
            "dates": Dates.OFFSET,
            "addresses": Addresses.LOCATION,
            "labels": True,
            "care_mode_above": CareModeAbove.NULL,
            "refusals": Refusals.ERROR_200,
            "empty_identifiers": True,
            "counts_wrong": True,
            "source_directory": True,
            "dangling_equipment": True,
            "strips_zeros": True,
            "boolean_words": True,
            "contacts": False,
        },
        {
            "interface-version": "2.6",
            "hierarchy": "chain",
            "structures": "bare",
            "contacts": "none",
            "addresses": "location",
            "labels": "text",
            "dates": "offset",
            "restricted-organisation": "words",
            "search-codes": "bare",
            "care-mode-above": "null",
            "errors": "error-200",
            "facility-number": "wrong",
            "empty-identifiers": "present",
            "provenance": "source-directory",
            "unused-shapes": "child-and-dangling",
        },
        "2.6",
    ),
}
READ = [code for code in CASES if CASES[code][0] != ALONE]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def federation(scenario: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator["Federated"]:
    bases = [
        scenario.Base(
            code,
            contract,
            f"sans-dossier-{code}",
            replace(PLAIN, **habits),
            scenario.Few.richest(code, 2),
            {"hierarchy": "flat", **options},
            interface,
            interfaces=scenario.INTERFACES[1:2] if contract == ALONE else scenario.INTERFACES,
        )
        for code, (contract, habits, options, interface) in CASES.items()
    ]
    bases.append(scenario.Base(CALLER, "3.0", "iess", "iess", scenario.Few.richest(CALLER, 1)))
    folder = tmp_path_factory.mktemp("joining")
    async with scenario.federated(folder, tuple(bases), caller=CALLER, versions=("3.0",)) as running:
        yield running


def held(federation: "Federated", code: str, *, sensitive: bool = True) -> dict[str, list[str]]:
    """The units of each establishment of a member."""
    return {
        one.establishment.finess: sorted(offer.identifier for offer in one.offers if sensitive or not offer.sensitive)
        for one in federation.bases[code].held.establishments()
    }


def valid(told: "Told") -> "Told":
    """An answer of the address of 3.0."""
    assert told.status == 200
    schema(Version.V3_0).assertValid(told.message)
    return told


Body = Callable[..., str]


@pytest.mark.parametrize("code", READ)
async def test_its_establishments_are_read(federation: "Federated", scenario: Any, code: str) -> None:
    for finess, units in held(federation, code).items():
        told = valid(await federation.ask(f"3.0/{code}", scenario.reading(finess)))

        assert told.units == units
        assert told.coverage[code]["src"] == "live"
        assert told.coverage[code]["s"] == "answered"


@pytest.mark.parametrize("code", READ)
async def test_a_unit_is_read_with_its_chain(federation: "Federated", scenario: Any, code: str) -> None:
    (found, *_) = federation.bases[code].held.establishments()
    offer = max(found.offers, key=lambda one: one.parent is not None)

    told = valid(await federation.ask(f"3.0/{code}", scenario.reading_unit(offer.identifier)))

    above = {unit.identifier: unit.parent for unit in found.internal_units}
    chain = []
    parent = offer.parent
    while parent is not None:
        chain.append(parent)
        parent = above[parent]
    levels = [
        one.find("csd:otherID", scenario.NAMES).get("code")
        for one in told.message.iterfind(".//csd:facilityDirectory/csd:facility", scenario.NAMES)
    ]
    assert told.units == [offer.identifier]
    assert chain
    assert sorted(levels) == sorted([offer.identifier, *chain])


HIERARCHIES = {code: CASES[code][2].get("hierarchy", "flat") for code in READ}


@pytest.mark.parametrize("code", READ)
async def test_units_hang_where_their_base_says_in_each_style(
    federation: "Federated", scenario: Any, code: str
) -> None:
    (found, *_) = federation.bases[code].held.establishments()

    told = valid(await federation.ask(f"3.0/{code}", scenario.reading(found.establishment.finess)))

    identifiers = {
        one.get("entityID"): one.find("csd:otherID", scenario.NAMES).get("code")
        for one in told.message.iterfind(".//csd:facilityDirectory/csd:facility", scenario.NAMES)
    }
    parents = {
        identifiers[one.get("entityID")]: identifiers[parent.get("entityID")]
        for one in told.message.iterfind(".//csd:facilityDirectory/csd:facility", scenario.NAMES)
        if (parent := one.find("csd:extension/csd:parentFacility", scenario.NAMES)) is not None
    }
    linked = HIERARCHIES[code] != "flat"
    expected = {one.identifier: one.parent for one in (*found.offers, *found.internal_units) if one.parent}
    assert parents == (expected if linked else {})
    assert expected


@pytest.mark.parametrize("code", READ)
async def test_the_reduced_answer_is_asked_in_its_words(federation: "Federated", scenario: Any, code: str) -> None:
    (finess, *_) = held(federation, code)
    reduced = "<csd:restrictedOrganisation>1</csd:restrictedOrganisation>"

    told = valid(await federation.ask(f"3.0/{code}", scenario.reading(finess, reduced)))

    assert told.coverage[code]["s"] == "answered"
    assert len(told.message.findall(".//csd:organizationDirectory/csd:organization", scenario.NAMES)) == 2


@pytest.mark.parametrize("code", READ)
async def test_what_changed_is_told(federation: "Federated", scenario: Any, code: str) -> None:
    told = valid(await federation.ask(f"3.0/{code}", scenario.notification("2001-01-01T00:00:00")))

    assert told.changed == sorted(f"1{finess}" for finess in held(federation, code))


def expected_of(federation: "Federated", code: str) -> tuple[str, list[str]]:
    """The care mode of most units, and those units."""
    held_by = federation.bases[code].held
    sketches = [sketch for key in held_by.keys for sketch in held_by.sketches(key.finess)]
    modes = [sketch.care_mode for sketch in sketches]
    mode = max(sorted(set(modes)), key=modes.count)
    # The search of 2016 has no word for a sensitive unit: none is served there, where its base can mark it.
    marks = federation.bases[code].contract in {"2.4", "3.0"}
    return mode, sorted(one.identifier for one in sketches if one.care_mode == mode and not (marks and one.sensitive))


@pytest.mark.parametrize("code", CASES)
async def test_its_own_search_is_asked(federation: "Federated", scenario: Any, code: str) -> None:
    mode, expected = expected_of(federation, code)
    regions = {key.region for key in federation.bases[code].held.keys}

    told = await federation.ask(f"2016/{code}", scenario.search(sorted(regions), mode))

    assert told.status == 200
    assert told.found == expected
    # Cut at its cap, its search is given up for its copy.
    assert told.coverage[code]["src"] == ("replica" if code == "52" else "live")


@pytest.mark.parametrize("code", READ)
async def test_a_refusal_is_understood_however_it_is_said(federation: "Federated", scenario: Any, code: str) -> None:
    told = await federation.ask(f"3.0/{code}", scenario.reading("690000000"))

    error = told.message.find("csd:error", scenario.NAMES)
    assert told.message.tag == f"{{{scenario.NAMES['csd']}}}careServicesResponse"
    assert error is not None
    assert error.get("code") == "404"


@pytest.mark.parametrize("code", READ)
async def test_its_archive_fills_the_copy_and_is_handed_on(federation: "Federated", code: str) -> None:
    archived = await federation.archive("3.0", code)

    told = [line for line in federation.log.getvalue().splitlines() if "replica_filled_by_extraction" in line]
    assert archived.units == sorted(unit for units in held(federation, code).values() for unit in units)
    assert any(f'"member": "{code}"' in line for line in told)


async def test_the_contract_each_publishes_is_recognised(federation: "Federated") -> None:
    found = {code: finding.differs for code, finding in federation.gateway.contracts.items()}

    assert found == dict.fromkeys((*CASES, CALLER))


async def test_the_log_names_those_of_whom_the_document_says_all(federation: "Federated") -> None:
    lines = [line for line in federation.log.getvalue().splitlines() if "member_joined_by_document" in line]

    assert len(lines) == len(CASES)
    assert all(any(f"sans-dossier-{code}" in line for line in lines) for code in CASES)


async def test_a_wrong_number_is_told_as_a_loss(federation: "Federated", scenario: Any) -> None:
    (finess, *_) = held(federation, "76")

    told = valid(await federation.ask("3.0/76", scenario.reading(finess)))

    assert int(told.coverage["76"]["l"]) > 0


async def test_a_base_that_only_searches_is_never_taken_for_one_that_reads(
    federation: "Federated", scenario: Any
) -> None:
    (finess, *_) = held(federation, "03")

    told = await federation.ask("3.0/03", scenario.reading(finess))

    assert told.status != 200
    assert told.coverage["03"] | {"ms": ""} == {"s": "not_asked", "r": "criteria", "ms": ""}


async def test_the_federation_finds_the_owner_among_them(federation: "Federated", scenario: Any) -> None:
    (finess, *_) = held(federation, "93")

    told = valid(await federation.ask("3.0/FR", scenario.reading(finess)))

    assert told.units == held(federation, "93")[finess]
    assert {code for code, facts in told.coverage.items() if facts["s"] == "answered"} == {"93"}
