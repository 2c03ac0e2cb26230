"""Answers are told apart in what a connection gave."""

import pytest

from conformance.attacks.wire import answers

ONE = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nServer: x\r\n\r\nabc"
GIVEN = {
    "nothing": (b"", []),
    "half a head": (b"HTTP/1.1 400 Bad", []),
    "half a body": (ONE[:-1], []),
    "one": (ONE, [(400, b"abc")]),
    "two": (ONE + b"HTTP/1.1 204 No Content\r\n\r\n", [(400, b"abc"), (204, b"")]),
    "one and a half": (ONE + ONE[:-1], [(400, b"abc")]),
}


@pytest.mark.parametrize(("received", "told"), GIVEN.values(), ids=GIVEN)
def test_answers(received: bytes, told: list[tuple[int, bytes]]) -> None:
    assert [(answer.status, answer.body) for answer in answers(received)] == told


def test_names_of_headers_have_no_case() -> None:
    (answer,) = answers(ONE)

    assert answer.headers["server"] == "x"
