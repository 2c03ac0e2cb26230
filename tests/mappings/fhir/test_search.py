from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mappings.exposition.demandes import Recherche, Territoire, TypeObjet, TypeTerritoire
from mappings.exposition.values import Code
from mappings.fhir.grammar import SearchRefused
from mappings.fhir.parameters import JUDGED, PARAMETERS, Parameter
from mappings.fhir.search import PAGE, Ignored, SearchRequest, read_search
from mappings.nomenclatures.systems import url


def asked(*parameters: tuple[str, str], resource_type: str = "HealthcareService") -> SearchRequest:
    return read_search(resource_type, list(parameters), strict=False)


def token(system: str, *codes: str) -> str:
    return f"{url(system)}|{','.join(codes)}"


def department(code: str) -> Territoire:
    return Territoire(TypeTerritoire.DEPARTEMENT, code)


@pytest.mark.parametrize(
    ("name", "value", "criteria"),
    [
        pytest.param("_id", "84.UE-0001,84.UE-2", {"cles": ("84/UE-0001", "84/UE-2")}, id="ids"),
        pytest.param("_id", "508875", {"cles": ("508875",)}, id="id nobody here wrote"),
        pytest.param("identifier", "84/UE-0001", {"offres": ("84/UE-0001",)}, id="offer"),
        pytest.param("identifier", f"{token('R355', '84/UE-0001')}", {"offres": ("84/UE-0001",)}, id="offer, system"),
        pytest.param("specialty", token("R211", "022"), {"activites": (Code("R211", "022"),)}, id="activity"),
        pytest.param("specialty", "022", {"activites": (Code("", "022"),)}, id="activity without system"),
        pytest.param(
            "specialty",
            f"{token('R211', '022')},{token('R211', '023')}",
            {"activites": (Code("R211", "022"), Code("R211", "023"))},
            id="two activities",
        ),
        pytest.param(
            "specialty",
            token("R211", "022", "023"),
            {"activites": (Code("R211", "022"), Code("R211", "023"))},
            id="two activities of one system",
        ),
        pytest.param("service-type", token("R227", "01"), {"champs_activite": (Code("R227", "01"),)}, id="field"),
        pytest.param("service-category", token("R244", "50"), {"types_offre": (Code("R244", "50"),)}, id="category"),
        pytest.param(
            "characteristic", token("R213", "28"), {"modes_prise_en_charge": (Code("R213", "28"),)}, id="care mode"
        ),
        pytest.param("characteristic", token("R210", "0784"), {"actes_specifiques": (Code("R210", "0784"),)}, id="act"),
        pytest.param(
            "characteristic", token("R338", "01"), {"caracteristiques": (Code("R338", "01"),)}, id="reception"
        ),
        pytest.param("patient-type", token("R239", "01"), {"publics": (Code("R239", "01"),)}, id="public"),
        pytest.param(
            "intervention-zone", token("R13", "01053"), {"zones_intervention": (Code("R13", "01053"),)}, id="zone"
        ),
        pytest.param("organization", "Organization/1290004324", {"organisations": ("1290004324",)}, id="organisation"),
        pytest.param("organization", "84.OI-1", {"organisations": ("84/OI-1",)}, id="internal organisation"),
        pytest.param(
            "organization.identifier:above", "1290004324", {"organisations": ("1290004324",)}, id="idNat_Struct"
        ),
        pytest.param(
            "organization.identifier:above",
            "urn:oid:1.2.250.1.71.4.2.2|1290004324",
            {"organisations": ("1290004324",)},
            id="idNat_Struct, system",
        ),
        pytest.param(
            "organization.identifier:above",
            "https://finess.esante.gouv.fr|290004324",
            {"organisations": ("1290004324",)},
            id="FINESS",
        ),
        pytest.param(
            "organization.identifier:above",
            "290004324",
            {"organisations": ("1290004324", "2290004324")},
            id="nine digits: FINESS or SIREN",
        ),
        pytest.param(
            "organization.identifier:above",
            "http://sirene.fr|92131725800020",
            {"organisations": ("392131725800020",)},
            id="SIRET, older system",
        ),
        pytest.param("name", "chir", {"nom_commence": "chir"}, id="start of name"),
        pytest.param("name:contains", "chir", {"nom_contient": "chir"}, id="part of name"),
        pytest.param("name", "a\\,b", {"nom_commence": "a,b"}, id="escaped comma"),
        pytest.param("location.address-postalcode", "13", {"territoires": (department("13"),)}, id="department"),
        pytest.param(
            "location.address-postalcode",
            "974,01",
            {"territoires": (department("974"), department("01"))},
            id="departments",
        ),
        pytest.param(
            "location.address-postalcode", "20", {"territoires": (department("2A"), department("2B"))}, id="Corsica"
        ),
        pytest.param("location.address-postalcode", "1300", {"codes_postaux": ("1300",)}, id="start of postal code"),
        pytest.param("location.address-postalcode", "97", {"codes_postaux": ("97",)}, id="overseas"),
        pytest.param(
            "location.address-postalcode",
            "13,75001",
            {"codes_postaux": ("13", "75001")},
            id="department or postal code",
        ),
        pytest.param(
            "location.commune-cog",
            token("R13", "18000", "13013"),
            {
                "territoires": (
                    Territoire(TypeTerritoire.COMMUNE, "18000"),
                    Territoire(TypeTerritoire.COMMUNE, "13013"),
                )
            },
            id="communes",
        ),
        pytest.param(
            "location.near-insee-code",
            "44162|1500|m",
            {"territoires": (Territoire(TypeTerritoire.COMMUNE, "44162", Decimal("1.5")),)},
            id="around a commune",
        ),
        pytest.param(
            "location.equipment-type", token("R212", "088"), {"equipements": (Code("R212", "088"),)}, id="equipment"
        ),
        pytest.param("_tag", "84", {"regions": ("84",)}, id="region"),
        pytest.param("_tag", token("R30", "84", "11"), {"regions": ("84", "11")}, id="regions"),
    ],
)
def test_a_parameter_states_a_criterion(name: str, value: str, criteria: dict[str, Any]) -> None:
    spelt, _, modifier = name.rpartition(":") if ":" in name else (name, "", "")
    assert PARAMETERS["HealthcareService"][spelt].read(value, name) == criteria
    assert modifier in PARAMETERS["HealthcareService"][spelt].modifiers

    request = asked((name, value))

    assert request.recherche == Recherche(**criteria)
    assert request.applied == ((name, value),)
    assert request.ignored == ()


@pytest.mark.parametrize(
    ("value", "since", "before"),
    [
        pytest.param("ge2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), None, id="ge"),
        pytest.param("gt2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 10, tzinfo=UTC), None, id="gt"),
        pytest.param("sa2024-05-06T07:08:09.5Z", datetime(2024, 5, 6, 7, 8, 9, 500001, tzinfo=UTC), None, id="sa"),
        pytest.param("le2024-12", None, datetime(2024, 12, 31, 23, 0, tzinfo=UTC), id="le, a month"),
        pytest.param("lt2024", None, datetime(2023, 12, 31, 23, 0, tzinfo=UTC), id="lt, a year"),
        pytest.param(
            "2024-05-06",
            datetime(2024, 5, 5, 22, 0, tzinfo=UTC),
            datetime(2024, 5, 6, 22, 0, tzinfo=UTC),
            id="a day, French legal time",
        ),
        pytest.param("ge2022-11-06T15:00", datetime(2022, 11, 6, 14, 0, tzinfo=UTC), None, id="minutes"),
        pytest.param(
            "ge2024-05-06T07:00:00 02:00", datetime(2024, 5, 6, 5, 0, tzinfo=UTC), None, id="plus decoded as a space"
        ),
    ],
)
def test_a_date_is_a_span_of_its_precision(value: str, since: datetime | None, before: datetime | None) -> None:
    stated = PARAMETERS["Location"]["_lastUpdated"].read(value, "_lastUpdated")

    assert (stated.get("modifie_depuis"), stated.get("modifie_avant")) == (since, before)


def test_of_two_lower_bounds_the_later_one_holds() -> None:
    recherche = asked(("_lastUpdated", "ge2024-01-01T00:00:00Z"), ("_lastUpdated", "ge2024-02-01T00:00:00Z")).recherche

    assert recherche.modifie_depuis == datetime(2024, 2, 1, tzinfo=UTC)


def test_every_criterion_of_the_search_is_judged_hence_every_parameter_served() -> None:
    assert set(Recherche.__struct_fields__) - {"objet"} == JUDGED
    assert all(parameter.served for parameters in PARAMETERS.values() for parameter in parameters.values())


def test_a_parameter_that_states_what_nobody_judges_is_not_served() -> None:
    parameter = Parameter("token", lambda value, _: {"autre": value}, "autre", criterion="autre")

    assert not parameter.served


def test_an_age_is_asked_by_both_bounds() -> None:
    request = asked(("age-range-low", "le35|https://unitsofmeasure.org|a"), ("age-range-high", "ge35"))

    assert request.recherche.age == Decimal(35)


@pytest.mark.parametrize(
    ("resource_type", "value", "cles"),
    [
        pytest.param("Organization", "750000001", ("1750000001", "2750000001"), id="organisation"),
        pytest.param("Organization", "https://oi.esante.gouv.fr|84/OI-1", ("84/OI-1",), id="internal organisation"),
        pytest.param("Practitioner", "10001234567", ("810001234567",), id="RPPS"),
        pytest.param("Practitioner", "urn:oid:1.2.250.1.71.4.2.1|810001234567", ("810001234567",), id="idNat_PS"),
        pytest.param("Location", "52/192675", ("52/192675",), id="place"),
    ],
)
def test_other_types_are_found_by_identifier(resource_type: str, value: str, cles: tuple[str, ...]) -> None:
    request = asked(("identifier", value), resource_type=resource_type)

    assert request.recherche.cles == cles
    assert request.recherche.objet is not TypeObjet.OFFRE


def test_a_role_is_found_by_id() -> None:
    request = asked(("_id", "810000000001.84.UE-0001"), resource_type="PractitionerRole")

    assert request.recherche == Recherche(objet=TypeObjet.SITUATION, cles=("810000000001/84/UE-0001",))


@pytest.mark.parametrize(
    ("parameters", "code", "named"),
    [
        pytest.param([("specialty", "1"), ("specialty", "2")], "not-supported", "specialty", id="and of one criterion"),
        pytest.param(
            [("location.commune-cog", "01053"), ("location.address-postalcode", "13")],
            "not-supported",
            "location.address-postalcode",
            id="two territories",
        ),
        pytest.param([("specialty:not", "1")], "modifier-unsupported", "specialty:not", id="not"),
        pytest.param([("name:exact", "x")], "modifier-unsupported", "name:exact", id="exact"),
        pytest.param(
            [("organization.identifier", "1290004324")], "modifier-unsupported", "organization.identifier", id="chain"
        ),
        pytest.param([("specialty", token("R266", "01"))], "not-supported", "specialty", id="family of activities"),
        pytest.param([("specialty", "https://x|")], "not-supported", "specialty", id="system alone"),
        pytest.param([("characteristic", "28")], "system-required", "characteristic", id="no system"),
        pytest.param(
            [("characteristic", f"{token('R213', '28')},{token('R210', '1')}")],
            "not-supported",
            "characteristic",
            id="either of two notions",
        ),
        pytest.param([("age-range-low", "le35")], "not-supported", "age-range-low", id="one bound"),
        pytest.param(
            [("age-range-low", "le35"), ("age-range-high", "ge36")], "not-supported", "age-range-high", id="two ages"
        ),
        pytest.param([("age-range-low", "ge35")], "prefix-unsupported", "age-range-low", id="other side"),
        pytest.param([("age-range-low", "leX")], "value-invalid", "age-range-low", id="no number"),
        pytest.param([("age-range-low", "le1E999999")], "value-invalid", "age-range-low", id="number without end"),
        pytest.param(
            [("age-range-low", "le5|http://unitsofmeasure.org|mo")], "not-supported", "age-range-low", id="mo"
        ),
        pytest.param([("_lastUpdated", "ne2024")], "prefix-unsupported", "_lastUpdated", id="ne"),
        pytest.param([("_lastUpdated", "ge2024-13-01")], "value-invalid", "_lastUpdated", id="month 13"),
        pytest.param([("_lastUpdated", "hier")], "value-invalid", "_lastUpdated", id="no date"),
        pytest.param([("_lastUpdated", "eq9999-12-31")], "value-invalid", "_lastUpdated", id="end of time"),
        pytest.param([("_count", "-1")], "count-invalid", "_count", id="negative count"),
        pytest.param([("_count", "ten")], "count-invalid", "_count", id="count in words"),
        pytest.param([("_count", "²")], "count-invalid", "_count", id="count in exponent"),
        pytest.param([("_count", "1"), ("_count", "2")], "repeated", "_count", id="two counts"),
        pytest.param(
            [("location.near-insee-code", "44162|1001|km")], "value-invalid", "location.near-insee-code", id="far"
        ),
        pytest.param(
            [("location.near-insee-code", "44162|1|mi")], "value-invalid", "location.near-insee-code", id="miles"
        ),
        pytest.param(
            [("location.address-postalcode", "Lyon")], "value-invalid", "location.address-postalcode", id="town"
        ),
        pytest.param([("identifier", ",")], "value-empty", "identifier", id="only a comma"),
    ],
)
def test_what_would_be_answered_wrongly_is_refused(parameters: list[tuple[str, str]], code: str, named: str) -> None:
    with pytest.raises(SearchRefused) as refused:
        read_search("HealthcareService", parameters, strict=False)

    assert (refused.value.code, refused.value.parameter) == (code, named)


def test_the_identifier_of_the_bed_feed_is_refused() -> None:
    with pytest.raises(SearchRefused, match="not-supported"):
        read_search("Location", [("identifier", "1350054680/SSR38888")], strict=False)


def test_a_type_that_is_not_served_is_refused() -> None:
    with pytest.raises(SearchRefused) as refused:
        read_search("Patient", [], strict=False)

    assert refused.value.code == "unknown-type"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("_sort", "name", "unknown-parameter"),
        ("_filter", "(specialty eq 1)", "unknown-parameter"),
        ("_elements", "identifier", "unknown-parameter"),
        ("_summary", "count", "unknown-parameter"),
        ("_has:PractitionerRole:service:practitioner.identifier", "1", "unknown-parameter"),
        ("specialty", " ", "value-empty"),
    ],
)
def test_an_unknown_parameter_is_left_out_and_said_or_refused_when_strict(name: str, value: str, reason: str) -> None:
    request = asked((name, value), ("_tag", "84"))

    assert request.ignored == (Ignored(name, reason),)
    assert request.applied == (("_tag", "84"),)
    with pytest.raises(SearchRefused, match=reason):
        read_search("HealthcareService", [(name, value)], strict=True)


def test_two_identities_of_one_object_are_a_conjunction() -> None:
    both = asked(("_id", "84.A,84.B"), ("_id", "84.B,84.C"))
    none = asked(("_id", "84.A"), ("_id", "84.B"))

    assert both.recherche.cles == ("84/B",)
    assert none.recherche.cles
    assert set(none.recherche.cles).isdisjoint({"84/A", "84/B"})


@pytest.mark.parametrize(("written", "count"), [("0", 0), ("50", 50), ("200", 200), ("201", PAGE), ("9" * 99, PAGE)])
def test_a_page_holds_two_hundred_at_most(written: str, count: int) -> None:
    request = asked(("_count", written))

    assert request.count == count
    assert request.applied == (("_count", str(count)),)


def test_a_page_is_of_two_hundred_unless_said() -> None:
    assert asked().count == 200
    assert asked().applied == ()


def test_the_cursor_is_kept_apart_from_the_search() -> None:
    request = asked(("_tag", "84"), ("_cursor", "opaque"))

    assert request.cursor == "opaque"
    assert request.recherche == Recherche(regions=("84",))


def test_the_spelling_mistakes_of_the_documentation_are_read() -> None:
    request = asked(
        ("__include", "Healthcareservice:location"),
        ("_revincluded", "PractitionerRole:service"),
        ("_include:iterate", "Organization:partof"),
    )

    assert [directive.value for directive in request.directives] == [
        "HealthcareService:location",
        "Organization:partof",
        "PractitionerRole:service",
    ]
    assert [name for name, _ in request.applied] == ["_include", "_revinclude", "_include:iterate"]


def test_an_unknown_link_is_left_out_and_said() -> None:
    request = asked(("_revinclude", "Task:focus"))

    assert request.ignored == (Ignored("_revinclude=Task:focus", "unknown-include"),)
    with pytest.raises(SearchRefused, match="unknown-include"):
        read_search("HealthcareService", [("_revinclude", "Task:focus")], strict=True)
