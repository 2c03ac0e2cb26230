"""JSON goes by many names; `_format` wins over `Accept`."""

import pytest

from gateway.doors.fhir.media import require_json
from gateway.errors import ErrorCode, RequesterError


@pytest.mark.parametrize(
    ("accept", "parameter"),
    [
        (None, None),
        ("*/*", None),
        ("application/json", None),
        ("application/fhir+json; fhirVersion=4.0", None),
        ("application/json+fhir", None),
        ("text/json", None),
        ("application/fhir+xml, application/fhir+json;q=0.5", None),
        ("application/fhir+xml", "json"),
        ("application/fhir+xml", "application/fhir json"),
        ("text/html, application/xhtml+xml, */*;q=0.8", None),
        ("", None),
    ],
)
def test_served(accept: str | None, parameter: str | None) -> None:
    require_json(accept, parameter)


@pytest.mark.parametrize(
    ("accept", "parameter"),
    [
        ("application/fhir+xml", None),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json", "xml"),
        (None, "application/fhir+xml"),
        (None, "ttl"),
    ],
)
def test_not_acceptable(accept: str | None, parameter: str | None) -> None:
    with pytest.raises(RequesterError) as refused:
        require_json(accept, parameter)

    assert (refused.value.code, refused.value.status) == (ErrorCode.NOT_ACCEPTABLE, 406)
