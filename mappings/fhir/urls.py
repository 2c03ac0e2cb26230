"""Addresses of the national profiles: canonicals, extensions, identifier systems (FHIR digest, sections 7 to 9)."""

BASE = "https://interop.esante.gouv.fr/ig/fhir/ror/"
HL7 = "http://hl7.org/fhir/StructureDefinition/"
ANNUAIRE = "https://apifhir.annuaire.sante.fr/ws-sync/exposed/structuredefinition/"

PROFILES = {
    "Organization": f"{BASE}StructureDefinition/ror-organization",
    "HealthcareService": f"{BASE}StructureDefinition/ror-healthcareservice",
    "Location": f"{BASE}StructureDefinition/ror-location",
    "Practitioner": f"{BASE}StructureDefinition/ror-practitioner",
    "PractitionerRole": f"{BASE}StructureDefinition/ror-practitionerrole",
}

DATA_ABSENT = f"{HL7}data-absent-reason"
ORGANIZATION_PERIOD = f"{HL7}organization-period"
GEOLOCATION = f"{HL7}geolocation"
INSEE_CODE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code"
LIEU_DIT = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-lieu-dit"
CONTRACTED = f"{ANNUAIRE}practitionerRole-contracted"
HAS_CAS = f"{ANNUAIRE}practitionerRole-hasCAS"
VITALE_ACCEPTED = f"{ANNUAIRE}practitionerRole-vitaleAccepted"

REGION = "https://mos.esante.gouv.fr/NOS/TRE_R30-RegionOM/FHIR/TRE-R30-RegionOM"
UCUM = "http://unitsofmeasure.org"

# Identifier systems (FHIR digest, section 9.3).
ID_NAT_STRUCT = "urn:oid:1.2.250.1.71.4.2.2"
ID_NAT_PS = "urn:oid:1.2.250.1.71.4.2.1"
FINESS = "https://finess.esante.gouv.fr"
SIRENE = "https://sirene.fr"
RPPS_RANG = "https://rppsrang.esante.gouv.fr"
ADELI_RANG = "https://adelirang.esante.gouv.fr"
OI = "https://oi.esante.gouv.fr"


def ror(slug: str) -> str:
    """The address of an extension of the guide."""
    return f"{BASE}StructureDefinition/{slug}"
