"""Places, addresses, capacity, equipment: contract section 7.3 and 7.4, FHIR digest sections 7.2 and 8."""

from datetime import datetime
from decimal import Decimal

import msgspec

from mappings.exposition.contact import Telecommunication
from mappings.exposition.values import Ajout, Code, Identifiant, Mesure, Metadonnee


class LigneAdresse(msgspec.Struct, frozen=True, gc=False):
    """One `addressLine`: its parts, and in `autres` the parts the model has no name for (`room`, `lineOne`…)."""

    point_remise: str | None = None
    numero_voie: str | None = None
    extension_voie: str | None = None
    complement_point_geographique: str | None = None
    type_voie: str | None = None
    libelle_voie: str | None = None
    mention_distribution: str | None = None
    lieu_dit: str | None = None
    code_postal: str | None = None
    localite: str | None = None
    pays: str | None = None
    texte: str | None = None
    autres: tuple[tuple[str, str], ...] = ()


class Adresse(msgspec.Struct, frozen=True, gc=False):
    """A postal address; the contract gives one line that carries the parts, and allows more."""

    lignes: tuple[LigneAdresse, ...] = ()
    type: str | None = None
    langue: str | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class CoordonneeGeographique(msgspec.Struct, frozen=True, gc=False):
    """A position in decimal degrees; `systeme` is WGS84 unless the source says otherwise."""

    latitude: Decimal
    longitude: Decimal
    altitude: Decimal | None = None
    systeme: str | None = None
    fiable: bool | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class DivisionTerritoriale(msgspec.Struct, frozen=True, gc=False):
    """A territory: `type_division` of R201 (1 region, 2 department, 3 commune, 4 health territory), and its code."""

    type_division: Code
    division: Code
    metadonnee: Metadonnee | None = None


class Lieu(msgspec.Struct, frozen=True, gc=False):
    """A place (`location`): of an EJ or EG, or under a `LieuRealisationOffre`."""

    identifiant: str | None = None
    nom: str | None = None
    description: str | None = None
    type_physique: str | None = None
    statut: Code | None = None
    adresse: Adresse | None = None
    coordonnee: CoordonneeGeographique | None = None
    fonction_lieu: Code | None = None
    commune_cog: Code | None = None
    telecommunications: tuple[Telecommunication, ...] = ()
    distance_calculee: Decimal | None = None
    commentaire: str | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class LimiteCaracteristique(msgspec.Struct, frozen=True, gc=False):
    """A limit of an equipment: which feature (R340), and its value with unit."""

    type_caracteristique: Code
    valeur_limite: Mesure


class EquipementSpecifique(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """An equipment (`device`), carried by what uses it; `cle` tells two uses of one device from two devices."""

    type_equipement: Code
    nb_en_service: int | None = None
    limites: tuple[LimiteCaracteristique, ...] = ()
    identifiants: tuple[Identifiant, ...] = ()
    cle: str | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class CapaciteHabitation(msgspec.Struct, frozen=True, gc=False):
    """Dwellings of one type (R242)."""

    type_habitation: Code
    nb_habitation: int | None = None
    metadonnee: Metadonnee | None = None


class CapaciteAccueilOperationnelle(msgspec.Struct, frozen=True, gc=False):
    """One capacity line of 3.0 and FHIR: so many beds or places (nature, R329) in one status (R330) at one horizon."""

    nature_capacite: Code
    statut_capacite: Code
    temporalite_capacite: Code
    nombre_capacite: int
    type_source_capacite: Code | None = None
    date_maj_capacite: datetime | None = None
    genre_capacite_dispo: Code | None = None
    type_fermeture_capacite: Code | None = None
    type_lits_supplementaire: Code | None = None
    type_crise: Code | None = None
    commentaire: str | None = None
    metadonnee: Metadonnee | None = None


class CapacitePriseCharge(msgspec.Struct, frozen=True, gc=False):
    """The capacity lines of one temporary assignment (R337)."""

    affectation_temporaire: Code | None = None
    capacites: tuple[CapaciteAccueilOperationnelle, ...] = ()
    metadonnee: Metadonnee | None = None


class Comptage(msgspec.Struct, frozen=True, gc=False):
    """Beds, or places, of a unit up to 2.4: `total`, `disponible`, and the date of the availability figure."""

    total: int | None = None
    disponible: int | None = None
    date_maj: datetime | None = None


class CapaciteAccueil(msgspec.Struct, frozen=True, gc=False):
    """Capacity of a unit up to 2.4 (`accommodationCapacity`)."""

    lits: Comptage | None = None
    places: Comptage | None = None
    metadonnee: Metadonnee | None = None


class CapaciteAccueilCrise(msgspec.Struct, frozen=True, gc=False):
    """Crisis capacity of a unit in 2.4: beds at once and within 60 minutes."""

    capacite_t0: int
    capacite_t60: int
    metadonnee: Metadonnee | None = None


class LieuRealisationOffre(msgspec.Struct, frozen=True, gc=False):
    """A place where an offer is carried out, with its equipment and capacity (FHIR Location).

    `cle` is its identity: the functional identifier when the source gives one, else derived from the offer's.
    """

    cle: str
    lieu: Lieu
    id_externe_synchro: str | None = None
    nom_externe_synchro: str | None = None
    equipements: tuple[EquipementSpecifique, ...] = ()
    capacites_habitation: tuple[CapaciteHabitation, ...] = ()
    capacites_prise_charge: tuple[CapacitePriseCharge, ...] = ()
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()
