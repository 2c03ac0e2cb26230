"""The content of the reference regions: real beds, every kind of offer, always the same bytes."""

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.reference.content import content
from conformance.reference.dataset import MEMBERS, Coded, EstablishmentContent, Offer, Record
from conformance.reference.region import RegionContent

DATA = Path("conformance/reference/data")
REFERENCE = datetime(2026, 11, 1, tzinfo=UTC)
DEMO_ACTIVITIES = {"172", "233", "241"}
FULL_HOSPITALISATION = "28"
REGIONS = (*MEMBERS, "06")

Everything = dict[str, list[EstablishmentContent]]


@pytest.fixture(scope="module")
def everything() -> Everything:
    found: Everything = defaultdict(list)
    for member in MEMBERS:
        for made in content(member).establishments():
            found[made.establishment.region].append(made)
    return found


def offers(made: list[EstablishmentContent]) -> list[Offer]:
    return [offer for one in made for offer in one.offers]


def values(value: object, kind: type) -> list[object]:
    if isinstance(value, kind):
        return [value]
    if isinstance(value, tuple | list):
        return [found for entry in value for found in values(entry, kind)]
    if is_dataclass(value):
        return [found for field in fields(value) for found in values(getattr(value, field.name), kind)]
    return []


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_establishment_of_the_file_is_there_once_in_its_region(everything: Everything) -> None:
    expected = Counter((row["finess_eg"], row["region_code"], row["departement"]) for row in rows("etablissements.csv"))

    found = Counter(
        (made.establishment.finess, region, made.establishment.department)
        for region, establishments in everything.items()
        for made in establishments
        if not made.establishment.fictitious
    )

    assert found == expected
    assert found.total() == 669


CAPACITY = {
    ("01", "01"): ("lits_mco",),
    ("01", "02"): ("places_mco",),
    ("02", "01"): ("lits_smr",),
    ("02", "02"): ("places_smr",),
    ("03", "01"): ("lits_psy",),
    ("03", "02"): ("places_psy",),
    ("04", "01"): ("lits_usld",),
}


@pytest.mark.parametrize(("field", "nature"), CAPACITY, ids=[columns[0] for columns in CAPACITY.values()])
def test_the_units_share_out_the_real_beds(everything: Everything, field: str, nature: str) -> None:
    (column,) = CAPACITY[field, nature]
    real = {row["finess_eg"]: int(row[column] or 0) for row in rows("capacites_sanitaires.csv")}

    wrong = {
        made.establishment.finess: (shown, real[made.establishment.finess])
        for establishments in everything.values()
        for made in establishments
        if made.establishment.finess in real
        and (shown := sum(offer.count(nature, "01") or 0 for offer in made.offers if offer.field.code == field))
        != real[made.establishment.finess]
    }

    assert wrong == {}


FLAGS = {"had": "31", "urgences": "33", "smur": "59", "samu": "57"}


@pytest.mark.parametrize(("flag", "mode"), FLAGS.items(), ids=FLAGS)
def test_a_flag_of_the_source_is_a_unit(everything: Everything, flag: str, mode: str) -> None:
    flagged = {row["finess_eg"] for row in rows("capacites_sanitaires.csv") if row[flag] == "1"}

    with_unit = {
        offer.establishment for made in everything.values() for offer in offers(made) if offer.care_mode.code == mode
    }

    assert flagged - with_unit == set()


VARIETY: dict[str, Callable[[Offer], bool]] = {
    "acute care": lambda offer: offer.field.code == "01",
    "rehabilitation": lambda offer: offer.field.code == "02",
    "medico-social": lambda offer: offer.field.code == "04",
    "city": lambda offer: offer.field.code == "05",
    "cancer meeting": lambda offer: offer.care_mode.code in {"39", "40"},
    "sensitive unit": lambda offer: offer.sensitive,
    "demonstration": lambda offer: (
        offer.care_mode.code == FULL_HOSPITALISATION
        and bool({activity.code for activity in offer.activities} & DEMO_ACTIVITIES)
    ),
}


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_every_kind_of_offer(everything: Everything, region: str) -> None:
    found = offers(everything[region])

    assert len(found) >= 40
    assert [kind for kind, is_one in VARIETY.items() if not any(map(is_one, found))] == []


@pytest.mark.parametrize(("region", "department"), [("84", "69"), ("93", "13")])
def test_the_demonstration_finds_each_activity_in_its_department(
    everything: Everything, region: str, department: str
) -> None:
    found = {
        activity.code
        for made in everything[region]
        if made.establishment.department == department
        for offer in made.offers
        if offer.care_mode.code == FULL_HOSPITALISATION
        for activity in offer.activities
    }

    assert found >= DEMO_ACTIVITIES


def test_a_psychiatric_sector_is_department_letter_and_two_digits(everything: Everything) -> None:
    wrong = [
        sector
        for made in everything.values()
        for one in made
        for offer in one.offers
        for sector in offer.psychiatric_sectors
        if not (
            sector.startswith(one.establishment.department)
            and sector[len(one.establishment.department)] in "GI"
            and sector[-2:].isdigit()
            and len(sector) == len(one.establishment.department) + 3
        )
    ]

    assert wrong == []
    assert any(offer.psychiatric_sectors for made in everything.values() for offer in offers(made))


def test_identifiers_are_those_of_the_region_and_unique_in_the_country(everything: Everything) -> None:
    seen: Counter[str] = Counter()
    for region, establishments in everything.items():
        for made in establishments:
            identifiers = [unit.identifier for unit in made.internal_units]
            identifiers += [offer.identifier for offer in made.offers]
            identifiers += [place.key for offer in made.offers for place in offer.places]
            assert all(identifier.startswith(f"{region}/") for identifier in identifiers)
            seen.update(identifiers)
            seen.update(person.identifier for person in made.professionals)

    assert [identifier for identifier, times in seen.items() if times > 1] == []


def test_parents_stand_before_children_and_exist(everything: Everything) -> None:
    for establishments in everything.values():
        for made in establishments:
            known: set[str | None] = {None}
            for unit in made.internal_units:
                assert unit.parent in known
                known.add(unit.identifier)
            assert {offer.parent for offer in made.offers} <= known


def test_a_field_below_is_a_field_above(everything: Everything) -> None:
    """RG_ALIM_006."""
    for establishments in everything.values():
        for made in establishments:
            units = {unit.identifier: unit for unit in made.internal_units}
            for offer in made.offers:
                above = offer.parent
                while above is not None:
                    assert offer.field in units[above].fields
                    above = units[above].parent


def test_three_levels_of_internal_organisation_are_used(everything: Everything) -> None:
    levels = {unit.level for made in everything.values() for one in made for unit in one.internal_units}

    assert levels == {1, 2, 3}


def test_telecoms_are_as_confidential_as_their_contact(everything: Everything) -> None:
    """RG_EXP_034, RG_EXP_039, RG_EXP_040, RG_EXP_041."""
    for establishments in everything.values():
        for made in establishments:
            owners = [made.establishment, made.legal_entity, *made.internal_units, *made.offers]
            for owner in owners:
                for contact in owner.contacts:
                    assert all(telecom.level >= contact.level for telecom in contact.telecoms)
                    assert (contact.function is None) == (contact.name is None) != (contact.nature is None)
            for offer in made.offers:
                assert not offer.sensitive or {contact.level for contact in offer.contacts} == {3}


def test_the_three_levels_of_confidentiality_are_used(everything: Everything) -> None:
    levels = {contact.level for made in everything.values() for offer in offers(made) for contact in offer.contacts}

    assert levels == {1, 2, 3}


FICTIONAL_RANGES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
CHANNELS_WITH_NUMBERS = {"1", "2", "6", "8"}


def test_phones_of_fictional_people_are_of_the_ranges_kept_for_fiction(everything: Everything) -> None:
    published = {row["telephone"] for row in rows("etablissements.csv")}
    wrong = [
        telecom.value
        for made in everything.values()
        for offer in offers(made)
        for contact in offer.contacts
        for telecom in contact.telecoms
        if telecom.channel.code in CHANNELS_WITH_NUMBERS
        and not telecom.value.startswith(FICTIONAL_RANGES)
        and telecom.value not in published
    ]

    assert wrong == []


def test_fictitious_establishments_say_so_in_name_and_number(everything: Everything) -> None:
    for establishments in everything.values():
        for made in establishments:
            site = made.establishment
            numbered = site.finess[2:6] == "9999" or site.finess.startswith("979")
            assert site.fictitious == ("FICTI" in site.name) == numbered
            assert not (site.fictitious and (site.siret or site.position))


def test_professionals_are_numbered_outside_the_real_range(everything: Everything) -> None:
    found = [person for made in everything.values() for one in made for person in one.professionals]

    assert found
    assert all(person.identifier.startswith("899") and len(person.identifier) == 12 for person in found)
    assert all("FICTIF" in person.name for person in found)


def test_nothing_changed_after_its_establishment_nor_after_the_reference_date(everything: Everything) -> None:
    for establishments in everything.values():
        for made in establishments:
            latest = made.establishment.record.updated
            assert latest < REFERENCE
            below = values((made.internal_units, made.offers, made.professionals), Record)
            assert all(record.created <= record.updated <= latest for record in below if isinstance(record, Record))


def test_the_index_says_what_the_content_holds() -> None:
    region = content("04")
    for key in region.keys:
        made = region.establishment(key.finess)
        assert made is not None
        assert key.updated == made.establishment.record.updated
        assert set(key.fields) == {offer.field.code for offer in made.offers}
        assert set(key.publics) == {public.code for offer in made.offers for public in offer.publics}
        assert key.offers == len(made.offers)
        assert [sketch.identifier for sketch in region.sketches(key.finess)] == [
            offer.identifier for offer in made.offers
        ]


def test_prices_are_on_fictitious_houses_of_metropolitan_regions(everything: Everything) -> None:
    shapes = {
        price.shape for made in everything["84"] for price in made.establishment.prices if made.establishment.fictitious
    }

    assert shapes == {
        "basePackageAccomodation",
        "surchargePriceResidential",
        "dependencyPrice",
        "surchargePrice",
        "homeDay",
    }


def test_codes_outside_the_model_are_regional(everything: Everything) -> None:
    systems = {found.system for found in values(offers(everything["84"]), Coded) if isinstance(found, Coded)}

    assert {system for system in systems if "." in system} == {"1.2.250.1.213.99.99.84.1"}
    assert any(offer.additions for offer in offers(everything["84"]))


def digest(region: RegionContent) -> str:
    return hashlib.sha256("".join(map(repr, region.establishments())).encode()).hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    assert digest(content("94")) == digest(content("94"))
    assert digest(content("94")) != digest(content("94", seed=7))


def test_an_establishment_does_not_depend_on_who_was_asked_before() -> None:
    one, other = content("11"), content("11")
    finess = one.keys[7].finess
    for _ in one.establishments():
        pass

    assert one.establishment(finess) == other.establishment(finess)


def test_a_legal_entity_is_the_same_from_every_establishment(everything: Everything) -> None:
    seen: dict[str, set[datetime]] = defaultdict(set)
    for establishments in everything.values():
        for made in establishments:
            seen[made.legal_entity.finess].add(made.legal_entity.record.updated)

    assert [finess for finess, dates in seen.items() if len(dates) > 1] == []


@pytest.mark.parametrize("member", MEMBERS)
def test_a_unit_is_found_by_its_identifier(member: str) -> None:
    region = content(member)
    made = region.establishment(region.keys[0].finess)
    assert made is not None

    assert region.of_unit(made.offers[0].identifier) == made
    assert region.of_unit(made.offers[0].identifier + "9") is None
    assert region.of_unit("84/UE-0001") is None
    assert region.establishment("000000000") is None


def test_a_region_scales_to_25000_offers_in_fictitious_copies() -> None:
    small, large = content("93"), content("93", scale=54)

    assert large.offer_count() >= 25_000
    assert len({key.finess for key in large.keys}) == 54 * len(small.keys)
    assert {key.finess for key in small.keys} <= {key.finess for key in large.keys}
    copy = large.establishment(large.keys[-1].finess)
    assert copy is not None
    assert copy.establishment.fictitious
    assert "COPIE FICTIVE" in copy.establishment.name
    assert large.of_unit(copy.offers[0].identifier) == copy
