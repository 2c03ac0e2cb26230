"""What a hostile or careless FHIR source sends: each input is refused, or read with an entry of the ledger."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.exposition.repertoire import Repertoire
from mappings.fhir.bundle import collection, resources_of
from mappings.fhir.encoding import JsonRefused, decode, encode
from mappings.fhir.read import read
from mappings.fhir.shape import Json, MalformedResource
from mappings.fhir.tasks import read_task, write_task
from mappings.fhir.write import write
from mappings.loss import Ledger, Loss
from mappings.losses.expected import rows_for

OFFER, PLACE, SITE = "HealthcareService/84.UE-0001", "Location/84.L-1", "Organization/1010000002"
ROLE, PERSON = "PractitionerRole/810000000001.84.UE-0001", "Practitioner/810000000001"


@pytest.fixture(name="resources")
def _resources(region: Repertoire) -> dict[str, Json]:
    written = write(region, ledger=Ledger())
    return {reference: decode(encode(resource)) for reference, resource in written.items()}


REFUSED_BYTES = {
    "nothing": (b"", "not-well-formed"),
    "cut": (b'{"resourceType": "Bundle"', "not-well-formed"),
    "two documents": (b"{} {}", "not-well-formed"),
    "text after": (b"{} x", "not-well-formed"),
    "comment": (b"{/* */}", "not-well-formed"),
    "comma at the end": (b'{"a": 1,}', "not-well-formed"),
    "single quotes": (b"{'a': 1}", "not-well-formed"),
    "list": (b"[]", "not-an-object"),
    "null": (b"null", "not-an-object"),
    "same key twice": (b'{"a": 1, "a": 1}', "duplicate-key"),
    "same key twice, escaped": (b'{"a": 1, "\\u0061": 1}', "duplicate-key"),
    "same key twice, deep": (b'{"a": [{"b": {"c": 1, "c": 2}}]}', "duplicate-key"),
    "latin-1": ('{"a": "é"}'.encode("latin-1"), "encoding"),
    "utf-16": ('{"a": "é"}'.encode("utf-16"), "encoding"),
    "byte order mark": (b"\xef\xbb\xbf{}", "not-well-formed"),
    "half a character": (b'{"a": "\\ud800"}', "not-well-formed"),
    "half a character before another": (b'{"a": "\\ud800\\u0041 and more"}', "not-well-formed"),
    "raw half a character": (b'{"a": "\xed\xa0\x80"}', "encoding"),
    "raw control character": (b'{"a": "\x01"}', "not-well-formed"),
    "not a number": (b'{"a": NaN}', "not-well-formed"),
    "infinity": (b'{"a": -Infinity}', "not-well-formed"),
    "leading zero": (b'{"a": 01}', "not-well-formed"),
    "hexadecimal": (b'{"a": 0x1}', "not-well-formed"),
    "integer of 5,000 digits": (b'{"a": ' + b"9" * 5000 + b"}", "not-well-formed"),
    "exponent without end": (b'{"a": 1E' + b"9" * 30 + b"}", "number"),
    "deep": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too-deep"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED_BYTES.values(), ids=REFUSED_BYTES)
def test_bytes_that_are_no_resource(data: bytes, code: str) -> None:
    with pytest.raises(JsonRefused) as refused:
        decode(data)

    assert refused.value.code == code


REFUSED_BUNDLES: dict[str, tuple[Any, str]] = {
    "entries": ({"a": 1}, "entry"),
    "entry": ([5], "entry"),
    "entry as a list": ([[]], "entry"),
    "resource": ([{"resource": "x"}], "entry[0].resource"),
    "type": ([{}, {"resource": {"resourceType": ["Location"]}}], "entry[1].resourceType"),
    "id": ([{"resource": {"resourceType": "Location", "id": 5}}], "entry[0].id"),
    "address": ([{"fullUrl": {}, "resource": {"resourceType": "Location"}}], "entry[0].fullUrl"),
    "control character": ([{"resource": {"resourceType": "Location", "id": "\x01"}}], "entry[0].id"),
    "two of one reference": (
        [{"resource": {"resourceType": "Location", "id": "1", "name": name}} for name in ("a", "b")],
        "entry[1].resource",
    ),
}


@pytest.mark.parametrize(("entries", "path"), REFUSED_BUNDLES.values(), ids=REFUSED_BUNDLES)
def test_a_bundle_that_holds_no_resources(entries: Any, path: str) -> None:
    with pytest.raises(MalformedResource) as refused:
        resources_of({"resourceType": "Bundle", "entry": entries})

    assert refused.value.path == path


def test_the_same_resource_twice_is_one_resource() -> None:
    entry = {"resource": {"resourceType": "Location", "id": "1"}}

    assert list(resources_of({"entry": [entry, entry]})) == ["Location/1"]


UNREAD, MALFORMED = "fhir-read.element.unread", "fhir-read.resource.malformed"
Noted = set[tuple[str, str, str]]
ACCEPTED: dict[str, tuple[str, list[Any], Any, Noted]] = {
    # The member at a path is set to a value; what the ledger then says: object, path, rule.
    "unknown element within another": (
        OFFER, ["telecom", 0, "cost"], 1, {("84/UE-0001", "telecom.cost", UNREAD)}
    ),
    "known to R4, unknown to the model": (
        OFFER, ["availableTime", 0, "allDay"], True, {("84/UE-0001", "availableTime.allDay", UNREAD)}
    ),
    "second coding": (
        OFFER, ["type", 0, "coding", 1], {"code": "x"}, {("84/UE-0001", "type.coding.code", UNREAD)}
    ),
    "words beside a code": (
        OFFER, ["type", 0, "text"], "MCO", {("84/UE-0001", "type.text", UNREAD)}
    ),
    "period of an identifier": (
        SITE, ["identifier", 0, "period"], {"end": "2020"}, {("1010000002", "identifier.period.end", UNREAD)}
    ),
    "unknown part of an extension": (
        PLACE, ["extension", 2, "extension", 9], {"url": "mood", "valueString": "x"},
        {("84/L-1", "extension.ror-location-supported-capacity.extension.valueString", UNREAD)},
    ),
    "value of a code in an extension": (
        PLACE, ["extension", 1, "valueCodeableConcept", "text"], "Bourg",
        {("84/L-1", "extension.ror-commune-cog.valueCodeableConcept.text", UNREAD)},
    ),
    "comparator of an age": (
        OFFER, ["extension", 4, "extension", 1, "valueRange", "low", "comparator"], "<",
        {(
            "84/UE-0001",
            "extension.ror-healthcareservice-patient-type.ageRange.valueRange.low.comparator",
            UNREAD,
        )},
    ),
    "second identifier": (
        OFFER, ["identifier", 1], {"value": "x"}, {("84/UE-0001", "identifier.value", UNREAD)}
    ),
    "second alias": (PLACE, ["alias", 1], "x", {("84/L-1", "alias", UNREAD)}),
    "narrative": (
        OFFER, ["text"], {"status": "generated"}, {("84/UE-0001", "text", "fhir-read.resource.narrative")}
    ),
    "wrong type: text": (OFFER, ["name"], 5, {(OFFER, "name", MALFORMED)}),
    "wrong type: list": (OFFER, ["telecom"], {}, {(OFFER, "telecom", MALFORMED)}),
    "wrong type: object": (OFFER, ["providedBy"], "x", {(OFFER, "providedBy", MALFORMED)}),
    "wrong type: boolean": (OFFER, ["extension", 2, "valueBoolean"], "true", {(OFFER, "valueBoolean", MALFORMED)}),
    "number as text": (PLACE, ["position", "latitude"], "46.2", {(PLACE, "latitude", MALFORMED)}),
    "fraction of a bed": (
        PLACE, ["extension", 2, "extension", 3, "valueInteger"], Decimal("1.5"), {(PLACE, "valueInteger", MALFORMED)}
    ),
    "enormous integer": (
        PLACE, ["extension", 2, "extension", 3, "valueInteger"], 10**30, {(PLACE, "valueInteger", MALFORMED)}
    ),
    "number of a billion digits": (
        PLACE, ["position", "latitude"], Decimal("1E999999999"), {(PLACE, "latitude", MALFORMED)}
    ),
    "number of a billion decimals": (
        PLACE, ["position", "latitude"], Decimal("1E-999999999"), {(PLACE, "latitude", MALFORMED)}
    ),
    "no such date": (OFFER, ["meta", "lastUpdated"], "2024-02-30T00:00:00Z", {(OFFER, "lastUpdated", MALFORMED)}),
    "no such time": (
        OFFER, ["availableTime", 0, "availableStartTime"], "25:00:00", {(OFFER, "availableStartTime", MALFORMED)}
    ),
    "control character": (OFFER, ["name"], "a\x0bb", {(OFFER, "name", MALFORMED)}),
    "half a character": (OFFER, ["name"], "a\ud800", {(OFFER, "name", MALFORMED)}),
    "type of resource as a list": (PLACE, ["resourceType"], ["Location"], {
        (PLACE, "resource", "fhir-read.resource.type"),
        ("84/UE-0001", "location", "fhir-read.offer.place"),
    }),
    "role of two offers": (ROLE, ["healthcareService", 1], {"reference": OFFER}, {
        ("PractitionerRole/810000000001.84.UE-0001", "healthcareService", "fhir-read.role.one-offer"),
        ("810000000001/84/UE-0001", "healthcareService", UNREAD),
    }),
    "second name": (PERSON, ["name", 1], {"family": "X"}, {("810000000001", "name.family", UNREAD)}),
}  # fmt: skip


def _set(holder: Any, path: list[Any], value: Any) -> None:
    *above, last = path
    for key in above:
        holder = holder[key]
    if isinstance(holder, list) and last >= len(holder):
        holder.append(value)
    else:
        holder[last] = value


@pytest.mark.parametrize(("reference", "path", "value", "noted"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_read_leaves_an_entry(
    resources: dict[str, Json], reference: str, path: list[Any], value: Any, noted: Noted
) -> None:
    _set(resources[reference], path, value)
    ledger = Ledger()
    read(resources, ledger=ledger)

    assert noted <= {(entry.object, entry.path, entry.rule) for entry in ledger.entries}


def test_two_values_of_a_choice_leave_an_entry(resources: dict[str, Json]) -> None:
    resources[OFFER]["extension"][2]["valueString"] = "x"
    ledger = Ledger()
    read(resources, ledger=ledger)

    expected = ("84/UE-0001", "extension.ror-healthcareservice-sensitive-unit.valueString", UNREAD)
    assert expected in {(entry.object, entry.path, entry.rule) for entry in ledger.entries}


def test_unknown_members_and_extensions_are_kept(resources: dict[str, Json]) -> None:
    resources[OFFER]["appointmentRequired"] = True
    resources[OFFER]["extension"].append({"url": "https://example.org/x", "valueUuid": "x"})
    ledger = Ledger()
    repertoire = read(resources, ledger=ledger)

    again = write(repertoire, ledger=Ledger())[OFFER]
    assert ledger.entries == ()
    assert again["appointmentRequired"] is True
    assert {"url": "https://example.org/x", "valueUuid": "x"} in again["extension"]


def test_no_text_of_the_source_is_in_the_ledger(resources: dict[str, Json]) -> None:
    secret = "7f3a9c"
    for path in (["telecom", 0, "use"], ["type", 0, "text"], ["identifier", 1], ["providedBy", "display"]):
        _set(resources[OFFER], path, {"value": secret} if path == ["identifier", 1] else secret)
    resources[OFFER]["extension"].append({"url": secret, "id": secret, "extension": [{"url": secret}]})
    ledger = Ledger()
    read(resources, ledger=ledger)

    assert len(ledger.entries) >= 4
    assert all(secret not in entry.path for entry in ledger.entries)


def undeclared(ledger: Ledger, passage: str) -> list[Loss]:
    """The entries that no row of the table of losses expects."""
    return [loss for loss in ledger.entries if not any(rows_for(loss, passage))]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_only_declared_refusals(
    resources: dict[str, Json], mutated: Callable[[Json, st.DataObject], Json], data: st.DataObject
) -> None:
    reference = data.draw(st.sampled_from(sorted(resources)))
    whole = {**resources, reference: mutated(resources[reference], data)}
    reading, writing = Ledger(), Ledger()

    written = write(read(whole, ledger=reading), ledger=writing)

    assert undeclared(reading, "fhir→exposition") + undeclared(writing, "exposition→fhir") == []
    assert {name: decode(encode(one))["resourceType"] for name, one in written.items()} == {
        name: name.partition("/")[0] for name in written
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_only_declared_refusals_of_bundles(
    resources: dict[str, Json], mutated: Callable[[Json, st.DataObject], Json], data: st.DataObject
) -> None:
    bundle = mutated(collection([resources[OFFER], resources[PLACE]]), data)

    ledger, refused = Ledger(), ""
    try:
        read(resources_of(bundle), ledger=ledger)
    except MalformedResource as refusal:
        refused = refusal.path

    assert refused.startswith("entry") or not refused
    assert undeclared(ledger, "fhir→exposition") == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_only_declared_refusals_of_anomalies(
    anomalie: Any, mutated: Callable[[Json, st.DataObject], Json], data: st.DataObject
) -> None:
    resource = mutated(decode(encode(write_task(anomalie, ledger=Ledger()))), data)
    reading, writing = Ledger(), Ledger()
    outcome: Any = None
    try:
        outcome = write_task(read_task(resource, ledger=reading), ledger=writing)["resourceType"]
    except MalformedResource as refusal:
        outcome = refusal

    assert outcome == "Task" or outcome.path
    assert undeclared(reading, "fhir→exposition") + undeclared(writing, "exposition→fhir") == []
