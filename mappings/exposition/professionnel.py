"""Professionnel, exercice, savoir-faire, situation opérationnelle: contract section 7.5, FHIR digest 7.4 and 7.5."""

from datetime import date

import msgspec

from mappings.exposition.contact import BoiteLettreMSS, Horaire, Telecommunication
from mappings.exposition.values import Ajout, Code, Identifiant, Metadonnee


class SavoirFaire(msgspec.Struct, frozen=True, gc=False):
    """A know-how: its type (R04), and one value among specialities, competences… told apart by their systems."""

    type_savoir_faire: Code
    valeurs: tuple[Code, ...] = ()
    numero: str | None = None
    autorite: str | None = None
    date_delivrance: date | None = None
    date_renouvellement: date | None = None
    metadonnee: Metadonnee | None = None


class NomExercice(msgspec.Struct, frozen=True, gc=False):
    """The name used in practice."""

    nom: str
    prenom: str | None = None
    civilite_exercice: Code | None = None
    civilite: Code | None = None


class SituationOperationnelle(msgspec.Struct, frozen=True, gc=False):
    """How a professional works in an offer (FHIR PractitionerRole).

    `offres` and `entites_geographiques` are the keys of where, when the source ties the situation to them.
    """

    mode_exercice: Code | None = None
    telecommunications: tuple[Telecommunication, ...] = ()
    competences_specifiques: tuple[Code, ...] = ()
    precisions_horaires: tuple[Horaire, ...] = ()
    secteur_conventionnement: Code | None = None
    option_contrat_acces_aux_soins: bool | None = None
    carte_vitale_acceptee: bool | None = None
    visite_domicile: bool | None = None
    identifiant: str | None = None
    offres: tuple[str, ...] = ()
    entites_geographiques: tuple[str, ...] = ()
    metadonnee: Metadonnee | None = None


class Professionnel(msgspec.Struct, frozen=True, gc=False):
    """A professional in the units where the source says he or she works; `cle` is idNat_PS.

    `offres` and `entites_geographiques` are keys.
    """

    cle: str
    identifiants: tuple[Identifiant, ...] = ()
    professions: tuple[Code, ...] = ()
    noms_exercice: tuple[NomExercice, ...] = ()
    langues: tuple[Code, ...] = ()
    savoir_faire: tuple[SavoirFaire, ...] = ()
    situations: tuple[SituationOperationnelle, ...] = ()
    boites_lettres_mss: tuple[BoiteLettreMSS, ...] = ()
    offres: tuple[str, ...] = ()
    entites_geographiques: tuple[str, ...] = ()
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()
