"""A repertoire counts and lists every object; it survives its JSON form unchanged."""

import msgspec

from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code

REPERTOIRE = Repertoire(
    entites_juridiques=(EntiteJuridique(cle="1010000000"),),
    entites_geographiques=(EntiteGeographique(cle="1010005379", entite_juridique="1010000000"),),
    offres=(OffreOperationnelle(cle="84/UE-1", mode_prise_en_charge=Code("R213", "28")),),
)


def test_owners_come_before_what_hangs_below() -> None:
    assert [objet.cle for objet in REPERTOIRE.objets()] == ["1010000000", "1010005379", "84/UE-1"]
    assert len(REPERTOIRE) == 3


def test_json_carries_it_whole() -> None:
    assert msgspec.json.decode(msgspec.json.encode(REPERTOIRE), type=Repertoire) == REPERTOIRE
