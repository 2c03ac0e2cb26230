"""The small values every class of the exposition model is made of."""

from datetime import datetime
from decimal import Decimal

import msgspec

_SMALLEST, _LARGEST = -30, 18


def can_be_written_out(value: Decimal) -> bool:
    """Whether a number has a size that things have: a few bytes of exponent would be gigabytes digit by digit."""
    return value.is_finite() and _SMALLEST <= value.adjusted() <= _LARGEST


class Code(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """A coded value: a code is text (leading zeros count) and means nothing without its system.

    `systeme` is the short identifier of the nomenclature (`R211`, `G15`) when the gateway knows it, else the address
    the source wrote (an OID or a URL), kept as it stood. `libelle` is the source's label: shown, never compared.
    """

    systeme: str
    code: str
    libelle: str | None = None

    @property
    def cle(self) -> tuple[str, str]:
        """What two codes are compared on: system and code, never the label."""
        return (self.systeme, self.code)


class Identifiant(msgspec.Struct, frozen=True, gc=False):
    """An identifier in its system; `systeme` is an OID of the contract's section 12."""

    systeme: str
    valeur: str


class Mesure(msgspec.Struct, frozen=True, gc=False):
    """A quantity and its UCUM unit (`a` for years)."""

    valeur: Decimal
    unite: Code | None = None


class Ajout(msgspec.Struct, frozen=True, gc=False):
    """What a source says and the model has no place for, kept beside the object (contract, section 4).

    `chemin` is where it stood, relative to the object, `format` is `csd` or `fhir`, `contenu` the fragment itself:
    XML text, or JSON text.
    """

    chemin: str
    format: str
    contenu: str


class Metadonnee(msgspec.Struct, frozen=True, gc=False):
    """The life of an object at its source: `record` in the contract (section 4), `meta` in FHIR.

    Instants are aware; one written without offset is French legal time (contract, section 8).
    """

    date_creation: datetime | None = None
    date_mise_a_jour: datetime | None = None
    statut: str | None = None
    source: str | None = None
    identifiant: str | None = None
    commentaire: str | None = None
    region_source: str | None = None
    modele_saisie: str | None = None
    ajouts: tuple[Ajout, ...] = ()
