"""Codes whose leading zeros were stripped."""

import pytest

from mappings.csd.padding import padded


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        pytest.param("R211", "37", "037", id="stripped"),
        pytest.param("R211", "037", "037", id="padded"),
        pytest.param("R213", "1", "01", id="two characters"),
        pytest.param("R211", "99999", "99999", id="unknown code"),
        pytest.param("R999", "1", "1", id="unknown table"),
    ],
)
def test_a_code_is_compared_as_its_table_writes_it(system: str, code: str, expected: str) -> None:
    assert padded(system, code) == expected
