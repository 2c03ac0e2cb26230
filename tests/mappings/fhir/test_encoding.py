from decimal import Decimal

import pytest

from mappings.fhir.encoding import DEEPEST, JsonRefused, decode, encode


def test_a_decimal_keeps_its_digits_through_both() -> None:
    assert encode({"value": Decimal("1.50")}) == b'{"value":1.50}'
    assert decode(b'{"value":1.50}') == {"value": Decimal("1.50")}
    assert str(decode(b'{"value":1.50}')["value"]) == "1.50"


def test_text_is_utf_8() -> None:
    assert decode(encode({"name": "Hôpital"})) == {"name": "Hôpital"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b'{"a":1,"a":2}', "duplicate-key", id="same key twice"),
        pytest.param(b'{"x":{"a":1,"b":[{"c":1,"c":1}]}}', "duplicate-key", id="same key twice, deep"),
        pytest.param(b'{"a":1,"\\u0061":2}', "duplicate-key", id="same key, escaped"),
        pytest.param(b'{"a":"\\ud800"}', "not-well-formed", id="lone surrogate"),
        pytest.param(b'{"a":"\xff"}', "encoding", id="not UTF-8"),
        pytest.param(b"\xff\xfe{\x00}\x00", "encoding", id="UTF-16"),
        pytest.param(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "too-deep", id="too deep"),
        pytest.param(b'{"a":' * 100_000, "too-deep", id="very deep and cut"),
        pytest.param(b'{"a":NaN}', "not-well-formed", id="NaN"),
        pytest.param(b'{"a":1}x', "not-well-formed", id="something after"),
        pytest.param(b"", "not-well-formed", id="empty"),
        pytest.param(b'{"a":"', "not-well-formed", id="cut in a string"),
        pytest.param(b"[]", "not-an-object", id="list"),
        pytest.param(b"null", "not-an-object", id="null"),
    ],
)
def test_what_is_not_the_json_of_a_resource_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(JsonRefused) as refused:
        decode(data)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "data", [b'{"a":":,{}[]"}', b'{"a\\"b":"\\\\"}', b'{"a":{"b":1},"c":{"b":1}}', b' {"a":[{"b":1},{"b":2}]} ']
)
def test_colons_and_brackets_of_text_are_text(data: bytes) -> None:
    assert encode(decode(data))


def test_the_deepest_accepted_is_read() -> None:
    data = b'{"a":' * (DEEPEST - 1) + b"{}" + b"}" * (DEEPEST - 1)

    assert decode(data)["a"]
