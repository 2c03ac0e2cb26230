"""The shape of every class of a document, for one version."""

import msgspec

from mappings.csd.shapes import Shape
from mappings.csd.version import Version


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """How a version writes each class of the model."""

    version: Version
    entite_juridique: Shape
    entite_geographique: Shape
    organisation_interne: Shape
    offre: Shape
    professionnel: Shape
    activite: Shape
    equipement: Shape
