"""The slices of a list: which item is in which, told by system, type, or id as the guide says."""

from collections.abc import Callable
from typing import Any

from mappings.fhir.shape import Json
from mappings.fhir.validation.constraints import Amendment, Element
from mappings.nomenclatures.systems import system_id, url

Pick = Callable[[Any], int | None]
"""The place of the slice an item is in, None when it is in none."""


def by_system(slices: list[tuple[Element, Amendment | None]], value_type: str | None) -> Pick:
    """Slices of concepts, or of codings, told by the system of the codes; then by the marker some carry."""
    by_short: dict[str, list[tuple[int, str | None]]] = {}
    for place, (element, amendment) in enumerate(slices):
        marker = element.extension[0].value_code if element.extension else None
        for system in amendment.systems if amendment is not None else ():
            by_short.setdefault(system, []).append((place, marker))
    by_address = {url(system): candidates for system, candidates in by_short.items()}
    single = value_type == "Coding"

    def pick(item: Json) -> int | None:
        for coding in (item,) if single else item.get("coding", ()):
            given = coding.get("system", "")
            candidates = by_address.get(given) or by_short.get(system_id(given) if given else "")
            if candidates is not None:
                return candidates[0][0] if candidates[0][1] is None else _marked(item, candidates)
        return None

    return pick


def _marked(item: Json, candidates: list[tuple[int, str | None]]) -> int | None:
    codes = {part.get("valueCode") for part in item.get("extension", ())}
    return next((place for place, marker in candidates if marker in codes), None)


def by_type(slices: list[tuple[Element, Amendment | None]]) -> Pick:
    """Slices of identifiers, inputs and outputs, told by the code of their type."""
    by_code = {
        (system_id(element.type_coding.system), element.type_coding.code): place
        for place, (element, _) in enumerate(slices)
        if element.type_coding is not None
    }

    def pick(item: Json) -> int | None:
        for coding in item.get("type", {}).get("coding", ()):
            place = by_code.get((system_id(coding.get("system", "")), coding.get("code")))
            if place is not None:
                return place
        return None

    return pick


def by_id(slices: list[tuple[Element, Amendment | None]]) -> Pick:
    """Slices told by the id of the element."""
    by_name = {element.id: place for place, (element, _) in enumerate(slices)}

    def pick(item: Json) -> int | None:
        return by_name.get(item.get("id"))

    return pick
