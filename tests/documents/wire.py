"""Small documents by hand, for the tests that say what one rule does."""

from lxml import etree

from mappings.csd.xml import parse

RECORD = '<record created="2024-03-01T08:00:00" updated="2025-01-02T03:04:05" status="Ok"/>'
PATIENTS = (
    '<patientsType><patientTypeAgeMin><value>18</value><unit code="a" codingScheme="2.16.840.1.113883.6.8"/>'
    '</patientTypeAgeMin><patientTypeAgeMax><value>99</value><unit code="a" codingScheme="2.16.840.1.113883.6.8"/>'
    f"</patientTypeAgeMax>{RECORD}</patientsType>"
)
FIELD = '<typeActivity code="02" codingScheme="1.2.250.1.213.3.3.17"/>'
MODE = '<careMode code="28" codingScheme="1.2.250.1.213.3.3.13"/>'


def organization(entity: str, number: str, *, parent: str = "", extension: str = "", more: str = "") -> str:
    """An EJ, or an EG when it has a parent."""
    coded = ("109", "1.2.250.1.213.1.6.1.8") if parent else ("95", "1.2.250.1.213.1.6.1.44")
    return (
        f'<organization entityID="{entity}"><otherID code="{number}" assigningAuthorityName="1.2.250.1.71.4.2.2"/>'
        f'<codedType code="{coded[0]}" codingScheme="{coded[1]}"/><primaryName>{entity}</primaryName>{more}'
        + (f'<parent entityID="{parent}"/>' if parent else "")
        + (f'<extension type="ror" urn="urn:asip:ror">{extension}</extension>' if extension else "")
        + f"{RECORD}</organization>"
    )


def facility(
    entity: str,
    *,
    level: str = "4",
    links: tuple[str, ...] = ("EG-1",),
    services: tuple[str, ...] = (),
    before: str = "",
    after: str = "<sensitiveUnit>false</sensitiveUnit>",
    hours: str = "",
) -> str:
    """A facility; `before` and `after` stand around the mandatory elements of its extension."""
    inside = "".join(f'<service entityID="{service}"/>' for service in services)
    organizations = "".join(f'<organization entityID="{link}">{inside}</organization>' for link in links)
    return (
        f'<facility entityID="{entity}">'
        f'<otherID code="84/{entity}" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>'
        f'<codedType code="{level}" codingScheme="1.2.250.1.213.3.3.8"/><primaryName>{entity}</primaryName>'
        f"<organizations>{organizations}</organizations>{hours}"
        f'<extension type="ror" urn="urn:asip:ror">{before}{FIELD}{MODE}{PATIENTS}{after}</extension>'
        f"{RECORD}</facility>"
    )


def document(
    *facilities: str,
    organizations: tuple[str, ...] | None = None,
    services: str = "",
    providers: str = "",
    devices: str = "",
) -> etree._Element:
    """A document around some facilities; an EJ and its EG unless others are given."""
    if organizations is None:
        organizations = (organization("EJ-1", "1019999983"), organization("EG-1", "1019999991", parent="EJ-1"))
    return parse(
        (
            '<CSD xmlns="urn:ihe:iti:csd:2013">'
            f"<organizationDirectory>{''.join(organizations)}</organizationDirectory>"
            f"<serviceDirectory>{services}</serviceDirectory>"
            f"<facilityDirectory>{''.join(facilities)}</facilityDirectory>"
            f"<providerDirectory>{providers}</providerDirectory>"
            f"<deviceDirectory>{devices}</deviceDirectory></CSD>"
        ).encode()
    )
