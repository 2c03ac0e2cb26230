"""What may enter, and what is refused before anything is resolved."""

import pytest

from mappings.csd.xml import MAXIMUM_DEPTH, MAXIMUM_SIZE, XmlRefused, parse, serialize

DECLARED_LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?><a>Hôpital</a>'
LAUGHS = b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>'
ATTRIBUTE_LAUGHS = b'<!DOCTYPE a [<!ENTITY x "' + b"y" * 100_000 + b'">]><a b="' + b"&x;" * 500 + b'"/>'


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(DECLARED_LATIN.encode("latin-1"), "Hôpital", id="latin-1 declared and sent"),
        pytest.param("<a>Hôpital</a>".encode(), "Hôpital", id="utf-8"),
        pytest.param(b"\xef\xbb\xbf" + "<a>Hôpital</a>".encode(), "Hôpital", id="utf-8 with mark"),
        pytest.param("<a>Hôpital</a>".encode("utf-16"), "Hôpital", id="utf-16 with mark"),
        pytest.param(
            '<?xml version="1.0" encoding="UTF-16"?><a>Hôpital</a>'.encode("utf-16"), "Hôpital", id="utf-16 declared"
        ),
        pytest.param(b"<a>84/<!-- x -->UE-<?php 1?>1</a>", "84/UE-1", id="comments and instructions dropped"),
        pytest.param(b"<a><![CDATA[1 < 2 &x;]]></a>", "1 < 2 &x;", id="character data"),
        pytest.param(b"<a>&lt;&#233;&amp;</a>", "<é&", id="predefined entities"),
    ],
)
def test_a_document_in_a_known_encoding_is_read_whole(data: bytes, text: str) -> None:
    root = parse(data)

    assert root.text == text
    assert len(root) == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "not-well-formed", id="nothing"),
        pytest.param(b"<html><p></html>", "not-well-formed", id="html"),
        pytest.param(b"<a><b></a>", "not-well-formed", id="crossed"),
        pytest.param(b"<a>", "not-well-formed", id="truncated"),
        pytest.param(b"<x:a/>", "not-well-formed", id="prefix without namespace"),
        pytest.param(b"<a>\x01</a>", "not-well-formed", id="illegal character"),
        pytest.param(b"<!DOCTYPE a><a/>", "doctype", id="doctype"),
        pytest.param(b"<!DOCTYPE html><html/>", "doctype", id="html doctype"),
        pytest.param("<!DOCTYPE a><a/>".encode("utf-16"), "doctype", id="doctype in utf-16"),
        pytest.param(
            "<?xml version='1.0'?><!DOCTYPE a><a/>".encode("utf-16-be"), "doctype", id="doctype in utf-16 without mark"
        ),
        pytest.param(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "doctype", id="external subset"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "doctype", id="external"),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]><a/>', "doctype", id="parameter entity"
        ),
        pytest.param(LAUGHS, "doctype", id="laughs"),
        pytest.param(ATTRIBUTE_LAUGHS, "entity", id="laughs in an attribute"),
        pytest.param(b"<!DOCTYPE a", "doctype", id="unfinished doctype"),
        pytest.param(b"<a>&undeclared;</a>", "entity", id="undeclared entity"),
        pytest.param(nested(300), "too-deep", id="300 levels"),
        pytest.param(nested(MAXIMUM_DEPTH + 1), "too-deep", id="one level too many"),
        pytest.param(b"<a>" + b"x" * 11_000_000 + b"</a>", "too-large", id="one text of 11 MB"),
        pytest.param("<a>é</a>".encode("latin-1"), "encoding", id="latin-1 undeclared"),
        pytest.param(
            '<?xml version="1.0" encoding="UTF-8"?><a>é</a>'.encode("latin-1"), "encoding", id="latin-1 as utf-8"
        ),
        pytest.param(b'<?xml version="1.0" encoding="UTF-7"?><a>+AOk-</a>', "encoding", id="utf-7"),
        pytest.param(b'<?xml version="1.0" encoding="FOO"?><a/>', "encoding", id="unknown encoding"),
    ],
)
def test_a_document_that_may_not_enter_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(XmlRefused) as refusal:
        parse(data)

    assert refusal.value.code == code


def test_the_deepest_document_allowed_enters() -> None:
    assert parse(nested(MAXIMUM_DEPTH)).tag == "a"


def test_size_is_decided_before_parsing() -> None:
    with pytest.raises(XmlRefused) as refusal:
        parse(b"<" * (MAXIMUM_SIZE + 1))

    assert refusal.value.code == "too-large"


def test_a_caller_may_lower_the_size() -> None:
    with pytest.raises(XmlRefused) as refusal:
        parse(b"<a>12345</a>", maximum_size=10)

    assert refusal.value.code == "too-large"


def test_a_refusal_says_where_and_repeats_nothing() -> None:
    with pytest.raises(XmlRefused) as refusal:
        parse(b"<a>\n  <secret></a>")

    assert refusal.value.line == 2
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_what_is_written_is_read_back() -> None:
    root = parse("<a b='é'><c>ç</c></a>".encode())

    written = serialize(root)

    assert written.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert parse(written)[0].text == "ç"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        pytest.param("<a>é</a>".encode(), "UTF-8", "é", id="utf-8"),
        pytest.param("<a>é</a>".encode("latin-1"), "iso-8859-1", "é", id="latin-1"),
        pytest.param(
            "<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>".encode("latin-1"), "ISO-8859-1", "é", id="both"
        ),
        pytest.param(b"<?xml version='1.0' encoding='ascii'?><a>e</a>", "us-ascii", "e", id="spelling"),
        pytest.param("<a>é</a>".encode("utf-16"), "utf-16", "é", id="utf-16"),
        pytest.param("<a>é</a>".encode("utf-16-be"), "utf-16be", "é", id="utf-16-without-mark"),
        pytest.param(
            "<a b=\"<?xml encoding='x'?>\">é</a>".replace("<?", "?").encode(), "utf-8", "é", id="not-a-declaration"
        ),
    ],
)
def test_the_transport_may_say_the_encoding(data: bytes, charset: str, text: str) -> None:
    assert parse(data, charset=charset).text == text


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        pytest.param("<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>".encode("latin-1"), "utf-8", id="declared"),
        pytest.param(b"\xef\xbb\xbf<a/>", "iso-8859-1", id="mark"),
        pytest.param("<a/>".encode("utf-16"), "utf-8", id="utf-16"),
        pytest.param(b"<a/>", "utf-7", id="not-one-of-ours"),
        pytest.param(b"<a/>", "", id="empty"),
    ],
)
def test_a_transport_that_says_another_encoding_is_refused(data: bytes, charset: str) -> None:
    with pytest.raises(XmlRefused) as refusal:
        parse(data, charset=charset)

    assert refusal.value.code == "encoding"
