"""Only published codes can be written."""

import pytest

from conformance.reference.content.codes import code, codes, displays
from conformance.reference.csd.wire import oids


def test_a_published_code_has_its_label() -> None:
    assert code("R211", "172").label == "Réadaptation polyvalente"


def test_codes_keep_their_leading_zeros() -> None:
    assert [found.code for found in codes("R210", "0172", "0897")] == ["0172", "0897"]


@pytest.mark.parametrize(("table", "value"), [("R211", "9999"), ("R210", "172"), ("R245", "15"), ("R999", "01")])
def test_an_unpublished_code_is_refused(table: str, value: str) -> None:
    with pytest.raises(KeyError):
        code(table, value)


def test_every_table_has_its_oid() -> None:
    assert {table for table, _ in displays()} - oids().keys() == set()
