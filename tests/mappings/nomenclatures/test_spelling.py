"""One spelling per code, where the table leaves no doubt."""

import pytest

from mappings.exposition.values import Code
from mappings.nomenclatures.catalogue import current
from mappings.nomenclatures.spelling import normalise
from mappings.nomenclatures.tables import table


@pytest.mark.parametrize(
    ("given", "right"),
    [
        pytest.param("R211 37", "037", id="three digits"),
        pytest.param("R210 326", "0326", id="four digits"),
        pytest.param("R213 1", "01", id="two digits, stripped by the search of 2016"),
        pytest.param("R213 037", "37", id="too many zeros"),
        pytest.param("R228 02", "2", id="one digit, padded"),
        pytest.param("R283 01", "1", id="one digit, level of confidentiality"),
        pytest.param("R211 0037", "037", id="too many zeros, three digits"),
    ],
)
def test_zeros_are_put_right(given: str, right: str) -> None:
    system, code = given.split()

    assert normalise(Code(system, code, "Libellé")) == (Code(system, right, "Libellé"), True)


@pytest.mark.parametrize("code", ["037 ", " 037", "37 ", "\t037"])
def test_blanks_go(code: str) -> None:
    assert normalise(Code("R211", code)) == (Code("R211", "037"), True)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("R211 037", id="right already"),
        pytest.param("R211 999", id="unknown in every spelling"),
        pytest.param("R244 5", id="codes of two widths"),
        pytest.param("R244 030", id="030 and 30 differ"),
        pytest.param("R356 1", id="codes of two widths, professions"),
        pytest.param("R72 2", id="codes of two widths, legal status"),
        pytest.param("G09 1", id="departments are not numbers"),
        pytest.param("G09 02A", id="2A is not a number"),
        pytest.param("R30 4", id="regions have three widths"),
        pytest.param("G07 04", id="types of identifiers have two widths"),
        pytest.param("R02 7", id="letters and digits"),
        pytest.param("R13 1001", id="table not held"),
        pytest.param("urn:region:84 1", id="unknown system"),
        pytest.param("R211 ٣٧", id="digits of another script"),
    ],
)
def test_what_could_be_two_codes_is_left(given: str) -> None:
    code = Code(*given.split())

    assert normalise(code) == (code, False)


def test_every_code_of_a_table_of_one_width_is_found_again_without_its_zeros_or_with_too_many() -> None:
    lost = []
    tables = {system: held for system in current().numbers() if (held := table(system)) is not None}
    uniform = {
        system: codes
        for system, codes in tables.items()
        if len({len(code) for code in codes}) == 1 and all(code.isascii() and code.isdigit() for code in codes)
    }
    for system, codes in uniform.items():
        for code in codes:
            for given in (code.lstrip("0") or code, f"0{code}", f" {code}", f"{code} "):
                if normalise(Code(system, given))[0].code != code:
                    lost.append((system, code, given))

    assert lost == []
    assert {"R210", "R211", "R212", "R213", "R227", "R245", "R338"} <= set(uniform)


def test_a_code_that_its_table_holds_is_never_another() -> None:
    for system in current().numbers():
        for code in table(system) or ():
            assert normalise(Code(system, code)) == (Code(system, code), False)
