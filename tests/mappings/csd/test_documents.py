"""Whole documents: everything a version says survives reading and writing, and validates."""

import pytest
from lxml import etree

from mappings.csd.answers import read_document, write_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.loss import Ledger
from tests.documents import comparison, wire
from tests.documents.builder import rich_document

VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
# Up to 1.6 there is no level of confidentiality, titles are text: what is supposed on reading is left out on writing.
# Some codes of the documents are of a nomenclature of nobody.
OLDER = ("closing.final", "code.system-unknown", "code.text", "confidentiality.supposed", "confidentiality.left-out")
NOTED: dict[Version, set[str]] = {
    Version.V1_5: {f"csd-1.5.{rule}" for rule in OLDER},
    Version.V1_6: {f"csd-1.6.{rule}" for rule in OLDER},
    Version.V2_4: {"csd-2.4.code.system-unknown", "csd-2.4.closing.final"},
    Version.V3_0: {"csd-3.0.code.system-unknown"},
}


def canonical(element: etree._Element) -> str:
    copy = etree.fromstring(etree.tostring(element))  # noqa: TID251 - a copy, freed of the prefixes of fragments
    etree.indent(copy)
    return etree.tostring(copy, method="c14n", exclusive=True).decode()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_document_that_says_everything_is_valid(version: Version) -> None:
    schema(version).assertValid(rich_document(version))


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_survives_a_round_trip(version: Version) -> None:
    document = rich_document(version)
    reading, writing = Ledger(), Ledger()
    repertoire = read_document(document, version=version, dialect=Dialect(), ledger=reading)

    written = parse(write_document(repertoire, version=version, ledger=writing))

    assert comparison.canonical(written) == comparison.canonical(document)
    schema(version).assertValid(written)
    assert {loss.rule for loss in (*reading.entries, *writing.entries)} == NOTED[version]


@pytest.mark.parametrize("source", VERSIONS)
@pytest.mark.parametrize("target", VERSIONS)
def test_every_version_can_be_written_from_every_other(source: Version, target: Version) -> None:
    repertoire = read_document(rich_document(source), version=source, dialect=Dialect(), ledger=Ledger())
    ledger = Ledger()

    written = parse(write_document(repertoire, version=target, ledger=ledger))

    schema(target).assertValid(written)
    again = read_document(written, version=target, dialect=Dialect(), ledger=Ledger())
    twice = Ledger()
    assert canonical(parse(write_document(again, version=target, ledger=twice))) == canonical(written)
    # What is still said the second time is what the first had to leave out or leave empty.
    assert {loss.rule for loss in twice.entries} <= NOTED[target] | {loss.rule for loss in ledger.entries}
    assert all(loss.rule.startswith(f"csd-{target}.") for loss in ledger.entries)


def test_a_name_without_namespace_does_not_gain_one_on_the_wire() -> None:
    repertoire = read_document(rich_document(Version.V3_0), version=Version.V3_0, dialect=Dialect(), ledger=Ledger())

    written = parse(write_document(repertoire, version=Version.V3_0, ledger=Ledger()))

    assert sum(1 for _ in written.iter("note")) == sum(1 for _ in rich_document(Version.V3_0).iter("note"))


MODE = '<careMode code="28" codingScheme="1.2.250.1.213.3.3.13"/>'
HOME = '<careMode code="08" codingScheme="1.2.250.1.213.3.3.13"/>'
NONE = '<careMode code="" codingScheme="1.2.250.1.213.3.3.13"/>'


@pytest.mark.parametrize(
    ("modes", "first", "kept"),
    [
        pytest.param(MODE + HOME, "28", 1, id="two"),
        pytest.param(MODE + NONE, "28", 1, id="one, then none"),
        pytest.param(NONE + HOME, "08", 0, id="none, then one"),
    ],
)
@pytest.mark.parametrize("level", ["1", "4"])
def test_a_second_care_mode_is_kept_beside_its_object(level: str, modes: str, first: str, kept: int) -> None:
    made = etree.tostring(wire.document(wire.facility("F", level=level))).decode()
    assert made.count(MODE) == 1

    found = read_document(
        parse(made.replace(MODE, modes).encode()), version=Version.V3_0, dialect=Dialect(), ledger=Ledger()
    )

    (one,) = (*found.organisations_internes, *found.offres)
    assert (one.mode_prise_en_charge.code, len(one.ajouts)) == (first, kept)


def test_the_activities_of_two_links_are_those_of_one() -> None:
    services = "".join(
        f'<service entityID="A{code}"><codedType code="{code}" codingScheme="1.2.250.1.213.3.3.12"/>'
        f"{wire.RECORD}</service>"
        for code in ("233", "001")
    )
    again = '</organizations><organizations><organization entityID="EG-1"><service entityID="A001"/></organization>'
    unit = wire.facility("UE", services=("A233",)).replace("</organizations>", f"{again}</organizations>")

    found = read_document(
        wire.document(unit, services=services), version=Version.V3_0, dialect=Dialect(), ledger=Ledger()
    )

    assert [one.activite.code for one in found.offres[0].activites] == ["233", "001"]
