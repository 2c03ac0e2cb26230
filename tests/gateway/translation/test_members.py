"""A JSON object read member by member, whatever the size of the pieces it comes in."""

import io
import json

import pytest

from gateway.translation.members import MAXIMUM_ITEM, JsonTextRefused, members


class Trickle(io.BytesIO):
    """A source that gives a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(3)


def said(text: str) -> list[tuple[str, object, bool]]:
    return [(member.name, json.loads(member.data), member.item) for member in members(Trickle(text.encode()))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{}", [], id="nothing"),
        pytest.param(' {"a" : 1 } ', [("a", 1, False)], id="number"),
        pytest.param('\ufeff{"a":1}', [("a", 1, False)], id="mark"),
        pytest.param('{"a":"},]\\"{","b":null}', [("a", '},]"{', False), ("b", None, False)], id="text of brackets"),
        pytest.param('{"é\\u00e9":true}', [("éé", True, False)], id="escaped name"),
        pytest.param('{"a":[]}', [], id="empty array"),
        pytest.param(
            '{"a":[1, {"b":[2,"]"]} ,[[]]],"c":{"d":[1,2]}}',
            [("a", 1, True), ("a", {"b": [2, "]"]}, True), ("a", [[]], True), ("c", {"d": [1, 2]}, False)],
            id="items",
        ),
    ],
)
def test_members_and_items_come_one_at_a_time(text: str, expected: list[tuple[str, object, bool]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        pytest.param("", "not-well-formed", 1, 1, id="nothing"),
        pytest.param("[1]", "not-an-object", 1, 1, id="array"),
        pytest.param('"a"', "not-an-object", 1, 1, id="text"),
        pytest.param("\ufeff\ufeff{}", "not-well-formed", 1, 1, id="mark twice"),
        pytest.param(" \ufeff{}", "not-well-formed", 1, 2, id="mark after a blank"),
        pytest.param('{"a":1', "not-well-formed", 1, 7, id="cut after a value"),
        pytest.param('{"a":[{"b":1},\n{', "not-well-formed", 2, 2, id="cut in an item"),
        pytest.param('{"a":"b', "not-well-formed", 1, 8, id="cut in a text"),
        pytest.param('{"a":1,}', "not-well-formed", 1, 8, id="comma before the end"),
        pytest.param('{"a":[1,]}', "not-well-formed", 1, 9, id="comma before the end of an array"),
        pytest.param('{"a":[,1]}', "not-well-formed", 1, 7, id="comma first"),
        pytest.param('{"a":}', "not-well-formed", 1, 6, id="no value"),
        pytest.param("{a:1}", "not-well-formed", 1, 2, id="bare name"),
        pytest.param('{"a":[1}', "not-well-formed", 1, 8, id="crossed"),
        pytest.param('{"a":[1] 2}', "not-well-formed", 1, 9, id="two values"),
        pytest.param('{"a":1,"a":2}', "duplicate-key", 1, 8, id="one name twice"),
        pytest.param("{} x", "not-well-formed", 1, 3, id="text after the end"),
    ],
)
def test_what_is_no_object_is_refused_where_it_stops_being_one(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(JsonTextRefused) as refusal:
        said(text)

    assert (refusal.value.code, refusal.value.line, refusal.value.column) == (code, line, column)


@pytest.mark.parametrize("start", ['{"a":["', '{"a":[{"b":"c"},{"d":"', '{"'])
def test_an_item_too_large_is_refused_before_it_is_whole(start: str) -> None:
    source = io.BytesIO(start.encode() + b"x" * (4 * MAXIMUM_ITEM))

    with pytest.raises(JsonTextRefused) as refusal:
        list(members(source))

    assert refusal.value.code == "too-large"
    assert source.tell() < 3 * MAXIMUM_ITEM
