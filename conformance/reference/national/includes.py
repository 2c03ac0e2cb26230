"""The include set of the national API (digest section 6)."""

from collections.abc import Callable, Iterable, Iterator

from conformance.reference.national.elements import Json
from conformance.reference.national.search import BadSearch, Parameters, Resources
from conformance.reference.national.store import references

FORWARD = {
    "HealthcareService:organization": ("HealthcareService", "providedBy"),
    "HealthcareService:location": ("HealthcareService", "location"),
    "Organization:partof": ("Organization", "partOf"),
    "PractitionerRole:practitioner": ("PractitionerRole", "practitioner"),
    "PractitionerRole:organization": ("PractitionerRole", "organization"),
    "PractitionerRole:service": ("PractitionerRole", "healthcareService"),
    "Location:organization": ("Location", "managingOrganization"),
}
BACKWARD = {
    "PractitionerRole:service": ("PractitionerRole", "healthcareService"),
    "PractitionerRole:organization": ("PractitionerRole", "organization"),
    "HealthcareService:location": ("HealthcareService", "location"),
    "HealthcareService:organization": ("HealthcareService", "providedBy"),
}


Step = Callable[[Iterable[str]], Iterator[str]]


def included(resources: Resources, matches: list[str], parameters: Parameters) -> list[str]:
    """What the directives add to the matches, in a stable order."""
    steps = [(_step(resources, name, value), _iterates(name, value)) for name, value in parameters if _is_include(name)]
    found = dict.fromkeys(matches)
    waiting, first = list(matches), True
    while waiting:
        added = [one for step, again in steps if first or again for one in step(waiting)]
        waiting, first = [one for one in dict.fromkeys(added) if one in resources and one not in found], False
        found.update(dict.fromkeys(waiting))
    return list(found)[len(matches) :]


def _is_include(name: str) -> bool:
    return name.removesuffix(":iterate") in {"_include", "_revinclude"}


def _iterates(name: str, value: str) -> bool:
    """Whether a directive applies to what others included: nationally the includes of a role do without saying so."""
    return name.endswith(":iterate") or (value.startswith("PractitionerRole:") and name == "_include")


def _step(resources: Resources, name: str, value: str) -> Step:
    table, make = (FORWARD, _forward) if name.startswith("_include") else (BACKWARD, _backward)
    if value not in table:
        raise BadSearch(f"Inclusion inconnue : {name}={value}")
    return make(resources, *table[value])


def _forward(resources: Resources, kind: str, element: str) -> Step:
    def step(of: Iterable[str]) -> Iterator[str]:
        for reference in of:
            resource: Json = resources[reference]
            if resource["resourceType"] == kind:
                yield from references(resource, element)

    return step


def _backward(resources: Resources, kind: str, element: str) -> Step:
    def step(of: Iterable[str]) -> Iterator[str]:
        wanted = set(of)
        for reference, resource in resources.items():
            if resource["resourceType"] == kind and wanted.intersection(references(resource, element)):
                yield reference

    return step
