"""What the readers leave behind inside the elements they read: never in silence.

A member of a resource that no rule reads is kept whole beside the object. Inside an element that is read (a telecom, an
identifier, a concept), what the model has no place for is noted here. Classes made from the table below tell in one
call that there is nothing to note, which is nearly always so; the walk says what there is.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any, Literal

import msgspec

from mappings.fhir import r4
from mappings.fhir.notes import Notes
from mappings.fhir.shape import Json
from mappings.fhir.validation.constraints import definitions
from mappings.loss import Severity

# The elements of each resource that are read member by member; `1` when only the first of the list is.
_READ = {
    "HealthcareService": (
        "extension identifier:1 providedBy category type specialty location telecom characteristic availableTime"
    ),
    "Location": "extension identifier operationalStatus alias:1 type:1 telecom address physicalType position",
    "Organization": "extension identifier type contact telecom address:1 partOf",
    "Practitioner": "extension identifier:1 name:1 telecom communication",
    "PractitionerRole": (
        "extension identifier:1 practitioner organization code specialty healthcareService:1 telecom availableTime"
    ),
}
# What is read of each type. The data-absent-reason of a code or of an age is what makes it absent in the model too.
_TAKEN = {
    "Identifier": "type system value",
    "CodeableConcept": "coding:1",
    "Coding": "system code _code display",
    "Reference": "reference identifier",
    "ContactPoint": "extension system value",
    "Address": "extension line _line postalCode city country",
    "HumanName": "use text family given prefix",
    "HealthcareService.availableTime": "extension daysOfWeek availableStartTime availableEndTime",
    "PractitionerRole.availableTime": "extension daysOfWeek availableStartTime availableEndTime",
    "Organization.contact": "extension purpose name telecom",
    "Location.position": "extension longitude latitude altitude",
    "Period": "start end",
    "Quantity": "extension value unit system code",
    "Range": "low high",
    "Money": "value currency",
}
# Elements of which something else is read than of their type.
_SPECIAL = {
    ("Location", "physicalType"): "text",
    ("HealthcareService", "characteristic"): "extension coding:1",
}
# What says again, or says of the writing, rather than of the object.
_RESTATED = frozenset({"use", "display", "type", "text", "id", "version", "userSelected", "assigner"})
# Extensions whose unknown parts are kept with the object.
_KEEPING = (
    "/ror-healthcareservice-contact", "/ror-healthcareservice-contact-telecom", "/ror-location-equipment",
    "/ror-organization-price",
)  # fmt: skip
# The types of values that the extensions of the guide hold.
_VALUES = frozenset({"CodeableConcept", "Coding", "HumanName", "Money", "Period", "Quantity", "Range"})
_GEOLOCATION = ("latitude", "longitude")
_VALUE = "value[x]"
_EXTENDED = ("telecom", "availableTime", "contact")
RULE = "fhir-read.element.unread"


def note_leftovers(resource: Json, notes: Notes) -> None:
    """Note what is inside the elements that are read and that no rule reads."""
    name = resource.get("resourceType", "")
    if name not in _READ or _nothing_left(resource, name):
        return
    for path, member in _left(resource, name, _READ[name], "", top=True):
        severity = Severity.INFORMATION if member in _RESTATED else Severity.ERROR
        notes.dropped(path, RULE, "element", severity)


def _nothing_left(resource: Json, name: str) -> bool:
    try:
        msgspec.convert(resource, _class(name, _READ[name], top=True))
    except msgspec.ValidationError:
        return False
    below = (resource.get(member, ()) for member in _EXTENDED if member in resource)
    held = (item for items in below for item in (items if isinstance(items, list) else [items]) if item)
    return not _crowded(resource.get("extension", ())) and not any(
        _crowded(one["extension"]) for one in held if "extension" in one
    )


def _crowded(extensions: Iterable[Json]) -> bool:
    """Whether an extension is more than an address and one content."""
    return any(len(one) > 2 or ("extension" in one and _crowded(one["extension"])) for one in extensions)


@cache
def _class(type_name: str, taken: str, *, top: bool = False) -> type[msgspec.Struct]:
    known = r4.members(type_name)
    fields: list[tuple[str, Any]] = []
    for name, most in _names(taken):
        if name == "extension":
            # That of a quantity says why there is none: it is read whole.
            fields.append((name, Any if type_name == "Quantity" else list[_extension(2)]))  # type: ignore[misc]
            continue
        member = known.get(name)
        below = _below(type_name, member) if member is not None else None
        one: Any = Any if below is None or member is None else _class(member.type, below)
        listed: Any = Annotated[list[one], msgspec.Meta(max_length=most)] if most else list[one]
        fields.append((name, listed if member is not None and member.many else one))
    return _struct(type_name, fields, closed=not top)


@cache
def _extension(level: int) -> type[msgspec.Struct]:
    members = [member for member in r4.members("Extension").values() if member.choice == _VALUE]
    fields: list[tuple[str, Any]] = [
        (member.name, _class(member.type, _TAKEN[member.type]) if member.type in _VALUES else Any) for member in members
    ]
    fields += [(f"_{member.name}", Any) for member in members if member.primitive]
    parts = (*_GEOLOCATION, *(part.url for one in definitions().values() for part in one.sub_extensions))
    fields.append(("url", str if level == 2 else Literal[parts]))
    if level:
        fields.append(("extension", list[_extension(level - 1)]))  # type: ignore[misc]
    return _struct("Extension", fields, closed=True)


def _struct(name: str, fields: list[tuple[str, Any]], *, closed: bool) -> type[msgspec.Struct]:
    python = {field: f"{'extended' if field.startswith('_') else 'plain'}_{field.lstrip('_')}" for field, _ in fields}
    return msgspec.defstruct(
        name.replace(".", "_"),
        [(python[field], kind | msgspec.UnsetType, msgspec.UNSET) for field, kind in fields if kind is not Any]
        + [(python[field], Any, None) for field, kind in fields if kind is Any],
        rename={word: field for field, word in python.items()},
        forbid_unknown_fields=closed,
        gc=False,
    )


def _names(taken: str) -> list[tuple[str, int]]:
    return [(name, int(most or 0)) for name, _, most in (part.partition(":") for part in taken.split())]


def _below(type_name: str, member: r4.Member) -> str | None:
    """What is read of a member, None when it is read whole."""
    return _SPECIAL.get((type_name, member.name), _TAKEN.get(member.type))


def _left(element: Any, type_name: str, taken: str, path: str, *, top: bool = False) -> Iterator[tuple[str, str]]:
    """The paths that are not read, with the name of the member at the end of each."""
    if not isinstance(element, dict):
        return
    names = dict(_names(taken))
    known = r4.members(type_name)
    for name, value in element.items():
        here = f"{path}.{name}" if path else name
        if name not in names:
            if not top:
                yield here, name
            continue
        if name == "extension" and type_name == "Quantity":
            continue
        if name == "extension":
            yield from _left_in_extensions(value, here)
            continue
        items = value if isinstance(value, list) else [value]
        if names[name] and len(items) > names[name]:
            yield here, name
        member = known.get(name)
        below = _below(type_name, member) if member is not None else None
        if below is not None and member is not None:
            for item in items:
                yield from _left(item, member.type, below, here)


def _left_in_extensions(extensions: Any, path: str, parts: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
    for one in extensions if isinstance(extensions, list) else ():
        if not isinstance(one, dict):
            continue
        url = one.get("url")
        here = f"{path}.{str(url).rsplit('/', 1)[-1]}" if _is_known(url, parts) else path
        if not isinstance(url, str) or (parts is not None and url not in parts):
            yield here, "extension"
            continue
        given = [
            member for member in r4.members("Extension").values() if member.name in one and member.choice == _VALUE
        ]
        for member in given[1:] if "extension" not in one else given:
            yield f"{here}.{member.name}", member.name
        for member in given:
            if member.type in _VALUES:
                yield from _left(one[member.name], member.type, _TAKEN[member.type], here)
        yield from _left_in_extensions(one.get("extension"), here, _parts_of(url))
        if "id" in one:
            yield f"{here}.id", "id"


def _is_known(url: Any, parts: frozenset[str] | None) -> bool:
    """Whether an address may be repeated in a path: one of the guide's, never a text of the source."""
    return isinstance(url, str) and (url in definitions() or url in (parts or ()))


def _parts_of(url: Any) -> frozenset[str] | None:
    """The parts a complex extension may have, None when the others are kept."""
    defined = definitions().get(url) if isinstance(url, str) and not url.endswith(_KEEPING) else None
    if defined is None or not defined.sub_extensions:
        return None
    return frozenset(part.url for part in defined.sub_extensions)
