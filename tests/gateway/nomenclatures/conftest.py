"""Documents that hold codes of every sort, and the catalogue of the package after each test."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mappings.csd.answers import write_document
from mappings.csd.version import Version
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger
from mappings.nomenclatures.catalogue import install

EJ = EntiteJuridique("1690000001", raison_sociale="Hospices")
EG = EntiteGeographique("1690000011", EJ.cle, denomination="Lyon")
GENETICS = OffreOperationnelle(
    "84/UE-0001",
    nom="Génétique",
    entite_geographique=EG.cle,
    organisation=EG.cle,
    champs_activite=(Code("R227", "01"),),
    mode_prise_en_charge=Code("R213", "28"),
    activites=(ActiviteOperationnelle(Code("R211", "048"), cle="84/A-1"),),
)
SKIN = OffreOperationnelle(
    "84/UE-0002",
    nom="Dermatologie",
    entite_geographique=EG.cle,
    organisation=EG.cle,
    champs_activite=(Code("R227", "01"),),
    mode_prise_en_charge=Code("R213", "28"),
    activites=(ActiviteOperationnelle(Code("R211", "037"), cle="84/A-2"),),
)
REPERTOIRE = Repertoire((EJ,), (EG,), (), (GENETICS, SKIN), ())


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    install()


@pytest.fixture
def csd(tmp_path: Path) -> Path:
    path = tmp_path / "offres.xml"
    path.write_bytes(write_document(REPERTOIRE, version=Version.V3_0, ledger=Ledger()))
    return path


def coding(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"https://mos.esante.gouv.fr/NOS/{system}", "code": code}]}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    service = {
        "resourceType": "HealthcareService",
        "id": "84.UE-0001",
        "identifier": [{"value": "84/UE-0001"}],
        "type": [coding("TRE_R227-ChampActivite", "01")],
        "specialty": [
            coding("TRE_R211-ActiviteOperationnelle", "048"),
            coding("TRE_R211-ActiviteOperationnelle", "999"),
        ],
        "characteristic": [coding("TRE_R213-ModePriseEnCharge", "28")],
        "extension": [{"url": "https://exemple.fr/ror-local", "valueCoding": {"system": "urn:region:84", "code": "X"}}],
    }
    path = tmp_path / "bundle.json"
    entries = [{"resource": service}]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), encoding="utf-8")
    return path
