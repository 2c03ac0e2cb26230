"""Old codes to new ones: only what is sourced, or accepted by an expert."""

from datetime import date

import pytest

from mappings.exposition.values import Code
from mappings.nomenclatures.replacements import (
    NEVER,
    Acceptance,
    AcceptanceRefused,
    Applied,
    read_acceptances,
    replace,
    replacements,
)

TODAY = date(2026, 11, 21)
EXPERT = Acceptance(date(2026, 11, 2), "Comité nomenclatures", "relu")
HEAD = "source_system,source_code,target_system,target_code,date,who,reason\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("R30 21", "R30 44", id="Champagne-Ardenne"),
        pytest.param("R30 41", "R30 44", id="Lorraine"),
        pytest.param("R30 42", "R30 44", id="Alsace"),
        pytest.param("R30 985", "R30 06", id="Mayotte, region"),
        pytest.param("R30 976", "R30 06", id="Mayotte, other region code"),
        pytest.param("G09 985", "G09 976", id="Mayotte, department"),
        pytest.param("G09 98000", "G09 99138", id="Monaco"),
    ],
)
def test_a_sourced_replacement_is_applied_and_told(old: str, new: str) -> None:
    applied = replace(Code(*old.split()), TODAY)

    assert applied is not None
    assert (applied.new.cle, applied.certainty, applied.acceptance) == (tuple(new.split()), "sourced", None)
    assert applied.evidence


def test_nothing_is_replaced_before_its_end() -> None:
    assert replace(Code("R30", "21"), date(2015, 12, 31)) is None
    assert replace(Code("R30", "21"), date(2016, 1, 1)) is not None


DERIVED = [
    pytest.param("R210 0326", "R210 0736", "recoded", id="recoded, same label"),
    pytest.param("R211 026", "R211 025", "merged_into_existing", id="merged into existing"),
    pytest.param("R211 456", "R211 233", "merged_into_existing", id="duplicate corrected"),
    pytest.param("G07 5", "G07 1", "merged_into_existing", id="FINESS EJ"),
    pytest.param("R210 0097", "R211 436", "moved", id="merged into new, other table"),
    pytest.param("R211 119", "R210 0547", "moved", id="moved to acts"),
    pytest.param("R211 008", "R212 093", "moved", id="moved to equipments"),
    pytest.param("R213 26", "R338 04", "moved", id="moved, then new element"),
    pytest.param("R213 26", "R210 0988", "moved", id="moved, the other target"),
    pytest.param("R211 028", "R211 177", "reintroduced", id="reintroduced"),
    pytest.param("R211 174", "R211 583", "reintroduced", id="reintroduced, one of two targets"),
    pytest.param("R316 801", "R66 606", "moved", id="temporary list"),
    pytest.param("R232 DEF", "R286 DEF", "moved", id="whole list, same codes"),
    pytest.param("R244 133", "R244 30", "merged_into_existing", id="label taken over"),
]


@pytest.mark.parametrize(("old", "new", "relation"), DERIVED)
def test_a_derived_replacement_waits_for_an_expert(old: str, new: str, relation: str) -> None:
    code, target = Code(*old.split()), tuple(new.split())

    assert replace(code, TODAY) is None

    applied = replace(code, TODAY, accepted={(code.cle, target): EXPERT})

    assert applied is not None
    assert isinstance(applied, Applied)
    assert (applied.new.cle, applied.relation, applied.certainty, applied.acceptance) == (
        target,
        relation,
        "derived",
        EXPERT,
    )


NEVER_APPLIED = [
    pytest.param("G09 20", "G09 2A", id="split, sourced"),
    pytest.param("R211 166", "R211 177", id="split"),
    pytest.param("R211 024", "R211 023", id="split into existing"),
    pytest.param("R213 12", "R211 344", id="split in seven"),
    pytest.param("R211 048", "R211 551", id="split, value set only"),
    pytest.param("R211 012", "R211 175", id="split, one half ended later"),
    pytest.param("R211 040", "R211 549", id="meaning moved"),
    pytest.param("R211 035", "R211 594", id="scope narrowed"),
]


@pytest.mark.parametrize(("old", "new"), NEVER_APPLIED)
def test_what_has_no_single_successor_is_never_replaced(old: str, new: str) -> None:
    code = Code(*old.split())

    assert replace(code, TODAY) is None
    assert replace(code, TODAY, accepted={(code.cle, tuple(new.split())): EXPERT}) is None


@pytest.mark.parametrize(("old", "new"), NEVER_APPLIED)
def test_nor_can_it_be_accepted(old: str, new: str) -> None:
    line = ",".join((*old.split(), *new.split(), "2026-11-02", "Comité", "relu"))

    with pytest.raises(AcceptanceRefused) as refused:
        read_acceptances(HEAD + line)

    assert (refused.value.code, refused.value.line) == ("never-applied", 2)


def test_a_target_that_does_not_exist_yet_is_not_written() -> None:
    accepted = {(("R211", "470"), ("R211", "543")): EXPERT}

    assert replace(Code("R211", "470"), date(2024, 1, 1), accepted=accepted) is None
    assert replace(Code("R211", "470"), TODAY, accepted=accepted) is not None


def test_two_accepted_targets_are_none() -> None:
    accepted = {(("R213", "26"), ("R338", "04")): EXPERT, (("R213", "26"), ("R210", "0988")): EXPERT}

    assert replace(Code("R213", "26"), TODAY, accepted=accepted) is None


def test_acceptances_are_read_under_any_name_of_the_tables() -> None:
    text = HEAD + "TRE_R316-AutreCategorieEtablissement,801,R66,606,2026-11-02,Comité nomenclatures,relu\n"

    assert read_acceptances(text) == {(("R316", "801"), ("R66", "606")): EXPERT}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("a,b\n", "columns", id="other columns"),
        pytest.param("", "columns", id="empty"),
        pytest.param(HEAD + "R316,801,R66,606,02/11/2026,Comité,relu\n", "date", id="date of another style"),
        pytest.param(HEAD + "R316,801,R66,606,2026-11-02,,relu\n", "blank", id="by nobody"),
        pytest.param(HEAD + "R316,801,R66,606,2026-11-02,Comité\n", "blank", id="for no reason"),
        pytest.param(HEAD + "R316,801,R66,606,2026-11-02,Comité,relu,encore\n", "blank", id="one cell too many"),
        pytest.param(HEAD + "R316,801,R66,607,2026-11-02,Comité,relu\n", "unknown-row", id="row of nowhere"),
        pytest.param(HEAD + 2 * "R316,801,R66,606,2026-11-02,Comité,relu\n", "twice", id="twice"),
        pytest.param(
            HEAD + "R213,26,R338,04,2026-11-02,Comité,relu\nR213,26,R210,0988,2026-11-02,Comité,relu\n",
            "two-targets",
            id="two targets",
        ),
    ],
)
def test_a_doubtful_acceptance_refuses_the_file(text: str, code: str) -> None:
    with pytest.raises(AcceptanceRefused) as refused:
        read_acceptances(text)

    assert refused.value.code == code


def test_the_table_is_whole() -> None:
    rows = [row for found in replacements().values() for row in found]

    assert len(rows) == 190
    assert sum(row.certainty == "sourced" for row in rows) == 23
    assert {row.relation for row in rows} >= NEVER
