"""The search of 2016 over sockets: contract section 16."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import pytest
from lxml import etree

from conformance.reference.content import content
from conformance.reference.dataset import Offer

ROR = "{urn:asip:ror:2015}"
REGION, DEPARTMENT, COMMUNE = "1", "2", "3"

Start = Callable[..., Awaitable[Any]]


def destination(kind: str, code: str, distance: str = "") -> str:
    radius = f'<distance value="{distance}"/>' if distance else ""
    return f'<destination><type code="{kind}"/><code code="{code}"/>{radius}</destination>'


def search(*destinations: str, facility: str = "", service: str = "", device: str = "", patient: str = "") -> str:
    return (
        "<ror:careServicesRequest><function><requestParams><organization/>"
        f"<facility>{facility}</facility><service>{service}</service><device>{device}</device>"
        f"<otherParams>{''.join(destinations)}{patient}</otherParams>"
        "</requestParams></function></ror:careServicesRequest>"
    )


def activities(*codes: str) -> str:
    return "".join(f'<codedType code="{code}" codingScheme="1.2.250.1.213.3.3.12"/>' for code in codes)


def mode(code: str) -> str:
    return f'<typeOfCare code="{code}" codingScheme="1.2.250.1.213.3.3.13"/>'


def found(body: etree._Element) -> set[str]:
    return {str(entry.get("code")) for entry in body.iterfind("result/facilityDirectory/facility/otherID")}


def expected(member: str, meets: Callable[[Offer], bool], departments: set[str] | None = None) -> set[str]:
    return {
        offer.identifier
        for made in content(member).establishments()
        if departments is None or made.establishment.department in departments
        for offer in made.offers
        if meets(offer)
    }


def rehabilitation(offer: Offer) -> bool:
    return offer.care_mode.code == "28" and bool({"172", "233", "241"} & {act.code for act in offer.activities})


@pytest.mark.parametrize(
    ("member", "solution", "department"), [("84", "iess", "69"), ("93", "iess", "13"), ("44", "ir", "67")]
)
async def test_the_search_of_the_demonstration(start: Start, member: str, solution: str, department: str) -> None:
    asked = await start(member, solution, "3.0")
    body = search(destination(DEPARTMENT, department), facility=mode("28"), service=activities("172", "233", "241"))

    reply = await asked.ask(body, path="/2016")

    wanted = expected(member, rehabilitation, {department})
    assert wanted
    assert found(reply.body) == wanted
    assert reply.body.findtext("result/resultNumber/OInumber") == str(len(wanted))


async def test_roots_have_a_namespace_and_children_none(start: Start) -> None:
    asked = await start("44", "ir", "2.4")

    reply = await asked.ask(search(destination(DEPARTMENT, "67"), facility=mode("28")), path="/2016")

    assert reply.body.tag == f"{ROR}careServicesResponse"
    assert all(etree.QName(child).namespace is None for child in reply.body.iterdescendants())


async def test_every_link_has_its_target(start: Start) -> None:
    asked = await start("84", "iess", "3.0")

    body = (await asked.ask(search(destination(REGION, "84")), path="/2016")).body

    keys = [entry.get("entityID") for entry in body.iterfind("result/*/*[@entityID]")]
    links = {entry.get("entityID") for entry in body.iterfind("result/*/*//*[@entityID]")}
    assert len(keys) == len(set(keys))
    assert links <= set(keys)
    sites = [
        site for site in body.iterfind("result/organizationDirectory/organization") if site.find("parent") is not None
    ]
    used = {
        entry.get("entityID") for entry in body.iterfind("result/facilityDirectory/facility/organizations/organization")
    }
    assert {site.get("entityID") for site in sites} == used


async def test_one_solution_cuts_at_fifty_without_a_word(start: Start) -> None:
    asked = await start("84", "iess", "3.0")

    reply = await asked.ask(search(destination(REGION, "84")), path="/2016")

    assert reply.status == 200
    assert len(found(reply.body)) == 50
    assert reply.body.findtext("result/resultNumber/OInumber") == "50"


async def test_the_other_sends_one_unit_more_than_allowed(start: Start) -> None:
    asked = await start("11", "ir", "3.0")

    reply = await asked.ask(search(destination(REGION, "11")), path="/2016")

    assert len(found(reply.body)) == 200


@pytest.mark.parametrize(("solution", "codes"), [("ir", {"013"}), ("iess", {"13"})])
async def test_zeros_are_stripped_by_one_solution_and_not_needed_by_any(
    start: Start, solution: str, codes: set[str]
) -> None:
    asked = await start("84", solution, "3.0")

    padded = await asked.ask(search(destination(DEPARTMENT, "69"), service=activities("013")), path="/2016")
    stripped = await asked.ask(search(destination(DEPARTMENT, "69"), service=activities("13")), path="/2016")

    assert found(padded.body) == found(stripped.body) != set()
    written = {entry.get("code") for entry in padded.body.iterfind("result/serviceDirectory/service/codedType")}
    assert codes <= written


CRITERIA: dict[str, tuple[dict[str, str], Callable[[Offer], bool]]] = {
    "act": (
        {"service": '<act code="0172" codingScheme="1.2.250.1.213.3.3.11"/>'},
        lambda offer: "0172" in {act.code for act in offer.acts},
    ),
    "equipment": (
        {"device": '<type code="184" codingScheme="1.2.250.1.213.3.3.10"/>'},
        lambda offer: "184" in {one.kind.code for place in offer.places for one in place.equipment},
    ),
    "speciality": (
        {"service": '<specialty code="SM59" codingScheme="1.2.250.1.71.1.2.38"/>'},
        lambda offer: "SM59" in {one.code for one in offer.specialities},
    ),
    "age in years": (
        {
            "service": activities("227", "228", "229"),
            "patient": '<patient><age><value>8</value><timeUnity code="a"/></age></patient>',
        },
        lambda offer: (
            bool({"227", "228", "229"} & {one.code for one in offer.activities})
            and offer.age_min.value <= 8 <= offer.age_max.value
        ),
    ),
    "age in months": (
        {
            "service": activities("088", "083"),
            "patient": '<patient><age><value>18</value><timeUnity code="m"/></age></patient>',
        },
        lambda offer: (
            bool({"088", "083"} & {one.code for one in offer.activities})
            and offer.age_min.value <= 1 <= offer.age_max.value
        ),
    ),
    "age class": (
        {"facility": '<patientsType><ageGroup code="04"/></patientsType>', "service": activities("228", "229")},
        lambda offer: bool({"228"} & {one.code for one in offer.activities}),
    ),
}


@pytest.mark.parametrize(("parts", "meets"), CRITERIA.values(), ids=CRITERIA)
async def test_each_criterion_is_met_by_every_unit(
    start: Start, parts: dict[str, str], meets: Callable[[Offer], bool]
) -> None:
    asked = await start("44", "ir", "2.4")

    reply = await asked.ask(search(destination(REGION, "44"), **parts), path="/2016")

    wanted = expected("44", meets)
    assert wanted
    assert found(reply.body) == wanted


async def test_several_places_are_a_union(start: Start) -> None:
    asked = await start("84", "ir", "3.0")
    body = search(destination(DEPARTMENT, "69"), destination(DEPARTMENT, "01"), service=activities("172"))

    reply = await asked.ask(body, path="/2016")

    def meets(offer: Offer) -> bool:
        return "172" in {one.code for one in offer.activities}

    assert found(reply.body) == expected("84", meets, {"69", "01"})


async def test_a_radius_widens_a_commune(start: Start) -> None:
    asked = await start("84", "ir", "3.0")
    villeurbanne = "69266"

    near = await asked.ask(search(destination(COMMUNE, villeurbanne)), path="/2016")
    far = await asked.ask(search(destination(COMMUNE, villeurbanne, "25")), path="/2016")

    assert found(near.body) < found(far.body)
    communes = {entry.get("code") for entry in near.body.iterfind("result/facilityDirectory/facility/cityNumber")}
    assert communes == {villeurbanne}


async def test_mayotte_is_inside_the_base_of_la_reunion(start: Start) -> None:
    asked = await start("04", "ir", "1.6")

    reply = await asked.ask(search(destination(REGION, "06"), facility=mode("28")), path="/2016")

    assert found(reply.body)
    assert all(identifier.startswith("06/") for identifier in found(reply.body))


@pytest.mark.parametrize(("use", "known"), [("CU22", True), ("CU23", False), (None, False)])
async def test_a_sensitive_unit_is_found_by_profile_1_only(start: Start, use: str | None, known: bool) -> None:
    asked = await start("11", "ir", "3.0")

    reply = await asked.ask(search(destination(REGION, "11"), service=activities("089")), use=use, path="/2016")

    assert bool(found(reply.body)) == known


@pytest.mark.parametrize(("solution", "status"), [("ir", 500), ("iess", 200)])
async def test_nothing_found_is_a_refusal(start: Start, solution: str, status: int) -> None:
    asked = await start("84", solution, "3.0")

    reply = await asked.ask(search(destination(REGION, "84"), service=activities("999")), path="/2016")

    assert reply.status == status
    assert reply.body.find("error").get("code") == "404"


BAD = {
    "no place": search(),
    "unknown kind of place": search(destination("7", "84")),
    "age that is no number": search(
        destination(REGION, "84"), patient="<patient><age><value>vieux</value></age></patient>"
    ),
    "no parameters": "<ror:careServicesRequest><function/></ror:careServicesRequest>",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
async def test_a_malformed_search_is_the_senders_fault(start: Start, body: str) -> None:
    assert (await (await start("84", "ir", "3.0")).ask(body, path="/2016")).status == 400


async def test_the_third_solution_has_no_search(start: Start) -> None:
    asked = await start("01", "autre", "1.6")
    body = search(destination(REGION, "01"))

    assert (await asked.ask(body, path="/2016")).status == 404
    refused = await asked.ask(body)
    assert refused.status == 500
    assert refused.body.findtext(".//{*}Value") == "444"


async def test_a_search_over_25000_offers_answers_within_five_seconds(start: Start) -> None:
    asked = await start("93", "iess", "3.0", scale=54)
    body = search(destination(REGION, "93"), facility=mode("28"), service=activities("172", "233", "241"))

    before = perf_counter()
    reply = await asked.ask(body, path="/2016")

    assert len(found(reply.body)) == 50
    assert perf_counter() - before < 5
