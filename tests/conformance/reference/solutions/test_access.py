"""Access profiles, read on the bytes: expectations transcribed from contract section 11."""

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import pytest
from lxml import etree

from conformance.reference.content import content

CSD = "{urn:ihe:iti:csd:2013}"
# a medico-social house, a city practice, a hospital with a sensitive unit: all of region 93
USES = {0: "CU23", 1: "CU22", 2: "CU20", 3: "CU19"}

Start = Callable[..., Awaitable[Any]]


@cache
def finess(kind: str) -> str:
    for made in content("93").establishments():
        fields = {offer.field.code for offer in made.offers}
        if kind == "hospital" and fields == {"01", "03", "02"} and any(offer.sensitive for offer in made.offers):
            return made.establishment.finess
        if (
            kind == "house"
            and fields == {"04"}
            and made.establishment.category.code == "500"
            and made.establishment.prices
        ):
            return made.establishment.finess
        if kind == "practice" and fields == {"05"} and made.establishment.category.code == "SA07":
            return made.establishment.finess
    raise LookupError(kind)


def request_for(code: str) -> str:
    return (
        "<csd:careServicesRequest><csd:function><csd:TR_Lecture-OffresSanteEtablissement>"
        f'<csd:etablissementDemandeLecture><csd:id_etablissement code="1{code}"'
        ' assigningAuthorityName="1.2.250.1.71.4.2.2"/></csd:etablissementDemandeLecture>'
        "</csd:TR_Lecture-OffresSanteEtablissement></csd:function></csd:careServicesRequest>"
    )


async def seen(start: Start, kind: str, version: str, use: str | None) -> etree._Element:
    reply = await (await start("93", "iess", version)).ask(request_for(finess(kind)), use=use)
    return reply.body


def names(body: etree._Element) -> Counter[str]:
    return Counter(etree.QName(found).localname for found in body.iter() if isinstance(found.tag, str))


# element: the profiles that may see it, in a hospital, in a house of the elderly, in a city practice
RIGHTS_3_0 = {
    "dropZone": ({1}, None, None),
    "levelRecourseORSAN": ({1}, None, None),
    "professionalResource": ({1, 2}, {1, 2, 3}, None),
    "specificSkill": (None, {1, 2, 3}, None),
    "specificAct": ({1, 2}, None, {1, 2}),
    "actRealizedOutsideOffice": (None, None, {1, 2}),
    "takingCareSpeciality": ({1, 2}, {1, 2, 3}, None),
    "device": ({1, 2}, None, None),
    "specificEquipment": ({1, 2}, None, None),
    "capacitySupported": ({1, 2}, {1, 2, 3}, None),
    "provider": ({1, 2}, None, {0, 1, 2, 3}),
    "price": (None, {0, 1, 2, 3}, None),
    "careMode": ({0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}),
    "operatingHours": ({0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}),
}
RIGHTS_2_4 = {
    "dropZone": ({1}, None),
    "resourcesSkills": ({1, 2}, {1, 2, 3}),
    "accommodationCapacity": ({0, 1, 2, 3}, {0, 1, 2, 3}),
    "crisisAccomodationCapacity": ({1}, None),
    "equipment": (None, None),
    "device": ({1, 2}, None),
}
KINDS = ("hospital", "house", "practice")
CASES = [
    pytest.param(version, kind, element, profiles, id=f"{version}-{kind}-{element}")
    for version, rights in (("3.0", RIGHTS_3_0), ("2.4", RIGHTS_2_4))
    for element, columns in rights.items()
    for kind, profiles in zip(KINDS, columns, strict=False)
    if profiles is not None
]


@pytest.mark.parametrize(("version", "kind", "element", "profiles"), CASES)
async def test_an_element_is_for_some_profiles(
    start: Start, version: str, kind: str, element: str, profiles: set[int]
) -> None:
    found = {profile for profile, use in USES.items() if names(await seen(start, kind, version, use))[element]}

    assert found == profiles


@pytest.mark.parametrize("version", ["1.5", "1.6", "2.4", "3.0"])
async def test_sensitive_units_are_for_profile_1_only(start: Start, version: str) -> None:
    made = content("93").establishment(finess("hospital"))
    assert made is not None
    hidden = {offer.identifier for offer in made.offers if offer.sensitive}

    shown = {
        profile: {
            found.get("code")
            for found in (await seen(start, "hospital", version, use)).iterfind(f".//{CSD}facility/{CSD}otherID")
        }
        for profile, use in USES.items()
    }

    assert hidden
    assert {profile for profile, identifiers in shown.items() if hidden & identifiers} == {1}
    assert {profile for profile, identifiers in shown.items() if hidden <= identifiers} == {1}


@pytest.mark.parametrize("use", ["CU23", "CU20", "CU19"])
async def test_a_level_does_not_betray_what_its_sensitive_units_do(start: Start, use: str) -> None:
    made = content("93").establishment(finess("hospital"))
    assert made is not None
    open_activities = {activity.code for offer in made.offers if not offer.sensitive for activity in offer.activities}

    body = await seen(start, "hospital", "3.0", use)

    assert {found.get("code") for found in body.iterfind(f".//{CSD}service/{CSD}codedType")} == open_activities


LEVELS = {
    "hospital": {0: {"1"}, 1: {"1", "2", "3"}, 2: {"1", "2"}, 3: {"1"}},
    "house": {0: {"1"}, 1: {"1", "2", "3"}, 2: {"1", "2"}, 3: {"1", "2"}},
}


@pytest.mark.parametrize("version", ["2.4", "3.0"])
@pytest.mark.parametrize("kind", LEVELS)
async def test_contacts_and_their_telecoms_are_filtered_by_level(start: Start, version: str, kind: str) -> None:
    found = {
        profile: {
            level.get("code")
            for level in (await seen(start, kind, version, use)).iterfind(f".//{CSD}contact//{CSD}confidentialityLevel")
        }
        for profile, use in USES.items()
    }

    assert found == LEVELS[kind]


async def test_contacts_of_the_oldest_version_are_filtered_though_it_has_no_level(start: Start) -> None:
    found = {profile: names(await seen(start, "hospital", "1.6", use))["contact"] for profile, use in USES.items()}

    assert found[0] == found[3] < found[2] < found[1]


@pytest.mark.parametrize(("kind", "available"), [("hospital", {1, 2}), ("house", {1, 2})], ids=["hospital", "house"])
async def test_up_to_2_4_the_total_is_public_and_the_available_beds_are_not(
    start: Start, kind: str, available: set[int]
) -> None:
    beds = {profile: (await seen(start, kind, "2.4", use)).findall(f".//{CSD}beds") for profile, use in USES.items()}

    assert all(found and all(bed.get("total") for bed in found) for found in beds.values())
    assert {profile for profile, found in beds.items() if any(bed.get("avaible") for bed in found)} == available
    assert {profile for profile, found in beds.items() if any(bed.get("updateDate") for bed in found)} == available


async def test_supplementary_beds_are_for_profile_1_only(start: Start) -> None:
    for made in content("93").establishments():
        if any(line.status.code == "06" for offer in made.offers for line in offer.lines()):
            code = made.establishment.finess
            break
    asked = await start("93", "ir", "3.0")

    found = {
        profile
        for profile, use in USES.items()
        if (await asked.ask(request_for(code), use=use)).body.find(f".//{CSD}capacityStatus[@code='06']") is not None
    }

    assert found == {1}


async def test_comments_are_not_public(start: Start) -> None:
    code = next(
        made.establishment.finess
        for made in content("93").establishments()
        if any(offer.record.comment and offer.field.code == "01" for offer in made.offers)
    )
    asked = await start("93", "iess", "3.0")

    found = {
        profile
        for profile, use in USES.items()
        if (await asked.ask(request_for(code), use=use)).body.find(f".//{CSD}comments") is not None
    }

    assert found == {1, 2}


@pytest.mark.parametrize("use", [None, "CU99"], ids=["no token", "unknown use"])
async def test_without_a_known_use_the_answer_is_public(start: Start, use: str | None) -> None:
    public = await seen(start, "hospital", "3.0", "CU23")
    other = await seen(start, "hospital", "3.0", use)

    assert etree.tostring(other) == etree.tostring(public)


@pytest.mark.parametrize(("use", "like"), [("CU18", "CU20"), ("CU21", "CU19")])
async def test_uses_by_analogy(start: Start, use: str, like: str) -> None:
    first, second = await seen(start, "house", "3.0", use), await seen(start, "house", "3.0", like)

    assert etree.tostring(first) == etree.tostring(second)


async def test_a_sensitive_unit_cannot_be_read_alone_by_the_public(start: Start) -> None:
    made = content("93").establishment(finess("hospital"))
    assert made is not None
    hidden = next(offer.identifier for offer in made.offers if offer.sensitive)
    body = (
        "<csd:careServicesRequest><csd:function><csd:TR_Lecture-OffreSanteOrganisationInterne>"
        f'<csd:organisationID code="{hidden}" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>'
        "</csd:TR_Lecture-OffreSanteOrganisationInterne></csd:function></csd:careServicesRequest>"
    )
    asked = await start("93", "ir", "3.0")

    assert (await asked.ask(body, use="CU22")).status == 200
    assert (await asked.ask(body, use="CU20")).body.find(f"{CSD}error").get("code") == "404"


SCHEMAS = {"1.5", "1.6", "2.4", "3.0"}


@pytest.mark.parametrize("version", sorted(SCHEMAS))
@pytest.mark.parametrize("profile", USES)
async def test_what_is_left_is_still_valid(start: Start, version: str, profile: int) -> None:
    schema = etree.XMLSchema(etree.parse(f"mappings/csd/schemas/{version}/csd.xsd"))
    for kind in KINDS:
        body = await seen(start, kind, version, USES[profile])
        schema.assertValid(etree.ElementTree(etree.XML(etree.tostring(body))))
