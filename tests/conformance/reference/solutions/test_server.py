"""The reference solutions over sockets: readings, notification, refusals, WSDL (contract sections 2 to 8)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from conformance.reference.content import content

CSD = "{urn:ihe:iti:csd:2013}"
ROR = "{urn:asip:ror:2015}"
SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
PARIS = ZoneInfo("Europe/Paris")
SOLUTIONS = [("84", "iess", "3.0"), ("11", "ir", "2.4"), ("04", "autre", "1.6")]
HOSPITAL = {"84": "690041132", "11": "750100208", "04": "970408589", "93": "130780521"}

Start = Callable[..., Awaitable[Any]]


def reading(code: str, inside: str = "", authority: str = "1.2.250.1.71.4.2.2") -> str:
    return (
        '<csd:careServicesRequest><csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017"'
        ' encapsulated="true"><csd:TR_Lecture-OffresSanteEtablissement><csd:etablissementDemandeLecture>'
        f'<csd:id_etablissement code="{code}" assigningAuthorityName="{authority}"/>{inside}'
        "</csd:etablissementDemandeLecture></csd:TR_Lecture-OffresSanteEtablissement></csd:function>"
        "</csd:careServicesRequest>"
    )


def unit_reading(identifier: str) -> str:
    return (
        '<csd:careServicesRequest><csd:function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017"'
        ' encapsulated="true"><csd:TR_Lecture-OffreSanteOrganisationInterne>'
        f'<csd:organisationID code="{identifier}" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>'
        "</csd:TR_Lecture-OffreSanteOrganisationInterne></csd:function></csd:careServicesRequest>"
    )


def notification(since: str, inside: str = "") -> str:
    return (
        "<ror:TR-Notif-ListeEtablissementsMajApresDate_Demande><csd:params>"
        f"<csd:dateRef>{since}</csd:dateRef>{inside}"
        "</csd:params></ror:TR-Notif-ListeEtablissementsMajApresDate_Demande>"
    )


def field(code: str) -> str:
    return f'<csd:typeActivity code="{code}" codingScheme="1.2.250.1.213.3.3.17"/>'


def public(code: str) -> str:
    return f'<csd:supportedPatient code="{code}" codingScheme="1.2.250.1.213.3.3.29"/>'


def units(body: etree._Element) -> list[etree._Element]:
    return [
        facility
        for facility in body.iterfind(f".//{CSD}facilityDirectory/{CSD}facility")
        if facility.find(f"{CSD}codedType[@code='4']") is not None
    ]


def fields_of(body: etree._Element) -> set[str | None]:
    return {found.get("code") for unit in units(body) for found in unit.iterfind(f"{CSD}extension/{CSD}typeActivity")}


def first_hospital(member: str) -> str:
    return next(
        made.establishment.finess
        for made in content(member).establishments()
        if made.internal_units and {"01", "02"} <= {offer.field.code for offer in made.offers}
    )


@pytest.mark.parametrize(("member", "solution", "contract"), SOLUTIONS)
async def test_an_establishment_is_read_whole(start: Start, member: str, solution: str, contract: str) -> None:
    asked = await start(member, solution, contract)
    finess = first_hospital(member)
    made = content(member).establishment(finess)
    assert made is not None

    reply = await asked.ask(reading(f"1{finess}"))

    assert (reply.status, reply.media_type) == (200, "application/soap+xml")
    identifiers = [unit.find(f"{CSD}otherID").get("code") for unit in units(reply.body)]
    assert identifiers == [offer.identifier for offer in made.offers]
    assert reply.body.findtext(f"{CSD}result/{CSD}facilityNumber") == str(len(made.offers))


@pytest.mark.parametrize(
    ("code", "authority"), [("690041132", "1.2.250.1.71.1.2.14"), ("1690041132", "1.2.250.1.71.4.2.2")]
)
async def test_both_forms_of_a_structure_are_understood(start: Start, code: str, authority: str) -> None:
    asked = await start("84", "iess", "3.0")

    assert (await asked.ask(reading(code, authority=authority))).body.find(f"{CSD}result") is not None


async def test_several_fields_are_a_union_and_bring_no_other(start: Start) -> None:
    asked = await start("84", "iess", "3.0")

    one = await asked.ask(reading("1690000088", field("02")))
    two = await asked.ask(reading("1690000088", field("02") + field("03")))

    assert fields_of(one.body) == {"02"}
    assert fields_of(two.body) == {"02", "03"}
    levels = {found.get("code") for found in one.body.iterfind(f".//{CSD}facility/{CSD}extension/{CSD}typeActivity")}
    assert levels == {"02"}


async def test_a_field_without_unit_still_gives_the_establishment(start: Start) -> None:
    asked = await start("84", "iess", "3.0")

    reply = await asked.ask(reading("1690000088", field("05")))

    assert units(reply.body) == []
    assert reply.body.findtext(f"{CSD}result/{CSD}facilityNumber") == "0"
    assert len(reply.body.findall(f".//{CSD}organization/{CSD}primaryName")) == 2


async def test_a_public_narrows_the_medico_social_field(start: Start) -> None:
    asked = await start("84", "ir", "3.0")
    nursing_home = next(key.finess for key in content("84").keys if key.publics == ("01", "03"))

    elderly = await asked.ask(reading(f"1{nursing_home}", field("04") + public("03")))
    disabled = await asked.ask(reading(f"1{nursing_home}", field("04") + public("02")))

    assert len(units(elderly.body)) == 1
    assert units(disabled.body) == []


async def test_a_date_brings_only_what_changed_since(start: Start) -> None:
    asked = await start("84", "iess", "3.0")

    def at(year: int) -> str:
        return f"<csd:dateRef>{year}-01-01T00:00:00</csd:dateRef>"

    everything = await asked.ask(reading("1690041132"))
    old = await asked.ask(reading("1690041132", at(2010)))
    future = await asked.ask(reading("1690041132", at(2027)))

    assert len(units(old.body)) == len(units(everything.body)) == 20
    assert units(future.body) == []


ABSENT_FROM_REDUCED = {
    "1.6": "price accommodationCapacity residentialCapactity resourcesSkills receptionType specificAct"
    " takingCareSpeciality receptionMode annualOpenning interventionZone operatingHours psychiatricSector",
    "2.4": "price accommodationCapacity residentialCapactity resourcesSkills receptionType specificAct"
    " takingCareSpeciality receptionMode annualOpenning interventionZone operatingHours psychiatricSector",
    "3.0": "price locationRealizedOffer professionalResource specificSkill receptionType specificAct"
    " takingCareSpeciality annualOpenning interventionZone psychiatricSector",
}
KEPT_IN_REDUCED = ("otherID", "primaryName", "codedType", "typeActivity", "creationDate", "patientsType", "careMode")


@pytest.mark.parametrize("contract", ABSENT_FROM_REDUCED)
@pytest.mark.parametrize("word", ["1", "true"])
async def test_the_reduced_answer_leaves_out_what_the_contract_says(start: Start, contract: str, word: str) -> None:
    asked = await start("93", "ir", contract)
    flag = f"<csd:restrictedOrganisation>{word}</csd:restrictedOrganisation>"

    reply = await asked.ask(reading(f"1{HOSPITAL['93']}", flag))
    whole = await asked.ask(reading(f"1{HOSPITAL['93']}", flag.replace(word, "0")))

    parts = [reply.body.find(f".//{CSD}{name}Directory") for name in ("organization", "facility")]
    names = {etree.QName(found).localname for part in parts for found in part.iter() if isinstance(found.tag, str)}
    assert names & set(ABSENT_FROM_REDUCED[contract].split()) == set()
    assert all(name in names for name in KEPT_IN_REDUCED)
    assert len(units(reply.body)) == len(units(whole.body))
    assert all(
        (unit.find(f"{CSD}extension/{CSD}facilityType") is not None) <= (kind.get("code") == "04")
        for unit in units(reply.body)
        for kind in unit.iterfind(f"{CSD}extension/{CSD}typeActivity")
    )


@pytest.mark.parametrize(("member", "solution", "contract"), SOLUTIONS)
async def test_one_organisation_comes_with_its_chain(start: Start, member: str, solution: str, contract: str) -> None:
    asked = await start(member, solution, contract)
    made = content(member).establishment(first_hospital(member))
    assert made is not None
    deepest = max(made.offers, key=lambda offer: len(offer.parent or "") + ("UF" in (offer.parent or "")) * 100)

    reply = await asked.ask(unit_reading(deepest.identifier))

    levels = [found.get("code") for found in reply.body.iterfind(f".//{CSD}facility/{CSD}codedType")]
    assert levels == ["1", "2", "3", "4"]
    assert len(reply.body.findall(f".//{CSD}organization/{CSD}primaryName")) == 2
    count = reply.body.findtext(f"{CSD}result/{CSD}facilityNumber")
    assert count == (None if solution == "iess" else "1")


async def test_a_level_above_the_unit_can_be_read(start: Start) -> None:
    asked = await start("84", "ir", "3.0")

    reply = await asked.ask(unit_reading("84/S-690041132-0101"))

    assert [found.get("code") for found in reply.body.iterfind(f".//{CSD}facility/{CSD}codedType")] == ["1", "2"]


REFUSED = {
    "unknown establishment": (reading("1999999999"), "404"),
    "unknown organisation": (unit_reading("84/UE-0001"), "404"),
    "unforeseen function": (
        "<csd:careServicesRequest><csd:function><csd:TR_Autre/></csd:function></csd:careServicesRequest>",
        "444",
    ),
}


@pytest.mark.parametrize(("body", "code"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize(("solution", "status"), [("ir", 500), ("iess", 200)])
async def test_two_solutions_refuse_with_an_error_element(
    start: Start, solution: str, status: int, body: str, code: str
) -> None:
    reply = await (await start("84", solution, "3.0")).ask(body)

    assert reply.status == status
    assert reply.body.find(f"{CSD}error").get("code") == code
    assert reply.body.find(f"{CSD}result") is None


@pytest.mark.parametrize(("body", "code"), REFUSED.values(), ids=REFUSED)
async def test_one_solution_refuses_with_a_bare_number(start: Start, body: str, code: str) -> None:
    reply = await (await start("01", "autre", "1.6")).ask(body)

    assert reply.status == 500
    assert reply.body.tag == f"{SOAP}Fault"
    assert reply.body.findtext(f"{SOAP}Code/{SOAP}Value") == code
    assert reply.body.find(f"{SOAP}Detail") is None


@pytest.mark.parametrize("solution", ["ir", "iess"])
async def test_an_unforeseen_message_is_a_fault_with_its_declared_detail(start: Start, solution: str) -> None:
    reply = await (await start("84", solution, "3.0")).ask("<ror:autreChose/>")

    assert reply.status == 500
    assert reply.body.find(f"{SOAP}Detail/{ROR}erreur").get("code") == "444"


async def test_a_lying_count_is_one_too_high_from_the_next_answer_on(start: Start) -> None:
    lies: list[bool] = []
    asked = await start("84", "ir", "3.0", lying=lambda: bool(lies))

    honest = await asked.ask(reading("1690041132"))
    lies.append(True)
    dishonest = await asked.ask(reading("1690041132"))

    assert len(units(dishonest.body)) == len(units(honest.body)) == 20
    assert honest.body.findtext(f"{CSD}result/{CSD}facilityNumber") == "20"
    assert dishonest.body.findtext(f"{CSD}result/{CSD}facilityNumber") == "21"


@pytest.mark.parametrize(("member", "solution", "contract"), SOLUTIONS)
async def test_the_notification_lists_what_changed_with_its_fields(
    start: Start, member: str, solution: str, contract: str
) -> None:
    asked = await start(member, solution, contract)
    since = datetime(2026, 9, 1, tzinfo=PARIS)
    expected = {key.finess: set(key.fields) for key in content(member).keys if key.updated > since}

    reply = await asked.ask(notification("2026-09-01T00:00:00"))

    listed = {
        str(entry.find(f"{CSD}id_etablissement").get("code"))[-9:]: {
            found.get("code") for found in entry.iterfind(f"{CSD}typeActivity")
        }
        for entry in reply.body.iterfind(f"{CSD}etablissementReponseNotif")
    }
    assert listed == expected
    assert 0 < len(listed) < len(content(member).keys)
    assert reply.body.findtext(f"{CSD}result") == str(len(expected))


async def test_the_notification_names_only_the_fields_asked(start: Start) -> None:
    asked = await start("84", "iess", "3.0")

    reply = await asked.ask(notification("2015-01-01T00:00:00+01:00", field("04") + public("02")))

    entries = reply.body.findall(f"{CSD}etablissementReponseNotif")
    expected = [key for key in content("84").keys if "04" in key.fields and "02" in key.publics]
    assert len(entries) == len(expected)
    assert {found.get("code") for entry in entries for found in entry.iterfind(f"{CSD}typeActivity")} == {"04"}


async def test_no_change_is_an_empty_list(start: Start) -> None:
    reply = await (await start("01", "autre", "1.6")).ask(notification("2030-01-01T00:00:00"))

    assert reply.status == 200
    assert [found.text for found in reply.body] == ["0"]


MALFORMED = {
    "not xml": b"bonjour",
    "document type": b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
    "SOAP 1.1": b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a/></e:Body></e:Envelope>',
    "empty body": b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>',
    "two bodies": b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><a/><b/></e:Body></e:Envelope>',
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
async def test_what_is_not_one_message_is_the_senders_fault(start: Start, data: bytes) -> None:
    reply = await (await start("84", "ir", "3.0")).send(data)

    assert reply.status == 400
    assert reply.body.findtext(f"{SOAP}Code/{SOAP}Value") == "soap:Sender"


@pytest.mark.parametrize("body", [reading("1690041132", "<csd:dateRef>hier</csd:dateRef>"), notification("hier")])
async def test_an_unreadable_date_is_the_senders_fault(start: Start, body: str) -> None:
    assert (await (await start("84", "ir", "3.0")).ask(body)).status == 400


async def test_another_media_type_is_refused(start: Start) -> None:
    asked = await start("84", "ir", "3.0")

    assert (await asked.send(b"<a/>", media_type="text/xml")).status == 415


@pytest.mark.parametrize("suffix", ["", "/CSD_ROR_Binding"])
async def test_the_address_may_end_with_the_name_of_the_binding(start: Start, suffix: str) -> None:
    asked = await start("84", "ir", "3.0")

    assert (await asked.ask(reading("1690041132"), path=f"/3.0{suffix}")).status == 200


async def test_another_contract_version_has_no_address(start: Start) -> None:
    asked = await start("84", "ir", "3.0")

    assert (await asked.ask(reading("1690041132"), path="/2.4")).status == 404


WSDL = "{http://schemas.xmlsoap.org/wsdl/}"


@pytest.mark.parametrize(
    ("path", "stem", "operations"),
    [
        ("/3.0", "C", ["careServicesRequest_Request", "TR-Notif-ListeEtablissementsMajApresDate_Demande"]),
        ("/2016", "c", ["careServicesRequest_Request"]),
    ],
    ids=["contract", "search"],
)
async def test_each_address_describes_itself(start: Start, path: str, stem: str, operations: list[str]) -> None:
    asked = await start("84", "iess", "3.0")

    reply = await asked.get(f"{path}?wsdl")

    assert (reply.status, reply.media_type) == (200, "text/xml")
    assert reply.root.get("targetNamespace") == "urn:asip:ror:2015"
    assert reply.root.find(f"{WSDL}service").get("name") == f"{stem}areServicesRequest_Service"
    assert [found.get("name") for found in reply.root.iterfind(f"{WSDL}portType/{WSDL}operation")] == operations
    assert reply.root.find(f"{WSDL}service/{WSDL}port/*").get("location").endswith(path)


async def test_an_address_without_question_is_not_read_with_get(start: Start) -> None:
    assert (await (await start("84", "iess", "3.0")).get("/3.0")).status == 405
