"""The table of requirements covers the contract's rules, and the checks and the table agree."""

from collections import Counter

from conformance.checks.catalogue import CHECKS
from conformance.requirements import TABLE, read_requirements

COLUMNS = (
    "Req Set,ID,URL,Requirement,Conformance,Actors,Sub-Requirement(s),Conditionality,"
    "Not Tested Reason,Not Tested Details"
)
RULES = {
    *(f"RG_EXP_{number:03}" for number in (1, 2, 10, 11, 19, 20, 23, 24, 25, 29, 30, 34, 39, 40, 41)),
    *(f"RG_ALIM_{number:03}" for number in (6, 14, 15, 16, 18, 19, 20, 23, 24, 46, 47, 48, 49, 50, 51, 52, 53)),
    "REC.2.1.3",
    "REC.2.2.2",
    "TR-Lecture-OffresSanteEtablissement",
    "TR-Lecture-OffresSanteOrganisationInterne",
    "TR-Notif-ListeEtablissementMajApresDate",
    "TR-RecuperationExtraction-ExtractionOffresSante",
}


def test_the_columns_are_those_of_the_inferno_kits() -> None:
    assert TABLE.read_text(encoding="utf-8").splitlines()[0] == COLUMNS


def test_every_rule_of_the_contract_has_one_row() -> None:
    assert Counter(row.identifier for row in read_requirements()) == Counter(RULES)


def test_a_requirement_has_a_check_or_a_reason_not_to() -> None:
    checked = {identifier for check in CHECKS for identifier in check.requirements}

    assert checked <= RULES
    for row in read_requirements():
        assert bool(row.not_tested) != (row.identifier in checked), row.identifier
        assert bool(row.not_tested) == bool(row.columns["Not Tested Details"])


def test_sub_requirements_exist() -> None:
    named = {one for row in read_requirements() for one in row.columns["Sub-Requirement(s)"].split(",") if one}

    assert named <= RULES


def test_checks_have_distinct_names_and_words_in_both_languages() -> None:
    assert len({check.identifier for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        for text in (check.description, check.expectation):
            assert text.fr
            assert text.en
            assert text.fr != text.en
