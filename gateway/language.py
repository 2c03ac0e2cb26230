"""The language of an answer: `Accept-Language` (RFC 9110, section 12.5.4) or the terminal's; French by default."""

from collections.abc import Mapping

from gateway.messages import Language


def choose(accept_language: str | None, default: Language = Language.FR) -> Language:
    """The language the caller prefers among ours, in the order of its weights, then of its list."""
    ranked = sorted(_weighted(accept_language or ""), key=lambda item: -item[0])
    for weight, tag in ranked:
        primary = tag.split("-", maxsplit=1)[0]
        if weight > 0 and primary in set(Language):
            return Language(primary)
    return default


def _weighted(header: str) -> list[tuple[float, str]]:
    return [
        (_weight(parameters), tag.strip().lower())
        for tag, _, parameters in (part.partition(";") for part in header.split(","))
    ]


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def of_environment(environment: Mapping[str, str]) -> Language:
    """The language of a terminal: the first locale variable set decides (POSIX), French when none is ours."""
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return Language.EN if locale.lower().startswith("en") else Language.FR
