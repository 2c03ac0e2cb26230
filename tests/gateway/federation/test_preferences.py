"""What a caller may demand is read from `Prefer` and from the coverage header block."""

import pytest

from gateway.federation.exchange import Requirements, Source
from gateway.federation.preferences import DemandUnreadable, Handling, Preferences, read_block, read_prefer
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
                ignored=("return=minimal", "respond-async"),
                unreadable=("source=national", "max-age=soon", "coverage=some", "handling=odd"),
            ),
            id="what is not understood is told",
        ),
        pytest.param(
            ["coverage complete, max-age=-5", "=live, max-age=, coverage"],
            Preferences(unreadable=("coverage complete", "max-age=-5", "=live", "max-age", "coverage")),
            id="no preference at all",
        ),
        pytest.param(
            ['"coverage=complete", x="a, \\", b"; c="d,e", source=live', 'max-age=1"2, coverage=complete'],
            Preferences(
                Requirements(source=Source.LIVE),
                applied=("source=live",),
                ignored=('x=a, ", b',),
                unreadable=('"coverage=complete"', 'max-age=1"2, coverage=complete'),
            ),
            id="quotes",
        ),
        pytest.param(['x="a\\', ",, ,"], Preferences(unreadable=('x="a\\',)), id="a quote that does not end"),
        pytest.param(
            ["coverage=compl\udce9te, \x01"],
            Preferences(unreadable=("coverage=compl?te", "?")),
            id="bytes that are no text",
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
        pytest.param('complete="0" source=" live "', Requirements(source=Source.LIVE), id="blanks"),
        pytest.param(
            'complete="true" xmlns:s="urn:s" s:role="r" s:mustUnderstand="1"',
            Requirements(complete=True),
            id="for SOAP",
        ),
    ],
)
def test_the_header_block(attributes: str, expected: Requirements) -> None:
    headers = parse(f'<h><other/><c:Coverage xmlns:c="urn:inter-ror:coverage:1" {attributes}/></h>'.encode())

    assert read_block(headers) == expected
    assert read_block([]) == Requirements()


@pytest.mark.parametrize(
    ("attributes", "part"),
    [
        ('complete="yes"', "complete"),
        ('complete=""', "complete"),
        ('complete="TRUE"', "complete"),
        ('source="national"', "source"),
        ('source="copy"', "source"),
        ('max-age="-1"', "max-age"),
        ('max-age="1.5"', "max-age"),
        ('max-age="9999999999"', "max-age"),
        ('complete="true" maxage="60"', "maxage"),
    ],
)
def test_a_header_block_that_cannot_be_read_is_not_taken_for_best_effort(attributes: str, part: str) -> None:
    headers = parse(f'<h><c:Coverage xmlns:c="urn:inter-ror:coverage:1" {attributes}/></h>'.encode())

    with pytest.raises(DemandUnreadable) as refused:
        read_block(headers)

    assert refused.value.part == part


def test_two_header_blocks_are_no_demand() -> None:
    block = '<c:Coverage xmlns:c="urn:inter-ror:coverage:1" complete="true"/>'

    with pytest.raises(DemandUnreadable, match="Coverage"):
        read_block(parse(f"<h>{block}{block}</h>".encode()))
