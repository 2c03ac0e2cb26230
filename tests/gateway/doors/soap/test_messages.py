"""A message is read in its own encoding."""

import pytest
from lxml import etree

from gateway.doors.soap.messages import read_message
from gateway.errors import ErrorCode, RequesterError

TEXT = (
    '<?xml version="1.0" encoding="{encoding}"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">'
    "<s:Body><a>Établissement français à Évry</a></s:Body></s:Envelope>"
)


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_accents_survive(encoding: str) -> None:
    message = read_message(TEXT.format(encoding=encoding).encode(encoding), limit=4096)

    assert etree.tostring(message.body, encoding="unicode").startswith("<a")
    assert message.body.text == "Établissement français à Évry"


def test_a_limit_is_told() -> None:
    with pytest.raises(RequesterError) as refused:
        read_message(b" " * 5000, limit=4096)

    assert (refused.value.code, refused.value.values["limit"]) == (ErrorCode.TOO_LARGE, "4096")
