"""The language follows the caller's wish."""

import pytest

from gateway.language import choose, of_environment
from gateway.messages import Language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.FR),
        ("", Language.FR),
        ("fr-FR,fr;q=0.9,en;q=0.8", Language.FR),
        ("en", Language.EN),
        ("en-GB", Language.EN),
        ("fr;q=0.2, en;q=0.9", Language.EN),
        ("de, en;q=0.5, fr;q=0.1", Language.EN),
        ("de", Language.FR),
        ("en;q=0", Language.FR),
        ("*", Language.FR),
        ("en;q=bad", Language.FR),
    ],
    ids=str,
)
def test_choose(header: str | None, language: Language) -> None:
    assert choose(header) == language


def test_the_default_is_a_setting() -> None:
    assert choose("de", default=Language.EN) is Language.EN


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.FR),
        ({"LANG": "C.UTF-8"}, Language.FR),
        ({"LANG": "fr_FR.UTF-8"}, Language.FR),
        ({"LANG": "en_GB.UTF-8"}, Language.EN),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "fr_FR.UTF-8"}, Language.FR),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_US", "LC_ALL": ""}, Language.EN),
    ],
    ids=["none", "c", "french", "english", "all-wins", "messages-wins"],
)
def test_of_environment(environment: dict[str, str], language: Language) -> None:
    assert of_environment(environment) is language
