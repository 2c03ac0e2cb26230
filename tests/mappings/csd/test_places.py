"""Addresses: what the schema wants of one that says nothing."""

import pytest

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.namespaces import csd
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.lieu import LigneAdresse
from mappings.loss import Ledger
from tests.documents import wire

VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
ADDRESSES: dict[str, tuple[str, tuple[LigneAdresse, ...], list[str]]] = {
    "no line": ('<address type="postal"/>', (), ["default.addressLine"]),
    "a line that says nothing": ("<address><addressLine/></address>", (), ["default.addressLine"]),
    "a line beside one that says nothing": (
        '<address><addressLine/><addressLine cityName="Bourg"/></address>',
        (LigneAdresse(localite="Bourg"),),
        [],
    ),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("address", "lines", "told"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_without_a_line_is_written_with_an_empty_one(
    version: Version, address: str, lines: tuple[LigneAdresse, ...], told: list[str]
) -> None:
    entity = wire.organization("EJ-1", "1019999983", more=address)
    ledger = Ledger()

    repertoire = read_document(
        wire.document(organizations=(entity,)), version=version, dialect=Dialect(), ledger=ledger
    )
    written = parse(write_document(repertoire, version=version, ledger=ledger))

    (found,) = repertoire.entites_juridiques
    assert found.adresse is not None
    assert found.adresse.lignes == lines
    schema(version).assertValid(written)
    assert len(written.findall(f".//{csd('addressLine')}")) == 1
    assert [loss.rule.removeprefix(f"csd-{version}.") for loss in ledger.entries] == told
