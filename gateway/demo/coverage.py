"""Reading the `Ror-Coverage` header, as any client would (design of the header: docs/coverage.md; RFC 8941)."""

import re

import msgspec

_MEMBER = re.compile(r"m(?P<code>[0-9A-B]{2})(?P<parameters>(?:;[^,;]+)*)")


class Row(msgspec.Struct, frozen=True):
    """What the header says of one member, as text."""

    code: str
    facts: dict[str, str]


def read_coverage(header: str) -> tuple[Row, ...]:
    """The rows of a coverage header, in its order."""
    return tuple(
        Row(match["code"], dict(_pair(parameter) for parameter in match["parameters"].split(";") if parameter))
        for match in _MEMBER.finditer(header)
    )


def _pair(parameter: str) -> tuple[str, str]:
    name, _, value = parameter.strip().partition("=")
    return name, value.strip('"')
