"""The schemas and service descriptions we publish: they compile, load in a strict client, and accept the contract."""

from urllib.parse import parse_qs, urlsplit

import pytest
import zeep
from lxml import etree

from mappings.csd import schemas
from mappings.csd.version import Version
from mappings.csd.xml import parse

ADDRESS = "https://ror.example.test/ROR/3.0/84"
DOCUMENTS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]


class Published(zeep.Transport):
    """Serves what the gateway publishes, refuses all else."""

    def __init__(self, version: Version, address: str) -> None:
        super().__init__()
        self.version = version
        self.address = address

    def load(self, url: str) -> bytes:
        assert url.startswith(self.address), url
        query = parse_qs(urlsplit(url).query, keep_blank_values=True)
        if "xsd" in query:
            return schemas.xsd(self.version, query["xsd"][0])
        return schemas.wsdl(self.version, self.address)


def client(version: Version, address: str = ADDRESS) -> zeep.Client:
    return zeep.Client(f"{address}?wsdl", transport=Published(version, address), settings=zeep.Settings(strict=True))


@pytest.mark.parametrize("version", DOCUMENTS)
def test_a_strict_client_loads_the_description_from_what_is_published(version: Version) -> None:
    service = client(version).wsdl.services["CareServicesRequest_Service"]

    port = service.ports["CareServicesRequest_Port"]
    assert port.binding_options["address"] == ADDRESS
    assert port.binding.name.localname == "CareServicesRequest_Binding"
    assert port.binding.port_type.name.localname == "CareServicesRequest_PortType"
    actions = {name: operation.soapaction for name, operation in port.binding._operations.items()}
    assert actions == {
        "careServicesRequest_Request": "urn:asip:ror:2015:stored-function:ror-search",
        "TR-Notif-ListeEtablissementsMajApresDate_Demande": "urn:asip:ror:2015:stored-function:ror-update",
    }


def test_the_search_of_2016_has_its_own_description() -> None:
    port = client(Version.V2016).wsdl.services["CareServicesRequest_Service"].ports["CareServicesRequest_Port"]

    assert port.binding.name.localname == "careServicesRequest_Binding"
    assert list(port.binding._operations) == ["careServicesRequest_Request"]


def test_a_strict_client_builds_a_notification_request() -> None:
    found = client(Version.V2_4)

    message = found.create_message(
        found.service,
        "TR-Notif-ListeEtablissementsMajApresDate_Demande",
        params={
            "dateRef": "2026-01-14T00:00:00",
            "typeActivity": [{"_value_1": "MS", "code": "04", "codingScheme": "1.2.250.1.213.3.3.17"}],
        },
    )

    body = message.find("{http://www.w3.org/2003/05/soap-envelope}Body")[0]
    schemas.schema(Version.V2_4).assertValid(etree.fromstring(etree.tostring(body)))  # noqa: TID251


@pytest.mark.parametrize("version", list(Version))
def test_faults_and_bodies_are_literal(version: Version) -> None:
    description = schemas.wsdl(version, ADDRESS)

    assert b'use="encoded"' not in description
    assert b'location="https://ror.example.test/ROR/3.0/84"' in description


@pytest.mark.parametrize("version", list(Version))
def test_every_import_names_a_document_that_is_published(version: Version) -> None:
    documents = [schemas.wsdl(version, ADDRESS), *(schemas.xsd(version, name) for name in schemas.names(version))]
    locations = [
        element.get("schemaLocation") for document in documents for element in parse(document).iter("{*}import")
    ]

    assert all(location.startswith("?xsd=") for location in locations)
    assert {location.removeprefix("?xsd=") for location in locations} <= set(schemas.names(version))


def test_an_unknown_schema_is_not_published() -> None:
    with pytest.raises(schemas.UnknownSchema):
        schemas.xsd(Version.V3_0, "../../../pyproject")


READING_REQUEST = """
<careServicesRequest xmlns="urn:ihe:iti:csd:2013">
  <function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true">
    <TR_Lecture-OffresSanteEtablissement>
      <etablissementDemandeLecture>
        <id_etablissement code="1739999911" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
        <dateRef>2026-02-03T04:05:06</dateRef>
        <typeActivity code="01" codingScheme="1.2.250.1.213.3.3.17">MCO</typeActivity>
        <supportedPatient code="02" codingScheme="1.2.250.1.213.3.3.29"/>
        <restrictedOrganisation>1</restrictedOrganisation>
      </etablissementDemandeLecture>
    </TR_Lecture-OffresSanteEtablissement>
  </function>
</careServicesRequest>
"""
UNIT_REQUEST = """
<careServicesRequest xmlns="urn:ihe:iti:csd:2013">
  <function urn="urn:asip:ror:lecture:offreSoinEtablissement:2017" encapsulated="true">
    <TR_Lecture-OffreSanteOrganisationInterne>
      <organisationID code="53/UE-77" assigningAuthorityName="1.2.250.1.213.6.1.1.1.1.76"/>
    </TR_Lecture-OffreSanteOrganisationInterne>
  </function>
</careServicesRequest>
"""
REFUSAL = """
<careServicesResponse xmlns="urn:ihe:iti:csd:2013"><error code="405" message="Compte inexact"/></careServicesResponse>
"""
NOTIFICATION_REQUEST = """
<ror:TR-Notif-ListeEtablissementsMajApresDate_Demande xmlns:ror="urn:asip:ror:2015" xmlns="urn:ihe:iti:csd:2013">
  <params>
    <dateRef>2026-02-03T00:00:00</dateRef>
    <typeActivity code="02" codingScheme="1.2.250.1.213.3.3.17"/>
    <supportedPatient code="03" codingScheme="1.2.250.1.213.3.3.29"/>
  </params>
</ror:TR-Notif-ListeEtablissementsMajApresDate_Demande>
"""
NOTIFICATION_ANSWER = """
<ror:TR-Notif-ListeEtablissementMajApresDate_Reponse xmlns:ror="urn:asip:ror:2015" xmlns="urn:ihe:iti:csd:2013">
  <etablissementReponseNotif>
    <id_etablissement code="1739999911" assigningAuthorityName="1.2.250.1.71.4.2.2"/>
    <typeActivity code="02" codingScheme="1.2.250.1.213.3.3.17">SSR</typeActivity>
  </etablissementReponseNotif>
  <result>1</result>
</ror:TR-Notif-ListeEtablissementMajApresDate_Reponse>
"""
FAULT_DETAIL = '<ror:erreur xmlns:ror="urn:asip:ror:2015" code="444" message="Critère non prévu"/>'
EMPTY_DOCUMENT = """
<CSD xmlns="urn:ihe:iti:csd:2013">
  <organizationDirectory/><serviceDirectory/><facilityDirectory/><providerDirectory/><deviceDirectory/>
</CSD>
"""
MESSAGES = {
    "reading request": READING_REQUEST,
    "request of one unit": UNIT_REQUEST,
    "refusal": REFUSAL,
    "notification request": NOTIFICATION_REQUEST,
    "notification answer": NOTIFICATION_ANSWER,
    "detail of a fault": FAULT_DETAIL,
    "smallest document": EMPTY_DOCUMENT,
}


@pytest.mark.parametrize("version", DOCUMENTS)
@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_the_messages_of_the_contract_are_valid_in_every_version(version: Version, message: str) -> None:
    schemas.schema(version).assertValid(parse(message.encode()))


REFUSED = {
    "both error and result": REFUSAL.replace("<error", '<error code="1"/><error'),
    "another stored function": READING_REQUEST.replace("2017", "2018"),
    "a directory missing": EMPTY_DOCUMENT.replace("<serviceDirectory/>", ""),
    "directories in another order": EMPTY_DOCUMENT.replace(
        "<serviceDirectory/><facilityDirectory/>", "<facilityDirectory/><serviceDirectory/>"
    ),
    "no reference date": NOTIFICATION_REQUEST.replace("<dateRef>2026-02-03T00:00:00</dateRef>", ""),
}


@pytest.mark.parametrize("version", DOCUMENTS)
@pytest.mark.parametrize("message", REFUSED.values(), ids=REFUSED)
def test_what_the_contract_does_not_allow_is_refused(version: Version, message: str) -> None:
    assert not schemas.schema(version).validate(parse(message.encode()))


@pytest.mark.parametrize(
    ("version", "valid"),
    [(Version.V1_5, True), (Version.V1_6, True), (Version.V2_4, False), (Version.V3_0, False)],
    ids=str,
)
def test_only_the_old_notification_answer_carries_dates_and_publics(version: Version, valid: bool) -> None:
    message = NOTIFICATION_ANSWER.replace(
        "</etablissementReponseNotif>", "<dateRef>2026-02-03T00:00:00</dateRef></etablissementReponseNotif>"
    )

    assert schemas.schema(version).validate(parse(message.encode())) is valid


def test_the_search_of_2016_is_valid() -> None:
    request = """
    <ror:careServicesRequest xmlns:ror="urn:asip:ror:2015"><function><requestParams>
      <organization/>
      <facility><typeOfCare code="28" codingScheme="1.2.250.1.213.3.3.13"/></facility>
      <service><codedType code="37" codingScheme="1.2.250.1.213.3.3.12"/></service>
      <otherParams><destination><type code="3"/><code code="73065" codingSchemeName="1.2.250.1.213.2.23"/>
        <distance value="30"/></destination></otherParams>
    </requestParams></function></ror:careServicesRequest>
    """

    schemas.schema(Version.V2016).assertValid(parse(request.encode()))
