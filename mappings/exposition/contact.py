"""Contacts, telecoms, hours: contract section 7.4, FHIR digest section 8."""

from datetime import date, time

import msgspec

from mappings.exposition.values import Ajout, Code, Metadonnee


class Horaire(msgspec.Struct, frozen=True, gc=False):
    """One opening slot. `jours` counts from Monday = 1; `ouvert` is None where the version has no open flag."""

    jours: tuple[int, ...] = ()
    heure_debut: time | None = None
    heure_fin: time | None = None
    debut_date_effective: date | None = None
    fin_date_effective: date | None = None
    type_plage_horaire: Code | None = None
    ouvert: bool | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class Telecommunication(msgspec.Struct, frozen=True, gc=False):
    """One way to reach someone. `niveau_confidentialite` (R283): 1 free, 2 restricted, 3 very restricted."""

    canal: Code
    adresse_telecom: str | None = None
    utilisation: str | None = None
    niveau_confidentialite: Code | None = None
    certificat: str | None = None
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class Contact(msgspec.Struct, frozen=True, gc=False):
    """A person (function) or a desk (nature) of an organisation or an offer: one or the other (RG_EXP_040)."""

    nom: str | None = None
    civilite: Code | None = None
    fonction_contact: Code | None = None
    nature_contact: Code | None = None
    description: str | None = None
    niveau_confidentialite: Code | None = None
    telecommunications: tuple[Telecommunication, ...] = ()
    metadonnee: Metadonnee | None = None
    ajouts: tuple[Ajout, ...] = ()


class BoiteLettreMSS(msgspec.Struct, frozen=True, gc=False):
    """A secure mailbox (`mailBoxMSS`)."""

    telecommunication: Telecommunication | None = None
    metadonnee: Metadonnee | None = None
