"""Every error has words in both languages, and the same values in each."""

from string import Formatter

import pytest

from gateway.errors import HTTP_STATUS, ErrorCode, GatewayFault, MembersFailed, NotPermitted, RequesterError
from gateway.messages import MESSAGES, Language, text


def test_every_code_has_its_words() -> None:
    assert set(MESSAGES) == set(ErrorCode)


@pytest.mark.parametrize("code", ErrorCode)
def test_both_languages_name_the_same_values(code: ErrorCode) -> None:
    french, english = ({name for _, name, _, _ in Formatter().parse(words) if name} for words in MESSAGES[code])

    assert french == english


def test_a_message_carries_its_values() -> None:
    error = RequesterError(ErrorCode.MISSING_HEADER, header="Ror-Role-Metier-Code")

    assert text(error, Language.FR) == "L'en-tête Ror-Role-Metier-Code est obligatoire."
    assert text(error, Language.EN) == "The header Ror-Role-Metier-Code is mandatory."


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequesterError(ErrorCode.NOT_SOAP), 400),
        (RequesterError(ErrorCode.TOO_LARGE, limit="3"), 413),
        (NotPermitted(ErrorCode.NOT_PERMITTED, cause="right"), 403),
        (GatewayFault(ErrorCode.INTERNAL), 500),
        (GatewayFault(ErrorCode.OVERLOADED), 503),
        (MembersFailed(ErrorCode.MEMBERS_TIMED_OUT), 504),
        (MembersFailed(ErrorCode.INCOMPLETE), 503),
    ],
    ids=str,
)
def test_whose_fault_it_is_decides_the_status(error: RequesterError, status: int) -> None:
    assert error.status == status


def test_statuses_are_errors() -> None:
    assert {status for status in HTTP_STATUS.values() if not 400 <= status <= 504} == set()
