"""Rules that a member breaks by one element of its readings, each seen in the bytes that leave and told by its id.

The member is the reference's, its readings are changed on the wire; beside it the same member, whose readings are not.
The door of FHIR gives no losses by rule: there they are those of the sound member and so many more.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from copy import deepcopy
from operator import ne
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from lxml import etree

from conformance.reference.content import content
from conformance.reference.solutions.selection import reduced
from gateway.replica.commands import read
from mappings.csd.xml import parse

if TYPE_CHECKING:
    from tests.gateway.conftest import Log, World
    from tests.gateway.doors.conftest import BeforeRegion, Federation

NAMES = {"csd": "urn:ihe:iti:csd:2013", "s": "http://www.w3.org/2003/05/soap-envelope"}
HOSPITAL, HOME = "690780507", "639999077"
LEGAL, SITE = "1920031721", f"1{HOSPITAL}"
UNIT, LEVEL = f"84/UE-{HOSPITAL}-01", f"84/UF-{HOSPITAL}-0301"
ABOVE = [LEVEL, f"84/S-{HOSPITAL}-0301", f"84/P-{HOSPITAL}-03"]
SHORT = "31234"
LEGAL_ENTITY = "csd:organizationDirectory/csd:organization[@entityID='EJ-1']"

Edit = Callable[[etree._Element], None]
Resources = Mapping[str, Mapping[str, Any]]


def found(answer: etree._Element, path: str) -> list[Any]:
    return list(answer.xpath(f"//{path}", namespaces=NAMES))


def only(answer: etree._Element, path: str) -> etree._Element:
    (one,) = found(answer, path)
    return one


def facility(key: str) -> str:
    return f"csd:facility[csd:otherID/@code='{key}']"


def said_of_unit(answer: etree._Element, name: str) -> list[Any]:
    return found(answer, f"{facility(UNIT)}/csd:extension/csd:{name}/@code")


def coded(resource: object, table: str) -> list[str]:
    """Every code of that table in a resource."""
    return [str(one["code"]) for one in _objects(resource) if table in str(one.get("system")) and "code" in one]


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inside)


def saying_again(name: str, code: str) -> Edit:
    """The unit says a coded element twice, the second time with that code."""

    def edit(reading: etree._Element) -> None:
        said = only(reading, f"{facility(UNIT)}/csd:extension/csd:{name}")
        second = deepcopy(said)
        second.set("code", code)
        said.addnext(second)

    return edit


def cut_short(reading: etree._Element) -> None:
    only(reading, f"{LEGAL_ENTITY}/csd:otherID[@code='{LEGAL}']").set("code", SHORT)


def without(path: str) -> Edit:
    def edit(reading: etree._Element) -> None:
        gone = only(reading, path)
        above = gone.getparent()
        assert above is not None
        above.remove(gone)

    return edit


class Planting(NamedTuple):
    """What is done to a reading; the rule it breaks and the object it is told of; what every other loss is.

    `losses` are all those of the answer to a reading, `more` the number added to those of a FHIR search.
    """

    edit: Edit
    rule: str
    where: str
    losses: dict[str, int]
    more: int
    in_soap: Callable[[etree._Element], bool]
    in_fhir: Callable[[Resources], bool]


def ids(key: str) -> str:
    return key.replace("/", ".")


PLANTINGS = {
    # the fields pass, the levels above have them too; a HealthcareService holds one
    "two fields": Planting(
        saying_again("typeActivity", "01"),
        "RG_EXP_010",
        UNIT,
        {"RG_ALIM_006": 3, "RG_EXP_010": 1},
        5,
        lambda answer: (
            said_of_unit(answer, "typeActivity") == ["03", "01"]
            and all(found(answer, f"{facility(one)}/csd:extension/csd:typeActivity[@code='01']") for one in ABOVE)
        ),
        lambda resources: coded(resources[ids(UNIT)], "TRE_R227") == ["03"],
    ),
    # neither format has a place for the second
    "two care modes": Planting(
        saying_again("careMode", "29"),
        "RG_EXP_011",
        UNIT,
        {"RG_EXP_011": 1, "csd-3.0.addition.place": 1},
        2,
        lambda answer: said_of_unit(answer, "careMode") == ["28"],
        lambda resources: coded(resources[ids(UNIT)], "TRE_R213") == ["28"],
    ),
    # the object is known by its FINESS number, the value passes beside
    "idNat_Struct cut short": Planting(
        cut_short,
        "RG_ALIM_014",
        LEGAL,
        {"RG_ALIM_014": 1, "csd-3.0.identifier.unusable": 1},
        2,
        lambda answer: (
            {*found(answer, f"csd:organization[csd:otherID/@code='{SHORT}']/csd:otherID/@code")}
            == {LEGAL, LEGAL[1:], SHORT}
        ),
        lambda resources: SHORT in {one["value"] for one in resources[f"{LEGAL}.EJ"]["identifier"]},
    ),
    # a search is not a reading: what hangs on nothing is told there as a reference
    "EJ not sent": Planting(
        without(LEGAL_ENTITY),
        "RG_ALIM_018",
        SITE,
        {"RG_ALIM_018": 1, "csd-3.0.reference.dangling": 1},
        1,
        lambda answer: (
            not found(answer, f"csd:organization[csd:otherID/@code='{LEGAL}']")
            and len(found(answer, f"csd:organization[csd:otherID/@code='{SITE}']")) == 1
        ),
        lambda resources: f"{LEGAL}.EJ" not in resources and "partOf" not in resources[SITE],
    ),
    "level not sent": Planting(
        without(facility(LEVEL)),
        "RG_ALIM_018",
        UNIT,
        {"RG_ALIM_018": 1, "csd-3.0.reference.dangling": 2},
        2,
        lambda answer: not found(answer, facility(LEVEL)) and len(found(answer, facility(UNIT))) == 1,
        lambda resources: ids(LEVEL) not in resources and "providedBy" not in resources[ids(UNIT)],
    ),
}


def changing(edit: Edit) -> Middleware:
    """Every reading of the hospital changed; the archive, which would be taken in their place, is not offered."""

    @web.middleware
    async def change(request: web.Request, handler: Handler) -> web.StreamResponse:
        if "/extraction/" in request.path:
            raise web.HTTPNotFound
        answer = await handler(request)
        if isinstance(answer, web.Response) and isinstance(answer.body, bytes):
            envelope = parse(answer.body)
            if found(envelope, f"csd:queryResult//{facility(UNIT)}"):
                edit(envelope)
                answer.body = etree.tostring(envelope)
        return answer

    return change


def deaf() -> Middleware:
    """Asked the reduced form of an establishment, it answers what it last answered of it whole."""
    last: dict[bytes, bytes] = {}

    @web.middleware
    async def repeat(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = await request.read()
        key = re.search(rb'id_etablissement[^>]*code="(\w+)"', asked)
        answer = await handler(request)
        if key is None or not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
            return answer
        if re.search(rb"restrictedOrganisation>\s*(1|true)\s*<", asked):
            answer.body = last[key[1]]
        last[key[1]] = answer.body
        return answer

    return repeat


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sound(
    world: "World", before_region: "BeforeRegion", tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator["Federation"]:
    async with before_region(world, tmp_path_factory.mktemp("sound"), region(), changing(lambda _: None)) as federation:
        yield federation


def region() -> Any:
    made = content("84")
    made.keys = tuple(key for key in made.keys if key.finess in {HOSPITAL, HOME})
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=PLANTINGS.values(), ids=PLANTINGS)
async def planted(
    request: pytest.FixtureRequest,
    world: "World",
    before_region: "BeforeRegion",
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Planting, "Federation"]]:
    planting: Planting = request.param
    folder = tmp_path_factory.mktemp("planted")
    async with before_region(world, folder, region(), changing(planting.edit)) as federation:
        yield planting, federation


SOURCES = pytest.mark.parametrize("source", ["live", "replica"])
pytestmark = pytest.mark.asyncio(loop_scope="module")


def losses_of(log: "Log", headers: Mapping[str, str], *, source: str) -> dict[str, int]:
    """The losses by rule of an exchange, which its coverage counts."""
    (line,) = [one for one in log.of(headers["X-Request-ID"]) if one["event"] == "exchange_ended"]
    told: dict[str, int] = line["loss_rules"]
    assert counted(headers["Ror-Coverage"], source=source) == sum(told.values())
    return told


def counted(coverage: str, *, source: str) -> int:
    """`l` of the member, which answered from there."""
    (member,) = [one for one in coverage.split(", ") if one.startswith("m84;")]
    assert f";src={source};" in member
    return int(member.partition(";l=")[2].partition(";")[0])


@SOURCES
async def test_a_reading_tells_it(planted: tuple[Planting, "Federation"], log: "Log", source: str) -> None:
    planting, federation = planted

    headers, answer = await federation.exchange(HOSPITAL, source=source, code="CU22")

    assert losses_of(log, headers, source=source) == planting.losses
    assert planting.rule in planting.losses
    assert planting.in_soap(answer)
    assert len(found(answer, "csd:facility[csd:codedType/@code='4']")) == 6


@SOURCES
async def test_a_sound_reading_tells_nothing(sound: "Federation", log: "Log", source: str) -> None:
    headers, answer = await sound.exchange(HOSPITAL, source=source, code="CU22")

    assert losses_of(log, headers, source=source) == {}
    # of two care modes the one that leaves is that of the sound reading
    assert [name for name, planting in PLANTINGS.items() if planting.in_soap(answer)] == ["two care modes"]


@SOURCES
async def test_a_search_counts_it(planted: tuple[Planting, "Federation"], sound: "Federation", source: str) -> None:
    planting, federation = planted

    resources, told = await searched(federation, source=source)
    _, usual = await searched(sound, source=source)

    assert told - usual == planting.more
    assert planting.in_fhir(resources)


async def searched(federation: "Federation", *, source: str) -> tuple[Resources, int]:
    """Every unit of the hospital and what stands above, by id, and the losses counted."""
    held = content("84").establishment(HOSPITAL)
    assert held is not None
    activities = ",".join(sorted({offer.activities[0].code for offer in held.offers}))
    above = "_include=HealthcareService:organization&_include:iterate=Organization:partof"
    query = f"HealthcareService?_tag=84&specialty={activities}&_count=50&{above}"
    resources, coverage = await federation.search(query, source=source, profile="1")
    return {one["id"]: one for one in resources if "id" in one}, counted(coverage, source=source)


async def test_the_replica_keeps_it(planted: tuple[Planting, "Federation"]) -> None:
    planting, federation = planted

    kept = {(one.rule, one.object) for one in await read(federation.url, "84")}

    assert (planting.rule, planting.where) in kept


@pytest.mark.parametrize("finess", [HOSPITAL, HOME])
async def test_a_member_deaf_to_the_reduced_form_is_reduced(
    world: "World",
    sound: "Federation",
    before_region: "BeforeRegion",
    tmp_path_factory: pytest.TempPathFactory,
    log: "Log",
    finess: str,
) -> None:
    asked = "<csd:restrictedOrganisation>1</csd:restrictedOrganisation>"
    heeded, wanted = await sound.exchange(finess, source="live", code="CU22", more=asked)
    assert losses_of(log, heeded, source="live") == {}
    async with before_region(world, tmp_path_factory.mktemp("deaf"), region(), deaf()) as federation:
        told_whole, whole = await federation.exchange(finess, source="live", code="CU22")
        headers, answer = await federation.exchange(finess, source="live", code="CU22", more=asked)
        copied, from_copy = await federation.exchange(finess, source="replica", code="CU22", more=asked)

    told, usual = losses_of(log, headers, source="live"), losses_of(log, told_whole, source="live")
    assert told == {**usual, "RG_ALIM_015": too_much(finess)}
    assert body(whole) != body(wanted)
    assert body(answer) == body(wanted) == body(from_copy)
    # nobody was asked the reduced form: the copy is whole
    assert "RG_ALIM_015" not in losses_of(log, copied, source="replica")


def too_much(finess: str) -> int:
    """How many objects of an establishment its reduced form changes, as the reference reduces."""
    held = content("84").establishment(finess)
    assert held is not None
    left = reduced(held)
    return (held.establishment != left.establishment) + sum(map(ne, held.offers, left.offers))


def body(envelope: etree._Element) -> bytes:
    return etree.tostring(only(envelope, "s:Body"), method="c14n")
