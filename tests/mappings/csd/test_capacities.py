"""Capacities of 3.0: what the schema wants of one whose lines could not be read."""

import msgspec
import pytest
from lxml import etree

from mappings.csd.answers import read_document, write_document
from mappings.csd.capacities import NO_ASSIGNMENT
from mappings.csd.dialect import Dialect
from mappings.csd.namespaces import csd
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.lieu import CapaciteAccueilOperationnelle, CapacitePriseCharge, Lieu, LieuRealisationOffre
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind, Severity
from tests.documents import wire

LINE = CapaciteAccueilOperationnelle(Code("R329", "01"), Code("R330", "02"), Code("R331", "01"), 4)
EMPTY = CapacitePriseCharge(NO_ASSIGNMENT, ())
FULL = CapacitePriseCharge(NO_ASSIGNMENT, (LINE,))


def written(*groups: CapacitePriseCharge) -> tuple[etree._Element, Ledger]:
    """A unit with these capacities in 3.0, and what was told of it."""
    unit = wire.facility("UE-1")
    repertoire = read_document(wire.document(unit), version=Version.V3_0, dialect=Dialect(), ledger=Ledger())
    place = LieuRealisationOffre("84/L", Lieu(), nom_externe_synchro="Lieu", capacites_prise_charge=groups)
    offres = tuple(msgspec.structs.replace(one, lieux=(place,)) for one in repertoire.offres)
    ledger = Ledger()
    body = write_document(msgspec.structs.replace(repertoire, offres=offres), version=Version.V3_0, ledger=ledger)
    return parse(body), ledger


@pytest.mark.parametrize(
    ("groups", "left"),
    [
        pytest.param((EMPTY,), 0, id="alone"),
        pytest.param((FULL, EMPTY), 1, id="beside one with a line"),
        pytest.param((FULL,), 1, id="none of them"),
    ],
)
def test_a_capacity_without_a_line_is_left_out_and_told(groups: tuple[CapacitePriseCharge, ...], left: int) -> None:
    root, ledger = written(*groups)

    told = [(one.kind, one.path, one.severity) for one in ledger.entries if one.rule == "csd-3.0.capacity.empty"]
    assert len(root.findall(f".//{csd('capacitySupported')}")) == left
    place = "extension/locationRealizedOffer/capacitySupported"
    assert told == ([(LossKind.DROPPED, place, Severity.ERROR)] if EMPTY in groups else [])
    schema(Version.V3_0).assertValid(root)
