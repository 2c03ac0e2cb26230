"""When an answer leaves in gzip."""

import pytest

from gateway.doors.soap.compression import accepts_gzip

HEADERS = {
    "none": ([], False),
    "empty": ([""], False),
    "gzip": (["gzip"], True),
    "in a list": (["deflate, GZIP;q=0.5"], True),
    "over two headers": (["br", "gzip"], True),
    "old name": (["x-gzip"], True),
    "refused": (["deflate, gzip;q=0"], False),
    "refused with decimals": (["gzip; q=0.000"], False),
    "hardly wanted": (["gzip;q=0.001"], True),
    "another": (["deflate, br"], False),
    "node-soap": (["none"], False),
    "anything": (["*"], False),
}


@pytest.mark.parametrize(("headers", "accepted"), HEADERS.values(), ids=HEADERS)
def test_gzip_is_sent_to_callers_that_name_it(headers: list[str], accepted: bool) -> None:
    assert accepts_gzip(headers) is accepted
