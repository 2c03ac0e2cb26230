"""What callers ask and what comes back, whatever the protocol: contract sections 5, 6, 8 and 16, digest section 4."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code


class Transaction(StrEnum):
    """The canonical transactions: rights are granted, and exchanges counted, under these names."""

    RECHERCHE = "recherche"
    LECTURE_ETABLISSEMENT = "lecture_etablissement"
    LECTURE_ORGANISATION_INTERNE = "lecture_organisation_interne"
    NOTIFICATION = "notification"
    EXTRACTION = "extraction"
    CAPACITE = "capacite"
    ANOMALIE = "anomalie"


class ProfilAcces(StrEnum):
    """An access profile (contract section 11, digest section 2.2). Profiles are sets: they have no order."""

    P0 = "0"
    P1 = "1"
    P2 = "2"
    P3 = "3"
    P4 = "4"
    P5 = "5"

    __lt__ = __le__ = __gt__ = __ge__ = None  # type: ignore[assignment]


class ContexteAppelant(msgspec.Struct, frozen=True, gc=False):
    """What a caller says of itself: the VIHF of a SOAP call or the `Ror-*` headers of a FHIR one, the same facts."""

    profil_utilisateur: Code
    role_metier: Code
    structure: str | None = None
    identifiant_interne: str | None = None
    nom: str | None = None
    emetteur: str | None = None


class LectureEtablissement(msgspec.Struct, frozen=True, gc=False):
    """Read one EG; `identifiant` is its normalised key. Filters are unions (contract section 5)."""

    identifiant: str
    date_ref: datetime | None = None
    champs_activite: tuple[Code, ...] = ()
    publics: tuple[Code, ...] = ()
    restriction_oi: bool = False

    transaction = Transaction.LECTURE_ETABLISSEMENT


class LectureOrganisationInterne(msgspec.Struct, frozen=True, gc=False):
    """Read one internal organisation and its whole chain upwards."""

    identifiant: str

    transaction = Transaction.LECTURE_ORGANISATION_INTERNE


class DemandeNotification(msgspec.Struct, frozen=True, gc=False):
    """Which EG changed since `date_ref`."""

    date_ref: datetime
    champs_activite: tuple[Code, ...] = ()
    publics: tuple[Code, ...] = ()

    transaction = Transaction.NOTIFICATION


class TypeTerritoire(StrEnum):
    """The three divisions a search may name (contract section 16)."""

    REGION = "1"
    DEPARTEMENT = "2"
    COMMUNE = "3"


class Territoire(msgspec.Struct, frozen=True, gc=False):
    """Where: an INSEE code of its division, and for a commune a radius in km."""

    type: TypeTerritoire
    code: str
    rayon_km: Decimal | None = None


class TypeObjet(StrEnum):
    """What a search looks for; offers unless said otherwise."""

    OFFRE = "offre"
    ORGANISATION = "organisation"
    LIEU = "lieu"
    PROFESSIONNEL = "professionnel"
    SITUATION = "situation"


class Recherche(msgspec.Struct, frozen=True, gc=False):
    """Criteria on offers: several values of one criterion are a union, several criteria a conjunction.

    `regions` are source regions (`_tag`), `territoires` where the offer is carried out. `offres` and `organisations`
    are keys; an organisation matches the offers under it. `modifie_depuis` is inclusive. When `objet` is not an offer
    only `cles` (keys of such objects), `regions`, `modifie_depuis` and `modifie_avant` apply.

    The last block is what only the FHIR door asks. Whoever judges offers must apply each of these fields:
    `nom_commence` the start of a name, compared like `nom_contient`; `codes_postaux` prefixes of the postal code of a
    place of the offer (of its EG when it has none); `publics` those of its patients (R239); `zones_intervention`
    codes of its divisions; `caracteristiques` codes found in any of its characteristics (reception, management,
    specialisation, opening, professions, competences, expertise, type of closing); `modifie_avant` is exclusive.

    Only the search of 2016 asks `classes_age` (R208), classes that the ages received overlap, and `specialites` (R38),
    the ordinal specialities of the resources of a unit, which versions up to 2.4 alone can say.
    """

    objet: TypeObjet = TypeObjet.OFFRE
    cles: tuple[str, ...] = ()
    activites: tuple[Code, ...] = ()
    modes_prise_en_charge: tuple[Code, ...] = ()
    champs_activite: tuple[Code, ...] = ()
    types_offre: tuple[Code, ...] = ()
    actes_specifiques: tuple[Code, ...] = ()
    equipements: tuple[Code, ...] = ()
    territoires: tuple[Territoire, ...] = ()
    regions: tuple[str, ...] = ()
    offres: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    age: Decimal | None = None
    nom_contient: str | None = None
    modifie_depuis: datetime | None = None
    nom_commence: str | None = None
    codes_postaux: tuple[str, ...] = ()
    publics: tuple[Code, ...] = ()
    zones_intervention: tuple[Code, ...] = ()
    caracteristiques: tuple[Code, ...] = ()
    modifie_avant: datetime | None = None
    classes_age: tuple[Code, ...] = ()
    specialites: tuple[Code, ...] = ()

    transaction = Transaction.RECHERCHE


Demande = LectureEtablissement | LectureOrganisationInterne | DemandeNotification | Recherche


class EtablissementModifie(msgspec.Struct, frozen=True, gc=False):
    """One EG of a notification answer and the fields of activity concerned."""

    identifiant: str
    champs_activite: tuple[Code, ...] = ()
    publics: tuple[Code, ...] = ()
    restriction_oi: bool | None = None
    date_ref: datetime | None = None


class ReponseNotification(msgspec.Struct, frozen=True, gc=False):
    """The changed establishments; `nombre_annonce` is what the source said it sent."""

    etablissements: tuple[EtablissementModifie, ...] = ()
    nombre_annonce: int | None = None


class ReponseOffres(msgspec.Struct, frozen=True, gc=False):
    """The objects of a reading or a search; `nombre_annonce` is `facilityNumber`, what the source said it sent."""

    repertoire: Repertoire
    nombre_annonce: int | None = None


class ErreurContrat(msgspec.Struct, frozen=True, gc=False):
    """A functional refusal of the contract (section 6): an `error` element or a fault's `erreur`."""

    code: int | None
    message: str


Reponse = ReponseOffres | ReponseNotification | ErreurContrat
