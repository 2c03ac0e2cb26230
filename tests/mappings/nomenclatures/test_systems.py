"""Every spelling of a system leads to one nomenclature."""

import pytest

from mappings.nomenclatures.systems import oid, system_id, url


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("1.2.250.1.213.3.3.12", "R211", id="oid"),
        pytest.param("1.2.250.1.213.3.3.12 ", "R211", id="oid with a trailing blank"),
        pytest.param("urn:oid:1.2.250.1.213.3.3.12", "R211", id="oid as a urn"),
        pytest.param(
            "https://mos.esante.gouv.fr/NOS/TRE_R211-ActiviteOperationnelle/FHIR/TRE-R211-ActiviteOperationnelle",
            "R211",
            id="canonical url",
        ),
        pytest.param("https://mos.esante.gouv.fr/NOS/TRE_R66-CategorieEtablissement", "R66", id="url before 2023"),
        pytest.param(
            "https://mos.esante.gouv.fr/NOS/TRE_R345-TypeIdentifiantAutre/FHIR/TRE_R345-TypeIdentifiantAutre",
            "R345",
            id="underscore in the last part",
        ),
        pytest.param("https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune", "R13", id="renamed table"),
        pytest.param(
            "https://mos.esante.gouv.fr/NOS/JDV_J237-RegionOM-ROR.tabs/FHIR/JDV-J237-RegionOM-ROR", "J237", id=".tabs"
        ),
        pytest.param("2.16.840.1.113883.6.8", "R247", id="ucum, table not held"),
        pytest.param("1.2.3.4", "1.2.3.4", id="unknown oid kept"),
        pytest.param("urn:region:84:local", "urn:region:84:local", id="unknown uri kept"),
    ],
)
def test_an_address_names_its_nomenclature(address: str, expected: str) -> None:
    assert system_id(address) == expected


@pytest.mark.parametrize("system", ["R211", "R213", "G15", "R13", "R247", "R329"])
def test_both_addresses_of_a_system_come_back_to_it(system: str) -> None:
    assert system_id(oid(system)) == system
    assert system_id(url(system)) == system


def test_an_unknown_oid_becomes_a_urn_in_fhir() -> None:
    assert url("1.2.3.4") == "urn:oid:1.2.3.4"
    assert oid("1.2.3.4") == "1.2.3.4"
