"""What is written as text is what the serialiser of trees would write."""

from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from mappings.csd.markup import ATTRIBUTE, CONTENT, NotAText, closed, opened

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
    lambda one: one >= " " or one in "\t\n\r"
)
TEXTS = st.text(CHARACTERS | st.sampled_from("&<>\"'\r\n\t"))


def serialised(element: etree._Element) -> str:
    return etree.tostring(element, encoding="UTF-8").decode()


@given(TEXTS)
@example("]]> & <b> \"c\" 'd' \r\n\t é \u2028 \x7f\x85 \U0001f600")
def test_a_value_is_escaped_as_a_tree_is_serialised(value: str) -> None:
    content, attribute = etree.Element("a"), etree.Element("a", b=value)
    content.text = value

    assert f"<a>{CONTENT[value]}</a>" == serialised(content)
    assert f'<a b="{ATTRIBUTE[value]}"/>' == serialised(attribute)


FORBIDDEN = ["\x00", "\x01", "\x0b", "\x1f", "\ud800", "\udfff", "\ufffe", "\uffff"]


@pytest.mark.parametrize("character", FORBIDDEN, ids=partial(repr))
def test_a_character_that_xml_does_not_have_is_refused(character: str) -> None:
    for escaped in (CONTENT, ATTRIBUTE):
        with pytest.raises(NotAText):
            escaped[f"a{character}"]


def test_an_element_that_holds_nothing_is_one_tag() -> None:
    out: list[str] = []

    start = opened(out, "a", ' b="c"')
    closed(out, "empty", opened(out, "empty"))
    closed(out, "a", start)

    assert "".join(out) == '<csd:a b="c"><csd:empty/></csd:a>'
