"""Every cell of docs/transactions.md: each transaction, at each address, toward a member of each version and toward FR.

What is expected comes from the reference dataset, by the reference's own selection; what is lost from the table.
"""

import json
import os
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from conformance.reference.dataset import EstablishmentContent, Offer
from conformance.reference.solutions.selection import Filters, changed, selected
from gateway.transactions import FEDERATION, MEMBERS, NATIONAL, ROWS, Row, lost, served
from mappings.csd.schemas import schema
from mappings.csd.version import UP_TO_1_6, Version
from mappings.losses.expected import expected_losses

if TYPE_CHECKING:
    from tests.scenarios.conftest import Federated, Told

pytestmark = pytest.mark.asyncio(loop_scope="module")

# version spoken: region, solution, establishments; each first one has a sensitive unit and several fields
BASES = {
    "1.5": ("03", "autre", ("970300026", "970302071")),
    "1.6": ("27", "iess", ("890975527", "710978289")),
    "2.4": ("53", "ir", ("560000127", "290000033")),
    "3.0": ("84", "iess", ("150000040", "030000061")),
    NATIONAL: ("02", "autre", ("970211215", "970200069")),
}
CALLER = "53"
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
FIELD, PUBLIC = "03", "02"
MEDICO_SOCIAL = "04"
EVERYTHING = "2001-01-01T00:00:00"
UNMARKED = {*UP_TO_1_6, Version.V2016}
NAMED = {row.name: row for row in ROWS}
WITHHELD = "sensitive-unit.withheld"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def federation(scenario: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator["Federated"]:
    bases = tuple(
        scenario.Base(
            code,
            "1.6" if version == NATIONAL else version,
            solution,
            solution,
            scenario.Few(code, finesses),
            state="national" if version == NATIONAL else "regional",
        )
        for version, (code, solution, finesses) in BASES.items()
    )
    versions = tuple(address.value for address in Version if address is not Version.V2016)
    folder = tmp_path_factory.mktemp("transactions")
    async with scenario.federated(folder, bases, caller=CALLER, versions=versions) as running:
        yield running


def first(federation: "Federated", member: str) -> EstablishmentContent:
    """The establishment of a member that is read."""
    code, _, (finess, *_) = BASES[member]
    found = federation.bases[code].held.establishment(finess)
    assert found is not None
    return found


def since(found: EstablishmentContent) -> datetime:
    """An instant after which some of its units changed and others did not."""
    instants = sorted({offer.record.updated for offer in found.offers})
    splits = (one for one in instants if 0 < sum(changed(offer, one) for offer in found.offers) < len(found.offers))
    return next(splits) + timedelta(minutes=1)


def filters(name: str, found: EstablishmentContent) -> tuple[str, Filters]:
    """What a reading of that row asks: as it is written, and as the reference understands it."""
    if name == "since":
        instant = since(found)
        local = instant.astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None).isoformat(timespec="seconds")
        return f"<csd:dateRef>{local}</csd:dateRef>", Filters(since=instant)
    if name == "fields":
        scheme = 'codingScheme="1.2.250.1.213.3.3.17"'
        return f'<csd:typeActivity code="{FIELD}" {scheme}/>', Filters(fields=frozenset({FIELD}))
    if name == "publics":
        scheme = 'codingScheme="1.2.250.1.213.3.3.29"'
        return f'<csd:supportedPatient code="{PUBLIC}" {scheme}/>', Filters(publics=frozenset({PUBLIC}))
    if name == "reduced":
        return "<csd:restrictedOrganisation>1</csd:restrictedOrganisation>", Filters(restricted=True)
    return "", Filters()


def units(found: Iterable[EstablishmentContent], member: str, address: Version) -> list[str]:
    """The units an address may show: a sensitive one where its version can mark it, or where its base could not."""
    hidden = address in UNMARKED and member not in UP_TO_1_6
    return sorted(offer.identifier for one in found for offer in one.offers if not (hidden and offer.sensitive))


def told_rules(federation: "Federated", told: "Told") -> dict[str, int]:
    """How often each rule is in the losses of an exchange, from its line of the log."""
    lines = map(json.loads, federation.log.getvalue().splitlines())
    (line,) = [line for line in lines if line.get("exchange") == told.headers["X-Request-ID"]]
    assert line["event"] == "exchange_ended"
    rules: dict[str, int] = line["loss_rules"]
    return rules


KNOWN = {row.rule for row in expected_losses()}


def check_losses(federation: "Federated", told: "Told", row: Row, address: Version, member: str) -> None:
    """Every loss is counted in the coverage and is one that the tables expect; those of versions are of the cell."""
    rules = told_rules(federation, told)
    kinds = {spelt(rule) for rule in rules}
    counted = sum(int(facts.get("l", "0")) for facts in told.coverage.values())

    assert sum(rules.values()) == counted
    assert {rule for rule in kinds if rule not in KNOWN and not rule.startswith("RG_")} <= {f"csd.{WITHHELD}"}
    expected = lost(row, address, member)
    if row.name == "reading" and loses(address, member):
        assert kinds & expected
    of_others = (
        set().union(*(lost(row, other, version) for other in Version if served(row, other) for version in MEMBERS))
        - expected
    )
    assert member == NATIONAL or not {rule for rule in kinds & of_others if rule.startswith("csd.")}


def loses(address: Version, member: str) -> bool:
    """Whether the address has no place for much of what the member says."""
    return member not in UP_TO_1_6 and MEMBERS.index(address.value) < MEMBERS.index(member)


def spelt(rule: str) -> str:
    """A rule as the tables name it, without the version of its step."""
    step, _, rest = rule.partition(".")
    return f"csd.{rest.partition('.')[2]}" if step.startswith("csd-") else rule


def body_of(federation: "Federated", scenario: Any, row: Row, member: str) -> str:
    """The message of a row toward a member."""
    found = first(federation, member)
    code, *_ = BASES[member]
    if row.name == "unit":
        return str(scenario.reading_unit(one_unit(found)))
    if row.name == "notification":
        return str(scenario.notification(EVERYTHING))
    if row.name == "search":
        return str(scenario.search([code], found.offers[0].care_mode.code))
    return str(scenario.reading(found.establishment.finess, filters(row.name, found)[0]))


def one_unit(found: EstablishmentContent) -> str:
    return next(offer.identifier for offer in found.offers if offer.parent is not None and not offer.sensitive)


def expected_of(federation: "Federated", row: Row, member: str, address: Version) -> list[str]:
    """The objects of the answer: establishments of a notification, units of everything else."""
    found = first(federation, member)
    held = federation.bases[BASES[member][0]].held
    if row.name == "unit":
        return [one_unit(found)]
    if row.name == "notification":
        return sorted(f"1{key.finess}" for key in held.keys)
    if row.name == "search":
        mode = found.offers[0].care_mode.code
        shown = set(units(held.establishments(), member, address))
        return sorted(
            sketch.identifier
            for key in held.keys
            for sketch in held.sketches(key.finess)
            if sketch.care_mode == mode and sketch.identifier in shown
        )
    asked = filters(row.name, found)[1]
    if row.name == "since" and member == NATIONAL:
        return units([replace(found, offers=tuple(filter(dated_after(asked), found.offers)))], member, address)
    return units([selected(found, asked)], member, address)


def dated_after(asked: Filters) -> Callable[[Offer], bool]:
    """Elsewhere than at a regional base a unit is judged by its own date, not by those of all that it owns."""
    instant = asked.since
    assert instant is not None
    return lambda offer: offer.record.updated > instant


def objects(row: Row, told: "Told") -> list[str]:
    if row.name == "notification":
        return told.changed
    return told.found if row.name == "search" else told.units


MESSAGES = [row for row in ROWS if row.name != "extraction"]
CELLS = [
    pytest.param(row, address, member, id=f"{row.name}-{address}-{member}")
    for row in MESSAGES
    for address in Version
    if served(row, address)
    for member in MEMBERS
]


@pytest.mark.parametrize(("row", "address", "member"), CELLS)
async def test_a_member_of_any_version_is_answered_in_that_of_the_address(
    federation: "Federated", scenario: Any, row: Row, address: Version, member: str
) -> None:
    code, *_ = BASES[member]

    told = await federation.ask(f"{address}/{code}", body_of(federation, scenario, row, member))

    assert told.status == 200
    schema(address).assertValid(told.message)
    assert objects(row, told) == expected_of(federation, row, member, address)
    assert told.coverage[code]["s"] == "answered"
    assert {facts["s"] for other, facts in told.coverage.items() if other != code} == {"not_asked"}
    check_losses(federation, told, row, address, member)


REFUSED = [
    pytest.param(row, address, member, id=f"{row.name}-{address}-{member}")
    for row in MESSAGES
    for address in Version
    if not served(row, address)
    for member in (*MEMBERS, FEDERATION)
]


@pytest.mark.parametrize(("row", "address", "member"), REFUSED)
async def test_an_address_that_does_not_serve_a_transaction_refuses_it(
    federation: "Federated", scenario: Any, row: Row, address: Version, member: str
) -> None:
    asked = "3.0" if member == FEDERATION else member
    target = FEDERATION if member == FEDERATION else BASES[member][0]

    told = await federation.ask(f"{address}/{target}", body_of(federation, scenario, row, asked))

    assert told.status == 400
    assert told.message.findtext("s:Detail/e:error", None, scenario.NAMES) == "wrong-address"


READINGS = [row for row in MESSAGES if row.name not in {"notification", "search"}]


# `make soak` takes every cell; a short run one of five, so that each row, each address and each member has several.
OWNED = [
    pytest.param(row, address, member, id=f"{row.name}-{address}-{member}")
    for one, row in enumerate(READINGS)
    for two, address in enumerate(address for address in Version if served(row, address))
    for three, member in enumerate(MEMBERS)
    if LONG or (one + two + three) % len(MEMBERS) == 0
]


@pytest.mark.parametrize(("row", "address", "member"), OWNED)
async def test_a_reading_of_the_federation_finds_the_owner(
    federation: "Federated", scenario: Any, row: Row, address: Version, member: str
) -> None:
    code, *_ = BASES[member]

    told = await federation.ask(f"{address}/FR", body_of(federation, scenario, row, member))

    assert told.status == 200
    schema(address).assertValid(told.message)
    assert told.units == expected_of(federation, row, member, address)
    assert [other for other, facts in told.coverage.items() if facts["s"] == "answered"] == [code]


@pytest.mark.parametrize("address", [address for address in Version if served(NAMED["notification"], address)])
async def test_notifications_of_the_federation_are_merged(
    federation: "Federated", scenario: Any, address: Version
) -> None:
    told = await federation.ask(f"{address}/FR", scenario.notification(EVERYTHING))

    assert told.status == 200
    schema(address).assertValid(told.message)
    row = NAMED["notification"]
    assert told.changed == sorted(key for member in MEMBERS for key in expected_of(federation, row, member, address))
    assert {facts["s"] for facts in told.coverage.values()} == {"answered"}


async def test_searches_of_the_federation_are_merged(federation: "Federated", scenario: Any) -> None:
    mode = first(federation, "3.0").offers[0].care_mode.code
    regions = [code for code, *_ in BASES.values()]

    told = await federation.ask("2016/FR", scenario.search(regions, mode))

    assert told.status == 200
    schema(Version.V2016).assertValid(told.message)
    assert told.found == sorted(
        sketch.identifier
        for member, (code, *_) in BASES.items()
        for held in (federation.bases[code].held,)
        for key in held.keys
        for sketch in held.sketches(key.finess)
        if sketch.care_mode == mode and sketch.identifier in set(units(held.establishments(), member, Version.V2016))
    )
    assert {facts["s"] for facts in told.coverage.values()} == {"answered"}


@pytest.mark.parametrize("address", [address for address in Version if served(NAMED["extraction"], address)])
@pytest.mark.parametrize("member", [*MEMBERS, FEDERATION])
async def test_an_archive_holds_all_that_its_version_can(
    federation: "Federated", address: Version, member: str
) -> None:
    asked = MEMBERS if member == FEDERATION else (member,)
    target = FEDERATION if member == FEDERATION else BASES[member][0]

    archived = await federation.archive(address, target)

    expected = [
        unit for one in asked for unit in units(federation.bases[BASES[one][0]].held.establishments(), one, address)
    ]
    for root in archived.roots:
        schema(address).assertValid(root)
    assert archived.units == sorted(expected)
    answered = {code for code, facts in archived.coverage.items() if facts["s"] == "answered"}
    assert answered == {BASES[one][0] for one in asked}
    for one in asked:
        sensitive = address in UNMARKED and one not in UP_TO_1_6
        lost_here = lost(NAMED["extraction"], address, one)
        assert int(archived.coverage[BASES[one][0]]["l"]) > 0 or not (sensitive or lost_here)


async def test_an_archive_of_2016_does_not_exist(federation: "Federated") -> None:
    assert await federation.status(f"{federation.gateway.extraction}/2016/FR/extraction/{ARCHIVE}") == 404


ARCHIVE = "ExtractionOffresSante_Profil1"


@pytest.mark.parametrize("address", sorted(UNMARKED))
@pytest.mark.parametrize("member", ["2.4", "3.0", NATIONAL])
async def test_a_sensitive_unit_that_cannot_be_marked_is_withheld_and_told(
    federation: "Federated", scenario: Any, address: Version, member: str
) -> None:
    row = NAMED["search" if address is Version.V2016 else "reading"]
    found = first(federation, member)
    code, *_ = BASES[member]
    mode = next(offer.care_mode.code for offer in found.offers if offer.sensitive)
    body = scenario.search([code], mode) if row.name == "search" else scenario.reading(found.establishment.finess)

    told = await federation.ask(f"{address}/{code}", body)

    hidden = {offer.identifier for offer in found.offers if offer.sensitive}
    assert hidden
    assert hidden.isdisjoint(objects(row, told))
    assert any(rule.endswith(WITHHELD) for rule in told_rules(federation, told))


@pytest.mark.parametrize(("member", "judged"), [("3.0", False), (NATIONAL, True)], ids=["base", "national ROR"])
async def test_that_a_date_is_judged_by_less_than_the_base_knows_is_told(
    federation: "Federated", scenario: Any, member: str, judged: bool
) -> None:
    code, *_ = BASES[member]

    told = await federation.ask(f"3.0/{code}", body_of(federation, scenario, NAMED["since"], member))

    assert ("reading.since.undated" in told_rules(federation, told)) is judged
