"""Search of the national exposition API: parameters, modifiers, chains (digest sections 4 and 5)."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from conformance.reference.national.elements import CANONICAL, Json
from conformance.reference.national.store import ancestors, references

PARIS = ZoneInfo("Europe/Paris")
TYPES = ("HealthcareService", "Location", "Organization", "Practitioner", "PractitionerRole")
CONTROL = {"_count", "_include", "_include:iterate", "_revinclude", "_revinclude:iterate", "_format"}
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")

Resources = dict[str, Json]
Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BadSearch(Exception):
    """A search the server cannot run; `diagnostics` is what the caller reads."""

    diagnostics: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """How one parameter matches: `values` reads the resource, `matches` compares one of them with one asked value."""

    values: Callable[[Json], Iterable[str]]
    matches: Callable[[str, str, str], bool]
    modifiers: tuple[str, ...] = ()


def _qualified(system: str, code: str) -> str:
    return f"{system}|{code}"


def _concepts(element: str) -> Callable[[Json], Iterable[str]]:
    return lambda resource: [
        _qualified(coding.get("system", ""), coding["code"])
        for concept in resource.get(element, [])
        for coding in concept["coding"]
    ]


def _identifiers(resource: Json) -> Iterable[str]:
    return [_qualified(one.get("system", ""), one["value"]) for one in resource["identifier"]]


def _tags(resource: Json) -> Iterable[str]:
    return [_qualified(one["system"], one["code"]) for one in resource["meta"]["tag"]]


def _communes(resource: Json) -> Iterable[str]:
    return [
        _qualified(coding["system"], coding["code"])
        for one in resource["extension"]
        if one["url"] == f"{CANONICAL}/ror-commune-cog"
        for coding in one["valueCodeableConcept"]["coding"]
    ]


def _address(element: str) -> Callable[[Json], Iterable[str]]:
    def values(resource: Json) -> Iterable[str]:
        held = resource.get("address", [])
        return [one[element] for one in (held if isinstance(held, list) else [held]) if element in one]

    return values


def _token(held: str, asked: str, modifier: str) -> bool:
    system, bar, code = asked.rpartition("|")
    held_system, _, held_code = held.rpartition("|")
    if bar and not code:
        return _same_system(held_system, system)
    return held_code == code and (not system or _same_system(held_system, system))


def _same_system(held: str, asked: str) -> bool:
    """http and https forms of one system are the same (digest section 9.3)."""
    return held.removeprefix("https:").removeprefix("http:") == asked.removeprefix("https:").removeprefix("http:")


def _text(held: str, asked: str, modifier: str) -> bool:
    name, wanted = held.casefold(), asked.casefold()
    return wanted in name if modifier == "contains" else name.startswith(wanted)


def _moment(held: str, asked: str, modifier: str) -> bool:
    prefix, text = (asked[:2], asked[2:]) if asked[:2] in PREFIXES else ("eq", asked)
    low, high = _interval(text)
    moment = datetime.fromisoformat(held)
    within = low <= moment < high
    return {
        "eq": within,
        "ne": not within,
        "gt": moment >= high,
        "sa": moment >= high,
        "ge": moment >= low,
        "lt": moment < low,
        "eb": moment < low,
        "le": moment < high,
    }[prefix]


def _interval(text: str) -> tuple[datetime, datetime]:
    """What a date of any precision covers; without offset it is French legal time."""
    try:
        if "T" not in text:
            day = date.fromisoformat(text)
            low = datetime(day.year, day.month, day.day, tzinfo=PARIS)
            return low, low + timedelta(days=1)
        low = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadSearch(f"Date invalide : {text}") from error
    low = low if low.tzinfo else low.replace(tzinfo=PARIS)
    to_the_minute = text.count(":") == 1 + ("+" in text)
    return low.astimezone(UTC), low.astimezone(UTC) + timedelta(seconds=60 if to_the_minute else 1)


def _reference(held: str, asked: str, modifier: str) -> bool:
    return asked in {held, held.partition("/")[2]}


def _references(element: str) -> Callable[[Json], Iterable[str]]:
    return lambda resource: references(resource, element)


COMMON = {
    "_id": Parameter(lambda resource: [_qualified("", resource["id"])], _token),
    "_lastUpdated": Parameter(lambda resource: [resource["meta"]["lastUpdated"]], _moment),
    "_tag": Parameter(_tags, _token, ("not",)),
    "identifier": Parameter(_identifiers, _token, ("not",)),
}
NAME = Parameter(lambda resource: [resource[key] for key in ("name",) if key in resource], _text, ("contains",))
ORGANIZATION = COMMON | {
    "name": Parameter(
        lambda resource: [*(resource[key] for key in ("name",) if key in resource), *resource.get("alias", [])],
        _text,
        ("contains",),
    ),
    "type": Parameter(_concepts("type"), _token, ("not",)),
}
LOCATION = COMMON | {
    "type": Parameter(_concepts("type"), _token, ("not",)),
    "address-postalcode": Parameter(_address("postalCode"), _text),
    "address-city": Parameter(_address("city"), _text),
    "commune-cog": Parameter(_communes, _token),
}
PARAMETERS: dict[str, dict[str, Parameter]] = {
    "HealthcareService": COMMON
    | {
        "name": NAME,
        "specialty": Parameter(_concepts("specialty"), _token, ("not",)),
        "characteristic": Parameter(_concepts("characteristic"), _token, ("not",)),
        "service-type": Parameter(_concepts("type"), _token, ("not",)),
        "service-category": Parameter(_concepts("category"), _token, ("not",)),
        "location": Parameter(_references("location"), _reference),
        "organization": Parameter(_references("providedBy"), _reference),
    },
    "Organization": ORGANIZATION,
    "Location": LOCATION,
    "Practitioner": COMMON,
    "PractitionerRole": COMMON
    | {
        "service": Parameter(_references("healthcareService"), _reference),
        "practitioner": Parameter(_references("practitioner"), _reference),
        "organization": Parameter(_references("organization"), _reference),
    },
}


def search(resources: Resources, kind: str, parameters: Parameters) -> list[str]:
    """The references that match, in the order of the ids. Commas are a union, repeated parameters a conjunction."""
    tests = [_test(resources, kind, name, value) for name, value in parameters if name not in CONTROL]
    return [
        reference
        for reference, resource in resources.items()
        if resource["resourceType"] == kind and all(test(resource) for test in tests)
    ]


def _test(resources: Resources, kind: str, name: str, value: str) -> Callable[[Json], bool]:
    chain, dot, chained = name.partition(".")
    if dot and kind == "HealthcareService" and chain == "organization" and chained.endswith(":above"):
        return _above(resources, _plain(ORGANIZATION, chained.removesuffix(":above"), value))
    if dot and kind == "HealthcareService" and chain == "location":
        test = _plain(LOCATION, chained, value)
        return lambda resource: any(test(resources[one]) for one in references(resource, "location"))
    return _plain(PARAMETERS[kind], name, value)


def _above(resources: Resources, test: Callable[[Json], bool]) -> Callable[[Json], bool]:
    """`:above` in the house sense: the provider or any of its ancestors satisfies the criterion."""
    matching = {
        reference
        for reference, resource in resources.items()
        if resource["resourceType"] == "Organization" and test(resource)
    }
    return lambda resource: any(one in matching for one in ancestors(resources, resource))


def _plain(parameters: dict[str, Parameter], name: str, value: str) -> Callable[[Json], bool]:
    bare, _, modifier = name.partition(":")
    parameter = parameters.get(bare)
    if parameter is None or (modifier and modifier not in parameter.modifiers):
        raise BadSearch(f"Paramètre de recherche inconnu : {name}")
    asked = list(_values(value))
    if not asked:
        raise BadSearch(f"Paramètre sans valeur : {name}")

    def test(resource: Json) -> bool:
        return any(parameter.matches(held, one, modifier) for held in parameter.values(resource) for one in asked)

    return (lambda resource: not test(resource)) if modifier == "not" else test


def _values(value: str) -> Iterator[str]:
    """The values of a list; those after the first may leave out the system they share with it.

    A backslash makes a separator a plain character (FHIR R4 search, escaping).
    """
    system = ""
    for one in filter(None, re.split(r"(?<!\\),", value)):
        head, bar, code = one.rpartition("|")
        system = head if bar else system
        yield re.sub(r"\\([\\,|$])", r"\1", f"{system}|{code}" if system else one)
