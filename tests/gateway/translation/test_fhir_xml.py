"""A Bundle says the same in XML as in JSON; XML that is no Bundle is refused where it stops being one."""

import io
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import islice

import msgspec
import pytest

from conformance.reference.content import content
from conformance.reference.csd.dialect import Contract
from conformance.reference.csd.document import Document, answer
from conformance.reference.csd.wire import Scribe
from conformance.reference.national.store import Store
from conformance.reference.solutions import iess
from gateway.translation.formats import FORMATS, InputRefused, Task
from gateway.translation.translate import translate
from mappings.csd.dialect import Dialect
from mappings.csd.way import MAXIMUM_ENTRY
from mappings.csd.xml import serialize
from mappings.fhir.bundle import collection
from mappings.fhir.bundle_stream import BundleStream
from mappings.fhir.encoding import encode
from mappings.fhir.xml import to_xml
from mappings.loss import Ledger, Loss

AT = date(2026, 11, 1)


def translated(data: bytes, target: str, source: str = "fhir") -> tuple[bytes, list[Loss]]:
    output, ledger = io.BytesIO(), Ledger()
    task = Task(source, target, Dialect(), AT, AT)
    translate(io.BytesIO(data), output, task, ledger=ledger, progress=lambda _: None)
    return output.getvalue(), ledger.entries


def in_both_forms(data: bytes) -> tuple[bytes, bytes]:
    return data, to_xml(msgspec.json.Decoder(float_hook=Decimal).decode(data))


@cache
def bundles(name: str) -> tuple[bytes, bytes]:
    """The reference data: as the national server gives them, and as the gateway writes a region."""
    if name == "national":
        resources = Store(islice(content("84").establishments(), 4)).resources.values()
        return in_both_forms(encode(collection(resources)))
    document = Document(Scribe(iess.DIALECT, Contract.V3_0, "https://ror.example"))
    for made in islice(content("11").establishments(), 4):
        document.add(made)
    return in_both_forms(translated(serialize(answer(document, count=document.offers)), "fhir", "csd-3.0")[0])


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("name", ["national", "region"])
def test_a_bundle_is_translated_alike_from_xml_and_from_json(name: str, target: str) -> None:
    in_json, in_xml = bundles(name)

    expected, losses = translated(in_json, target)

    assert translated(in_xml, target) == (expected, losses)
    assert len(expected) > 30_000
    # What the gateway wrote itself comes into the model as it is.
    assert bool(losses) == ((name, target) != ("region", "exposition"))


def bundle(content: str, attributes: str = "") -> bytes:
    return f'<Bundle xmlns="http://hl7.org/fhir"{attributes}><type value="collection"/>{content}</Bundle>'.encode()


def entry(content: str) -> str:
    return f"\n<entry><resource>{content}</resource></entry>"


PLACE = '<Location><id value="a"/>%s</Location>'
SMALL = bundle(entry(PLACE % '<name value="É"/>'))
TEXT = SMALL.decode()
PREFIXED = TEXT.replace("<", "<f:").replace("<f:/", "</f:").replace("xmlns", "xmlns:f")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xef\xbb\xbf" + SMALL, id="mark of UTF-8"),
        pytest.param(b"\n \t" + SMALL, id="blanks"),
        pytest.param(TEXT.encode("utf-16"), id="UTF-16 with its mark"),
        pytest.param(f'<?xml version="1.0" encoding="utf-16"?>{TEXT}'.encode("utf-16"), id="UTF-16 declared"),
        pytest.param(f'<?xml version="1.0" encoding="ISO-8859-1"?>{TEXT}'.encode("latin-1"), id="Latin-1"),
        pytest.param(SMALL.replace(b"<entry>", b"<!-- a --><?b c?><entry>"), id="comment and instruction"),
        pytest.param(PREFIXED.encode(), id="prefix"),
        pytest.param(b'\xef\xbb\xbf{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Location","id":"a",'
                     b'"name":"\xc3\x89"}}]}', id="JSON with a mark"),
    ],
)  # fmt: skip
def test_the_form_and_the_encoding_are_told_by_the_document(data: bytes) -> None:
    assert translated(data, "csd-3.0") == translated(SMALL, "csd-3.0")
    assert [(loss.object, loss.rule) for loss in translated(data, "csd-3.0")[1]] == [
        ("Location/a", "fhir-read.place.free")
    ]


@pytest.mark.parametrize(
    "strange",
    [
        pytest.param({"resourceType": "Patient", "id": "p"}, id="with an id"),
        pytest.param({"resourceType": "Patient"}, id="without"),
    ],
)
def test_a_resource_of_a_type_that_is_not_held_is_told_as_from_json(strange: dict[str, str]) -> None:
    in_json = encode(collection([strange]))
    identified = f'<id value="{strange["id"]}"/>' if "id" in strange else ""
    in_xml = bundle(entry(f"<Patient>{identified}<birthDate value='1970-01-01'/></Patient>"))

    assert translated(in_xml, "csd-3.0") == translated(in_json, "csd-3.0")
    assert [loss.rule for loss in translated(in_xml, "csd-3.0")[1]] == ["fhir-read.resource.type"]


SEARCHED = {
    "resourceType": "Bundle",
    "type": "searchset",
    "link": [{"relation": "self", "url": "https://a"}, {"relation": "next", "url": "https://b"}],
    "entry": [
        {"resource": {"resourceType": "Location", "id": "a"}},
        {
            "resource": {
                "resourceType": "OperationOutcome",
                "issue": [{"severity": "warning", "code": "incomplete", "diagnostics": "un membre"}],
            },
            "search": {"mode": "outcome"},
        },
    ],
}


def test_a_page_and_an_outcome_are_no_whole_answer() -> None:
    """What the rest of a search holds, and who did not answer it, is not in the output: the ledger says so."""
    in_json, in_xml = in_both_forms(encode(SEARCHED))
    alone = encode(collection([{"resourceType": "Location", "id": "a"}]))
    output, before = translated(alone, "csd-3.0")

    for data in (in_json, in_xml):
        found, losses = translated(data, "csd-3.0")
        assert found == output
        added = [loss for loss in losses if loss not in before]
        assert sorted((loss.rule, loss.path, loss.severity.value) for loss in added) == [
            ("fhir-read.bundle.outcome", "Bundle.entry[1].resource", "warning"),
            ("fhir-read.bundle.page", "Bundle.link", "error"),
        ]


def test_entries_are_read_one_at_a_time() -> None:
    """The source is read no further than the entries that were asked for."""
    many = io.BytesIO(bundle(entry(PLACE % "") * 20_000))
    entries = BundleStream(many).entries()

    found = [next(entries).content["resource"] for _ in range(3)]

    assert found == [{"resourceType": "Location", "id": "a"}] * 3
    assert many.tell() <= 128 * 1024 < len(many.getvalue())


TWO = '<Location><id value="a"/><name value="n"/></Location>'
LONG = 400 * 1024


@pytest.mark.parametrize(
    ("data", "code", "line", "column", "path"),
    [
        pytest.param(b"<Bundle>", "not-a-bundle", 1, 1, "Bundle", id="no namespace"),
        pytest.param(b'\n<Location xmlns="http://hl7.org/fhir"/>', "not-a-bundle", 2, 1, "Location", id="a resource"),
        pytest.param(b"<!DOCTYPE Bundle>" + SMALL, "doctype", 1, 17, "", id="document type"),
        pytest.param(bundle("\n&x;"), "entity", 2, 4, "", id="entity"),
        pytest.param(SMALL[:-9], "not-well-formed", 2, 90, "", id="cut at the end"),
        pytest.param(SMALL[: SMALL.index(b"<name")], "not-well-formed", 2, 43, "", id="cut in an entry"),
        pytest.param(SMALL + b"\n<a/>", "not-well-formed", 3, 1, "", id="a second root"),
        pytest.param(b'<?xml version="1.0" encoding="UTF-7"?>' + SMALL, "encoding", 1, 37, "", id="encoding"),
        pytest.param(bundle(entry("<extension>" * 200 + "</extension>" * 200)), "too-deep", 2, 2185, "", id="deep"),
        pytest.param(
            bundle(entry(PLACE % f'<name value="{"x" * LONG}"/>')), "too-large", 2, 43, "", id="a long text"
        ),
        pytest.param(
            bundle(entry(PLACE % ("<alias value='abcdefgh'/>" * 60_000))), "too-large", 2, 1_249_943, "", id="elements"
        ),
        pytest.param(bundle("", ' a="b"'), "unknown-element", 1, 1, "Bundle.a", id="attribute of the Bundle"),
        pytest.param(bundle("\n<cost/>"), "unknown-element", 2, 1, "Bundle.cost", id="unknown in the Bundle"),
        pytest.param(bundle(f'{entry(TWO)}\n<type value="c"/>'), "order", 3, 1, "Bundle.type", id="order"),
        pytest.param(bundle('\n<type value="c"/>'), "repeated-element", 2, 1, "Bundle.type", id="twice in the Bundle"),
        pytest.param(bundle('\n<total value="x"/>'), "value", 2, 1, "Bundle.total", id="a total that is no number"),
        pytest.param(bundle(f"{entry(TWO)} text"), "text", 2, 1, "Bundle", id="text after the entries"),
        pytest.param(bundle(f"text{entry(TWO)}"), "text", 2, 1, "Bundle", id="text before the entries"),
        pytest.param(bundle(f"{entry(TWO)}text{entry(TWO)}"), "text", 3, 1, "Bundle", id="text between the entries"),
        pytest.param(bundle("\n<entry>text</entry>"), "text", 2, 1, "entry[0]", id="text in an entry"),
        pytest.param(
            bundle(entry(TWO) + entry(PLACE % '\n<name value="x"/><cost value="1"/>')),
            "unknown-element", 4, 18, "Location.cost", id="unknown in a resource",
        ),
        pytest.param(
            bundle(entry(PLACE % '<position>\n<longitude value="1,5"/></position>')),
            "value", 3, 1, "Location.position.longitude", id="a number with a comma",
        ),
        pytest.param(
            bundle(entry(PLACE % '<name value="x"/>\n<name value="x"/>')),
            "repeated-element", 3, 1, "Location.name", id="twice in a resource",
        ),
        pytest.param(
            bundle("\n<entry><resource/></entry>"), "type", 2, 8, "entry[0].resource", id="no resource in its place"
        ),
        pytest.param(
            bundle(entry(TWO) + entry(PLACE % '<name value="other"/>')),
            "repeated", 3, 1, "entry[1]", id="two resources of one reference",
        ),
    ],
)  # fmt: skip
def test_what_is_no_bundle_is_refused_at_its_place(data: bytes, code: str, line: int, column: int, path: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        translated(data, "csd-3.0")

    found = refusal.value
    assert (found.code, found.line, found.column, found.path) == (code, line, column, path)


def test_an_entry_too_large_is_refused_before_it_is_whole() -> None:
    source = io.BytesIO(bundle(entry(PLACE % (f"<alias value='{'x' * 200_000}'/>" * 100))))

    task = Task("fhir", "csd-3.0", Dialect(), AT, AT)

    with pytest.raises(InputRefused) as refusal:
        translate(source, io.BytesIO(), task, ledger=Ledger(), progress=lambda _: None)

    found = refusal.value
    assert (found.code, found.line, found.column) == ("too-large", 2, 43 + 20 * 200_017)
    assert source.tell() < 2 * MAXIMUM_ENTRY
    assert len(source.getvalue()) > 4 * MAXIMUM_ENTRY


def test_a_bundle_that_is_cut_anywhere_is_refused() -> None:
    whole = bundle(entry(TWO) + entry(PLACE % "").replace('"a"', '"b"'))
    translated(whole, "exposition")

    for end in range(len(whole) - 1):
        with pytest.raises(InputRefused) as refusal:
            translated(whole[:end], "exposition")
        # What is too short to be told from JSON is refused all the same.
        assert (refusal.value.code, refusal.value.line > 0) == ("not-well-formed", True)


@pytest.mark.parametrize("value", ["{}", "null", '"x"'])
def test_entries_that_are_no_list_are_no_empty_bundle(value: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        translated(f'{{"resourceType":"Bundle",\n"entry":{value}}}'.encode(), "csd-3.0")

    found = refusal.value
    assert (found.code, found.line, found.column, found.path) == ("wrong-type", 2, 9, "entry")
