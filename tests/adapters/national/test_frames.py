"""What the national ROR says around the resources."""

import pytest

from adapters.errors import MemberAnswerInvalid
from adapters.national.frames import diagnostics, listing

PAGE = b"""{"resourceType": "Bundle", "total": 7,
 "link": [{"relation": "self", "url": "a"}, {"relation": "next", "url": "b"}],
 "entry": [{"resource": {"resourceType": "HealthcareService", "id": "1", "name": "x"}, "search": {"mode": "match"}},
           {"resource": {"resourceType": "Location", "id": "2"}, "search": {"mode": "include"}},
           {"resource": {"resourceType": "HealthcareService", "id": "3"}}]}"""


def test_a_page_says_what_matches_how_many_and_what_follows() -> None:
    found = listing(PAGE)

    assert (found.matches, found.total, found.following) == (["HealthcareService/1", "HealthcareService/3"], 7, "b")


def outcome(severity: str) -> bytes:
    """The page, with a remark of the server among its entries, which nobody gave an id."""
    said = f'{{"resource": {{"resourceType": "OperationOutcome", "issue": [{{"severity": "{severity}"}}]}}}}'
    return PAGE.replace(b'"entry": [', b'"entry": [%s, ' % said.encode())


@pytest.mark.parametrize("severity", ["information", "warning"])
def test_a_remark_beside_the_objects_matches_nothing(severity: str) -> None:
    assert listing(outcome(severity)).matches == listing(PAGE).matches


def test_a_last_page_says_nothing_follows() -> None:
    found = listing(b'{"resourceType": "Bundle"}')

    assert (found.matches, found.total, found.following) == ([], None, None)


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        pytest.param(b"", "not-well-formed", id="nothing"),
        pytest.param(PAGE[:-1], "not-well-formed", id="cut"),
        pytest.param(b'"Bundle"', "not-an-object", id="text"),
        pytest.param(b'{"resourceType": "OperationOutcome"}', "not-a-bundle", id="outcome"),
        pytest.param(b'{"resourceType": 1}', "not-a-bundle", id="type that is a number"),
        pytest.param(b'{"total": 1}', "not-a-bundle", id="no type"),
        pytest.param(PAGE.replace(b', "id": "2"', b""), "bundle-entry", id="no id"),
        pytest.param(outcome("error"), "bundle-outcome", id="an error among the entries"),
        pytest.param(PAGE.replace(b'"id": "2"', b'"id": 2'), "bundle-entry", id="id that is a number"),
        pytest.param(PAGE.replace(b'"id": "2"', b'"x": ' + b"[" * 99 + b"]" * 99), "too-deep", id="deep, no id"),
        pytest.param(b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too-deep", id="very deep"),
        pytest.param('{"resourceType": "é"}'.encode("latin-1"), "encoding", id="latin-1"),
    ],
)
def test_what_is_no_page_is_not_believed(body: bytes, cause: str) -> None:
    with pytest.raises(MemberAnswerInvalid) as failure:
        listing(body)

    assert failure.value.cause == cause


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b'{"issue": [{"diagnostics": "a"}, {"diagnostics": "b"}]}', "a", id="the first"),
        pytest.param(b'{"issue": [{"code": "x"}]}', "", id="no words"),
        pytest.param(b'{"issue": []}', "", id="no issue"),
        pytest.param(b'{"issue": {"diagnostics": "a"}}', "", id="issue that is no list"),
        pytest.param(b'{"issue": ["a"]}', "", id="issue that is a text"),
        pytest.param(b'{"issue": [{"diagnostics": 5}]}', "", id="words that are a number"),
        pytest.param(b"<html>", "", id="a page"),
        pytest.param(b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "", id="very deep"),
    ],
)
def test_a_refusal_is_told_in_its_own_words_if_it_has_any(body: bytes, words: str) -> None:
    assert diagnostics(body) == words
