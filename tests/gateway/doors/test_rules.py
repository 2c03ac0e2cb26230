"""The business rules on what leaves: a member whose content breaks them, asked live and from its copy, at both doors.

What is read is the bytes of the answers, by the names of the contract and of the national profiles.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from lxml import etree

from conformance.reference.content import content
from conformance.reference.content.breaches import Breaking
from gateway.replica.commands import read

if TYPE_CHECKING:
    from tests.gateway.conftest import World
    from tests.gateway.doors.conftest import BeforeRegion, Federation

NAMES = {"csd": "urn:ihe:iti:csd:2013", "cov": "urn:inter-ror:coverage:1"}
HOSPITAL, HOME = "690780507", "639999077"
NAMELESS, SENSITIVE = f"84/UE-{HOSPITAL}-01", f"84/UE-{HOSPITAL}-06"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def federation(
    world: "World", before_region: "BeforeRegion", tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator["Federation"]:
    region = content("84")
    region.keys = tuple(key for key in region.keys if key.finess in {HOSPITAL, HOME})
    async with before_region(world, tmp_path_factory.mktemp("rules"), Breaking(region, lambda: True)) as federation:
        yield federation


SOURCES = pytest.mark.parametrize("source", ["live", "replica"])
pytestmark = pytest.mark.asyncio(loop_scope="module")


def texts(found: etree._Element, path: str) -> list[str]:
    return [str(value) for value in found.xpath(path, namespaces=NAMES)]


def told(found: etree._Element) -> int:
    (count,) = texts(found, "//cov:member[@code='84']/@l")
    return int(count)


@SOURCES
async def test_telecoms_and_contacts_leave_at_their_level(federation: "Federation", source: str) -> None:
    answer = await federation.read(HOSPITAL, source=source, code="CU22")

    levels = [
        (
            texts(contact, "csd:confidentialityLevel/@code"),
            set(texts(contact, "csd:contactPoint//@code[../../csd:record]")),
        )
        for contact in answer.iterfind(".//csd:organizationDirectory//csd:contact", NAMES)
    ]
    assert levels
    for contact in answer.iterfind(".//csd:extension/csd:contact", NAMES):
        (level,) = texts(contact, "csd:confidentialityLevel/@code")
        below = texts(contact, "csd:contactPoint/csd:extension/csd:confidentialityLevel/@code")
        assert all(one >= level for one in below)
    unit = unit_of(answer, SENSITIVE)
    assert set(texts(unit, "csd:extension/csd:contact/csd:confidentialityLevel/@code")) == {"3"}
    assert told(answer) > 0


def unit_of(answer: etree._Element, key: str) -> etree._Element:
    (unit,) = answer.xpath(f"//csd:facility[csd:otherID/@code='{key}']", namespaces=NAMES)
    return unit


@SOURCES
async def test_an_open_telecom_of_a_closed_contact_is_not_for_everyone(federation: "Federation", source: str) -> None:
    answer = await federation.read(HOSPITAL, source=source)

    contacts = texts(answer, "//csd:extension/csd:contact/csd:confidentialityLevel/@code")
    telecoms = texts(answer, "//csd:contact/csd:contactPoint/csd:extension/csd:confidentialityLevel/@code")
    assert set(contacts) <= {"1"}
    assert set(telecoms) <= {"1"}
    assert not answer.xpath(f"//csd:facility[csd:otherID/@code='{SENSITIVE}']", namespaces=NAMES)


@SOURCES
async def test_an_incomplete_unit_does_not_leave(federation: "Federation", source: str) -> None:
    answer = await federation.read(HOSPITAL, source=source, code="CU22")

    keys = texts(answer, "//csd:facility/csd:otherID/@code")
    units = answer.xpath("//csd:facility[csd:codedType/@code='4']", namespaces=NAMES)
    assert NAMELESS not in keys
    assert len(units) == int(texts(answer, "//csd:facilityNumber/text()")[0]) == 5


@SOURCES
async def test_a_level_has_the_fields_of_its_units(federation: "Federation", source: str) -> None:
    answer = await federation.read(HOSPITAL, source=source, code="CU22")

    for level in answer.xpath("//csd:facility[csd:codedType/@code!='4']", namespaces=NAMES):
        fields = texts(level, "csd:extension/csd:typeActivity/@code")
        assert fields[0] == "05"
        assert "03" in fields or not below(answer, level)


def below(answer: etree._Element, level: etree._Element) -> list[Any]:
    key = level.get("entityID")
    return list(answer.xpath(f"//csd:facility[.//csd:*[@entityID='{key}']]", namespaces=NAMES))


@SOURCES
async def test_fields_asked_are_the_fields_answered(federation: "Federation", source: str) -> None:
    asked = '<csd:typeActivity code="03" codingScheme="1.2.250.1.213.3.3.17"/>'

    answer = await federation.read(HOSPITAL, source=source, code="CU22", more=asked)

    units = answer.xpath("//csd:facility[csd:codedType/@code='4']", namespaces=NAMES)
    assert units
    assert all("03" in texts(unit, "csd:extension/csd:typeActivity/@code") for unit in units)


@SOURCES
async def test_what_cannot_be_repaired_passes_and_is_told(federation: "Federation", source: str) -> None:
    answer = await federation.read(HOME, source=source, code="CU22")

    surcharges = texts(answer, "//csd:price/csd:surchargePriceResidential/csd:residentialType/@code")
    assert surcharges == ["01"]
    assert texts(answer, "//csd:extension/csd:contact[csd:nature]/csd:name/text()")
    assert told(answer) > 0


@SOURCES
async def test_the_reduced_form_has_no_price_and_the_same_tree(federation: "Federation", source: str) -> None:
    whole = await federation.read(HOME, source=source, code="CU22")
    asked = "<csd:restrictedOrganisation>1</csd:restrictedOrganisation>"

    answer = await federation.read(HOME, source=source, code="CU22", more=asked)

    assert whole.find(".//csd:price", NAMES) is not None
    assert answer.find(".//csd:price", NAMES) is None
    for directory in ("organization", "facility"):
        key = f"//csd:{directory}Directory/csd:{directory}/csd:otherID/@code"
        assert texts(answer, key) == texts(whole, key) != []


@SOURCES
@pytest.mark.parametrize("profile", ["1", "2"])
async def test_the_fhir_door_says_the_same(federation: "Federation", source: str, profile: str) -> None:
    held = content("84").establishment(HOSPITAL)
    assert held is not None
    activities = {offer.activities[0].code for offer in held.offers}
    query = f"HealthcareService?_tag=84&specialty={','.join(sorted(activities))}&_count=50"
    resources, coverage = await federation.search(query, source=source, profile=profile)

    units = {resource["identifier"][0]["value"]: resource for resource in resources if "identifier" in resource}
    assert NAMELESS not in units
    assert (SENSITIVE in units) is (profile == "1")
    assert "l=0" not in coverage.partition("m84;")[2].partition(",")[0]


async def test_the_replica_keeps_what_the_member_breaks(federation: "Federation") -> None:
    found = {one.rule for one in await read(federation.url, "84")}

    assert found >= {"RG_EXP_002", "RG_EXP_029", "RG_EXP_034", "RG_EXP_039", "RG_EXP_040", "RG_EXP_041", "RG_ALIM_006"}
