"""Whatever becomes of any leaf of national resources, it is written back, or the ledger names the object and the path.

The resources of the reference national server, and those that say all that the guide has a place for: every leaf is
removed and altered, every item doubled and taken out, and strange things are planted in every object. The comparison
is this file's own. `make soak` makes every change, a short run every few of them.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from conformance.reference.content import content
from conformance.reference.national.store import Store
from mappings.exposition.repertoire import Repertoire
from mappings.fhir.encoding import decode, encode
from mappings.fhir.read import read
from mappings.fhir.reading import offers, organizations, places, professionals
from mappings.fhir.shape import Json, MalformedResource
from mappings.fhir.write import write
from mappings.loss import Ledger, Loss
from mappings.nomenclatures.systems import system_id

Resources = dict[str, Json]
Place = tuple[str | int, ...]
Change = tuple[str, str, Callable[[Json], Json]]

STEP = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 41
STRANGE = [{"url": "https://strange.example/inconnue", "valueString": "x"}]
KEYS: dict[str, Callable[[Json], str | None]] = {
    "Organization": organizations.organization_key,
    "HealthcareService": offers.offer_key,
    "Practitioner": professionals.professional_key,
    "Location": places.read_place_key,
}
# Members that restate another one, which a second writing may put in place again or leave out.
RESTATED = frozenset({"display", "daysOfWeek", "use"})
DAY_NUMBERS = {
    f"availableTime.extension(ror-available-time-number-days-of-week).{leaf}" for leaf in ("url", "valueInteger")
}
# The ledger names some elements by the words of the model.
ALIASES = {
    "telecom": {"telecommunications", "contacts", "boites_lettres_mss"},
    "contact": {"contacts"},
    "identifier": {"identifiants"},
    "name": {"noms_exercice"},
    "providedBy": {"organisation"},
    "type": {"champs_activite", "categorie", "type_oi"},
    "characteristic": {"mode_prise_en_charge"},
    "specialty": {"activites", "savoir_faire"},
    "meta": {"metadonnee", "lastUpdated"},
    "availableTime": {"horaires", "precisions_horaires", "situations"},
    "ror-meta-creation-date": {"metadonnee"},
    "ror-territorial-division": {"zones_intervention", "territoires_sante"},
    "ror-location-supported-capacity": {"capacites"},
    "ror-commune-cog": {"commune_cog", "lieu"},
    "ror-organization-price": {"tarifs"},
    "ror-healthcareservice-patient-type": {"patientele"},
    "ror-healthcareservice-sensitive-unit": {"unite_sensible"},
    "ror-healthcareservice-contact": {"contacts"},
    "ror-practitionerrole-unit-exercise-mode": {"mode_exercice"},
    "code": {"professions"},
    "address": {"adresse", "lieu"},
    "partOf": {"entites_geographiques"},
    "ror-practitionerrole-name": {"noms_exercice", "name"},
}


def slug(url: object) -> str:
    return str(url).rsplit("/", 1)[-1]


# What changes ----------------------------------------------------------------------------------------------------


def objects(value: Any, place: Place = ()) -> Iterator[tuple[Place, Json]]:
    if isinstance(value, dict):
        yield place, value
        for name, one in value.items():
            yield from objects(one, (*place, name))
    elif isinstance(value, list):
        for rank, one in enumerate(value):
            yield from objects(one, (*place, rank))


def at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def way(resource: Json, place: Place) -> str:
    """The names that lead somewhere, extensions under their own."""
    names = []
    for depth, step in enumerate(place, 1):
        found = at(resource, place[:depth])
        if isinstance(step, str):
            names.append(step)
        elif isinstance(found, dict) and "url" in found:
            names[-1:] = [slug(found["url"])]
    return ".".join(names)


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 1
    text = str(value)
    kind, slash, identifier = text.partition("/")
    if slash and kind in {*KEYS, "PractitionerRole"} and identifier:
        # A technical id that no resource has, as long as an idNat_PS: it is nobody's.
        return f"{kind}/{'112233445566' if kind == 'Practitioner' else '1'}"
    if text[4:5] == "-" and text[7:8] == "-":
        return "2019" + text[4:]
    return "03" + text[2:] if len(text) == 8 and text[2] == ":" else text + "x"


def doubled(item: Any) -> Any:
    """The item once more, its texts others."""
    again = deepcopy(item)
    for _, held in objects(again):
        for name, value in held.items():
            if name in {"code", "value", "valueString", "city", "text", "family"} and isinstance(value, str):
                held[name] = value + "2"
    return f"{again}2" if isinstance(again, str) else again


def changed(place: Place, change: Callable[[Any], object]) -> Callable[[Json], Json]:
    def made(resource: Json) -> Json:
        again = deepcopy(resource)
        change(at(again, place))
        return again

    return made


def changes(resource: Json) -> Iterator[Change]:
    for place, held in objects(resource):
        here = way(resource, place)
        yield from planted(held, place, here)
        for name, value in held.items():
            if place == () and name in {"resourceType", "id"}:
                continue
            path = f"{here}.{name}".lstrip(".")
            yield "removed", path, changed(place, lambda one, name=name: one.pop(name))
            if isinstance(value, list):
                yield from of_items(value, place, name, resource)
            elif not isinstance(value, dict):
                yield "altered", path, changed(place, lambda one, name=name: one.update({name: other(one[name])}))
                if name != "url":
                    strange = {f"_{name}": {"extension": STRANGE}}
                    yield "_primitive", path, changed(place, lambda one, strange=strange: one.update(deepcopy(strange)))


def of_items(items: list[Any], place: Place, name: str, resource: Json) -> Iterator[Change]:
    for rank in range(len(items)):
        path = way(resource, (*place, name, rank))
        yield "taken out", path, changed((*place, name), lambda one, rank=rank: one.pop(rank))
        yield "doubled", path, changed((*place, name), lambda one, rank=rank: one.append(doubled(one[rank])))


def planted(held: Json, place: Place, here: str) -> Iterator[Change]:
    for name, value in (("inconnu", "x"), ("modifierExtension", STRANGE)):
        yield name, here, changed(place, lambda one, name=name, value=value: one.update({name: deepcopy(value)}))
    yield "extension", here, changed(place, lambda one: one.setdefault("extension", []).extend(deepcopy(STRANGE)))
    if not place:
        yield "contained", "contained", changed((), lambda one: one.update(contained=[{"resourceType": "Basic"}]))
    elif "url" in held and any(name.startswith("value") for name in held):
        for name in ("valueDecimal", "valueString" if "valueString" not in held else "valueCode"):
            yield name, here, changed(place, lambda one, name=name: one.update({name: 7}))


# What is compared -----------------------------------------------------------------------------------------------------


def called(resource: Json) -> str | None:
    """The national key."""
    find = KEYS.get(resource["resourceType"])
    try:
        return find(resource) if find is not None else None
    except MalformedResource:
        return None


def leaves(resources: Resources) -> Counter[tuple[str, str, Any]]:
    known = {reference: called(resource) or "elsewhere" for reference, resource in resources.items()}
    found = Counter(
        (resource["resourceType"], path, plain(path, value, known))
        for resource in resources.values()
        for path, value in walked(resource, "")
        if path not in {"id", "resourceType"} and path.rsplit(".", 1)[-1] not in RESTATED and path not in DAY_NUMBERS
    )
    # Days of the same hours are one slot, or one each.
    return Counter({leaf: 1 if leaf[1].startswith("availableTime") else count for leaf, count in found.items()})


def walked(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        named = f"{path}({slug(value['url'])})" if "url" in value else path
        for name, one in value.items():
            yield from walked(one, f"{named}.{name}".lstrip("."))
    elif isinstance(value, list):
        for one in value:
            yield from walked(one, path)
    elif value is not None:
        yield path, value


def plain(path: str, value: Any, known: dict[str, str]) -> Any:
    if path.endswith("reference"):
        return known.get("/".join(str(value).split("/")[-2:]), "elsewhere")
    if path.endswith("system") and isinstance(value, str):
        return system_id(value.replace("http://", "https://"))
    if isinstance(value, str) and value[10:11] == "T" and value[:4].isdigit():
        return value[:16]
    return str(value)


def passed(resources: Resources) -> tuple[Resources, tuple[Loss, ...]]:
    ledger = Ledger()
    again = write(read(resources, ledger=ledger), ledger=ledger)
    return {reference: decode(encode(one)) for reference, one in again.items()}, ledger.entries


def told(entries: tuple[Loss, ...], names: set[str], path: str) -> bool:
    """Whether an entry names the object, and something on the way to the place."""
    steps = {step for name in path.replace("_", "").split(".") for step in (name, *ALIASES.get(name, ()))} | {
        "resource"
    }
    return any(
        entry.object in names and (not steps.isdisjoint(entry.path.split(".")) or entry.path in names)
        for entry in entries
    )


def names_of(reference: str, resources: Resources, after: Resources) -> set[str]:
    """What the ledger may call a resource: itself, its key, that of the objects that hold it or that it belongs to."""
    known = {called(one) for one in (resources[reference], after[reference])} | {reference}
    linked = {
        called(one)
        for one in resources.values()
        if f'"{reference}"' in encode(one).decode() or one["resourceType"] == "HealthcareService"
    }
    number = resources[reference]["id"]
    held = {f"LOCAL-{number}", *(f"{one}/lieu-{number}" for one in linked)}
    people = {called(one) for one in resources.values() if one["resourceType"] == "Practitioner"}
    roles = {f"{person}/{offer}" for person in people for offer in linked}
    links = {str(value) for path, value in walked(resources[reference], "") if path.endswith("reference")}
    return {str(name) for name in (*known, *linked, *people, *roles, *held, *links) if name}


def silent(resources: Resources) -> list[str]:
    """The changes that nothing shows: neither the resources written back nor the ledger."""
    before, _ = passed(resources)
    source, written = leaves(resources), leaves(before)
    found, seen = [], set()
    every = ((name, change) for name, resource in resources.items() for change in changes(resource))
    for rank, (reference, (kind, path, change)) in enumerate(every):
        what = (resources[reference]["resourceType"], kind, path)
        if what in seen or (rank + len(path)) % STEP:
            continue
        seen.add(what)
        after = {**resources, reference: change(resources[reference])}
        again, entries = passed(after)
        carried = leaves(after) - source == leaves(again) - written and source - leaves(after) == written - leaves(
            again
        )
        if not carried and not told(entries, names_of(reference, resources, after), path):
            found.append(f"{kind} {what[0]} {path}")
    return found


def closed(resources: Resources) -> Resources:
    """A few offers and all that they refer to, professionals included."""
    found: Resources = {}
    waiting = [name for name, one in resources.items() if one["resourceType"] == "PractitionerRole"][:1]
    waiting += [name for name in resources if name.startswith("HealthcareService/")][:3]
    while waiting:
        name = waiting.pop()
        if name not in found and name in resources:
            found[name] = resources[name]
            waiting += [str(value) for path, value in walked(resources[name], "") if path.endswith("reference")]
    return found


def test_nothing_of_the_national_server_is_lost_in_silence() -> None:
    resources = closed(Store(islice(content("84").establishments(), 6)).resources)
    assert {one["resourceType"] for one in resources.values()} == {*KEYS, "PractitionerRole"}

    assert silent({name: decode(encode(one)) for name, one in resources.items()}) == []


def test_nothing_of_a_whole_region_is_lost_in_silence(region: Repertoire) -> None:
    written = write(region, ledger=Ledger())

    assert silent({name: decode(encode(one)) for name, one in written.items()}) == []


REGION = {"system": "https://mos.esante.gouv.fr/NOS/TRE_R201-DivisionTerritoriale/FHIR/TRE-R201-DivisionTerritoriale"}
STRANGER = {"system": "https://strange.example/table", "code": "x"}


def another_territory(resource: Json) -> None:
    """A division of a type that the profile does not fix, its code said in two tables."""
    first = next(one for one in resource["extension"] if slug(one["url"]) == "ror-territorial-division")
    kind, code = deepcopy(first["extension"])
    kind["valueCodeableConcept"] = {"coding": [{**REGION, "code": "1"}]}
    code["valueCodeableConcept"]["coding"].append(STRANGER)
    resource["extension"].append({"url": first["url"], "extension": [kind, code]})


@pytest.mark.parametrize(
    ("kind", "change", "path"),
    [
        pytest.param(
            "PractitionerRole",
            lambda role: role["telecom"].append({"system": "sms", "value": "0601020304"}),
            "telecom.system",
            id="a second telecom",
        ),
        pytest.param(
            "PractitionerRole",
            lambda role: role["availableTime"].append({"daysOfWeek": ["fri"], "availableStartTime": "14"}),
            "availableTime.availableStartTime",
            id="a second slot",
        ),
        pytest.param(
            "PractitionerRole",
            lambda role: role["code"].append({"coding": [{**role["code"][0]["coding"][0], "code": "21"}, STRANGER]}),
            "code.coding.system",
            id="a second profession",
        ),
        pytest.param(
            "Organization",
            another_territory,
            "extension.ror-territorial-division.codeTerritorialDivision.valueCodeableConcept.coding.system",
            id="a territory of an establishment",
        ),
        pytest.param(
            "HealthcareService",
            another_territory,
            "extension.ror-territorial-division.codeTerritorialDivision.valueCodeableConcept.coding.system",
            id="a territory of an offer",
        ),
    ],
)
def test_what_the_profiles_have_one_of_is_compared_too(
    region: Repertoire, kind: str, change: Callable[[Json], None], path: str
) -> None:
    resources = write(region, ledger=Ledger())
    reference = next(
        name
        for name, one in resources.items()
        if one["resourceType"] == kind and ("partOf" in one or kind != "Organization")
    )
    odd = deepcopy(resources[reference])
    change(odd)
    ledger = Ledger()

    read({**resources, reference: odd}, ledger=ledger)

    assert ("fhir-read.element.unread", path) in {(entry.rule, entry.path) for entry in ledger.entries}


@pytest.mark.parametrize(
    ("path", "seen"), [pytest.param("telecom.cost", True, id="named"), pytest.param("alias", False, id="not named")]
)
def test_silence_is_heard(path: str, seen: bool) -> None:
    entries = tuple(Loss("84/1", "telecom.cost", "r", kind, severity) for kind, severity in KIND)

    assert told(entries, {"84/1"}, path) is seen
    assert not told(entries, {"84/2"}, path)


KIND = [(loss.kind, loss.severity) for loss in passed({"Task/1": {"resourceType": "Task", "id": "1"}})[1]]
