"""Coded elements: known mistakes are put right and noted, unknown codes are kept and noted (contract section 13)."""

from datetime import date

import pytest

from mappings.csd.codes import Coded, TextualCode
from mappings.csd.contexts import Reading
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind

CASES = {
    "as it should be": (["R211"], "1.2.250.1.213.3.3.12", "233", Code("R211", "233"), None),
    "a trailing blank": (["R227"], "1.2.250.1.213.3.3.17 ", "02", Code("R227", "02"), None),
    "leading zeros count": (["R212"], "1.2.250.1.213.3.3.10", "099", Code("R212", "099"), None),
    "division type": (["R201"], "1.2.250.1.213.2.3.2", "1", Code("R201", "1"), LossKind.REPAIRED),
    "currency under the channel": (["R230"], "1.2.250.1.213.3.3.1", "EUR", Code("R230", "EUR"), LossKind.REPAIRED),
    "management under the price type": (["R236"], "1.2.250.1.213.3.3.43", "01", Code("R236", "01"), LossKind.REPAIRED),
    "family under the act": (
        ["R265", "R266"],
        "1.2.250.1.213.3.3.11",
        "001",
        Code("R265", "001"),
        LossKind.REPAIRED,
    ),
    "site typed with the legal status": (
        ["R66", "R73"],
        "1.2.250.1.213.1.6.1.44",
        "355",
        Code("R66", "355"),
        LossKind.REPAIRED,
    ),
    "price unit padded": (["R228"], "1.2.250.1.213.3.3.18", "02", Code("R228", "2"), LossKind.REPAIRED),
    "unknown to its table": (["R227"], "1.2.250.1.213.3.3.17", "99", Code("R227", "99"), LossKind.UNRESOLVED),
    "table not held": (["R13"], "1.2.250.1.213.2.23", "01999", Code("R13", "01999"), None),
    "system of nobody": (["R227"], "1.2.3.4", "99", Code("1.2.3.4", "99"), LossKind.UNRESOLVED),
    "no system, one expected": (["R227"], "", "02", Code("R227", "02"), LossKind.DEFAULTED),
    "a blank system": (["R227"], " ", "02", Code("R227", "02"), LossKind.DEFAULTED),
    "no system, several expected": (["R265", "R266"], "", "001", Code("", "001"), LossKind.UNRESOLVED),
    "the word null": (["R227"], "null", "02", Code("null", "02"), LossKind.UNRESOLVED),
}


def reading(ledger: Ledger) -> Reading:
    return Reading(Version.V2_4, Dialect(), ledger, date(2026, 1, 1))


@pytest.mark.parametrize(("expected", "scheme", "code", "meant", "noted"), CASES.values(), ids=CASES)
def test_a_code_is_understood(expected: list[str], scheme: str, code: str, meant: Code, noted: LossKind | None) -> None:
    ledger = Ledger()
    element = parse(f'<x code="{code}" codingScheme="{scheme}"/>'.encode())

    assert Coded(*expected).read(element, reading(ledger)) == meant
    assert [loss.kind for loss in ledger.entries] == ([] if noted is None else [noted])


@pytest.mark.parametrize("code", ["", " ", "null"])
def test_an_empty_code_says_nothing(code: str) -> None:
    ledger = Ledger()

    assert Coded("R213").read(parse(f'<x code="{code}" codingScheme="1"/>'.encode()), reading(ledger)) is None
    assert ledger.entries == ()


def test_the_label_of_the_source_is_kept() -> None:
    element = parse('<x code="02" codingScheme="1.2.250.1.213.3.3.17">Soins à domicile</x>'.encode())

    assert Coded("R227").read(element, reading(Ledger())) == Code("R227", "02", "Soins à domicile")


@pytest.mark.parametrize(
    ("text", "meant", "noted"),
    [
        ("Dr", Code("R11", "DR", "Dr"), []),
        ("docteur", Code("R11", "DR", "docteur"), []),
        ("Maître", Code("R11", "", "Maître"), ["csd-2.4.code.text"]),
    ],
)
def test_a_code_written_as_text_is_recognised(text: str, meant: Code, noted: list[str]) -> None:
    ledger = Ledger()

    assert TextualCode("R11").read(parse(f"<x>{text}</x>".encode()), reading(ledger)) == meant
    assert [loss.rule for loss in ledger.entries] == noted
