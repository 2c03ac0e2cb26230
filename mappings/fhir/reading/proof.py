"""The proof of a reading: what was read is written again and compared with its source, leaf by leaf.

What the source says and the second writing does not is lost to the model; what the second writing says and the source
did not is supplied by us. Both are noted by path, so that a reader that forgets an element cannot do so in silence
(decision 20). Order, the spelling of systems and instants, and labels that the tables give are no difference.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from mappings.fhir.hours import DAYS
from mappings.fhir.notes import Notes
from mappings.fhir.shape import FRANCE, Json
from mappings.fhir.urls import GEOLOCATION, INSEE_CODE
from mappings.fhir.validation.constraints import constraints, definitions
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.systems import system_id

Leaf = tuple[str, Any]

# The members that are read one by one; any other stays whole beside the object, or is told by what drops it.
_EXAMINED = {
    "HealthcareService": (
        "meta extension identifier category type specialty name comment telecom characteristic availableTime "
        "notAvailable providedBy location"
    ),
    "Location": (
        "meta extension identifier operationalStatus name alias description type physicalType telecom address position"
    ),
    "Organization": "meta extension identifier type name _name alias contact telecom address partOf",
    "Practitioner": "meta extension identifier name telecom communication",
    "PractitionerRole": (
        "meta extension identifier code specialty telecom availableTime practitioner organization healthcareService"
    ),
}
# Where references lead is told where they are followed; that a role has one offer at most is told here too.
_LINKS = frozenset({"providedBy", "location", "partOf", "practitioner", "organization", "healthcareService"})
# What says again, or says of the writing, rather than of the object.
_RESTATED = frozenset(
    "use display text id version userSelected profile versionId number-of-day assigner type period".split()
)
# What a table or a habit of writing adds to a datum: neither side misses it.
_ADDED = frozenset({"display", "use"})
_NOTHING = object()
# What a reference to one version of a resource holds; the model refers to objects.
_VERSION = "/_history/"
# What the writer could not say of what is in the model: by its rule, the element it concerns.
_UNSAID = {
    "fhir.role.one-name": "ror-practitionerrole-name",
    "fhir.object.key-taken": "",
}
# What it could not say and is written all the same for the comparison (`reading.whole`).
_OF_WHOLE = frozenset(
    {"fhir.territory.type", "fhir.role.one-profession", "fhir.role.one-telecom", "fhir.role.one-slot"}
)


# What of such an element the model does hold.
_HELD = frozenset(_UNSAID.values()) | {"system", "code", "display", "valueString"}


def note_differences(
    source: Json, written: Json, said: Ledger, notes: Notes, whole: Callable[[Json], Json] = dict
) -> None:
    """Note what a resource says and its object does not, and the reverse; `said` is what its writing could not say,
    `whole` adds to what is written what the profiles have no second place for.
    """
    if source == written:
        return
    left, right = _unlike(source, written)
    if not left and not right:
        return
    if any(loss.rule in _OF_WHOLE for loss in said.entries):
        left, right = _unlike(source, whole(written))
    before, after = Counter(leaves(left)), Counter(leaves(right))
    if before == after:
        return
    unsaid = {_UNSAID[loss.rule] for loss in said.entries if loss.rule in _UNSAID}
    for path, _ in before - after:
        names = path.split(".")
        if unsaid.isdisjoint(names) or names[-1] not in _HELD:
            severity = Severity.INFORMATION if not _RESTATED.isdisjoint(names[1:]) else Severity.ERROR
            notes.dropped(path, "fhir-read.element.unread", "element", severity)
    for path, _ in after - before:
        names = path.split(".")
        if names[-1] not in _ADDED and unsaid.isdisjoint(names):
            notes.note(LossKind.DERIVED, path, "fhir-read.element.supplied", "element", Severity.INFORMATION)


def _unlike(source: Json, written: Json) -> tuple[Json, Json]:
    """What is left of both when what they say alike is taken away, nearly always nothing: no leaf is looked at then."""
    left: Json = {}
    right: Json = {}
    for name in _examined(source["resourceType"]):
        one, other = source.get(name), written.get(name)
        if one == other or (name in _LINKS and name != "healthcareService" and _only_links(one) and _only_links(other)):
            continue
        if isinstance(one, list) and isinstance(other, list):
            others = list(other)
            one = [item for item in one if not _taken(item, others)]
            other = others
        if one or one == "":
            left[name] = one
        if other:
            right[name] = other
    return left, right


def _only_links(value: Any) -> bool:
    """Whether references are all there is; a role has one offer, the others are told."""
    if isinstance(value, list):
        return all(map(_only_links, value))
    return value is not None and value.keys() == {"reference"} and _VERSION not in str(value["reference"])


def _taken(item: Any, others: list[Any]) -> bool:
    """Whether an item alike was there; it is taken away."""
    for place, other in enumerate(others):
        if item == other or _alike(item, other):
            del others[place]
            return True
    return False


def _alike(one: Any, other: Any) -> bool:
    """Whether the second says what the first does although they are not equal: it adds only what is added to any datum,
    or its extensions stand in another order.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for name, value in one.items():
            theirs = other.get(name, _NOTHING)
            if value != theirs and (isinstance(value, str) or not _alike(value, theirs)):
                return False
        return len(one) == len(other) or other.keys() - one.keys() <= _ADDED
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        if len(one) == 1:
            return _alike(one[0], other[0])
        left = list(other)
        return all(_taken(item, left) for item in one)
    return False


def leaves(members: Json) -> Iterator[Leaf]:
    """What members of a resource say: the path of each value, and the value in one spelling."""
    for name, value in members.items():
        if name == "availableTime":
            for entry in value:
                yield from _slot(entry)
        elif name == "extension":
            yield from _extensions(value, name)
        elif name in _LINKS:
            for link in filter(None, value if isinstance(value, list) else [value]):
                if name == "healthcareService":
                    yield name, ""
                if _VERSION in str(link.get("reference")):
                    yield f"{name}.version", ""
                yield from _leaves({key: one for key, one in link.items() if key != "reference"}, name)
        else:
            yield from _leaves(value, name)


@cache
def _examined(kind: str) -> tuple[str, ...]:
    return tuple(_EXAMINED[kind].split())


def _leaves(value: Any, path: str) -> Iterator[Leaf]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "extension" and isinstance(one, list):
                yield from _extensions(one, path)
            elif isinstance(one, dict | list):
                yield from _leaves(one, f"{path}.{name}")
            elif one is not None:
                yield f"{path}.{name}", _plain(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, path)
    elif value is not None:
        yield path, _plain(value, path)


def _extensions(extensions: Iterable[Any], path: str) -> Iterator[Leaf]:
    """What extensions say, under the last part of their address: documents write one slug under several bases."""
    for one in extensions:
        url = one.get("url") if isinstance(one, dict) else None
        if not isinstance(url, str):
            yield from _leaves(one, _within(path))
            continue
        slug = url.rsplit("/", 1)[-1]
        # A path never holds a text of the source.
        here = f"{path}.{slug}" if slug in known_slugs() else _within(path)
        content = {name: held for name, held in one.items() if name != "url"}
        yield here, slug
        yield from _leaves(content, here)


def _within(path: str) -> str:
    return path if path == "extension" else f"{path}.extension"


@cache
def known_slugs() -> frozenset[str]:
    """The last parts of the addresses that the guide knows, and of the parts of its extensions."""
    rows = (row.url for profile in constraints().profiles.values() for row in profile.elements)
    parts = (part.url for one in definitions().values() for part in one.sub_extensions)
    known = (*filter(None, rows), *definitions(), *parts, INSEE_CODE, GEOLOCATION, "latitude", "longitude")
    return frozenset(url.rsplit("/", 1)[-1] for url in known) | {"RORPractitionerRoleName"}


_NUMBER = "availableTime.ror-available-time-number-days-of-week"
_OF_DAYS = frozenset({"availableTime.daysOfWeek", _NUMBER, f"{_NUMBER}.valueInteger"})


def _slot(entry: Any) -> Iterator[Leaf]:
    """A slot as one slot for each of its days, however these are said."""
    said = list(_leaves(entry, "availableTime"))
    named = {DAYS.index(value) + 1 for path, value in said if path == "availableTime.daysOfWeek" and value in DAYS}
    number = {value for path, value in said if path == f"{_NUMBER}.valueInteger"}
    if number and named and number != named:
        yield from said
        return
    days = named | number or {0}
    for path, value in said:
        of_days = path in _OF_DAYS and (path != "availableTime.daysOfWeek" or value in DAYS)
        if not of_days:
            for day in days:
                yield path, (day, value)
    for day in days:
        yield "availableTime.day", day


@lru_cache(maxsize=4096)
def _system(text: str) -> str:
    return system_id(text.replace("http://", "https://"))


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Decimal(value)
    if isinstance(value, str):
        if name == "system":
            return _system(value)
        if len(value) > _DAY and value[4:5] == "-" and value[_DAY] == "T":
            return _instant(value)
    return value


_DAY = 10


# A model keeps an instant to the microsecond.
_FINER = re.compile(r"[.,][0-9]{6}[0-9]*[1-9]")


def _instant(text: str) -> Any:
    if _FINER.search(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=FRANCE)
