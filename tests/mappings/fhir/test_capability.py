import json
from datetime import UTC, datetime

from fhirclient.models.capabilitystatement import CapabilityStatement

from mappings.fhir.capability import capability_statement
from mappings.fhir.encoding import encode
from mappings.fhir.search import read_search

STATEMENT = capability_statement(
    base="https://passerelle.exemple.fr/ws-diffusion-fhir",
    software_version="0.1.0",
    published=datetime(2026, 1, 1, tzinfo=UTC),
)
SAMPLES = {
    "_lastUpdated": "ge2024",
    "characteristic": "https://mos.esante.gouv.fr/NOS/TRE_R213-ModePriseEnCharge/FHIR/TRE-R213-ModePriseEnCharge|28",
    "location.near-insee-code": "44162|15|km",
    "location.address-postalcode": "44",
    "identifier": "84/1",
}


def test_the_statement_is_valid_r4() -> None:
    read = CapabilityStatement(json.loads(encode(STATEMENT)), strict=True)

    assert read.fhirVersion == "4.0.1"
    assert read.kind == "instance"
    assert [resource.type for resource in read.rest[0].resource] == [
        "HealthcareService",
        "Location",
        "Organization",
        "Practitioner",
        "PractitionerRole",
    ]


def test_everything_announced_is_served() -> None:
    for resource in STATEMENT["rest"][0]["resource"]:
        assert [interaction["code"] for interaction in resource["interaction"]] == ["read", "search-type"]
        for parameter in resource["searchParam"]:
            name = parameter["name"]
            # An age takes both its bounds; the start of a name waits for someone to judge it.
            if name.startswith("age-range") or name == "name":
                continue
            assert read_search(resource["type"], [(name, SAMPLES.get(name, "84"))], strict=True).applied
        for name, key in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude")):
            for link in resource.get(key, []):
                assert read_search(resource["type"], [(name, link)], strict=True).directives
