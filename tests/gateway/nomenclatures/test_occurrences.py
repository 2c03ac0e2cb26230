"""Every code of a document, where it stands, and the name its binding has."""

import json
from pathlib import Path

import pytest

from gateway.nomenclatures.occurrences import in_json, in_model, in_xml
from mappings.csd.xml import parse
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.values import Code

CSD = """<CSD xmlns="urn:ihe:iti:csd:2013"><facilityDirectory><facility>{}</facility></facilityDirectory></CSD>"""


@pytest.mark.parametrize(
    ("fragment", "path", "element", "code"),
    [
        pytest.param(
            '<careMode codingScheme="1.2.250.1.213.3.3.13" code="28"/>',
            "facility.careMode",
            "careMode",
            "28",
            id="name",
        ),
        pytest.param(
            '<codedType codingScheme="1.2.250.1.213.3.3.8" code="4"/>',
            "facility.codedType",
            "facility/codedType",
            "4",
            id="name and parent",
        ),
        pytest.param(
            '<extension><zone><codedType codingScheme="1.2.250.1.213.2.25" code="84"/></zone></extension>',
            "facility.extension.zone.codedType",
            "division/codedType",
            "84",
            id="told by the nomenclature",
        ),
        pytest.param(
            '<regional codingScheme="urn:region:84" code="X"/>', "facility.regional", None, "X", id="no binding"
        ),
    ],
)
def test_a_code_of_a_csd_document(fragment: str, path: str, element: str | None, code: str) -> None:
    (found,) = in_xml(parse(CSD.format(fragment).encode()))

    assert (found.path, found.element, found.code.code) == (path, element, code)


@pytest.mark.parametrize("code", ["", "null", " "])
def test_no_code_is_no_occurrence(code: str) -> None:
    document = CSD.format(f'<careMode codingScheme="1.2.250.1.213.3.3.13" code="{code}"/>')

    assert list(in_xml(parse(document.encode()))) == []


def test_the_codes_of_a_fhir_bundle(bundle: Path) -> None:
    found = {(one.path, one.element, one.code.cle) for one in in_json(json.loads(bundle.read_text()))}

    assert found == {
        ("HealthcareService.type.coding", "HealthcareService.type", ("R227", "01")),
        ("HealthcareService.specialty.coding", "HealthcareService.specialty:operationalActivity", ("R211", "048")),
        ("HealthcareService.specialty.coding", "HealthcareService.specialty:operationalActivity", ("R211", "999")),
        ("HealthcareService.characteristic.coding", "HealthcareService.characteristic:careMode", ("R213", "28")),
        ("HealthcareService.extension(ror-local).valueCoding", None, ("urn:region:84", "X")),
    }


def test_fhir_in_xml() -> None:
    document = (
        b'<Bundle xmlns="http://hl7.org/fhir"><entry><resource><HealthcareService><type><coding>'
        b'<system value="https://mos.esante.gouv.fr/NOS/TRE_R227-ChampActivite"/><code value="02"/>'
        b"</coding></type></HealthcareService></resource></entry></Bundle>"
    )

    (found,) = in_xml(parse(document))

    assert (found.path, found.element, found.code.cle) == (
        "HealthcareService.type.coding",
        "HealthcareService.type",
        ("R227", "02"),
    )


def test_the_codes_of_the_model() -> None:
    offre = OffreOperationnelle(
        "84/UE-1", champs_activite=(Code("R227", "01"),), activites=(ActiviteOperationnelle(Code("R211", "037")),)
    )

    assert dict(in_model(offre)) == {"champs_activite": Code("R227", "01"), "activites.activite": Code("R211", "037")}
