"""What a validation says."""

import msgspec

from mappings.loss import Severity


class Finding(msgspec.Struct, frozen=True, order=True):
    """A rule that a resource breaks: where, which one, and what kind of value stands there; never the value.

    `path` is relative to the resource (`extension[2].valueCodeableConcept`), `rule` a rule of R4 (`r4/choice`) or of a
    profile (`ror-location/extension:ror-commune-cog/min`).
    """

    path: str
    rule: str
    value_kind: str
    severity: Severity = Severity.ERROR


class Examination(msgspec.Struct, frozen=True):
    """The findings of one resource, and the value sets its codes could not be held against because none is held.

    `unverifiable` gives, for each such value set (`J55`), how many codes went unchecked: they are no finding, and no
    approval either.
    """

    findings: tuple[Finding, ...]
    unverifiable: dict[str, int]


class Report:
    """Gathers the findings of one resource while it is examined, paths being completed from the leaf upwards."""

    __slots__ = ("findings", "suspect", "unverifiable")

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.unverifiable: list[str] = []
        self.suspect = False

    def add(self, path: str, rule: str, value: object, severity: Severity = Severity.ERROR) -> None:
        """One finding; `path` is relative to what is being examined."""
        self.findings.append(Finding(path, rule, kind_of(value), severity))

    def place(self, start: int, prefix: str) -> None:
        """The findings from `start` on stand under `prefix`."""
        for number in range(start, len(self.findings)):
            found = self.findings[number]
            self.findings[number] = msgspec.structs.replace(found, path=joined(prefix, found.path))

    def ordered(self) -> tuple[Finding, ...]:
        """What was found, once each, in the order of the paths."""
        return tuple(sorted(set(self.findings))) if self.findings else ()


def joined(prefix: str, path: str) -> str:
    """The path of a member of the element at `prefix`."""
    if not path or not prefix:
        return prefix + path
    return f"{prefix}{path}" if path.startswith("[") else f"{prefix}.{path}"


def kind_of(value: object) -> str:
    """The JSON type of a value, `none` when there is no value."""
    match value:
        case None:
            return "none"
        case bool():
            return "boolean"
        case str():
            return "string"
        case dict():
            return "object"
        case list():
            return "array"
        case _:
            return "number"
