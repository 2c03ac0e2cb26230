import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.fhir.ids import (
    fhir_id,
    ids_of,
    key_of,
    legal_entity_id,
    organisation_key,
    situation_key,
    split_situation,
)


@pytest.mark.parametrize(
    ("cle", "expected"),
    [
        pytest.param("84/UE-0001", "84.UE-0001", id="offer"),
        pytest.param("1290004324", "1290004324", id="structure"),
        pytest.param("84/UE-0001/lieu", "84.UE-0001.lieu", id="place of a unit"),
        pytest.param("11/A B", "11.A..20B", id="blank"),
        pytest.param("11/é", "11..2f..c3..a9", id="slash before what is not a letter"),
        pytest.param("11/a.b", "11.a..2eb", id="point"),
        pytest.param("11//a", "11..2f.a", id="two slashes"),
    ],
)
def test_an_id_reads_like_its_key_and_back(cle: str, expected: str) -> None:
    assert fhir_id(cle) == expected
    assert key_of(expected) == cle


@given(st.text(min_size=1, max_size=60))
def test_an_id_is_a_fhir_id_and_reads_back_unless_it_is_a_hash(cle: str) -> None:
    identifier = fhir_id(cle)

    assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", identifier)
    assert key_of(identifier) in (cle, None)
    assert (key_of(identifier) is None) == identifier.endswith(".")


@given(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12))
def test_two_keys_never_share_an_id(one: str, other: str) -> None:
    assert (fhir_id(one) == fhir_id(other)) == (one == other)


@pytest.mark.parametrize("identifier", ["", "a b", "..", "..zz", "..2f", "a.", "..41", "..ff", "x/y"])
def test_what_no_key_gives_is_not_read(identifier: str) -> None:
    assert key_of(identifier) is None or fhir_id(key_of(identifier) or "") == identifier


def test_an_escape_of_a_plain_letter_is_not_read() -> None:
    assert key_of("..41") is None


def test_a_long_key_has_an_id_of_its_own() -> None:
    assert fhir_id("x" * 65) != fhir_id("x" * 66)
    assert len(fhir_id("x" * 65)) <= 64


def test_a_situation_is_a_professional_in_an_offer() -> None:
    cle = situation_key("810000000001", "84/UE-0001")

    assert fhir_id(cle) == "810000000001.84.UE-0001"
    assert split_situation(cle) == ("810000000001", "84/UE-0001")
    assert split_situation("810000000001") is None


@pytest.mark.parametrize(
    ("identifier", "cle"),
    [
        pytest.param("1590053955.EJ", "1590053955", id="legal entity"),
        pytest.param("1590053955", "1590053955", id="site"),
        pytest.param("84.EJ", "84/EJ", id="an internal organisation that is numbered so"),
        pytest.param("084.EJ", "084/EJ", id="the same under a longer region"),
        pytest.param("a b", None, id="no id of ours"),
    ],
)
def test_the_id_of_an_organisation_says_whether_it_is_a_legal_entity(identifier: str, cle: str | None) -> None:
    assert organisation_key(identifier) == cle


def test_a_site_and_its_legal_entity_have_two_ids_for_one_key() -> None:
    assert ids_of("Organization", "1590053955") == ("1590053955", "1590053955.EJ")
    assert legal_entity_id("1590053955") == "1590053955.EJ"
    assert ids_of("HealthcareService", "84/UE-1") == ("84.UE-1",)
