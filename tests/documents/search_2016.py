"""The answer of the search of 2016, in the shape we deduce, in which everything that it may say stands once."""

from lxml import etree

from mappings.csd.xml import parse

AGES = '<patientsType><ageGroup code="03" codingScheme="1.2.250.1.213.3.3.9"/></patientsType>'
# Read without an entry in the ledger; FULL has the ages besides, which are always told.
FOUND = """
<resultNumber><OInumber>1</OInumber></resultNumber>
<organizationDirectory>
  <organization entityID="EJ"><otherID code="1019999983" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
    <codedType code="95" codingScheme="1.2.250.1.213.1.6.1.44">SAS</codedType><primaryName>EJ</primaryName>
  </organization>
  <organization entityID="EG"><otherID code="1019999991" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
    <codedType code="109" codingScheme="1.2.250.1.213.1.6.1.8"/><primaryName>EG</primaryName><parent entityID="EJ"/>
  </organization>
</organizationDirectory>
<serviceDirectory>
  <service entityID="A"><codedType code="037" codingScheme="1.2.250.1.213.3.3.12"/></service>
</serviceDirectory>
<facilityDirectory>
  <facility entityID="U"><otherID code="84/U" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>
    <codedType code="4" codingScheme="1.2.250.1.213.3.3.8"/><primaryName>Unité</primaryName>
    <organizations><organization entityID="EG"><service entityID="A"/></organization></organizations>
    <typeOfCare code="28" codingScheme="1.2.250.1.213.3.3.13"/>
    <specificAct code="0001" codingScheme="1.2.250.1.213.3.3.11"/>
    <cityNumber code="01004" codingScheme="1.2.250.1.213.2.23"/>
    <location><cityNumber code="01999" codingScheme="1.2.250.1.213.2.23"/></location>
    <equipment entityID="E"/>
  </facility>
</facilityDirectory>
<deviceDirectory><device entityID="E"><type code="099" codingScheme="1.2.250.1.213.3.3.10"/></device></deviceDirectory>
"""
FULL = FOUND.replace("<cityNumber", f"{AGES}\n    <cityNumber", 1)


def answer(inside: str) -> etree._Element:
    """An answer: around a result, or around a refusal."""
    return parse(
        f'<ror:careServicesResponse xmlns:ror="urn:asip:ror:2015">{inside}</ror:careServicesResponse>'.encode()
    )
