"""What the model has no place for comes back at its place, where the version accepts it; elsewhere it is noted."""

from typing import Any

import pytest

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.namespaces import csd
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse, serialize
from mappings.loss import Ledger
from tests.documents import wire

STRAY = '<creationDate xmlns="">2020-01-01</creationDate>'
FUTURE = "<bedsOfTomorrow>3</bedsOfTomorrow><sensitiveUnit>false</sensitiveUnit>"


def through(document: Any, source: Version, target: Version) -> tuple[Any, list[tuple[str, str]]]:
    repertoire = read_document(document, version=source, dialect=Dialect(), ledger=Ledger())
    ledger = Ledger()
    written = parse(write_document(repertoire, version=target, ledger=ledger))
    schema(target).assertValid(written)
    lost = [(loss.path, loss.rule) for loss in ledger.entries if ".addition." in loss.rule]
    return parse(serialize(written)), lost


@pytest.mark.parametrize("target", [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0])
def test_a_child_without_namespace_stays_first_in_its_extension(target: Version) -> None:
    written, lost = through(wire.document(wire.facility("UE", before=STRAY)), Version.V2_4, target)

    extension = written.find(f".//{csd('facility')}/{csd('extension')}")
    assert (extension[0].tag, extension[0].text) == ("creationDate", "2020-01-01")
    assert lost == []


def test_an_extension_with_nothing_else_is_opened_again() -> None:
    organization = wire.organization("EJ-1", "1019999983", extension=STRAY)

    written, lost = through(wire.document(organizations=(organization,)), Version.V3_0, Version.V3_0)

    assert [child.tag for child in written.find(f".//{csd('extension')}")] == ["creationDate"]
    assert lost == []


def test_an_element_of_the_contract_that_the_model_leaves_aside_comes_back_in_order() -> None:
    language = '<language code="fr" codingScheme="1.2.250.1.71.2.10"/>'
    organization = wire.organization("EJ-1", "1019999983", more=language)

    written, lost = through(wire.document(organizations=(organization,)), Version.V3_0, Version.V1_6)

    names = [child.tag for child in written.find(f".//{csd('organization')}")]
    assert names.index(csd("primaryName")) + 1 == names.index(csd("language"))
    assert lost == []


def test_an_element_of_no_version_is_kept_in_the_model_and_noted_when_written() -> None:
    document = wire.document(wire.facility("UE", after=FUTURE))
    repertoire = read_document(document, version=Version.V2_4, dialect=Dialect(), ledger=Ledger())
    (kept,) = repertoire.offres[0].ajouts

    _, lost = through(document, Version.V2_4, Version.V2_4)

    assert (kept.chemin, kept.format) == ("extension", "csd")
    assert "bedsOfTomorrow" in kept.contenu
    assert lost == [("extension/bedsOfTomorrow", "csd-2.4.addition.place")]


EXTENSIONS = {
    "its two attributes only": ('<extension type="a" urn="b"/>', []),
    "another attribute": ('<extension code="01"/>', [("extension/contact/extension", "csd-3.0.addition.place")]),
}


@pytest.mark.parametrize(("inside", "told"), EXTENSIONS.values(), ids=EXTENSIONS)
def test_an_extension_without_a_place_says_something_by_its_other_attributes(
    inside: str, told: list[tuple[str, str]]
) -> None:
    level = '<confidentialityLevel code="1" codingScheme="1.2.250.1.213.1.1.4.344"/>'
    contact = f"<contact><name>A</name>{inside}{level}{wire.RECORD}</contact>"
    organization = wire.organization("EJ-1", "1019999983", extension=contact)

    _, lost = through(wire.document(organizations=(organization,)), Version.V3_0, Version.V3_0)

    assert lost == told


def test_an_element_that_the_target_does_not_have_is_noted() -> None:
    person = "<contact><person><name><commonName>Fictif</commonName><surname>F</surname></name></person></contact>"
    organization = wire.organization("EJ-1", "1019999983", more=person)

    _, same = through(wire.document(organizations=(organization,)), Version.V1_6, Version.V1_6)
    _, other = through(wire.document(organizations=(organization,)), Version.V1_6, Version.V2_4)

    assert same == []
    assert other == [("extension/contact/person/name/surname", "csd-2.4.addition.place")]
