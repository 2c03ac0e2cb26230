"""The short form of the memory benchmark: a document of 12 MB in a child process."""

from pathlib import Path

import pytest

from benchmarks.memory import LIMIT, MEGABYTE, extraction, peak
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse


def test_an_extraction_is_a_document_of_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "extraction.xml"

    offers = extraction(path, MEGABYTE)

    document = parse(path.read_bytes())
    schema(Version.V3_0).assertValid(document)
    assert offers > 50
    assert path.stat().st_size >= MEGABYTE


def test_a_translation_stays_within_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "extraction.xml"
    extraction(path, 12 * MEGABYTE)

    above = (
        peak("translate", "--from", "csd-3.0", "--to", "fhir", "--output", str(tmp_path / "out"), str(path)) - peak()
    )

    assert 0 < above < LIMIT * MEGABYTE


CSD = '<CSD xmlns="urn:ihe:iti:csd:2013"><organizationDirectory>{}</organizationDirectory>'


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(CSD.format("x" * 10 * MEGABYTE), id="text of 10 MB"),
        pytest.param(CSD.format(f'<a b="{"x" * 10 * MEGABYTE}"/>'), id="attribute of 10 MB"),
        pytest.param(CSD.format("<a " + " ".join(f'a{n}=""' for n in range(100_000)) + "/>"), id="100,000 attributes"),
        pytest.param(CSD.format("<organization>" + "<a/>" * 1_000_000), id="a million elements"),
        pytest.param(CSD.format("<a>" * 100_000), id="100,000 levels"),
        pytest.param(
            f'<!DOCTYPE a [<!ENTITY x "{"y" * 100_000}">]><a b="{"&x;" * 500}"/>', id="entities in an attribute"
        ),
    ],
)
def test_a_hostile_document_costs_little_more_than_its_size(hostile: str, tmp_path: Path) -> None:
    small, large = tmp_path / "small.xml", tmp_path / "large.xml"
    small.write_text(CSD.format("") + "</CSD>", encoding="utf-8")
    large.write_text(hostile, encoding="utf-8")
    translation = ("translate", "--from", "csd-3.0", "--to", "fhir")

    above = peak(*translation, str(large)) - peak(*translation, str(small))

    assert above < large.stat().st_size + 16 * MEGABYTE
