"""Each coded element of each version of the contract: codes of its value set, others, those that nobody can judge."""

from datetime import date

import pytest
from lxml import etree

from mappings.csd.answers import write_document
from mappings.csd.code_findings import note_read
from mappings.csd.contexts import Reading
from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.bindings import GUIDE, Binding, bindings
from mappings.nomenclatures.tables import State, resolve, table, value_set

CSD = "urn:ihe:iti:csd:2013"
AT = date(2026, 11, 1)


def judged(element: str, code: Code, version: Version, at: date = AT) -> tuple[list[str], int]:
    """The rules noted, and how many codes could not be verified."""
    parent, _, name = element.rpartition("/")
    above = etree.Element(f"{{{CSD}}}{parent or 'extension'}")
    ledger = Ledger()
    note_read(etree.SubElement(above, f"{{{CSD}}}{name}"), code, Reading(version, Dialect(), ledger, at))
    return [loss.rule.removeprefix(f"csd-{version}.") for loss in ledger.entries], ledger.unverifiable


def ties() -> list[tuple[Binding, Version]]:
    """Every tie of the contract in force, version by version."""
    return [
        (binding, version)
        for binding in bindings()
        for version in Version
        if GUIDE not in binding.versions and binding.applies(version, AT)
    ]


def allowed(binding: Binding) -> frozenset[tuple[str, str]] | None:
    """The codes of a tie; None when they are not held."""
    if binding.value_set is not None:
        held = value_set(binding.value_set, AT)
        return None if held is None else frozenset(pair for pair in held if pair[0] in binding.systems)
    tables = [(system, table(system)) for system in binding.systems]
    if any(held is None for _, held in tables):
        return None
    return frozenset((system, code) for system, held in tables for code in held or ())


@pytest.mark.parametrize(
    ("binding", "version"), ties(), ids=[f"{one.element} {one.value_set} {version}" for one, version in ties()]
)
def test_every_tie_of_every_version_is_judged(binding: Binding, version: Version) -> None:
    codes = allowed(binding)
    (system, *_) = binding.systems
    if codes is None:
        known = next((code for code in table(system) or {"1": None}), "1")
        assert judged(binding.element, Code(system, known), version) == ([], 1)
        return
    assert codes
    for pair in sorted(codes)[:20]:
        assert judged(binding.element, Code(*pair), version) == ([], 0), pair
    # A code of a table that no tie of the element names.
    assert judged(binding.element, Code("R369", "1"), version)[0] in (["code.outside"], ["code.unresolved"])
    # A code of the table that the value set left out, when there is one and it is not younger than what is held.
    others = {(one, code) for one in binding.systems for code in table(one) or ()} - codes
    old = [pair for pair in sorted(others) if resolve(Code(*pair), date(2019, 1, 1)).state is State.ACTIVE]
    found = [judged(binding.element, Code(*pair), version) for pair in old]
    assert all(rules in ([], ["code.outside"]) for rules, _ in found)
    # Nothing is both a finding and unverifiable.
    assert all(not (rules and unverifiable) for rules, unverifiable in found)


@pytest.mark.parametrize(
    ("element", "code", "version", "at", "rules", "unverifiable"),
    [
        pytest.param("facilityType", "R244 133", "2.4", AT, ["code.unresolved"], 0, id="133, which no table held has"),
        pytest.param("facilityType", "R244 30", "2.4", AT, [], 0, id="in J34, that of 2.4"),
        pytest.param("facilityType", "R244 30", "3.0", AT, [], 1, id="J238, that of 3.0, is not held"),
        pytest.param("service/codedType", "R211 048", "3.0", AT, ["code.outside"], 0, id="left J17"),
        pytest.param("service/codedType", "R211 048", "3.0", date(2024, 1, 1), [], 1, id="J17 of that day is not held"),
        pytest.param("service/codedType", "R211 999", "3.0", AT, ["code.unresolved"], 0, id="in no table"),
        pytest.param("service/codedType", "R210 0326", "3.0", AT, ["code.outside"], 0, id="an act is no activity"),
        pytest.param("service/codedType", "R211 549", "3.0", date(2021, 10, 29), ["code.later"], 1, id="not born yet"),
        pytest.param("specificAct", "R210 1218", "2.4", AT, [], 0, id="ended in its table, in J16"),
        pytest.param("takingCareSpeciality", "R211 068", "3.0", AT, ["code.outside"], 0, id="the defect of J35"),
        pytest.param("takingCareSpeciality", "1.2.250.1.213.99.99.84.1 X", "3.0", AT, [], 1, id="code of a region"),
        pytest.param("interventionZone/codedType", "R30 84", "2.4", AT, [], 0, id="zone, in J237"),
        pytest.param("interventionZone/codedType", "R30 21", "2.4", AT, ["code.outside"], 0, id="former region"),
        pytest.param("interventionZone/codedType", "R211 037", "2.4", AT, ["code.outside"], 0, id="no table of a zone"),
        pytest.param("healthCareTerritorial/codedType", "R13 01001", "2.4", AT, [], 1, id="communes are not held"),
        pytest.param("capacityGenderAvailability", "R332 03", "3.0", AT, ["code.outside"], 0, id="left J190"),
        pytest.param("homeMode", "R338 04", "2.4", AT, [], 1, id="no such element in 2.4"),
        pytest.param("currency", "R230 USD", "3.0", AT, ["code.unresolved"], 0, id="out of a whole table"),
        pytest.param("regionalElement", "R211 037", "3.0", AT, [], 1, id="an element without a tie"),
    ],
)
def test_a_code_where_it_stands(
    element: str, code: str, version: str, at: date, rules: list[str], unverifiable: int
) -> None:
    assert judged(element, Code(*code.split()), Version(version), at) == (rules, unverifiable)


@pytest.mark.parametrize("version", [one for one in Version if one is not Version.V2016])
@pytest.mark.parametrize(
    ("at", "told"),
    [
        pytest.param(AT, ["extension/specificAct", "service[048]/codedType"], id="048 left J17"),
        pytest.param(date(2024, 1, 1), ["extension/specificAct"], id="J17 of that day is not held"),
        pytest.param(date(2019, 1, 1), [], id="nor is any J16"),
    ],
)
def test_what_is_written_is_held_against_the_value_sets_of_its_version_and_reader(
    version: Version, at: date, told: list[str]
) -> None:
    genetics = OffreOperationnelle(
        "84/UE",
        champs_activite=(Code("R227", "01"),),
        mode_prise_en_charge=Code("R213", "28"),
        activites=(ActiviteOperationnelle(Code("R211", "048")), ActiviteOperationnelle(Code("R211", "037"))),
        actes_specifiques=(Code("R210", "0002"), Code("R210", "0001"), Code("R210", "0002")),
    )
    ledger = Ledger()

    written = write_document(Repertoire(offres=(genetics,)), version=version, ledger=ledger, at=at)

    assert b'code="048"' in written
    outside = [loss for loss in ledger.entries if loss.rule == f"csd-{version}.code.outside"]
    assert {(loss.kind, loss.severity) for loss in outside} <= {(LossKind.INCONSISTENT, Severity.INFORMATION)}
    assert sorted({"/".join(loss.path.split("/")[-2:]) for loss in outside}) == told
