"""The search of 2016 as callers write it, and as we write it to members."""

from decimal import Decimal

import pytest
from lxml import etree

from mappings.csd.forms import BadRequest
from mappings.csd.requests import UnknownRequest
from mappings.csd.search_2016 import read_request, write_request
from mappings.csd.xml import parse
from mappings.exposition.demandes import Recherche, Territoire, TypeTerritoire
from mappings.exposition.values import Code

REGION = '<destination><type code="1"/><code code="84"/></destination>'


def search(inside: str = "", others: str = REGION) -> etree._Element:
    return parse(
        '<ror:careServicesRequest xmlns:ror="urn:asip:ror:2015"><function><requestParams><organization/>'
        f"{inside}<otherParams>{others}</otherParams></requestParams></function></ror:careServicesRequest>".encode()
    )


def age(value: str, unit: str) -> str:
    return REGION + f"<patient><age><value>{value}</value>{unit}</age></patient>"


AURA = (Territoire(TypeTerritoire.REGION, "84"),)

WHOLE = Recherche(
    activites=(Code("R211", "037"), Code("R211", "042")),
    modes_prise_en_charge=(Code("R213", "28"),),
    actes_specifiques=(Code("R210", "0010"),),
    equipements=(Code("R212", "099"),),
    territoires=(
        Territoire(TypeTerritoire.DEPARTEMENT, "2A"),
        Territoire(TypeTerritoire.COMMUNE, "01004", Decimal("12.5")),
    ),
    age=Decimal("35"),
    classes_age=(Code("R208", "05"), Code("R208", "10")),
    specialites=(Code("R38", "SM26"),),
)


def test_every_criterion_is_read() -> None:
    recherche = read_request(
        search(
            '<facility><patientsType><ageGroup code="5" codingScheme="1.2.250.1.213.3.3.9"/>'
            '<ageGroup code="10" codingScheme="1.2.250.1.213.3.3.9"/></patientsType>'
            '<typeOfCare code="28" codingScheme="1.2.250.1.213.3.3.13"/></facility>'
            '<service><codedType code="37" codingScheme="1.2.250.1.213.3.3.12"/>'
            '<codedType code="042" codingScheme="1.2.250.1.213.3.3.12"/>'
            '<act code="10" codingScheme="1.2.250.1.213.3.3.11"/>'
            '<specialty code="SM26" codingScheme="1.2.250.1.71.1.2.38"/></service>'
            '<device><type code="99" codingScheme="1.2.250.1.213.3.3.10"/></device>',
            '<destination><type code="2"/><code code="2a" displayName="Corse-du-Sud"/></destination>'
            '<destination><type code="3"/><code code="1004"/><distance value="12.5"/></destination>'
            '<patient><age><value>35</value><timeUnity code="a" codingScheme="1.2.250.1.213.3.3.15"/></age></patient>',
        )
    )

    assert recherche == WHOLE


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param(age("18", '<timeUnity code="m" codingScheme="1.2.250.1.213.3.3.15"/>'), "1.5", id="months"),
        pytest.param(age("18", '<timeUnity code="mo" codingScheme="2.16.840.1.113883.6.8"/>'), "1.5", id="UCUM months"),
        pytest.param(age("18", '<timeUnity code="m"/>'), "1.5", id="unit without table"),
        pytest.param(age("18", ""), "18", id="no unit"),
        pytest.param(age("487", '<timeUnity code="j"/>'), "1.333333", id="days"),
    ],
)
def test_an_age_is_read_in_its_unit(others: str, expected: str) -> None:
    assert read_request(search(others=others)).age == Decimal(expected)


def test_a_criterion_sent_without_a_code_is_no_criterion() -> None:
    recherche = read_request(
        search(
            '<facility><patientsType><ageGroup code="" codingScheme=""/></patientsType><typeOfCare/></facility>'
            '<service><codedType/><act code=""/><specialty code=""/></service><device><type/></device>'
        )
    )

    assert recherche == Recherche(territoires=AURA)


def test_children_in_a_namespace_are_read_all_the_same() -> None:
    text = etree.tostring(search('<service><codedType code="37"/></service>')).decode()
    qualified = parse(text.replace('xmlns:ror="', 'xmlns="urn:asip:ror:2015" xmlns:ror="').encode())

    assert read_request(qualified) == Recherche(activites=(Code("R211", "037"),), territoires=AURA)


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        pytest.param(search(others=""), "missing-element", "destination", id="nowhere"),
        pytest.param(
            search(others='<destination><type code="4"/><code code="1"/></destination>'), "bad-code", "type", id="type"
        ),
        pytest.param(
            search(others='<destination><type code="1"/><code/></destination>'), "bad-code", "code", id="no code"
        ),
        pytest.param(
            search(others='<destination><code code="84"/></destination>'), "missing-element", "type", id="no type"
        ),
        pytest.param(
            search(others='<destination><type code="1"/><code code="84"/><distance value="5"/></destination>'),
            "criterion-not-served",
            "distance",
            id="radius around a region",
        ),
        pytest.param(
            search(others='<destination><type code="3"/><code code="01004"/><distance value="x"/></destination>'),
            "bad-number",
            "distance",
            id="radius",
        ),
        pytest.param(
            search('<facility><patientsType><ageGroup code="09"/></patientsType></facility>'),
            "bad-code",
            "ageGroup",
            id="age class without bounds",
        ),
        pytest.param(
            search('<service><specialty code="C01" codingScheme="1.2.250.1.213.2.29"/></service>'),
            "bad-code",
            "specialty",
            id="competence in place of a speciality",
        ),
        pytest.param(search("<provider/>"), "unexpected-element", "provider", id="unknown criterion"),
        pytest.param(search("<service><name/></service>"), "unexpected-element", "name", id="unknown child"),
        pytest.param(
            search('<service><codedType code="37" codingScheme="1.2.250.1.213.3.3.12"><x/></codedType></service>'),
            "unexpected-element",
            "x",
            id="element inside a value",
        ),
        pytest.param(search("<organization><x/></organization>"), "unexpected-element", "x", id="inside organization"),
        pytest.param(
            search('<service><codedType code="37" codingScheme="1.2.250.1.213.3.3.13"/></service>'),
            "bad-code",
            "codedType",
            id="code of another table",
        ),
        pytest.param(search(others=age("-1", "")), "bad-number", "value", id="negative age"),
        pytest.param(search(others=age("NaN", "")), "bad-number", "value", id="no number"),
        pytest.param(search(others=age("1E999999", "")), "bad-number", "value", id="age without end"),
        pytest.param(search(others=age("1E25", "")), "bad-number", "value", id="age beyond all things"),
        pytest.param(search(others=age("3", '<timeUnity code="kg"/>')), "bad-code", "timeUnity", id="kilograms"),
        pytest.param(
            parse(b'<r:careServicesRequest xmlns:r="urn:asip:ror:2015"/>'), "missing-element", "function", id="empty"
        ),
    ],
)
def test_a_search_that_cannot_be_served_as_asked_is_refused(body: etree._Element, code: str, place: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        read_request(body)

    assert (refusal.value.code, refusal.value.place) == (code, place)


def test_the_reading_request_is_not_a_search() -> None:
    with pytest.raises(UnknownRequest):
        read_request(parse(b'<careServicesRequest xmlns="urn:ihe:iti:csd:2013"/>'))


@pytest.mark.parametrize("strip_zeros", [False, True])
@pytest.mark.parametrize(
    "recherche", [pytest.param(WHOLE, id="whole"), pytest.param(Recherche(territoires=AURA), id="least")]
)
def test_what_is_written_is_read_back(recherche: Recherche, strip_zeros: bool) -> None:
    assert read_request(write_request(recherche, strip_zeros=strip_zeros)) == recherche


def test_stripped_codes_are_written_without_their_zeros() -> None:
    written = write_request(WHOLE, strip_zeros=True)

    assert [found.get("code") for found in written.iter("codedType")] == ["37", "42"]


def test_a_search_without_territory_asks_where_the_member_is() -> None:
    written = write_request(Recherche(), destinations=AURA)

    assert read_request(written).territoires == AURA


def test_several_values_of_a_single_criterion_are_left_to_the_filter() -> None:
    acts = (Code("R210", "0010"), Code("R210", "0011"))

    assert read_request(write_request(Recherche(actes_specifiques=acts, territoires=AURA))) == Recherche(
        territoires=AURA
    )


def test_a_speciality_is_written_under_the_address_of_2016() -> None:
    written = write_request(WHOLE)

    assert [dict(found.attrib) for found in written.iter("specialty")] == [
        {"code": "SM26", "codingScheme": "1.2.250.1.71.1.2.38"}
    ]


def test_children_are_written_without_namespace() -> None:
    root = write_request(WHOLE)

    assert root.tag == "{urn:asip:ror:2015}careServicesRequest"
    assert all("{" not in str(element.tag) for element in root.iterdescendants())
