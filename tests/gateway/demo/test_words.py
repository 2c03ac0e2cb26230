"""Both languages say everything, with the same values."""

import re

import pytest

from gateway.demo.words import REASONS, SOURCES, STATUSES, WORDS, say
from gateway.federation.exchange import Reason, Source, Status
from gateway.messages import Language

HOLE = re.compile(r"{(\w+)")


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_name_the_same_values(key: str) -> None:
    french, english = WORDS[key]

    assert sorted(HOLE.findall(french)) == sorted(HOLE.findall(english))


def test_every_word_of_the_coverage_is_known() -> None:
    assert set(STATUSES) == {status.value for status in Status}
    assert set(REASONS) == {reason.value for reason in Reason}
    assert set(SOURCES) == {source.value for source in Source}


def test_french_comes_first() -> None:
    assert say(STATUSES["answered"], Language.FR) == "a répondu"
    assert say(STATUSES["answered"], Language.EN) == "answered"
