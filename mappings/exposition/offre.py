"""Offre opérationnelle (the elementary unit): contract section 7.2, FHIR digest section 7.1."""

from datetime import date

import msgspec

from mappings.exposition.contact import BoiteLettreMSS, Contact, Horaire, Telecommunication
from mappings.exposition.lieu import (
    CapaciteAccueil,
    CapaciteAccueilCrise,
    CapaciteHabitation,
    DivisionTerritoriale,
    EquipementSpecifique,
    Lieu,
    LieuRealisationOffre,
)
from mappings.exposition.organisation import Patientele
from mappings.exposition.values import Ajout, Code, Identifiant, Metadonnee


class ActiviteOperationnelle(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """An operational activity of an offer (`service`) with its families (R265, R266)."""

    activite: Code
    familles: tuple[Code, ...] = ()
    cle: str | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class CompetenceRessource(msgspec.Struct, frozen=True, gc=False):
    """`resourcesSkills`, up to 2.4: what 3.0 splits into professions and competences, and the specialities it drops."""

    professions: tuple[Code, ...] = ()
    specialites_ordinales: tuple[Code, ...] = ()
    competences_specifiques: tuple[Code, ...] = ()
    metadonnee: Metadonnee | None = None


class OffreOperationnelle(msgspec.Struct, frozen=True, gc=False):
    """An elementary unit and the offer it carries (FHIR HealthcareService).

    `cle` is identifiantOI (`84/UE-0001`), `organisation` the key of the internal organisation or EG just above,
    `entite_geographique` that of the EG. `unite_sensible` is None where the version has no such element.
    The last block holds what versions up to 2.4 say of the unit and 3.0 says of its places.
    """

    cle: str
    identifiants: tuple[Identifiant, ...] = ()
    nom: str = ""
    complements_nom: tuple[str, ...] = ()
    organisation: str | None = None
    entite_geographique: str | None = None
    type_offre: Code | None = None
    champs_activite: tuple[Code, ...] = ()
    activites: tuple[ActiviteOperationnelle, ...] = ()
    mode_prise_en_charge: Code | None = None
    modalites_accueil: tuple[Code, ...] = ()
    patientele: Patientele | None = None
    temporalite_accueil: Code | None = None
    specialisations_prise_en_charge: tuple[Code, ...] = ()
    modes_gestion: tuple[Code, ...] = ()
    ouverture_annuelle: Code | None = None
    secteurs_psychiatriques: tuple[str, ...] = ()
    professions_ressource: tuple[Code, ...] = ()
    competences_specifiques: tuple[Code, ...] = ()
    niveaux_expertise: tuple[Code, ...] = ()
    actes_specifiques: tuple[Code, ...] = ()
    actes_realises_hors_cabinet: tuple[Code, ...] = ()
    zones_intervention: tuple[DivisionTerritoriale, ...] = ()
    horaires: tuple[Horaire, ...] = ()
    contacts: tuple[Contact, ...] = ()
    telecommunications: tuple[Telecommunication, ...] = ()
    boites_lettres_mss: tuple[BoiteLettreMSS, ...] = ()
    unite_sensible: bool | None = None
    habilitation_soins_sans_consentement: bool | None = None
    date_ouverture: date | None = None
    date_fermeture: date | None = None
    date_previsionnelle_reouverture: date | None = None
    type_fermeture: Code | None = None
    lieux: tuple[LieuRealisationOffre, ...] = ()
    # versions up to 2.4
    lieu_unite: Lieu | None = None
    capacite_accueil: CapaciteAccueil | None = None
    capacite_accueil_crise: CapaciteAccueilCrise | None = None
    capacites_habitation_unite: tuple[CapaciteHabitation, ...] = ()
    competence_ressource: CompetenceRessource | None = None
    equipements_unite: tuple[EquipementSpecifique, ...] = ()
    accueil_sequentiel_accepte: bool | None = None
    type_maternite: Code | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()
