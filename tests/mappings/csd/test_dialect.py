"""What the federation document may declare of a source."""

from zoneinfo import ZoneInfo

import pytest

from mappings.csd.dialect import PARIS, Dialect, DialectRefused, Hierarchie


def test_nothing_declared_is_the_most_careful_dialect() -> None:
    dialect = Dialect.from_options({})

    assert dialect == Dialect(None, "3", None, None, PARIS)


def test_every_option_is_read() -> None:
    dialect = Dialect.from_options(
        {
            "hierarchy": "parent-facility",
            "confidentiality": "1",
            "sensitive-unit": "false",
            "region": "04",
            "timezone": "Indian/Reunion",
        }
    )

    assert dialect == Dialect(Hierarchie.PARENT_FACILITY, "1", False, "04", ZoneInfo("Indian/Reunion"))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"hierarchie": "chain"}, id="unknown name"),
        pytest.param({"hierarchy": "tree"}, id="unknown style"),
        pytest.param({"confidentiality": "4"}, id="unknown level"),
        pytest.param({"sensitive-unit": "maybe"}, id="neither true nor false"),
        pytest.param({"timezone": "Europe/Lutetia"}, id="unknown zone"),
    ],
)
def test_what_no_dialect_has_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(DialectRefused, match=next(iter(options))):
        Dialect.from_options(options)
