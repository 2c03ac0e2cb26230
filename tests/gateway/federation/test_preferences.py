"""What a caller may demand is read from `Prefer` and from the coverage header block."""

import pytest

from gateway.federation.exchange import Requirements, Source
from gateway.federation.preferences import Handling, Preferences, read_block, read_prefer
from mappings.csd.xml import parse


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param([], Preferences(), id="nothing"),
        pytest.param(
            ["coverage=complete"],
            Preferences(Requirements(complete=True), applied=("coverage=complete",)),
            id="complete",
        ),
        pytest.param(
            ["source=live, max-age=60", "handling=strict"],
            Preferences(
                Requirements(source=Source.LIVE, maximum_age=60.0),
                Handling.STRICT,
                ("source=live", "max-age=60", "handling=strict"),
            ),
            id="a list and a second header",
        ),
        pytest.param(
            ['Source="replica" ; x=1,Handling=lenient;y'],
            Preferences(Requirements(source=Source.REPLICA), Handling.LENIENT, ("source=replica", "handling=lenient")),
            id="quoted, parameters, case",
        ),
        pytest.param(
            ["max-age=5, max-age=7"],
            Preferences(Requirements(maximum_age=5.0), applied=("max-age=5",), ignored=("max-age=7",)),
            id="the first counts",
        ),
        pytest.param(
            ["source=national, max-age=soon, coverage=some, handling=odd, return=minimal, respond-async"],
            Preferences(
                ignored=(
                    "source=national",
                    "max-age=soon",
                    "coverage=some",
                    "handling=odd",
                    "return=minimal",
                    "respond-async",
                )
            ),
            id="what is not understood is told",
        ),
    ],
)
def test_prefer(headers: list[str], expected: Preferences) -> None:
    assert read_prefer(headers) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param('complete="true"', Requirements(complete=True), id="complete"),
        pytest.param('complete="1" source="replica" max-age="9"', Requirements(True, Source.REPLICA, 9.0), id="all"),
        pytest.param('complete="false"', Requirements(), id="not complete"),
    ],
)
def test_the_header_block(attributes: str, expected: Requirements) -> None:
    headers = parse(f'<h><other/><c:Coverage xmlns:c="urn:inter-ror:coverage:1" {attributes}/></h>'.encode())

    assert read_block(headers) == expected
    assert read_block([]) == Requirements()
