"""The readings and the notification: what callers write, and what we write to members."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from mappings.csd.forms import BadRequest
from mappings.csd.requests import UnknownRequest, read_request, write_request
from mappings.csd.xml import parse
from mappings.exposition.demandes import DemandeNotification, LectureEtablissement, LectureOrganisationInterne
from mappings.exposition.values import Code

CSD = "urn:ihe:iti:csd:2013"
ROR = "urn:asip:ror:2015"
FIXED = 'urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true"'
ID = '<c:id_etablissement code="1019999991" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'


def establishment(inside: str, fixed: str = FIXED) -> etree._Element:
    return parse(
        f'<c:careServicesRequest xmlns:c="{CSD}"><c:function {fixed}><c:TR_Lecture-OffresSanteEtablissement>'
        f"<c:etablissementDemandeLecture>{inside}</c:etablissementDemandeLecture>"
        "</c:TR_Lecture-OffresSanteEtablissement></c:function></c:careServicesRequest>".encode()
    )


def unit(identifier: str) -> etree._Element:
    return parse(
        f'<careServicesRequest xmlns="{CSD}"><function {FIXED}><TR_Lecture-OffreSanteOrganisationInterne>'
        f"{identifier}</TR_Lecture-OffreSanteOrganisationInterne></function></careServicesRequest>".encode()
    )


def notification(inside: str) -> etree._Element:
    return parse(
        f'<r:TR-Notif-ListeEtablissementsMajApresDate_Demande xmlns:r="{ROR}" xmlns:c="{CSD}">'
        f"<c:params>{inside}</c:params></r:TR-Notif-ListeEtablissementsMajApresDate_Demande>".encode()
    )


SSR = Code("R227", "02", "SSR")
MS = Code("R227", "04", "MS")
PA = Code("R239", "01", "PA")


def test_the_whole_request_of_the_contract_is_read() -> None:
    demande = read_request(
        establishment(
            ID + "<c:dateRef>2026-01-01T00:00:00</c:dateRef>"
            '<c:typeActivity code="02" codingScheme="1.2.250.1.213.3.3.17">SSR</c:typeActivity>'
            '<c:typeActivity code="04" codingScheme="1.2.250.1.213.3.3.17 ">MS</c:typeActivity>'
            '<c:supportedPatient code="01" codingScheme="1.2.250.1.213.3.3.29">PA</c:supportedPatient>'
            "<c:restrictedOrganisation>0</c:restrictedOrganisation>"
        )
    )

    assert demande == LectureEtablissement(
        "1019999991", datetime(2025, 12, 31, 23, tzinfo=UTC), (SSR, MS), (PA,), restriction_oi=False
    )


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        pytest.param('code="1019999991" assigningAuthorityName="1.2.250.1.71.4.2.2"', "1019999991", id="canonical"),
        pytest.param('code="019999991" assigningAuthorityName="1.2.250.1.71.1.2.14"', "1019999991", id="bare FINESS"),
        pytest.param('code="1019999991" assigningAuthorityName="1.2.250.1.71.1.2.14"', "1019999991", id="type table"),
        pytest.param('code="019999991" assigningAuthorityName="1.2.250.1.213.3.2"', "1019999991", id="FINESS alone"),
        pytest.param('code="019999991"', "1019999991", id="no system"),
        pytest.param('code="2a0000014" assigningAuthorityName="1.2.250.1.213.3.2"', "12A0000014", id="Corsica"),
    ],
)
def test_an_establishment_is_named_in_many_ways(identifier: str, key: str) -> None:
    demande = read_request(establishment(f"<c:id_etablissement {identifier}/>"))

    assert isinstance(demande, LectureEtablissement)
    assert demande.identifiant == key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("0", False, id="0"),
        pytest.param("1", True, id="1"),
        pytest.param("true", True, id="true"),
        pytest.param(" false ", False, id="false"),
        pytest.param("", False, id="empty"),
    ],
)
def test_the_reduced_answer_is_asked_in_both_spellings(text: str, expected: bool) -> None:
    demande = read_request(establishment(f"{ID}<c:restrictedOrganisation>{text}</c:restrictedOrganisation>"))

    assert isinstance(demande, LectureEtablissement)
    assert demande.restriction_oi is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-07-14T12:00:00", datetime(2026, 7, 14, 10, tzinfo=UTC), id="summer, no offset"),
        pytest.param("2026-01-14T12:00:00", datetime(2026, 1, 14, 11, tzinfo=UTC), id="winter, no offset"),
        pytest.param("2026-01-14T12:00:00+01:00", datetime(2026, 1, 14, 11, tzinfo=UTC), id="offset"),
        pytest.param("2026-01-14T11:00:00Z", datetime(2026, 1, 14, 11, tzinfo=UTC), id="universal"),
        pytest.param("2026-01-14T12:00:00.5", datetime(2026, 1, 14, 11, 0, 0, 500_000, tzinfo=UTC), id="fraction"),
        pytest.param("2026-01-14T12:00:00.1234567Z", datetime(2026, 1, 14, 12, 0, 0, 123_456, tzinfo=UTC), id="long"),
    ],
)
def test_an_instant_without_offset_is_french_legal_time(text: str, expected: datetime) -> None:
    demande = read_request(notification(f"<c:dateRef>{text}</c:dateRef>"))

    assert isinstance(demande, DemandeNotification)
    assert demande.date_ref == expected


def test_what_the_schema_fixes_is_not_demanded() -> None:
    assert read_request(establishment(ID, fixed="")) == LectureEtablissement("1019999991")


def test_an_internal_organisation_is_read() -> None:
    demande = read_request(
        unit('<organisationID code="84/UE-0001" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>')
    )

    assert demande == LectureOrganisationInterne("84/UE-0001")


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        pytest.param(establishment(""), "missing-element", "id_etablissement", id="no identifier"),
        pytest.param(establishment(ID + ID), "repeated-element", "id_etablissement", id="two identifiers"),
        pytest.param(
            establishment('<c:id_etablissement code="" assigningAuthorityName=""/>'),
            "missing-identifier",
            "id_etablissement",
            id="empty identifier",
        ),
        pytest.param(
            establishment('<c:id_etablissement code="12" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'),
            "bad-identifier",
            "id_etablissement",
            id="short identifier",
        ),
        pytest.param(
            establishment('<c:id_etablissement code="1019999991" assigningAuthorityName="9.9"/>'),
            "bad-identifier",
            "id_etablissement",
            id="unknown system",
        ),
        pytest.param(unit('<organisationID code="UE-1"/>'), "bad-identifier", "organisationID", id="unit without /"),
        pytest.param(establishment(ID + "<c:dateRef>2026-01-14</c:dateRef>"), "bad-date", "dateRef", id="a day"),
        pytest.param(establishment(ID + "<c:dateRef>hier</c:dateRef>"), "bad-date", "dateRef", id="a word"),
        pytest.param(
            establishment(ID + "<c:dateRef>2026-02-30T00:00:00</c:dateRef>"), "bad-date", "dateRef", id="30 February"
        ),
        pytest.param(
            establishment(ID + "<c:dateRef>2026-01-01T00:00:00</c:dateRef>" * 2), "repeated-element", "dateRef", id="2"
        ),
        pytest.param(
            establishment(ID + '<c:typeActivity code="" codingScheme="1.2.250.1.213.3.3.17"/>'),
            "bad-code",
            "typeActivity",
            id="empty code",
        ),
        pytest.param(
            establishment(ID + '<c:typeActivity code="02" codingScheme="1.2.250.1.213.3.3.29"/>'),
            "bad-code",
            "typeActivity",
            id="code of another table",
        ),
        pytest.param(
            establishment(ID + "<c:restrictedOrganisation>oui</c:restrictedOrganisation>"),
            "bad-boolean",
            "restrictedOrganisation",
            id="oui",
        ),
        pytest.param(establishment(ID + "<c:champ/>"), "unexpected-element", "champ", id="unknown filter"),
        pytest.param(establishment(ID + "<typeActivity/>"), "unexpected-element", "typeActivity", id="no namespace"),
        pytest.param(
            establishment(ID + "<c:restrictedOrganisation>1<x/>0</c:restrictedOrganisation>"),
            "unexpected-element",
            "x",
            id="element inside a value",
        ),
        pytest.param(
            notification("<c:dateRef>2026-01-01T00:00:00<c:dateRef/>Z</c:dateRef>"),
            "unexpected-element",
            "dateRef",
            id="element inside the date",
        ),
        pytest.param(notification(""), "missing-element", "dateRef", id="notification without date"),
        pytest.param(
            notification("<c:dateRef>9999-12-31T23:59:59-14:00</c:dateRef>"), "bad-date", "dateRef", id="last instant"
        ),
        pytest.param(
            notification("<c:dateRef>0001-01-01T00:00:00+14:00</c:dateRef>"), "bad-date", "dateRef", id="first instant"
        ),
        pytest.param(
            parse(f'<r:TR-Notif-ListeEtablissementsMajApresDate_Demande xmlns:r="{ROR}"/>'.encode()),
            "missing-element",
            "params",
            id="notification without params",
        ),
        pytest.param(
            parse(f'<careServicesRequest xmlns="{CSD}"/>'.encode()), "missing-element", "function", id="no function"
        ),
        pytest.param(
            parse(f'<careServicesRequest xmlns="{CSD}"><function/></careServicesRequest>'.encode()),
            "missing-element",
            "function",
            id="empty function",
        ),
    ],
)
def test_a_bad_request_says_what_and_where(body: etree._Element, code: str, place: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        read_request(body)

    assert (refusal.value.code, refusal.value.place) == (code, place)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f'<careServicesResponse xmlns="{CSD}"/>', id="an answer"),
        pytest.param(f'<careServicesRequest xmlns="{ROR}"/>', id="the search of 2016"),
        pytest.param(f'<careServicesRequest xmlns="{CSD}"><expression/></careServicesRequest>', id="ad hoc query"),
        pytest.param(
            f'<careServicesRequest xmlns="{CSD}"><function><TR_Autre/></function></careServicesRequest>', id="function"
        ),
    ],
)
def test_an_unknown_request_is_told_apart(body: str) -> None:
    with pytest.raises(UnknownRequest):
        read_request(parse(body.encode()))


@pytest.mark.parametrize(
    "demande",
    [
        pytest.param(LectureEtablissement("1019999991"), id="establishment"),
        pytest.param(
            LectureEtablissement("399999999900011", datetime(2026, 7, 1, 8, tzinfo=UTC), (SSR, MS), (PA,), True),
            id="SIRET with filters",
        ),
        pytest.param(LectureOrganisationInterne("84/UE-0001"), id="unit"),
        pytest.param(DemandeNotification(datetime(2026, 1, 14, tzinfo=UTC), (MS,), (PA,)), id="notification"),
        pytest.param(DemandeNotification(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)), id="first 02:30 of the autumn"),
        pytest.param(DemandeNotification(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)), id="second 02:30 of the autumn"),
    ],
)
def test_what_is_written_is_read_back(demande: LectureEtablissement) -> None:
    assert read_request(write_request(demande)) == demande


def test_what_the_schema_fixes_is_written() -> None:
    function = write_request(LectureOrganisationInterne("84/UE-0001"))[0]

    assert dict(function.attrib) == {"urn": "urn:asip:ror:lecture:offreSoinEtablissement:2017", "encapsulated": "true"}


def test_a_delta_is_rounded_down_to_the_second_in_french_legal_time() -> None:
    written = write_request(DemandeNotification(datetime(2026, 1, 14, 11, 0, 59, 999_999, tzinfo=UTC)))

    assert written.findtext(f".//{{{CSD}}}dateRef") == "2026-01-14T12:00:59"
