"""Whole documents: everything a version says survives reading and writing, and validates."""

from collections.abc import Callable

import pytest
from lxml import etree

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.loss import Ledger

VERSIONS = [Version.V1_6, Version.V2_4, Version.V3_0]
Rich = Callable[[Version], etree._Element]


def canonical(element: etree._Element) -> str:
    copy = etree.fromstring(etree.tostring(element))  # noqa: TID251 - a copy, freed of the prefixes of fragments
    etree.indent(copy)
    return etree.tostring(copy, method="c14n", exclusive=True).decode()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_document_that_says_everything_is_valid(version: Version, rich_document: Rich) -> None:
    schema(version).assertValid(rich_document(version))


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_survives_a_round_trip(version: Version, rich_document: Rich) -> None:
    document = rich_document(version)
    reading, writing = Ledger(), Ledger()
    repertoire = read_document(document, version=version, dialect=Dialect(), ledger=reading)

    written = write_document(repertoire, version=version, ledger=writing)

    assert canonical(written) == canonical(document)
    schema(version).assertValid(written)
