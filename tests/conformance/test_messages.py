"""The requests of the suite are valid against the contract's schema and carry what they must."""

import pytest
from lxml import etree

from conformance.messages import CSD, Establishment, notification_request, reading_request
from conformance.xml import NotXml, parse
from mappings.csd.schemas import schema
from mappings.csd.version import Version

BODY = "{http://www.w3.org/2003/05/soap-envelope}Body"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


def test_a_reading_asks_for_the_establishment_as_its_source_names_it() -> None:
    asked = Establishment('10199"<9', "1.2.250.1.71.1.2.14")
    root = parse(reading_request(asked, issuer="CN=suite & cie,C=FR"))
    identifier = root.find(f".//{{{CSD}}}id_etablissement")

    assert dict(identifier.attrib) == {"code": asked.code, "assigningAuthorityName": asked.authority}
    assert root.findtext(f".//{SAML}Issuer") == "CN=suite & cie,C=FR"
    assert len(root.find(BODY)) == 1


def test_a_notification_carries_its_instant_and_the_profile_of_the_suite() -> None:
    root = parse(notification_request("2000-01-01T00:00:00", issuer="C=FR"))

    assert root.findtext(f".//{{{CSD}}}dateRef") == "2000-01-01T00:00:00"
    profile = root.find(".//{urn:hl7-org:v3}Profil_Utilisateur")
    assert profile.get("code") == "CU22"


def test_every_assertion_has_its_own_identifier() -> None:
    sent = [parse(notification_request("2000-01-01T00:00:00", issuer="C=FR")) for _ in range(2)]

    assert len({root.find(f".//{SAML}Assertion").get("ID") for root in sent}) == 2


@pytest.mark.parametrize(
    ("code", "finess"),
    [("1019999991", "019999991"), ("019999991", "019999991"), ("12A0000001", "2A0000001"), ("39999", "39999")],
)
def test_two_spellings_of_one_establishment_compare_equal(code: str, finess: str) -> None:
    assert Establishment(code).finess == finess


@pytest.mark.parametrize(
    "data",
    [b"<!DOCTYPE a><a/>", b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>", b"<a>", b""],
    ids=["doctype", "entity", "open", "empty"],
)
def test_a_document_that_is_not_plain_xml_is_refused(data: bytes) -> None:
    with pytest.raises(NotXml):
        parse(data)


def test_the_requests_are_valid_in_every_version() -> None:
    sent = (
        reading_request(Establishment("1019999991"), issuer="C=FR"),
        notification_request("2000-01-01T00:00:00", issuer="C=FR"),
    )
    for version in (Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0):
        for request in sent:
            body = etree.ElementTree(parse(request).find(BODY)[0])
            schema(version).assertValid(body)
