"""Entité juridique, entité géographique, organisation interne: contract section 7.1, FHIR digest section 7.3.

`cle` is the national identity of the object, normalised (contract section 12): idNat_Struct with its type digit for an
EJ or an EG, identifiantOI for an internal organisation. References between objects are keys, never entityIDs.
"""

from datetime import date
from decimal import Decimal

import msgspec

from mappings.exposition.contact import BoiteLettreMSS, Contact, Telecommunication
from mappings.exposition.lieu import Adresse, DivisionTerritoriale, Lieu
from mappings.exposition.values import Ajout, Code, Identifiant, Mesure, Metadonnee


class Tarif(msgspec.Struct, frozen=True, gc=False):
    """A price of an EG. `variante` names the shape that carries the details (`basePackageAccomodation`…)."""

    type_tarif: Code
    unite_prix: Code | None
    montant: Decimal
    devise: Code | None = None
    date_debut_validite: date | None = None
    variante: str | None = None
    moins_60_ans: bool | None = None
    prestations_incluses: tuple[Code, ...] = ()
    autres_prestations_incluses: tuple[str, ...] = ()
    type_habitation: Code | None = None
    condition_tarifaire: Code | None = None
    temporalite_accueil: Code | None = None
    groupe_tarifaire_dependance: Code | None = None
    nom_portage_repas: str | None = None
    nom_aide_humaine: str | None = None
    mode_gestion: Code | None = None
    nom_autre_prestation: str | None = None
    nom_prestation: Code | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class EntiteJuridique(msgspec.Struct, frozen=True, gc=False):
    """A legal entity."""

    cle: str
    identifiants: tuple[Identifiant, ...] = ()
    statut_juridique: Code | None = None
    sous_ensemble_agregat_statut_juridique: Code | None = None
    autres_types: tuple[Code, ...] = ()
    raison_sociale: str = ""
    complements_nom: tuple[str, ...] = ()
    adresse: Adresse | None = None
    lieu: Lieu | None = None
    contacts: tuple[Contact, ...] = ()
    telecommunications: tuple[Telecommunication, ...] = ()
    date_creation: date | None = None
    date_fermeture: date | None = None
    type_fermeture: Code | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class EntiteGeographique(msgspec.Struct, frozen=True, gc=False):
    """A geographic site, the "establishment" of the requests; `entite_juridique` is the key of its EJ."""

    cle: str
    entite_juridique: str | None = None
    identifiants: tuple[Identifiant, ...] = ()
    categorie: Code | None = None
    modalite_participation_sph: Code | None = None
    autres_types: tuple[Code, ...] = ()
    denomination: str = ""
    complements_nom: tuple[str, ...] = ()
    nom_operationnel: str | None = None
    adresse: Adresse | None = None
    lieu: Lieu | None = None
    contacts: tuple[Contact, ...] = ()
    telecommunications: tuple[Telecommunication, ...] = ()
    territoires_sante: tuple[DivisionTerritoriale, ...] = ()
    tarifs: tuple[Tarif, ...] = ()
    zone_poser: bool | None = None
    aides_financieres: tuple[Code, ...] = ()
    hebergement_famille: bool | None = None
    nb_place_aide_social_temporaire: int | None = None
    nb_place_aide_social_permanent: int | None = None
    date_ouverture: date | None = None
    date_fermeture: date | None = None
    type_fermeture: Code | None = None
    accessibilite_lieu: Code | None = None
    niveau_recours_orsan: Code | None = None
    habilitation_soins_sans_consentement: bool | None = None
    commentaire: str | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class Patientele(msgspec.Struct, frozen=True, gc=False):
    """Who is received: publics (R239) and the two ages, with their unit."""

    publics: tuple[Code, ...] = ()
    age_min: Mesure | None = None
    age_max: Mesure | None = None
    metadonnee: Metadonnee | None = None


class OrganisationInterne(msgspec.Struct, frozen=True, gc=False):
    """An internal organisation above the elementary unit: pole (1), service (2), functional unit (3) of R207.

    `parent` is the key of the organisation above, `entite_geographique` that of the EG. `champs_activite`,
    `modes_prise_en_charge`, `activites` and `patientele` are aggregates of the descendants that the contract carries.
    """

    cle: str
    type_oi: Code | None = None
    identifiants: tuple[Identifiant, ...] = ()
    nom: str = ""
    complements_nom: tuple[str, ...] = ()
    parent: str | None = None
    entite_geographique: str | None = None
    contacts: tuple[Contact, ...] = ()
    telecommunications: tuple[Telecommunication, ...] = ()
    boites_lettres_mss: tuple[BoiteLettreMSS, ...] = ()
    champs_activite: tuple[Code, ...] = ()
    mode_prise_en_charge: Code | None = None
    activites: tuple[Code, ...] = ()
    patientele: Patientele | None = None
    date_ouverture: date | None = None
    date_fermeture: date | None = None
    date_previsionnelle_reouverture: date | None = None
    type_fermeture: Code | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()
