"""What is announced against what is sent."""

import pytest

from conformance.checks.count import CHECK
from conformance.runner import judge

UE = '<csd:facility entityID="{key}"><csd:codedType code="4" codingScheme="{scheme}"/></csd:facility>'
POLE = '<csd:facility entityID="P"><csd:codedType code="1" codingScheme="1.2.250.1.213.3.3.8"/></csd:facility>'
TWO = POLE + "".join(UE.format(key=key, scheme="1.2.250.1.213.3.3.8 ") for key in "AB")
OTHER_SCHEME = UE.format(key="C", scheme="1.2.250.1.213.3.3.17")


@pytest.mark.parametrize(
    ("facilities", "number", "verdict"),
    [
        (TWO, 2, "pass"),
        (TWO, 3, "fail"),
        (TWO, 1, "fail"),
        (POLE, 0, "pass"),
        (POLE, 1, "fail"),
        (TWO + OTHER_SCHEME, 2, "pass"),
        (TWO, None, "skip"),
    ],
    ids=["right", "one-more", "one-less", "none", "pole-counted", "other-scheme", "not-announced"],
)
async def test_only_elementary_units_count(scripted, notified, read, facilities, number, verdict) -> None:
    target = await scripted(notification=notified("1019999991"), reading=read("", facilities, number=number))

    assert (await judge(target, [CHECK])).verdict == verdict


async def test_an_unreadable_number_fails(scripted, notified, read) -> None:
    reading = read("", TWO, number=2).replace(">2<", ">deux<")
    target = await scripted(notification=notified("1019999991"), reading=reading)

    assert (await judge(target, [CHECK])).verdict == "fail"
