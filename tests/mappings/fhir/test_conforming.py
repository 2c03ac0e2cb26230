"""What is done in service with a resource that breaks a rule: nothing, told, or told and left out."""

from typing import Any

import pytest

from mappings.exposition.repertoire import Repertoire
from mappings.fhir.conforming import MOST_RULES, Mode, Passage, broken, held, validation_issues
from mappings.fhir.encoding import decode, encode
from mappings.fhir.validation.validator import validate
from mappings.fhir.write import write
from mappings.loss import Ledger, Loss, LossKind, Severity

OFFER = "HealthcareService/84.UE-0001"
SITE = "Organization/1010000001.EJ"


def spoilt(region: Repertoire) -> dict[str, Any]:
    """The region, its offer of a second type, the name of its legal entity a number."""
    resources = write(region, ledger=Ledger())
    resources[OFFER] = {**resources[OFFER], "type": resources[OFFER]["type"] * 2}
    resources[SITE] = {**resources[SITE], "name": 7}
    return resources


INVALID = {Passage.OUT: "fhir.resource.invalid", Passage.IN: "fhir-read.resource.invalid"}
REFUSED = {Passage.OUT: "fhir.resource.refused", Passage.IN: "fhir-read.resource.refused"}


@pytest.mark.parametrize(
    ("mode", "leaves_out"),
    [
        pytest.param(Mode.OFF, False, id="off"),
        pytest.param(Mode.REPORT, False, id="report"),
        pytest.param(Mode.REFUSE, True, id="refuse"),
    ],
)
@pytest.mark.parametrize(
    ("passage", "names"),
    [
        pytest.param(Passage.OUT, ("84/UE-0001", "1010000001"), id="out, by the keys"),
        pytest.param(Passage.IN, (OFFER, SITE), id="in, by the references"),
    ],
)
def test_what_is_told_and_what_goes_on(
    region: Repertoire, mode: Mode, leaves_out: bool, passage: Passage, names: tuple[str, str]
) -> None:
    resources, ledger = spoilt(region), Ledger()

    kept = held(resources, mode, passage, ledger=ledger)

    faulty = {name for name, one in resources.items() if Severity.ERROR in {found.severity for found in validate(one)}}
    assert faulty >= {OFFER, SITE}
    assert set(resources) - set(kept) == (faulty if leaves_out else set())
    invalid = {
        (loss.object, loss.path, loss.value_kind)
        for loss in ledger.entries
        if loss.rule == INVALID[passage] and loss.severity is Severity.WARNING
    }
    offer, site = names
    told = {(offer, "type", "ror-healthcareservice/type/max"), (site, "name", "r4/type")}
    assert invalid >= told if mode is not Mode.OFF else not ledger.entries
    refused = {loss.object for loss in ledger.entries if loss.rule == REFUSED[passage]}
    assert refused >= {offer, site} if leaves_out else not refused


def test_what_is_written_is_held_as_it_will_be_read(region: Repertoire) -> None:
    resources = spoilt(region)

    for resource in resources.values():
        assert validate(resource) == validate(decode(encode(resource)))


def loss(rule: str, number: int, severity: Severity = Severity.WARNING) -> Loss:
    return Loss("84/1", "type", rule, LossKind.INCONSISTENT, severity, f"ror-location/rule-{number:02}")


def test_the_issues_name_the_most_frequent_rules_and_count_the_others() -> None:
    losses = [loss("fhir.resource.invalid", number) for number in range(MOST_RULES + 5) for _ in range(number + 1)]
    losses += [
        loss("fhir.offer.age", 99),
        Loss("84/1", "", "fhir-read.resource.refused", LossKind.DROPPED, Severity.ERROR),
    ]

    issues = validation_issues(losses, "en")

    codes = [one["details"]["coding"][0]["code"] for one in issues]
    assert codes[:2] == ["resource-refused", f"ror-location/rule-{MOST_RULES + 4:02}"]
    assert (codes[-1], len(codes)) == ("other-rules", MOST_RULES + 1)
    assert issues[-1]["diagnostics"].startswith("6 other")
    assert sum(broken(losses).values()) == len(losses) - 1


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_found_is_nothing_said(language: str) -> None:
    assert validation_issues([loss("fhir.offer.age", 1)], language) == []
