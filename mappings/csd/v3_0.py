"""Version 3.0 of the contract: the order of its elements (contract section 7)."""

from mappings.csd.capacities import ACTIVITY, EQUIPMENT_3_0, PLACE
from mappings.csd.codes import Coded
from mappings.csd.contacts import CONTACT, HOURS, MAILBOX, PATIENTS, TELECOM
from mappings.csd.facilities import (
    CARE_MODE,
    EmptyCareMode,
    NotSensitive,
    Parent,
    Sensitive,
    internal_organisation,
    unit,
)
from mappings.csd.formats import Format
from mappings.csd.organisations import legal_entity, site
from mappings.csd.places import DIVISION, LOCATION_3_0
from mappings.csd.prices import PRICE
from mappings.csd.providers import PROFESSIONAL_3_0
from mappings.csd.scalars import BOOLEAN, DAY, INTEGER, TEXT
from mappings.csd.shapes import Field, First, Many
from mappings.csd.upward import to_3_0
from mappings.csd.version import Version

_CONTACTS = Many("contact", CONTACT, "contacts")
_LOCATION = Field("location", LOCATION_3_0, "lieu")
_CLOSING = Field("closingDate", DAY, "date_fermeture")

LEGAL_ENTITY = legal_entity(
    contacts=(),
    telecom=TELECOM,
    extension=(_CONTACTS, _LOCATION, Field("creationDate", DAY, "date_creation"), _CLOSING),
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
        Field("creationDate", DAY, "date_ouverture"),
        _CLOSING,
        Field("accessibilityLocation", Coded("R202"), "accessibilite_lieu"),
        Field("levelRecourseORSAN", Coded("R284"), "niveau_recours_orsan"),
        Field("comment", TEXT, "commentaire"),
    ),
)

_BEFORE_PATIENTS = (
    Many("mailBoxMSS", MAILBOX, "boites_lettres_mss"),
    Field("closingReason", Coded("R286"), "type_fermeture"),
    _CONTACTS,
    _CLOSING,
    Field("creationDate", DAY, "date_ouverture"),
    Many("typeActivity", Coded("R227"), "champs_activite", required=True),
)
_PATIENTS = Field("patientsType", PATIENTS, "patientele", required=True)
_REOPENING = Field("ProvisionalReopeningDate", DAY, "date_previsionnelle_reouverture")

INTERNAL_ORGANISATION = internal_organisation(
    telecom=TELECOM,
    contacts=(),
    extension=(*_BEFORE_PATIENTS, EmptyCareMode(), _PATIENTS, _REOPENING, Parent("parent"), NotSensitive()),
)

UNIT = unit(
    hours=HOURS,
    telecom=TELECOM,
    contacts=(),
    fit=to_3_0,
    extension=(
        *_BEFORE_PATIENTS,
        Field("careMode", CARE_MODE, "mode_prise_en_charge", required=True),
        Many("homeMode", Coded("R338"), "modalites_accueil"),
        _PATIENTS,
        Field("receptionType", Coded("R240"), "temporalite_accueil"),
        Many("takingCareSpeciality", Coded("R245"), "specialisations_prise_en_charge"),
        Field("facilityType", Coded("R244"), "type_offre"),
        _REOPENING,
        Many("interventionZone", DIVISION, "zones_intervention"),
        Field("annualOpenning", Coded("R238"), "ouverture_annuelle"),
        Many("psychiatricSector", TEXT, "secteurs_psychiatriques"),
        Many("professionalResource", Coded("R356"), "professions_ressource"),
        Many("specificSkill", Coded("R243"), "competences_specifiques"),
        First("expertLevel", Coded("R344", "R253"), "niveaux_expertise"),
        Many("specificAct", Coded("R210"), "actes_specifiques"),
        Many("actRealizedOutsideOffice", Coded("R210"), "actes_realises_hors_cabinet"),
        Parent("organisation"),
        Many("managementType", Coded("R236"), "modes_gestion"),
        Sensitive(),
        Field("careWithoutPatientApproval", BOOLEAN, "habilitation_soins_sans_consentement"),
        Many("locationRealizedOffer", PLACE, "lieux"),
    ),
)

FORMAT = Format(
    version=Version.V3_0,
    entite_juridique=LEGAL_ENTITY,
    entite_geographique=SITE,
    organisation_interne=INTERNAL_ORGANISATION,
    offre=UNIT,
    professionnel=PROFESSIONAL_3_0,
    activite=ACTIVITY,
    equipement=EQUIPMENT_3_0,
)
