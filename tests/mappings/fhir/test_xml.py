"""JSON and XML say the same; what one of them cannot say is refused, not altered."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.csd.xml import XmlRefused
from mappings.exposition.anomalie import Anomalie
from mappings.exposition.repertoire import Repertoire
from mappings.fhir.bundle import collection
from mappings.fhir.encoding import decode, encode
from mappings.fhir.outcome import issue, operation_outcome
from mappings.fhir.shape import Json
from mappings.fhir.tasks import write_task
from mappings.fhir.write import write
from mappings.fhir.xml import ResourceRefused, from_xml, to_xml
from mappings.loss import Ledger

LONGITUDE = "Location.position.longitude"
CODED = {"extension": [{"url": "u", "valueCode": "c"}]}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Ouvert &amp; <b>calme</b></p></div>'


def same(resource: Json) -> Json:
    """What JSON reads of what was written, with the digits of its numbers."""
    return decode(encode(resource))


def digits(value: Any) -> Any:
    """The tree with its numbers as they are written: 1.50 is not 1.5."""
    if isinstance(value, dict):
        return {name: digits(item) for name, item in value.items()}
    if isinstance(value, list):
        return [digits(item) for item in value]
    return str(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else value


def test_every_written_resource_of_every_region_comes_back(written_regions: dict[str, dict[str, Json]]) -> None:
    for resources in written_regions.values():
        bundle = collection(resources.values())

        assert digits(from_xml(to_xml(bundle))) == digits(bundle)


def test_everything_the_model_says_comes_back(region: Repertoire, anomalie: Anomalie) -> None:
    resources = [*write(region, ledger=Ledger()).values(), write_task(anomalie, ledger=Ledger())]

    for resource in map(same, resources):
        assert digits(from_xml(to_xml(resource))) == digits(resource)


@pytest.mark.parametrize(
    "resource",
    [
        operation_outcome([issue("invalid", "bad-count", "<&\"'>\n\té", expression=("a", "b"))]),
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": 0,
            "link": [{"relation": "self", "url": "http://x?a=1&b"}],
        },
        {"resourceType": "Location", "text": {"status": "generated", "div": DIV}},
        {"resourceType": "Location", "contained": [{"resourceType": "Organization", "id": "o", "active": True}]},
        {"resourceType": "Location", "address": {"id": "a", "line": [None, "2"], "_line": [{"id": "x"}, None]}},
        {"resourceType": "Location", "alias": ["a", "b"], "_alias": [None, CODED]},
        {"resourceType": "Location", "_name": {"extension": [{"url": "u", "valueBoolean": False}]}},
        {"resourceType": "Location", "position": {"longitude": Decimal("-1.50"), "latitude": Decimal("1E-7")}},
        {"resourceType": "Location", "position": {"longitude": 0, "latitude": Decimal("46.20")}},
        {"resourceType": "Location"},
    ],
    ids="outcome bundle narrative contained places extended no-value digits integers empty".split(),
)
def test_comes_back(resource: Json) -> None:
    assert digits(from_xml(to_xml(resource))) == digits(resource)


def test_elements_stand_in_the_order_of_r4() -> None:
    document = to_xml({"resourceType": "Location", "position": {"latitude": 1, "longitude": 2}, "name": "n", "id": "i"})

    names = [b"<id ", b"<name ", b"<position", b"<longitude ", b"<latitude "]
    assert [document.index(name) for name in names] == sorted(document.index(name) for name in names)
    assert b'<Location xmlns="http://hl7.org/fhir">' in document


UNSAYABLE = {
    "type": ({"resourceType": "Patient"}, "unknown-type", "resource"),
    "no type": ({"name": "x"}, "unknown-type", "resource"),
    "element": ({"resourceType": "Location", "cost": 1}, "unknown-element", "Location.cost"),
    "extended address": (
        {"resourceType": "Location", "extension": [{"url": "a", "_url": {"id": "b"}, "valueBoolean": True}]},
        "unknown-element",
        "Location.extension._url",
    ),
    "extended id": (
        {"resourceType": "Location", "position": {"id": "a", "_id": {"extension": [{"url": "b"}]}}},
        "unknown-element",
        "Location.position._id",
    ),
    "extended object": ({"resourceType": "Location", "_position": {}}, "unknown-element", "Location._position"),
    "null": ({"resourceType": "Location", "name": None}, "type", "Location.name"),
    "places for nothing": ({"resourceType": "Location", "alias": [None], "_alias": [{}]}, "type", "Location.alias"),
    "object for a text": ({"resourceType": "Location", "name": {}}, "type", "Location.name"),
    "number for a text": ({"resourceType": "Location", "name": 1}, "type", "Location.name"),
    "text for a number": (
        {"resourceType": "Location", "position": {"longitude": "1"}},
        "type",
        LONGITUDE,
    ),
    "text for an object": ({"resourceType": "Location", "position": "x"}, "type", "Location.position"),
    "object for a list": ({"resourceType": "Location", "alias": "x"}, "type", "Location.alias"),
    "control character": ({"resourceType": "Location", "name": "a\x01"}, "text", "Location.name"),
    "half a character": ({"resourceType": "Location", "name": "a\ud800"}, "text", "Location.name"),
    "narrative": (
        {"resourceType": "Location", "text": {"status": "generated", "div": "<div>"}},
        "text",
        "Location.text.div",
    ),
    "narrative of another kind": (
        {"resourceType": "Location", "text": {"status": "generated", "div": "<script/>"}},
        "text",
        "Location.text.div",
    ),
}


@pytest.mark.parametrize(("resource", "code", "path"), UNSAYABLE.values(), ids=UNSAYABLE)
def test_what_xml_cannot_say(resource: Json, code: str, path: str) -> None:
    with pytest.raises(ResourceRefused) as refused:
        to_xml(resource)

    assert (refused.value.code, refused.value.path) == (code, path)


def _location(content: str) -> bytes:
    return f'<Location xmlns="http://hl7.org/fhir" xmlns:o="urn:other">{content}</Location>'.encode()


HOSTILE = {
    "unknown type": (b'<Patient xmlns="http://hl7.org/fhir"/>', "unknown-type", "Patient"),
    "no namespace": (b"<Location/>", "unknown-type", "Location"),
    "unknown element": (_location("<cost/>"), "unknown-element", "Location.cost"),
    "other namespace": (_location('<o:name value="x"/>'), "unknown-element", "Location.name"),
    "attribute": (_location('<name value="x" lang="fr"/>'), "unknown-element", "Location.name.lang"),
    "attribute for an element": (
        _location('<type text="x"/>'),
        "unknown-element",
        "Location.type.text",
    ),
    "element for an attribute": (
        _location('<address><id value="a"/></address>'),
        "unknown-element",
        "Location.address.id",
    ),
    "wrong order": (_location('<name value="x"/><id value="x"/>'), "order", "Location.id"),
    "repeated": (_location('<name value="x"/><name value="y"/>'), "repeated", "Location.name"),
    "list cut in two": (
        _location('<alias value="x"/><description value="y"/><alias value="z"/>'),
        "order",
        "Location.alias",
    ),
    "text": (_location("name"), "text", "Location"),
    "text between": (_location('<name value="x"/>y'), "text", "Location"),
    "nothing contained": (_location("<contained/>"), "type", "Location.contained"),
    "two contained": (
        _location("<contained><Location/><Location/></contained>"),
        "repeated",
        "Location.contained",
    ),
    "number as words": (_location('<position><longitude value="NaN"/></position>'), "value", LONGITUDE),
    "number with a comma": (_location('<position><longitude value="1,5"/></position>'), "value", LONGITUDE),
    "number with a plus": (_location('<position><longitude value="+1"/></position>'), "value", LONGITUDE),
    "enormous number": (
        _location(f'<position><longitude value="{"9" * 5000}"/></position>'),
        "value",
        LONGITUDE,
    ),
    "enormous exponent": (
        _location('<position><longitude value="1E999999999999999999999"/></position>'),
        "value",
        LONGITUDE,
    ),
    "fraction of an integer": (
        _location('<telecom><rank value="1.5"/></telecom>'),
        "value",
        "Location.telecom.rank",
    ),
    "boolean in words": (
        _location('<hoursOfOperation><allDay value="oui"/></hoursOfOperation>'),
        "value",
        "Location.hoursOfOperation.allDay",
    ),
}


@pytest.mark.parametrize(("document", "code", "path"), HOSTILE.values(), ids=HOSTILE)
def test_xml_that_is_no_resource(document: bytes, code: str, path: str) -> None:
    with pytest.raises(ResourceRefused) as refused:
        from_xml(document)

    assert (refused.value.code, refused.value.path) == (code, path)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b'<!DOCTYPE Location><Location xmlns="http://hl7.org/fhir"/>', "doctype"),
        (b'<Location xmlns="http://hl7.org/fhir">&x;</Location>', "entity"),
        (b'<Location xmlns="http://hl7.org/fhir">', "not-well-formed"),
        (b"", "not-well-formed"),
        (_location("<extension>" * 300 + "</extension>" * 300), "too-deep"),
    ],
    ids=["doctype", "entity", "cut", "nothing", "deep"],
)
def test_xml_that_may_not_enter(document: bytes, code: str) -> None:
    with pytest.raises(XmlRefused) as refused:
        from_xml(document)

    assert refused.value.code == code


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_strange_resource_is_written_or_refused(
    region: Repertoire, mutated: Callable[[Json, st.DataObject], Json], data: st.DataObject
) -> None:
    resources = [same(resource) for resource in write(region, ledger=Ledger()).values()]
    resource = mutated(data.draw(st.sampled_from(resources)), data)

    try:
        document = to_xml(resource)
    except ResourceRefused:
        return
    assert to_xml(from_xml(document)) == document
