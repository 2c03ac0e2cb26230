"""Version 1.5 of the contract: 1.6 with one psychiatric sector and one family of activity (contract section 15.1)."""

from mappings.csd.capacities import ACTIVITY_1_5, EQUIPMENT
from mappings.csd.formats import Format
from mappings.csd.providers import PROFESSIONAL_1_6
from mappings.csd.scalars import TEXT
from mappings.csd.shapes import First
from mappings.csd.v1_6 import INTERNAL_ORGANISATION, LEGAL_ENTITY, SITE, unit_without_levels
from mappings.csd.version import Version

FORMAT = Format(
    version=Version.V1_5,
    entite_juridique=LEGAL_ENTITY,
    entite_geographique=SITE,
    organisation_interne=INTERNAL_ORGANISATION,
    offre=unit_without_levels(First("psychiatricSector", TEXT, "secteurs_psychiatriques")),
    professionnel=PROFESSIONAL_1_6,
    activite=ACTIVITY_1_5,
    equipement=EQUIPMENT,
)
