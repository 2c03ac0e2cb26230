"""The whole document and the answer around it: contract sections 6 and 7."""

from collections.abc import Iterable, Sequence

from conformance.reference.csd.dialect import Contract
from conformance.reference.csd.organisations import establishment, legal_entity
from conformance.reference.csd.places import device
from conformance.reference.csd.professionals import professional
from conformance.reference.csd.units import Keys, internal_unit, offer
from conformance.reference.csd.wire import Element, Scribe, element, extension
from conformance.reference.dataset import Coded, EstablishmentContent, InternalUnit, Offer

DIRECTORIES = (
    "organizationDirectory",
    "serviceDirectory",
    "facilityDirectory",
    "providerDirectory",
    "deviceDirectory",
)


def _below(unit: InternalUnit, content: EstablishmentContent) -> list[Offer]:
    """The offers of the content that hang on a level, however deep."""
    levels = {unit.identifier}
    for other in content.internal_units:
        if other.parent in levels:
            levels.add(other.identifier)
    return [made for made in content.offers if made.parent in levels]


class Document:
    """Gathers establishments into one set of directories with one set of keys."""

    def __init__(self, scribe: Scribe) -> None:
        self._scribe = scribe
        self._keys = Keys()
        self._directories = {name: element(name) for name in DIRECTORIES}
        self._seen: set[str] = set()
        self.offers = 0

    def add(self, content: EstablishmentContent) -> None:
        """The establishment, its EJ when not yet there, and everything below it."""
        scribe, keys, place = self._scribe, self._keys, self._directories
        entity, site = content.legal_entity, content.establishment
        parent = keys.of("EJ", entity.finess)
        if parent not in self._seen:
            self._seen.add(parent)
            place["organizationDirectory"].append(legal_entity(scribe, entity, parent))
        key = keys.of("EG", site.finess)
        place["organizationDirectory"].append(establishment(scribe, site, key, parent))
        for unit in content.internal_units:
            place["facilityDirectory"].append(internal_unit(scribe, keys, unit, _below(unit, content)))
            self._add_services(unit.activities, (), unit)
        for made in content.offers:
            place["facilityDirectory"].append(offer(scribe, keys, made))
            self._add_services(made.activities, made.families, made)
            self._add_devices(made)
        for person in content.professionals:
            place["providerDirectory"].append(
                professional(scribe, person, keys.of("PS", person.situation_key), key, keys.of("UE", person.offer))
            )
        self.offers += len(content.offers)

    def _add_services(
        self, activities: Iterable[Coded], families: Sequence[Coded], owner: InternalUnit | Offer
    ) -> None:
        """One `service` per activity and document: the first owner tells its families and its life."""
        for activity in activities:
            key = self._keys.of("ACT", activity.code)
            if key in self._seen:
                continue
            self._seen.add(key)
            made = element("service", self._scribe.coded("codedType", activity), entityID=key)
            if families:
                said = families[:1] if self._scribe.version is Contract.V1_5 else families
                made.append(extension(*self._scribe.each("actFamily", said)))
            made.append(self._scribe.record(owner.record))
            self._directories["serviceDirectory"].append(made)

    def _add_devices(self, made: Offer) -> None:
        equipment = [entry for place in made.places for entry in place.equipment]
        if self._scribe.dialect.dangling_equipment and len(equipment) > 1:
            # a habit of this solution: the last one is pointed to and not sent
            equipment.pop()
        for entry in equipment:
            key = self._keys.of("EQ", entry.key)
            self._directories["deviceDirectory"].append(device(self._scribe, entry, key))

    def query_result(self, name: str = "queryResult") -> Element:
        """The five directories, all present, in their order."""
        return element(name, *(self._directories[directory] for directory in DIRECTORIES))


def answer(document: Document, *, count: int | None) -> Element:
    """`careServicesResponse`; `count` is what `facilityNumber` says, None when the solution leaves it out."""
    result = element("result")
    if count is not None:
        result.append(element("facilityNumber", text=str(count)))
    result.append(document.query_result())
    return element("careServicesResponse", result)


def error(code: str, message: str) -> Element:
    """A functional refusal of a reading."""
    return element("careServicesResponse", element("error", code=code, message=message))
