"""Reading the coverage header as a client would."""

import pytest

from gateway.demo.coverage import Row, read_coverage


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        pytest.param("", (), id="absent"),
        pytest.param(
            'm84;s=answered;n=12;l=0;src=live;ms=41;v="2.4", m53;s=not_asked;r=territory',
            (
                Row("84", {"s": "answered", "n": "12", "l": "0", "src": "live", "ms": "41", "v": "2.4"}),
                Row("53", {"s": "not_asked", "r": "territory"}),
            ),
            id="two members",
        ),
    ],
)
def test_a_header_gives_one_row_per_member(header: str, rows: tuple[Row, ...]) -> None:
    assert read_coverage(header) == rows
