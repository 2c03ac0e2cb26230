"""The WSDL each solution publishes: the names of contract section 2, messages typed by their elements only."""

from conformance.reference.csd.wire import CSD, ROR

READING_ACTION = "urn:asip:ror:2015:stored-function:ror-search"
NOTIFICATION_ACTION = "urn:asip:ror:2015:stored-function:ror-update"

_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="ROR_WebService" targetNamespace="{ROR}" xmlns:ror="{ROR}" xmlns:csd="{CSD}"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema">
"""
_TAIL = """  <wsdl:service name="{service}">
    <wsdl:port name="{port}" binding="ror:{binding}">
      <soap12:address location="{address}"/>
    </wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"""
_CONTRACT = """  <wsdl:documentation>Interface ROR, version {version}</wsdl:documentation>
  <wsdl:types>
    <xs:schema targetNamespace="{csd}" elementFormDefault="qualified" version="{version}">
      <xs:element name="careServicesRequest" type="xs:anyType"/>
      <xs:element name="careServicesResponse" type="xs:anyType"/>
    </xs:schema>
    <xs:schema targetNamespace="{ror}" elementFormDefault="qualified" version="{version}">
      <xs:element name="TR-Notif-ListeEtablissementsMajApresDate_Demande" type="xs:anyType"/>
      <xs:element name="TR-Notif-ListeEtablissementMajApresDate_Reponse" type="xs:anyType"/>
      <xs:element name="erreur" type="xs:anyType"/>
    </xs:schema>
  </wsdl:types>
  <wsdl:message name="careServicesRequest_Request">
    <wsdl:part name="body" element="csd:careServicesRequest"/>
  </wsdl:message>
  <wsdl:message name="careServicesRequest_Response">
    <wsdl:part name="body" element="csd:careServicesResponse"/>
  </wsdl:message>
  <wsdl:message name="TR-Notif_Request">
    <wsdl:part name="body" element="ror:TR-Notif-ListeEtablissementsMajApresDate_Demande"/>
  </wsdl:message>
  <wsdl:message name="TR-Notif_Response">
    <wsdl:part name="body" element="ror:TR-Notif-ListeEtablissementMajApresDate_Reponse"/>
  </wsdl:message>
  <wsdl:message name="erreur">
    <wsdl:part name="fault" element="ror:erreur"/>
  </wsdl:message>
  <wsdl:portType name="CareServicesRequest_PortType">
    <wsdl:operation name="careServicesRequest_Request">
      <wsdl:input message="ror:careServicesRequest_Request"/>
      <wsdl:output message="ror:careServicesRequest_Response"/>
    </wsdl:operation>
    <wsdl:operation name="TR-Notif-ListeEtablissementsMajApresDate_Demande">
      <wsdl:input message="ror:TR-Notif_Request"/>
      <wsdl:output message="ror:TR-Notif_Response"/>
      <wsdl:fault name="erreur" message="ror:erreur"/>
    </wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="CareServicesRequest_Binding" type="ror:CareServicesRequest_PortType">
    <soap12:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="careServicesRequest_Request">
      <soap12:operation soapAction="{reading}"/>
      <wsdl:input><soap12:body use="literal"/></wsdl:input>
      <wsdl:output><soap12:body use="literal"/></wsdl:output>
    </wsdl:operation>
    <wsdl:operation name="TR-Notif-ListeEtablissementsMajApresDate_Demande">
      <soap12:operation soapAction="{notification}"/>
      <wsdl:input><soap12:body use="literal"/></wsdl:input>
      <wsdl:output><soap12:body use="literal"/></wsdl:output>
      <wsdl:fault name="erreur"><soap12:fault name="erreur" use="literal"/></wsdl:fault>
    </wsdl:operation>
  </wsdl:binding>
"""
_SEARCH = """  <wsdl:documentation>Interface ROR, recherche de 2016</wsdl:documentation>
  <wsdl:types>
    <xs:schema targetNamespace="{ror}" elementFormDefault="unqualified" version="2016">
      <xs:element name="careServicesRequest" type="xs:anyType"/>
      <xs:element name="careServicesResponse" type="xs:anyType"/>
    </xs:schema>
  </wsdl:types>
  <wsdl:message name="careServicesRequest_Request">
    <wsdl:part name="body" element="ror:careServicesRequest"/>
  </wsdl:message>
  <wsdl:message name="careServicesRequest_Response">
    <wsdl:part name="body" element="ror:careServicesResponse"/>
  </wsdl:message>
  <wsdl:portType name="careServicesRequest_PortType">
    <wsdl:operation name="careServicesRequest_Request">
      <wsdl:input message="ror:careServicesRequest_Request"/>
      <wsdl:output message="ror:careServicesRequest_Response"/>
    </wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="careServicesRequest_Binding" type="ror:careServicesRequest_PortType">
    <soap12:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="careServicesRequest_Request">
      <soap12:operation soapAction="{reading}"/>
      <wsdl:input><soap12:body use="literal"/></wsdl:input>
      <wsdl:output><soap12:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
"""


def contract_wsdl(version: str, address: str) -> str:
    """The WSDL of the readings and the notification."""
    middle = _CONTRACT.format(
        version=version, csd=CSD, ror=ROR, reading=READING_ACTION, notification=NOTIFICATION_ACTION
    )
    return _HEAD + middle + _tail("C", address)


def search_wsdl(address: str) -> str:
    """The WSDL of the search: the same names with lower-case initials."""
    return _HEAD + _SEARCH.format(ror=ROR, reading=READING_ACTION) + _tail("c", address)


def _tail(initial: str, address: str) -> str:
    stem = f"{initial}areServicesRequest"
    return _TAIL.format(service=f"{stem}_Service", port=f"{stem}_Port", binding=f"{stem}_Binding", address=address)
