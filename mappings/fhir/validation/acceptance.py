"""The quick yes: classes made once from the table of R4, that msgspec holds a resource against in one call.

They know a little less than R4: a resource they accept has no fault of shape; of one they do not accept, the walk of
`elements` says what is wrong, or that nothing is. Left out are extensions where the profiles have none, resources
within resources, and the rarer values of an extension or of an anomaly.
"""

from decimal import Decimal
from functools import cache
from typing import Annotated, Any

import msgspec

from mappings.fhir import r4
from mappings.fhir.r4 import Member
from mappings.fhir.shape import Json
from mappings.fhir.validation.primitives import annotation

# Types whose extensions the rules of the profiles look into, one by one: elsewhere they are left to the walk.
_EXTENDED = frozenset(
    {
        "ContactPoint",
        "Address",
        "HealthcareService",
        "HealthcareService.availableTime",
        "Location",
        "Location.position",
        "Organization",
        "Organization.contact",
        "Practitioner",
        "PractitionerRole",
        "PractitionerRole.availableTime",
    }
)
_EXTENDED_CONCEPTS = ("HealthcareService", "characteristic")
_EXTENDED_PRIMITIVES = frozenset({("Organization", "name"), ("Address", "line")})
_VALUES = frozenset(
    "valueBoolean valueString valueInteger valueDecimal valueCode valueDate valueDateTime valueCanonical "
    "valueCodeableConcept valueCoding valueQuantity valueRange valuePeriod valueMoney valueHumanName valueReference "
    "valueIdentifier".split()
)
# Those of an anomaly hold expressions too.
_VALUES_OF_PARTS = _VALUES | {"valueExpression"}
_OF_ONE_VALUE = ("input", "output")
_NEVER = frozenset({"extension", "modifierExtension", "contained", "assigner"})
_LEVELS = 3
"""How deep extensions nest in the guide: a contact, its telecoms, their parts."""


def accepts(resource: Json) -> bool:
    """Whether the resource surely has no fault of shape."""
    name = resource["resourceType"]
    try:
        msgspec.convert(resource, _class(name), builtin_types=(Decimal,))
    except msgspec.ValidationError:
        return False
    return name != "Task" or all(_one_value(part) for slot in _OF_ONE_VALUE for part in resource.get(slot, ()))


def _one_value(part: Json) -> bool:
    """Whether a part of an anomaly has its value: one of many, which no class can say."""
    return sum(name in _VALUES_OF_PARTS for name in part) == 1


@cache
def _class(type_name: str, *, extended: bool = False) -> type[msgspec.Struct]:
    """The class of a type; `extended` allows extensions on one that has none elsewhere."""
    fields: list[tuple[str, Any]] = [("resourceType", str)] if type_name in r4.RESOURCES else []
    fields += [
        (member.name, _annotation(type_name, member)) for member in r4.members(type_name).values() if _held(member)
    ]
    if extended or type_name in _EXTENDED:
        fields.append(("extension", _listed(_extension(_LEVELS))))
    for member in r4.members(type_name).values():
        if (type_name, member.name) in _EXTENDED_PRIMITIVES:
            element: Any = _class("Element", extended=True)
            fields.append((f"_{member.name}", _listed(element | None) if member.many else element))
    return _struct(type_name, fields, r4.mandatory(type_name))


@cache
def _extension(level: int) -> type[msgspec.Struct]:
    fields = [
        (member.name, _annotation("Extension", member))
        for member in r4.members("Extension").values()
        if member.name in _VALUES or member.name == "url"
    ]
    if level > 1:
        fields.append(("extension", _listed(_extension(level - 1))))
    return _struct("Extension", fields, ("url",))


def _held(member: Member) -> bool:
    return member.name not in _NEVER and (member.choice == member.name or member.name in _VALUES_OF_PARTS)


def _annotation(type_name: str, member: Member) -> Any:
    if member.primitive:
        one = annotation(member.type)
        return _listed(one | None) if member.many else one
    one = _class(member.type, extended=(type_name, member.name) == _EXTENDED_CONCEPTS)
    return _listed(one) if member.many else one


def _listed(one: Any) -> Any:
    return Annotated[list[one], msgspec.Meta(min_length=1)]


def _struct(type_name: str, fields: list[tuple[str, Any]], mandatory: tuple[str, ...]) -> type[msgspec.Struct]:
    # `_name` and `name` are two members, and neither `for` nor a leading underscore makes a field.
    python = {name: f"{'extended' if name.startswith('_') else 'plain'}_{name.lstrip('_')}" for name, _ in fields}
    given = [(python[name], kind) for name, kind in fields if name in mandatory]
    optional = [
        (python[name], kind | msgspec.UnsetType, msgspec.UNSET) for name, kind in fields if name not in mandatory
    ]
    return msgspec.defstruct(
        type_name.replace(".", "_"),
        [*given, *optional],
        rename={field: name for name, field in python.items()},
        forbid_unknown_fields=True,
        frozen=True,
        gc=False,
    )
