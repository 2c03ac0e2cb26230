"""The codes of what is read of FHIR: each odd one is told where it stands, what nobody can judge is counted."""

from datetime import date
from typing import Any

import pytest

from mappings.exposition.values import Code
from mappings.fhir.datatypes import concept
from mappings.fhir.read import read
from mappings.loss import Ledger, LossKind, Severity
from mappings.nomenclatures.bindings import GUIDE, Membership, bindings, in_binding
from mappings.nomenclatures.tables import State, resolve, table, value_set

AT = date(2026, 11, 1)


def judged(resource: dict[str, Any], at: date = AT) -> tuple[list[tuple[str, str, str]], int]:
    """What is told of the codes of a resource: object, path and rule; how many could not be verified."""
    ledger = Ledger()
    read({f"{resource['resourceType']}/1": resource}, ledger=ledger, at=at)
    told = [(loss.object, loss.path, loss.rule) for loss in ledger.entries if ".code." in loss.rule]
    return told, ledger.unverifiable


def service(**members: Any) -> dict[str, Any]:
    """A HealthcareService of one identifier."""
    return {"resourceType": "HealthcareService", "id": "1", "identifier": [{"value": "84/UE"}], **members}


CASES: dict[str, tuple[dict[str, Any], date, list[tuple[str, str, str]], int]] = {
    "in its value set": (service(specialty=[concept(Code("R211", "037"))]), AT, [], 0),
    "in no table": (
        service(specialty=[concept(Code("R211", "999"))]),
        AT,
        [("84/UE", "specialty", "fhir-read.code.unresolved")],
        0,
    ),
    "left its value set": (
        service(specialty=[concept(Code("R211", "048"))]),
        AT,
        [("84/UE", "specialty", "fhir-read.code.outside")],
        0,
    ),
    "the value set of that day is not held": (
        service(specialty=[concept(Code("R211", "048"))]),
        date(2024, 1, 1),
        [],
        1,
    ),
    "not born yet": (
        service(specialty=[concept(Code("R211", "549"))]),
        date(2021, 10, 29),
        [("84/UE", "specialty", "fhir-read.code.later")],
        1,
    ),
    "without its zeros": (
        service(specialty=[concept(Code("R211", "37"))]),
        AT,
        [("84/UE", "specialty", "fhir-read.code.unresolved")],
        0,
    ),
    "under the OID of its table": (
        service(specialty=[{"coding": [{"system": "urn:oid:1.2.250.1.213.3.3.12", "code": "999"}]}]),
        AT,
        [("84/UE", "specialty", "fhir-read.code.unresolved")],
        0,
    ),
    "of a system of nobody": (service(specialty=[{"coding": [{"system": "urn:inconnu", "code": "9"}]}]), AT, [], 1),
    "of FHIR itself": (
        service(specialty=[{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/x", "code": "9"}]}]),
        AT,
        [],
        0,
    ),
    "in an extension": (
        service(
            extension=[
                {
                    "url": "https://interop.esante.gouv.fr/ig/fhir/ror/StructureDefinition/ror-healthcareservice-age-range",
                    "valueCodeableConcept": concept(Code("R208", "99")),
                }
            ]
        ),
        AT,
        [("84/UE", "extension", "fhir-read.code.unresolved")],
        0,
    ),
    "twice at one place": (
        service(specialty=[concept(Code("R211", "998")), concept(Code("R211", "999"))]),
        AT,
        [("84/UE", "specialty", "fhir-read.code.unresolved")],
        0,
    ),
}


@pytest.mark.parametrize(("resource", "at", "told", "unverifiable"), CASES.values(), ids=CASES)
def test_a_code_is_judged_on_the_day_of_its_source(
    resource: dict[str, Any], at: date, told: list[tuple[str, str, str]], unverifiable: int
) -> None:
    assert judged(resource, at) == (told, unverifiable)


TIED = {
    (system, one.value_set): one
    for one in bindings()
    for system in one.systems
    if GUIDE in one.versions and one.element.startswith("HealthcareService.") and one.value_set is not None
}


@pytest.mark.parametrize(("system", "short"), TIED, ids=[f"{system} {short}" for system, short in TIED])
def test_every_value_set_of_an_offer_is_held_against_its_codes(system: str, short: str) -> None:
    held, concepts = value_set(short, AT), table(system)
    inside = sorted(code for other, code in held or () if other == system)
    if held is None or not inside:
        known = next(iter(concepts or {}), "1")
        assert judged(service(characteristic=[concept(Code(system, known))])) == ([], 1)
        return
    assert judged(service(characteristic=[concept(Code(system, inside[0]))])) == ([], 0)
    old = [code for code in concepts or () if code not in inside and _old(system, code)]
    element = TIED[system, short].element
    for code in old[:1]:
        outside = in_binding(element, Code(system, code), GUIDE, AT) is Membership.OUTSIDE
        told = [("84/UE", "characteristic", "fhir-read.code.outside")] if outside else []
        assert judged(service(characteristic=[concept(Code(system, code))])) == (told, int(not outside))


def _old(system: str, code: str) -> bool:
    return resolve(Code(system, code), date(2019, 1, 1)).state is State.ACTIVE


def test_the_entry_says_what_an_entry_of_csd_says() -> None:
    ledger = Ledger()

    read({"HealthcareService/1": service(specialty=[concept(Code("R211", "048"))])}, ledger=ledger, at=AT)

    (entry,) = [loss for loss in ledger.entries if loss.rule == "fhir-read.code.outside"]
    assert (entry.kind, entry.severity, entry.value_kind) == (LossKind.INCONSISTENT, Severity.INFORMATION, "code")
