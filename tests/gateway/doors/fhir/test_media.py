"""JSON and XML go by many names; `_format` wins over `Accept`, and among those accepted the heaviest."""

import pytest

from gateway.doors.fhir.media import Format, require
from gateway.errors import ErrorCode, RequesterError


@pytest.mark.parametrize(
    ("accept", "parameter", "form"),
    [
        (None, None, Format.JSON),
        ("*/*", None, Format.JSON),
        ("application/json", None, Format.JSON),
        ("application/fhir+json; fhirVersion=4.0", None, Format.JSON),
        ("application/json+fhir", None, Format.JSON),
        ("text/json", None, Format.JSON),
        ("application/fhir+xml, application/fhir+json;q=0.5", None, Format.XML),
        ("application/fhir+xml;q=0.4, application/fhir+json;q=0.5", None, Format.JSON),
        ("application/fhir+xml, application/fhir+json", None, Format.JSON),
        ("application/fhir+xml;q=, application/fhir+json;q=0.9", None, Format.XML),
        ("application/json;q=0, application/xml;q=0.1", None, Format.XML),
        ("application/fhir+xml", None, Format.XML),
        ("text/xml", None, Format.XML),
        ("application/xml+fhir", None, Format.XML),
        ("application/fhir+xml", "json", Format.JSON),
        ("application/fhir+xml", "application/fhir json", Format.JSON),
        ("application/json", "xml", Format.XML),
        (None, "application/fhir+xml", Format.XML),
        (None, "application/fhir xml", Format.XML),
        ("text/html, application/xhtml+xml, */*;q=0.8", None, Format.JSON),
        ("", None, Format.JSON),
    ],
)
def test_served(accept: str | None, parameter: str | None, form: Format) -> None:
    assert require(accept, parameter) is form


@pytest.mark.parametrize(
    ("accept", "parameter"),
    [
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=0.000, application/xml; q=0", None),
        ("application/json", "ttl"),
        (None, "text/turtle"),
        (None, ""),
    ],
)
def test_not_acceptable(accept: str | None, parameter: str | None) -> None:
    with pytest.raises(RequesterError) as refused:
        require(accept, parameter)

    assert (refused.value.code, refused.value.status) == (ErrorCode.NOT_ACCEPTABLE, 406)
