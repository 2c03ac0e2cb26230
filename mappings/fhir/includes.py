"""Which resources come with the matches: `_include` and `_revinclude` (FHIR digest, section 6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from mappings.fhir.shape import Json


class Directive(msgspec.Struct, frozen=True):
    """One link to follow: forwards from `source` through `parameter`, or backwards to the resources that hold it."""

    source: str
    parameter: str
    reverse: bool = False
    iterate: bool = False

    @property
    def value(self) -> str:
        """As it stands in a request."""
        return f"{self.source}:{self.parameter}"


LINKS: dict[tuple[str, str], tuple[str, str]] = {
    ("HealthcareService", "organization"): ("providedBy", "Organization"),
    ("HealthcareService", "location"): ("location", "Location"),
    ("PractitionerRole", "service"): ("healthcareService", "HealthcareService"),
    ("PractitionerRole", "practitioner"): ("practitioner", "Practitioner"),
    ("PractitionerRole", "organization"): ("organization", "Organization"),
    ("Location", "organization"): ("managingOrganization", "Organization"),
    ("Organization", "partof"): ("partOf", "Organization"),
}
"""The member that holds each link, and the type it leads to."""

# Followed from included resources even without `:iterate`: the national documentation counts on it.
_ALWAYS_ITERATED = frozenset({("PractitionerRole", "practitioner"), ("PractitionerRole", "organization")})


def forward_links(resource_type: str) -> list[str]:
    """What `_include` may name from a type."""
    return [f"{source}:{parameter}" for source, parameter in LINKS if source == resource_type]


def reverse_links(resource_type: str) -> list[str]:
    """What `_revinclude` may name toward a type."""
    return [f"{source}:{parameter}" for (source, parameter), (_, target) in LINKS.items() if target == resource_type]


def read_directives(value: str, *, resource_type: str, reverse: bool, iterate: bool) -> tuple[Directive, ...] | None:
    """The links a value names; None when the gateway knows no such link. The type is read whatever its case."""
    if value == "*":
        links = reverse_links(resource_type) if reverse else forward_links(resource_type)
        named = [link.split(":") for link in links]
        return tuple(Directive(source, parameter, reverse, iterate) for source, parameter in named)
    source, _, parameter = value.partition(":")
    parameter, _, target = parameter.partition(":")
    found = tuple(
        Directive(known, name, reverse=reverse, iterate=iterate)
        for (known, name), (_, leads_to) in LINKS.items()
        if known.lower() == source.lower() and parameter in (name, "*") and target in ("", leads_to)
    )
    return found or None


def select(resources: Mapping[str, Json], matches: Sequence[str], directives: Iterable[Directive]) -> list[str]:
    """The relative references of the resources to include, none of them a match, in the order they are reached."""
    directives = tuple(directives)
    backwards = _backwards(resources)
    reached = dict.fromkeys(matches)
    matched = frozenset(reached)
    wave = list(reached)
    while wave:
        found = dict.fromkeys(
            reference
            for directive in directives
            for start in wave
            if start in matched or directive.iterate or (directive.source, directive.parameter) in _ALWAYS_ITERATED
            for reference in _followed(directive, start, resources, backwards)
            if reference in resources and reference not in reached
        )
        reached |= found
        wave = list(found)
    return [reference for reference in reached if reference not in matched]


def _backwards(resources: Mapping[str, Json]) -> dict[tuple[str, str, str], list[str]]:
    """The resources that hold each link toward each reference, in order."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for reference, resource in resources.items():
        for (source, parameter), (name, _) in LINKS.items():
            if resource["resourceType"] == source:
                for target in _references(resource, name):
                    found.setdefault((source, parameter, target), []).append(reference)
    return found


def _followed(
    directive: Directive,
    start: str,
    resources: Mapping[str, Json],
    backwards: Mapping[tuple[str, str, str], list[str]],
) -> Iterable[str]:
    if directive.reverse:
        return backwards.get((directive.source, directive.parameter, start), ())
    resource = resources.get(start)
    if resource is None or resource["resourceType"] != directive.source:
        return ()
    return _references(resource, LINKS[directive.source, directive.parameter][0])


def _references(resource: Json, name: str) -> Iterator[str]:
    held = resource.get(name, ())
    for reference in held if isinstance(held, list) else [held] if held else []:
        yield reference["reference"]
