"""Version 2.4 of the contract: the order of its elements (contract section 7)."""

from mappings.csd.capacities import ACCOMMODATION, ACTIVITY, CRISIS, DWELLINGS, EQUIPMENT, SKILLS
from mappings.csd.codes import Coded
from mappings.csd.contacts import CONTACT, HOURS_WITH_FLAG, MAILBOX, PATIENTS, TELECOM
from mappings.csd.downward import to_2_4
from mappings.csd.facilities import (
    CARE_MODE,
    EmptyCareMode,
    FinalClosing,
    NotSensitive,
    Parent,
    Sensitive,
    internal_organisation,
    unit,
)
from mappings.csd.formats import Format
from mappings.csd.links import DEVICE
from mappings.csd.organisations import OlderClosingReason, legal_entity, site
from mappings.csd.places import DIVISION, LOCATION_2_4
from mappings.csd.prices import PRICE
from mappings.csd.providers import PROFESSIONAL_2_4
from mappings.csd.scalars import BOOLEAN, DAY, INTEGER, TEXT
from mappings.csd.shapes import Field, Many
from mappings.csd.version import Version

_CONTACTS = Many("contact", CONTACT, "contacts")
_LOCATION = Field("location", LOCATION_2_4, "lieu")
_CLOSING = Field("closingDate", DAY, "date_fermeture")

LEGAL_ENTITY = legal_entity(
    contacts=(),
    telecom=TELECOM,
    extension=(
        _CONTACTS,
        _LOCATION,
        Field("creationDate", DAY, "date_creation"),
        _CLOSING,
        Field("closingReason", OlderClosingReason("R232", "R233"), "type_fermeture"),
    ),
)

SITE = site(
    contacts=(),
    telecom=TELECOM,
    extension=(
        _CONTACTS,
        Field("useName", TEXT, "nom_operationnel"),
        Many("healthCareTerritorial", DIVISION, "territoires_sante"),
        _LOCATION,
        Many("price", PRICE, "tarifs"),
        Field("dropZone", BOOLEAN, "zone_poser"),
        Many("financialHelpType", Coded("R241"), "aides_financieres"),
        Field("accomodationFamily", BOOLEAN, "hebergement_famille"),
        Field("nbTemporarySocialeHelpPlace", INTEGER, "nb_place_aide_social_temporaire"),
        Field("nbPermanentSocialHelpPlace", INTEGER, "nb_place_aide_social_permanent"),
        Field("careWithoutPatientApproval", BOOLEAN, "habilitation_soins_sans_consentement"),
        Field("creationDate", DAY, "date_ouverture"),
        _CLOSING,
        Field("closingReason", OlderClosingReason("R233", "R232"), "type_fermeture"),
        Field("accessibilityLocation", Coded("R202"), "accessibilite_lieu"),
        Field("levelRecourseORSAN", Coded("R284"), "niveau_recours_orsan"),
    ),
)

_HEAD = (_CONTACTS, Many("mailBoxMSS", MAILBOX, "boites_lettres_mss"))
_LAST_DAY = Field("finalClosingDate", DAY, "date_fermeture")
_BEFORE_CARE_MODE = (
    Field("creationDate", DAY, "date_ouverture"),
    Many("typeActivity", Coded("R227"), "champs_activite", required=True),
)
_PATIENTS = Field("patientsType", PATIENTS, "patientele", required=True)

INTERNAL_ORGANISATION = internal_organisation(
    telecom=TELECOM,
    contacts=(),
    extension=(*_HEAD, _LAST_DAY, *_BEFORE_CARE_MODE, EmptyCareMode(), _PATIENTS, Parent("parent"), NotSensitive()),
)

UNIT = unit(
    hours=HOURS_WITH_FLAG,
    telecom=TELECOM,
    contacts=(),
    fit=to_2_4,
    extension=(
        *_HEAD,
        FinalClosing(),
        *_BEFORE_CARE_MODE,
        Field("careMode", CARE_MODE, "mode_prise_en_charge", required=True),
        _PATIENTS,
        Field("accommodationCapacity", ACCOMMODATION, "capacite_accueil"),
        Field("crisisAccomodationCapacity", CRISIS, "capacite_accueil_crise"),
        Many("residentialCapactity", DWELLINGS, "capacites_habitation_unite"),
        Field("resourcesSkills", SKILLS, "competence_ressource"),
        Many("equipment", DEVICE, "equipements_unite"),
        Field("receptionType", Coded("R240"), "temporalite_accueil"),
        Field("receptionMode", BOOLEAN, "accueil_sequentiel_accepte"),
        Many("takingCareSpeciality", Coded("R245"), "specialisations_prise_en_charge"),
        Field("facilityType", Coded("R244"), "type_offre"),
        Field("location", LOCATION_2_4, "lieu_unite"),
        Many("interventionZone", DIVISION, "zones_intervention"),
        Field("annualOpenning", Coded("R238"), "ouverture_annuelle"),
        Many("psychiatricSector", TEXT, "secteurs_psychiatriques"),
        Many("specificAct", Coded("R210"), "actes_specifiques"),
        Parent("organisation"),
        Many("managementType", Coded("R236"), "modes_gestion"),
        Field("maternityHospitalType", Coded("R253"), "type_maternite"),
        Sensitive(),
    ),
)

FORMAT = Format(
    version=Version.V2_4,
    entite_juridique=LEGAL_ENTITY,
    entite_geographique=SITE,
    organisation_interne=INTERNAL_ORGANISATION,
    offre=UNIT,
    professionnel=PROFESSIONAL_2_4,
    activite=ACTIVITY,
    equipement=EQUIPMENT,
)
