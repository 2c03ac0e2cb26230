import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.fhir.encoding import DEEPEST, JsonRefused, decode, encode


def test_a_decimal_keeps_its_digits_through_both() -> None:
    assert encode({"value": Decimal("1.50")}) == b'{"value":1.50}'
    assert decode(b'{"value":1.50}') == {"value": Decimal("1.50")}
    assert str(decode(b'{"value":1.50}')["value"]) == "1.50"


def test_a_bundle_is_read_whatever_stands_around_its_entries() -> None:
    data = b'{"total":1.50, "entry" : [ {"a":"\\u003a"} , 2,null ],"b":[]}'

    assert decode(data) == {"total": Decimal("1.50"), "entry": [{"a": ":"}, 2, None], "b": []}
    assert list(decode(data)) == ["total", "entry", "b"]


def test_text_is_utf_8() -> None:
    assert decode(encode({"name": "Hôpital"})) == {"name": "Hôpital"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b'{"a":1,"a":2}', "duplicate-key", id="same key twice"),
        pytest.param(b'{"x":{"a":1,"b":[{"c":1,"c":1}]}}', "duplicate-key", id="same key twice, deep"),
        pytest.param(b'{"a":1,"\\u0061":2}', "duplicate-key", id="same key, escaped"),
        pytest.param(b'{"a" :1,"a": ":"}', "duplicate-key", id="same key twice, a colon in a text"),
        pytest.param(b'{"a":1,"a":"\\u003a"}', "duplicate-key", id="same key twice, an escaped colon in a text"),
        pytest.param(b'{"a":1,"b":{"c":1,"c\\u003a":1,"c":2}}', "duplicate-key", id="same key twice, one in a key"),
        pytest.param(b'{"entry":[{"a":1,"a":1}]}', "duplicate-key", id="same key twice, in an entry"),
        pytest.param(b'{"entry":[{}],"entry":[{}]}', "duplicate-key", id="entries twice"),
        pytest.param(b'{"entry":1,"entry":[{}]}', "duplicate-key", id="entries after another value"),
        pytest.param(b'{"entry":[{"a":"\\ud800"}]}', "not-well-formed", id="lone surrogate in an entry"),
        pytest.param(b'{"entry":[{"a":"\xff"}]}', "encoding", id="not UTF-8 in an entry"),
        pytest.param(b'{"entry":[{"a":1e9999999999999999999}]}', "number", id="number in an entry"),
        pytest.param(b'{"entry":[{"a":1e9999999999999999999}],"b":}', "number", id="number before what is no JSON"),
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


# One key under several spellings, and texts that hold what a search for the structure would stumble over.
KEYS = ('"entry"', '"a"', '"\\u0061"', '"a:"', '"a\\u003a"', '"a\\u003A"', '":"', '""', '"\\""', '"\\\\"')
TEXTS = ('":"', '"\\u003a"', '"\\\\u003a"', '"\\":"', '"}{]["', '"a\\\\"', '""', "12", "-0", "1.50", "null", "true")
SPACES = ("", " ", "\n\t")


@st.composite
def objects(draw: st.DrawFn, inside: st.SearchStrategy[str]) -> str:
    members = draw(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(SPACES), inside), max_size=4))
    return "{" + ",".join(f"{key}{space}:{space}{value}" for key, space, value in members) + "}"


def _deeper(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return objects(inside) | st.lists(inside, max_size=3).map(lambda found: f"[{','.join(found)}]")


DOCUMENTS = objects(st.recursive(st.sampled_from(TEXTS), _deeper, max_leaves=12))


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(members)) < len(members):
        raise KeyError
    return dict(members)


@given(DOCUMENTS)
@settings(max_examples=300)
def test_a_document_is_refused_exactly_when_a_key_comes_twice_in_one_object(text: str) -> None:
    try:
        expected: Any = json.loads(text, object_pairs_hook=_once, parse_float=Decimal)
    except KeyError:
        expected = "duplicate-key"

    try:
        found: Any = decode(text.encode())
    except JsonRefused as refused:
        found = refused.code

    assert found == expected


# Texts in which a count of brackets that did not know where strings end would go astray.
MISLEADING = ('"}"', '"]]"', '"{"', '"[[["', '"\\"}"', '"{\\\\"', '"}{"', '"\\\\\\"]"', '""', "{}", "[]", "1.50")


def _inside(depth: int, siblings: list[str]) -> str:
    """A document that is so deep, each object of which holds one sibling of the next on its way down."""
    text = "{}"
    for rank in range(depth - 1):
        before, after = siblings[rank % len(siblings)], siblings[(rank + 1) % len(siblings)]
        text = f'{{"a":{before},"b":{text},"c":{after}}}' if rank % 2 else f'{{"b":[{text}],"]":{after}}}'
    return text


def _depth(value: Any) -> int:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if items is None else 1 + max(map(_depth, items), default=0)


@given(st.integers(1, 2 * DEEPEST), st.lists(st.sampled_from(MISLEADING), min_size=1, max_size=5))
@settings(max_examples=200)
def test_a_document_is_refused_exactly_when_it_is_too_deep(depth: int, siblings: list[str]) -> None:
    text = _inside(depth, siblings)

    try:
        found: Any = decode(text.encode())
    except JsonRefused as refused:
        found = refused.code

    expected = json.loads(text, parse_float=Decimal)
    assert found == (expected if _depth(expected) <= DEEPEST else "too-deep")
