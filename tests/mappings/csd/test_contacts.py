"""Contacts in their two shapes, and the confidentiality that must never be lost."""

from typing import Any

import pytest

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.contact import Contact
from mappings.exposition.values import Code
from mappings.loss import Ledger
from tests.documents import wire
from tests.documents.wire import RECORD

LEVEL = '<confidentialityLevel code="{}" codingScheme="1.2.250.1.213.1.1.4.344"/>'


def telecom(number: str, level: str = "") -> str:
    extension = f'<extension type="Type1" urn="Urn0">{LEVEL.format(level)}{RECORD}</extension>' if level else ""
    return (
        '<contactPoint><codedType code="2" codingScheme="1.2.250.1.213.3.3.1"/>'
        f"<equipment>{number}</equipment>{extension}</contactPoint>"
    )


def contact(level: str, *telecoms: str) -> str:
    nature = '<nature code="06" codingScheme="1.2.250.1.213.3.3.67"/>'
    return f"<contact>{nature}{LEVEL.format(level)}{''.join(telecoms)}{RECORD}</contact>"


def person(*telecoms: str) -> str:
    return (
        "<contact><person><name><commonName>MARTIN FICTIF</commonName><honorific>Dr</honorific></name>"
        f'{"".join(telecoms)}<extension type="Type1" urn="Urn0">'
        '<function code="01" codingScheme="1.2.250.1.213.3.3.48"/><description>Chef</description>'
        "</extension></person></contact>"
    )


def convert(document: Any, source: Version, target: Version, **options: Any) -> tuple[tuple[Contact, ...], list[str]]:
    repertoire = read_document(document, version=source, dialect=Dialect(**options), ledger=Ledger())
    ledger = Ledger()
    written = parse(write_document(repertoire, version=target, ledger=ledger))
    schema(target).assertValid(written)
    back = read_document(written, version=target, dialect=Dialect(), ledger=Ledger())
    return back.entites_juridiques[0].contacts, [loss.rule for loss in ledger.entries]


def legal_entity(*, extension: str = "", more: str = "") -> Any:
    return wire.document(organizations=(wire.organization("EJ-1", "1019999983", extension=extension, more=more),))


@pytest.mark.parametrize("version", [Version.V2_4, Version.V3_0])
def test_the_level_of_the_first_telecom_survives(version: Version) -> None:
    document = legal_entity(extension=contact("1", telecom("+33 1 99 00 00 01", "3"), telecom("+33 2", "2")))

    (found,), noted = convert(document, version, version)

    assert [one.niveau_confidentialite for one in found.telecommunications] == [Code("R283", "3"), Code("R283", "2")]
    assert noted == []


def test_a_telecom_without_level_takes_that_of_its_contact() -> None:
    document = legal_entity(extension=contact("2", telecom("+33 1")))

    (found,), noted = convert(document, Version.V2_4, Version.V3_0)

    assert found.telecommunications[0].niveau_confidentialite == Code("R283", "2")
    assert noted[0] == "csd-3.0.contact.telecom-level"


@pytest.mark.parametrize(
    ("options", "level"),
    [
        pytest.param({}, "3", id="the strictest unless declared"),
        pytest.param({"niveau_confidentialite": "1"}, "1", id="declared"),
    ],
)
def test_a_person_of_1_6_becomes_a_contact_at_the_level_of_its_source(options: dict[str, str], level: str) -> None:
    (found,), noted = convert(legal_entity(more=person(telecom("+33 1"))), Version.V1_6, Version.V2_4, **options)

    assert (found.nom, found.description, found.fonction_contact) == ("MARTIN FICTIF", "Chef", Code("R251", "01"))
    assert found.niveau_confidentialite == Code("R283", level)
    assert found.telecommunications[0].niveau_confidentialite == Code("R283", level)
    assert "csd-2.4.contact.civilite" in noted


def test_reading_1_6_says_that_the_levels_are_supposed() -> None:
    ledger = Ledger()

    read_document(legal_entity(more=person(telecom("+33 1"))), version=Version.V1_6, dialect=Dialect(), ledger=ledger)

    assert [loss.rule for loss in ledger.entries] == ["csd-1.6.confidentiality.supposed"] * 2


def test_a_desk_is_named_by_its_nature_in_1_6() -> None:
    (found,), noted = convert(legal_entity(extension=contact("1")), Version.V3_0, Version.V1_6)

    assert found.nom is not None
    assert found.nature_contact is None
    assert noted[:2] == ["csd-1.6.confidentiality.left-out", "csd-1.6.contact.nature"]


def test_a_contact_that_points_to_a_professional_is_named_rather_than_pointed_elsewhere() -> None:
    document = legal_entity(more='<contact><provider entityID="PS-1"/></contact>')
    reading, writing = Ledger(), Ledger()
    repertoire = read_document(document, version=Version.V1_6, dialect=Dialect(), ledger=reading)

    written = parse(write_document(repertoire, version=Version.V1_6, ledger=writing))

    assert repertoire.entites_juridiques[0].contacts == ()
    assert written.find(".//{*}contact") is None
    assert [(loss.rule, loss.path) for loss in reading.entries] == [("csd-1.6.addition.reference", "contact/provider")]
    assert writing.entries == ()


@pytest.mark.parametrize(
    ("kind", "flag"), [("08", "false"), ("01", "true")], ids=["hours of closing", "hours of opening"]
)
def test_the_open_flag_is_derived_from_the_type_of_hours(kind: str, flag: str) -> None:
    hours = (
        "<operatingHours><beginEffectiveDate>2024-03-01</beginEffectiveDate>"
        f'<extension type="a" urn="b"><operatingHoursType code="{kind}" codingScheme="1.2.250.1.213.3.3.50"/>{RECORD}'
        "</extension></operatingHours>"
    )
    document = wire.document(wire.facility("UE", hours=hours))
    repertoire = read_document(document, version=Version.V3_0, dialect=Dialect(), ledger=Ledger())
    ledger = Ledger()

    written = parse(write_document(repertoire, version=Version.V2_4, ledger=ledger))

    assert written.findtext(".//{*}openFlag") == flag
    assert [loss.rule for loss in ledger.entries] == ["csd-2.4.hours.open-flag"]
