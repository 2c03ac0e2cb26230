"""Both doors read the same demands."""

import pytest
from lxml import etree

from gateway.doors.demands import from_headers, from_preferences, preferences
from gateway.errors import ErrorCode, RequesterError
from gateway.federation.exchange import Requirements, Source


def block(**attributes: str) -> etree._Element:
    element = etree.Element("{urn:inter-ror:coverage:1}Coverage")
    for name, value in attributes.items():
        element.set(name.replace("_", "-"), value)
    return element


CASES = [
    ([], {}, Requirements()),
    (["coverage=complete"], {"complete": "true"}, Requirements(complete=True)),
    (["coverage=best-effort"], {"complete": "0"}, Requirements()),
    (["source=live"], {"source": "live"}, Requirements(source=Source.LIVE)),
    (
        ["source=replica; x=1, max-age=60", "coverage=complete"],
        {"source": "replica", "max_age": "60", "complete": "1"},
        Requirements(complete=True, source=Source.REPLICA, maximum_age=60.0),
    ),
]


@pytest.mark.parametrize(
    ("prefer", "attributes", "expected"), CASES, ids=["none", "complete", "best-effort", "live", "all"]
)
def test_one_demand_two_writings(prefer: list[str], attributes: dict[str, str], expected: Requirements) -> None:
    assert from_preferences(preferences(prefer)) == expected
    assert from_headers([etree.Element("other"), block(**attributes)]) == expected


def test_without_block_nothing_is_demanded() -> None:
    assert from_headers([]) == Requirements()


@pytest.mark.parametrize(
    "prefer", ["coverage=whole", "source=national", "source=", "max-age=-1", "max-age=soon", "max-age=9999999999"]
)
def test_a_demand_that_is_not_understood_is_refused(prefer: str) -> None:
    with pytest.raises(RequesterError) as refused:
        from_preferences(preferences([prefer]))

    assert refused.value.code is ErrorCode.BAD_COVERAGE_DEMAND


@pytest.mark.parametrize("attributes", [{"complete": "yes"}, {"source": "cache"}, {"max_age": "1h"}])
def test_a_block_that_is_not_understood_is_refused(attributes: dict[str, str]) -> None:
    with pytest.raises(RequesterError) as refused:
        from_headers([block(**attributes)])

    assert refused.value.code is ErrorCode.BAD_COVERAGE_DEMAND


def test_other_preferences_are_kept_and_the_first_counts() -> None:
    assert preferences(['handling="Strict", handling=lenient', "return=minimal", "respond-async"]) == {
        "handling": "strict",
        "return": "minimal",
        "respond-async": "",
    }
