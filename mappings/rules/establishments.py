"""EJ and EG: what RG_ALIM_014, RG_EXP_029 and RG_EXP_030 forbid is told; nothing says what the source meant instead."""

from mappings.csd.identifiers import FINESS, IDNAT_STRUCT, TYPES_OF_STRUCT, is_local, is_structure
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique
from mappings.exposition.values import Identifiant
from mappings.loss import Ledger
from mappings.rules.notes import found

SINGLE_ROOM = "02"
HEALTH_TERRITORY = "4"
SURCHARGE = "surchargePriceResidential"

_NATIONAL = frozenset({IDNAT_STRUCT, TYPES_OF_STRUCT})
_OF_FINESS = "1"


def judge_structure(entite: EntiteJuridique | EntiteGeographique, ledger: Ledger) -> None:
    """RG_ALIM_014: idNat_Struct is there, well formed, and the FINESS number of a structure that has one."""
    if is_local(entite.cle) or not _built(entite.identifiants):
        found(ledger, "RG_ALIM_014", entite.cle, "identifiants", "identifier")


def _built(identifiants: tuple[Identifiant, ...]) -> bool:
    national = [one.valeur for one in identifiants if one.systeme in _NATIONAL]
    if not all(map(is_structure, national)):
        return False
    registered = any(one.systeme == FINESS for one in identifiants)
    return not (registered and any(len(value) > 9 and value[0] != _OF_FINESS for value in national))


def judge_site(site: EntiteGeographique, ledger: Ledger) -> None:
    """RG_EXP_029: an accommodation surcharge is for the single room. RG_EXP_030: a health territory is of type 4."""
    for tarif in site.tarifs:
        if tarif.variante == SURCHARGE and tarif.type_habitation and tarif.type_habitation.code != SINGLE_ROOM:
            found(ledger, "RG_EXP_029", site.cle, "tarifs.type_habitation")
    for territoire in site.territoires_sante:
        if territoire.type_division.code != HEALTH_TERRITORY:
            found(ledger, "RG_EXP_030", site.cle, "territoires_sante.type_division")
