"""An anomaly reported on an object of a directory: FHIR digest sections 7.6 and 12.3."""

from datetime import datetime

import msgspec

from mappings.exposition.values import Ajout, Code, Identifiant


class Designation(msgspec.Struct, frozen=True, gc=False):
    """What an anomaly names: the resource type, with the address or the identifier of the object."""

    type_objet: str | None = None
    reference: str | None = None
    identifiant: Identifiant | None = None
    libelle: str | None = None


class CheminElement(msgspec.Struct, frozen=True, gc=False):
    """Where the fault stands in the object, and the language it is said in (`text/fhirpath`)."""

    langage: str
    expression: str | None = None


class Anomalie(msgspec.Struct, frozen=True, gc=False):
    """A fault someone saw, and what became of it.

    `statut` is the technical state of FHIR, `statut_metier` the business one (R352), `thematique` the theme (R350),
    `action` what is proposed (R349). `cle` is the technical id of the source, the only one an anomaly always has.
    """

    cle: str
    statut: str
    objet: Designation
    statut_metier: Code | None = None
    thematique: Code | None = None
    action: Code | None = None
    intention: str = "order"
    identifiants: tuple[Identifiant, ...] = ()
    anomalies_liees: tuple[Designation, ...] = ()
    description: str | None = None
    date_creation: datetime | None = None
    date_mise_a_jour: datetime | None = None
    date_envoi_destinataire: datetime | None = None
    date_cloture: datetime | None = None
    emetteur: Designation | None = None
    destinataire: Designation | None = None
    systeme_emetteur: str | None = None
    identifiant_emetteur: Identifiant | None = None
    regle_enfreinte: str | None = None
    valeurs_erronees: tuple[str, ...] = ()
    valeurs_proposees: tuple[str, ...] = ()
    chemin_element: CheminElement | None = None
    valeurs_corrigees: tuple[str, ...] = ()
    identifiant_analyste: Identifiant | None = None
    ajouts: tuple[Ajout, ...] = ()
