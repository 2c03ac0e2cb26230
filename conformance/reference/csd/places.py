"""Places, capacity, equipment: contract section 7.3, one place per unit up to 2.4, several since 3.0."""

from collections.abc import Iterable

from conformance.reference.csd.contacts import address, telecoms
from conformance.reference.csd.dialect import Contract
from conformance.reference.csd.orders import LOCATION
from conformance.reference.csd.wire import Element, Scribe, element, extension, flag, flatten, number, ordered, text
from conformance.reference.dataset import (
    Address,
    CapacityGroup,
    CapacityLine,
    Coded,
    Dwellings,
    Equipment,
    Offer,
    Place,
    Position,
    Record,
    Telecom,
)

BED, SPACE = "01", "02"
INSTALLED, AVAILABLE = "01", "02"
HOUSING = Coded("R343", "001", "Hébergement")


def coordinates(scribe: Scribe, position: Position | None, record: Record) -> Element | None:
    """`geoCoordinates`; the oldest shape has neither record nor reliability."""
    if position is None:
        return None
    made = element(
        "geoCoordinates",
        element("latitude", text=str(position.latitude)),
        element("longitude", text=str(position.longitude)),
        element("coordinateSystem", text="WGS84"),
    )
    if not scribe.version.before_levels:
        reliable = flatten((flag("coordonneesFiables", True), scribe.record(record)))
        made.append(extension(*reliable))
        made.append(scribe.record(record))
    return made


def location(
    scribe: Scribe,
    where: Address,
    record: Record,
    *,
    key: str | None = None,
    name: str | None = None,
    description: str | None = None,
    status: Coded | None = None,
    function: Coded = HOUSING,
    position: Position | None = None,
    reach: Iterable[Telecom] = (),
    with_address: bool = True,
) -> Element:
    """`location` of an EG, of a unit up to 2.4, of a place since 3.0."""
    return element(
        "location",
        *ordered(
            LOCATION[scribe.version],
            {
                "identifier": element("identifier", entityID=key) if key else None,
                "name": text("name", name),
                "description": text("description", description),
                "status": scribe.optional("status", status),
                "address": address(where) if with_address else None,
                "geoCoordinates": coordinates(scribe, position, record),
                "functionLocation": scribe.coded("functionLocation", function),
                "cityNumber": scribe.coded("cityNumber", Coded("R13", where.insee, where.city)),
                "contactPoint": telecoms(scribe, list(reach)[:1]),
                "record": scribe.record(record),
            },
        ),
    )


def of_place(scribe: Scribe, place: Place) -> Element:
    """The `location` of a place."""
    return location(
        scribe,
        place.address,
        place.record,
        key=place.key,
        name=place.name,
        description=place.description,
        status=place.status,
        function=place.function,
        position=place.position,
        reach=place.telecoms,
    )


def _line(scribe: Scribe, line: CapacityLine) -> Element:
    return element(
        "operationalAccommodationCapacity",
        *flatten(
            (
                scribe.coded("capacityNature", line.nature),
                scribe.coded("capacityStatus", line.status),
                scribe.coded("capacityTemporality", line.temporality),
                number("capacityNumber", line.number),
                scribe.coded("capacitySourceType", line.source),
                text("cpacityUpdateDate", scribe.instant(line.counted)),
                scribe.optional("capacityGenderAvailability", line.gender),
                scribe.optional("capacityClosingType", line.closing),
                scribe.optional("capacityExtraBed", line.extra_bed),
                scribe.optional("crisisType", line.crisis),
                scribe.record(line.record),
            )
        ),
    )


def _group(scribe: Scribe, group: CapacityGroup) -> Element:
    return element(
        "capacitySupported",
        scribe.coded("temporaryAssignment", group.assignment),
        *(_line(scribe, line) for line in group.lines),
        scribe.record(group.record),
    )


def dwellings(scribe: Scribe, values: Iterable[Dwellings]) -> list[Element]:
    """`residentialCapactity`."""
    return [
        element(
            "residentialCapactity",
            *flatten(
                (
                    scribe.coded("residentialType", value.kind),
                    number("residentialNumber", value.number),
                    scribe.record(value.record),
                )
            ),
        )
        for value in values
    ]


def realized(scribe: Scribe, place: Place, links: Iterable[Element]) -> Element:
    """`locationRealizedOffer` of 3.0; `links` are the equipment references of the place."""
    return element(
        "locationRealizedOffer",
        *flatten(
            (
                element("externalidSynchronization", entityID=place.key),
                element("externalNameSynchronization", text=place.name),
                of_place(scribe, place),
                list(links),
                dwellings(scribe, place.dwellings),
                [_group(scribe, group) for group in place.capacity],
                scribe.record(place.record),
            )
        ),
    )


def _newest(lines: Iterable[CapacityLine], nature: str) -> CapacityLine | None:
    counted = [line for line in lines if (line.nature.code, line.status.code) == (nature, AVAILABLE)]
    return max(counted, key=lambda line: line.counted, default=None)


def accommodation(scribe: Scribe, offer: Offer) -> Element | None:
    """`accommodationCapacity` up to 2.4: totals, and what is available when the caller may know it."""
    made = []
    for name, nature in (("beds", BED), ("space", SPACE)):
        total, free = offer.count(nature, INSTALLED), offer.count(nature, AVAILABLE)
        if total is None and free is None:
            continue
        counts = element(name)
        if total is not None:
            counts.set("total", str(total))
        if free is not None:
            counts.set("avaible", str(free))
        newest = _newest(offer.lines(), nature)
        if newest is not None:
            counts.set("updateDate", scribe.instant(newest.counted))
        made.append(counts)
    if not made:
        return None
    return element("accommodationCapacity", *made, scribe.record(offer.record))


def crisis(scribe: Scribe, offer: Offer) -> Element | None:
    """`crisisAccomodationCapacity` of 2.4: beds at once and within the hour."""
    found = {line.temporality.code: line for line in offer.lines() if line.crisis is not None}
    if {"01", "02"} - found.keys():
        return None
    return element(
        "crisisAccomodationCapacity",
        *flatten(
            (
                number("crisisCapacityT0", found["01"].number),
                number("crisisCapacityT60", found["02"].number),
                scribe.record(found["01"].record),
            )
        ),
    )


def device(scribe: Scribe, equipment: Equipment, key: str) -> Element:
    """`device`: the limits since 3.0."""
    limits = [
        element(
            "limitCharacteristicEquipment",
            scribe.coded("characteristicType", limit.characteristic),
            scribe.measure("limitValue", limit.value),
        )
        for limit in (equipment.limits if scribe.version is Contract.V3_0 else ())
    ]
    inside = flatten((number("nbInService", equipment.count), limits))
    return element(
        "device",
        *flatten(
            (
                scribe.coded("codedType", equipment.kind),
                extension(*inside) if inside else None,
                scribe.record(equipment.record),
            )
        ),
        entityID=key,
    )
