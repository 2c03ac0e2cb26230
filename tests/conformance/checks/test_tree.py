"""What breaks a tree, case by case."""

import pytest

from conformance.checks.tree import CHECK
from conformance.runner import judge

EJ = '<csd:organization entityID="EJ"><csd:otherID code="1010000000" assigningAuthorityName="x"/></csd:organization>'
EG = (
    '<csd:organization entityID="EG"><csd:otherID code="" assigningAuthorityName=""/>'
    '<csd:otherID code="{code}" assigningAuthorityName="x"/>{parent}</csd:organization>'
)
PARENT = '<csd:parent entityID="EJ"/>'
ASKED = "1019999991"
WHOLE = EJ + EG.format(code=ASKED, parent=PARENT)


def unit(key: str, to: str, inside: str = "") -> str:
    return (
        f'<csd:facility entityID="{key}"><csd:organizations><csd:organization entityID="{to}">{inside}'
        "</csd:organization></csd:organizations></csd:facility>"
    )


def below(key: str, parent: str) -> str:
    return (
        f'<csd:facility entityID="{key}"><csd:extension><csd:parentFacility entityID="{parent}"/>'
        "</csd:extension></csd:facility>"
    )


async def finding(scripted, notified, reading: str, *codes: str):
    target = await scripted(notification=notified(*codes or (ASKED,)), reading=reading)
    return (await judge(target, [CHECK])).results[0].finding


@pytest.mark.parametrize(
    ("organizations", "facilities"),
    [
        (WHOLE, ""),
        (WHOLE, unit("A", "EG")),
        (WHOLE, unit("POLE", "EG") + unit("UE", "POLE")),
        (WHOLE, unit("POLE", "EG") + below("UE", "POLE")),
        (EJ + EG.format(code=ASKED[1:], parent=PARENT), unit("A", "EG")),
    ],
    ids=["no-unit", "flat", "chain", "parent-facility", "bare-finess"],
)
async def test_every_way_of_hanging_is_a_tree(scripted, notified, read, organizations: str, facilities: str) -> None:
    assert (await finding(scripted, notified, read(organizations, facilities))).verdict == "pass"


@pytest.mark.parametrize(
    ("organizations", "facilities", "reason"),
    [
        (EJ, "", "the establishment asked for is not there"),
        (EJ + EG.format(code="1018888888", parent=PARENT), "", "the establishment asked for is not there"),
        (EG.format(code=ASKED, parent=PARENT), "", "the legal entity is not there"),
        (EJ + EG.format(code=ASKED, parent=""), "", "the establishment asked for is not there"),
        (WHOLE, unit("A", "ELSEWHERE"), "unit A does not climb"),
        (WHOLE, unit("A", "EJ"), "unit A does not climb"),
        (WHOLE, unit("A", "B") + unit("B", "A"), "unit A does not climb"),
        (WHOLE, '<csd:facility entityID="A"/>', "unit A does not climb"),
        (WHOLE, unit("A", "EG", '<csd:service entityID="S"/>'), "A points to S, absent"),
    ],
    ids=[
        "no-eg",
        "other-eg",
        "no-ej",
        "eg-without-parent",
        "dangling",
        "on-the-ej",
        "loop",
        "nowhere",
        "no-service",
    ],
)
async def test_a_broken_tree_fails_for_its_reason(
    scripted, notified, read, organizations: str, facilities: str, reason: str
) -> None:
    found = await finding(scripted, notified, read(organizations, facilities))

    assert found.verdict == "fail"
    assert reason in found.message.en


async def test_a_dangling_equipment_conforms_with_a_remark(scripted, notified, read) -> None:
    equipped = unit("A", "EG").replace(
        "</csd:facility>", '<csd:extension><csd:equipment entityID="X"/></csd:extension></csd:facility>'
    )
    found = await finding(scripted, notified, read(WHOLE, equipped))

    assert found.verdict == "pass"
    assert [one.en for one in found.remarks] == ["1 equipment named but absent"]


async def test_without_an_establishment_there_is_nothing_to_judge(scripted, notified) -> None:
    target = await scripted(notification=notified(result=0))

    assert (await judge(target, [CHECK])).verdict == "skip"


async def test_a_refused_reading_of_an_announced_establishment_fails(scripted, notified) -> None:
    refusal = '<csd:careServicesResponse><csd:error code="404" message="x"/></csd:careServicesResponse>'
    found = await finding(scripted, notified, refusal)

    assert (found.verdict, found.message.en) == ("fail", "unexpected answer: careServicesResponse (HTTP 200)")
