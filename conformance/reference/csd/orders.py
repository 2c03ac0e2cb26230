"""The order of the children of the extended elements, per version: contract sections 7.2, 7.3 and 7.4."""

from conformance.reference.csd.dialect import Contract

ORGANISATION_EXTENSION = {
    Contract.V1_6: (
        "useName", "healthCareTerritorial", "location", "price", "dropZone", "financialHelpType",
        "accomodationFamilly", "nbTemporarySocialeHelpPlace", "nbPermanentSocialHelpPlace",
        "careWithoutPatientApproval", "creationDate", "closingDate", "closingReason", "accessibilityLocation",
    ),
    Contract.V2_4: (
        "contact", "useName", "healthCareTerritorial", "location", "price", "dropZone", "financialHelpType",
        "accomodationFamily", "nbTemporarySocialeHelpPlace", "nbPermanentSocialHelpPlace",
        "careWithoutPatientApproval", "creationDate", "closingDate", "closingReason", "accessibilityLocation",
        "levelRecourseORSAN",
    ),
    Contract.V3_0: (
        "contact", "useName", "healthCareTerritorial", "location", "price", "dropZone", "financialHelpType",
        "accomodationFamily", "nbTemporarySocialeHelpPlace", "nbPermanentSocialHelpPlace", "creationDate",
        "closingDate", "accessibilityLocation", "levelRecourseORSAN", "comment",
    ),
}  # fmt: skip

FACILITY_EXTENSION = {
    Contract.V1_6: (
        "finalClosingDate", "creationDate", "typeActivity", "careMode", "patientsType", "accommodationCapacity",
        "residentialCapactity", "resourcesSkills", "equipment", "receptionType", "receptionMode",
        "takingCareSpeciality", "facilityType", "location", "interventionZone", "annualOpenning",
        "psychiatricSector", "specificAct", "parentFacility", "managementType", "maternityHospitalType",
    ),
    Contract.V2_4: (
        "contact", "mailBoxMSS", "finalClosingDate", "creationDate", "typeActivity", "careMode", "patientsType",
        "accommodationCapacity", "crisisAccomodationCapacity", "residentialCapactity", "resourcesSkills",
        "equipment", "receptionType", "receptionMode", "takingCareSpeciality", "facilityType", "location",
        "interventionZone", "annualOpenning", "psychiatricSector", "specificAct", "parentFacility",
        "managementType", "maternityHospitalType", "sensitiveUnit",
    ),
    Contract.V3_0: (
        "mailBoxMSS", "closingReason", "contact", "closingDate", "creationDate", "typeActivity", "careMode",
        "homeMode", "patientsType", "receptionType", "takingCareSpeciality", "facilityType",
        "ProvisionalReopeningDate", "interventionZone", "annualOpenning", "psychiatricSector",
        "professionalResource", "specificSkill", "expertLevel", "specificAct", "actRealizedOutsideOffice",
        "parentFacility", "managementType", "sensitiveUnit", "careWithoutPatientApproval", "locationRealizedOffer",
    ),
}  # fmt: skip

LOCATION = {
    Contract.V1_6: ("name", "description", "status", "address", "geoCoordinates", "cityNumber", "record"),
    Contract.V2_4: ("name", "description", "status", "address", "geoCoordinates", "cityNumber", "record"),
    Contract.V3_0: (
        "identifier", "name", "description", "status", "address", "geoCoordinates", "functionLocation", "cityNumber",
        "contactPoint", "record",
    ),
}  # fmt: skip

OPERATING_HOURS = {
    Contract.V1_6: (
        "openFlag", "dayOfTheWeek", "beginningHour", "endingHour", "beginEffectiveDate", "endEffectiveDate",
        "extension",
    ),
    Contract.V2_4: (
        "openFlag", "dayOfTheWeek", "beginningHour", "endingHour", "beginEffectiveDate", "endEffectiveDate",
        "extension",
    ),
    Contract.V3_0: (
        "dayOfTheWeek", "beginningHour", "endingHour", "beginEffectiveDate", "endEffectiveDate", "extension",
    ),
}  # fmt: skip

# 1.5 and 1.6 write the same elements in the same order (section 15.1).
for _orders in (ORGANISATION_EXTENSION, FACILITY_EXTENSION, LOCATION, OPERATING_HOURS):
    _orders[Contract.V1_5] = _orders[Contract.V1_6]
