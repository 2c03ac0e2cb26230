"""A small establishment that obeys every rule, and what changes one thing of it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from mappings.exposition.contact import Contact, Telecommunication
from mappings.exposition.lieu import DivisionTerritoriale
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne, Tarif
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Identifiant, Metadonnee

IDNAT, FINESS = "1.2.250.1.71.4.2.2", "1.2.250.1.213.3.2"
MCO, SSR, PSY = Code("R227", "01"), Code("R227", "02"), Code("R227", "03")


def level(code: str) -> Code:
    return Code("R283", code)


def telecom(code: str = "2") -> Telecommunication:
    return Telecommunication(Code("R200", "2"), "0102030405", niveau_confidentialite=level(code))


DESK = Contact(nature_contact=Code("R287", "01"), niveau_confidentialite=level("2"), telecommunications=(telecom(),))
PERSON = Contact(nom="Martin", fonction_contact=Code("R251", "01"), niveau_confidentialite=level("3"))

EJ = EntiteJuridique("1690000001", (Identifiant(IDNAT, "1690000001"),), raison_sociale="Hospices", contacts=(DESK,))
EG = EntiteGeographique(
    "1690000011",
    EJ.cle,
    (Identifiant(IDNAT, "1690000011"), Identifiant(FINESS, "690000011")),
    denomination="Lyon",
    contacts=(DESK, PERSON),
    territoires_sante=(DivisionTerritoriale(Code("R201", "4"), Code("R88", "69")),),
    tarifs=(
        Tarif(Code("R246", "05"), None, 1, variante="surchargePriceResidential", type_habitation=Code("R242", "02")),  # type: ignore[arg-type]
        Tarif(Code("R246", "01"), None, 1, variante="basePackageAccomodation", type_habitation=Code("R242", "01")),  # type: ignore[arg-type]
    ),
)
POLE = OrganisationInterne(
    "84/POLE", Code("R207", "1"), nom="Pôle", entite_geographique=EG.cle, champs_activite=(MCO, SSR), contacts=(DESK,)
)
SERVICE = OrganisationInterne(
    "84/SERVICE",
    Code("R207", "2"),
    nom="Service",
    parent=POLE.cle,
    entite_geographique=EG.cle,
    champs_activite=(SSR,),
)
WARD = OffreOperationnelle(
    "84/UE-1",
    nom="Cardiologie",
    organisation=POLE.cle,
    entite_geographique=EG.cle,
    champs_activite=(MCO,),
    activites=(ActiviteOperationnelle(Code("R211", "037")),),
    mode_prise_en_charge=Code("R213", "28"),
    contacts=(DESK, PERSON),
    unite_sensible=False,
    metadonnee=Metadonnee(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
)
SECRET = OffreOperationnelle(
    "84/UE-2",
    nom="Addictologie",
    organisation=SERVICE.cle,
    entite_geographique=EG.cle,
    champs_activite=(SSR,),
    activites=(ActiviteOperationnelle(Code("R211", "481")),),
    mode_prise_en_charge=Code("R213", "29"),
    contacts=(PERSON,),
    unite_sensible=True,
)
NURSE = Professionnel("810000000001", offres=(WARD.cle, SECRET.cle), entites_geographiques=(EG.cle,))
HOUSE = Repertoire((EJ,), (EG,), (POLE, SERVICE), (WARD, SECRET), (NURSE,))


def changed(key: str, **changes: Any) -> Repertoire:
    """The house, one object of it changed."""
    fields = {
        name: tuple(msgspec.structs.replace(one, **changes) if one.cle == key else one for one in getattr(HOUSE, name))
        for name in Repertoire.__struct_fields__
    }
    return Repertoire(**fields)


class House:
    """The values above, for the tests."""

    ej, eg, pole, service, ward, secret, nurse, whole = EJ, EG, POLE, SERVICE, WARD, SECRET, NURSE, HOUSE
    desk, person = DESK, PERSON
    mco, ssr, psy = MCO, SSR, PSY
    changed = staticmethod(changed)
    level = staticmethod(level)
    telecom = staticmethod(telecom)


@pytest.fixture
def house() -> type[House]:
    return House
