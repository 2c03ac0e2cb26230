"""The writer, judged on the wire against lists transcribed from the contract (sections 7 and 15)."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from conformance.reference.content import content
from conformance.reference.csd.dialect import Contract, Dialect
from conformance.reference.csd.document import Document, answer, error
from conformance.reference.csd.wire import Scribe
from conformance.reference.dataset import EstablishmentContent
from conformance.reference.solutions.server import DIALECTS

CSD = "{urn:ihe:iti:csd:2013}"
SOURCE = "https://ror-test.example"
LYON_HOSPITAL = "690041132"
MEMBER = {"ir": "11", "iess": "93", "autre": "04"}
PAIRS = [
    pytest.param(dialect, version, id=f"{dialect.name}-{version}")
    for dialect in DIALECTS.values()
    for version in Contract
]

# contract section 7.2, the three sequences of facilityExtension
FACILITY_EXTENSION = {
    "1.6": """finalClosingDate creationDate typeActivity careMode patientsType accommodationCapacity
        residentialCapactity resourcesSkills equipment receptionType receptionMode takingCareSpeciality facilityType
        location interventionZone annualOpenning psychiatricSector specificAct parentFacility managementType
        maternityHospitalType""",
    "2.4": """contact mailBoxMSS finalClosingDate creationDate typeActivity careMode patientsType accommodationCapacity
        crisisAccomodationCapacity residentialCapactity resourcesSkills equipment receptionType receptionMode
        takingCareSpeciality facilityType location interventionZone annualOpenning psychiatricSector specificAct
        parentFacility managementType maternityHospitalType sensitiveUnit""",
    "3.0": """mailBoxMSS closingReason contact closingDate creationDate typeActivity careMode homeMode patientsType
        receptionType takingCareSpeciality facilityType ProvisionalReopeningDate interventionZone annualOpenning
        psychiatricSector professionalResource specificSkill expertLevel specificAct actRealizedOutsideOffice
        parentFacility managementType sensitiveUnit careWithoutPatientApproval locationRealizedOffer""",
}
ORGANISATION_EXTENSION = {
    "1.6": """useName healthCareTerritorial location price dropZone financialHelpType accomodationFamilly
        nbTemporarySocialeHelpPlace nbPermanentSocialHelpPlace careWithoutPatientApproval creationDate closingDate
        closingReason accessibilityLocation""",
    "2.4": """contact useName healthCareTerritorial location price dropZone financialHelpType accomodationFamily
        nbTemporarySocialeHelpPlace nbPermanentSocialHelpPlace careWithoutPatientApproval creationDate closingDate
        closingReason accessibilityLocation levelRecourseORSAN""",
    "3.0": """contact useName healthCareTerritorial location price dropZone financialHelpType accomodationFamily
        nbTemporarySocialeHelpPlace nbPermanentSocialHelpPlace creationDate closingDate accessibilityLocation
        levelRecourseORSAN comment""",
}
LOCATION = {
    "1.6": "name description physicalType status address geoCoordinates cityNumber calculatedDistance record",
    "2.4": "name description status address geoCoordinates cityNumber calculatedDistance record",
    "3.0": "identifier name description status address geoCoordinates functionLocation cityNumber contactPoint record",
}
OPERATING_HOURS = {
    "1.6": "openFlag dayOfTheWeek beginningHour endingHour beginEffectiveDate endEffectiveDate extension",
    "2.4": "openFlag dayOfTheWeek beginningHour endingHour beginEffectiveDate endEffectiveDate extension",
    "3.0": "dayOfTheWeek beginningHour endingHour beginEffectiveDate endEffectiveDate extension",
}
PLACES = {
    "facilityDirectory/{c}facility/{c}extension": FACILITY_EXTENSION,
    "organizationDirectory/{c}organization/{c}extension": ORGANISATION_EXTENSION,
    "{c}location": LOCATION,
    "{c}operatingHours": OPERATING_HOURS,
}


@cache
def establishments(member: str) -> tuple[EstablishmentContent, ...]:
    return tuple(content(member).establishments())


@cache
def answers(dialect: Dialect, version: Contract, member: str) -> tuple[bytes, ...]:
    """Kept as bytes: a tree takes eight times as much, and all of them would stay to the end of the run."""
    found = []
    for made in establishments(member):
        document = Document(Scribe(dialect, version, SOURCE))
        document.add(made)
        found.append(etree.tostring(answer(document, count=document.offers)))
    return tuple(found)


def written(dialect: Dialect, version: Contract, member: str | None = None) -> Iterator[etree._Element]:
    return (etree.XML(data) for data in answers(dialect, version, member or MEMBER[dialect.name]))


def one(name: str, version: str, finess: str = LYON_HOSPITAL, member: str = "84") -> etree._Element:
    made = content(member).establishment(finess)
    assert made is not None
    document = Document(Scribe(DIALECTS[name], Contract(version), SOURCE))
    document.add(made)
    return answer(document, count=document.offers)


def in_order(children: list[str], order: list[str]) -> bool:
    places = [order.index(name) for name in children]
    return places == sorted(places)


# 1.5 writes the same sequences as 1.6 (sections 7.2 to 7.4)
for orders in (FACILITY_EXTENSION, ORGANISATION_EXTENSION, LOCATION, OPERATING_HOURS):
    orders["1.5"] = orders["1.6"]


@pytest.mark.parametrize(("dialect", "version"), PAIRS)
@pytest.mark.parametrize("path", PLACES, ids=["unit", "organisation", "place", "hours"])
def test_children_stand_in_the_order_of_the_version(dialect: Dialect, version: Contract, path: str) -> None:
    order = PLACES[path][version].split()
    seen: set[str] = set()
    for root in written(dialect, version):
        for parent in root.iterfind(f".//{CSD}{path.format(c=CSD)}" if "/" in path else f".//{path.format(c=CSD)}"):
            children = [etree.QName(child).localname for child in parent if str(child.tag).startswith(CSD)]
            assert in_order(children, order), children
            seen.update(children)

    assert len(seen) > len(order) // 2


@pytest.mark.parametrize(("dialect", "version"), PAIRS)
def test_every_answer_of_a_member_is_valid_against_the_schema(dialect: Dialect, version: Contract) -> None:
    schema = etree.XMLSchema(etree.parse(Path("mappings/csd/schemas") / version / "csd.xsd"))
    for root in written(dialect, version):
        schema.assertValid(root)


@pytest.mark.parametrize(("dialect", "version"), PAIRS)
def test_the_five_directories_and_the_count(dialect: Dialect, version: Contract) -> None:
    root = next(written(dialect, version))
    result = root.find(f"{CSD}result")
    assert result is not None

    assert [etree.QName(child).localname for child in result] == ["facilityNumber", "queryResult"]
    assert [etree.QName(child).localname for child in result[1]] == [
        "organizationDirectory",
        "serviceDirectory",
        "facilityDirectory",
        "providerDirectory",
        "deviceDirectory",
    ]
    units = root.findall(f".//{CSD}facility/{CSD}codedType[@code='4']")
    assert result.findtext(f"{CSD}facilityNumber") == str(len(units))


@pytest.mark.parametrize(("dialect", "version"), PAIRS)
def test_only_the_dangling_equipment_of_one_solution_points_nowhere(dialect: Dialect, version: Contract) -> None:
    dangling: set[str] = set()
    for root in written(dialect, version):
        keys = {found.get("entityID") for found in root.iterfind(f".//{CSD}queryResult/*/*[@entityID]")}
        local = {"identifier", "externalidSynchronization"}
        dangling.update(
            etree.QName(found).localname
            for found in root.iterfind(".//*[@entityID]")
            if found.get("entityID") not in keys and etree.QName(found).localname not in local
        )

    expected = {"specificEquipment" if version is Contract.V3_0 else "equipment"} if dialect.name == "autre" else set()
    assert dangling == expected


def parents(root: etree._Element) -> dict[str, str]:
    return {
        str(facility.get("entityID")): str(facility.find(f"{CSD}organizations/{CSD}organization").get("entityID"))  # type: ignore[union-attr]
        for facility in root.iterfind(f".//{CSD}facility[@entityID]")
        if facility.find(f"{CSD}codedType") is not None
    }


def test_hierarchy_is_a_chain_in_one_solution() -> None:
    links = parents(one("ir", "3.0"))

    assert {above.split("-")[0] for below, above in links.items() if below.startswith("UE")} == {"OI"}
    assert "EG" in {above.split("-")[0] for below, above in links.items() if below.startswith("OI")}


@pytest.mark.parametrize("name", ["iess", "autre"])
def test_hierarchy_is_flat_in_the_others(name: str) -> None:
    root = one(name, "2.4")

    assert set(parents(root).values()) == {"EG-1"}
    named = root.findall(f".//{CSD}parentFacility")
    assert bool(named) == (name == "autre")


STRUCTURES = {
    "ir": [("1690041132", "1.2.250.1.71.4.2.2"), ("690041132", "1.2.250.1.213.3.2")],
    "iess": [("", ""), ("690041132", "1.2.250.1.71.1.2.14")],
    "autre": [("1690041132", "1.2.250.1.71.4.2.2")],
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_an_establishment_is_identified_as_the_solution_does(name: str) -> None:
    root = one(name, "3.0")
    (site,) = (found for found in root.iterfind(f".//{CSD}organization") if found.find(f"{CSD}parent") is not None)

    found = [(entry.get("code"), entry.get("assigningAuthorityName")) for entry in site.iterfind(f"{CSD}otherID")]
    assert [pair for pair in found if pair[1] != "1.3.2"] == STRUCTURES[name]


ADDRESSES = {"ir": (False, True), "iess": (True, True), "autre": (True, False)}


@pytest.mark.parametrize("name", ADDRESSES)
def test_the_address_stands_where_the_solution_puts_it(name: str) -> None:
    root = one(name, "2.4")
    (site,) = (found for found in root.iterfind(f".//{CSD}organization") if found.find(f"{CSD}parent") is not None)

    found = (
        site.find(f"{CSD}address") is not None,
        site.find(f"{CSD}extension/{CSD}location/{CSD}address") is not None,
    )
    assert found == ADDRESSES[name]


DATES = {
    "ir": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00",
    "iess": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "autre": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}",
}


@pytest.mark.parametrize("name", DATES)
def test_records_are_written_in_the_manner_of_the_solution(name: str) -> None:
    records = one(name, "3.0").findall(f".//{CSD}record")

    assert records
    assert all(re.fullmatch(DATES[name], str(record.get("updated"))) for record in records)
    assert all((record.get("sourceDirectory") == SOURCE) == (name == "ir") for record in records)
    keys = [record.find(f"{CSD}extension/{CSD}recognation") is not None for record in records]
    assert all(keys) if name == "iess" else not any(keys)


@pytest.mark.parametrize(("name", "labelled"), [("ir", True), ("iess", False), ("autre", False)])
def test_labels_are_written_by_one_solution_only(name: str, labelled: bool) -> None:
    codes = one(name, "3.0").findall(f".//{CSD}facility/{CSD}extension/{CSD}typeActivity")

    assert codes
    assert all(bool(code.text) == labelled for code in codes)


@pytest.mark.parametrize(("name", "codes"), [("ir", None), ("iess", {"null"}), ("autre", {""})])
def test_the_care_mode_above_the_unit(name: str, codes: set[str] | None) -> None:
    root = one(name, "3.0")
    found = {
        str(mode.get("code"))
        for facility in root.iterfind(f".//{CSD}facility")
        if (kind := facility.find(f"{CSD}codedType")) is not None and kind.get("code") != "4"
        for mode in facility.iterfind(f"{CSD}extension/{CSD}careMode")
    }

    assert found == codes if codes is not None else "" in found and len(found) > 1


def test_a_regional_addition_stands_first_and_without_namespace() -> None:
    found = [
        extension
        for root in written(DIALECTS["ir"], Contract.V3_0)
        for extension in root.iterfind(f".//{CSD}facility/{CSD}extension")
        if extension.find("referenceRegionale") is not None
    ]

    assert found
    assert all(extension[0].tag == "referenceRegionale" for extension in found)


def test_the_level_of_the_first_telecom_survives() -> None:
    levels = one("iess", "3.0").findall(f".//{CSD}contactPoint/{CSD}extension/{CSD}confidentialityLevel")

    assert {level.get("code") for level in levels} == {"1", "2", "3"}


@pytest.mark.parametrize(("above", "name"), [("facility", "psychiatricSector"), ("service", "actFamily")])
def test_1_5_has_one_of_what_1_6_may_repeat(above: str, name: str) -> None:
    def most(version: Contract) -> int:
        roots = written(DIALECTS["ir"], version, "84")
        return max(
            len(found.findall(f"{CSD}extension/{CSD}{name}")) for r in roots for found in r.iter(f"{CSD}{above}")
        )

    assert most(Contract.V1_5) == 1
    assert most(Contract.V1_6) >= 1


ABSENT = {
    "1.5": {"sensitiveUnit", "mailBoxMSS", "confidentialityLevel", "levelRecourseORSAN", "locationRealizedOffer"},
    "1.6": {"sensitiveUnit", "mailBoxMSS", "confidentialityLevel", "levelRecourseORSAN", "locationRealizedOffer"},
    "2.4": {"locationRealizedOffer", "homeMode", "accomodationFamilly", "functionLocation", "person"},
    "3.0": {"openFlag", "accommodationCapacity", "resourcesSkills", "maternityHospitalType", "person"},
}


@pytest.mark.parametrize("version", ABSENT)
def test_an_element_of_another_version_is_not_written(version: str) -> None:
    names = {
        etree.QName(found).localname
        for root in written(DIALECTS["ir"], Contract(version))
        for found in root.iter()
        if isinstance(found.tag, str)
    }

    assert names & ABSENT[version] == set()


PRESENT = {
    "1.5": {"person", "openFlag", "beds", "space", "resourcesSkills", "maternityHospitalType", "provider", "price"},
    "1.6": {"person", "openFlag", "beds", "space", "resourcesSkills", "maternityHospitalType", "provider", "price"},
    "2.4": {"operationalStatus", "homeVisit", "crisisAccomodationCapacity", "mailBoxMSS", "sensitiveUnit", "beds"},
    "3.0": {
        "capacityClosingType",
        "capacityExtraBed",
        "crisisType",
        "limitCharacteristicEquipment",
        "expertLevel",
        "careWithoutPatientApproval",
        "ProvisionalReopeningDate",
        "actRealizedOutsideOffice",
        "residentialCapactity",
        "dropZone",
        "levelRecourseORSAN",
        "psychiatricSector",
        "interventionZone",
        "dependencyPrice",
        "comments",
    },
}


@pytest.mark.parametrize("version", PRESENT)
def test_the_content_reaches_the_corners_of_the_version(version: str) -> None:
    names = {
        etree.QName(found).localname
        for root in written(DIALECTS["ir"], Contract(version), "84")
        for found in root.iter()
        if isinstance(found.tag, str)
    }

    assert PRESENT[version] - names == set()


def test_beds_up_to_2_4_are_the_real_ones() -> None:
    beds = [
        int(str(found.get("total")))
        for facility in one("autre", "2.4").iterfind(f".//{CSD}facility")
        if (field := facility.find(f"{CSD}extension/{CSD}typeActivity")) is not None and field.get("code") == "02"
        for found in facility.iterfind(f".//{CSD}beds")
    ]

    assert sum(beds) == 456


def test_two_establishments_of_one_document_share_their_legal_entity_and_not_their_keys() -> None:
    region = content("11")
    siblings = [made for made in region.establishments() if made.legal_entity.finess == "750712184"][:2]
    document = Document(Scribe(DIALECTS["ir"], Contract.V3_0, SOURCE))
    for made in siblings:
        document.add(made)
    root = document.query_result()

    keys = [found.get("entityID") for found in root.iterfind("*/*[@entityID]")]
    assert len(keys) == len(set(keys))
    assert len(root.findall(f"{CSD}organizationDirectory/{CSD}organization")) == 3


def test_a_refusal_is_an_error_without_result() -> None:
    made = error("405", "Nombre d'unités incohérent")

    assert [(etree.QName(child).localname, dict(child.attrib)) for child in made] == [
        ("error", {"code": "405", "message": "Nombre d'unités incohérent"})
    ]
