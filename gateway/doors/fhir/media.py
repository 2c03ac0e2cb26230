"""The format of an answer: `_format` first, then `Accept` (RFC 9110, section 12.5.1)."""

from gateway.errors import ErrorCode, RequesterError

FHIR_JSON = "application/fhir+json"

JSON_FORMATS = frozenset(
    {FHIR_JSON, "application/json", "application/json+fhir", "text/json", "json", "application/*", "text/*", "*/*"}
)
"""The names JSON goes by: the standard's, those of the national examples, that of FHIR before R4, wildcards."""

FORMS = frozenset({"application/x-www-form-urlencoded"})


def require_json(accept: str | None, format_parameter: str | None) -> None:
    """Refuse (406) a caller who wants none of the names of JSON."""
    if format_parameter is not None:
        # A `+` not escaped in an address reads as a space.
        wanted = [_name(format_parameter).replace(" ", "+")]
    else:
        wanted = [_name(item) for item in (accept or "*/*").split(",") if not _excluded(item)]
    if JSON_FORMATS.isdisjoint(wanted):
        raise RequesterError(ErrorCode.NOT_ACCEPTABLE)


def _name(item: str) -> str:
    return item.split(";", maxsplit=1)[0].strip().lower()


def _excluded(item: str) -> bool:
    """Whether a weight of zero rules it out."""
    return any(parameter.strip().lower() in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for parameter in item.split(";")[1:])
