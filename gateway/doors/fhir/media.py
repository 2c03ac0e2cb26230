"""The format of an answer: `_format` first, then `Accept` with its weights (RFC 9110, section 12.5.1)."""

from enum import StrEnum

from gateway.errors import ErrorCode, RequesterError


class Format(StrEnum):
    """The two forms of FHIR that are served, under the names they are sent with."""

    JSON = "application/fhir+json"
    XML = "application/fhir+xml"


_NAMES = {
    "application/fhir+json": Format.JSON,
    "application/json": Format.JSON,
    "application/json+fhir": Format.JSON,
    "text/json": Format.JSON,
    "json": Format.JSON,
    "application/*": Format.JSON,
    "text/*": Format.JSON,
    "*/*": Format.JSON,
    "application/fhir+xml": Format.XML,
    "application/xml": Format.XML,
    "application/xml+fhir": Format.XML,
    "text/xml": Format.XML,
    "xml": Format.XML,
}
"""The names they go by: the standard's, those of the national examples, those of FHIR before R4, wildcards."""

FORMS = frozenset({"application/x-www-form-urlencoded"})


def require(accept: str | None, format_parameter: str | None) -> Format:
    """The form the caller wants most; refused (406) when it wants neither."""
    wanted = negotiate(accept, format_parameter)
    if wanted is None:
        raise RequesterError(ErrorCode.NOT_ACCEPTABLE)
    return wanted


def negotiate(accept: str | None, format_parameter: str | None) -> Format | None:
    """The form the caller wants most, None when it wants neither. JSON between equals."""
    if format_parameter is not None:
        # A `+` not escaped in an address reads as a space.
        return _NAMES.get(_name(format_parameter).replace(" ", "+"))
    asked = [(_weight(item), _NAMES.get(_name(item))) for item in (accept or "*/*").split(",")]
    best: dict[Format, float] = {}
    for weight, form in asked:
        if form is not None and weight > 0:
            best[form] = max(weight, best.get(form, 0))
    return max(sorted(best), key=lambda form: best[form], default=None)


def _name(item: str) -> str:
    return item.split(";", maxsplit=1)[0].strip().lower()


def _weight(item: str) -> float:
    """The weight of an item, 1 unless it says another; one that cannot be read counts for nothing said."""
    for parameter in item.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "q":
            digits = value.strip()
            return min(float(digits), 1.0) if digits.replace(".", "", 1).isdecimal() and digits.isascii() else 1.0
    return 1.0
