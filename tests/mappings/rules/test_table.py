"""The table names every rule once, and each place it names carries the id."""

from pathlib import Path

import pytest

from mappings.losses.expected import expected_losses
from mappings.rules.pages import render_rules
from mappings.rules.table import Conduct, Rule, rules

ROOT = Path(__file__).parents[3]
WANTED = {
    *(f"RG_EXP_{number:03}" for number in (1, 2, 10, 11, 19, 23, 24, 25, 29, 30, 34, 39, 40, 41)),
    *(f"RG_ALIM_{number:03}" for number in (6, 14, 15, 16, 18, 19, 20, 23, 24, *range(46, 54))),
}


def test_every_rule_is_there_once() -> None:
    ids = [rule.id for rule in rules()]

    assert sorted(ids) == sorted(WANTED)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_each_place_carries_the_id(rule: Rule) -> None:
    silent = [place for place in rule.where if rule.id not in (ROOT / place).read_text(encoding="utf-8")]

    assert rule.where
    assert silent == []


TESTS = "".join(
    path.read_text(encoding="utf-8")
    for part in ("adapters", "gateway", "mappings", "whitelist")
    for path in (ROOT / "tests" / part).rglob("test_*.py")
    if path != Path(__file__)
)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_each_rule_has_a_test_that_names_it(rule: Rule) -> None:
    assert rule.id in TESTS


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_what_is_repaired_or_told_has_its_entry(rule: Rule) -> None:
    in_the_ledger = {Conduct.FOUND, Conduct.NOT_SENT} & set(rule.conduct) or rule.conduct == (Conduct.REPAIRED,)

    assert bool(in_the_ledger) == any(row.rule == rule.id for row in expected_losses())


def test_the_page_has_a_line_for_each() -> None:
    lines = render_rules().splitlines()[2:]

    assert [line.split("`")[1] for line in lines] == [rule.id for rule in rules()]
