import pytest

from mappings.exposition.repertoire import Repertoire
from mappings.fhir.includes import read_directives, select
from mappings.fhir.search import read_search
from mappings.fhir.write import encoded, write
from mappings.loss import Ledger

EJ, EG = "Organization/1010000001.EJ", "Organization/1010000002"
POLE, SERVICE = "Organization/84.OI-1", "Organization/84.OI-2"
OFFER, PLACE = "HealthcareService/84.UE-0001", "Location/84.L-1"
PERSON, ROLE = "Practitioner/810000000001", "PractitionerRole/810000000001.84.UE-0001"


@pytest.mark.parametrize(
    ("start", "query", "expected"),
    [
        pytest.param(OFFER, [("_include", "HealthcareService:organization")], [SERVICE], id="provider"),
        pytest.param(
            OFFER,
            [("_include", "HealthcareService:organization"), ("_include:iterate", "Organization:partof")],
            [SERVICE, POLE, EG, EJ],
            id="chain upwards",
        ),
        pytest.param(
            OFFER,
            [("_include", "HealthcareService:organization"), ("_include", "Organization:partof")],
            [SERVICE],
            id="one step without iterate",
        ),
        pytest.param(OFFER, [("_include", "HealthcareService:location")], [PLACE], id="places"),
        pytest.param(OFFER, [("_revinclude", "PractitionerRole:service")], [ROLE], id="roles"),
        pytest.param(
            OFFER,
            [("_include", "PractitionerRole:practitioner"), ("_revinclude", "PractitionerRole:service")],
            [ROLE, PERSON],
            id="professionals of roles that were themselves included",
        ),
        pytest.param(
            OFFER,
            [("_revinclude", "PractitionerRole:service"), ("_include", "PractitionerRole:organization")],
            [ROLE, EG],
            id="establishment of roles",
        ),
        pytest.param(
            OFFER,
            [
                ("_include", "HealthcareService:organization"),
                ("_include:iterate", "Organization:partof"),
                ("_include", "HealthcareService:location"),
                ("_revinclude", "PractitionerRole:service"),
                ("_include", "PractitionerRole:practitioner"),
            ],
            [SERVICE, PLACE, ROLE, POLE, PERSON, EG, EJ],
            id="the whole offer",
        ),
        pytest.param(PLACE, [("_revinclude", "HealthcareService:location")], [OFFER], id="offers of a place"),
        pytest.param(SERVICE, [("_revinclude", "HealthcareService:organization")], [OFFER], id="offers of a service"),
        pytest.param(EG, [("_revinclude", "PractitionerRole:organization")], [ROLE], id="roles of an establishment"),
        pytest.param(ROLE, [("_include", "*")], [OFFER, PERSON, EG], id="everything a role names"),
        pytest.param(OFFER, [], [], id="nothing asked"),
    ],
)
def test_links_are_followed_from_the_matches(
    region: Repertoire, start: str, query: list[tuple[str, str]], expected: list[str]
) -> None:
    request = read_search(start.partition("/")[0], query, strict=True)
    led_by = {reference: one.links for reference, one in write(region, ledger=Ledger(), finish=encoded).items()}

    assert select(write(region, ledger=Ledger()), [start], request.directives) == expected
    assert select(led_by, [start], request.directives) == expected, "the door follows the links of what it encoded"


def test_a_match_is_never_included_too(region: Repertoire) -> None:
    resources = write(region, ledger=Ledger())
    request = read_search("Organization", [("_include:iterate", "Organization:partof")], strict=True)

    assert select(resources, [SERVICE, EG], request.directives) == [POLE, EJ]


def test_what_is_not_in_the_answer_is_not_included(region: Repertoire) -> None:
    resources = write(region, ledger=Ledger())
    del resources[PLACE]
    request = read_search("HealthcareService", [("_include", "HealthcareService:location")], strict=True)

    assert select(resources, [OFFER], request.directives) == []


@pytest.mark.parametrize("value", ["Task:focus", "HealthcareService", "HealthcareService:location:Organization", ""])
def test_an_unknown_link_is_not_read(value: str) -> None:
    assert read_directives(value, resource_type="HealthcareService", reverse=False, iterate=False) is None
