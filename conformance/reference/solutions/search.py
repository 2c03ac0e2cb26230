"""The search of 2016: contract section 16. Roots in the ROR namespace, children without namespace.

Only requests and checks of this contract are known. The answer written here follows the facts of section 16:

    ror:careServicesResponse / result
      resultNumber / OInumber
      organizationDirectory / organization@entityID   otherID, codedType, primaryName, parent@entityID (EG only)
      serviceDirectory / service@entityID             codedType
      facilityDirectory / facility@entityID           otherID, codedType, primaryName, organizations, typeOfCare,
                                                      patientsType/ageGroup, cityNumber
      deviceDirectory / device@entityID               type
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

from conformance.reference.csd.units import Keys
from conformance.reference.csd.wire import OID_UNIT, ROR, Element, Scribe, oids
from conformance.reference.dataset import Coded, EstablishmentContent, Offer
from conformance.reference.region import EstablishmentKey, OfferSketch, RegionContent
from conformance.reference.solutions.access import Access
from conformance.reference.solutions.requests import Malformed

REGION, DEPARTMENT, COMMUNE = "1", "2", "3"
AGE_CLASSES_OID = "1.2.250.1.213.3.3.9"
# TRE_R208: class, first and last year
AGE_CLASSES = {
    "01": (0, 0),
    "02": (0, 1),
    "03": (2, 11),
    "04": (12, 15),
    "05": (16, 21),
    "06": (22, 64),
    "10": (65, 74),
    "11": (75, 120),
}
# TRE_R215: how many of the unit make a year
UNITS_IN_A_YEAR = {"a": 1, "m": 12, "j": 365, "h": 8760, "mn": 525600, "s": 31536000, "ms": 31536000000}
EARTH_RADIUS_KM = 6371.0
WIDTHS = {"R211": 3, "R213": 2, "R210": 4, "R212": 3, "R208": 2, "R38": 4}


@dataclass(frozen=True, slots=True)
class Destination:
    """Where: region, department or commune, and a radius around a commune."""

    kind: str
    code: str
    radius: float | None


@dataclass(frozen=True, slots=True)
class Search:
    """Every criterion must be met (conjunction); several values of one criterion are a union."""

    destinations: tuple[Destination, ...]
    activities: frozenset[str]
    modes: frozenset[str]
    acts: frozenset[str]
    equipment: frozenset[str]
    specialities: frozenset[str]
    age_classes: frozenset[str]
    age: int | None


def _values(params: Element, path: str, table: str) -> frozenset[str]:
    found = (entry.get("code", "").strip() for entry in params.iterfind(path))
    return frozenset(code.zfill(WIDTHS[table]) for code in found if code)


def _code(parent: Element, path: str) -> str:
    found = parent.find(path)
    code = found.get("code", "").strip() if found is not None else ""
    if not code:
        raise Malformed(path)
    return code


def _destination(entry: Element) -> Destination:
    distance = entry.find("distance")
    radius = None if distance is None else _decimal(distance.get("value"), "distance")
    kind, code = _code(entry, "type"), _code(entry, "code").upper()
    if kind not in {REGION, DEPARTMENT, COMMUNE}:
        raise Malformed("type")
    return Destination(kind, code.zfill(5 if kind == COMMUNE else 2), None if radius is None else float(radius))


def _decimal(text: str | None, name: str) -> Decimal:
    try:
        return Decimal((text or "").strip())
    except InvalidOperation:
        raise Malformed(name) from None


def _age(params: Element) -> int | None:
    age = params.find("otherParams/patient/age")
    if age is None:
        return None
    unit = age.find("timeUnity")
    per_year = UNITS_IN_A_YEAR.get(unit.get("code", "a").strip() if unit is not None else "a")
    if per_year is None:
        raise Malformed("timeUnity")
    return int(_decimal(age.findtext("value"), "value") / per_year)


def read_search(body: Element) -> Search:
    """The criteria, or Malformed."""
    params = body.find("function/requestParams")
    if params is None:
        raise Malformed("requestParams")
    destinations = tuple(_destination(entry) for entry in params.iterfind("otherParams/destination"))
    if not destinations:
        raise Malformed("destination")
    return Search(
        destinations=destinations,
        activities=_values(params, "service/codedType", "R211"),
        modes=_values(params, "facility/typeOfCare", "R213"),
        acts=_values(params, "service/act", "R210"),
        equipment=_values(params, "device/type", "R212"),
        specialities=_values(params, "service/specialty", "R38"),
        age_classes=_values(params, "facility/patientsType/ageGroup", "R208"),
        age=_age(params),
    )


def _kilometres(content: RegionContent, one: EstablishmentKey, code: str) -> float | None:
    """From an establishment to the first one with coordinates in a commune; None when a position is missing."""
    here = content.position(one.finess)
    there = next(
        (place for key in content.keys if key.insee == code and (place := content.position(key.finess)) is not None),
        None,
    )
    if here is None or there is None:
        return None
    first, second = math.radians(here.latitude), math.radians(there.latitude)
    turn = math.radians(float(there.longitude - here.longitude))
    cosine = math.sin(first) * math.sin(second) + math.cos(first) * math.cos(second) * math.cos(turn)
    return EARTH_RADIUS_KM * math.acos(min(1.0, max(-1.0, cosine)))


def _within(content: RegionContent, key: EstablishmentKey, destination: Destination) -> bool:
    if destination.kind == REGION:
        return key.region == destination.code
    if destination.kind == DEPARTMENT:
        return key.department == destination.code
    if key.insee == destination.code:
        return True
    if destination.radius is None:
        return False
    distance = _kilometres(content, key, destination.code)
    return distance is not None and distance <= destination.radius


def _meets(sketch: OfferSketch, search: Search) -> bool:
    pairs = (
        (search.activities, sketch.activities),
        (search.modes, frozenset((sketch.care_mode,))),
        (search.acts, sketch.acts),
        (search.equipment, sketch.equipment),
        (search.specialities, sketch.specialities),
        (search.age_classes, frozenset(age_classes(sketch.age_min, sketch.age_max))),
    )
    if any(asked and not asked & offered for asked, offered in pairs):
        return False
    return search.age is None or sketch.age_min <= search.age <= sketch.age_max


def age_classes(youngest: int, oldest: int) -> list[str]:
    """The classes of R208 that overlap a range of ages."""
    return [name for name, (first, last) in AGE_CLASSES.items() if first <= oldest and youngest <= last]


def matches(content: RegionContent, search: Search, access: Access) -> Iterator[tuple[str, frozenset[str]]]:
    """Each establishment with the identifiers of its units that meet every criterion, in the order of the index."""
    for key in content.keys:
        if not any(_within(content, key, destination) for destination in search.destinations):
            continue
        found = frozenset(
            sketch.identifier
            for sketch in content.sketches(key.finess)
            if access.sees(sensitive=sketch.sensitive) and _meets(sketch, search)
        )
        if found:
            yield key.finess, found


class Results:
    """The answer, filled until the cap of the solution: what does not fit is left out without a word."""

    def __init__(self, scribe: Scribe, cap: int) -> None:
        self._scribe = scribe
        self._keys = Keys()
        self._cap = cap
        self._seen: set[str] = set()
        self._parts: dict[str, list[Element]] = {"organization": [], "service": [], "facility": [], "device": []}
        self.units = 0

    def add(self, content: EstablishmentContent, wanted: frozenset[str]) -> bool:
        """Adds the wanted units; False when there is no room left."""
        for offer in content.offers:
            if offer.identifier not in wanted:
                continue
            if self.units == self._cap:
                return False
            self._organisations(content)
            self._facility(offer)
            self.units += 1
        return self.units < self._cap

    def _code(self, parent: Element, name: str, value: Coded) -> None:
        code = value.code.lstrip("0") or "0" if self._scribe.dialect.strips_zeros else value.code
        made = etree.SubElement(parent, name, code=code, codingScheme=oids().get(value.system, value.system))
        if self._scribe.dialect.labels and value.label:
            made.text = value.label

    def _organisation(self, key: str, finess: str, kind: Coded, name: str) -> Element:
        made = etree.Element("organization", entityID=key)
        for identifier in self._scribe.structure(finess):
            etree.SubElement(made, "otherID", {str(name): str(value) for name, value in identifier.attrib.items()})
        self._code(made, "codedType", kind)
        etree.SubElement(made, "primaryName").text = name
        self._parts["organization"].append(made)
        return made

    def _organisations(self, content: EstablishmentContent) -> None:
        entity, site = content.legal_entity, content.establishment
        above, key = self._keys.of("EJ", entity.finess), self._keys.of("EG", site.finess)
        if above not in self._seen:
            self._seen.add(above)
            self._organisation(above, entity.finess, entity.status, entity.name)
        if key not in self._seen:
            self._seen.add(key)
            made = self._organisation(key, site.finess, site.category, site.name)
            etree.SubElement(made, "parent", entityID=above)

    def _linked(self, kind: str, part: str, name: str, value: Coded) -> str:
        key = self._keys.of(kind, value.code)
        if key not in self._seen:
            self._seen.add(key)
            made = etree.Element(part, entityID=key)
            self._code(made, name, value)
            self._parts[part].append(made)
        return key

    def _facility(self, offer: Offer) -> None:
        made = etree.Element("facility", entityID=self._keys.of("UE", offer.identifier))
        etree.SubElement(made, "otherID", code=offer.identifier, assigningAuthorityName=OID_UNIT)
        self._code(made, "codedType", Coded("R207", "4", "Unité élémentaire"))
        etree.SubElement(made, "primaryName").text = offer.name
        above = etree.SubElement(
            etree.SubElement(made, "organizations"), "organization", entityID=self._keys.of("EG", offer.establishment)
        )
        for activity in offer.activities:
            etree.SubElement(above, "service", entityID=self._linked("ACT", "service", "codedType", activity))
        self._code(made, "typeOfCare", offer.care_mode)
        public = etree.SubElement(made, "patientsType")
        for name in age_classes(offer.age_min.value, offer.age_max.value):
            self._code(public, "ageGroup", Coded(AGE_CLASSES_OID, name))
        for place in offer.places[:1]:
            self._code(made, "cityNumber", Coded("R13", place.address.insee, place.address.city))
            for equipment in place.equipment:
                key = self._linked("EQ", "device", "type", equipment.kind)
                etree.SubElement(made, "equipment", entityID=key)
        self._parts["facility"].append(made)

    def answer(self) -> Element:
        """The whole answer."""
        root = etree.Element(f"{{{ROR}}}careServicesResponse", nsmap={"ror": ROR})
        result = etree.SubElement(root, "result")
        etree.SubElement(etree.SubElement(result, "resultNumber"), "OInumber").text = str(self.units)
        for part, made in self._parts.items():
            etree.SubElement(result, f"{part}Directory").extend(made)
        return root


def error(code: str, message: str) -> Element:
    """A functional refusal of a search."""
    root = etree.Element(f"{{{ROR}}}careServicesResponse", nsmap={"ror": ROR})
    etree.SubElement(root, "error", code=code, message=message)
    return root


def results(content: RegionContent, search: Search, access: Access, scribe: Scribe, cap: int) -> Results:
    """The units found, made one establishment at a time."""
    found = Results(scribe, cap)
    for finess, wanted in matches(content, search, access):
        establishment = content.establishment(finess)
        if establishment is not None and not found.add(access.shown(establishment), wanted):
            break
    return found
