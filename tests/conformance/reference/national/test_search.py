"""What each search parameter finds, against the content itself (digest sections 4 and 5)."""

from collections.abc import Callable

import pytest

from conformance.reference.content import content
from conformance.reference.dataset import EstablishmentContent, Offer
from conformance.reference.national.elements import SYSTEMS
from conformance.reference.national.search import BadSearch, search
from conformance.reference.national.store import Store


@pytest.fixture(scope="module")
def establishments() -> list[EstablishmentContent]:
    return [one for member in ("94", "02") for one in content(member).establishments()]


@pytest.fixture(scope="module")
def offers(establishments: list[EstablishmentContent]) -> list[Offer]:
    return [offer for one in establishments for offer in one.offers]


def identifiers(store: Store, *parameters: tuple[str, str], kind: str = "HealthcareService") -> list[str]:
    found = search(store.resources, kind, list(parameters))
    return sorted(store.resources[one]["identifier"][0]["value"] for one in found)


def having(offers: list[Offer], test: Callable[[Offer], bool]) -> list[str]:
    return sorted(offer.identifier for offer in offers if test(offer))


def test_an_offer_by_its_identifier(store: Store, offers: list[Offer]) -> None:
    wanted = offers[5].identifier

    assert identifiers(store, ("identifier", wanted)) == [wanted]


def test_several_values_are_a_union_and_several_parameters_a_conjunction(store: Store, offers: list[Offer]) -> None:
    first, second = offers[0].identifier, offers[1].identifier

    assert identifiers(store, ("identifier", f"{first},{second}")) == sorted([first, second])
    assert identifiers(store, ("identifier", first), ("identifier", second)) == []


@pytest.mark.parametrize("system", ["", f"{SYSTEMS['R211']}|", f"{SYSTEMS['R211']}|".replace("https:", "http:")])
def test_an_activity_with_or_without_its_system(store: Store, offers: list[Offer], system: str) -> None:
    code = offers[0].activities[0].code
    expected = having(offers, lambda offer: code in {one.code for one in offer.activities})

    assert expected
    assert identifiers(store, ("specialty", f"{system}{code}")) == expected


def test_values_share_the_system_of_the_first(store: Store, offers: list[Offer]) -> None:
    codes = sorted({offer.activities[0].code for offer in offers})[:2]
    expected = having(offers, lambda offer: bool({one.code for one in offer.activities} & set(codes)))

    assert identifiers(store, ("specialty", f"{SYSTEMS['R211']}|{codes[0]},{codes[1]}")) == expected


def test_an_escaped_comma_belongs_to_its_value(store: Store, offers: list[Offer]) -> None:
    name = next(one.establishment.name for one in content("94").establishments())
    assert search(store.resources, "Organization", [("name", name.replace(",", "\\,"))])
    assert identifiers(store, ("identifier", f"{offers[0].identifier}\\,{offers[1].identifier}")) == []


def test_a_code_of_another_system_is_not_found(store: Store, offers: list[Offer]) -> None:
    assert identifiers(store, ("specialty", f"{SYSTEMS['R213']}|{offers[0].activities[0].code}")) == []


def test_a_characteristic_is_told_by_its_system(store: Store, offers: list[Offer]) -> None:
    code = offers[0].care_mode.code
    expected = having(offers, lambda offer: offer.care_mode.code == code)

    assert identifiers(store, ("characteristic", f"{SYSTEMS['R213']}|{code}")) == expected


def test_a_field_of_activity_and_its_negation(store: Store, offers: list[Offer]) -> None:
    within = identifiers(store, ("service-type", "04"))
    without = identifiers(store, ("service-type:not", "04"))

    assert within == having(offers, lambda offer: offer.field.code == "04")
    assert sorted(within + without) == having(offers, lambda offer: True)


@pytest.mark.parametrize("tag", ["94", f"{SYSTEMS['R30']}|94"])
def test_a_region_by_its_tag(store: Store, offers: list[Offer], tag: str) -> None:
    assert identifiers(store, ("_tag", tag)) == having(offers, lambda offer: offer.region == "94")


def test_above_reaches_the_offers_of_everything_below(store: Store, establishments: list[EstablishmentContent]) -> None:
    one = next(one for one in establishments if one.internal_units)
    under_establishment = sorted(offer.identifier for offer in one.offers)
    of_entity = [other for other in establishments if other.legal_entity.finess == one.legal_entity.finess]
    under_entity = sorted(offer.identifier for other in of_entity for offer in other.offers)
    name = "organization.identifier:above"

    assert identifiers(store, (name, f"1{one.establishment.finess}")) == under_establishment
    assert identifiers(store, (name, one.establishment.finess)) == under_establishment
    assert identifiers(store, (name, f"1{one.legal_entity.finess}")) == under_entity


def test_a_postal_code_is_a_prefix(store: Store, offers: list[Offer]) -> None:
    prefix = offers[0].places[0].address.post_code[:3]
    expected = having(offers, lambda offer: any(place.address.post_code.startswith(prefix) for place in offer.places))

    assert identifiers(store, ("location.address-postalcode", prefix)) == expected


def test_a_name_begins_or_contains_whatever_the_case(store: Store, offers: list[Offer]) -> None:
    word = offers[0].name.split()[-1].upper()
    expected = having(offers, lambda offer: word.casefold() in offer.name.casefold())

    assert identifiers(store, ("name:contains", word)) == expected
    assert offers[0].identifier in identifiers(store, ("name", offers[0].name[:6].lower()))
    assert identifiers(store, ("name", word)) == having(
        offers, lambda offer: offer.name.casefold().startswith(word.casefold())
    )


@pytest.mark.parametrize(
    ("prefix", "keeps"),
    [
        ("ge", lambda held, asked: held >= asked),
        ("gt", lambda held, asked: held > asked),
        ("lt", lambda held, asked: held < asked),
        ("le", lambda held, asked: held <= asked),
        ("eq", lambda held, asked: held == asked),
        ("", lambda held, asked: held == asked),
        ("ne", lambda held, asked: held != asked),
        ("sa", lambda held, asked: held > asked),
        ("eb", lambda held, asked: held < asked),
    ],
)
def test_an_update_instant_with_each_prefix(store: Store, offers: list[Offer], prefix: str, keeps) -> None:
    asked = sorted(offer.record.updated for offer in offers)[len(offers) // 2]

    assert identifiers(store, ("_lastUpdated", f"{prefix}{asked.isoformat()}")) == having(
        offers, lambda offer: keeps(offer.record.updated, asked)
    )


def test_a_day_covers_its_whole_day_in_french_time(store: Store, offers: list[Offer]) -> None:
    day = offers[0].record.updated.date()

    assert identifiers(store, ("_lastUpdated", day.isoformat())) == having(
        offers, lambda offer: offer.record.updated.date() == day
    )


@pytest.mark.parametrize("kind", ["Organization", "Location", "Practitioner", "PractitionerRole"])
def test_the_other_types_are_found_by_id_and_identifier(store: Store, kind: str) -> None:
    reference = next(one for one in store.resources if one.startswith(f"{kind}/"))
    resource = store.resources[reference]

    assert search(store.resources, kind, [("_id", resource["id"])]) == [reference]
    assert reference in search(store.resources, kind, [("identifier", resource["identifier"][0]["value"])])


def test_roles_by_what_they_point_at(store: Store) -> None:
    reference = next(one for one in store.resources if one.startswith("PractitionerRole/"))
    role = store.resources[reference]
    offer, person = role["healthcareService"][0]["reference"], role["practitioner"]["reference"]

    assert reference in search(store.resources, "PractitionerRole", [("service", offer)])
    assert search(store.resources, "PractitionerRole", [("practitioner", person.partition("/")[2])]) == [reference]


@pytest.mark.parametrize("name", ["inconnu", "specialty:contains", "organization.inconnu:above", "location.near"])
def test_a_parameter_that_is_not_understood_is_never_ignored(store: Store, name: str) -> None:
    with pytest.raises(BadSearch):
        search(store.resources, "HealthcareService", [(name, "1")])
